"""Fills a compiled skeleton into the bytes of one mail. Sends nothing.

Django's ``EmailMultiAlternatives`` takes a millisecond per mail, most of it spent encoding the same
words again. Here the unchanging parts are encoded once per skeleton and process, and a mail only
encodes what is its own. The price is that header and transfer encoding stand below; tests hold them
against the standard library's parser.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from surveys.questionnaire.texts import clean_value, public_subject, text

from .skeleton import PLACEHOLDER, RUNTIME_PLACEHOLDERS, Skeleton

_CRLF: Final = b"\r\n"
_SOFT_BREAK: Final = b"=\r\n"
_QP_LINE: Final = 72  # RFC 2045 allows 76; the rest is room for the soft break
# "=_" cannot occur in quoted-printable text, so one boundary serves every mail (RFC 2045 6.7).
_BOUNDARY: Final = b"=_stabledoor_alternative"
_ENCODED_WORD_BYTES: Final = 45  # 60 base64 characters + "=?utf-8?B?" + "?=" < 75 (RFC 2047)

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_MESSAGE_ID: Final = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{1,200}>")
_URL: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&*+,;=%\[\]]{1,500}")
_PLAIN_HEADER: Final = re.compile(r"[ -~]{0,60}")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{1,35}")


class MessageError(ValueError):
    """A mail that must not be built: a bad address, URL or identifier. Never retried."""


class Mailbox(NamedTuple):
    """A display name, possibly empty, and a bare address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Values:
    """What a case brings. ``name`` and ``subject`` may be empty; both are cleaned and capped here,
    and the subject is stripped of addresses and numbers (``texts.public_subject``). Without a
    ``brand``, and where the case names no ``product``, the company's name stands instead, as on the
    survey's pages. ``mark`` opens the subject line of a mail that is no customer's."""

    company: str
    survey_url: str
    name: str = ""
    subject: str = ""
    brand: str = ""
    product: str = ""
    mark: str = ""


def parse_mailbox(setting: str) -> Mailbox:
    """``Acme <surveys@acme.example>`` or a bare address.

    Raises: MessageError.
    """
    if _ADDRESS.fullmatch(setting):  # a bare address, as customers' are, needs no parser
        return Mailbox("", _address(setting))
    name, address = parseaddr(setting)
    return Mailbox(name, _address(address))


def build_message(
    skeleton: Skeleton,
    values: Values,
    *,
    sender: Mailbox,
    to: Mailbox,
    message_id: str,
    unsubscribe_url: str,
    date: datetime,
    reply_to: Mailbox | None = None,
    unsubscribe_mailto: str | None = None,
) -> bytes:
    """One whole mail, CRLF line ends, 7-bit clean, ready for SMTP DATA (dots not yet stuffed).

    The same arguments give the same bytes. ``date`` must be aware. ``message_id`` with its angle
    brackets.

    Raises: MessageError for an address, URL, date or identifier that must not reach a header.
    """
    subject = public_subject(values.subject)
    filled = _filled(skeleton, values, subject, unsubscribe_url)
    own = {name: _quoted(value.encode()) for name, value in filled.items()}
    own_html = {
        name: _quoted(escape(value).encode()) if _MARKUP.search(value) else own[name]
        for name, value in filled.items()
    }
    headers = [
        b"From: " + _sender(sender),
        b"To: " + _mailbox(to),
        b"Subject: " + _encoded(values.mark + _subject_line(skeleton, filled, subject)),
        b"Date: " + _date(date),
        b"Message-ID: " + _checked(_MESSAGE_ID, message_id, "Message-ID"),
        b"List-Unsubscribe: " + _list_unsubscribe(unsubscribe_url, unsubscribe_mailto),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"Auto-Submitted: auto-generated",
        b"Content-Language: " + _checked(_LANGUAGE, skeleton.language, "language"),
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"',
    ]
    if reply_to is not None:
        headers.insert(2, b"Reply-To: " + _mailbox(reply_to))
    return _CRLF.join(
        [
            *headers,
            b"",
            *_part(b"plain", _joined(_pieces(skeleton.text), own)),
            *_part(b"html", _joined(_pieces(skeleton.html), own_html)),
            b"--" + _BOUNDARY + b"--",
            b"",
        ]
    )


