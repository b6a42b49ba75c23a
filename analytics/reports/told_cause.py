"""The ratings of causes that a bound reader is told of. Imports nothing that reads a fix answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE
from analytics.filters import Filters
from analytics.frames import cause, cause_facts
from analytics.frames.selection import Selection
from analytics.reports import suppression
from analytics.reports.access import fewest
from analytics.reports.cached import cached
from surveys.services.access import Scope


def ratings(filters: Filters, scope: Scope) -> suppression.Told:
    """The ratings of causes a bound reader is told of, one series of each cause.

    Raises: FilterError.
    """
    limits = suppression.limits_of(scope)
    least = fewest(scope)

    def counted() -> pd.DataFrame:
        facts = cause_facts.facts(limits)
        return suppression.group(facts, facts["cause_id"], least)

    table = cached(f"told-cause-{least}", limits, counted)
    asked = Selection.of(filters, scope)
    if asked.cause is not None:
        table = table[table["cause_id"].isin(asked.cause)]
    return suppression.within(table, filters)


def counted(filters: Filters, scope: Scope) -> tuple[pd.DataFrame, Mapping[int, int]]:
    """What a bound reader's rows are made of, and how many answers of each wait to be told.

    Their own causes in whole groups; all others as they were in the months of reference, whatever
    is asked for, so that the pool tells nothing of what others said meanwhile.

    Shape: as `frames.cause.by_cause` gives it.
    """
    limits = suppression.limits_of(scope)
    told = ratings(filters.about(), scope)
    since, until = suppression.reference()
    usual = Selection(from_=since, to=until)
    others = cached("causes", usual, lambda: cause.by_cause(usual))
    others = others[~others["cause_id"].isin(limits.cause or ())]
    table = pd.concat([by_cause(told.answers), others], ignore_index=True)
    return table, Counter(told.waiting["cause_id"].astype("int64").tolist())


def by_cause(answers: pd.DataFrame) -> pd.DataFrame:
    """Shape: as `frames.cause.by_cause` gives it."""
    questions = {"c1": HISTOGRAM, "c2": AVOIDABLE, "c3": RECURRENCE}
    return suppression.histograms(answers, "cause_id", questions)
