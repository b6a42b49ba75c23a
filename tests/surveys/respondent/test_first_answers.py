"""A first answer that is stored without a look-up does what one that was looked up does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys.models import (
    AnswerChange,
    Invitation,
    OutgoingEvent,
    Resolution,
    Response,
    ResponseRevision,
)
from surveys.questionnaire.asking import Answer
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.schema import Definition, FactRule
from surveys.services import answering
from surveys.services.first_answers import FIELD
from surveys.services.outgoing import endpoints, kinds
from surveys.services.outgoing.endpoints import Wish
from surveys.services.tokens import token_of
from tests.factories import NOW, InvitationFactory
from tests.surveys.every_type import every_type, published
from tests.surveys.respondent.helpers import form, link

pytestmark = pytest.mark.django_db

# O2 is asked by the lot, F2 of a case that one person handled (`_of_one`).
ANSWERS = {
    "O2": ["3"],
    "F1": ["4"],
    "F2": ["5"],
    "F3": ["1", "2"],
    "S1": ["2"],
    "fix_comment": ["Thank you."],
}


def filled(browser: Client, invitation: Invitation) -> dict[str, list[str]]:
    """The first page's form with the answers."""
    fields = form(browser.get(link(invitation))).fields
    assert len(fields[FIELD][0]) == 16
    return fields | ANSWERS


def without(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in fields.items() if name != FIELD}


def outcome(invitation: Invitation, response: Any) -> tuple[object, ...]:
    """What was said and what is stored, but for numbers of rows."""
    left_out = {"id", "invitation_id", "response_id", "uid", "_state"}

    def plain(rows: Any) -> list[dict[str, Any]]:
        return [{k: v for k, v in vars(row).items() if k not in left_out} for row in rows]

    stored = Response.objects.filter(invitation_id=invitation.pk)
    return (
        response.status_code,
        response.headers.get("Location", "").removeprefix(link(invitation)),
        response.content,
        plain(stored),
        plain(ResponseRevision.objects.filter(response__in=stored).order_by("number")),
        AnswerChange.objects.filter(response_id__in=stored.values("id")).count(),
        plain(OutgoingEvent.objects.filter(invitation_id=invitation.pk)),
    )


def test_a_first_answer_takes_one_statement(browser: Client) -> None:
    invitation = InvitationFactory()
    fields = filled(browser, invitation)
    with CaptureQueriesContext(connection) as queries:
        response = browser.post(link(invitation), fields)
    assert (len(queries), response.status_code) == (1, 303)
    assert Response.objects.get().f3 == [1, 2]


def test_only_a_survey_that_nobody_answered_says_so(browser: Client) -> None:
    invitation = InvitationFactory()
    browser.post(link(invitation), filled(browser, invitation))
    for number in (1, 2):
        assert form(browser.get(f"{link(invitation)}?page={number}")).fields[FIELD] == [""]


def test_what_a_case_decides_is_looked_up(browser: Client) -> None:
    invitation = InvitationFactory(version=published(every_type()), rotation="")
    assert form(browser.get(link(invitation))).fields[FIELD] == [""]


def _of_one() -> Definition:
    """The default, but it does not ask about an agent where there were several."""
    default = default_definition()
    several = FactRule(fact="n_agents", op="gt", value=1)
    blocks = tuple(
        replace(
            block,
            items=tuple(
                replace(item, skip_when=(*item.skip_when, several)) if item.id == "F2" else item
                for item in block.items
            ),
        )
        for block in default.blocks
    )
    return replace(default, blocks=blocks)


def _asks_more(invitation: Invitation) -> None:
    version = published(every_type(), slug=f"every-type-{invitation.pk}")
    Invitation.objects.filter(pk=invitation.pk).update(version=version)


def _invited(**fields: Any) -> Callable[[Invitation], None]:
    def change(invitation: Invitation) -> None:
        Invitation.objects.filter(pk=invitation.pk).update(**fields)

    return change


def _resolved(**fields: Any) -> Callable[[Invitation], None]:
    def change(invitation: Invitation) -> None:
        Resolution.objects.filter(pk=invitation.resolution_id).update(**fields)

    return change


def _answered(invitation: Invitation) -> None:
    asked = answering.find(token_of(invitation.nonce), NOW)
    assert asked is not None
    answering.store_answers(asked, {"F1": 2, "C1": 5, "C3": 1}, language="de", now=NOW)


def _answered_in_full(invitation: Invitation) -> None:
    asked = answering.find(token_of(invitation.nonce), NOW)
    assert asked is not None
    every: dict[str, Answer] = {
        "F1": 4,
        "F2": 5,
        "F3": (1, 2),
        "S1": 2,
        "fix_comment": "Thank you.",
    }
    answering.store_answers(asked, every, language="en", now=NOW)


