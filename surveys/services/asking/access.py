"""By what a helpdesk's API is asked: its address, and a token that is sealed and never shown again.

The token goes to the one address it was given for: whoever changes the address enters it anew.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from django.db.models import Q

from surveys.helpdesks.lookups import LOOKUPS
from surveys.helpdesks.lookups.base import Access, Lookup
from surveys.models import Connection
from surveys.services import sealing
from surveys.services.asking import queue
from surveys.services.connections import ConnectionFault
from surveys.services.outgoing.addresses import Refused, judged, target_of

LONGEST_URL: Final = 300
LONGEST_USER: Final = 300
LONGEST_TOKEN: Final = 4000
#: Whose API can be asked just now.
CAN_ASK: Final = Q(deleted_at=None, api_access__isnull=False, api_fault="", kind__in=LOOKUPS)


def lookup_of(connection: Connection) -> Lookup | None:
    """How this helpdesk is asked; None where it cannot be."""
    return LOOKUPS.get(connection.kind)


def set_access(connection: Connection, url: str, user: str, token: str, now: datetime) -> int:
    """Ask there by this token from now on, also about whatever waits without an address: how many
    cases that are. Raises: ConnectionFault.
    """
    lookup = lookup_of(connection)
    if lookup is None:
        raise ConnectionFault("The API of this helpdesk cannot be asked.")
    wanted = _address(lookup, url)
    told = {
        "user": _credential(user, LONGEST_USER, "What goes beside the token"),
        "token": _credential(token, LONGEST_TOKEN, "The token"),
    }
    if not told["token"]:
        raise ConnectionFault("Enter the token: it belongs to this address, and is never shown.")
    Connection.objects.filter(pk=connection.pk).update(
        api_url=wanted,
        api_access=sealing.seal(json.dumps(told)),
        api_access_since=now,
        **queue.WELL,
    )
    connection.refresh_from_db()
    return queue.ask_again(connection, now)


def remove_access(connection: Connection) -> None:
    """Forget the token; what was to be asked goes on without, and nothing is written any more.
    Again changes nothing."""
    Connection.objects.filter(pk=connection.pk).update(
        api_url="", api_access=None, api_access_since=None, writes_back=False, writes_tags=False,
        fix_field="", cause_field="", **queue.WELL,
    )  # fmt: skip
    queue.release_unaskable()
    connection.refresh_from_db()


def access_of(connection: Connection) -> Access | None:
    """What proves us there; None where nothing was given. Raises: LostKeyError."""
    if connection.api_access is None:
        return None
    told = json.loads(sealing.unseal(bytes(connection.api_access)))
    return Access(token=told["token"], user=told["user"])


def _address(lookup: Lookup, url: str) -> str:
    wanted = url.strip().rstrip("/")
    if not wanted:
        if lookup.HAS_OWN_ADDRESS:
            raise ConnectionFault(f"Enter the address of your own, such as {lookup.ADDRESS}.")
        wanted = lookup.ADDRESS
    if len(wanted) > LONGEST_URL:
        raise ConnectionFault(f"The address is longer than {LONGEST_URL} characters.")
    try:
        target = target_of(wanted)
        # Only what is written as a number: a name is judged whenever something is asked.
        judged(target, lambda host, _: [host] if _is_number(host) else ["2606:4700::1"])
    except Refused as error:
        raise ConnectionFault(f"The address {error}.") from error
    if "?" in wanted:
        raise ConnectionFault("The address must have no part behind a question mark.")
    return wanted


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _credential(text: str, limit: int, what: str) -> str:
    text = text.strip()
    if len(text) > limit:
        raise ConnectionFault(f"{what} is longer than {limit} characters.")
    if text and not (text.isascii() and text.isprintable()):
        raise ConnectionFault(f"{what} holds characters that no token has.")
    return text
