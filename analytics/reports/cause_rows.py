"""The rows of the causes' report, each made when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.columns import FloatArray, IntArray
from analytics.frames.names import Name
from analytics.metrics.causes import TOO_FEW
from analytics.reports.figures import CauseName, CauseRow
from analytics.reports.made import table_rows
from analytics.reports.made_rows import MadeRows

#: Of the answers alone; of few answers they are withheld.
_RATES: Final = ("mean", "dismayed", "dismayed_low", "dismayed_high")
#: With their n, which is withheld, too: of few people, how many were "Not sure" tells.
_QUESTIONS: Final = ("avoidable", "recurrent")
#: What leans on all causes and stays.
_LEANING: Final = (
    "shrunk", "index", "index_low", "index_high",
    "share_of_dismay", "share_of_dismay_low", "share_of_dismay_high",
    "preventable", "preventable_low", "preventable_high",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class CauseRows(MadeRows[CauseRow]):
    """`table`: the figures of each cause, in the order of the rows; `called`: what each of them is
    called; `waiting`: of causes of which nothing is told yet, how many answers
    wait."""

    table: pd.DataFrame
    called: Mapping[int, Name]
    waiting: Mapping[int, int]

    def having(self, figure: str) -> CauseRows:
        """The rows whose figure is above 0, in their order; one of those that are never withheld.

        Raises: KeyError for another one.
        """
        return self._taken(np.flatnonzero(self._values(figure) > 0))

    def reaching(self, figure: str, least: float) -> CauseRows:
        """The rows whose figure is at least so large, in their order.

        Raises: as `having`.
        """
        return self._taken(np.flatnonzero(self._values(figure) >= least))

    def ranked(self, figure: str) -> CauseRows:
        """The same, the largest first, by name where they are equal."""
        found = self.having(figure)
        values = found._values(figure)
        names = [self.called[one][1] for one in found.table["cause_id"].tolist()]
        order = sorted(range(len(found)), key=lambda place: (-values[place], names[place]))
        return found._taken(np.array(order, dtype=np.int64))

    def sum(self, figure: str) -> float:
        """The figure of all rows together.

        Raises: as `having`.
        """
        return float(np.nansum(self._values(figure)))

    def _values(self, figure: str) -> FloatArray:
        if figure not in _LEANING:
            raise KeyError(figure)
        return self.table[figure].to_numpy(dtype=np.float64)

    def _taken(self, places: IntArray) -> CauseRows:
        return CauseRows(self.table.iloc[places], self.called, self.waiting)

    def _made(self, table: pd.DataFrame) -> tuple[CauseRow, ...]:
        return tuple(
            _row(record, self.called[record["cause_id"]], self.waiting.get(record["cause_id"], 0))
            for record in table_rows(table)
        )


def _row(record: dict[str, Any], called: Name, waiting: int) -> CauseRow:
    """One cause; where nothing is told yet, `n` is the number of those who wait to be told."""
    few = bool(record["too_few"])
    rates: dict[str, Any] = {name: None if few else record[name] for name in _RATES}
    # Each question by its own answers: of ten who rated the cause, three may have told of before.
    for question in _QUESTIONS:
        own_few = few or record[f"{question}_n"] < TOO_FEW
        for name in (question, f"{question}_low", f"{question}_high"):
            rates[name] = None if own_few else record[name]
        rates[f"{question}_n"] = None if own_few else record[f"{question}_n"]
    leaning: dict[str, Any] = {name: record[name] for name in _LEANING}
    return CauseRow(
        id=record["cause_id"],
        cause=CauseName(*called),
        cases=record["cases"],
        n=record["n"] or waiting,
        too_few=few,
        **rates,
        **leaning,
    )
