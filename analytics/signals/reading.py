"""What was raised, for a reader: within what they may see, and as asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from analytics.filters import Filters
from analytics.frames.selection import Selection
from analytics.reports.access import refuse_hidden, require
from analytics.signalled import Signal
from surveys.services.access import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """Which signals: of the causes and days of `filters` (any day of their weeks), of one series
    or both; with `withdrawn` also those that the charts do not tell any more."""

    filters: Filters
    series: str = ""
    withdrawn: bool = False


def signals(asked: Asked, scope: Scope) -> QuerySet[Signal]:
    """Newest raised first.

    Raises: FilterError; NotVisible for who sees no causes.
    """
    require(scope, cause=True)
    refuse_hidden(asked.filters, scope)
    causes = Selection.of(asked.filters, scope).cause
    found = Signal.objects.select_related("cause__merged_into__owner", "cause__owner")
    found = found.annotate(about=Coalesce("cause__merged_into_id", "cause_id"))
    if causes is not None:
        found = found.filter(about__in=causes)
    if asked.filters.from_:
        found = found.filter(last_week__gte=asked.filters.from_ - dt.timedelta(days=6))
    if asked.filters.to:
        found = found.filter(week__lte=asked.filters.to)
    if asked.series:
        found = found.filter(series=asked.series)
    if not asked.withdrawn:
        found = found.filter(Q(withdrawn_at=None))
    return found
