"""The mails of a questionnaire, looked at and sent to oneself: real, marked, and never counted."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from surveys.models import PreviewLink, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import brands, mail_tests
from surveys.services.publishing import ensure_defaults
from tests.factories import NOW, BrandFactory, ResolutionFactory, UserFactory
from tests.smtp_server import ACCEPT_AND_DROP, DROP, SmtpServer
from tests.surveys.services.pictures import picture
from tests.surveys.staff import BACKEND, NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db

PAGE = "/questionnaires/default/mail/"
#: A request of a signed-in user may write these: the session and the link that the mail carries.
WRITTEN = {"surveys.PreviewLink", "sessions.Session"}


@pytest.fixture(autouse=True)
def defaults() -> None:
    ensure_defaults()


def designer(email: str = "dora@example.org", role: str = User.Role.DESIGNER) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, email=email, password=NO_PASSWORD), BACKEND)
    return client


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label not in WRITTEN and model._meta.managed
    }


def sent(smtp: SmtpServer) -> EmailMessage:
    (mail,) = smtp.received
    message = message_from_bytes(mail.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_is_shown_in_all_its_parts() -> None:
    brand = BrandFactory(name="Fibre", sender_name="Fibre care", reply_to="a@fibre.example")
    page = designer().get(PAGE, {"brand": brand.slug, "language": "de"}).content.decode()
    assert "Fibre care &lt;" in page
    assert "a@fibre.example" in page
    assert "No signal at home" in page
    assert "Alex," in page
    for scheme in ("light", "dark"):
        found = re.search(rf'src="([^"]+scheme={scheme})" sandbox="allow-same-origin"', page)
        assert found
        answer = designer(f"{scheme}@example.org").get(unescape(found.group(1)))
        html = answer.content.decode()
        assert 'lang="de"' in html
        assert "prefers-color-scheme" not in html
        assert (f"@media {'all' if scheme == 'dark' else 'not all'}" in html) is True
        assert "script-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
@pytest.mark.parametrize("arm", ["fix_first", "cause_first"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_mail_can_be_chosen(kind: str, arm: str, language: str) -> None:
    asked = {"kind": kind, "arm": arm, "language": language, "version": "1"}
    html = designer().get(f"{PAGE}html/", asked).content.decode()
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html
    assert ("?F1=" in html) is (arm == "fix_first")


@pytest.mark.parametrize(("asks", "item"), [("fix", "F1"), ("cause", "C1")])
def test_a_mail_about_one_half_can_be_chosen(asks: str, item: str) -> None:
    html = designer().get(f"{PAGE}html/", {"asks": asks, "arm": "fix_first"}).content.decode()
    assert f"?{item}=1" in html
    assert "two separate things" not in html


def test_nonsense_shows_what_comes_first_and_a_missing_version_is_not_there() -> None:
    client = designer()
    odd = {"kind": "x", "arm": "<", "language": "xx", "brand": "none", "case": "9" * 40}
    assert client.get(PAGE, odd).status_code == 200
    for version in ("99", "x", "-1", "9" * 50, ""):
        assert client.get(PAGE, {"version": version}).status_code == 404


def test_a_draft_without_a_headline_says_so_and_is_not_sent(smtp: SmtpServer) -> None:
    document: Any = to_builtins(default_definition())
    document["blocks"] = []
    version = apps.get_model("surveys", "QuestionnaireVersion").objects.get(number=1)
    QuestionnaireDraft.objects.create(
        questionnaire=version.questionnaire, definition=document, changed_at=NOW
    )
    client = designer()
    assert "no headline question" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}html/").status_code == 404
    page = client.post(f"{PAGE}test/", follow=True).content.decode()
    assert "Not sent: " in page
    assert smtp.received == []
    assert not PreviewLink.objects.exists()


def test_only_who_may_see_customers_sees_a_real_case() -> None:
    resolution = ResolutionFactory(
        case__subject="Router blinks red", case__customer__name="Jolanda <Customer>"
    )
    asked = {"case": str(resolution.pk)}
    admin = designer("admin@example.org", User.Role.ADMIN).get(PAGE, asked).content.decode()
    assert "Hello Jolanda &lt;Customer&gt;" in admin
    assert "Router blinks red" in admin
    other = designer().get(PAGE, asked).content.decode()
    # Not so short a name that a token of the page may hold it by chance.
    assert "Jolanda" not in other
    assert "Router" not in other


def test_a_test_goes_to_oneself_alone_marked_and_is_counted_nowhere(smtp: SmtpServer) -> None:
    brand = brands.save(
        brands.Wanted(
            slug="b", name="Fibre", accent="#7a1f5c", accent_dark="#f0a6d2", logo=picture()
        )
    )
    client = designer()
    before = counts()
    form = {"brand": brand.slug, "arm": "cause_first", "to": "victim@example.org"}
    page = client.post(f"{PAGE}test/", form, follow=True).content.decode()
    assert "Sent to dora@example.org" in page
    assert smtp.recipients == ["dora@example.org"]
    message = sent(smtp)
    assert message["To"] == "dora@example.org"
    assert message["Subject"].startswith("[Test] How did it go?")
    assert "This is a test of" in body(message, "html")
    assert body(message, "plain").startswith("*** This is a test of")
    links = set(re.findall(r"https?://\S+", body(message, "plain")))
    assert {urlsplit(found).path[:3] for found in links} == {"/p/"}
    assert counts() == before
    assert PreviewLink.objects.count() == 1

    # Its links: a walk through, marked, with the tapped answer; and again nothing is counted.
    stranger = Client()
    tapped = next(found for found in links if found.endswith("?C1=4"))
    opened = stranger.get(f"{urlsplit(tapped).path}?C1=4")
    assert "<strong>Test:</strong>" in opened.content.decode()
    way_out = next(found for found in links if found.endswith("/unsubscribe/"))
    assert "test mail" in stranger.get(urlsplit(way_out).path).content.decode()
    assert "test mail" in stranger.post(urlsplit(way_out).path).content.decode()
    path = urlsplit(tapped).path
    answer = stranger.post(path, {"page": "cause", "C1": "4", "cause_comment": "long"})
    assert answer.status_code == 200
    assert counts() == before
    assert stranger.cookies == {}


@pytest.mark.parametrize("role", [User.Role.MANAGER, User.Role.ANALYST])
def test_who_may_not_edit_sends_no_test(role: str, smtp: SmtpServer) -> None:
    assert client_of(role).post(f"{PAGE}test/").status_code == 404
    assert smtp.received == []


@pytest.mark.parametrize(
    ("verb", "reaction", "words"),
    [
        (
            "RCPT",
            "550 5.1.1 no such user",
            "Not sent to dora@example.org: the mail server answered",
        ),
        ("CONNECT", DROP, "Not sent to dora@example.org: the mail server 127.0.0.1"),
        ("MAIL", DROP, "Not sent to dora@example.org: before the mail was sent"),
        ("DOT", DROP, "Perhaps sent to dora@example.org: the connection was lost"),
        ("DOT", ACCEPT_AND_DROP, "Perhaps sent to dora@example.org: the connection was lost"),
    ],
)
def test_how_a_test_failed_is_said(smtp: SmtpServer, verb: Any, reaction: str, words: str) -> None:
    smtp.on(verb, reaction)
    client = designer()
    before = counts()
    assert words in client.post(f"{PAGE}test/", follow=True).content.decode()
    assert counts() == before


def test_tests_in_a_row_are_limited(smtp: SmtpServer) -> None:
    client = designer()
    for _ in range(5):
        client.post(f"{PAGE}test/")
    assert "Wait a minute" in client.post(f"{PAGE}test/", follow=True).content.decode()
    assert len(smtp.received) == 5
    designer("other@example.org").post(f"{PAGE}test/")
    assert len(smtp.received) == 6


@pytest.mark.parametrize(
    ("template", "language", "subject", "product"),
    [
        ("bank", "en", "Card declined abroad", "Current account"),
        ("bank", "de", "Karte im Ausland abgelehnt", "Current account"),
        ("saas", "en", "Export stops half-way", "Team plan"),
        ("", "en", "No signal at home", "Fibre 100"),
        ("gone", "de", "No signal at home", "Fibre 100"),
    ],
)
def test_a_made_up_case_is_of_the_questionnaires_trade(
    template: str, language: str, subject: str, product: str
) -> None:
    Questionnaire.objects.update(template=template)
    assert mail_tests.sample_for(template, language) == mail_tests.MergeData(
        "Alex", subject, product
    )
    page = client_of(User.Role.DESIGNER).get(f"{PAGE}?language={language}").content.decode()
    assert subject in page
