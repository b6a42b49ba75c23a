"""A company with half a year of answers, as the report pages show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from analytics import simulation
from surveys.models import User
from tests.analytics.console.filed import Readers, readers_of_company
from tests.factories import UserFactory
from tests.surveys.staff import NO_PASSWORD
from tests.worlds import world

LAST_DAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def fixed_day() -> Iterator[None]:
    """ "Today" is the day after the last one simulated, for pages and for their files."""
    noon = dt.datetime.combine(LAST_DAY + dt.timedelta(days=1), dt.time(12), dt.UTC)
    with time_machine.travel(noon, tick=True):
        yield


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
