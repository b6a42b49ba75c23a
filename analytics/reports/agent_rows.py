"""The rows of the agents' report, each made when it is read, and all of them once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, overload

import numpy as np
import pandas as pd

from analytics.reports.figures import AgentName, AgentRow
from analytics.reports.made import table_rows
from analytics.reports.made_rows import MadeRows

_FIGURES: Final = (
    "mean", "top2", "top2_low", "top2_high", "shrunk", "shrunk_low", "shrunk_high",
    "adjusted", "adjusted_low", "adjusted_high", "rank_low", "rank_high", "separable",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class AgentRows(MadeRows[AgentRow]):
    """`table`: the figures of each agent, in the order of the rows; `called`: what each of them is
    called."""

    table: pd.DataFrame
    called: Mapping[int, AgentName]
    _all: list[AgentRow] = field(default_factory=list, repr=False)

    @classmethod
    def by_name(cls, table: pd.DataFrame, called: Mapping[int, AgentName]) -> AgentRows:
        """The agents of a table who are still known, by name: one who was removed is gone from the
        report before their ratings are subtracted."""
        ids = table["agent_id"].tolist()
        known = [at for at, one in enumerate(ids) if one in called]
        names = {one: (name.name.casefold(), name.external_id) for one, name in called.items()}
        known.sort(key=lambda at: names[ids[at]])
        return cls(table.iloc[known], called)

    @overload
    def __getitem__(self, at: int) -> AgentRow: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[AgentRow, ...]: ...

    def __getitem__(self, at: int | slice) -> AgentRow | tuple[AgentRow, ...]:
        if self._all:
            return tuple(self._all[at]) if isinstance(at, slice) else self._all[at]
        return super().__getitem__(at)

    def __iter__(self) -> Iterator[AgentRow]:
        # A page reads all of them several times: for its funnel, its picture and its sums.
        if not self._all:
            self._all.extend(self._made(self.table))
        return iter(self._all)

    def better_by(self, least: float) -> tuple[AgentRow, ...]:
        """Those whose share would be higher by so much with the company's own mix of cases; without
        the indicative ones."""
        table = self.table
        sure = ~(table["too_few"] | table["indicative"]).to_numpy(dtype=bool)
        gains = (table["adjusted"] - table["top2"]).to_numpy(dtype=float)
        return self._made(table.iloc[np.flatnonzero(sure & (gains >= least))])

    def _made(self, table: pd.DataFrame) -> tuple[AgentRow, ...]:
        return tuple(_row(record, self.called[record["agent_id"]]) for record in table_rows(table))


def _row(record: dict[str, Any], called: AgentName) -> AgentRow:
    few = bool(record["too_few"])
    figures: dict[str, Any] = {name: record[name] for name in _FIGURES}
    return AgentRow(
        id=record["agent_id"],
        agent=called,
        n=record["n"],
        too_few=few,
        indicative=bool(record["indicative"]),
        **(dict.fromkeys(figures) if few else figures),
    )
