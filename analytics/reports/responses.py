"""The responses behind the numbers, as far as the reader may read them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from analytics.filters import FilterError, Filters
from analytics.frames import copied, listed
from analytics.frames.selection import Selection
from analytics.reports import told_responses
from analytics.reports.access import FEWEST_FOR_OTHERS, NotVisible, refuse_hidden
from analytics.reports.figures import (
    AgentName,
    CauseName,
    OwnAnswer,
    ResponseItem,
    ResponsesPage,
)
from surveys.services import own_answers
from surveys.services.access import Scope

LIMIT = 100
_CHUNK = 2_000


#: What the answers of the listed responses say, as the address and the page call it.
SHOWS: Final[dict[str, str]] = {
    "satisfied": "satisfied with the fix",
    "dissatisfied": "dissatisfied with the fix",
    "dismayed": "dismayed at the cause",
    "masked": "masked: satisfied with the fix and dismayed",
    "comments": "with a comment",
}
#: The corners and the middle of the matrix, which the page of the matrix leads to.
QUADRANTS: Final[dict[str, str]] = {
    "served_well": "served well: satisfied with the fix and not dismayed",
    "neither": "neither satisfied nor not, not dismayed",
    "neither_dismayed": "neither satisfied nor not, dismayed",
    "failed": "dissatisfied with the fix, not dismayed",
    "failed_dismayed": "failed twice: dissatisfied and dismayed",
}
_LONGEST = 100


def search_of(words: str, show: str, scope: Scope) -> listed.Search | None:
    """What is looked for, in what this reader may read; None for nothing.

    A bound reader looks for nothing: what a search finds, less what another finds, would be one
    customer.

    Raises: FilterError.
    """
    words = " ".join(words.split())
    if not words and not show:
        return None
    if not scope.is_unlimited:
        raise FilterError("q" if words else "show", "Your role reads responses without searching.")
    if len(words) > _LONGEST or re.search("[\x00\ud800-\udfff]", words):
        raise FilterError("q", f"“q” takes at most {_LONGEST} letters that a text can have.")
    if show and not listed.is_show(show):
        known = ", ".join(SHOWS | QUADRANTS)
        raise FilterError("show", f"“show” must be one of {known}, or a cell such as f4c5.")
    return listed.Search(
        words=words,
        show=show,
        in_fix_comments=scope.sees_fix and scope.hears_comments,
        in_cause_comments=scope.sees_cause and scope.hears_comments,
        in_identities=scope.sees_identity,
    )


def responses(
    filters: Filters,
    scope: Scope,
    *,
    cursor: str | None = None,
    limit: int = LIMIT,
    search: listed.Search | None = None,
) -> ResponsesPage:
    """One page of responses, newest first; of those only that `search_of` found.

    Fix answers only for readers of the fix, cause answers only for readers of the cause, what was
    asked of both (O1, O2) only for readers of both. A bound reader reads nothing that tells which
    case a response belongs to, and no group that is not full (`reports.suppression`).

    Raises: FilterError; NotVisible.
    """
    selection = _selection(filters, scope)
    if not scope.is_unlimited:
        return told_responses.page(filters, scope, cursor, limit)
    found = listed.page(selection, _place(cursor), limit + 1, search)
    if scope.for_strangers and 0 < len(found) < FEWEST_FOR_OTHERS and cursor is None:
        return ResponsesPage((), None, too_few=True)
    results = tuple(_item(row, scope) for row in found[:limit])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = _cursor((last["answered_at"], last["id"]))
    return ResponsesPage(results, following)


def all_responses(
    filters: Filters, scope: Scope, search: listed.Search | None = None
) -> Iterator[ResponseItem]:
    """Every response, page by page from the database: for exports, in flat memory.

    Raises: FilterError; NotVisible; both before the first response.
    """
    selection = _selection(filters, scope)
    if not scope.is_unlimited:
        return told_responses.everything(filters, scope)
    return _walk(selection, scope, search)


def lines_of_all(
    filters: Filters, scope: Scope, search: listed.Search | None = None
) -> Iterator[bytes] | None:
    """The same as lines of CSV, under the columns of `copied.columns`; None where the rows have to
    be made one by one: for readers who are not shown everything, and with own questions.

    Raises: FilterError; NotVisible.
    """
    selection = _selection(filters, scope)
    if not scope.is_unlimited or scope.for_strangers or own_columns(filters, scope):
        return None
    hidden = {name.upper() for name in listed.ITEMS} - {name.upper() for name in _items(scope)}
    hidden |= {f"{side}_comment" for side in ("fix", "cause") if not _hears(scope, side)}
    if not scope.sees_agents:
        hidden |= {"agent_ids", "agent_names"}
    if not scope.sees_identity:
        hidden |= {"customer_email", "customer_name", "customer_id"}
    return copied.lines(selection, copied.columns().keys() - hidden, search)


def own_columns(filters: Filters, scope: Scope) -> tuple[str, ...]:
    """The ids of all own questions that a file of these responses may have answers to.

    Raises: FilterError; NotVisible.
    """
    return own_answers.all_readable(listed.versions(_selection(filters, scope)), scope)


def _walk(
    selection: Selection, scope: Scope, search: listed.Search | None
) -> Iterator[ResponseItem]:
    place: listed.Place | None = None
    while found := listed.page(selection, place, _CHUNK, search):
        yield from (_item(row, scope) for row in found)
        if len(found) < _CHUNK:
            return
        place = found[-1]["answered_at"], found[-1]["id"]


def _selection(filters: Filters, scope: Scope) -> Selection:
    if not (scope.sees_fix or scope.sees_cause):
        raise NotVisible
    refuse_hidden(filters, scope)
    return Selection.of(filters, scope)


def _item(row: dict[str, Any], scope: Scope) -> ResponseItem:
    own = own_answers.seen(row["version_id"], row["extra"], scope) if row["extra"] else {}
    return ResponseItem(
        id=row["id"],
        answered_at=row["answered_at"],
        resolved_at=row["resolved_at"],
        completed=row["completed"],
        case={"source": row["source"], "external_id": row["case_id"]},
        customer=_customer(row) if scope.sees_identity else None,
        items={name.upper(): row[name] for name in _items(scope) if row[name] is not None} | own,
        own=_in_words(row["version_id"], own, row["product"] or ""),
        fix_comment=row["fix_comment"] if _hears(scope, "fix") else None,
        cause_comment=row["cause_comment"] if _hears(scope, "cause") else None,
        agents=_agents(row) if scope.sees_agents else None,
        team=row["team"],
        product=row["product"],
        cause=None if not row["cause_code"] else _cause(row),
        channel=row["channel"],
        language=row["language"],
        questionnaire=row["questionnaire"] or "",
        version=row["version"],
        arm=row["arm"],
        n_revisions=row["n_revisions"],
        is_sample=row["is_sample"],
    )


def _items(scope: Scope) -> tuple[str, ...]:
    """The items whose answers the reader sees."""
    seen = listed.FIX_ITEMS * scope.sees_fix + listed.CAUSE_ITEMS * scope.sees_cause
    return seen + listed.OUTCOME_ITEMS * (scope.sees_fix and scope.sees_cause)


def _hears(scope: Scope, side: str) -> bool:
    return scope.hears_comments and (scope.sees_fix if side == "fix" else scope.sees_cause)


def _in_words(version_id: int, own: dict[str, Any], product: str) -> tuple[OwnAnswer, ...]:
    if not own:
        return ()
    said = own_answers.in_words(version_id, own, product=product)
    return tuple(OwnAnswer(one.id, one.question, one.answer) for one in said)


def _customer(row: dict[str, Any]) -> dict[str, str] | None:
    if row["customer_email"] is None:
        return None
    return {
        "email": row["customer_email"],
        "name": row["customer_name"],
        "external_id": row["customer_id"],
    }


def _agents(row: dict[str, Any]) -> tuple[AgentName, ...]:
    pairs = zip(row["agent_ids"] or (), row["agent_names"] or (), strict=True)
    return tuple(AgentName(*pair) for pair in pairs)


def _cause(row: dict[str, Any]) -> CauseName:
    return CauseName(row["cause_code"], row["cause_name"])


def _cursor(place: listed.Place) -> str:
    text = json.dumps([place[0].isoformat(), place[1]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str | None) -> listed.Place | None:
    if not cursor:
        return None
    fault = FilterError("cursor", "This is not a place in the list; follow the link as it is.")
    try:
        packed = cursor[:300].encode("ascii") + b"=" * (-len(cursor[:300]) % 4)
        found = json.loads(base64.urlsafe_b64decode(packed))
        when, number = dt.datetime.fromisoformat(found[0]), found[1]
    except (binascii.Error, ValueError, TypeError, LookupError, RecursionError):
        raise fault from None
    if when.tzinfo is None or not 1900 <= when.year <= 9000 or type(number) is not int:
        raise fault  # true and false are ints as well, and no ids
    if not 0 <= number < 2**63:
        raise fault
    return when, number
