"""The scripted mail server, as the tests of sending know it."""

from tests.surveys.services.conftest import smtp

__all__ = ["smtp"]
