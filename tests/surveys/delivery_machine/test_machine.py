"""Invariants 1 to 8 and 16, whatever happens in whatever order.

A few examples in every run of the suite. For a long search set DELIVERY_MACHINE to how many
examples of how many steps: `DELIVERY_MACHINE=2000x60 pytest
tests/surveys/delivery_machine`. Each search goes where none has been before; what it finds is
printed as the shortest steps that lead there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django.fixtures import Settings

from tests.surveys.delivery_machine.machine import DeliveryMachine
from tests.surveys.delivery_machine.postbox import Postbox
from tests.surveys.delivery_machine.site import Site
from tests.surveys.services.came_back import ADDRESS

SIZE = "DELIVERY_MACHINE"
USUAL = "16x28"


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    with Postbox() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "Northline <survey@northline.example>"
        settings.SITE_URL = "https://survey.northline.example"
        settings.BOUNCE_ADDRESS = ADDRESS
        settings.MAIL_LIMITS = {}  # each example sets its own; this puts back what was
        yield server


@pytest.mark.django_db(transaction=True)
def test_invariants_hold_whatever_happens(postbox: Postbox) -> None:
    wanted = os.environ.get(SIZE, USUAL)
    n_examples, n_steps = (int(part) for part in wanted.split("x"))
    DeliveryMachine.postbox, DeliveryMachine.secret = postbox, Site.make_key()
    run_state_machine_as_test(
        DeliveryMachine,
        settings=settings(
            max_examples=n_examples,
            stateful_step_count=n_steps,
            deadline=None,
            derandomize=wanted == USUAL,
            suppress_health_check=list(HealthCheck),
            # To find the shortest way to a failure takes minutes: for who searches.
            phases=[Phase.generate] if wanted == USUAL else [Phase.generate, Phase.shrink],
        ),
    )
