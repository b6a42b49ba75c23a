"""Tries a connection's access while somebody waits for it: about its newest case, else whether the
token is good at all; says in words what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from surveys.helpdesks.lookups.base import Access, Asked, Lookup
from surveys.models import Case, Connection
from surveys.services.asking import access, queue
from surveys.services.asking.client import Kind, Trouble, converse
from surveys.services.connections import ConnectionFault
from surveys.services.outgoing.addresses import Resolver, look_up
from surveys.services.sealing import LostKeyError

# A person waits for it, and the web server does not wait for ever.
SECONDS: Final = 12.0


def try_now(held: Connection, now: datetime, *, resolve: Resolver = look_up) -> str:
    """Ask, and where there is an answer have all asked again that wait for an address.

    Raises: ConnectionFault, where there is none.
    """
    lookup = access.lookup_of(held)
    try:
        by = access.access_of(held)
    except LostKeyError as error:
        raise ConnectionFault(f"The token cannot be read: {error}; or enter it anew.") from error
    if lookup is None or by is None:
        raise ConnectionFault("Enter a token first.")
    if (until := queue.rests_until(held)) is not None:
        raise ConnectionFault(
            f"It asked to be left alone until {until:%H:%M:%S} UTC: {held.api_last_failure}."
        )
    try:
        words = _asked(held, lookup, by, now, resolve)
    except Trouble as trouble:
        raise ConnectionFault(f"Its API: {_noted(held, trouble, now)}.") from trouble
    Connection.objects.filter(pk=held.pk).update(api_last_success_at=now, **queue.WELL)
    held.refresh_from_db()
    if n := queue.ask_again(held, now):
        words += f" {n} without an address {'is' if n == 1 else 'are'} asked about now."
    return words


def _asked(held: Connection, lookup: Lookup, by: Access, now: datetime, resolve: Resolver) -> str:
    newest = Case.objects.filter(source=held.slug).order_by("-pk").first()
    if newest is None:
        greeting = lookup.greet(by)
        heard = converse(held.api_url, greeting, now, resolve=resolve, seconds=SECONDS)
        return f"Its API answers: {heard.value}. No case has come yet that could be asked about."
    asked = Asked(newest.external_id)
    found = converse(
        held.api_url, lookup.ask(by, asked), now, resolve=resolve, seconds=SECONDS
    ).value
    told = ", ".join(found.told()) or "nothing"
    words = f"Its API answers: of case {newest.external_id} it tells {told}."
    return words if found.email else f"{words} Without an e-mail address nobody can be asked."


def _noted(held: Connection, trouble: Trouble, now: datetime) -> str:
    """The words of a trouble, kept where they concern more than this one question."""
    if trouble.kind is Kind.PAUSE:
        queue.pause(held.pk, trouble.words)
    elif trouble.kind is Kind.REST and trouble.rest is not None:
        queue.leave_alone(held.pk, trouble.rest, trouble.words, now)
    held.refresh_from_db()
    return trouble.words
