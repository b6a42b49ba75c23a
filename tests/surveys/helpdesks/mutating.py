"""Bodies broken in every way that somebody might send them, reproducibly."""

from __future__ import annotations

import json
import random
import re
from typing import Any, Final

_ODD: Final[list[Any]] = [
    None, True, False, 0, -1, 2**63, 10**400, 1.5, 1e308, -0.0, float("nan"), float("inf"), "", " ",
    "0", "x" * 5000, "\x00", "a\x00b", "\ud800", "\udc00\ud800", "{{ticket.id}}", "null", "NaN",
    "0000-00-00 00:00:00", "0000-01-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59.999999999Z",
    "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T10:00:00+99:99", "1e999",
    "-99999999999999999999", 99999999999999999, 253402300800, -62135596800, "a@b", "<x@y.z>",
    "A <a@b.example>", "\u202e", "é\u0301", "😀", [], {},
    [[]], [None], [{}], {"": ""}, [1, "a", None],
    {"name": {"name": {"name": 1}}}, ["x"] * 1200, {"id": {"id": []}}, "{status:{from:4,to:4}}",
    "{status:{from:{},to:}}", "solved", "Closed", "open", "resolved", "4", 4, 5, "SOLVED",
]  # fmt: skip
_BYTES: Final = [
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b'"', b"\\", b"\\u", b"{", b"}", b"[", b"]",
    b",",
    b":", b"<", b">", b"&", b"&x;", b"]]>", b"<!DOCTYPE a>", b"\r\n", b"\xc3\x28", b"\xed\xa0\x80",
    b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"<a>" * 3000,
]  # fmt: skip
_CHARSETS: Final = ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp037", "utf-7", "utf-8-sig"]
_TYPES: Final = [
    "application/json; charset=latin-1", "application/json;charset=", "text/xml; charset=\udcff",
    "application/json; charset=UTF-8", "", "charset=utf-16",
]  # fmt: skip


def mutated(body: bytes, rng: random.Random) -> tuple[bytes, dict[str, str]]:
    """The body with one to four faults, and headers that may be a fault, too."""
    is_json = not body.lstrip().startswith(b"<")
    headers = {"content-type": rng.choice(_TYPES)} if rng.random() < 0.05 else {}
    for _ in range(rng.choice((1, 1, 2, 4))):
        if is_json and rng.random() < 0.75:
            body = _tree(body, rng)
        elif not is_json and rng.random() < 0.6:
            body = _markup(body, rng)
        else:
            body = _raw(body, rng)
    return body, headers


def _tree(body: bytes, rng: random.Random) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _raw(body, rng)
    places = list(_places(document))
    if not places:
        return json.dumps(rng.choice(_ODD)).encode()
    holder, key = rng.choice(places)
    action = rng.randrange(8)
    if action == 0:
        del holder[key]
    elif action == 1:
        holder[key] = [holder[key]] * rng.choice((1, 2, 1001))
    elif action == 2:
        holder[key] = {"value": holder[key], "id": holder[key]}
    elif action == 3:
        deep: Any = holder[key]
        for _ in range(rng.choice((10, 150, 900))):
            deep = [deep] if rng.random() < 0.5 else {"a": deep}
        holder[key] = deep
    elif action == 4:
        other, other_key = rng.choice(places)
        holder[key] = other[other_key]
    elif action == 5:
        text = json.dumps(document)
        named = json.dumps(str(key))
        return text.replace(f"{named}:", f"{named}: 1, {named}:", 1).encode()
    else:
        holder[key] = rng.choice(_ODD)
    try:
        return json.dumps(document, ensure_ascii=rng.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
    except (RecursionError, ValueError):
        return body


def _places(document: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting and len(found) < 3000:
        holder = waiting.pop()
        if isinstance(holder, dict):
            found += [(holder, key) for key in holder]
            waiting += holder.values()
        elif isinstance(holder, list):
            found += [(holder, key) for key in range(len(holder))]
            waiting += holder
    return found


def _markup(body: bytes, rng: random.Random) -> bytes:
    elements = list(re.finditer(rb"<([A-Za-z:]+)[^>]*>([^<]*)</\1>", body))
    if not elements:
        return _raw(body, rng)
    found = rng.choice(elements)
    odd = str(rng.choice(_ODD)).encode("utf-8", "surrogatepass")
    new = rng.choice(
        [
            b"",
            found[0] * rng.choice((2, 1500)),
            found[0].replace(found[2] or b"\n", odd),
            b"<a>" * 200 + found[0] + b"</a>" * 200,
            found[0].replace(found[1], b"Other"),
            b"<!-- -->" + found[0],
            b"<![CDATA[" + odd + b"]]>",
        ]
    )
    body = body[: found.start()] + new + body[found.end() :]
    if rng.random() < 0.1:
        body = body.replace(
            b"UTF-8", rng.choice([b"UTF-16", b"x-none", b"cp037", b"idna", b"rot13"])
        )
    return body


def _raw(body: bytes, rng: random.Random) -> bytes:
    position = rng.randrange(len(body) + 1)
    action = rng.randrange(7)
    if action == 0:
        return body[:position]
    if action == 1:
        return body[position:]
    if action == 2:
        return body[:position] + rng.choice(_BYTES) + body[position:]
    if action == 3 and body:
        flipped = bytearray(body)
        for _ in range(rng.choice((1, 3, 30))):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if action == 4:
        return body + rng.choice((b" ", b"\x00", b"{}", body))
    if action == 5:
        try:
            return body.decode().encode(rng.choice(_CHARSETS), "replace")
        except UnicodeDecodeError:
            return body
    end = rng.randrange(position, min(len(body), position + 40) + 1)
    return body[:position] + body[end:]
