"""The inbox of caught mail, and the case that fills it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from surveys.models import Case, Delivery, User
from surveys.services.publishing import ensure_defaults
from tests.factories import PolicyFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role


@pytest.fixture
def mail(settings: Any, tmp_path: Path) -> Path:
    """The directory of the catcher."""
    settings.CAUGHT_MAIL = tmp_path
    return tmp_path


def catch(directory: Path, name: str, **headers: str) -> None:
    message = EmailMessage()
    for header, value in {"From": "a@x.org", "To": "ada@example.com", **headers}.items():
        message[header.replace("_", "-")] = value
    message.set_content("Please tell us: https://x.org/s/t/")
    message.add_alternative(
        "<html><head><title>t</title></head><body><a href='https://x.org/s/t/?F1=5'>5</a></body>",
        subtype="html",
    )
    (directory / f"{name}.eml").write_bytes(message.as_bytes())


def test_the_newest_mail_stands_first(mail: Path) -> None:
    catch(mail, "001-1-1", Subject="First")
    catch(mail, "002-1-2", Subject="Second")
    page = client_of(Role.MANAGER).get("/demo/inbox/")
    assert [line.subject for line in page.context["mails"]] == ["Second", "First"]


def test_an_empty_inbox_says_what_to_do(mail: Path) -> None:
    page = client_of(Role.MANAGER).get("/demo/inbox/").content.decode()
    assert "Resolve a case above, and its survey arrives here." in page


def test_a_mail_is_shown_as_text_as_html_and_with_its_headers(mail: Path) -> None:
    catch(mail, "001", Subject="How was it?", List_Unsubscribe="<https://x.org/u/t/>")
    client = client_of(Role.MANAGER)
    opened = client.get("/demo/inbox/001/").context["mail"]
    assert opened.text == "Please tell us: https://x.org/s/t/\n"
    assert ("List-Unsubscribe", "<https://x.org/u/t/>") in opened.headers
    assert b"?F1=5" in client.get("/demo/inbox/001/html/").content


def test_only_of_a_survey_the_hint_speaks_of_ratings(mail: Path) -> None:
    catch(mail, "001", Subject="How was it?")
    digest = EmailMessage()
    digest["Subject"], digest["To"] = "Fix and cause", "mia@x.org"
    digest.set_content("Open: https://x.org/settings/digests/ or https://x.org/?from=2026-01-01")
    digest.add_alternative("<html><head></head><body>Figures</body></html>", subtype="html")
    (mail / "002.eml").write_bytes(digest.as_bytes())
    client = client_of(Role.MANAGER)
    said = {name: client.get(f"/demo/inbox/{name}/").content.decode() for name in ("001", "002")}
    assert "Tapping a rating opens the survey" in said["001"]
    assert "Tapping a rating" not in said["002"]
    assert "Written to staff, not to a customer." in said["002"]


def test_the_html_of_a_mail_can_do_nothing(mail: Path) -> None:
    catch(mail, "001", Subject="x")
    page = client_of(Role.MANAGER).get("/demo/inbox/001/html/")
    policy = page["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"


def test_only_the_page_of_a_mail_may_hold_a_frame(mail: Path) -> None:
    catch(mail, "001", Subject="x")
    client = client_of(Role.MANAGER)
    assert "frame-src 'self'" in client.get("/demo/inbox/001/")["Content-Security-Policy"]
    assert "frame-src" not in client.get("/demo/inbox/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["nothing", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", ".hidden", "a%00b", "x" * 300]
)
def test_a_name_out_of_the_directory_is_no_mail(mail: Path, name: str) -> None:
    (mail.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert client_of(Role.MANAGER).get(f"/demo/inbox/{name}/").status_code == 404


def test_an_unreadable_mail_does_not_break_the_page(mail: Path) -> None:
    (mail / "001.eml").write_bytes(
        b"Subject: =?utf-8?b?////?=\r\nContent-Type: text/plain; charset=nowhere\r\n\r\n\xff\xfe"
    )
    (mail / "002.eml").write_bytes(b"")
    client = client_of(Role.MANAGER)
    assert [client.get(path).status_code for path in ("/demo/inbox/", "/demo/inbox/001/")] == [
        200,
        200,
    ]
    assert client.get("/demo/inbox/002/").status_code == 200


def test_subjects_are_inert(mail: Path) -> None:
    catch(mail, "001", Subject="<script>alert(1)</script>")
    client = client_of(Role.MANAGER)
    for path in ("/demo/inbox/", "/demo/inbox/001/"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_where_mail_leaves_for_real_nothing_is_shown_or_sent(settings: Any) -> None:
    settings.CAUGHT_MAIL = None
    client = client_of(Role.ADMIN)
    page = client.get("/demo/inbox/").content.decode()
    assert "A mail server is configured" in page
    assert "Resolve a case now" not in page
    client.post("/demo/case/")
    assert Case.objects.count() == 0


def test_a_tried_case_is_due_at_once_in_the_wanted_language(mail: Path) -> None:
    ensure_defaults()
    answer = client_of(Role.MANAGER).post("/demo/case/", {"language": "de"})
    delivery = Delivery.objects.select_related("invitation__resolution__case__customer").get()
    case = delivery.invitation.resolution.case
    assert answer["Location"] == "/demo/inbox/?waiting=0"
    assert delivery.status == "queued"
    assert delivery.due_at == delivery.invitation.due_at == case.last_event_at
    assert delivery.invitation.language == "de"
    assert case.subject == "Kein Netz nach dem Tarifwechsel"
    assert case.is_sample
    assert case.customer is not None
    assert case.customer.email.endswith("@demo.example")


def test_a_case_that_the_policy_leaves_out_says_why(mail: Path) -> None:
    ensure_defaults()
    policy = PolicyFactory()
    policy.enabled = False
    policy.save()
    page = client_of(Role.MANAGER).post("/demo/case/", follow=True).content.decode()
    assert "The case was resolved, but not surveyed:" in page


def test_every_tried_case_is_a_customer_never_seen_before(mail: Path) -> None:
    ensure_defaults()
    client = client_of(Role.MANAGER)
    for _ in range(3):
        client.post("/demo/case/")
    assert Delivery.objects.filter(status="queued").count() == 3


def test_waiting_ends_when_a_mail_more_is_there(mail: Path) -> None:
    client = client_of(Role.MANAGER)
    assert client.get("/demo/inbox/?waiting=0").context["is_waiting"]
    assert client.get("/demo/inbox/count/").json() == {"n_mails": 0}
    catch(mail, "001", Subject="x")
    assert not client.get("/demo/inbox/?waiting=0").context["is_waiting"]
    assert client.get("/demo/inbox/count/").json() == {"n_mails": 1}


def test_the_pictures_that_came_along_are_shown(mail: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Digest"
    message.set_content("x")
    message.add_alternative('<img src="cid:a@x.org"><img src="cid:b@x.org">', subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    html.add_related(b"\x89PNG", "image", "png", cid="<a@x.org>")  # type: ignore[union-attr]
    html.add_related(b"<svg/>", "image", "svg+xml", cid="<b@x.org>")  # type: ignore[union-attr]
    (mail / "001.eml").write_bytes(message.as_bytes())
    shown = client_of(Role.MANAGER).get("/demo/inbox/001/html/").content.decode()
    assert '<img src="data:image/png;base64,iVBORw==">' in shown
    assert "cid:b@x.org" in shown  # a drawing may carry more than a picture
