"""Where a reader is: whose "today" a relative period ends on."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.utils import timezone

from analytics.kept import ReaderSettings
from surveys.models import User
from surveys.services.access import Scope

UTC: Final = ZoneInfo("UTC")


class UnknownTimeZone(ValueError):  # noqa: N818 -- it names what is wrong
    """A time zone that the IANA database does not have, in words."""


def company_zone() -> ZoneInfo:
    """The time zone of `COMPANY_TIME_ZONE`."""
    return ZoneInfo(settings.COMPANY_TIME_ZONE)


def zone_of(user: User) -> ZoneInfo:
    """The reader's own time zone, else the company's."""
    own = ReaderSettings.objects.filter(user=user).values_list("time_zone", flat=True).first()
    try:
        return ZoneInfo(own) if own else company_zone()
    except (ZoneInfoNotFoundError, ValueError):  # a name that a newer database dropped
        return company_zone()


def set_zone(user: User, name: str) -> None:
    """Keep a reader's time zone; empty for the company's.

    Raises: UnknownTimeZone.
    """
    if name and name not in available_timezones():
        raise UnknownTimeZone(
            f"There is no time zone “{name[:60]}”; choose one such as Europe/Berlin."
        )
    ReaderSettings.objects.update_or_create(user=user, defaults={"time_zone": name})


def day_of(user: object, scope: Scope, now: dt.datetime | None = None) -> dt.date:
    """The day it is for a reader.

    Whoever reads fixed periods only has the UTC day that these are counted by: moving one's own
    time zone would shift the period by a day, and two periods a day apart tell who answered between
    them. A key of the API, which is nobody, has the company's.
    """
    moment = now or timezone.now()
    if scope.agent_ids is not None:
        return moment.astimezone(UTC).date()
    zone = zone_of(user) if isinstance(user, User) else company_zone()
    return moment.astimezone(zone).date()
