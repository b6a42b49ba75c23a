"""Erasing a person."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from surveys.models import (
    AnswerChange,
    Case,
    CaseEvent,
    Customer,
    Delivery,
    ErasedCustomer,
    Invitation,
    LinkOpening,
    Resolution,
    Response,
    ResponseRevision,
    Suppression,
    SuppressionChange,
)
from surveys.services import privacy
from surveys.services.delivery_claims import Scope, claim
from surveys.services.delivery_outcomes import release
from surveys.services.privacy import Erased
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import Told, lift, suppress
from surveys.services.tokens import email_hash
from tests.factories import (
    CustomerFactory,
    DeliveryFactory,
    InvitationFactory,
    ResponseFactory,
    ResponseRevisionFactory,
)
from tests.surveys.services.told import NOW, at, case, dump, take

pytestmark = pytest.mark.django_db
ADA = {"email": "ada@example.com", "name": "Ada Lovelace", "external_id": "c-ada"}


@pytest.fixture(autouse=True)
def _people() -> None:
    """Ada with two cases, of which one is answered, and Bob."""
    ensure_defaults()
    take(
        case(customer=ADA, subject="Ada's line is dead", tags=["lovelace"]),
        case(external_id="2", customer=ADA, resolved_at=at(2), subject="Ada again"),
        case(external_id="2", status="reopened", resolved_at=None, occurred_at=at(1),
             customer=None, subject="Lovelace waits"),
        case(external_id="3", customer={"email": "bob@example.com"}, subject="Bob"),
    )  # fmt: skip
    first = Invitation.objects.get(resolution__case__external_id="1")
    first.status = "sent"
    first.save()
    Delivery.objects.filter(invitation=first).update(
        status="sent", last_error="250 ok ada@example.com"
    )
    response = ResponseFactory(invitation=first, fix_comment="I am Ada Lovelace")
    ResponseRevisionFactory(response=response, answers={"fix_comment": "I am Ada Lovelace"})


def _tables_with(text: str) -> list[str]:
    """Every table in which the text stands anywhere."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            query = f"SELECT 1 FROM {table} t WHERE t::text ILIKE %s LIMIT 1"  # noqa: S608
            cursor.execute(query, [f"%{text}%"])
            if cursor.fetchone():
                found.append(table)
    return found


def test_erase_leaves_no_identifier_in_any_table() -> None:
    assert _tables_with("ada@example.com")
    assert privacy.erase(" ADA@example.com", NOW) == Erased(1, 2, 3, 2, 1)
    for text in ("ada@example", "lovelace", "c-ada", "Ada again"):
        assert _tables_with(text) == []
    assert Customer.objects.filter(email="bob@example.com").exists()
    assert Case.objects.get(external_id="3").subject == "Bob"


def test_erase_withdraws_the_mails_of_every_record_of_the_person() -> None:
    """Also of one that the helpdesk knows by a number of its own."""
    known_by_number = CustomerFactory(email="ada@example.com", key="desk:c-9")
    invitation = InvitationFactory(resolution__case__customer=known_by_number)
    reminder = DeliveryFactory(invitation=invitation, kind=Delivery.Kind.REMINDER)

    privacy.erase("ada@example.com", NOW)

    reminder.refresh_from_db()
    assert reminder.status == "cancelled"


def test_survey_that_was_on_its_way_at_the_erasure_says_so_after_the_next_event() -> None:
    """A worker had the mail, the mail server wanted it later, and the helpdesk edits the case."""
    claimed = claim(Scope(NOW), 10)
    privacy.erase("bob@example.com", NOW)
    release(claimed.lease, claimed.mails)
    bob = Invitation.objects.get(resolution__case__external_id="3")
    assert bob.status == "scheduled"

    take(case(external_id="3", customer=None, occurred_at=at(1), resolved_at=at(1)))

    bob.refresh_from_db()
    assert (bob.status, bob.reason_code) == ("skipped", "erased")


def test_erase_leaves_nothing_in_the_log_of_suppressions_nor_of_opened_links() -> None:
    first = Invitation.objects.get(resolution__case__external_id="1")
    LinkOpening.objects.create(invitation=first, opened_at=NOW, link="F1=4")
    told = Told("staff", "boss@example.org", "Ms Lovelace called")
    suppress("ada@example.com", "manual", now=NOW, told=told)
    lift("ada@example.com", now=NOW, told=told)
    kinds = ["added", "lifted"]
    assert "surveys_suppressionchange" in _tables_with("lovelace")

    privacy.erase("ada@example.com", NOW)

    for text in ("ada@example", "lovelace"):
        assert _tables_with(text) == []
    changes = SuppressionChange.objects.order_by("pk")
    assert list(changes.values_list("kind", flat=True)) == [*kinds, "added"]
    assert not LinkOpening.objects.exists()


def test_erase_keeps_the_cases_and_notes_the_answers_to_subtract() -> None:
    [number] = Response.objects.values_list("pk", flat=True)
    privacy.erase("ada@example.com", NOW)
    assert (Case.objects.count(), Resolution.objects.count()) == (3, 3)
    assert not Response.objects.exists()
    assert not ResponseRevision.objects.exists()
    assert AnswerChange.objects.get().response_id == number


def test_erase_voids_links_and_what_waits() -> None:
    tokens = set(Invitation.objects.values_list("token_hash", flat=True))
    privacy.erase("ada@example.com", NOW)
    of_ada = Invitation.objects.filter(customer__erased_at__isnull=False)
    assert sorted(of_ada.values_list("status", flat=True)) == ["cancelled", "sent"]
    assert not tokens & set(of_ada.values_list("token_hash", flat=True))
    assert Delivery.objects.filter(status="queued", invitation__in=of_ada).count() == 0
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.email) == ("erased", "")
    assert ErasedCustomer.objects.get().email_hash == email_hash("ada@example.com")


def test_erase_again_changes_nothing() -> None:
    privacy.erase("ada@example.com", NOW)
    before = dump(), AnswerChange.objects.count()
    assert privacy.erase("ada@example.com", NOW) == Erased(0, 0, 0, 0, 0)
    assert (dump(), AnswerChange.objects.count()) == before


def test_erase_dry_run_only_counts() -> None:
    before = dump()
    assert privacy.erase("ada@example.com", NOW, dry=True) == Erased(1, 2, 3, 2, 1)
    assert dump() == before
    assert not Suppression.objects.exists()


def test_erased_events_sent_again_bring_nothing_back() -> None:
    privacy.erase("ada@example.com", NOW)
    before = dump()
    outcomes = take(
        case(customer=ADA, subject="Ada's line is dead", tags=["lovelace"]),
        case(external_id="2", status="reopened", resolved_at=None, occurred_at=at(1),
             customer=None, subject="Lovelace waits"),
    )  # fmt: skip
    assert [outcome.outcome for outcome in outcomes] == ["unchanged", "unchanged"]
    assert dump() == before


def test_erased_customers_are_not_surveyed_again() -> None:
    privacy.erase("ada@example.com", NOW)
    take(case(external_id="9", customer=ADA, resolved_at=at(0)))
    invitation = Invitation.objects.get(resolution__case__external_id="9")
    assert (invitation.status, invitation.reason) == (
        "skipped",
        "The customer was erased on request",
    )
    assert _tables_with("ada@example") == []
    assert CaseEvent.objects.get(case__external_id="9").content["customer"] == {"erased": True}
