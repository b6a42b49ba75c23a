"""What of a report is shown to a stranger who holds a link.

A link is one fixed question about days that are over (`analytics.sharing.links`), so its tables
stand still and the usual rule of tables holds: a row of under k answers is left out, and with it
the smallest others until what is left out together is of at least k answers. A total beside the
rows then tells no more than such a sum. Bound readers need none of this: they are told in groups
(`reports.suppression`), and so is whoever holds a link of theirs.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.reports.access import FEWEST_FOR_OTHERS
from analytics.reports.charted import Alarm
from analytics.reports.figures import (
    AgentName,
    MaskedFigures,
    MatrixReport,
    TrendPoint,
)
from surveys.services.access import Scope


def kept(numbers: Sequence[int], least: int) -> list[bool]:
    """Which rows of a table may stand beside its total.

    None of 1 to `least` − 1 answers, and of the others as few less as are needed so that those left
    out together have none or at least `least`.
    """
    shown = [not 0 < n < least for n in numbers]
    by_size = sorted((n, place) for place, n in enumerate(numbers) if shown[place] and n)
    left_out = sum(n for n, is_shown in zip(numbers, shown, strict=True) if not is_shown)
    for n, place in by_size:
        if not 0 < left_out < least:
            break
        shown[place], left_out = False, left_out + n
    return shown


def applies(scope: Scope) -> bool:
    """Whether rows have to be left out for this reader; bound readers' are groups already."""
    return scope.for_strangers and scope.is_unlimited


def rows(table: pd.DataFrame, least: int, scope: Scope) -> pd.DataFrame:
    """A table with a column `n` without its rows of too few; also of too few `cases`, where it has
    them: what leans on all causes would tell what the few said."""
    if not applies(scope):
        return table
    shown = np.array(kept(table["n"].astype(int).tolist(), least), dtype=bool)
    if "cases" in table:
        shown &= (table["cases"] >= least).to_numpy(dtype=bool)
    return table[shown]


def named(agent_id: int, external_id: str, name: str, scope: Scope) -> AgentName:
    """An agent's name, or one that the key of the scope makes: the same on every page of one link,
    another one on the next, and in no order that anybody knows."""
    if scope.alias_key is None:
        return AgentName(external_id, name)
    made = hmac.digest(scope.alias_key, str(agent_id).encode(), "sha256")
    alias = f"Agent {base64.b32encode(made).decode()[:5]}"
    return AgentName(alias, alias)


def points(found: Sequence[TrendPoint], scope: Scope, least: int) -> tuple[TrendPoint, ...]:
    """Points of a trend without a side that too few answered."""
    if not applies(scope):
        return tuple(found)
    fixes = kept([point.fix.n if point.fix else 0 for point in found], least)
    others = kept([point.cause.n if point.cause else 0 for point in found], least)
    return tuple(
        replace(point, fix=point.fix if has_fix else None, cause=point.cause if has_cause else None)
        for point, has_fix, has_cause in zip(found, fixes, others, strict=True)
    )


def matrix(report: MatrixReport, scope: Scope) -> MatrixReport:
    """The cells only where none is of under k, for their margins are told beside them; the same
    of the quadrants, the orders of the pages and the two groups of "choose again"."""
    if not applies(scope):
        return report
    again, quadrants, cells = report.choose_again, report.quadrants, report.cells
    counts = [] if quadrants is None else list(quadrants.as_dict().values())
    if cells is not None and not _all_many([n for row in cells for n in row]):
        cells = None
    if not _all_many(counts):
        quadrants = None
    if again is not None and not _all_many([again.served_well_n, again.masked_n]):
        again = None
    arms = report.arms
    if not _all_many([arm.separation.n for arm in arms]):
        arms = ()
    return replace(
        report,
        cells=cells,
        quadrants=quadrants,
        choose_again=again,
        arms=arms,
        masked=masked(report.masked, scope),
    )


def masked(found: MaskedFigures, scope: Scope) -> MaskedFigures:
    """The share of the satisfied only where these are many enough."""
    n = found.n_satisfied or 0
    if not applies(scope) or n >= FEWEST_FOR_OTHERS:
        return found
    return replace(
        found,
        count=None,
        n_satisfied=None,
        share_satisfied=None,
        share_satisfied_low=None,
        share_satisfied_high=None,
    )


def alarms(found: Sequence[Alarm], scope: Scope) -> list[Alarm]:
    """Alarms without those that rest on too few answers."""
    few = FEWEST_FOR_OTHERS if applies(scope) else 0
    return [alarm for alarm in found if alarm.series == "cases" or alarm.n >= few]


def _all_many(numbers: Sequence[int]) -> bool:
    return all(kept(numbers, FEWEST_FOR_OTHERS))
