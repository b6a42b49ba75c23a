"""What the tests of faults share: a scripted mail server, a broker of one's own, processes to be
killed, and the table that says what was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.doomed import Zygote
from tests.faults.workers import broker
from tests.surveys.services.conftest import smtp

__all__ = ["broker", "smtp"]

Note = Callable[..., None]


@pytest.fixture(scope="session")
def zygote(django_db_setup: None, django_db_blocker: object) -> Iterator[Zygote]:
    """Forks the processes that are killed; loaded once."""
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Write a cell of the matrix that is printed at the end: what happened to `n` of a flow under a
    fault."""

    def write(
        fault: str, flow: str, n: int, *, lost: int = 0, doubled: int = 0, unknown: int = 0
    ) -> None:
        cell = (fault, flow, n, lost, doubled, unknown)
        request.node.user_properties.append(("faults", cell))

    return write
