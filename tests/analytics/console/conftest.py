"""A company with half a year of answers, as the report pages show it."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics import simulation
from analytics.console import asking
from surveys.models import User
from tests.analytics.console.filed import Readers, readers_of_company
from tests.factories import UserFactory
from tests.surveys.staff import NO_PASSWORD
from tests.worlds import world

LAST_DAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Today" is the day after the last one simulated."""
    monkeypatch.setattr(asking, "today", lambda: LAST_DAY + dt.timedelta(days=1))


@world
def company() -> simulation.Simulated:
    return simulation.simulate(
        600, seed=5, last_day=LAST_DAY, agents=9, causes=6, days=60, response_rate=0.6
    )


@pytest.fixture
def manager() -> User:
    user: User = UserFactory(role=User.Role.MANAGER, password=NO_PASSWORD, name="Mia")
    return user


@pytest.fixture
def readers(company: simulation.Simulated) -> Readers:
    return readers_of_company()
