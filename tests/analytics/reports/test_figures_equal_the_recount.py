"""Every counted cell of every report equals a count in Python over the raw answers."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from analytics import reports
from analytics.filters import Filters
from surveys.services.access import API_REPORTS
from tests.analytics.reports import raw

pytestmark = pytest.mark.usefixtures("company")

FIRST, LAST = dt.date(2026, 10, 20), dt.date(2026, 11, 10)
QUESTIONS = [
    Filters(),
    Filters(by="resolved"),
    Filters(from_=FIRST, to=LAST),
    Filters(from_=FIRST, to=LAST, by="resolved"),
    Filters(team=("Simulated team 3-1",)),
    Filters(cause=("sim-cause-3-2", "sim-cause-3-4")),
    Filters(channel=("phone", "chat"), language=("en",)),
    Filters(agent=("sim-agent-3-1", "sim-agent-3-2"), from_=FIRST),
    Filters(product=("Simulated product 3-1",), questionnaire=("default",), by="resolved"),
    Filters(channel=("phone",), from_=LAST + dt.timedelta(days=3)),
]
questions = pytest.mark.parametrize("filters", QUESTIONS, ids=lambda f: f.to_query() or "all")


def _close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return found == pytest.approx(expected, abs=1e-12)


def _mean(ratings: list[int]) -> float | None:
    return sum(ratings) / len(ratings) if ratings else None


def _high(ratings: list[int]) -> float | None:
    return sum(rating >= 4 for rating in ratings) / len(ratings) if ratings else None


def _ratings(answers: list[raw.Raw], name: str) -> list[int]:
    return [rating for one in answers if (rating := one.ratings[name]) is not None]


@questions
def test_every_counted_cell_equals_a_count_over_the_raw_answers(filters: Filters) -> None:
    everything = raw.responses()
    _overview_equals(filters, everything)
    _agents_equals(filters, everything)
    _causes_equals(filters, everything)
    _matrix_equals(filters, everything)
    for interval in ("day", "week", "month"):
        _trend_equals(filters, everything, interval)


def _overview_equals(filters: Filters, everything: list[raw.Raw]) -> None:
    report = reports.overview(filters, API_REPORTS)
    answers = [one for one in everything if one.is_asked_for(filters)]
    fix, cause = _ratings(answers, "f1"), _ratings(answers, "c1")
    assert report.fix is not None
    assert report.cause is not None
    assert report.masked is not None
    assert (report.fix.n, report.cause.n) == (len(fix), len(cause))
    assert _close(report.fix.mean, _mean(fix))
    assert _close(report.fix.top2, _high(fix))
    assert _close(report.cause.dismayed, _high(cause))
    pairs = [(f, c) for a in answers if (f := a.ratings["f1"]) and (c := a.ratings["c1"])]
    masked = sum(f >= 4 and c >= 4 for f, c in pairs)
    assert (report.masked.n, report.masked.count) == (len(pairs), masked)
    if len(pairs) >= 30:
        assert _close(report.masked.share_satisfied, masked / sum(f >= 4 for f, _ in pairs))


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(from_=FIRST, to=LAST), Filters(from_=FIRST, by="resolved")]
)
def test_response_rates(filters: Filters) -> None:
    report = reports.overview(filters, API_REPORTS)
    invited, delivered, completed = raw.invited(filters)
    assert (report.invited, report.delivered, report.completed) == (invited, delivered, completed)
    assert report.response_rate == completed / invited
    assert report.delivered_response_rate == completed / delivered


def _agents_equals(filters: Filters, everything: list[raw.Raw]) -> None:
    rows = {row.agent.external_id: row for row in reports.agents(filters, API_REPORTS).results}
    said: dict[str, list[int]] = {}
    for one in everything:
        rating = one.said_of_an_agent()
        if rating is not None and one.is_asked_for(filters, without="agent"):
            for agent in one.agents:
                if not filters.agent or agent in filters.agent:
                    said.setdefault(agent, []).append(rating)
    assert {name: row.n for name, row in rows.items()} == {k: len(v) for k, v in said.items()}
    for name, row in rows.items():
        few = row.n < 10
        assert row.too_few is few
        assert _close(row.mean, None if few else _mean(said[name]))
        assert _close(row.top2, None if few else _high(said[name]))
        assert all((value is None) is few for value in (row.shrunk, row.top2_low))
        assert (row.rank_low is None) is (few or not row.separable)


def _causes_equals(filters: Filters, everything: list[raw.Raw]) -> None:
    rows = {row.cause.code: row for row in reports.causes(filters, API_REPORTS).results}
    answers = [one for one in everything if one.is_asked_for(filters)]
    for code, row in rows.items():
        own = [one for one in answers if one.cause == code]
        rated = _ratings(own, "c1")
        few = len(rated) < 5
        assert (row.n, row.too_few) == (len(rated), few)
        assert _close(row.mean, None if few else _mean(rated))
        assert _close(row.dismayed, None if few else _high(rated))
        could = _ratings(own, "c2")
        before = [rating for rating in _ratings(own, "c3") if rating < 4]
        few_could, few_before = few or len(could) < 5, few or len(before) < 5
        recurrent = sum(rating > 1 for rating in before) / len(before) if before else None
        assert _close(row.avoidable, None if few_could else _high(could))
        assert _close(row.recurrent, None if few_before else recurrent)
        assert row.avoidable_n == (None if few_could else len(could))
        assert row.recurrent_n == (None if few_before else len(before))
        for share, low, high in (
            (row.avoidable, row.avoidable_low, row.avoidable_high),
            (row.recurrent, row.recurrent_low, row.recurrent_high),
        ):
            if share is None:
                assert low is high is None
            else:
                assert low is not None
                assert high is not None
                assert low <= share <= high
        if row.index is not None:
            assert row.shrunk is not None
            assert _close(row.index, row.cases * row.shrunk)
    if not (filters.agent or filters.language or filters.questionnaire):
        expected = raw.cases(filters)
        wanted = filters.cause or tuple(expected)
        assert {code: row.cases for code, row in rows.items() if row.cases} == {
            code: n for code, n in expected.items() if code in wanted
        }


def _matrix_equals(filters: Filters, everything: list[raw.Raw]) -> None:
    report = reports.matrix(filters, API_REPORTS)
    answers = [one for one in everything if one.is_asked_for(filters)]
    pairs = Counter((one.ratings["f1"], one.ratings["c1"]) for one in answers)
    expected = tuple(tuple(pairs[f, c] for c in range(1, 6)) for f in range(1, 6))
    assert report.cells == expected
    assert report.n == sum(map(sum, expected))
    assert sum(arm.separation.n for arm in report.arms) == report.n


def _trend_equals(filters: Filters, everything: list[raw.Raw], interval: reports.Interval) -> None:
    report = reports.trend(filters, API_REPORTS, interval)
    answers = [one for one in everything if one.is_asked_for(filters)]
    for point in report.results:
        part = [
            one
            for one in answers
            if point.start <= (one.answered if filters.by == "answered" else one.resolved)
            and (one.answered if filters.by == "answered" else one.resolved) <= point.end
        ]
        assert point.fix is not None
        assert point.cause is not None
        assert point.fix.n == len(_ratings(part, "f1"))
        assert _close(point.cause.dismayed, _high(_ratings(part, "c1")))
    assert sum(p.fix.n for p in report.results if p.fix) == len(_ratings(answers, "f1"))
    assert sum(p.cause.n for p in report.results if p.cause) == len(_ratings(answers, "c1"))


def test_naming_every_value_of_a_dimension_changes_nothing() -> None:
    """What rollups answer, the single rows answer alike."""
    everywhere = Filters(channel=("phone", "chat", "email", "shop", "web"))
    for report in (reports.overview, reports.agents, reports.causes, reports.matrix):
        assert report(everywhere, API_REPORTS) == report(Filters(), API_REPORTS)
    assert reports.trend(everywhere, API_REPORTS) == reports.trend(Filters(), API_REPORTS)


def test_a_row_reads_the_same_alone_and_in_company() -> None:
    together = {row.id: row for row in reports.causes(Filters(), API_REPORTS).results}
    for row in together.values():
        assert reports.causes(Filters(cause=(row.cause.code,)), API_REPORTS).results == (row,)
    for agent in reports.agents(Filters(), API_REPORTS).results:
        filters = Filters(agent=(agent.agent.external_id,))
        assert reports.agents(filters, API_REPORTS).results == (agent,)


def test_days_of_the_trend_add_up_to_the_total_by_either_day() -> None:
    by_answer = reports.trend(Filters(), API_REPORTS, "day")
    by_case = reports.trend(Filters(by="resolved"), API_REPORTS, "day")
    total = reports.overview(Filters(), API_REPORTS).fix
    assert total is not None
    for report in (by_answer, by_case):
        assert sum(point.fix.n for point in report.results if point.fix) == total.n


def test_the_figures_find_the_truth_that_was_put_in(company: object) -> None:
    from analytics import simulation

    assert isinstance(company, simulation.Simulated)
    truth = company.truth.dismayed()
    rows = {row.cause.code: row for row in reports.causes(Filters(), API_REPORTS).results}
    distances = [
        abs(row.shrunk - truth[int(code.rsplit("-", 1)[1]) - 1])
        for code, row in rows.items()
        if row.shrunk is not None and row.n >= 50
    ]
    assert len(distances) >= 4
    assert max(distances) < 0.15
