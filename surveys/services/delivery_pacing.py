"""How many mails may leave in a second, to everyone and to one domain (MAIL_LIMITS), and how many
short messages by one channel (MESSAGE_LIMITS).

Each limit is a row of the database: all workers on all hosts take from the same one, in the
transaction of their claim. What no limit has room for is put off to a moment of its own, one
after the other, so a long queue for one domain neither holds up the others nor is looked at
again and again. While a limit has such a queue, whoever comes new stands behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from surveys.channels.base import USUAL

#: What a limit lets through at once: the mails of so many seconds, and one at the least.
BURST: Final = 1.0
#: The name of the limit of all mails.
EVERYONE: Final = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A due mail or message: the names of the limits it is under, where such are set, and whether
    it stood in the queue of one already."""

    delivery_id: int
    limits: tuple[str, ...]
    queued: bool


@dataclass(slots=True)
class Limit:
    """`rate` mails a second. `free_at`: when it has wholly recovered from what it let through;
    `queue_until`: the moment given to the last mail put off."""

    rate: float
    free_at: dt.datetime
    queue_until: dt.datetime

    @property
    def _gap(self) -> dt.timedelta:
        return dt.timedelta(seconds=1 / self.rate)

    def has_room(self, now: dt.datetime, *, queued: bool) -> bool:
        """Whether one more may leave now. The mails of BURST seconds may come all at once."""
        if self.queue_until > now and not queued:
            return False
        allowance = max(dt.timedelta(seconds=BURST), self._gap)
        return self.free_at + self._gap <= now + allowance

    def take(self, now: dt.datetime) -> None:
        self.free_at = max(self.free_at, now) + self._gap

    def next_moment(self, now: dt.datetime) -> dt.datetime:
        """The moment that the next mail put off would get."""
        return max(self.queue_until, self.free_at, now) + self._gap


def domain_of(address: str) -> str:
    """The domain that limits are named by."""
    return address.rpartition("@")[2].lower()


def limits_of(channel: str, address: str) -> tuple[str, ...]:
    """The names of the limits of what goes by a channel to an address."""
    if channel == USUAL:
        return EVERYONE, domain_of(address)
    return (_name_of(channel),)


def _name_of(channel: str) -> str:
    return f"{channel}:"  # as no domain can be called


def pace(
    mails: Sequence[Waiting], limits: Mapping[str, Limit], now: dt.datetime
) -> tuple[set[int], dict[int, dt.datetime]]:
    """Which of the mails may leave now, and to when the others are put off; changes the limits.

    In the order given. Each leaves where all of its limits have room. Of no limit more leave in t
    seconds than rate · (t + BURST), and one.
    """
    going: set[int] = set()
    later: dict[int, dt.datetime] = {}
    for mail in mails:
        own = [limits[name] for name in mail.limits if name in limits]
        if all(limit.has_room(now, queued=mail.queued) for limit in own):
            for limit in own:
                limit.take(now)
            going.add(mail.delivery_id)
            continue
        moment = max(limit.next_moment(now) for limit in own)
        for limit in own:
            # Only the tighter one makes it wait; the other one has it when its moment has come.
            if limit.next_moment(now) == moment:
                limit.queue_until = moment
        later[mail.delivery_id] = moment
    return going, later


_KNOWN: Final = """
INSERT INTO surveys_mailpace (domain, free_at, queue_until)
SELECT domain, %(now)s::timestamptz, %(now)s::timestamptz
  FROM unnest(%(domains)s::text[]) AS d (domain)
ON CONFLICT (domain) DO NOTHING
"""
_LOCK: Final = """
SELECT domain, free_at, queue_until FROM surveys_mailpace
 WHERE domain = ANY(%(domains)s::text[]) ORDER BY domain FOR UPDATE
"""
_KEEP: Final = """
UPDATE surveys_mailpace p SET free_at = g.free_at, queue_until = g.queue_until
  FROM unnest(%(domains)s::text[], %(free)s::timestamptz[], %(until)s::timestamptz[])
    AS g (domain, free_at, queue_until)
 WHERE p.domain = g.domain
"""


def take(mails: Sequence[Waiting], now: dt.datetime) -> tuple[set[int], dict[int, dt.datetime]]:
    """`pace` by the limits that are set, in the caller's transaction: whoever rolls back has taken
    nothing. Without limits nothing is read."""
    rates: dict[str, float] = settings.MAIL_LIMITS | {
        _name_of(channel): rate for channel, rate in settings.MESSAGE_LIMITS.items()
    }
    domains = sorted({name for mail in mails for name in mail.limits if name in rates})
    if not domains:
        return {mail.delivery_id for mail in mails}, {}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"domains": domains, "now": now})
        cursor.execute(_LOCK, {"domains": domains})
        limits = {name: Limit(rates[name], free, until) for name, free, until in cursor.fetchall()}
        found = pace(mails, limits, now)
        cursor.execute(
            _KEEP,
            {
                "domains": list(limits),
                "free": [limit.free_at for limit in limits.values()],
                "until": [limit.queue_until for limit in limits.values()],
            },
        )
    return found
