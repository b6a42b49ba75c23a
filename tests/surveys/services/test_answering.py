"""Storing answers: what is merged, what is appended, what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from surveys.models import AnswerChange, FollowUp, Invitation, Response, ResponseRevision
from surveys.questionnaire.default import default_definition
from surveys.services import answering
from surveys.services.answering import Asked, NotOpenError, State
from surveys.services.follow_ups import due_after
from surveys.services.tokens import token_of
from surveys.services.wishes import store_wishes
from tests.factories import (
    NOW,
    InvitationFactory,
    QuestionnaireVersionFactory,
    ResolutionFactory,
)

pytestmark = pytest.mark.django_db


def find(invitation: Invitation) -> Asked:
    asked = answering.find(token_of(invitation.nonce), NOW)
    assert asked is not None
    return asked


def store(invitation: Invitation, answers: dict[str, Any], **options: Any) -> answering.Stored:
    defaults: dict[str, Any] = {"language": "en", "now": NOW}
    return answering.store_answers(find(invitation), answers, **defaults | options)


def test_link_opens_only_what_has_its_whole_hash() -> None:
    invitation = InvitationFactory()
    token = token_of(invitation.nonce)
    right = bytes(invitation.token_hash)
    for place in range(len(right)):
        nearly = right[:place] + bytes([right[place] ^ 1]) + right[place + 1 :]
        Invitation.objects.update(token_hash=nearly)
        assert answering.find(token, NOW) is None, place
    Invitation.objects.update(token_hash=right)
    assert answering.find(token, NOW) is not None


def test_store_answers_keeps_every_item_in_its_column() -> None:
    invitation = InvitationFactory(is_sample=True)
    answers = {
        "F1": 5,
        "F2": 4,
        "F3": (1, 3),
        "S1": 2,
        "C1": 1,
        "C2": 2,
        "C3": 3,
        "C4": 6,
        "O1": 4,
        "O2": 5,
        "fix_comment": "Très bien – 谢谢 🙏",
        "cause_comment": "line\nline",
    }

    stored = store(invitation, answers, language="fr")

    response = Response.objects.get(invitation=invitation)
    assert stored == answering.Stored(response.pk, 1, completed=True)
    assert find(invitation).answers == answers
    assert (response.f3, response.s1, response.c4) == ([1, 3], 2, 6)
    assert (response.language, response.is_sample, response.n_revisions) == ("fr", True, 1)
    assert response.answered_at == response.changed_at == response.completed_at == NOW
    revision = ResponseRevision.objects.get()
    assert revision.answers == json.loads(json.dumps(answers))
    assert (revision.response_id, revision.number, revision.submitted_at) == (response.pk, 1, NOW)
    assert AnswerChange.objects.get().response_id == response.pk


def test_store_answers_takes_one_statement() -> None:
    asked = find(InvitationFactory())
    answering.definition_of(asked.version_id)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answering.store_answers(asked, {"F1": 5}, language="en", now=NOW)
    assert len(queries) == 1


def test_find_takes_one_statement() -> None:
    invitation = InvitationFactory()
    answering.definition_of(invitation.version_id)
    with CaptureQueriesContext(connection) as queries:
        find(invitation)
    assert len(queries) == 1


def test_products_are_looked_up_from_the_first_survey_on_that_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answering, "_naming", Event())
    definition = to_builtins(default_definition())
    rule = {"on": "case", "fact": "product", "op": "in", "values": ["fibre"]}
    definition["blocks"][0]["items"][1]["skip_when"] = [rule]
    version = QuestionnaireVersionFactory.create(number=2, definition=definition)
    plain = InvitationFactory.create(resolution__product__name="Fibre")
    named = InvitationFactory.create(version=version, resolution__product__name="Roaming")

    with CaptureQueriesContext(connection) as before:
        assert find(plain).facts.product == ""
    assert find(named).facts.product == "Roaming"
    with CaptureQueriesContext(connection) as after:
        assert find(named).facts.product == "Roaming"
        assert find(plain).facts.product == ""

    assert not any("surveys_product" in query["sql"] for query in before)
    assert ["surveys_product" in query["sql"] for query in after] == [True, True]


def test_store_answers_leaves_what_was_not_posted() -> None:
    invitation = InvitationFactory()
    store(invitation, {"F1": 5, "F3": (1,), "fix_comment": "good"})

    stored = store(invitation, {"F1": 4}, now=NOW + timedelta(hours=1))

    response = Response.objects.get()
    assert (response.f1, response.f3, response.fix_comment) == (4, [1], "good")
    assert (response.answered_at, response.changed_at) == (NOW, NOW + timedelta(hours=1))
    assert stored == answering.Stored(response.pk, 2, completed=False)
    assert ResponseRevision.objects.get(number=2).answers == {"F1": 4}
    assert AnswerChange.objects.count() == 2


def test_store_answers_takes_back_what_was_emptied() -> None:
    invitation = InvitationFactory()
    store(invitation, {"F1": 5, "F3": (1,), "fix_comment": "good"})

    store(invitation, {"F3": (), "fix_comment": ""})

    assert find(invitation).answers == {"F1": 5}
    assert Response.objects.get().f3 is None


def test_store_answers_again_changes_nothing() -> None:
    invitation = InvitationFactory()
    first = store(invitation, {"F1": 5, "F3": (1, 2)}, last_page=True)

    again = store(invitation, {"F1": 5, "F3": (1, 2)}, last_page=True, now=NOW + timedelta(days=1))

    assert again == first
    assert Response.objects.get().changed_at == NOW
    assert (ResponseRevision.objects.count(), AnswerChange.objects.count()) == (1, 1)


def test_store_answers_of_nothing_makes_no_response() -> None:
    invitation = InvitationFactory()
    stored = store(invitation, {"F3": (), "fix_comment": ""}, last_page=True)
    assert stored == answering.Stored(None, 0, completed=False)
    assert (Response.objects.count(), AnswerChange.objects.count()) == (0, 0)


def test_completed_when_both_headlines_are_answered() -> None:
    invitation = InvitationFactory()
    assert store(invitation, {"F1": 5}).completed is False
    later = NOW + timedelta(minutes=3)
    assert store(invitation, {"C1": 1}, now=later).completed is True
    assert Response.objects.get().completed_at == later


def test_completed_when_the_last_page_was_sent_even_empty() -> None:
    invitation = InvitationFactory()
    store(invitation, {"F1": 5})
    stored = store(invitation, {}, last_page=True, now=NOW + timedelta(minutes=1))
    assert (stored.completed, stored.revision) == (True, 2)
    assert Response.objects.get().completed_at == NOW + timedelta(minutes=1)


def test_completed_never_moves() -> None:
    invitation = InvitationFactory()
    store(invitation, {"F1": 5, "C1": 1})
    store(invitation, {"F1": 4}, last_page=True, now=NOW + timedelta(days=1))
    assert Response.objects.get().completed_at == NOW


def test_own_items_are_kept_beside_the_columns() -> None:
    invitation = InvitationFactory()
    own = {"X1": 0, "X2": (1, 4), "X3": 'a \U0001f64f "b"', "end_comment": "more"}
    store(invitation, {"F1": 5, **own})
    assert find(invitation).answers == {"F1": 5, **own}
    assert Response.objects.get().extra == {**own, "X2": [1, 4]}
    assert ResponseRevision.objects.get().answers == {"F1": 5, **own, "X2": [1, 4]}


def test_own_items_merge_and_are_taken_back() -> None:
    invitation = InvitationFactory()
    store(invitation, {"X1": 3, "X2": (1,), "X3": "a"})
    store(invitation, {"X2": (), "X3": "b"})
    store(invitation, {"X3": "", "X4": ""})
    response = Response.objects.get()
    assert (response.extra, response.n_revisions) == ({"X1": 3}, 3)


def test_own_items_posted_again_change_nothing() -> None:
    invitation = InvitationFactory()
    first = store(invitation, {"X1": 3, "X2": (1, 2)})
    assert store(invitation, {"X2": (1, 2), "X1": 3, "X5": ""}) == first
    assert store(invitation, {"X5": ()}) == first
    assert (ResponseRevision.objects.count(), AnswerChange.objects.count()) == (1, 1)


def test_blank_own_items_alone_make_no_response() -> None:
    assert store(InvitationFactory(), {"X1": "", "X2": ()}).response_id is None
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    ("asks", "answers", "completed"),
    [
        ("fix", {"F1": 5}, True),
        ("fix", {"F2": 5}, False),
        ("cause", {"C1": 2}, True),
        ("both", {"C1": 2}, False),
    ],
)
def test_complete_is_what_the_invitation_asks(
    asks: str, answers: dict[str, Any], completed: bool
) -> None:
    assert store(InvitationFactory(asks=asks), answers).completed is completed


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.OPEN),
        ({"status": "sending"}, State.OPEN),
        ({"status": "unknown"}, State.OPEN),
        ({"expires_at": None}, State.OPEN),
        ({"expires_at": NOW}, State.CLOSED),
        ({"expires_at": NOW - timedelta(seconds=1)}, State.CLOSED),
        ({"status": "expired"}, State.CLOSED),
    ],
)
def test_find_tells_the_state(changes: dict[str, Any], state: State) -> None:
    assert find(InvitationFactory(**changes)).state is state


@pytest.mark.parametrize("status", ["skipped", "cancelled"])
def test_find_knows_no_revoked_link(status: str) -> None:
    invitation = InvitationFactory(status=status)
    assert answering.find(token_of(invitation.nonce), NOW) is None


@pytest.mark.parametrize("token", ["", "x", "\0", "é", "\ud800", "a" * 100_000, "' OR 1=1"])
def test_find_knows_no_guessed_link(token: str) -> None:
    InvitationFactory()
    assert answering.find(token, NOW) is None


@pytest.mark.parametrize(
    ("case_status", "state"),
    [("reopened", State.REOPENED), ("open", State.REOPENED), ("resolved", State.CLOSED)],
)
@pytest.mark.parametrize("status", ["sent", "cancelled"])
def test_find_tells_a_reopened_case(case_status: str, state: State, status: str) -> None:
    resolution = ResolutionFactory(reopened_at=NOW, case__status=case_status)
    assert find(InvitationFactory(resolution=resolution, status=status)).state is state


@pytest.mark.parametrize(
    "close",
    [
        {"status": "cancelled"},
        {"status": "expired"},
        {"expires_at": NOW},
    ],
)
def test_store_answers_refuses_what_closed_meanwhile(close: dict[str, Any]) -> None:
    invitation = InvitationFactory()
    asked = find(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(**close)
    with pytest.raises(NotOpenError):
        answering.store_answers(asked, {"F1": 5}, language="en", now=NOW)
    assert Response.objects.count() == 0


def test_store_answers_refuses_what_was_reopened_meanwhile() -> None:
    invitation = InvitationFactory()
    asked = find(invitation)
    invitation.resolution.reopened_at = NOW
    invitation.resolution.save(update_fields=["reopened_at"])
    with pytest.raises(NotOpenError):
        answering.store_answers(asked, {"F1": 5}, language="en", now=NOW)
    assert Response.objects.count() == 0


def test_store_answers_refuses_what_was_erased_meanwhile() -> None:
    invitation = InvitationFactory()
    asked = find(invitation)
    invitation.delete()
    with pytest.raises(NotOpenError):
        answering.store_answers(asked, {"F1": 5}, language="en", now=NOW)


def test_store_wishes_needs_a_response_and_counts_nothing() -> None:
    invitation = InvitationFactory()
    assert store_wishes(find(invitation), call_back=True, news=None, now=NOW) is False
    store(invitation, {"F1": 1})

    assert store_wishes(find(invitation), call_back=True, news=None, now=NOW) is True
    asked = find(invitation)
    assert (asked.wants_call_back, asked.wants_news) == (True, False)
    store_wishes(asked, call_back=False, news=True, now=NOW)
    asked = find(invitation)
    assert (asked.wants_call_back, asked.wants_news) == (False, True)
    held = FollowUp.objects.order_by("kind").values_list("kind", "status", "due_at")
    assert list(held) == [("call_back", "withdrawn", due_after(NOW, 2)), ("news", "open", None)]
    assert (ResponseRevision.objects.count(), AnswerChange.objects.count()) == (1, 1)


def test_store_wishes_refuses_a_closed_survey() -> None:
    invitation = InvitationFactory()
    store(invitation, {"F1": 1})
    asked = find(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=NOW)
    assert store_wishes(asked, call_back=True, news=True, now=NOW) is False


RATING = st.integers(1, 4)
POST = st.fixed_dictionaries(
    {},
    optional={
        "F1": RATING,
        "F3": st.lists(RATING, unique=True, max_size=3).map(lambda ticks: tuple(sorted(ticks))),
        "C1": RATING,
        "X1": st.sampled_from(["", 0, 7, "text"]),
        "X2": st.lists(RATING, unique=True, max_size=2).map(lambda ticks: tuple(sorted(ticks))),
        "fix_comment": st.sampled_from(["", "a", "é\n🙏"]),
    },
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(POST, st.booleans()), max_size=8))
def test_any_sequence_of_posts_ends_in_what_was_posted_last(
    posts: list[tuple[dict[str, Any], bool]],
) -> None:
    """Invariant 8 beside a plain dictionary: one response, a revision for every change."""
    invitation = InvitationFactory()
    expected: dict[str, Any] = {}
    completed, n_revisions = False, 0
    for answers, last in posts:
        before = (dict(expected), completed)
        expected.update(answers)
        expected = {item: value for item, value in expected.items() if value not in ("", ())}
        exists = n_revisions > 0 or bool(expected)
        completed = completed or (exists and (last or {"F1", "C1"} <= expected.keys()))
        n_revisions += (expected, completed) != before
        stored = store(invitation, answers, last_page=last)
        assert (stored.revision, stored.completed) == (n_revisions, completed)
    assert find(invitation).answers == expected
    revisions = ResponseRevision.objects.filter(response__invitation=invitation)
    numbers = list(revisions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, n_revisions + 1))
