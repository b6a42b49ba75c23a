"""How often each interval holds the truth, and how near adjusted scores of agents come to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.metrics.agents import agents, with_adjusted
from analytics.metrics.causes import causes
from analytics.metrics.elsewhere import adjusted_elsewhere
from analytics.metrics.intervals import mean_interval, newcombe_difference, wilson
from analytics.metrics.matrix import TOO_FEW, matrix
from bench.truth.worlds import Company

Floats = npt.NDArray[np.float64]

#: What is promised of every interval, by its name on the page.
PROMISED = {
    "Fix score (Wilson)": 0.95,
    "Mean rating, from 30": 0.95,
    "Mean rating, 10 to 29": 0.95,
    "Steadied share of an agent": 0.90,
    "Adjusted share of an agent": 0.95,
    "Rank of an agent": 0.90,
    "Adjusted share, told to a team lead": 0.95,
    "Adjusted share, told to the agent": 0.95,
    "Rank, told to a team lead": 0.90,
    "Rank, told to the agent": 0.90,
    "Cause dismay (Wilson)": 0.95,
    "Dismay index, steadied dismay": 0.90,
    "Part of all dismay": 0.90,
    "Masked, of all (M₁)": 0.95,
    "Masked, of the satisfied (M₂)": 0.95,
    "Separation (Fisher)": 0.95,
    "Difference of two causes (Newcombe)": 0.95,
}
#: The textbooks' adjustment, which is measured beside ours and is not used for the whole company.
INDIRECT = "Observed over expected"
#: The rank by shares as rated, of the rank that each agent would have with the same mix of cases.
RAW_RANK = "Rank by shares as rated"
#: Agents of a company who each read their own figures: of 400 companies half a point of error.
READERS = 6
#: Intervals may hold so much more or less often than promised.
WITHIN = 0.015
#: An interval too seldom met in a setting proves nothing there.
FEWEST = 500


class Accuracy(NamedTuple):
    """Root mean squared error and slope on the truth, of raw scores, of adjusted ones, and of
    observed over expected."""

    raw: float
    raw_slope: float
    adjusted: float
    slope: float
    indirect: float
    indirect_slope: float


@dataclass(slots=True)
class Held:
    """Intervals that held the truth, of all there were; and the accuracy of scores."""

    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: Per run: root mean squared error and slope on the truth of each kind of score.
    accuracy: list[Accuracy] = field(default_factory=list)

    def add(self, name: str, low: object, high: object, truth: object) -> None:
        inside = (np.asarray(low) <= np.asarray(truth)) & (np.asarray(truth) <= np.asarray(high))
        self.held[name] += int(inside.sum())
        self.asked[name] += int(inside.size)

    def coverage(self, name: str) -> float | None:
        """Part of the intervals that held the truth; None where there were too few to tell."""
        return self.held[name] / self.asked[name] if self.asked[name] >= FEWEST else None

    def score(self) -> Accuracy:
        """Means over the runs."""
        return Accuracy(*np.asarray(self.accuracy).mean(axis=0).tolist())


def study(drawn: Iterable[Company], *, readers: int = READERS) -> Held:
    """Every interval of every company beside the truth; what bound readers are told only where
    there are `readers`."""
    found = Held()
    for one in drawn:
        _agents(one, found, readers)
        _causes(one, found)
        _matrices(one, found)
    return found


def _agents(one: Company, found: Held, readers: int) -> None:
    frame = one.agents()
    table = agents(frame, one.strata())
    shown = ~table["too_few"].to_numpy(dtype=bool)
    top2, fair = one.truth.top2(), one.truth.fair_top2()
    _add(found, "Fix score (Wilson)", table, "top2", top2, shown)
    _add(found, "Steadied share of an agent", table, "shrunk", top2, shown)
    single = table["separable"].to_numpy(dtype=bool) & shown
    _add(found, "Adjusted share of an agent", table, "adjusted", fair, single)
    _add_ranks(found, "Rank of an agent", table, fair, shown)
    _add_ranks(found, RAW_RANK, agents(frame), fair, shown)
    if readers:
        _told(one, table, found, readers)
    mean, n = mean_interval(frame[list(HISTOGRAM)].to_numpy()), table["n"].to_numpy()
    for name, those in (
        ("Mean rating, from 30", n >= 30),
        ("Mean rating, 10 to 29", (n >= 10) & (n < 30)),
    ):
        found.add(name, mean.low[those], mean.high[those], one.truth.mean()[those])
    indirect, low, high = _indirect(one)
    found.add(INDIRECT, low[single], high[single], fair[single])
    scores = (table["top2"].to_numpy(float), table["adjusted"].to_numpy(float), indirect)
    pairs = [_error_and_slope(score[single], fair[single]) for score in scores]
    found.accuracy.append(Accuracy(*(part for pair in pairs for part in pair)))


def _add_ranks(
    found: Held, name: str, table: pd.DataFrame, truth: Floats, those: npt.NDArray[np.bool_]
) -> None:
    """Of those who have a rank, among whom the true ones are counted."""
    ranked = table["rank_low"].notna().to_numpy(dtype=bool)
    place = np.zeros(len(table), np.int64)
    place[ranked] = (-truth[ranked]).argsort().argsort() + 1
    told = ranked & those
    found.add(name, table["rank_low"][told], table["rank_high"][told], place[told])


def _told(one: Company, table: pd.DataFrame, found: Held, readers: int) -> None:
    """What a bound reader is told: a lead of their team, an agent of themselves. That answers are
    told in whole groups leaves some of the newest out, whatever they say."""
    strata, fair, shown = one.strata(), one.truth.fair_top2(), ~table["too_few"].to_numpy(bool)
    leads = ("a team lead", np.flatnonzero(one.world.agent_team == 0))
    alone = (("the agent", np.array([place])) for place in range(readers))
    for reader, own in (leads, *alone):
        mine = strata["agent_id"].isin(own)
        hits = strata[mine].groupby("agent_id")["top2"].sum()
        columns = ["agent_id", "stratum", "n"]
        told = adjusted_elsewhere(strata.loc[mine, columns], hits, strata[~mine], strata)
        found_for = with_adjusted(table, told)
        those = table["agent_id"].isin(own).to_numpy() & shown
        single = those & found_for["separable"].to_numpy(dtype=bool)
        _add(found, f"Adjusted share, told to {reader}", found_for, "adjusted", fair, single)
        _add_ranks(found, f"Rank, told to {reader}", found_for, fair, those)


def _indirect(one: Company) -> tuple[Floats, Floats, Floats]:
    """Observed over expected hits times the company's share, with Wilson's interval so moved; the
    company's own share of each stratum is what is expected."""
    strata = one.strata()
    usual = strata.groupby("stratum")[["n", "top2"]].transform("sum")
    expected = strata["n"] * usual["top2"] / usual["n"]
    sums = strata[["n", "top2"]].assign(expected=expected).groupby(strata["agent_id"]).sum()
    sums = sums.reindex(range(len(one.world.agent_team)))
    factor = (sums["top2"].sum() / sums["n"].sum()) * sums["n"] / sums["expected"]
    interval = wilson(sums["top2"].fillna(0), sums["n"].fillna(0))
    parts = (sums["top2"] / sums["n"], interval.low, interval.high)
    value, low, high = (np.asarray(part * factor, dtype=np.float64) for part in parts)
    return value, low, high


