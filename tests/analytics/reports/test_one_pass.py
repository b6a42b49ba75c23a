"""What is read in one pass equals what separate statements and the rollups say."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import pytest

from analytics.columns import HISTOGRAM
from analytics.filters import Filters
from analytics.frames import both, cause, fix, sent
from analytics.frames.selection import Selection
from analytics.metrics import agents
from analytics.reports.strata import strata
from surveys.models import Invitation, Response
from surveys.services.access import API_REPORTS

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


@pytest.mark.parametrize("by", ["answered", "resolved"])
def test_mixes_add_up_to_the_agents_of_the_rollup(by: str) -> None:
    selection = Selection(basis=by[0])
    found = fix.of_agents(fix.mixes(selection))
    pd.testing.assert_frame_equal(found, fix.by_agent(selection))
    assert len(found) > 5


@questions
def test_hits_of_mixes_are_the_histograms_summed(filters: Filters) -> None:
    selection = Selection.of(filters, API_REPORTS)
    mix = ["agent_id", "cause_id", "product_id", "channel"]
    whole, hits = fix.mixes(selection), fix.hits_of_mixes(selection)
    cells = whole[list(HISTOGRAM)].to_numpy(int)
    whole = whole[mix].assign(n=cells.sum(axis=1), top2=cells[:, 3:].sum(axis=1))
    expected = whole.groupby(mix, dropna=False)[["n", "top2"]].sum().sort_index()
    found = hits.groupby(mix, dropna=False)[["n", "top2"]].sum().sort_index()
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


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


def test_strata_that_come_later_give_the_same_table() -> None:
    selection = Selection()
    counted, mix = fix.by_agent(selection), strata(fix.hits_of_mixes(selection))
    pd.testing.assert_frame_equal(
        agents.with_adjusted(agents.agents(counted), mix), agents.agents(counted, mix)
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
