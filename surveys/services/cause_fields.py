"""Fields of a helpdesk's body that rules for causes name: only these are kept of a body.

A body may hold anything of anybody, so nothing of it is stored for the day that a rule might want
it. What a rule names is kept with the event, goes with an erasure, and is dropped where no rule
names it any more when the event is told again.
"""

from __future__ import annotations

from collections.abc import Iterable

from surveys.services.intake_shapes import CaseReport
from surveys.services.intake_sql import rows


def watched(source: str) -> tuple[str, ...]:
    """The paths that rules look at in cases of this source."""
    return tuple(sorted(path for path, of in _named() if of in ("", source)))


def keep_watched(reports: Iterable[CaseReport]) -> None:
    """Take out of what is told whatever no rule looks at; no query where no fields are told."""
    told = [report for report in reports if "fields" in report.content]
    named = _named() if told else []
    for report in told:
        paths = {path for path, of in named if of in ("", report.source)}
        fields = report.content["fields"]
        kept = {path: texts for path, texts in fields.items() if path in paths}
        if kept:
            report.content["fields"] = kept
        else:
            del report.content["fields"]


def _named() -> list[tuple[str, str]]:
    """Paths, each with the source that its rule is for; empty for any."""
    found = rows(
        "SELECT DISTINCT path, source FROM surveys_causerule"
        " WHERE what = 'field' AND deleted_at IS NULL"
    )
    return [(path, source) for path, source in found]
