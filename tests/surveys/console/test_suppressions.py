"""The pages of the suppression list, and of what came back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from surveys.models import Delivery, Suppression, SuppressionChange
from surveys.services.suppressions import Told, suppress
from tests.factories import NOW, SuppressionFactory, TeamFactory
from tests.surveys.services.came_back import ADDRESS, HARD, POLICY, bounce, sent, take
from tests.surveys.services.outbox import queued, story
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
LIST = "/settings/suppressions/"
IMPORT = f"{LIST}import/"


@pytest.fixture
def admin() -> Client:
    return client_of("admin", email="boss@northline.example")


def said(answer: Any) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def upload(client: Client, content: bytes, *, really: bool) -> Any:
    file = SimpleUploadedFile("list.csv", content, "text/csv")
    return client.post(IMPORT, {"file": file} | ({"really": "yes"} if really else {}))


def addresses() -> dict[str, str]:
    return dict(Suppression.objects.values_list("email", "reason"))


def test_list_is_searched_by_part_whole_and_reason(admin: Client) -> None:
    for n, reason in enumerate(["unsubscribed", "bounced", "complained"]):
        suppress(f"ada{n}@example.com", reason, now=NOW + timedelta(minutes=n))
    suppress("gone@example.com", "erased", now=NOW)
    page = said(admin.get(LIST))
    assert [f"ada{n}@example.com" in page for n in range(3)] == [True] * 3
    assert "an erased address" in page
    assert "gone@" not in page
    page = said(admin.get(LIST, {"q": "ADA1"}))
    assert ("1 suppression<" in page, "ada2@example.com</th>" in page) == (True, False)
    assert "1 suppression<" in said(admin.get(LIST, {"reason": "bounced"}))
    # Who asks about a person by the whole address learns that they were erased.
    assert "1 suppression<" in said(admin.get(LIST, {"q": "gone@example.com"}))
    assert "None is like that" in said(admin.get(LIST, {"q": "nobody"}))


def test_added_address_gets_no_mail_any_more_and_the_log_says_who(admin: Client) -> None:
    delivery = queued("ada@example.com")
    admin.post(f"{LIST}add/", {"email": " Ada@Example.com ", "note": "asked by <b>phone</b>"})
    assert story(delivery) == ("cancelled", "cancelled")
    change = SuppressionChange.objects.get()
    assert (change.who, change.source, change.note) == (
        "boss@northline.example",
        "staff",
        "asked by <b>phone</b>",
    )
    assert "asked by &lt;b&gt;phone&lt;/b&gt;" in said(admin.get(LIST))


@pytest.mark.parametrize("typed", ["", "no address", "a@b@c", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_not_added(admin: Client, typed: str) -> None:
    answer = admin.post(f"{LIST}add/", {"email": typed}, follow=True)
    assert "is not an e-mail address" in said(answer)
    assert addresses() == {}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("bounced", "No such address or number"),
        ("unreachable", "Mails or messages kept coming back"),
    ],
)
def test_a_number_is_not_said_to_be_a_mailbox(admin: Client, reason: str, words: str) -> None:
    held = suppress("+4915112345678", reason)
    for page in (LIST, f"{LIST}{held.pk}/"):
        assert words in said(admin.get(page))


def test_subscribing_again_wants_words_and_is_logged_for_good(admin: Client) -> None:
    held = suppress("ada@example.com", "unsubscribed", now=NOW)
    lift = f"{LIST}{held.pk}/lift/"
    assert "Say how the person asked" in said(admin.post(lift, {"note": "  "}, follow=True))
    assert addresses() == {"ada@example.com": "unsubscribed"}

    page = said(admin.post(lift, {"note": "by phone, case 4711"}, follow=True))
    assert "may be written to again" in page
    assert addresses() == {}
    change = SuppressionChange.objects.filter(kind="lifted").get()
    assert (change.note, change.who, change.reason) == (
        "by phone, case 4711",
        "boss@northline.example",
        "unsubscribed",
    )
    assert "by phone, case 4711" in said(admin.get(LIST, {"q": "ada@example.com"}))
    assert admin.post(lift, {"note": "again"}).status_code == 404


def test_erased_person_is_never_subscribed_again(admin: Client) -> None:
    held = suppress("ada@example.com", "erased", now=NOW)
    assert "Nobody is left" in said(admin.get(f"{LIST}{held.pk}/"))
    admin.post(f"{LIST}{held.pk}/lift/", {"note": "please"})
    assert Suppression.objects.filter(pk=held.pk).exists()


# --- files ----------------------------------------------------------------------------------------

FILE = (
    "\ufeffemail;reason\r\n"
    "ada@example.com;unsubscribed\r\n"
    "BOB@example.com;\r\n"
    "bob@example.com;bounced\r\n"
    "nobody;manual\r\n"
    "eve@example.com;because\r\n"
    "mal@example.com;erased\r\n"
    "\r\n"
    "known@example.com;manual\r\n"
).encode()


def test_file_is_examined_first_and_imported_when_asked(admin: Client) -> None:
    suppress("known@example.com", "complained", now=NOW)
    waiting = queued("ada@example.com")
    page = said(upload(admin, FILE, really=False))
    assert "Nothing was changed" in page
    for fault in ("nobody", "is not an e-mail address", "because", "is no reason", "erased"):
        assert fault in page
    assert addresses() == {"known@example.com": "complained"}
    assert story(waiting) == ("queued", "scheduled")

    assert "list.csv is imported" in said(upload(admin, FILE, really=True))
    expected = {
        "known@example.com": "complained",
        "ada@example.com": "unsubscribed",
        "bob@example.com": "manual",
    }
    assert addresses() == expected
    assert story(waiting) == ("cancelled", "cancelled")
    n_changes = SuppressionChange.objects.count()
    assert SuppressionChange.objects.filter(who="boss@northline.example").count() == 2

    upload(admin, FILE, really=True)
    assert (addresses(), SuppressionChange.objects.count()) == (expected, n_changes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"name,reason\nada,x", "one of them must be"),
        (b"email,password\nada@example.com,x", "no column"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than"),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_the_mend(
    admin: Client, content: bytes, words: str
) -> None:
    file = SimpleUploadedFile("x.csv", content) if content else None
    answer = admin.post(IMPORT, {"file": file, "really": "yes"} if file else {"really": "yes"})
    assert answer.status_code == 400
    assert (words if content else "Choose a file") in answer.content.decode()
    assert addresses() == {}


@pytest.fixture(params=[131_072, 10_000_000])
def _csv_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """The longest cell that the csv module reads, of the whole process: as it is at first, and as
    an import of cases leaves it."""
    before = csv.field_size_limit(request.param)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("_csv_limit")
def test_broken_lines_are_named_and_the_others_taken(admin: Client) -> None:
    long = b"x" * 200_000
    content = b"email\nada@example.com\n" + long + b"\n\x00\n=cmd@example.com\nbob@example.com\n"
    page = said(upload(admin, content, really=True))
    assert "cannot be read" in page
    assert {"ada@example.com", "bob@example.com"} <= set(addresses())


def test_export_starts_no_formula_and_can_be_imported(admin: Client) -> None:
    for email in ("=cmd@example.com", "+49@example.com", "ada@example.com"):
        SuppressionFactory(email=email, source="link", who="@boss@example.com")
    suppress("gone@example.com", "erased", now=NOW)
    answer = admin.get(f"{LIST}export.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = answer.getvalue()
    lines = list(csv.reader(io.StringIO(content.decode())))
    assert lines[0] == ["email", "reason", "since", "source", "who"]
    assert len(lines) == 4
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line)

    before = addresses()
    Suppression.objects.exclude(email="").delete()
    upload(admin, content, really=True)
    assert addresses() == before


# --- what came back -------------------------------------------------------------------------------


def test_pages_show_what_came_back_to_whom_it_concerns(admin: Client, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    mail = sent("ada@example.com")
    take(bounce(mail, *HARD), NOW)
    take(bounce(sent("bob@example.org"), POLICY[0], "550 5.7.1 <b>spam</b>"), NOW)
    page = said(admin.get("/settings/bounces/"))
    for words in ("550 5.1.1 no such user", "&lt;b&gt;spam&lt;/b&gt;", "example.org"):
        assert words in page
    assert "ada@example.com" not in page
    assert "Nobody reads what comes back" in page
    assert "no such user" not in said(admin.get("/settings/bounces/", {"kind": "policy"}))

    case = f"/cases/{mail.invitation.resolution.case_id}/"
    assert "What came back of the invitation" in said(admin.get(case))
    # Whether it came back would tell a lead that this customer cannot have answered.
    resolution = mail.invitation.resolution
    resolution.team = TeamFactory()
    resolution.save()
    seen = said(client_of("team_lead", team=resolution.team).get(case))
    assert ("A survey was sent." in seen, "ame back" in seen, "no such user" in seen) == (
        True,
        False,
        False,
    )
    address = f"/api/v1/cases/{resolution.case.source}/{resolution.case.external_id}/"
    told = client_of("team_lead", team=resolution.team).get(address).json()
    assert [told["resolutions"][0]["invitation"][name] for name in ("status", "reason")] == [
        "sent",
        "",
    ]
    assert admin.get(address).json()["resolutions"][0]["invitation"]["status"] == "failed"


def test_page_says_what_is_not_set(admin: Client, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    assert "Nothing can come back yet" in said(admin.get("/settings/bounces/"))


def test_told_is_kept_beside_what_a_bounce_did(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    suppress("ada@example.com", "manual", now=NOW, told=Told("staff", "boss@northline.example"))
    take(bounce(sent("ada@example.com"), *HARD))
    assert list(
        SuppressionChange.objects.order_by("pk").values_list("kind", "reason", "source", "who")
    ) == [
        ("added", "manual", "staff", "boss@northline.example"),
        ("weightier", "bounced", "report", ""),
    ]
    assert Delivery.objects.filter(status="failed").count() == 1
