"""What a report is asked for: the filters of the API and of every report page, in the URL.

A repeated parameter means "any of these"; different parameters mean "and". Dates are whole days in
UTC, both ends included. Without dates everything is meant. A relative period ("period=28d") stands
in place of dates and stays relative in the address; the caller says which day it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Literal

from django.http import QueryDict

from analytics import periods

By = Literal["answered", "resolved"]

BY: Final[tuple[By, ...]] = ("answered", "resolved")
#: Filters on a dimension: the parameter's name in the URL is the field's name.
DIMENSIONS: Final = (
    *("team", "agent", "product", "cause", "branch", "channel", "language", "questionnaire"),
)
PARAMETERS: Final = ("from", "to", "period", "by", *DIMENSIONS)
MAX_VALUES: Final = 200
MAX_LENGTH: Final = 200


class FilterError(ValueError):
    """A parameter that cannot be used; the message is a sentence for people."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message


@dataclass(frozen=True, slots=True)
class Filters:
    """One question. Teams and products go by name, agents by external id, causes by code,
    questionnaires by slug; empty means all. A branch is a cause with all that is below it in the
    tree, where `cause` is that cause alone; of both given, what is in both is meant. `period` names
    the relative period that `from_` and `to` come from, if any."""

    from_: dt.date | None = None
    to: dt.date | None = None
    by: By = "answered"
    team: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()
    branch: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    questionnaire: tuple[str, ...] = ()
    period: str = ""

    @classmethod
    def parse(
        cls,
        query: QueryDict,
        *,
        other: Iterable[str] = (),
        today: Callable[[], dt.date] | None = None,
    ) -> Filters:
        """Read the filters of a URL; `other` names parameters that belong to someone else, `today`
        the reader's day, asked for a relative period only.

        Raises: FilterError naming the parameter.
        """
        refuse_unknown(query, (*PARAMETERS, *other))
        from_, to = _date(query, "from"), _date(query, "to")
        period = _period(query)
        if period:
            if today is None:
                raise FilterError("period", "Here only “from” and “to” can be given.")
            from_, to = periods.resolve(period, today())
        if from_ and to and to < from_:
            raise FilterError("to", f"The last day, {to}, lies before the first, {from_}.")
        dimensions = {name: _values(query, name) for name in DIMENSIONS}
        return cls(from_=from_, to=to, by=_by(query), period=period, **dimensions)

    def to_query(self) -> str:
        """The same filters as a query string, always in the same order; empty for no filter."""
        query = QueryDict(mutable=True)
        if self.period:
            query["period"] = self.period
        elif self.from_ or self.to:
            days = {"from": self.from_, "to": self.to}
            query.update({name: day.isoformat() for name, day in days.items() if day})
        if self.by != "answered":
            query["by"] = self.by
        for name in DIMENSIONS:
            query.setlist(name, self.of(name))
        return query.urlencode()

    def of(self, dimension: str) -> tuple[str, ...]:
        """The values asked for of one dimension."""
        values: tuple[str, ...] = getattr(self, dimension)
        return values

    def with_(self, **changes: object) -> Filters:
        """The same question with some filters changed; other dates are no longer its period."""
        if changes.keys() & {"from_", "to"}:
            changes.setdefault("period", "")
        return replace(self, **changes)  # type: ignore[arg-type]

    def about(self, *codes: str) -> Filters:
        """The same question about these causes alone, whichever causes and branches it named; about
        all without any."""
        return replace(self, cause=codes, branch=())

    @property
    def frozen(self) -> Filters:
        """The same days for good, also where they were those of a relative period."""
        return replace(self, period="")

    @property
    def is_filtered(self) -> bool:
        """Whether any dimension is narrowed; dates alone are no filter."""
        return any(self.of(name) for name in DIMENSIONS)

    @property
    def values(self) -> Mapping[str, object]:
        """Field names and values, for templates."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def refuse_unknown(query: QueryDict, known: Iterable[str]) -> None:
    """A misspelt filter would silently answer another question, so it is refused with its name.

    Raises: FilterError.
    """
    for name in query:
        if name not in set(known):
            raise FilterError(name, f"There is no parameter “{name[:MAX_LENGTH]}”.")


def refuse_causes(filters: Filters) -> None:
    """For what is about one cause that the address names.

    Raises: FilterError.
    """
    for name in ("cause", "branch"):
        if filters.of(name):
            raise FilterError(name, "The cause stands in the address.")


def single(query: QueryDict, name: str) -> str | None:
    """The only value of a parameter, None where it is missing or empty.

    Raises: FilterError where it is given twice.
    """
    values = [value for value in query.getlist(name) if value]
    if len(values) > 1:
        raise FilterError(name, f"“{name}” may be given only once.")
    return values[0] if values else None


def _date(query: QueryDict, name: str) -> dt.date | None:
    text = single(query, name)
    if text is None:
        return None
    try:
        # fromisoformat also takes "20260101" and "2026-W01-1", which is not what we promise.
        if len(text) != 10:
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise FilterError(name, f"“{name}” must be a date such as 2026-03-31.") from None
    if not dt.date(1970, 1, 1) <= day <= dt.date(9998, 12, 31):
        raise FilterError(name, f"“{name}” must lie between 1970 and 9998.")
    return day


def _period(query: QueryDict) -> str:
    name = single(query, "period")
    if name is None:
        return ""
    if name not in periods.NAMES:
        known = ", ".join(periods.NAMES)
        raise FilterError("period", f"“period” must be one of {known}.")
    if single(query, "from") or single(query, "to"):
        raise FilterError("period", "Give either “period” or “from” and “to”.")
    return name


def _by(query: QueryDict) -> By:
    text = single(query, "by")
    if text is None or text == "answered":
        return "answered"
    if text == "resolved":
        return "resolved"
    raise FilterError("by", "“by” must be “answered” or “resolved”.")


def _values(query: QueryDict, name: str) -> tuple[str, ...]:
    values = tuple(sorted({value for value in query.getlist(name) if value}))
    if len(values) > MAX_VALUES:
        raise FilterError(name, f"“{name}” takes at most {MAX_VALUES} values.")
    for value in values:
        # NUL and lone surrogates are no text to the database.
        if len(value) > MAX_LENGTH or re.search("[\x00\ud800-\udfff]", value):
            raise FilterError(name, f"“{name}” holds a value that no {name} can have.")
    return values
