"""Takes a message of unknown make apart, within bounds, and never fails.

The standard library's parser keeps what it reads in objects as many and as deep as the sender
likes: a megabyte of blank lines, or of parts within parts, costs gigabytes or ends in a
RecursionError. Reports need little of MIME, so this reads no more than that: headers, parts a few
levels deep, base64 and quoted-printable, text in whatever character set it can.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MOST_BYTES: Final = 1024 * 1024
MOST_HEADER_BYTES: Final = 64 * 1024
MOST_HEADERS: Final = 300
MOST_PARTS: Final = 40
DEEPEST: Final = 6
MOST_TEXT: Final = 64 * 1024

_END_OF_HEADERS: Final = re.compile(rb"\n\n")
_HEADER: Final = re.compile(r"^([\x21-\x39\x3b-\x7e]{1,100})[ \t]*:(.*)$", re.DOTALL)
_PARAMETER: Final = re.compile(
    r';\s*([a-z0-9*_-]{1,40})\s*=\s*("(?:[^"\\]|\\.){0,300}"|[^\s;"]{1,300})'
)
_WORD: Final = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[a-z-]+)?\?([BbQq])\?([^?\s]{0,500})\?=")
_BETWEEN_WORDS: Final = re.compile(r"(\?=)\s+(?==\?)")
_HIDDEN: Final = ("script", "style", "head")
_BREAKS: Final = ("br", "/p", "/div", "/tr", "/h", "/li")
_LONGEST_TAG: Final = 2000
_ENTITIES: Final = {
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": " ",
    "&quot;": '"',
    "&#39;": "'",
    "&amp;": "&",
}


@dataclass(slots=True)
class Part:
    """A message or a part of one. ``headers`` have lower-case names; of equal ones all are kept."""

    headers: dict[str, list[str]]
    body: bytes
    children: list[Part] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first header of this name, unfolded and in plain text; else ''."""
        found = self.headers.get(name)
        return found[0] if found else ""

    @property
    def media_type(self) -> str:
        found = self.get("content-type").partition(";")[0].strip().lower()
        return found if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", found) else "text/plain"

    def parameter(self, name: str) -> str:
        """A parameter of the content type, in its own case; else ''."""
        for key, value in _PARAMETER.findall(self.get("content-type")[:2000].replace("\n", " ")):
            if key.lower() == name:
                return str(value).strip('"')
        return ""

    def walk(self) -> Iterator[Part]:
        """This part and all in it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def content(self) -> bytes:
        """The body with its transfer encoding taken off, as far as that goes."""
        encoding = self.get("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            letters = re.sub(rb"[^A-Za-z0-9+/]", b"", self.body)
            try:
                return base64.b64decode(letters[: len(letters) // 4 * 4] + _rest(letters))
            except binascii.Error:
                return b""
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        return self.body

    def text(self) -> str:
        """The content as text, at most `MOST_TEXT` characters; markup is taken off."""
        text = _decoded(self.content()[: 4 * MOST_TEXT], self.parameter("charset"))
        if self.media_type == "text/html":
            text = _without_markup(text[:MOST_TEXT])
            for entity, letter in _ENTITIES.items():
                text = text.replace(entity, letter)
        return text[:MOST_TEXT]


def read(raw: bytes) -> Part:
    """The message; of one that is too long the beginning."""
    content = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _part(content, 0, [MOST_PARTS])


def header_block(content: bytes) -> dict[str, list[str]]:
    """The headers of a block of lines, as message/delivery-status has several of."""
    headers: dict[str, list[str]] = {}
    for n, line in enumerate(_unfolded(content[:MOST_HEADER_BYTES])):
        found = _HEADER.match(line)
        if found is None or n >= MOST_HEADERS:
            continue
        headers.setdefault(found[1].lower(), []).append(_plain(found[2].strip()[:4000]))
    return headers


def _without_markup(text: str) -> str:
    """Tags become blanks or line ends, scripts and styles nothing; one pass whatever it is."""
    lower, kept, at = text.lower(), [], 0
    while (opens := text.find("<", at)) >= 0:
        kept.append(text[at:opens])
        closes = text.find(">", opens, opens + _LONGEST_TAG)
        if closes < 0:
            kept.append("<")
            at = opens + 1
            continue
        at = closes + 1
        hidden = next((n for n in _HIDDEN if lower.startswith(n, opens + 1)), None)
        if hidden is not None:
            end = lower.find(f"</{hidden}", at)
            at = len(text) if end < 0 else end
        kept.append("\n" if lower.startswith(_BREAKS, opens + 1) else " ")
    return "".join(kept) + text[at:]


def _part(content: bytes, depth: int, left: list[int]) -> Part:
    left[0] -= 1
    if content.startswith(b"\n"):
        return Part({}, content[1:])
    end = _END_OF_HEADERS.search(content)
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, b"")
    if head.startswith((b"From ", b">From ")):
        head = head.partition(b"\n")[2]
    part = Part(header_block(head), body)
    if depth >= DEEPEST:
        return part
    kind = part.media_type
    if kind.startswith("multipart/") and (boundary := part.parameter("boundary")):
        for piece in _pieces(body, boundary):
            if left[0] <= 0:
                break
            part.children.append(_part(piece, depth + 1, left))
    elif kind == "message/rfc822" and left[0] > 0:
        part.children.append(_part(part.content(), depth + 1, left))
    return part


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    mark = re.escape(boundary.encode("utf-8", "replace"))
    found = re.split(
        rb"(?:^|\n)--" + mark + rb"(?=--|[ \t]*(?:\n|$))", body, maxsplit=MOST_PARTS + 1
    )
    pieces = []
    for piece in found[1:]:
        if piece.startswith(b"--"):
            break
        pieces.append(piece.partition(b"\n")[2])
    return pieces[:MOST_PARTS]


def _unfolded(content: bytes) -> Iterator[str]:
    line = ""
    for raw in content.split(b"\n"):
        text = _decoded(raw, "")
        if text[:1] in (" ", "\t") and line:
            if len(line) < MOST_HEADER_BYTES:
                line += "\n" + text.strip()
            continue
        if line:
            yield line
        line = text
    if line:
        yield line


def _plain(value: str) -> str:
    """A header in plain text: encoded words (RFC 2047) are read."""
    if "=?" not in value:
        return value

    def word(found: re.Match[str]) -> str:
        charset, how, text = found[1], found[2].upper(), found[3]
        if how == "Q":
            return _decoded(quopri.decodestring(text.encode("utf-8"), header=True), charset)
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", text.encode("utf-8"))
        try:
            return _decoded(base64.b64decode(letters + _rest(letters, whole=True)), charset)
        except binascii.Error:
            return ""

    return _WORD.sub(word, _BETWEEN_WORDS.sub(r"\1", value))


def _rest(letters: bytes, *, whole: bool = False) -> bytes:
    """What is missing behind the last whole group of four letters."""
    over = len(letters) % 4
    if over < 2:
        return b""
    padding = b"=" * (4 - over)
    return padding if whole else letters[-over:] + padding


def _decoded(content: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        # Codecs that are none of text could blow up or fail in ways of their own.
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name) or "codec" in name or "zip" in name:
            continue
        try:
            return content.decode(name)
        except (LookupError, UnicodeError, ValueError, TypeError):
            continue
    return content.decode("latin-1")
