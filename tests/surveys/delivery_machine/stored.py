"""What the database holds, read plainly and without the code under test."""

from __future__ import annotations

from typing import Any

from django.db import connection

from surveys.models import ErasedCustomer, Response, ResponseRevision, Suppression
from surveys.services.tokens import email_hash
from tests.surveys.delivery_machine.outside import Answered, Link

_ITEMS = ("F1", "F2", "C1", "fix_comment", "cause_comment")
# All of what a link may lead to; that it was opened is noted elsewhere.
_HELD = (
    *("invitation", "delivery", "response", "responserevision", "answerchange", "suppression"),
    *("suppressionchange", "customer", "case", "caseevent", "resolution", "erasedcustomer"),
)


def answers(link: Link) -> Answered:
    """The current answers of a link, and every post that changed them, first to last."""
    return all_answers().get(link.invitation, Answered())


def all_answers() -> dict[int, Answered]:
    """By invitation. More than one current response of one is an error here."""
    found: dict[int, Answered] = {}
    posts: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    revisions = ResponseRevision.objects.order_by("number")
    for response_id, number, posted in revisions.values_list("response_id", "number", "answers"):
        posts.setdefault(response_id, []).append((number, posted))
    for response in Response.objects.all():
        assert response.invitation_id not in found, "two current responses"
        told = posts.pop(response.pk, [])
        assert [number for number, _ in told] == list(range(1, response.n_revisions + 1))
        current = {name: getattr(response, name.lower()) for name in _ITEMS}
        found[response.invitation_id] = Answered(
            {name: value for name, value in current.items() if value not in (None, "")},
            [posted for _, posted in told],
        )
    assert posts == {}, "revisions of no response"
    return found


def is_erased(email: str) -> bool:
    return ErasedCustomer.objects.filter(email_hash=email_hash(email)).exists()


def all_but_openings() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what a look at a link must not change."""
    found = {}
    with connection.cursor() as cursor:
        for name in _HELD:
            cursor.execute(f"SELECT t::text FROM surveys_{name} t ORDER BY 1")  # noqa: S608
            found[name] = cursor.fetchall()
    return found


def is_suppressed_as_erased(email: str) -> bool:
    held = Suppression.objects.filter(email_hash=email_hash(email), reason="erased")
    return held.exists()
