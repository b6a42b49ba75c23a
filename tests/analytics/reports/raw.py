"""Every response as one plain record from the raw tables, for counting in Python."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from analytics.filters import Filters
from surveys.models import Invitation, Resolution, Response


@dataclass(frozen=True)
class Raw:
    """A response and its case, by the names that filters use."""

    answered: dt.date
    resolved: dt.date
    agents: tuple[str, ...]
    alone: bool
    team: str | None
    product: str | None
    cause: str | None
    channel: str
    language: str
    questionnaire: str | None
    ratings: dict[str, int | None]
    completed: bool

    def is_asked_for(self, filters: Filters, *, without: str = "") -> bool:
        """Whether the filters, but for one, let it through."""
        day = self.answered if filters.by == "answered" else self.resolved
        if (filters.from_ and day < filters.from_) or (filters.to and day > filters.to):
            return False
        wanted = {name: filters.of(name) for name in ("team", "product", "cause", "channel")}
        wanted |= {name: filters.of(name) for name in ("language", "questionnaire")}
        wanted.pop(without, None)
        if any(values and getattr(self, name) not in values for name, values in wanted.items()):
            return False
        return without == "agent" or not filters.agent or bool(set(filters.agent) & {*self.agents})

    def said_of_an_agent(self) -> int | None:
        """F2 where one agent handled the case and it was answered, else F1."""
        if self.alone and self.ratings["f2"] is not None:
            return self.ratings["f2"]
        return self.ratings["f1"]


def responses() -> list[Raw]:
    """All of them."""
    found = Response.objects.select_related(
        "invitation__version__questionnaire",
        "invitation__resolution__team",
        "invitation__resolution__product",
        "invitation__resolution__cause",
    ).prefetch_related("invitation__resolution__handled_by__agent")
    # A version's whole questionnaire with each of its answers would take most of the time.
    found = found.defer("invitation__version__definition", "extra")
    return [_raw(response) for response in found]


def _raw(response: Response) -> Raw:
    case: Resolution = response.invitation.resolution
    handled = list(case.handled_by.all())
    version = response.invitation.version
    return Raw(
        answered=response.answered_at.astimezone(dt.UTC).date(),
        resolved=case.resolved_at.astimezone(dt.UTC).date(),
        agents=tuple(one.agent.external_id for one in handled if one.share >= 0.5),
        alone=len(handled) == 1,
        team=case.team.name if case.team else None,
        product=case.product.name if case.product else None,
        cause=case.cause.code if case.cause else None,
        channel=case.channel,
        language=response.language,
        questionnaire=version.questionnaire.slug if version else None,
        ratings={name: getattr(response, name) for name in ("f1", "f2", "c1", "c2", "c3", "o1")},
        completed=response.completed_at is not None,
    )


def cases(filters: Filters) -> dict[str, int]:
    """Resolved cases per cause under filters on date, team, product and channel."""
    found: dict[str, int] = {}
    for case in Resolution.objects.select_related("cause", "team", "product"):
        day = case.resolved_at.astimezone(dt.UTC).date()
        if (filters.from_ and day < filters.from_) or (filters.to and day > filters.to):
            continue
        facts: dict[str, Any] = {
            "team": case.team and case.team.name,
            "product": case.product and case.product.name,
            "channel": case.channel,
        }
        if any(filters.of(name) and value not in filters.of(name) for name, value in facts.items()):
            continue
        if case.cause:
            found[case.cause.code] = found.get(case.cause.code, 0) + 1
    return found


def invited(filters: Filters) -> tuple[int, int, int]:
    """Invited, delivered and completed under a filter on dates."""
    counted = [0, 0, 0]
    for one in Invitation.objects.select_related("resolution", "response"):
        when = one.resolution.resolved_at if filters.by == "resolved" else one.sent_at or one.due_at
        assert when is not None
        day = when.astimezone(dt.UTC).date()
        if (filters.from_ and day < filters.from_) or (filters.to and day > filters.to):
            continue
        answered = Response.objects.filter(invitation=one).first()
        counted[0] += 1
        counted[1] += one.status != "failed" and one.bounced_at is None
        counted[2] += answered is not None and answered.completed_at is not None
    return counted[0], counted[1], counted[2]
