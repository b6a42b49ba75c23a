"""Who is surveyed and when: policies in words, their form, and a dry run before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.builder.frame import EDITORS, may_edit
from surveys.builder.policies.forms import PolicyForm, missing_channels
from surveys.builder.policies.words import PolicyStory, cause_names, tell
from surveys.channels.base import BY_NUMBER
from surveys.console.pages import render_page
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Policy, Questionnaire
from surveys.questionnaire.texts import languages
from surveys.services import policies as service
from surveys.services import policy_list
from surveys.services.delivery_texts import Sample, samples
from surveys.services.dry_runs import DryRun, TooSlowError, dry_run
from surveys.services.policies import PolicyChangedError, PolicyFaultsError, PolicyPatch
from surveys.services.policy_rules import rule_of

# A longer question does not fit every address bar and proxy; its answer has no address then.
_LONGEST_QUERY: Final = 6_000
# Lines of a dry run's tables; there may be thousands of agents.
MOST_LINES: Final = 60


@dataclass(frozen=True)
class Card:
    """A policy in the list. `place` counts from 0; `hidden_by` is the name of an earlier policy
    that takes all of its cases."""

    policy: Policy
    story: PolicyStory
    place: int
    is_first: bool
    is_last: bool
    is_used: bool
    hidden_by: str


@require_safe
@staff(SET_UP)
def policies(request: StaffRequest) -> HttpResponse:
    """Every policy in words, in the order in which they are tried."""
    found = list(Policy.objects.select_related("questionnaire", "brand"))
    used, hidden, causes = policy_list.used(), policy_list.hidden_by(found), cause_names()
    cards = [
        Card(
            policy,
            tell(policy, causes),
            place,
            place == 0,
            place == len(found) - 1,
            policy.pk in used,
            hidden[policy.pk].name if policy.pk in hidden else "",
        )
        for place, policy in enumerate(found)
    ]
    switched = request.GET.get("switched", "")
    context = {
        "cards": cards,
        "may_edit": may_edit(request.user),
        "switched": next((p for p in found if p.slug == switched), None),
    }
    return render_page(request, "builder/policies.html", context, current="policies")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(EDITORS)
def new_policy(request: StaffRequest) -> HttpResponse:
    """The form of a policy that is not there yet."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(EDITORS)
def one_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """The form of a policy."""
    return _edit(request, policy_or_404(slug))


def policy_or_404(slug: str) -> Policy:
    """Raises: Http404."""
    try:
        return Policy.objects.select_related("questionnaire", "brand").get(slug=slug)
    except Policy.DoesNotExist:
        raise Http404("No such policy.") from None


@dataclass
class _Outcome:
    """What is shown beside the form."""

    run: DryRun | None = None
    is_too_slow: bool = False
    conflict: PolicyStory | None = None
    status: int = 200


def _edit(request: StaffRequest, stored: Policy | None) -> HttpResponse:
    policy = stored or _blank()
    seen = service.fingerprint(stored) if stored else ""
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "dry_run" in posted:
        query = _query_of(posted)
        if len(query) <= _LONGEST_QUERY:
            return HttpResponseRedirect(f"{request.path}?{query}#dry-run")
    data = posted if posted is not None else request.GET if "name" in request.GET else None
    form = PolicyForm(data, policy)
    outcome = _Outcome()
    if "dry_run" in (posted if posted is not None else request.GET):
        _try_out(form, policy, outcome)
    elif posted is not None and form.is_valid():
        kept = _store(form, stored, posted.get("seen", ""), outcome)
        if kept is not None:
            messages.success(request, f"The policy “{kept.name}” is stored.")
            return HttpResponseRedirect(reverse("policies"))
    if form.errors:
        outcome.status = 400
    # After a conflict what is there now has been seen.
    held = seen if data is None or outcome.conflict else data.get("seen", "")
    context = {
        "form": form,
        "policy": stored,
        "seen": held,
        "outcome": outcome,
        "tables": _tables(outcome.run, request),
        "missing_channels": missing_channels(),
        "samples": _samples(form, policy),
    }
    return render_page(
        request, "builder/policy.html", context, current="policies", status=outcome.status
    )


