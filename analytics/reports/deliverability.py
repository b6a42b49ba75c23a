"""How mails fare on their way to customers: what was sent, what came back, what waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import pandas as pd

from analytics.columns import optional
from analytics.frames import deliverability as read
from analytics.frames.deliverability import Queue
from analytics.metrics.intervals import wilson

#: Domains with a line of their own; the others are one.
SHOWN: Final = 25
UNKNOWN_SHOWN: Final = 100
_COUNTS: Final = (
    "sent", "bounced", "refused", "unknown", "delivered", "completed", "by_machines"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of `n` with its 95 % interval (Wilson); None where n is 0."""

    hits: int
    n: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class DomainLine:
    """Mails to one domain. `n_domains` is more than 1 for the line of all others. Every mail is in
    one of bounced, refused, unknown and delivered."""

    domain: str
    n_domains: int
    sent: int
    bounced: int
    refused: int
    unknown: int
    delivered: int
    completed: int
    by_machines: int

    @property
    def answered(self) -> Rate:
        return rate(self.completed, self.sent)

    @property
    def bounce_rate(self) -> Rate:
        return rate(self.bounced, self.sent)


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """Surveys that went by one channel, each in one of bounced, refused, unknown and delivered.
    `confirmed`: somebody said that it arrived."""

    channel: str
    sent: int
    bounced: int
    refused: int
    unknown: int
    delivered: int
    confirmed: int
    completed: int

    @property
    def answered(self) -> Rate:
        return rate(self.completed, self.sent)


@dataclass(frozen=True, slots=True)
class HourLine:
    """Invitations that left in an hour of the customer's clock: by arm, and all."""

    hour: int
    fix_first: Rate
    cause_first: Rate
    all: Rate


@dataclass(frozen=True, slots=True)
class Deliverability:
    """The surveys sent in a period; `totals` is the sum of `domains`, which are of mails alone.
    `complaints` and `unsubscribed` are addresses, by the day they said so."""

    since: dt.datetime
    until: dt.datetime
    totals: DomainLine
    domains: tuple[DomainLine, ...]
    channels: tuple[ChannelLine, ...]
    hours: tuple[HourLine, ...]
    complaints: int
    unsubscribed: int
    not_surveyed: tuple[tuple[str, int], ...]


def rate(hits: int, n: int) -> Rate:
    """A share with its interval."""
    if not n:
        return Rate(hits, n, None, None, None)
    low, high = wilson(hits, n)
    return Rate(hits, n, hits / n, optional(float(low)), optional(float(high)))


def deliverability(since: dt.datetime, until: dt.datetime, zone: str) -> Deliverability:
    """How the mails from `since` until before `until` fared. `zone` is the clock of customers whose
    own is not known. For admins: it names domains, and no answer."""
    found = read.by_domain(since, until)
    gone = read.suppressed(since, until)
    return Deliverability(
        since=since,
        until=until,
        totals=_line("", len(found), found),
        domains=tuple(_domains(found)),
        channels=tuple(_channels(read.by_channel(since, until))),
        hours=tuple(_hours(read.by_hour(since, until, zone))),
        complaints=gone.get("complained", 0),
        unsubscribed=gone.get("unsubscribed", 0),
        not_surveyed=tuple(read.not_surveyed(since, until)),
    )


def queue(now: dt.datetime) -> Queue:
    """What waits in the outbox."""
    return read.queue(now)


def beat_seen_at() -> dt.datetime | None:
    """When the background jobs were last seen; None where they never were."""
    return read.beat_seen_at()


def unknown_mails() -> list[dict[str, object]]:
    """The latest mails whose outcome nobody knows."""
    return read.unknown_mails(UNKNOWN_SHOWN)


def _domains(found: pd.DataFrame) -> Iterable[DomainLine]:
    own, others = found[:SHOWN], found[SHOWN:]
    for place, name in enumerate(own["domain"]):
        yield _line(str(name), 1, own[place : place + 1])
    if len(others):
        yield _line("", len(others), others)


def _channels(found: pd.DataFrame) -> Iterable[ChannelLine]:
    counts = [field.name for field in fields(ChannelLine)][1:]
    for row in found.to_dict("records"):
        yield ChannelLine(str(row["channel"]), *(int(row[name]) for name in counts))


def _line(domain: str, n_domains: int, part: pd.DataFrame) -> DomainLine:
    return DomainLine(domain, n_domains, *(int(part[name].sum()) for name in _COUNTS))


def _hours(found: pd.DataFrame) -> Iterable[HourLine]:
    for hour, part in found.groupby("hour", sort=True):
        arms = {
            str(arm): rate(int(one["completed"].sum()), int(one["invited"].sum()))
            for arm, one in part.groupby("arm")
        }
        nothing = rate(0, 0)
        yield HourLine(
            int(str(hour)),
            arms.get("fix_first", nothing),
            arms.get("cause_first", nothing),
            rate(int(part["completed"].sum()), int(part["invited"].sum())),
        )
