"""What the tests of the designer's pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surveys.builder.mailing.pages import LIMITER
from tests.surveys.services.conftest import smtp

__all__ = ["smtp"]


@pytest.fixture(autouse=True)
def fresh_limiter() -> Iterator[None]:
    LIMITER.clear()
    yield
    LIMITER.clear()
