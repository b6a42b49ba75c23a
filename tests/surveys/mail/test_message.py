"""The bytes of a mail mean what was put in, and nothing put in becomes a header or markup."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import timeit
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.mail.message import Mailbox, MessageError, Values, build_message, parse_mailbox
from surveys.mail.skeleton import Skeleton, compile_skeleton
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.rendering import ARMS, Arm
from surveys.questionnaire.texts import clean_value
from tests.golden_files import GoldenFiles

SKELETON = compile_skeleton(default_definition(), "en", "fix_first", "invitation")
SURVEY_URL = "https://surveys.acme.example/s/Zk3-_token/"
UNSUBSCRIBE_URL = "https://surveys.acme.example/u/Zk3-_token/"
VALUES = Values(
    company="Acme Mobile",
    survey_url=SURVEY_URL,
    name="Jo Ünal",
    subject="Internet drops every evening",
)
SENDER = Mailbox("Acme Mobile", "surveys@acme.example")
CUSTOMER = Mailbox("", "jo@customer.example")
HEADER_NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]


def built(
    values: Values = VALUES,
    skeleton: Skeleton = SKELETON,
    *,
    sender: Mailbox = SENDER,
    to: Mailbox = CUSTOMER,
    message_id: str = "<inv-7.invitation@surveys.acme.example>",
    unsubscribe_url: str = UNSUBSCRIBE_URL,
    date: dt.datetime = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC),
    reply_to: Mailbox | None = None,
    unsubscribe_mailto: str | None = None,
) -> bytes:
    return build_message(
        skeleton,
        values,
        sender=sender,
        to=to,
        message_id=message_id,
        unsubscribe_url=unsubscribe_url,
        date=date,
        reply_to=reply_to,
        unsubscribe_mailto=unsubscribe_mailto,
    )


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(raw: bytes, kind: str) -> str:
    body = parsed(raw).get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def display_name(raw: bytes, header: str) -> str:
    """Read the old way: before Python 3.13 the new parser puts a space between encoded words."""
    message = email.message_from_bytes(raw)
    unfolded = re.sub(r"\r?\n ", " ", message[header])
    return str(make_header(decode_header(parseaddr(unfolded)[0])))


def test_headers_say_what_a_mailbox_needs_to_know() -> None:
    message = parsed(built())

    assert list(message.keys()) == HEADER_NAMES
    assert {name: message[name] for name in HEADER_NAMES if name != "Content-Type"} == {
        "From": "Acme Mobile <surveys@acme.example>",
        "To": "jo@customer.example",
        "Subject": "How did it go? “Internet drops every evening”",
        "Date": "Sat, 21 Nov 2026 09:30:00 +0000",
        "Message-ID": "<inv-7.invitation@surveys.acme.example>",
        "List-Unsubscribe": f"<{UNSUBSCRIBE_URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]


def test_optional_headers_stand_only_where_configured() -> None:
    message = parsed(
        built(reply_to=Mailbox("", "help@acme.example"), unsubscribe_mailto="leave@acme.example")
    )

    assert message["Reply-To"] == "help@acme.example"
    assert message["List-Unsubscribe"] == f"<{UNSUBSCRIBE_URL}>, <mailto:leave@acme.example>"


def test_same_arguments_give_the_same_bytes() -> None:
    assert built() == built()


def test_mail_is_seven_bit_with_short_crlf_lines() -> None:
    arabic = compile_skeleton(default_definition(), "ar", "cause_first", "reminder")
    raw = built(replace(VALUES, subject="تعطل الإنترنت" * 9, name="محمد " * 20), arabic)

    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 98
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("arm", ARMS)
def test_invitation_is_as_it_was_looked_at(arm: Arm, golden: GoldenFiles) -> None:
    skeleton = compile_skeleton(default_definition(), "en", arm, "invitation")
    raw = built(VALUES, skeleton)

    headers = raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "\n")
    golden.check(f"mail/invitation.{arm}.headers.txt", headers + "\n")
    golden.check(f"mail/invitation.{arm}.txt", part(raw, "plain"))
    golden.check(f"mail/invitation.{arm}.html", part(raw, "html"))


def test_every_answer_link_is_in_both_parts() -> None:
    url = "https://surveys.acme.example/s/a&b/"
    raw = built(replace(VALUES, survey_url=url))
    text, html = part(raw, "plain"), part(raw, "html")

    assert [f"{url}?F1={n}\n" in text for n in range(1, 6)] == [True] * 5
    assert [f'href="{escape(url)}?F1={n}"' in html for n in range(1, 6)] == [True] * 5
    assert f"{UNSUBSCRIBE_URL}\n" in text
    assert f'href="{UNSUBSCRIBE_URL}"' in html


def test_mail_without_name_and_subject_reads_well() -> None:
    raw = built(Values(company="Acme", survey_url=SURVEY_URL))

    assert parsed(raw)["Subject"] == "How did it go with your recent request?"
    assert part(raw, "plain").startswith("Hello,\n\nYou recently asked Acme for help")
    assert "[[" not in part(raw, "html")
    assert "“”" not in part(raw, "html")


def test_subject_line_holds_no_personal_data() -> None:
    raw = built(replace(VALUES, subject="Re: jo@customer.example, account 1234567 is locked"))

    assert parsed(raw)["Subject"] == "How did it go? “… account … is locked”"


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: all@evil.example",
        "x\nBcc: all@evil.example",
        "x\r\n\r\n<script>",
        "x\x00\x0bBcc: y",
        "x\u2028Bcc: y",
        "=?utf-8?Q?=0D=0ABcc:_y?=",
        "[[unsubscribe_url]] {company} %(x)s",
        '"><script>alert(1)</script>',
        "\u202egnp.exe",
        "\ud800 lone",
    ],
)
def test_nothing_from_a_case_becomes_header_markup_or_placeholder(evil: str) -> None:
    raw = built(
        Values(company=evil, survey_url=SURVEY_URL, name=evil, subject=f"a {evil}"),
        sender=Mailbox(evil, "surveys@acme.example"),
        to=Mailbox(evil, "jo@customer.example"),
    )
    message = parsed(raw)
    html = part(raw, "html")

    assert list(message.keys()) == HEADER_NAMES
    assert message["To"].addresses[0].addr_spec == "jo@customer.example"
    assert display_name(raw, "To") == clean_value(evil)
    assert "<script" not in html
    assert html.count(UNSUBSCRIBE_URL) == 1
    assert "\u202e" not in html


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_values_come_back_from_the_standard_parser(name: str, subject: str, company: str) -> None:
    raw = built(Values(company=company, survey_url=SURVEY_URL, name=name, subject=subject))
    message = parsed(raw)

    assert list(message.keys()) == HEADER_NAMES
    assert clean_value(company) in part(raw, "plain")
    assert escape(clean_value(company)) in part(raw, "html")
    assert len(raw) < 60_000


@settings(max_examples=100)
@given(st.text(max_size=90))
def test_display_name_comes_back_from_the_standard_parser(name: str) -> None:
    raw = built(sender=Mailbox(name, "surveys@acme.example"))
    message = parsed(raw)

    assert message["From"].addresses[0].addr_spec == "surveys@acme.example"
    assert display_name(raw, "From") == clean_value(name, 100)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jo",
        "@customer.example",
        "jo@",
        "jo@customer.example\r\nBcc: x@y.example",
        "jo@customer.example, x@y.example",
        "jo <jo@customer.example>",
        "jo jo@customer.example",
        "jö@customer.example",
        "jo@-customer.example",
        "jo@customer..example",
        "jo@\u202ecustomer.example",
        "jo@" + "ü" * 80 + ".example",
        "j" * 65 + "@customer.example",
        "jo@" + "a." * 130 + "example",
    ],
)
def test_unusable_address_is_refused(address: str) -> None:
    with pytest.raises(MessageError):
        built(to=Mailbox("", address))


@pytest.mark.parametrize("address", ["jo+x@customer.example", "o'hara@customer.example", "a@b"])
def test_usual_address_is_kept(address: str) -> None:
    assert parsed(built(to=Mailbox("", address)))["To"] == address


def test_domain_outside_ascii_is_written_as_ascii() -> None:
    message = parsed(built(to=Mailbox("", "jo@bücher.example")))

    assert message["To"] == "jo@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://x/ y", 'https://x/"', "https://x/\r\nBcc: y", "//x", ""],
)
def test_unusable_url_is_refused(url: str) -> None:
    with pytest.raises(MessageError):
        built(unsubscribe_url=url)
    with pytest.raises(MessageError):
        built(replace(VALUES, survey_url=url))


@pytest.mark.parametrize("message_id", ["a@b", "<a@b>\r\nX: y", "<a b@c>", "<>", "<a@b><c@d>"])
def test_unusable_message_id_is_refused(message_id: str) -> None:
    with pytest.raises(MessageError):
        built(message_id=message_id)


def test_date_without_zone_is_refused() -> None:
    with pytest.raises(MessageError):
        built(date=dt.datetime(2026, 11, 21))


def test_skeleton_with_an_unlisted_placeholder_is_refused() -> None:
    with pytest.raises(MessageError):
        built(skeleton=replace(SKELETON, text="[[password]]"))


def test_sender_setting_is_read_with_and_without_name() -> None:
    assert parse_mailbox('"Acme, Inc." <s@acme.example>') == Mailbox("Acme, Inc.", "s@acme.example")
    assert parse_mailbox("s@acme.example") == Mailbox("", "s@acme.example")
    with pytest.raises(MessageError):
        parse_mailbox("Acme, Inc. <s@acme.example>")


def test_building_a_mail_takes_far_less_than_a_millisecond() -> None:
    """A guard against falling back to parts built per mail (1 ms); bench measures precisely."""
    built()
    assert min(timeit.repeat(built, timer=process_time, number=200, repeat=5)) / 200 < 0.0006
