"""The mails a trial installation caught instead of sending: files in a directory, read only."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from base64 import b64encode
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

SHOWN = 100
MAX_BYTES = 2_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
#: Where a survey, or the preview of one, leads.
_SURVEY = re.compile(r"https?://[^\s/]+/[sp]/[A-Za-z0-9_-]+")
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
_SHOWN_HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
)


class NoSuchMailError(LookupError):
    """There is no caught mail of that name."""


@dataclass(frozen=True)
class MailLine:
    name: str
    sender: str
    to: str
    subject: str
    caught_at: dt.datetime


@dataclass(frozen=True)
class Mail:
    """One mail opened. `html` is what the mail says, untouched: show it in a sandbox only.
    `is_survey`: it asks a customer, where others tell staff something."""

    name: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str
    is_survey: bool
    n_bytes: int
    caught_at: dt.datetime


def _files(directory: Path | None) -> list[Path]:
    # Names begin with the time of arrival, so they sort without a look at each file.
    return sorted(directory.glob("*.eml"), reverse=True) if directory else []


def count_mails(directory: Path | None) -> int:
    """How many mails were caught."""
    return len(_files(directory))


def newest_mails(directory: Path | None) -> list[MailLine]:
    """The newest mails first, at most 100."""
    lines = []
    for path in _files(directory)[:SHOWN]:
        try:
            content, caught_at = _read(path)
        except FileNotFoundError:
            continue  # cleared away between listing and looking
        message = email.message_from_bytes(content, policy=email.policy.default)
        lines.append(
            MailLine(
                path.stem,
                header(message, "From"),
                header(message, "To"),
                header(message, "Subject") or "(no subject)",
                caught_at,
            )
        )
    return lines


def _read(path: Path) -> tuple[bytes, dt.datetime]:
    modified = path.stat().st_mtime
    with path.open("rb") as file:
        return file.read(MAX_BYTES), dt.datetime.fromtimestamp(modified, dt.UTC)


def open_mail(directory: Path | None, name: str) -> Mail:
    """One mail by the name its line has.

    Raises NoSuchMailError for anything else, also for a path out of the directory.
    """
    if directory is None or not _NAME.fullmatch(name):
        raise NoSuchMailError(name)
    path = directory / f"{name}.eml"
    try:
        content, caught_at = _read(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchMailError(name) from error
    message = email.message_from_bytes(content, policy=email.policy.default)
    text = _body(message, "plain")
    return Mail(
        name=name,
        subject=header(message, "Subject") or "(no subject)",
        headers=[(key, header(message, key)) for key in _SHOWN_HEADERS if message[key]],
        text=text,
        html=_with_pictures(message, _body(message, "html")),
        is_survey=_SURVEY.search(text) is not None,
        n_bytes=len(content),
        caught_at=caught_at,
    )


def header(message: EmailMessage, name: str) -> str:
    """A header as text; one that cannot be read is shown as such instead of failing the page."""
    try:
        return str(message[name] or "")
    except (ValueError, IndexError, AttributeError):
        return "(unreadable)"


def _with_pictures(message: EmailMessage, html: str) -> str:
    """The HTML with the pictures that came along in it, as a mail program shows them."""
    for part in message.walk():
        cid = header(part, "Content-ID").strip().strip("<>")
        if cid and part.get_content_type() in _PICTURES:
            raw = part.get_payload(decode=True)
            data = b64encode(raw).decode() if isinstance(raw, bytes) else ""
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{data}")
    return html


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        raw = part.get_payload(decode=True)
        return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
