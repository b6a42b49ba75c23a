"""Responses for a bound reader: the answers of whole groups, without what could tell whose.

Nothing in a row differs within its group but what was answered, to questions that all of the group
were asked. How it was answered (in how many goes, to the end or not) is not told, and the rows of a
group stand in the order of their contents: that of their arrival would tell who answered when.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.columns import records
from analytics.filters import FilterError, Filters
from analytics.frames import listed, names
from analytics.reports import questions, suppression, told_cause, told_fix
from analytics.reports.figures import AgentName, CauseName, OwnAnswer, ResponseItem, ResponsesPage
from surveys.services import own_answers
from surveys.services.access import Scope

_CHUNK = 1_000
_CURSOR = re.compile(r"t(\d{1,9})")


def page(filters: Filters, scope: Scope, cursor: str | None, limit: int) -> ResponsesPage:
    """One page, the group that was told last first.

    Raises: FilterError.
    """
    told = _ratings(filters, scope)
    answers = _in_order(told.answers)
    start = max(0, len(answers) - _left(cursor)) if cursor else 0
    found = _items(answers, start, limit, scope)
    left = len(answers) - start - limit
    too_few = not len(answers) and bool(len(told.waiting))
    return ResponsesPage(found, f"t{left}" if left > 0 else None, too_few=too_few)


def everything(filters: Filters, scope: Scope) -> Iterator[ResponseItem]:
    """All of them, for files.

    Raises: FilterError, before the first.
    """
    answers = _in_order(_ratings(filters, scope).answers)
    return (
        item
        for start in range(0, len(answers), _CHUNK)
        for item in _items(answers, start, _CHUNK, scope)
    )


def _ratings(filters: Filters, scope: Scope) -> suppression.Told:
    if scope.sees_fix:
        return told_fix.ratings(filters, scope)
    return told_cause.ratings(filters, scope)


def _in_order(answers: pd.DataFrame) -> pd.DataFrame:
    by = answers.sort_values(["told_on", "group", "response_id"], ascending=[False, True, True])
    return by.reset_index(drop=True)


def _left(cursor: str) -> int:
    # Counted from the oldest, so that a group told meanwhile moves no page.
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise FilterError("cursor", "This is not a place in the list; follow the link as it is.")
    return int(found[1])


def _items(answers: pd.DataFrame, start: int, limit: int, scope: Scope) -> tuple[ResponseItem, ...]:
    """The rows from `start` on, each group read whole and put in the order of its contents."""
    groups = answers["group"].to_numpy()
    wanted = np.isin(groups, groups[start : start + limit])
    if not wanted.any():
        return ()
    shown, first = answers[wanted], int(np.flatnonzero(wanted)[0])
    rows = listed.of([int(one) for one in shown["response_id"]])
    called = names.agents(_named(shown, scope)) if scope.sees_agents else {}
    items: list[ResponseItem] = []
    for _, members in shown.groupby("group", sort=False):
        found = zip(members["response_id"].tolist(), records(members), strict=True)
        present = [(rows[one], facts) for one, facts in found if one in rows]
        asked = questions.asked_of_all(row for row, _ in present)
        told = [_item(row, one, scope, called, asked) for row, one in present]
        items += sorted(told, key=lambda item: json.dumps(item.as_dict(), default=str))
    numbered = [replace(item, id=len(answers) - first - k) for k, item in enumerate(items)]
    return tuple(numbered[start - first : start - first + limit])


def _named(answers: pd.DataFrame, scope: Scope) -> set[int]:
    return {one for ids in answers["agent_ids"] for one in _agents_of(ids, scope)}


def _agents_of(ids: list[int], scope: Scope) -> list[int]:
    return [one for one in ids if scope.agent_ids is None or one in scope.agent_ids]


def _item(
    row: dict[str, Any],
    told: Mapping[str, Any],
    scope: Scope,
    called: dict[int, names.Name],
    asked: frozenset[str],
) -> ResponseItem:
    seen = listed.FIX_ITEMS if scope.sees_fix else listed.CAUSE_ITEMS
    own = own_answers.seen(row["version_id"], row["extra"], scope) if row["extra"] else {}
    own = {name: said for name, said in own.items() if name in asked}
    worded = own_answers.in_words(row["version_id"], own) if own else ()
    day: dt.date = told["told_on"]
    agents = None
    if scope.sees_agents:
        ids = _agents_of(told["agent_ids"], scope)
        agents = tuple(AgentName(*called[one]) for one in ids if one in called)
    is_cause = not scope.sees_fix
    return ResponseItem(
        id=0,
        answered_at=day.replace(day=1),
        resolved_at=None,
        completed=None,
        case=None,
        customer=None,
        items={
            name.upper(): row[name]
            for name in seen
            if row[name] is not None and name.upper() in asked
        }
        | own,
        own=tuple(OwnAnswer(one.id, one.question, one.answer) for one in worded),
        fix_comment=row["fix_comment"] if scope.sees_fix and scope.hears_comments else None,
        cause_comment=row["cause_comment"] if is_cause and scope.hears_comments else None,
        agents=agents,
        team=row["team"] if scope.team_ids is not None else None,
        product=None,
        cause=CauseName(row["cause_code"], row["cause_name"]) if is_cause else None,
        channel="",
        language="",
        questionnaire="",
        version=None,
        arm=None,
        n_revisions=None,
        is_sample=row["is_sample"],
    )
