"""What is written: the rating of the fix and the one of the cause, apart, and no comment unless
the connection was set so."""

from __future__ import annotations

from typing import Final

from surveys.models import Response

_MOST: Final = 5
#: From here on a customer counts as dismayed by the cause, as in every report.
_DISMAYED: Final = 4
LONGEST_COMMENT: Final = 2000


def lines_of(response: Response, *, with_comments: bool, is_again: bool) -> tuple[str, ...]:
    """The lines of a note. ``is_again``: another one was written before."""
    found = [
        "The customer changed their answer. It now is:" if is_again else "The customer answered.",
        f"How the case was handled and fixed: {_of(response.f1)}",
        f"What caused it in the first place: {_of(response.c1)}",
        "The two are rated apart: the second says nothing about whoever handled the case.",
    ]
    if with_comments:
        for words, comment in (
            ("Their comment on the fix", response.fix_comment),
            ("Their comment on the cause", response.cause_comment),
        ):
            if comment:
                found.append(f"{words}: {' '.join(comment.split())[:LONGEST_COMMENT]}")
    return tuple(found)


def tags_of(response: Response, prefix: str) -> tuple[str, ...]:
    """`prefix_fix_5`, `prefix_cause_4`, and `prefix_cause_dismayed` from 4 on."""
    found = []
    if response.f1 is not None:
        found.append(f"{prefix}_fix_{response.f1}")
    if response.c1 is not None:
        found.append(f"{prefix}_cause_{response.c1}")
        if response.c1 >= _DISMAYED:
            found.append(f"{prefix}_cause_dismayed")
    return tuple(found)


def fields_of(response: Response, fix: str, cause: str) -> dict[str, int | None]:
    """The ratings by the ids of the fields that were named for them."""
    named = {fix: response.f1, cause: response.c1}
    return {name: rating for name, rating in named.items() if name}


def _of(rating: int | None) -> str:
    return "not rated" if rating is None else f"{rating} of {_MOST}"
