"""How signals stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from analytics.api.described import FILTERS, FORMAT, NOTES
from analytics.signalled import Signal
from analytics.signals.telling import UNITS
from surveys.api.described import (
    PAGING,
    Example,
    Json,
    answers,
    maybe,
    page_schema,
    query,
    record,
    text,
    with_files,
)

_FIGURE: Final[Json] = {
    "type": ["number", "null"],
    "description": "As it was when the signal was raised, in `unit`; null where under five answers "
    "tell of it and the reader may not see so few, or there is none.",
}
_DAY: Final = text("A Monday.", format="date")
_YES: Final[Json] = {"type": "boolean"}

SIGNAL: Final = record(
    [
        *("id", "cause", "series", "chart", "week", "since", "last_week", "is_on", "unit"),
        *("value", "centre", "limit", "n", "sentence", "raised_at", "is_news", "withdrawn_at"),
    ],
    id={"type": "integer"},
    cause=record(
        ["code", "name", "owner", "url"],
        code=text("Of what the cause is now, where it was merged since."),
        name=text("As it is called now."),
        owner=maybe(text("The member of staff who owns it.")),
        url=text("Its page.", format="uri"),
    ),
    series=text("Dismay of its customers, or its cases.", enum=list(Signal.Series.values)),
    chart=text(
        "What told: the week alone, it and the one before, the smoothed run of weeks, or a rise "
        "that the limits hide.",
        enum=list(Signal.Chart.values),
    ),
    week=_DAY | {"description": "The first week of the alarm, by its Monday."},
    since=maybe(_DAY | {"description": "Since when the level is another, where that was found."}),
    last_week=_DAY | {"description": "The last week of the alarm so far."},
    is_on=_YES | {"description": "Whether the last whole week is out of line, too."},
    unit=text("What the figures are.", enum=list(UNITS.values())),
    value=_FIGURE,
    centre=_FIGURE,
    limit=_FIGURE,
    n={"type": ["integer", "null"], "description": "Answers, or cases of this cause."},
    sentence=text("The same in words."),
    raised_at=text("When.", format="date-time"),
    is_news=_YES
    | {"description": "Whether it was told outside: its week ended at most 14 days before."},
    withdrawn_at=maybe(
        text(
            "Since when the charts do not tell it any more, for answers came, changed or were "
            "erased.",
            format="date-time",
        )
    ),
)
_ASKED: Final = ("from", "to", "period", "cause")
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_signals",
    "tags": ["signals"],
    "summary": "List alarms as they were raised",
    "description": (
        "Newest first, each once: what `signal.raised` tells endpoints. The report of alarms says "
        "what the charts tell now; a signal stays, with the figures it was raised with. Dates are "
        "those of the weeks. Scope `reports:read`."
    ),
    "parameters": [
        *(one for one in FILTERS if one.name in _ASKED),
        query("series", "Only of one kind.", enum=list(Signal.Series.values)),
        query("withdrawn", "With `1` also those that were withdrawn.", enum=["0", "1"]),
        *PAGING,
        FORMAT,
        NOTES,
    ],
    "responses": with_files(answers(200, schema=page_schema(SIGNAL), problems=(400, 404))),
    "examples": [
        Example(
            "More cases than usual",
            value={
                "results": [
                    {
                        "id": 12,
                        "cause": {
                            "code": "plan-change",
                            "name": "Plan change went wrong",
                            "owner": "Olu Adeyemi",
                            "url": "https://survey.example.com/causes/plan-change/#by-week",
                        },
                        "series": "cases",
                        "chart": "week",
                        "week": "2026-11-09",
                        "since": None,
                        "last_week": "2026-11-09",
                        "is_on": True,
                        "unit": UNITS["cases"],
                        "value": 116.0,
                        "centre": 61.0,
                        "limit": 84.0,
                        "n": 29,
                        "sentence": "In the week of 9 November 2026 29 cases came, 116 per 1,000 "
                        "of all cases; usual are 61.",
                        "raised_at": "2026-11-16T00:10:00Z",
                        "is_news": True,
                        "withdrawn_at": None,
                    }
                ],
                "next": None,
            },
            response_only=True,
        )
    ],
}
