"""A client of the API with a key, as the tests of the API have it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from surveys.api.limits import BUCKETS
from tests.surveys.api.conftest import Api


@pytest.fixture
def api(db: None) -> Callable[..., Api]:
    """Makes clients: `api("admin")`."""
    BUCKETS.forget()
    return Api
