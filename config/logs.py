"""Logs without a respondent's token: a link is a key, and logs are read by many."""

from __future__ import annotations

import logging
import re
from typing import Any

TOKEN = re.compile(r"(/(?:s|u|k|p|shared|digest-off)/)[A-Za-z0-9_=-]{8,}")


def redact(text: str) -> str:
    """The text with the tokens of survey and unsubscribe links taken out."""
    return TOKEN.sub(r"\1[token]", text)


class RedactTokens(logging.Filter):
    """Take tokens out of every record before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


class CalmRefusals(logging.Filter):
    """What a stranger can cause with one odd request (a wrong Host, too many fields) is refused as
    it should be: one line and no traceback, or anyone could fill the disk with them."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


class RedactingFormatter(logging.Formatter):
    """Takes tokens out of what a traceback shows, too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr, one line per record, 12-factor."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"redact": {"()": RedactTokens}, "calm": {"()": CalmRefusals}},
        "formatters": {
            "line": {
                "()": RedactingFormatter,
                "format": "{asctime} {levelname} {name} {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["redact", "calm"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "axes": {"level": "WARNING"},
            "mail.log": {"level": "WARNING"},  # aiosmtpd, which names every address
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # It names every connection and every poll at INFO.
            "celery.app.trace": {"level": "WARNING" if level == "INFO" else level},
            "celery.beat": {"level": "WARNING" if level == "INFO" else level},
            "celery.worker.strategy": {"level": "WARNING" if level == "INFO" else level},
        },
    }


def report_errors_to(dsn: str) -> None:
    """Send errors to Sentry, without personal data and without tokens."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn, send_default_pii=False, max_request_body_size="never", before_send=_scrub
    )


def _scrub(event: Any, hint: dict[str, Any]) -> Any:
    return _redact_all(event)


def _redact_all(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redact_all(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_all(entry) for entry in value]
    return value
