"""No log line holds the token of a respondent's link."""

from __future__ import annotations

import io
import logging

from config.logs import RedactingFormatter, RedactTokens, redact

TOKEN = "kW0c9m3TqN7dX-_aBcDeFg"


def test_tokens_of_survey_and_unsubscribe_links_are_taken_out() -> None:
    line = f"Not Found: /s/{TOKEN}/done/ and https://x.example/u/{TOKEN}/?F1=4"
    assert redact(line) == "Not Found: /s/[token]/done/ and https://x.example/u/[token]/?F1=4"


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
