"""How long an API wants to be left alone, in the ways the vendors say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from surveys.helpdesks.lookups.rates import LONGEST, USUAL, rest_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = int(NOW.timestamp()) + 25


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, None),
        (200, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(SOON)}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(SOON)}, 25),  # Intercom
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-22T12:01Z"}, 60),  # Jira
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "42"}, 42),  # Zendesk
        (429, {"retry-after": "93"}, 93),
        (429, {"retry-after": "Sun, 22 Nov 2026 12:00:10 GMT"}, 10),
        (429, {"x-hubspot-ratelimit-interval-milliseconds": "10000"}, 10),
        (429, {}, USUAL.total_seconds()),
        (429, {"retry-after": "soon"}, USUAL.total_seconds()),
        (429, {"retry-after": "-5"}, USUAL.total_seconds()),
        (429, {"retry-after": "1e400"}, USUAL.total_seconds()),
        (429, {"retry-after": "999999999"}, LONGEST.total_seconds()),
        (429, {"retry-after": "0.001"}, 1),
        (503, {"retry-after": "30"}, 30),
        (503, {}, None),
    ],
)
def test_rest_is_read(status: int, headers: dict[str, str], seconds: float | None) -> None:
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert rest_of(status, headers, NOW) == wanted
