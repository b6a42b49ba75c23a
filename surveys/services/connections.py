"""Connections to helpdesks: made, renamed, mapped, their secrets rotated, switched off, deleted."""

from __future__ import annotations

import base64
import logging
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.utils import timezone

from surveys import helpdesks
from surveys.helpdesks.base import Adapter, Wiring
from surveys.helpdesks.telling import FIELDS
from surveys.models import CauseRule, Connection, User
from surveys.services import cause_fields, sealing

log = logging.getLogger(__name__)

#: The kinds that can be connected, by what people call them, in the order of a choice.
KINDS: Final[Mapping[str, str]] = {
    "zendesk": "Zendesk",
    "freshdesk": "Freshdesk",
    "intercom": "Intercom",
    "jira": "Jira Service Management",
    "hubspot": "HubSpot",
    "salesforce": "Salesforce",
    "chatwoot": "Chatwoot",
    "zammad": "Zammad",
    "glpi": "GLPI",
    "freescout": "FreeScout",
    "generic": "Anything else",
}
#: Helpdesks that can neither sign nor set a header, so that the address carries the secret.
SECRET_IN_ADDRESS: Final = frozenset({"salesforce"})
#: What a helpdesk's own status may mean here.
MEANINGS: Final = ("resolved", "open", "ignored")
#: How long a deleted connection can be brought back.
KEPT_DELETED: Final = timedelta(days=30)
LONGEST_NAME: Final = 100
LONGEST_SECRET: Final = 500
LONGEST_PATH: Final = 200
MOST_STATUSES: Final = 100
_LONGEST_STATUS: Final = 200
# Without letters and digits that are mistaken for each other; 12 of them are 58 bits.
_ALPHABET: Final = "abcdefghjkmnpqrstvwxyz23456789"
_SLUG_LENGTH: Final = 12


class ConnectionFault(Exception):  # noqa: N818 -- it names what is wrong, in words
    """What cannot be done with a connection, and what would."""


def adapter_of(kind: str) -> Adapter:
    """What reads the webhooks of this kind.

    Raises: ConnectionFault.
    """
    adapter = helpdesks.ADAPTERS.get(kind)
    if adapter is None:
        known = ", ".join(KINDS)
        raise ConnectionFault(f"There is no kind {kind!r}; choose from {known}.")
    return adapter


def make(kind: str, name: str = "", secret: str = "", *, user: User | None = None) -> Connection:
    """A new connection; without a secret one is made.

    Raises: ConnectionFault.
    """
    adapter_of(kind)
    return Connection.objects.create(
        kind=kind,
        slug=f"{kind}-{''.join(secrets.choice(_ALPHABET) for _ in range(_SLUG_LENGTH))}",
        name=_name(name) if name.strip() else KINDS[kind],
        secret=sealing.seal(_secret(kind, secret)),
        created_by=user,
    )


def address_of(connection: Connection) -> str:
    """Where the helpdesk is to send its webhooks."""
    address = f"{settings.SITE_URL}/hooks/{connection.slug}/"
    if connection.kind in SECRET_IN_ADDRESS and (known := secrets_of(connection)):
        address += f"?{urlencode({'secret': known[0]})}"
    return address


def find(slug: str) -> Connection | None:
    """The connection of an address, unless it was deleted; with the fields that rules look at, so
    that a call needs no statement more for them."""
    named = CauseRule.objects.filter(what=CauseRule.What.FIELD, deleted_at=None)
    paths = ArraySubquery(named.filter(source__in=("", slug)).values("path").distinct())
    found = Connection.objects.filter(slug=slug, deleted_at=None)
    return found.annotate(watched_paths=paths).first()


def secrets_of(connection: Connection) -> list[str]:
    """All secrets that are valid now, newest first. One sealed with a key that is gone is left
    out: nothing can be proven by it."""
    found = []
    for sealed in (connection.secret, connection.former_secret):
        if sealed is None:
            continue
        try:
            found.append(sealing.unseal(bytes(sealed)))
        except sealing.LostKeyError as error:
            log.error("A secret of connection %s cannot be read: %s", connection.slug, error)
    return found


def wiring_of(connection: Connection) -> Wiring:
    """What the adapter has to know."""
    watched = getattr(connection, "watched_paths", None)
    return Wiring(
        secrets=tuple(secrets_of(connection)),
        statuses=connection.statuses,
        cause_path=connection.cause_path,
        fields=connection.fields,
        options=connection.options,
        watched=cause_fields.watched(connection.slug) if watched is None else tuple(watched),
    )


def rename(connection: Connection, name: str) -> None:
    """Raises: ConnectionFault."""
    connection.name = _name(name)
    connection.save(update_fields=["name"])


