"""What a person's erasure takes out of the inspector and of the queue of webhooks.

A body is text of somebody else's making: an address may stand anywhere in it, also escaped. So
lines go whole, by the case they are about and by what they mention.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from django.db.models import Q

from surveys.models import HookDelivery, HookEvent
from surveys.services.intake_sql import execute, rows
from surveys.services.tokens import email_hash

_MOST_ADDRESSES: Final = 500
_BEFORE: Final = re.compile(r"[^\s\"'<>(),:;@\[\]\\/=&?]{1,64}$")
_AFTER: Final = re.compile(r"[\w.-]{1,253}")
_DIGITS: Final = re.compile(r"[^0-9]+")


def forget(
    theirs: Collection[str],
    cases: Collection[tuple[str, str]],
    ids: Collection[tuple[str, str]],
    now: datetime,
) -> None:
    """Forget a person: their addresses and numbers, the cases (source, id) that are theirs, and
    the ids (source, id) their helpdesks know them by. Again changes nothing."""
    sources = [case[0] for case in cases]
    numbers = [case[1] for case in cases]
    execute(_FORGET_EVENTS, sources, numbers, list(theirs))
    of_others = Q(content__customer__email__in=theirs) | Q(content__customer__phone__in=theirs)
    for source, number in ids:
        of_others |= Q(connection__slug=source, requester_id=number)
    for event in HookEvent.objects.filter(of_others):
        _scrub(event)
    gone = _lines_about(cases) | _lines_naming(theirs, ids)
    HookDelivery.objects.filter(pk__in=gone).update(
        body=None, headers={}, reason="", is_whole=False, erased_at=now
    )
    for line in HookDelivery.objects.filter(pk__in=gone):
        line.made = [{**made, "reason": ""} for made in line.made]
        line.save(update_fields=["made"])


def scrub_case(case: dict[str, Any]) -> dict[str, Any]:
    """A queued case without anything personal."""
    return {k: v for k, v in case.items() if k not in ("customer", "subject", "tags", "fields")}


def is_erased(source: str, emails: Sequence[str], cases: Sequence[str]) -> bool:
    """Whether an address belongs to somebody erased, or a case of this source does."""
    hashes = [email_hash(address) for address in emails]
    return bool(rows(_IS_ERASED, hashes, source, list(cases))[0][0])


def names_erased(body: bytes) -> bool:
    """Whether the body names somebody who was erased, wherever in it."""
    hashes = list({email_hash(address) for address in addresses_in(body)})
    return bool(hashes) and bool(rows(_IS_ERASED, hashes, "", [])[0][0])


def addresses_in(body: bytes) -> set[str]:
    """What looks like an e-mail address, in whatever form the body is written."""
    found: set[str] = set()
    for text in readings(body):
        start = text.find("@")
        while start >= 0 and len(found) < _MOST_ADDRESSES:
            before = _BEFORE.search(text[max(0, start - 64) : start])
            after = _AFTER.match(text, start + 1, start + 254)
            if before and after:
                found.add(f"{before[0]}@{after[0]}".strip(".").lower())
            start = text.find("@", start + 1)
    return found


def readings(body: bytes) -> list[str]:
    """The body as text: as it stands, and with the escapes of JSON, forms and XML undone."""
    plain = body.decode("utf-8", "replace")
    found = [plain]
    if "\\u" in plain:
        found.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), plain))
    if "%" in plain:
        found.append(unquote_plus(plain))
    if "&" in plain:
        found.append(html.unescape(plain))
    return found


def _scrub(event: HookEvent) -> None:
    event.content = scrub_case(event.content) if event.content else None
    event.requester_id, event.reason = "", ""
    event.save(update_fields=["content", "requester_id", "reason"])


def _lines_about(cases: Collection[tuple[str, str]]) -> set[int]:
    found = rows(
        _LINES_ABOUT,
        [source for source, _ in cases],
        [json.dumps([{"case": number}]) for _, number in cases],
    )
    return {row[0] for row in found}


def _lines_naming(theirs: Collection[str], ids: Collection[tuple[str, str]]) -> set[int]:
    found = set()
    lines = HookDelivery.objects.exclude(body=None).values_list("pk", "connection__slug", "body")
    for pk, slug, body in lines.iterator(chunk_size=50):
        known_by = [number for source, number in ids if source == slug]
        if any(_mentions(text, theirs, known_by) for text in readings(bytes(body or b""))):
            found.add(pk)
    return found


def _mentions(text: str, theirs: Iterable[str], known_by: Iterable[str]) -> bool:
    text = text.lower()
    digits = ""
    for address in theirs:
        if address in text:
            return True
        if address.startswith("+"):  # a number is written with blanks, dashes and brackets
            digits = digits or _DIGITS.sub("", text)
            if address[1:] in digits:
                return True
    return any(
        re.search(rf"(?<![\w-]){re.escape(number.lower())}(?![\w-])", text) for number in known_by
    )


_IS_ERASED: Final = """
SELECT EXISTS (SELECT FROM surveys_erasedcustomer WHERE email_hash = ANY(%s::text[]))
  OR EXISTS (SELECT FROM surveys_case c JOIN surveys_customer u ON u.id = c.customer_id
             WHERE c.source = %s::text AND c.external_id = ANY(%s::text[])
               AND u.erased_at IS NOT NULL)
"""
_FORGET_EVENTS: Final = """
UPDATE surveys_hookevent e
SET content = e.content - 'customer' - 'subject' - 'tags' - 'fields', requester_id = '', reason = ''
FROM surveys_connection n, unnest(%s::text[], %s::text[]) AS theirs(source, number)
WHERE n.id = e.connection_id AND n.slug = theirs.source AND e."case" = theirs.number
  AND coalesce(e.content->'customer'->>'email' = ANY(%s::text[]), true)
"""
_LINES_ABOUT: Final = """
SELECT d.id FROM surveys_hookdelivery d JOIN surveys_connection n ON n.id = d.connection_id
JOIN unnest(%s::text[], %s::text[]) AS theirs(source, made) ON n.slug = theirs.source
WHERE d.made @> theirs.made::jsonb
"""
