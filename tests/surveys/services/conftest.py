"""What the tests of sending share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from surveys.channels.standin import StandIn
from tests.smtp_server import SmtpServer
from tests.surveys.services.gateways import use_gateway


@pytest.fixture
def sms_server(settings: Settings) -> Iterator[StandIn]:
    """The gateway of SMS, a stand-in."""
    with StandIn() as running:
        use_gateway(settings, running.url)
        yield running


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    """A scripted mail server that the settings point to."""
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 30  # a loaded machine is slow, not wrong
        settings.DEFAULT_FROM_EMAIL = "Northline <survey@northline.example>"
        settings.SITE_URL = "https://survey.northline.example"
        yield server


@pytest.fixture
def impatient(settings: Settings) -> Callable[[bool], None]:
    """Set how long a mail may take: hardly, for a server that hangs, or as long as usual."""

    def be(impatient: bool) -> None:
        settings.EMAIL_TIMEOUT = 1.5 if impatient else 30

    return be