MEANWHILE: dict[str, Callable[[Invitation], object]] = {
    "nothing": lambda _: None,
    "another version": _asks_more,
    "the cause alone": _invited(asks="cause"),
    "another order": _invited(arm="cause_first"),
    "another lot": _invited(rotation="C4"),
    "another language": _invited(language="de"),
    "a machine": _resolved(human_handled=False),
    "several agents": _resolved(n_agents=3),
    "reopened": _resolved(reopened_at=NOW),
    "expired": _invited(expires_at=NOW),
    "ended": _invited(status="expired"),
    "revoked": _invited(status="cancelled"),
    "answered": _answered,
    "answered the same": _answered_in_full,
    "erased": lambda invitation: Invitation.objects.filter(pk=invitation.pk).delete(),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_whatever_happened_meanwhile_is_heeded(browser: Client, meanwhile: str) -> None:
    """Of two alike, one says what its page was and the other has to be looked up."""
    version = published(_of_one())
    wish = Wish(name="CRM", url="https://crm.example/hook", events=list(kinds.EVENTS))
    endpoints.add(wish, NOW)
    outcomes = []
    for said in (True, False):
        invitation = InvitationFactory(version=version)
        fields = filled(browser, invitation)
        MEANWHILE[meanwhile](invitation)
        response = browser.post(link(invitation), fields if said else without(fields))
        outcomes.append(outcome(invitation, response))
    assert outcomes[0] == outcomes[1]


def _of(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values, max_size=3)


@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            "page": st.sampled_from([["fix"], ["cause"], ["closing"], ["none such"]]),
            "shown_in": st.sampled_from([["en"], ["de"], ["xx"]]),
            "lang": st.sampled_from([["de"], ["ar"]]),
            "go": st.just(["back"]),
            **{name: _of(st.sampled_from("0123456x")) for name in ("F1", "F2", "S1", "C1", "O2")},
            "F3": _of(st.sampled_from("1234567")),
            "fix_comment": _of(st.text(max_size=10).filter(lambda text: "\0" not in text)),
        },
    ),
    arm=st.sampled_from(["fix_first", "cause_first"]),
    n_agents=st.integers(0, 3),
)
def test_any_first_post_ends_alike(fields: dict[str, list[str]], arm: str, n_agents: int) -> None:
    browser = Client()
    outcomes = []
    for said in (True, False):
        invitation = InvitationFactory(
            arm=arm, resolution__n_agents=n_agents, resolution__human_handled=n_agents > 0
        )
        code = form(browser.get(link(invitation))).fields[FIELD]
        response = browser.post(link(invitation), fields | ({FIELD: code} if said else {}))
        outcomes.append(outcome(invitation, response))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "code", [[], [""], ["0" * 16], ["x" * 70_000], ["🙏"], ["fix", "both"], ["{}"]]
)
def test_a_code_that_is_not_known_here_changes_nothing(browser: Client, code: list[str]) -> None:
    invitation = InvitationFactory()
    fields = filled(browser, invitation)
    response = browser.post(link(invitation), fields | {FIELD: code})
    assert response.status_code == 303
    assert Response.objects.get().f1 == 4


def test_one_surveys_code_does_not_open_another(browser: Client) -> None:
    """Of other facts, and with a link that was never given out."""
    several = InvitationFactory(resolution__n_agents=2)
    code = filled(browser, InvitationFactory())[FIELD]
    assert filled(browser, several)[FIELD] != code
    browser.post(link(several), {FIELD: code, **ANSWERS})
    assert Response.objects.get().invitation_id == several.pk
    response = browser.post("/s/neverGivenOut/", {FIELD: code, **ANSWERS})
    assert response.status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("committed", [False, True])
def test_a_connection_that_breaks_costs_nothing_and_stores_once(
    browser: Client, committed: bool
) -> None:
    """Before the statement, or behind its commit and before its result."""
    invitation = InvitationFactory()
    fields = filled(browser, invitation)
    broken: list[str] = []

    def breaking(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if broken or "INSERT INTO surveys_response " not in sql:
            return execute(sql, params, many, context)
        broken.append(sql)
        if committed:
            execute(sql, params, many, context)
        connection.connection.close()
        if committed:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(breaking):
        response = browser.post(link(invitation), fields)

    assert (len(broken), response.status_code) == (1, 303)
    stored = Response.objects.get()
    assert (stored.f1, stored.n_revisions) == (4, 1)
    assert (ResponseRevision.objects.count(), AnswerChange.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_told(browser: Client) -> None:
    invitation = InvitationFactory()
    fields = filled(browser, invitation)

    def away(*_: Any) -> Any:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        response = browser.post(link(invitation), fields)
    assert response.status_code == 503
    assert b"Thank you." in response.content
    assert form(response).fields[FIELD] == fields[FIELD]
    assert not Response.objects.exists()


def test_the_closing_time_is_the_invitations_own(browser: Client) -> None:
    """Nothing of the survey that taught the code is taken for another's."""
    long, short = InvitationFactory(), InvitationFactory(expires_at=NOW + timedelta(days=1))
    assert filled(browser, long)[FIELD] == filled(browser, short)[FIELD]
    Invitation.objects.filter(pk=short.pk).update(expires_at=NOW - timedelta(seconds=1))
    assert browser.post(link(short), filled(browser, long)).status_code == 404
    assert browser.post(link(long), filled(browser, long)).status_code == 303
