"""The scripted mail server, as the tests of sending know it, and a broker of one's own."""

from tests.faults.workers import broker
from tests.surveys.services.conftest import smtp

__all__ = ["broker", "smtp"]
