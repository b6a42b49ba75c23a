"""A customer's telephone number, from where it is told to where it is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from surveys.api.described import CUSTOMER_IN
from surveys.models import (
    Case,
    CaseEvent,
    Customer,
    ErasedCustomer,
    Suppression,
    SuppressionChange,
)
from surveys.services import privacy, suppression_list
from surveys.services.access import EVERYTHING
from surveys.services.case_view import describe, matching, readable_cases, rows
from surveys.services.intake_shapes import Rejected
from surveys.services.phones import NOT_A_NUMBER, is_phone, phone_of
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import Told
from surveys.services.tokens import email_hash
from tests.surveys.services.told import NOW, at, case, read, take

pytestmark = pytest.mark.django_db
NUMBER = "+493090182000"
ADA = {"email": "ada@example.com", "name": "Ada", "phone": "+49 (30) 901-820.00"}


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 30 901820", "+4930901820"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("+33.1.42.68.53.00", "+33142685300"),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
        ("+1234567", None),
        ("+1234567890123456", None),
        ("030 901820", None),
        ("0049 30 901820", None),
        ("+0 30 901820 00", None),
        ("+49 30 901820 ext. 5", None),
        ("+٤٩٣٠٩٠١٨٢٠٠", None),
        ("++4930901820", None),
        ("+49/30/901820", None),
        ("ada@example.com", None),
        ("", None),
    ],
)
def test_phone_of_takes_e164_alone(text: str, number: str | None) -> None:
    assert phone_of(text) == number


def test_phone_is_told_from_an_address() -> None:
    assert [is_phone(a) for a in (NUMBER, "+1@example.com", "ada@example.com", "")] == [
        *(True, False, False, False)
    ]


@pytest.mark.parametrize("wrong", ["030 901820", "+49 30 9x1820", "+1234567"])
def test_wrong_number_rejects_the_case_and_names_the_field(wrong: str) -> None:
    [rejected] = read(case(customer={"email": "ada@example.com", "phone": wrong}))
    assert isinstance(rejected, Rejected)
    assert rejected.errors == [("customer.phone", NOT_A_NUMBER)]


def test_number_is_a_fact_of_the_customer_and_the_newest_stays() -> None:
    newer = {"email": "ada@example.com", "phone": "+493090182001"}
    take(case(external_id="2", customer=newer, resolved_at=at(1)), case(customer=ADA))
    [customer] = Customer.objects.all()
    assert (customer.key, customer.phone) == ("mail:ada@example.com", "+493090182001")
    take(case(external_id="3", customer=ADA, resolved_at=at(0)))
    assert Customer.objects.get().phone == NUMBER


@pytest.mark.parametrize(
    ("customer", "key"),
    [
        ({"external_id": "c-1", "phone": NUMBER}, "id:desk:c-1"),
        ({"phone": NUMBER}, f"tel:{NUMBER}"),
    ],
)
def test_customer_without_an_address_keeps_the_number(customer: Any, key: str) -> None:
    take(case(customer=customer))
    found = Case.objects.get().customer
    assert found is not None
    assert (found.key, found.email, found.phone) == (key, "", NUMBER)


def test_later_event_with_the_number_alone_does_not_move_the_case() -> None:
    take(case(customer=ADA, resolved_at=at(5)))
    take(case(status="reopened", resolved_at=None, occurred_at=at(1), customer={"phone": NUMBER}))
    found = Case.objects.get().customer
    assert found is not None
    assert found.key == "mail:ada@example.com"


def test_number_is_shown_searched_and_exported_with_the_address() -> None:
    take(case(customer=ADA))
    sight = EVERYTHING
    [found] = readable_cases(sight).filter(matching("+49 30 90182000", sight))
    described = describe(found, sight)
    assert described["customer"]["phone"] == NUMBER
    assert [row["customer_phone"] for row in rows(described)] == [NUMBER]
    assert "phone" in CUSTOMER_IN["properties"]


def test_csv_takes_the_number_also_as_an_export_guards_it(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        "external_id,status,resolved_at,customer_email,customer_phone\n"
        f"1,resolved,{at(5)},a@example.com,+49 30 901820-00\n"
        f"2,resolved,{at(5)},b@example.com,'{NUMBER}\n"
        f"3,resolved,{at(5)},c@example.com,\n"
        f"4,resolved,{at(5)},d@example.com,901820\n"
    )
    call_command("import_cases", str(file), verbosity=0)
    told = dict(Customer.objects.order_by("email").values_list("email", "phone"))
    assert told == {"a@example.com": NUMBER, "b@example.com": NUMBER, "c@example.com": ""}
    assert "customer_phone" in (tmp_path / "cases.csv.rejected.csv").read_text()


@pytest.mark.parametrize("by", ["ada@example.com", NUMBER])
def test_erasure_forgets_the_number_and_keeps_it_from_coming_back(by: str) -> None:
    take(
        case(customer=ADA),
        case(external_id="2", customer={"phone": NUMBER}),
        case(external_id="3", customer={"email": "bob@example.com"}),
    )
    assert privacy.erase(by, NOW).customers == 2
    assert not Customer.objects.exclude(phone="", phone_at=None).exists()
    assert "901820" not in str(list(CaseEvent.objects.values_list("content", flat=True)))
    hashes = {email_hash("ada@example.com"), email_hash(NUMBER)}
    assert set(ErasedCustomer.objects.values_list("email_hash", flat=True)) == hashes
    erased = Suppression.objects.filter(reason="erased", email="")
    assert set(erased.values_list("email_hash", flat=True)) == hashes
    take(case(customer=ADA, resolved_at=at(1)), case(external_id="4", customer={"phone": NUMBER}))
    assert not Customer.objects.exclude(phone="").exists()
    # Somebody else with the same telephone: they stay, without it.
    take(case(external_id="5", customer={"email": "eve@example.com", "phone": NUMBER}))
    assert Customer.objects.get(email="eve@example.com").phone == ""


def test_list_of_suppressions_takes_and_gives_numbers_by_hash() -> None:
    told = Told(Suppression.Source.IMPORT)
    content = b"email,reason\n+49 30 901820-00,unsubscribed\n'+493090182001,\n030,\n"
    taken = suppression_list.take(content, now=NOW, told=told, dry=False)
    assert (taken.n_new, taken.n_faults) == (2, 1)
    assert set(Suppression.objects.values_list("email", "email_hash")) == {
        (number, email_hash(number)) for number in (NUMBER, "+493090182001")
    }
    assert [one.email for one in suppression_list.search(NUMBER)] == [NUMBER]
    assert SuppressionChange.objects.count() == 2