def _samples(form: PolicyForm, policy: Policy) -> list[Sample]:
    """The short messages in the languages of the questionnaire, where they are what is sent."""
    if form["channel"].value() not in BY_NUMBER:
        return []
    rule = rule_of(policy) if policy.pk else None
    company = policy.brand.name if policy.brand else ""
    return list(samples(rule.languages if rule else languages(), company))


def _blank() -> Policy:
    """What a new policy begins as: the usual times, asked with what is published."""
    asked = Questionnaire.objects.filter(
        versions__published_at__isnull=False, archived_at=None
    ).first()
    return Policy(enabled=False, questionnaire=asked) if asked else Policy(enabled=False)


def _query_of(posted: QueryDict) -> str:
    """What was typed, as the address of its dry run; the form's token stays out of it."""
    hidden = ("csrfmiddlewaretoken",)
    pairs = [(name, v) for name, values in posted.lists() for v in values if name not in hidden]
    return urlencode(pairs)


def _try_out(form: PolicyForm, policy: Policy, outcome: _Outcome) -> None:
    """The dry run of what the form says, or of the stored policy where nothing was typed."""
    if form.is_bound:
        if not form.is_valid():
            return
        try:
            service.apply(policy, form.patch())
        except PolicyFaultsError as faults:
            form.mark(faults)
            return
    try:
        outcome.run = dry_run(policy, timezone.now())
    except TooSlowError:
        outcome.is_too_slow = True


def _store(form: PolicyForm, stored: Policy | None, seen: str, outcome: _Outcome) -> Policy | None:
    """Store what the form says; None where it has faults or somebody was faster, which is shown."""
    try:
        if stored is None:
            return policy_list.create(form.patch())
        return service.change(stored.slug, form.patch(), seen=seen)
    except PolicyFaultsError as faults:
        form.mark(faults)
    except PolicyChangedError as error:
        outcome.conflict, outcome.status = tell(error.policy, cause_names()), 409
    return None


def _tables(run: DryRun | None, request: StaffRequest) -> dict[str, object]:
    """The lines of a run that fit, and how many do not; agents only for who may see them."""
    if run is None:
        return {}
    return {
        "agents": run.agents[:MOST_LINES] if request.scope.sees_agents else [],
        "n_more_agents": max(len(run.agents) - MOST_LINES, 0),
        "n_agents": len(run.agents),
        "n_agents_enough": sum(line.expected >= 30 for line in run.agents),
        "causes": run.causes[:MOST_LINES],
        "n_more_causes": max(len(run.causes) - MOST_LINES, 0),
    }


@require_POST
@staff(EDITORS)
def move_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """One place earlier or later in the order of trying."""
    policy_or_404(slug)
    raw = request.POST.get("place", "")
    place = int(raw) if raw.isdecimal() and len(raw) < 7 else -1
    step = -1 if request.POST.get("to") == "earlier" else 1
    try:
        policy_list.move(slug, step, seen=place)
    except policy_list.OrderChangedError:
        messages.warning(
            request, "Somebody changed the order meanwhile. This is how it stands; nothing moved."
        )
    return HttpResponseRedirect(f"{reverse('policies')}#p-{slug}")


@require_POST
@staff(EDITORS)
def duplicate_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """A copy to change, switched off."""
    policy_or_404(slug)
    copy = policy_list.duplicate(slug)
    messages.success(request, "This is the copy. It is switched off until you switch it on.")
    return HttpResponseRedirect(reverse("policy", args=[copy.slug]))


@require_POST
@staff(EDITORS)
def switch_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """On or off, as the button said; the list offers to undo it."""
    policy_or_404(slug)
    service.change(slug, PolicyPatch(enabled=request.POST.get("to") == "on"))
    return HttpResponseRedirect(f"{reverse('policies')}?{urlencode({'switched': slug})}")


@require_POST
@staff(EDITORS)
def delete_policy(request: StaffRequest, slug: str) -> HttpResponse:
    """Gone, where no case ever came to it."""
    policy = policy_or_404(slug)
    try:
        policy_list.delete(slug)
    except policy_list.UsedPolicyError:
        messages.warning(
            request,
            f"“{policy.name}” has decided on cases and stays, so that they can say why they were "
            "surveyed. Switch it off, and it surveys nobody.",
        )
    else:
        messages.success(request, f"The policy “{policy.name}” is deleted.")
    return HttpResponseRedirect(reverse("policies"))
