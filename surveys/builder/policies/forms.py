"""The form of a policy: it reads types; what a policy may say is checked where the API's is."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import QueryDict
from msgspec import UNSET

from surveys.builder.policies.conditions import (
    LABELS,
    Row,
    known_values,
    posted_conditions,
    posted_rows,
    rows_of,
)
from surveys.builder.policies.words import WEEKDAYS
from surveys.channels import OFFERED, is_configured
from surveys.models import Brand, Policy, Questionnaire
from surveys.services.conditions import HUMAN, N_AGENTS
from surveys.services.policies import PolicyFaultsError, PolicyPatch

SIMPLE_PARTS: Final = (
    "name", "enabled", "questionnaire", "delay_minutes", "agent_target", "cooldown_days",
    "cause_days", "reminder_days", "close_days",
)  # fmt: skip
_SHOWN_AT: Final = {
    "sample_rate": "sample_percent",
    "quiet_hours": "quiet_start",
    "quiet_hours.start": "quiet_start",
    "quiet_hours.end": "quiet_end",
}


class PolicyForm(forms.Form):
    """All of a policy. `rows` are the conditions on facts, which are no fields of the form."""

    name = forms.CharField(max_length=200, strip=True)
    enabled = forms.BooleanField(required=False)
    questionnaire = forms.ChoiceField()
    brand = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(required=False)
    delay_minutes = forms.IntegerField()
    sample_percent = forms.FloatField(min_value=0, max_value=100)
    agent_target = forms.IntegerField(required=False)
    cooldown_days = forms.IntegerField()
    cause_days = forms.IntegerField(required=False)
    quiet_start = forms.CharField(required=False, widget=forms.TextInput({"type": "time"}))
    quiet_end = forms.CharField(required=False, widget=forms.TextInput({"type": "time"}))
    weekdays = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        choices=[(n, day) for n, day in enumerate(WEEKDAYS, 1)],
        widget=forms.CheckboxSelectMultiple,
    )
    reminder_days = forms.IntegerField(required=False)
    close_days = forms.IntegerField()

    def __init__(self, data: QueryDict | None, policy: Policy) -> None:
        super().__init__(data, initial=values_of(policy))
        self.fields["questionnaire"].choices = _questionnaires(policy)  # type: ignore[attr-defined]
        brands = Brand.objects.values_list("slug", "name")
        self.fields["channel"].choices = _channels(policy)  # type: ignore[attr-defined]
        self.fields["brand"].choices = [("", "No brand"), *brands]  # type: ignore[attr-defined]
        known = known_values()
        self.posted = data
        self.rows: list[Row] = (
            rows_of(policy.conditions, known) if data is None else posted_rows(data, known)
        )
        self.human, self.least, self.most = _handled(data, policy)
        self.handled_faults: list[str] = []

    def patch(self) -> PolicyPatch:
        """What is to be changed: everything, as one sees all of it."""
        cleaned = self.cleaned_data
        start, end = cleaned["quiet_start"], cleaned["quiet_end"]
        return PolicyPatch(
            **{name: cleaned[name] for name in SIMPLE_PARTS},
            brand=cleaned["brand"] or None,
            channel=cleaned["channel"] or UNSET,
            sample_rate=cleaned["sample_percent"] / 100,
            conditions=posted_conditions(self.posted or QueryDict()),
            quiet_hours={"start": start[:5], "end": end[:5]} if start or end else None,
            weekdays=cleaned["weekdays"],
        )

    def mark(self, faults: PolicyFaultsError) -> None:
        """Show each fault beside what it is about."""
        rows = {row.fact: row for row in self.rows}
        for path, message in faults.errors:
            shown = _SHOWN_AT.get(path, path)
            fact = path.removeprefix("conditions.").partition(".")[0].partition("[")[0]
            if path.startswith("conditions") and fact in rows:
                rows[fact].faults.append(f"This {message}.")
                self.add_error(None, f"{LABELS[fact]}: this {message}.")
            elif path.startswith("conditions"):
                self.handled_faults.append(f"This {message}.")
                self.add_error(None, f"Handled by: this {message}.")
            else:
                self.add_error(shown if shown in self.fields else None, f"This {message}.")


def values_of(policy: Policy) -> dict[str, object]:
    """What the form begins with."""
    quiet = policy.quiet_hours or {}
    return {
        **{name: getattr(policy, name) for name in SIMPLE_PARTS if name != "questionnaire"},
        "questionnaire": policy.questionnaire.slug if policy.questionnaire_id else "",
        "brand": policy.brand.slug if policy.brand else "",
        "channel": policy.channel,
        "sample_percent": f"{policy.sample_rate * 100:g}",
        "quiet_start": quiet.get("start", ""),
        "quiet_end": quiet.get("end", ""),
        "weekdays": policy.weekdays or list(range(1, 8)),
    }


def _channels(policy: Policy) -> list[tuple[str, str]]:
    """Those that can be used here; the policy's own stays whatever became of it."""
    return [
        (name, channel.carries)
        for name, channel in OFFERED.items()
        if is_configured(name) or name == policy.channel
    ]


def missing_channels() -> str:
    """What would have to be set for further channels, in words; "" where nothing is missing."""
    missing = [f"{c.label} needs {c.needs}" for n, c in OFFERED.items() if not is_configured(n)]
    return f"Not offered, for nothing is configured: {', '.join(missing)}." if missing else ""


def _questionnaires(policy: Policy) -> list[tuple[str, str]]:
    """Those with a published version; the policy's own stays whatever became of it."""
    offered = dict(
        Questionnaire.objects.filter(versions__published_at__isnull=False, archived_at=None)
        .order_by("name")
        .values_list("slug", "name")
    )
    if policy.questionnaire_id:
        offered.setdefault(policy.questionnaire.slug, policy.questionnaire.name)
    return list(offered.items())


def _handled(data: QueryDict | None, policy: Policy) -> tuple[str, Any, Any]:
    """Whether by a person, and by how many agents, as the form shows it."""
    if data is not None:
        ends = [data.get(f"{N_AGENTS}_{end}", "") for end in ("min", "max")]
        return data.get(HUMAN, ""), *ends  # type: ignore[return-value]
    wanted = policy.conditions.get(HUMAN)
    human = "" if wanted is None else "yes" if wanted else "no"
    limits = policy.conditions.get(N_AGENTS, {})
    return human, limits.get("min", ""), limits.get("max", "")
