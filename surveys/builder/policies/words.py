"""A policy said as its owner would explain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from surveys.channels import CHANNELS
from surveys.channels.base import BY_NUMBER
from surveys.console.figures import duration, plural
from surveys.models import Cause, Policy
from surveys.services.conditions import in_words

WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_UNLESS: Final = ", unless "


@dataclass(frozen=True)
class PolicyStory:
    """`summary` says whose cases; the sentences follow the order in which things happen."""

    summary: str
    sentences: list[str]


def cause_names() -> dict[str, str]:
    """By code, of the causes that have a name of their own."""
    return {code: name or code for code, name in Cause.objects.values_list("code", "name")}


def tell(policy: Policy, causes: Mapping[str, str] | None = None) -> PolicyStory:
    """The policy in sentences."""
    words = in_words(policy.conditions, causes)
    sentences = [
        _who(policy, words),
        _when(policy),
        _hours(policy),
        _how_often(policy),
        _cadence(policy),
        _by_whom(policy),
        _afterwards(policy),
        _carries(policy),
    ]
    return PolicyStory(_capital(words), [sentence for sentence in sentences if sentence])


def _who(policy: Policy, words: str) -> str:
    head, _, barred = words.partition(_UNLESS)
    head = "all resolved cases" if head == "every case" else head
    unless = f"{_UNLESS}{barred}" if barred else ""
    if policy.sample_rate >= 1:
        return f"{_capital(head)} are surveyed{unless}."
    if policy.sample_rate <= 0 and policy.agent_target is None:
        return f"{_capital(head)} are left out: the sample is 0 %."
    comma = f"{unless}," if unless else ","
    share = f"Of {head}{comma} {policy.sample_rate * 100:g} % are surveyed, at random"
    if policy.agent_target is None:
        return f"{share}."
    answers = plural(policy.agent_target, "answer")
    return f"{share}, and more where an agent would otherwise get fewer than {answers} a month."


_GOES_OUT: Final = {"api": "The link is ready"} | dict.fromkeys(BY_NUMBER, "The message goes out")


def _when(policy: Policy) -> str:
    goes_out = _GOES_OUT.get(policy.channel, "The mail goes out")
    if policy.delay_minutes == 0:
        return f"{goes_out} at once. If the case is reopened before that, nothing is sent."
    return (
        f"{goes_out} {duration(policy.delay_minutes)} after the case is resolved. "
        "If it is reopened before that, nothing is sent."
    )


def _by_whom(policy: Policy) -> str:
    if policy.channel == "api":
        return (
            "Your own system fetches each link over the API and delivers it; nothing is mailed "
            "from here."
        )
    if policy.channel in BY_NUMBER:
        label = CHANNELS[policy.channel].label
        return f"It goes by {label} to the customer’s telephone; without a number nobody is asked."
    return ""


def _hours(policy: Policy) -> str:
    hours, days = policy.quiet_hours, policy.weekdays
    where = "in the customer’s own time"
    quiet = f"from {hours['start']} to {hours['end']}" if hours else ""
    if days:
        barred = _listed([WEEKDAYS[n - 1] for n in range(1, 8) if n not in days])
        also = f"{quiet}, and not on {barred}," if quiet else f"on {barred}"
        return f"Nothing is sent {also} {where}; it waits for the next hour that is allowed."
    return f"Nothing is sent {quiet} {where}." if quiet else ""


def _how_often(policy: Policy) -> str:
    if policy.cooldown_days == 0:
        return "A customer may be surveyed after every case."
    return f"A customer is surveyed at most once in {plural(policy.cooldown_days, 'day')}."


def _cadence(policy: Policy) -> str:
    if policy.cause_days is None:
        return ""
    return (
        "Each survey asks about the fix; about one cause it asks a customer at most once in "
        f"{plural(policy.cause_days, 'day')}."
    )


def _afterwards(policy: Policy) -> str:
    closing = f"The survey closes after {plural(policy.close_days, 'day')}."
    if policy.reminder_days is None:
        return f"Nobody is reminded. {closing}"
    return f"Who has not answered is reminded once, on day {policy.reminder_days}. {closing}"


def _carries(policy: Policy) -> str:
    brand = f", as the brand “{policy.brand}”" if policy.brand else ""
    return f"It asks the questionnaire “{policy.questionnaire}”{brand}."


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
