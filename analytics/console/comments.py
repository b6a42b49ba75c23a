"""What customers said, as far as the reader may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analytics.reports import ResponseItem
from surveys.services.access import Scope

Side = Literal["fix", "cause"]


@dataclass(frozen=True)
class Comment:
    """One comment with the rating of its own side, but for strangers, to whom it would tell what
    one customer answered; `when` is a month where a day could tell who."""

    side: Side
    text: str
    rating: int | None
    when: dt.date
    is_exact: bool
    about: str
    language: str


def comments_of(
    responses: Iterable[ResponseItem],
    scope: Scope,
    *,
    sides: tuple[Side, ...] = ("fix", "cause"),
    most: int = 50,
    names_cause: bool = True,
) -> list[Comment]:
    """The comments of one or both sides, in the order of the responses.

    A comment stands beside the rating of its own side alone. `names_cause` is False where all of
    them are about one cause that the page is named after.
    """
    found: list[Comment] = []
    for response in responses:
        for side in sides:
            text = response.fix_comment if side == "fix" else response.cause_comment
            if text:
                found.append(
                    _comment(response, side, text, _about(response, scope, names_cause), scope)
                )
        if len(found) >= most:
            break
    return found[:most]


def _comment(response: ResponseItem, side: Side, text: str, about: str, scope: Scope) -> Comment:
    rating = response.items.get("F1" if side == "fix" else "C1")
    when = response.answered_at
    return Comment(
        side=side,
        text=text,
        rating=rating if isinstance(rating, int) and not scope.for_strangers else None,
        when=when.date() if isinstance(when, dt.datetime) else when,
        is_exact=scope.is_unlimited and not scope.for_strangers,
        about=about,
        language=response.language,
    )


def _about(response: ResponseItem, scope: Scope, names_cause: bool) -> str:
    """Cause and product; nothing for bound readers and strangers, who would know the case by it."""
    if scope.for_strangers or not scope.is_unlimited:
        return ""
    cause = response.cause.name if names_cause and response.cause else ""
    parts = [cause, response.product or ""]
    return ", ".join(part for part in parts if part)
