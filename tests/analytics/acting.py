"""Registered actions for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from analytics.models import Action
from tests.factories import NOW, CauseFactory

#: NOW is a Friday of 2026.
TODAY = NOW.date()


class ActionFactory(DjangoModelFactory[Action]):
    """Done on one day a week ago, registered the day before."""

    class Meta:
        model = Action

    cause = factory.SubFactory(CauseFactory)
    title = factory.Sequence(lambda n: f"Action {n}")
    began_on = TODAY - dt.timedelta(days=7)
    done_on = factory.SelfAttribute("began_on")
    registered_at = factory.LazyAttribute(lambda one: _noon(one.began_on - dt.timedelta(days=1)))
    dated_at = factory.SelfAttribute("registered_at")


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def posted(**fields: Any) -> dict[str, str]:
    """An action as its form posts it."""
    told = {"title": "Bills are checked", "text": "", "owner": "", "began_on": "", "done_on": ""}
    return told | {name: str(value) for name, value in fields.items()}