def rotate(connection: Connection, given: str = "", *, now: datetime | None = None) -> None:
    """A new secret; the one until now stays valid until it is retired.

    Raises: ConnectionFault.
    """
    fresh = sealing.seal(_secret(connection.kind, given))
    with transaction.atomic():
        held = Connection.objects.select_for_update().get(pk=connection.pk)
        held.secret, held.former_secret = fresh, held.secret
        held.secret_since = now or timezone.now()
        held.save(update_fields=["secret", "former_secret", "secret_since"])
    connection.refresh_from_db()


def retire(connection: Connection) -> None:
    """From now on only the newest secret proves anything. Again changes nothing."""
    Connection.objects.filter(pk=connection.pk).update(former_secret=None)
    connection.refresh_from_db()


def switch(connection: Connection, *, on: bool) -> None:
    """Take calls, or answer them that nothing is taken here any more."""
    connection.is_active = on
    connection.save(update_fields=["is_active"])


def delete(connection: Connection, now: datetime) -> None:
    """Take the connection away; its cases stay, and it can be brought back for 30 days."""
    connection.deleted_at = now
    connection.save(update_fields=["deleted_at"])


def bring_back(slug: str) -> Connection | None:
    """A deleted connection as it was."""
    Connection.objects.filter(slug=slug).update(deleted_at=None)
    return find(slug)


def forget_deleted(now: datetime) -> int:
    """Remove connections deleted long ago with all they sent; returns how many."""
    old = Connection.objects.filter(deleted_at__lt=now - KEPT_DELETED)
    n_old = old.count()
    old.delete()
    return n_old


def set_statuses(connection: Connection, statuses: Mapping[str, str]) -> None:
    """What the helpdesk's own statuses mean; without a meaning the adapter's own stands.

    Raises: ConnectionFault.
    """
    kept = {}
    for name, meaning in statuses.items():
        status = _text(name, _LONGEST_STATUS, "A status")
        if status and meaning:
            if meaning not in MEANINGS:
                raise ConnectionFault(f"A status means one of {', '.join(MEANINGS)}.")
            kept[status] = meaning
    if len(kept) > MOST_STATUSES:
        raise ConnectionFault(f"At most {MOST_STATUSES} statuses can be mapped.")
    connection.statuses = kept
    connection.save(update_fields=["statuses"])


def set_fields(connection: Connection, fields: Mapping[str, str]) -> None:
    """Where our fields stand in the body; without a path the adapter's own place stands.

    Raises: ConnectionFault.
    """
    kept = {}
    for name, path in fields.items():
        place = _text(path, LONGEST_PATH, "A path")
        if name and place:
            if name not in FIELDS:
                raise ConnectionFault("Choose the field that stands there.")
            kept[name] = place
    connection.fields = kept
    connection.save(update_fields=["fields"])


def set_organization(connection: Connection, organization: str) -> None:
    """The one organisation that is heard, where the address is all that proves a call.

    Raises: ConnectionFault.
    """
    wanted = _text(organization, 18, "The organisation’s id")
    if wanted and not (wanted.isascii() and wanted.isalnum() and len(wanted) in (15, 18)):
        raise ConnectionFault("An organisation’s id has 15 or 18 letters and digits.")
    connection.options = {"organization_id": wanted} if wanted else {}
    connection.save(update_fields=["options"])


def set_cause_path(connection: Connection, path: str) -> None:
    """Read the cause from there; the place until now can be gone back to.

    Raises: ConnectionFault.
    """
    wanted = _text(path, LONGEST_PATH, "The place of the cause")
    if wanted != connection.cause_path:
        connection.cause_path_before, connection.cause_path = connection.cause_path, wanted
        connection.save(update_fields=["cause_path", "cause_path_before"])


def undo_cause_path(connection: Connection) -> None:
    """Go back to where the cause was read from before."""
    if connection.cause_path_before is not None:
        connection.cause_path, connection.cause_path_before = connection.cause_path_before, None
        connection.save(update_fields=["cause_path", "cause_path_before"])


def _name(text: str) -> str:
    name = _text(text, LONGEST_NAME, "The name")
    if not name:
        raise ConnectionFault("Give the connection a name that staff will know it by.")
    return name


def _secret(kind: str, text: str) -> str:
    given = _text(text, LONGEST_SECRET, "The secret")
    if given:
        return given
    if kind == "generic":  # as Standard Webhooks write it
        return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    return secrets.token_urlsafe(32)


def _text(text: str, limit: int, what: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > limit:
        raise ConnectionFault(f"{what} is longer than {limit} characters.")
    if text and not text.isprintable():
        raise ConnectionFault(f"{what} holds characters that cannot be seen.")
    return text
