"""What is read in one pass equals what separate statements and the rollups say."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import pytest
from django.db.models import Sum

from analytics import aggregates
from analytics.columns import HISTOGRAM
from analytics.filters import Filters
from analytics.frames import both, cause, fix, said, sent
from analytics.frames.said import Ratings
from analytics.frames.selection import Selection
from analytics.metrics import agents
from analytics.models import FixDay
from analytics.reports.strata import strata
from surveys.models import Agent, AnswerChange, Cause, Invitation, Product, Response
from surveys.services.access import API_REPORTS
from tests.analytics.reports.plain import recount

pytestmark = pytest.mark.usefixtures("company")

QUESTIONS = [
    Filters(),
    Filters(by="resolved"),
    Filters(channel=("phone", "chat"), language=("en",), by="resolved"),
    Filters(agent=("sim-agent-3-1", "sim-agent-3-2")),
    Filters(language=("ar",)),
]
questions = pytest.mark.parametrize("filters", QUESTIONS, ids=lambda f: f.to_query() or "all")


@questions
def test_ratings_hold_both_totals_and_the_matrix(filters: Filters) -> None:
    selection = Selection.of(filters, API_REPORTS)
    table = both.ratings(selection)
    names = list(HISTOGRAM)
    assert table[1:].sum(axis=1).tolist() == fix.total(selection)[names].iloc[0].tolist()
    assert table[:, 1:].sum(axis=0).tolist() == cause.total(selection)[names].iloc[0].tolist()
    assert table[1:, 1:].tolist() == both.cells(selection).tolist()


@pytest.mark.parametrize("basis", ["a", "r"])
def test_mixes_add_up_to_the_agents_of_the_rollup(basis: str) -> None:
    kept = FixDay.objects.filter(basis=basis, scope="agent").values("scope_id")
    sums = kept.annotate(**{f"all_{name}": Sum(name) for name in HISTOGRAM}).order_by("scope_id")
    counted = list(sums.values_list("scope_id", *(f"all_{name}" for name in HISTOGRAM)))
    ratings = Ratings(Selection(basis=basis))
    found = fix.histograms(ratings)
    assert [tuple(row) for row in found.to_numpy(int).tolist()] == counted
    assert len(counted) > 5
    hits = fix.hits_of_mixes(ratings).groupby("agent_id")[["n", "top2"]].sum()
    expected = [(agent, sum(cells), sum(cells[3:])) for agent, *cells in counted]
    assert [tuple(row) for row in hits.reset_index().to_numpy(int).tolist()] == expected


@questions
@pytest.mark.parametrize("in_a_table", [True, False])
def test_hits_of_mixes_are_a_count_over_the_raw_answers(
    filters: Filters, in_a_table: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_a_table:
        monkeypatch.setattr(said, "_MOST_CELLS", 0)
    raw = recount(
        "SELECT external_id, cause, product, channel, count(*), count(*) FILTER (WHERE said >= 4)"
        " FROM (SELECT *, CASE WHEN n_agents = 1 THEN COALESCE(f2, f1) ELSE f1 END AS said"
        " FROM asked) AS rated JOIN named ON named.resolution_id = resolution"
        " WHERE said IS NOT NULL GROUP BY 1, 2, 3, 4",
        filters,
    )
    called = dict(Agent.objects.values_list("pk", "external_id"))
    causes, products = (
        {**dict(model.objects.values_list("pk", name)), None: None}
        for model, name in ((Cause, "code"), (Product, "name"))
    )
    counted = fix.hits_of_mixes(Ratings(Selection.of(filters, API_REPORTS)))
    kinds = fix.kinds_of_cases().astype(object)
    kinds = kinds.where(kinds.notna(), None)
    found = [
        (called[agent], causes[kind.cause_id], products[kind.product_id], kind.channel, n, top2)
        for agent, mix, n, top2 in counted.to_numpy(int).tolist()
        for kind in [kinds.loc[mix]]
    ]
    assert sorted(found, key=str) == sorted(raw, key=str)


def test_a_rating_that_was_taken_off_again_leaves_its_mix() -> None:
    before = fix.hits_of_mixes(Ratings(Selection()))
    gone = Response.objects.filter(f1=5, f2=5).earliest("pk")
    told_of = gone.invitation.resolution.handled_by.filter(share__gte=0.5).count()
    Response.objects.filter(pk=gone.pk).delete()
    AnswerChange.objects.create(response_id=gone.pk)
    aggregates.apply_all()
    after = fix.hits_of_mixes(Ratings(Selection()))
    assert before["n"].sum() - after["n"].sum() == told_of
    assert before["top2"].sum() - after["top2"].sum() == told_of
    assert told_of > 0
    assert (after["n"] > 0).all()


def test_thin_mixes_join_the_rest_of_their_cause_and_nothing_is_lost() -> None:
    mixes = pd.DataFrame(
        [
            (1, 7, 3, "chat", 60, 60),
            (2, 7, 3, "chat", 1, 0),  # with the row above, one mix of 61
            (1, 7, 3, "phone", 20, 0),  # thin: joins its cause, 7
            (2, 7, None, "chat", 10, 5),  # thin: the same
            (1, None, None, "", 2, 2),  # thin, of no cause
        ],
        columns=["agent_id", "cause_id", "product_id", "channel", "n", "top2"],
    )
    found = strata(mixes)
    assert found["n"].tolist() == [60, 1, 20, 10, 2]
    assert found["top2"].tolist() == [60, 0, 0, 5, 2]
    first, second, *thin = found["stratum"].tolist()
    assert first == second > 7
    assert thin == [7, 7, 0]
    assert strata(mixes.iloc[:0]).empty
    # The same of rows that name their kind by its number.
    kinds = mixes[["cause_id", "product_id", "channel"]].drop_duplicates(ignore_index=True)
    numbered = mixes.assign(mix=[0, 0, 1, 2, 3])
    pd.testing.assert_frame_equal(strata(numbered, kinds), found)


def test_strata_that_come_later_give_the_same_table() -> None:
    selection = Selection()
    counted = fix.by_agent(selection)
    mix = strata(fix.hits_of_mixes(Ratings(selection)), fix.kinds_of_cases())
    pd.testing.assert_frame_equal(
        agents.with_adjusted(agents.agents(counted), agents.adjusted(mix)),
        agents.agents(counted, mix),
    )


@pytest.mark.parametrize("by", ["answered", "resolved"])
@pytest.mark.parametrize("bounce", [False, True])
def test_dispositions_of_any_filters_are_a_count_over_the_invitations(
    by: Literal["answered", "resolved"], bounce: bool
) -> None:
    first = Invitation.objects.filter(resolution__channel="phone").earliest("sent_at")
    if bounce:
        Invitation.objects.filter(pk=first.pk).update(status="failed", sent_at=None)
    Invitation.objects.filter(pk=first.pk + 1).update(status="cancelled")
    filters = Filters(
        by=by, channel=("phone",), language=("en", "de"), agent=("sim-agent-3-1", "sim-agent-3-2")
    )
    invited = [
        one
        for one in Invitation.objects.select_related("resolution")
        if one.status in ("sent", "unknown", "failed", "expired")
        and one.language in filters.language
        and one.resolution.channel == "phone"
        and one.resolution.handled_by.filter(
            share__gte=0.5, agent__external_id__in=filters.agent
        ).exists()
    ]
    answered = Response.objects.filter(invitation__in=invited)
    found = sent.dispositions(Selection.of(filters, API_REPORTS))
    assert found == sent.Dispositions(
        len(invited),
        sum(one.status != "failed" and one.bounced_at is None for one in invited),
        sum(one.completed_at is not None for one in answered),
    )
    assert found.invited > found.completed > 0
