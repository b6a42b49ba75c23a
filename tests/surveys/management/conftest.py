"""The scripted mail server and the stand-in for a gateway, as the tests of sending know them."""

from tests.surveys.services.conftest import sms_server, smtp

__all__ = ["sms_server", "smtp"]