def _error_and_slope(estimate: Floats, truth: Floats) -> tuple[float, float]:
    error = float(np.sqrt(np.mean((estimate - truth) ** 2)))
    away = truth - truth.mean()
    return error, float(away @ estimate / (away @ away))


def _add(
    found: Held,
    name: str,
    table: pd.DataFrame,
    column: str,
    truth: Floats,
    those: npt.NDArray[np.bool_],
) -> None:
    low, high = (table[f"{column}_{side}"].to_numpy(float) for side in ("low", "high"))
    found.add(name, low[those], high[those], truth[those])


def _causes(one: Company, found: Held) -> None:
    frame = one.causes()
    table = causes(frame).sort_values("cause_id", ignore_index=True)
    dismayed, cases = one.truth.dismayed(), table["cases"].to_numpy()
    shown, some = ~table["too_few"].to_numpy(dtype=bool), cases > 0
    _add(found, "Cause dismay (Wilson)", table, "dismayed", dismayed, shown)
    index = cases * dismayed
    _add(found, "Dismay index, steadied dismay", table, "index", index, some)
    _add(found, "Part of all dismay", table, "share_of_dismay", index / index.sum(), some)
    hits, n = frame[["h4", "h5"]].to_numpy().sum(axis=1), table["n"].to_numpy()
    first, second = np.arange(len(n) - 1), np.arange(1, len(n))
    both = np.minimum(n[first], n[second]) >= 10
    first, second = first[both], second[both]
    difference = newcombe_difference(hits[first], n[first], hits[second], n[second])
    found.add(
        "Difference of two causes (Newcombe)",
        difference.low,
        difference.high,
        dismayed[first] - dismayed[second],
    )


def _matrices(one: Company, found: Held) -> None:
    of_all, of_satisfied = one.truth.masked()
    correlation = one.truth.correlation()
    for place, cells in enumerate(one.cells()):
        if cells.sum() < TOO_FEW:
            continue
        read = matrix(cells)
        masked, apart = read.masked, read.separation
        found.add("Masked, of all (M₁)", masked.share_all_low, masked.share_all_high, of_all[place])
        found.add(
            "Masked, of the satisfied (M₂)",
            masked.share_satisfied_low,
            masked.share_satisfied_high,
            of_satisfied[place],
        )
        found.add("Separation (Fisher)", apart.r_low, apart.r_high, correlation[place])