def _part(kind: bytes, body: bytes) -> tuple[bytes, ...]:
    return (
        b"--" + _BOUNDARY,
        b"Content-Type: text/" + kind + b"; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        body,
    )


def _filled(
    skeleton: Skeleton, values: Values, subject: str, unsubscribe_url: str
) -> dict[str, str]:
    """The runtime placeholders' values as plain text of one line each."""
    language = skeleton.language
    name = clean_value(values.name, 60)
    return {
        "company": clean_value(values.company),
        "brand": clean_value(values.brand or values.company),
        "product": clean_value(values.product or values.company),
        "subject": subject,
        "greeting": text(language, "mail.greeting", name=name)
        if name
        else text(language, "mail.greeting_plain"),
        "about": text(language, "mail.about", subject=subject)
        if subject
        else text(language, "mail.about_plain"),
        "survey_url": _checked(_URL, values.survey_url, "survey URL").decode(),
        "unsubscribe_url": _checked(_URL, unsubscribe_url, "unsubscribe URL").decode(),
    }


def _subject_line(skeleton: Skeleton, filled: Mapping[str, str], subject: str) -> str:
    if not subject:
        return text(
            skeleton.language, f"mail.{skeleton.kind}_subject_plain", company=filled["brand"]
        )
    return PLACEHOLDER.sub(
        lambda match: filled.get(match.group(1), match.group()), skeleton.subject
    )


# --- bodies ---------------------------------------------------------------------------------------


class _Pieces(NamedTuple):
    """Alternating: encoded text, placeholder name, encoded text … ending with text.

    A value stands on lines of its own, so that it can be encoded without knowing its place: the
    texts carry the soft breaks around it, which vanish on decoding.
    """

    texts: tuple[bytes, ...]
    names: tuple[str, ...]


@lru_cache(maxsize=512)
def _pieces(part: str) -> _Pieces:
    """A part of a skeleton cut at its placeholders, its words already quoted-printable.

    Cached by content: a published skeleton never changes.
    """
    split = PLACEHOLDER.split(part)
    unknown = set(split[1::2]) - RUNTIME_PLACEHOLDERS
    if unknown:
        raise MessageError(f"unknown placeholder {min(unknown)!r}")
    texts = [_quoted(piece.encode()) for piece in split[::2]]
    last = len(texts) - 1
    return _Pieces(
        texts=tuple(
            (_SOFT_BREAK if i and not piece.startswith(_CRLF) else b"")
            + piece
            + (_SOFT_BREAK if i < last and piece and not piece.endswith(_CRLF) else b"")
            for i, piece in enumerate(texts)
        ),
        names=tuple(split[1::2]),
    )


def _joined(pieces: _Pieces, own: Mapping[str, bytes]) -> bytes:
    """Text and values in turn, soft breaks between them (see ``_pieces``)."""
    parts = [pieces.texts[0]]
    for name, piece in zip(pieces.names, pieces.texts[1:], strict=True):
        parts.append(own[name])
        parts.append(piece)
    return b"".join(parts)


# What `escape` replaces.
_MARKUP: Final = re.compile("[&<>\"']")
_QUOTED: Final = tuple(
    bytes([byte]) if 32 <= byte <= 126 and byte != 61 else b"=%02X" % byte for byte in range(256)
)


# One line that stands for itself: no "=", no space at its end, no dot at its start, short enough.
_PLAIN_LINE: Final = re.compile(rb"(?!\.)(?:[ -<>-~]{0,71}[!-<>-~])?")


