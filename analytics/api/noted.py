"""What a file says of itself: the question, who is left out, and what its columns mean.

The page says it in its heading, its filter bar and its definitions; a file that left the house has
nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rest_framework.request import Request

from analytics.console.definitions import DEFINITIONS
from analytics.console.printed import question_in_words
from analytics.reports.access import FEWEST_FOR_AGENTS, FEWEST_FOR_OTHERS, fewest
from surveys.api.files import Notes
from surveys.api.permissions import sight_of
from surveys.exports import Cell, flatten
from surveys.services.access import Scope

TITLES: Final[Mapping[str, str]] = {
    "overview": "Overview",
    "agents": "Agents, by how customers rated the fix",
    "causes": "Causes, by how much customers minded",
    "matrix": "Fix and cause together: customers by both ratings, 1 to 5",
    "trend": "Fix and cause over time",
    "comparison": "Two groups side by side",
    "agent-mix": "What lands on one agent's desk",
    "funnel": "Which agents differ by more than chance",
    "alarms": "Alarms of causes",
    "signals": "Alarms of causes as they were raised",
    "cause-weeks": "One cause by the week",
    "cause-change": "One cause before and after a change",
    "actions": "Preventive actions and whether they worked",
    "drivers": "What choosing us again goes along with",
    "non-response": "What those who did not answer could change",
    "responses": "Responses",
}
#: Endings that a figure shares with its interval and its own number.
_ENDINGS: Final = ("_low", "_high", "_n")
_NOT_ASKED: Final = ("format", "notes", "cursor", "page_size")


def notes(
    request: Request, report: str, columns: Sequence[str], beside: Mapping[str, Any]
) -> Notes:
    """The lines of a file about itself; `beside` are figures of the page that are no rows.

    Raises: FilterError.
    """
    scope = sight_of(request)
    asked = request.query_params.copy()
    for name in _NOT_ASKED:
        asked.pop(name, None)
    question = question_in_words(asked.urlencode(), request.user, scope)
    figures = flatten(beside)
    lines: list[Sequence[Cell]] = [["About this file"], ["Report", TITLES[report]]]
    lines += [line.split(": ", 1) for line in question]
    lines += [["Left out", left_out(scope)], ["Numbers", _NUMBERS]]
    if figures:
        lines += [[], ["Figures beside the table"], *figures.items()]
    meanings = list(_meanings([*columns, *figures]))
    return [*lines, [], ["What the figures mean"], *meanings] if meanings else lines


_NUMBERS: Final = (
    "Shares lie between 0 and 1 and are not rounded; the page shows the same, rounded. An empty "
    "cell: too few to tell, or nothing to tell."
)


def left_out(scope: Scope) -> str:
    """The rule of too few, as it holds for this reader."""
    if scope.is_unlimited:
        return (
            f"Figures of agents with under {FEWEST_FOR_AGENTS} ratings and of causes with under "
            f"{FEWEST_FOR_OTHERS} answers; only their number is told."
        )
    return (
        f"Answers are told in groups of {fewest(scope)}, on the day a group is full; those still "
        "waiting are in no figure, so that no customer can be told apart."
    )


def _meanings(names: Sequence[str]) -> Iterator[Sequence[Cell]]:
    told: set[str] = set()
    for name in names:
        key = _key_of(name)
        if key is None or key in told:
            continue
        told.add(key)
        one = DEFINITIONS[key]
        yield [key, f"{one.name}: {one.says} Made as: {one.formula}. Not shown {one.withheld}."]


def _key_of(name: str) -> str | None:
    """The definition of a column: its own, or that of the figure whose interval it is; of nested
    figures also that of the group ("separation.r")."""
    *groups, last = name.split(".")
    for ending in _ENDINGS:
        last = last.removesuffix(ending) if last not in DEFINITIONS else last
    return next((one for one in (last, *reversed(groups)) if one in DEFINITIONS), None)
