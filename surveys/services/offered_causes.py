"""Which causes a cause picker offers where there are more than a small page can hold.

A respondent's page stays under 30 KB (30,000 bytes), whatever the taxonomy: those used most lately
are offered, by name. All others are still understood where somebody sends them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from html import escape
from threading import Lock
from typing import Final

from surveys.questionnaire.asking import CauseName
from surveys.services.intake_sql import rows

MOST_OFFERED: Final = 200
#: Bytes of the list's markup. The rest of a page, with the longest small print, is below 17 KB.
MOST_BYTES: Final = 12_000
_OPTION: Final = len('<option value=""></option>\n')
#: So many of the newest resolutions say what is used, so that it costs the same in any history.
_LATELY: Final = 20_000
_KEPT_SECONDS: Final = 600.0
_USED: Final = """
SELECT w.code FROM (SELECT cause_id FROM surveys_resolution ORDER BY id DESC LIMIT %s::int) AS r
  JOIN surveys_cause w ON w.id = r.cause_id
 GROUP BY w.code ORDER BY count(*) DESC, w.code
"""

_lock = Lock()
_kept: list[tuple[float, tuple[str, ...]]] = []


def used_most() -> tuple[str, ...]:
    """Codes of causes, the most used first. Read every ten minutes at most."""
    now = time.monotonic()
    with _lock:
        if not _kept or now - _kept[0][0] > _KEPT_SECONDS:
            _kept[:] = [(now, tuple(code for (code,) in rows(_USED, _LATELY)))]
        return _kept[0][1]


def forget() -> None:
    """Read again at the next occasion."""
    with _lock:
        _kept.clear()


def fit(causes: Sequence[CauseName]) -> bool:
    """Whether all of them may stand on a page."""
    return len(causes) <= MOST_OFFERED and sum(map(_size, causes)) <= MOST_BYTES


def shown(
    causes: Sequence[CauseName], ranking: Sequence[str], picked: Collection[str] = ()
) -> tuple[CauseName, ...]:
    """The causes in their order, each with whether it is offered: what was picked, then what is
    used most, then by name, as far as the page holds it."""
    places = {code: place for place, code in enumerate(ranking)}
    wanted = sorted(
        causes, key=lambda cause: (cause.code not in picked, places.get(cause.code, len(places)))
    )
    room, offered = MOST_BYTES, set[str]()
    for cause in wanted[:MOST_OFFERED]:
        room -= _size(cause)
        if room < 0:
            break
        offered.add(cause.code)
    return tuple(cause._replace(is_shown=cause.code in offered) for cause in causes)


def _size(cause: CauseName) -> int:
    called = max((cause.name, *(name for _, name in cause.names)), key=lambda n: len(n.encode()))
    return _OPTION + len(escape(cause.code + called).encode())
