"""No log line holds the token of a respondent's link, and no stranger fills the log."""

from __future__ import annotations

import io
import logging
import sys

from config.logs import CalmRefusals, RedactingFormatter, RedactTokens, redact

TOKEN = "kW0c9m3TqN7dX-_aBcDeFg"


def test_tokens_of_survey_and_unsubscribe_links_are_taken_out() -> None:
    line = f"Not Found: /s/{TOKEN}/done/ and https://x.example/u/{TOKEN}/?F1=4"
    assert redact(line) == "Not Found: /s/[token]/done/ and https://x.example/u/[token]/?F1=4"
    assert redact(f"/p/{TOKEN}/test/both/") == "/p/[token]/test/both/"


def test_other_paths_are_left_alone() -> None:
    line = "GET /static/console/console.css /api/v1/cases/zendesk/1234567890/"
    assert redact(line) == line


def test_record_with_arguments_and_traceback_is_redacted() -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(RedactingFormatter("%(message)s"))
    handler.addFilter(RedactTokens())
    logger = logging.getLogger("tests.redaction")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        raise ValueError(f"/s/{TOKEN}/")
    except ValueError:
        logger.exception("at %s", f"/u/{TOKEN}/")
    assert TOKEN not in output.getvalue()
    assert output.getvalue().splitlines()[0] == "at /u/[token]/"


def test_refused_request_of_a_stranger_is_one_line() -> None:
    try:
        raise ValueError("Invalid HTTP_HOST header")
    except ValueError:
        caught = sys.exc_info()
    lines = {}
    for name in ("django.security.DisallowedHost", "django.request"):
        record = logging.LogRecord(name, logging.ERROR, "", 0, "Refused", (), caught)
        CalmRefusals().filter(record)
        shown = RedactingFormatter("%(levelname)s %(message)s").format(record)
        lines[name] = shown.splitlines()[0], "Traceback" in shown
    assert lines == {
        "django.security.DisallowedHost": ("WARNING Refused", False),
        "django.request": ("ERROR Refused", True),
    }
