"""The days of a link: fixed, and over before it is made."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.http import QueryDict

from analytics.console import asking
from analytics.console.bar_menu import PAGE
from analytics.console.known_reports import Report
from analytics.filters import MAX_VALUES
from analytics.frames.selection import branches
from analytics.periods import NAMES, resolve
from analytics.sharing.links import LinkError
from analytics.sharing.readers import day_of
from surveys.console.roles import StaffRequest
from surveys.services.access import Scope

_BY_NAME: Final = "This report names an agent; tick “With agents’ names” to share it."


def settled(report: Report, query: str, request: StaffRequest, *, with_names: bool) -> str:
    """The query of a link: relative periods as the days that they mean today, and none later than
    yesterday, so that nobody who looks twice sees what the one who answered meanwhile said.

    Raises: LinkError.
    """
    asked = QueryDict(query, mutable=True)
    # A link shows the whole table.
    asked.pop(PAGE, None)
    if not with_names and (report.name == "agent" or asked.get("agent") or asked.get("b_agent")):
        raise LinkError(_BY_NAME)
    if asked.get("by") == "resolved" and request.scope.is_unlimited:
        raise LinkError(
            "Answers to cases resolved by then still come in one by one, and whoever looks twice "
            "could tell who said what. Share the days of the answers instead."
        )
    last = asking.today() - dt.timedelta(days=1)
    for prefix in ("", "b_") if report.name == "segments" else ("",):
        _settle(asked, prefix, last, request)
    return asked.urlencode()


def _settle(asked: QueryDict, prefix: str, last: dt.date, request: StaffRequest) -> None:
    period = asked.get(f"{prefix}period") or ""
    if period in NAMES:
        first, end = resolve(period, day_of(request.user, request.scope))
        asked[f"{prefix}from"], asked[f"{prefix}to"] = first.isoformat(), end.isoformat()
    asked.pop(f"{prefix}period", None)
    _settle_branches(asked, prefix, request.scope)
    # Both are dates: the report was asked for with them.
    to = min(asked.get(f"{prefix}to") or last.isoformat(), last.isoformat())
    if (asked.get(f"{prefix}from") or "") > to:
        raise LinkError("A link tells of whole days up to yesterday; choose days that are over.")
    asked[f"{prefix}to"] = to


def _settle_branches(asked: QueryDict, prefix: str, scope: Scope) -> None:
    """The causes of a branch today, as far as the sharer sees them: one moved later would otherwise
    stand in the difference of what a stranger saw before and after."""
    codes = tuple(code for code in asked.getlist(f"{prefix}branch") if code)
    asked.pop(f"{prefix}branch", None)
    if not codes:
        return
    own = scope.cause_ids
    meant = {code for pk, code in branches(codes).items() if own is None or pk in own}
    if named := set(asked.getlist(f"{prefix}cause")) - {""}:
        meant &= named
    if not meant:
        raise LinkError("None of these causes is in that branch: there is nothing to share.")
    if len(meant) > MAX_VALUES:
        raise LinkError(f"A link takes at most {MAX_VALUES} causes; choose a narrower branch.")
    asked.setlist(f"{prefix}cause", sorted(meant))
