"""What a digest tells a role, from the same reports as the pages and under the same scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse

from analytics import periods, reports
from analytics.filters import Filters
from analytics.kept import DigestMail
from analytics.reports.access import refuse_differencing
from analytics.sharing.digests import alarmed, drawing, worded
from analytics.sharing.digests.alarmed import Alarms
from analytics.sharing.digests.drawing import Picture
from analytics.sharing.digests.planning import agents_period
from analytics.sharing.digests.worded import Figure, told
from surveys.console.figures import between, count, day, plural, share, span
from surveys.console.roles import role_of
from surveys.models import User
from surveys.services.access import Scope, scope_for

#: Why a digest of a period without an answer is not sent: a mail that says nothing teaches people
#: to delete the next one unread. The row stays, and says so to its reader.
NOTHING: Final = "Nobody answered in this period, so there was nothing to tell."
MOST_CAUSES: Final = 5
MOST_AGENTS: Final = 40
Role = User.Role


@dataclass(frozen=True)
class Digest:
    """A digest ready to be written: every number already in words."""

    title: str
    period: str
    finding: str
    alarms: Alarms
    figures: tuple[Figure, ...]
    lines: tuple[str, ...]
    pictures: tuple[Picture, ...]
    url: str
    link: str
    cadence: str


@dataclass(frozen=True)
class _Question:
    """Whose digest of which days, and the same question about the days before."""

    filters: Filters
    before: Filters | None
    scope: Scope
    user: User
    cadence: str

    def url(self, path: str) -> str:
        """The page that shows exactly these figures."""
        return f"{settings.SITE_URL}{path}?{self.filters.to_query()}"

    @property
    def period(self) -> str:
        filters = self.filters
        if filters.from_ == filters.to:
            return day(filters.from_)
        return f"{day(filters.from_)} to {day(filters.to)}"


def digest(mail: DigestMail, now: dt.datetime) -> Digest | None:
    """What there is to tell; None where nobody answered in the period.

    Raises: FilterError, NotVisible where the reader's role changed so that nothing is theirs.
    """
    asked = _question(mail, now)
    tell = _TELLERS.get(role_of(asked.user))
    return tell(asked) if tell else None


def _question(mail: DigestMail, now: dt.datetime) -> _Question:
    user = mail.subscription.user
    scope = scope_for(user)
    cadence = str(mail.subscription.cadence)
    if scope.agent_ids is not None:
        name, today = agents_period(cadence), now.astimezone(dt.UTC).date()
        first, last = periods.resolve(name, today)
        filters = Filters(from_=first, to=last, period=name)
        refuse_differencing(filters, scope, today)
        return _Question(filters, None, scope, user, cadence)
    filters = Filters(from_=mail.from_date, to=mail.to_date)
    return _Question(filters, reports.previous(filters, mail.to_date), scope, user, cadence)


def _of_everything(asked: _Question) -> Digest | None:
    """For who reads all numbers: the overview."""
    now = reports.overview(asked.filters, asked.scope)
    alarms = alarmed.of(asked.filters, asked.scope)
    if not now.fix or not now.cause or not (now.fix.n or now.cause.n or alarms.n_new):
        return None
    was = reports.overview(asked.before, asked.scope) if asked.before else None
    causes = reports.causes(asked.filters, asked.scope)
    worst = _worst(causes.results)
    return Digest(
        title="Fix and cause",
        period=asked.period,
        finding=_to_mend(now.fix, worst),
        alarms=alarms,
        figures=worded.of_everything(now, was),
        lines=_cause_lines(worst),
        pictures=_cause_picture(asked, causes),
        url=asked.url("/") + "&compare=previous" * (was is not None),
        link="Open the overview of these days",
        cadence=asked.cadence,
    )


def _to_mend(fix: reports.FixFigures, worst: Sequence[reports.CauseRow]) -> str:
    if worst and worst[0].dismayed is not None:
        return f"Fix first: {worst[0].cause.name}, {_cause_line(worst[0])}"
    if fix.top2 is None:
        return "Too few answered to say what to mend first."
    return f"{told(fix.top2)} were satisfied with the fix (n = {count(fix.n)})."


def _of_a_team(asked: _Question) -> Digest | None:
    """For a team's lead: the fix of the own team; agents by name, never in the order of a score."""
    report = reports.agents(asked.filters, asked.scope)
    if not any(row.n for row in report.results):
        return None
    overview = reports.overview(asked.filters, asked.scope)
    was = reports.overview(asked.before, asked.scope) if asked.before else None
    fix = overview.fix or report.company
    drawn = [row for row in report.results if row.shrunk is not None]
    few = len(report.results) - len(drawn)
    lines = tuple(
        f"{row.agent.name or row.agent.external_id}: {told(row.shrunk)} "
        f"({between(row.shrunk_low, row.shrunk_high)}), n = {count(row.n)}"
        for row in drawn[:MOST_AGENTS]
    )
    said = f"{told(fix.top2)} of your team’s customers were satisfied with the fix"
    return Digest(
        title="Your team’s fixes",
        period=asked.period,
        finding=f"{plural(fix.n, 'rating')} so far: too few to say how your team’s customers felt."
        if fix.top2 is None
        else f"{said} ({between(fix.top2_low, fix.top2_high)}, n = {count(fix.n)}).",
        alarms=alarmed.NONE,
        figures=(worded.fix("Satisfied with the fix", fix, was.fix if was else None),),
        lines=(*lines, *([f"{few} with too few ratings to tell."] if few else [])),
        pictures=drawing.agents(report, asked.url("/agents/")) if drawn else (),
        url=asked.url("/agents/"),
        link="Open your team’s page of these days",
        cadence=asked.cadence,
    )


