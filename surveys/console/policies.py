"""Who is surveyed and when: each policy said in sentences, its simple parts changed by an admin."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from surveys.console.figures import duration, plural
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, SET_UP, StaffRequest, staff
from surveys.models import Policy
from surveys.services.policies import PolicyFaultsError, PolicyPatch, change

FACT_NAMES = {"cause": "cause", "product": "product", "team": "team", "channel": "channel"}


@dataclass(frozen=True)
class PolicyStory:
    """A policy as its owner would explain it."""

    slug: str
    name: str
    questionnaire: str
    enabled: bool
    sentences: list[str]


def tell(policy: Policy) -> PolicyStory:
    """The policy in sentences, in the order in which things happen."""
    sentences = [_who(policy), _when(policy), _how_often(policy), _afterwards(policy)]
    if policy.quiet_hours:
        hours = f"from {policy.quiet_hours['start']} to {policy.quiet_hours['end']}"
        sentences.insert(2, f"Nothing is sent {hours} in the customer's own time.")
    return PolicyStory(
        policy.slug, policy.name, str(policy.questionnaire), policy.enabled, sentences
    )


def _who(policy: Policy) -> str:
    limits = [
        f"{FACT_NAMES.get(fact, fact)} {' or '.join(map(str, values))}"
        for fact, values in sorted(policy.conditions.items())
    ]
    cases = f"Resolved cases with {' and '.join(limits)}" if limits else "All resolved cases"
    if policy.sample_rate >= 1:
        return f"{cases} are surveyed."
    if policy.sample_rate <= 0:
        return f"{cases} are left out: the sample is 0 %."
    return (
        f"Of {cases[0].lower()}{cases[1:]}, {policy.sample_rate * 100:g} % are surveyed, at random."
    )


def _when(policy: Policy) -> str:
    if policy.delay_minutes == 0:
        return "The mail goes out at once. If the case is reopened before that, nothing is sent."
    return (
        f"The mail goes out {duration(policy.delay_minutes)} after the case is resolved. "
        "If it is reopened before that, nothing is sent."
    )


def _how_often(policy: Policy) -> str:
    if policy.cooldown_days == 0:
        return "A customer may be surveyed after every case."
    return f"A customer is surveyed at most once in {plural(policy.cooldown_days, 'day')}."


def _afterwards(policy: Policy) -> str:
    closing = f"The survey closes after {plural(policy.close_days, 'day')}."
    if policy.reminder_days is None:
        return f"Nobody is reminded. {closing}"
    reminded = "Customers who have not answered are reminded once"
    return f"{reminded}, on day {policy.reminder_days}. {closing}"


FAULTS = {
    "required": "Write a number here.",
    "invalid": "Write this as a number.",
    "min_value": "Must be at least %(limit_value)s.",
    "max_value": "Must be at most %(limit_value)s.",
}
# Where the API's words would name its fields.
IN_WORDS = {
    "reminder_days": "Must be at least 1 and less than the days after which the survey closes."
}


class PolicyForm(forms.Form):
    """Reads the simple parts of a policy as types; what they may be is checked where the API's are.

    Conditions and quiet hours are set by API."""

    enabled = forms.BooleanField(required=False)
    delay_minutes = forms.IntegerField(error_messages=FAULTS)
    sample_percent = forms.FloatField(min_value=0, max_value=100, error_messages=FAULTS)
    cooldown_days = forms.IntegerField(error_messages=FAULTS)
    reminder_days = forms.IntegerField(required=False, error_messages=FAULTS)
    close_days = forms.IntegerField(error_messages=FAULTS)

    def patch(self) -> PolicyPatch:
        """What is to be changed."""
        values = {name: self.cleaned_data[name] for name in SIMPLE_PARTS}
        return PolicyPatch(sample_rate=self.cleaned_data["sample_percent"] / 100, **values)

    def mark(self, faults: PolicyFaultsError) -> None:
        """Show each fault beside its field."""
        for field, message in faults.errors:
            shown = "sample_percent" if field == "sample_rate" else field
            words = IN_WORDS.get(field, f"This {message}.")
            self.add_error(shown if shown in self.fields else None, words)


SIMPLE_PARTS = ("enabled", "delay_minutes", "cooldown_days", "reminder_days", "close_days")


def values_of(policy: Policy) -> dict[str, object]:
    """What the form begins with."""
    values = {name: getattr(policy, name) for name in SIMPLE_PARTS}
    return {**values, "sample_percent": f"{policy.sample_rate * 100:g}"}


def store(form: PolicyForm, slug: str) -> bool:
    """Change the policy as the form says; False where it has faults, which it then shows."""
    if not form.is_valid():
        return False
    try:
        change(slug, form.patch())
    except PolicyFaultsError as faults:
        form.mark(faults)
        return False
    return True


@require_safe
@staff(SET_UP)
def policies(request: StaffRequest) -> HttpResponse:
    """Every policy in words, in the order in which they are tried."""
    stories = [tell(policy) for policy in Policy.objects.select_related("questionnaire")]
    return render_page(request, "console/policies.html", {"stories": stories}, current="policies")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def change_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """The form of a policy's simple parts."""
    try:
        policy = Policy.objects.select_related("questionnaire").get(slug=slug)
    except Policy.DoesNotExist:
        raise Http404("No such policy.") from None
    posted = request.POST if request.method == "POST" else None
    form = PolicyForm(posted, initial=values_of(policy))
    if posted is not None and store(form, slug):
        messages.success(request, f"The policy “{policy.name}” is changed.")
        return HttpResponseRedirect(reverse("policies"))
    status = 400 if form.errors else 200
    context = {"form": form, "policy": policy}
    return render_page(request, "console/policy.html", context, current="policies", status=status)
