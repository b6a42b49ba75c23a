"""Two tabs, a double click, a back button: several threads on one invitation, real commits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import AnswerChange, Response, ResponseRevision
from surveys.services import answering
from surveys.services.tokens import token_of
from tests.factories import NOW, InvitationFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def poster(asked: answering.Asked, answers: dict[str, Any]) -> Callable[[], object]:
    return lambda: answering.store_answers(asked, answers, language="en", now=NOW)


@pytest.mark.parametrize("attempt", range(5))
def test_double_submit_gives_one_response_and_one_revision(attempt: int) -> None:
    asked = answering.find(token_of(InvitationFactory().nonce), NOW)
    assert asked is not None
    at_once(*[poster(asked, {"F1": 5, "C1": 2}) for _ in range(6)])
    response = Response.objects.get()
    assert (response.f1, response.c1, response.n_revisions) == (5, 2, 1)
    assert (ResponseRevision.objects.count(), AnswerChange.objects.count()) == (1, 1)


@pytest.mark.parametrize("attempt", range(5))
def test_tabs_on_different_pages_lose_nothing(attempt: int) -> None:
    asked = answering.find(token_of(InvitationFactory().nonce), NOW)
    assert asked is not None
    parts: list[dict[str, Any]] = [
        {"F1": 5, "X1": 3},
        {"C1": 2, "X2": (1, 2)},
        {"F3": (1, 2)},
        {"fix_comment": "a"},
        {"cause_comment": "b", "X3": "text"},
    ]
    at_once(*[poster(asked, part) for part in parts])
    again = answering.find(token_of_hash(asked), NOW)
    assert again is not None
    assert again.answers == {k: v for part in parts for k, v in part.items()}
    assert again.completed is True
    numbers = list(ResponseRevision.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5]
    assert AnswerChange.objects.count() == 5


def token_of_hash(asked: answering.Asked) -> str:
    response = Response.objects.select_related("invitation").get()
    assert bytes(response.invitation.token_hash) == asked.token_hash
    return token_of(response.invitation.nonce)


@pytest.mark.parametrize("attempt", range(5))
def test_conflicting_tabs_end_with_one_of_both_and_both_as_revisions(attempt: int) -> None:
    asked = answering.find(token_of(InvitationFactory().nonce), NOW)
    assert asked is not None
    at_once(poster(asked, {"F1": 5}), poster(asked, {"F1": 1}))
    response = Response.objects.get()
    revisions = list(ResponseRevision.objects.order_by("number").values_list("answers", flat=True))
    assert revisions[-1] == {"F1": response.f1}
    assert sorted(r["F1"] for r in revisions) == [1, 5]


def test_link_opens_after_the_server_ended_the_kept_connection() -> None:
    token = token_of(InvitationFactory().nonce)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ended,) = cursor.fetchone()

    def end_it() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])

    at_once(end_it)
    assert answering.find(token, NOW) is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (ended,)


def test_what_a_thread_keeps_goes_with_its_connection() -> None:
    """Neither closed connections nor a debugger's log are read by a cursor from before."""
    token = token_of(InvitationFactory().nonce)
    assert answering.find(token, NOW) is not None
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert answering.find(token, NOW) is not None
        assert len(seen) == 1
        assert answering.find(token, NOW) is not None
        connection.close()
        assert answering.find(token, NOW) is not None