def _of_an_agent(asked: _Question) -> Digest | None:
    """For an agent: their own share, never a customer, a case or a single answer."""
    report = reports.agents(asked.filters, asked.scope)
    row = next(iter(report.results), None)
    if row is None or not row.n or not asked.user.agent_id:
        return None
    url = asked.url(reverse("agent", args=[asked.user.agent_id]))
    too_few = row.shrunk is None
    finding = (
        f"{count(row.n)} ratings so far; figures are told from 10 on, so that chance is not taken "
        "for your work."
        if too_few
        else f"{told(row.shrunk)} of your customers were satisfied with the fix "
        f"({between(row.shrunk_low, row.shrunk_high)}, n = {count(row.n)})."
    )
    figures = () if too_few else (
        Figure("Satisfied with your fixes", told(row.shrunk),
               between(row.shrunk_low, row.shrunk_high), f"n = {count(row.n)}"),
        Figure("With the same mix of cases", told(row.adjusted, "not separable"),
               between(row.adjusted_low, row.adjusted_high), f"n = {count(row.n)}"),
    )  # fmt: skip
    return Digest(
        title="Your fixes",
        period=f"{periods.NAMES[asked.filters.period]}, {asked.period}",
        finding=finding,
        alarms=alarmed.NONE,
        figures=figures,
        lines=(),
        pictures=() if too_few else drawing.own(row, report.company.top2, url),
        url=url,
        link="Open your page",
        cadence=asked.cadence,
    )


def _of_causes(asked: _Question) -> Digest | None:
    """For a cause's owner: their causes; no agent, no fix."""
    report = reports.causes(asked.filters, asked.scope)
    alarms = alarmed.of(asked.filters, asked.scope)
    if not alarms.n_new and not any(row.n or row.cases for row in report.results):
        return None
    worst = _worst(report.results)
    finding = (
        f"{worst[0].cause.name}, {_cause_line(worst[0])}"
        if worst and worst[0].dismayed is not None
        else "Too few answered about your causes to say how they felt."
    )
    overview = reports.overview(asked.filters, asked.scope)
    was = reports.overview(asked.before, asked.scope) if asked.before else None
    figure = overview.cause
    return Digest(
        title="Your causes",
        period=asked.period,
        finding=finding,
        alarms=alarms,
        figures=(worded.cause("Dismayed at your causes", figure, was.cause if was else None),)
        if figure
        else (),
        lines=_cause_lines(worst),
        pictures=_cause_picture(asked, report),
        url=asked.url("/causes/"),
        link="Open your causes of these days",
        cadence=asked.cadence,
    )


_TELLERS: Final[Mapping[User.Role, Callable[[_Question], Digest | None]]] = {
    Role.ADMIN: _of_everything,
    Role.MANAGER: _of_everything,
    Role.ANALYST: _of_everything,
    Role.TEAM_LEAD: _of_a_team,
    Role.AGENT: _of_an_agent,
    Role.CAUSE_OWNER: _of_causes,
}


def _worst(rows: reports.CauseRows) -> tuple[reports.CauseRow, ...]:
    """As the overview ranks them: by what could have been prevented. The first is what to fix first
    only where enough answered about it; the next would not be first for want of answers."""
    return rows.ranked("preventable")[:MOST_CAUSES]


def _cause_lines(worst: Sequence[reports.CauseRow]) -> tuple[str, ...]:
    """The causes that the finding does not tell."""
    rest = worst[1:] if worst and worst[0].dismayed is not None else worst
    return tuple(f"{row.cause.name}: {_cause_line(row)}" for row in rest)


def _cause_line(row: reports.CauseRow) -> str:
    cases = plural(row.cases, "case")
    said = f"about {count(row.index)} customers dismayed ({span(row.index_low, row.index_high)})"
    if row.preventable is not None:
        said += f", {count(row.preventable)} of them by what could have been prevented"
        said += f" ({span(row.preventable_low, row.preventable_high)})"
    if row.dismayed is None:
        return f"{said}; too few answered to say how they felt (n = {count(row.n)}), {cases}."
    interval = between(row.dismayed_low, row.dismayed_high)
    answers = f"{share(row.dismayed)} of {count(row.n)} who answered were dismayed ({interval})"
    return f"{said}; {answers}, {cases}."


def _cause_picture(asked: _Question, report: reports.CausesReport) -> tuple[Picture, ...]:
    return drawing.causes(report, asked.url("/causes/")) if _worst(report.results) else ()
