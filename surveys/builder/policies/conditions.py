"""The part of a policy's form that names cases: one row for each fact, with the values met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.http import QueryDict

from surveys.models import Cause, Product, Resolution, Team
from surveys.services.conditions import HUMAN, N_AGENTS, TAGS, split

LABELS: Final = {
    "channel": "Channel",
    "product": "Product",
    "team": "Team",
    "cause": "Cause",
    "severity": "Severity",
    TAGS: "Tags",
}
# Of the latest only: reading millions of rows for a list of four would not pay.
_LATELY: Final = 5_000
_MOST_OPTIONS: Final = 300
_MOST_NAMED: Final = 3
Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass
class Row:
    """One fact: `bars` where the case must have none of the chosen values. `more` are values that
    no case has had yet, as typed."""

    fact: str
    label: str
    bars: bool
    options: list[Option]
    more: str
    faults: list[str] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        return bool(self.more) or any(option.is_chosen for option in self.options)

    @property
    def in_words(self) -> str:
        """What is chosen, as long as one line holds it."""
        chosen = [option.label for option in self.options if option.is_chosen]
        chosen += [self.more] * bool(self.more)
        if not chosen:
            return "any"
        listed = ", ".join(chosen[:_MOST_NAMED])
        rest = f" and {len(chosen) - _MOST_NAMED} more" if len(chosen) > _MOST_NAMED else ""
        return f"{'none of ' if self.bars else ''}{listed}{rest}"


def known_values() -> dict[str, Options]:
    """By fact, the values that cases had lately, as (value, label)."""
    latest = Resolution.objects.order_by("-id").values_list("channel", "severity")[:_LATELY]
    channels, severities = {row[0] for row in latest}, {row[1] for row in latest}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(tags) FROM"
            " (SELECT tags FROM surveys_case ORDER BY id DESC LIMIT %s) AS latest",
            [_LATELY],
        )
        tags = {row[0] for row in cursor.fetchall()}
    causes = Cause.objects.values_list("code", "name")[:_MOST_OPTIONS]
    products = Product.objects.filter(merged_into=None).values_list("name", flat=True)
    teams = Team.objects.filter(merged_into=None).values_list("name", flat=True)
    return {
        "channel": _plain(channels),
        "product": _plain(products[:_MOST_OPTIONS]),
        "team": _plain(teams[:_MOST_OPTIONS]),
        "cause": [(code, name or code) for code, name in causes],
        "severity": _plain(severities),
        TAGS: _plain(tags),
    }


def _plain(values: Iterable[str]) -> Options:
    return [(value, value) for value in sorted(values)[:_MOST_OPTIONS] if value]


def rows_of(conditions: Mapping[str, Any], known: Mapping[str, Options]) -> list[Row]:
    """The rows as a stored policy fills them."""
    rows = []
    for fact, label in LABELS.items():
        values, bars = split(conditions.get(fact, ()))
        rows.append(_row(fact, label, bars, list(values), "", known[fact]))
    return rows


def posted_rows(data: QueryDict, known: Mapping[str, Options]) -> list[Row]:
    """The rows as somebody filled them."""
    return [
        _row(
            fact,
            label,
            data.get(f"{fact}_op") == "not",
            data.getlist(f"{fact}_values"),
            data.get(f"{fact}_more", ""),
            known[fact],
        )
        for fact, label in LABELS.items()
    ]


def _row(fact: str, label: str, bars: bool, chosen: list[str], more: str, known: Options) -> Row:
    listed = {value for value, _ in known}
    options = [*((v, v) for v in chosen if v not in listed), *known]
    return Row(fact, label, bars, [Option(v, words, v in chosen) for v, words in options], more)


def posted_conditions(data: QueryDict) -> dict[str, Any]:
    """The conditions in their stored form; a fact without values is none. Numbers that are none
    are left as typed, for the check to refuse."""
    found: dict[str, Any] = {}
    for fact in LABELS:
        typed = [part.strip() for part in data.get(f"{fact}_more", "").split(",")]
        values = list(dict.fromkeys(v for v in [*data.getlist(f"{fact}_values"), *typed] if v))
        if values:
            found[fact] = {"not": values} if data.get(f"{fact}_op") == "not" else values
    if data.get(HUMAN) in ("yes", "no"):
        found[HUMAN] = data[HUMAN] == "yes"
    ends = {end: data.get(f"{N_AGENTS}_{end}", "").strip() for end in ("min", "max")}
    if any(ends.values()):
        found[N_AGENTS] = {end: _number(text) for end, text in ends.items() if text}
    return found


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else [text]