def _quoted(data: bytes) -> bytes:
    """Quoted-printable (RFC 2045 6.7) with CRLF line ends and no line over 75 characters. None
    begins with a dot: nothing is to be stuffed, nor lost on a way that forgets to unstuff."""
    if _PLAIN_LINE.fullmatch(data):
        return data
    lines = []
    for line in data.replace(b"\r\n", b"\n").split(b"\n"):
        tokens = [_QUOTED[byte] for byte in line]
        if tokens and tokens[-1] == b" ":
            tokens[-1] = b"=20"
        lines.append(_wrapped(tokens))
    return _CRLF.join(lines)


def _wrapped(tokens: list[bytes]) -> bytes:
    whole = b"".join(tokens)
    if len(whole) <= _QP_LINE:
        return _undotted(whole)
    lines: list[bytes] = []
    current: list[bytes] = []
    length = 0
    for token in tokens:
        if length + len(token) > _QP_LINE:
            lines.append(b"".join(current))
            current, length = [], 0
        current.append(token)
        length += len(token)
    lines.append(b"".join(current))
    return _SOFT_BREAK.join(_undotted(line) for line in lines)


def _undotted(line: bytes) -> bytes:
    return b"=2E" + line[1:] if line.startswith(b".") else line


# --- headers --------------------------------------------------------------------------------------


def _checked(pattern: re.Pattern[str], value: str, what: str) -> bytes:
    if not pattern.fullmatch(value):
        raise MessageError(f"not a usable {what}: {value[:80]!r}")
    return value.encode("ascii")


def _address(address: str) -> str:
    """A bare address as it may stand in a header and an SMTP command; the domain as ASCII.

    Raises: MessageError, also for a local part outside ASCII, which most servers refuse.
    """
    local, at, domain = address.rpartition("@")
    if at and not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise MessageError(f"not a usable address: {address[:80]!r}") from error
    plain = f"{local}@{domain}"
    if len(plain) > 254 or not _ADDRESS.fullmatch(plain):
        raise MessageError(f"not a usable address: {address[:80]!r}")
    return plain


def _mailbox(mailbox: Mailbox) -> bytes:
    address = _address(mailbox.address).encode("ascii")
    name = clean_value(mailbox.name, 100)
    if not name:
        return address
    if _PLAIN_HEADER.fullmatch(name) and "=?" not in name:
        if not _ATOMS.fullmatch(name):
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        shown = name.encode("ascii")
    else:
        shown = _encoded_words(name)
    fold = b" " if len(shown) + len(address) < _QP_LINE - 8 else b"\r\n "
    return shown + fold + b"<" + address + b">"


@lru_cache(maxsize=64)
def _sender(mailbox: Mailbox) -> bytes:
    """Cached, as every mail of a brand has the same; a customer's address is kept nowhere."""
    return _mailbox(mailbox)


def _encoded(value: str) -> bytes:
    """A line of unstructured header text (RFC 2047); never holds a raw CR or LF from outside."""
    plain = clean_value(value, 300)
    if _PLAIN_HEADER.fullmatch(plain) and "=?" not in plain:
        return plain.encode("ascii")
    return _encoded_words(plain)


def _encoded_words(plain: str) -> bytes:
    data = plain.encode()
    chunks: list[bytes] = []
    start = 0
    while start < len(data):
        end = start + _ENCODED_WORD_BYTES
        while end < len(data) and data[end] & 0xC0 == 0x80:  # not within a character
            end -= 1
        chunks.append(data[start:end])
        start = end
    return b"\r\n ".join(b"=?utf-8?B?" + b64encode(chunk) + b"?=" for chunk in chunks)


def _date(date: datetime) -> bytes:
    if date.tzinfo is None:
        raise MessageError("the date has no time zone")
    return format_datetime(date).encode("ascii")


def _list_unsubscribe(url: str, mailto: str | None) -> bytes:
    line = b"<" + _checked(_URL, url, "unsubscribe URL") + b">"
    if mailto is None:
        return line
    return line + b",\r\n <mailto:" + _address(mailto).encode("ascii") + b">"
