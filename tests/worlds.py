"""Worlds: what takes long to make, made once for the tests in a row that ask for the same.

A world lies in a transaction of its own under that of each test. What a test changes is undone
after it, and a test that asks for none, or for another, finds the database without it: the order
of the tests does not matter, nor which of them run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests import held_columns, tidying

_MAKES: Final = "makes_world"


def world(make: Callable[[], Any]) -> Any:
    """A fixture of what `make` stores and gives; each test is given a copy of its own.

    It stands where `@pytest.fixture` would. `make` takes nothing: no other fixture has a part in
    what outlives a test. A test that commits has it made for itself.
    """

    def given(db: None) -> Any:
        return copy.deepcopy(KEPT.value) if KEPT.holds(make) else make()

    setattr(given, _MAKES, make)
    given.__doc__ = make.__doc__
    return pytest.fixture(name=make.__name__)(given)


class Kept:
    """The one world there is."""

    def __init__(self) -> None:
        self.value: Any = None
        self._make: Callable[[], Any] | None = None
        self._around: transaction.Atomic | None = None

    def holds(self, make: Callable[[], Any]) -> bool:
        return make is self._make

    def want(self, make: Callable[[], Any] | None) -> None:
        """Have this world, or none, before the transaction of a test begins."""
        is_broken = connection.needs_rollback or connection.closed_in_transaction
        if make is None or make is not self._make or is_broken:
            self.leave()
            held_columns.forget()
            if make is not None:
                tidying.TIDYING.now()
                self._enter(make)
            else:
                tidying.TIDYING.now_and_then()
        if make is not None:
            # Time stands still in a transaction. What is cached by the moment of a change would be
            # taken for what another test changed in the same.
            cache.clear()

    def _enter(self, make: Callable[[], Any]) -> None:
        self._around = transaction.atomic()
        self._around.__enter__()
        self._make = make
        try:
            self.value = make()
            tidying.count()
        except BaseException:
            self.leave()
            raise
        connection.run_on_commit.clear()  # this is never committed, and no test is told of it

    def leave(self) -> None:
        """Undo the world."""
        around, self._around, self._make, self.value = self._around, None, None, None
        if around is not None:
            if not connection.closed_in_transaction:
                transaction.set_rollback(True)
            around.__exit__(None, None, None)


KEPT: Final = Kept()


def world_of(request: pytest.FixtureRequest) -> Callable[[], Any] | None:
    """How the world is made that is to lie under a test.

    Raises: pytest.UsageError where it asks for two.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        return None
    known = request.node._fixtureinfo.name2fixturedefs
    nearest = [known[name][-1].func for name in request.fixturenames if name in known]
    found = {getattr(one, _MAKES) for one in nearest if hasattr(one, _MAKES)}
    if len(found) > 1:
        raise pytest.UsageError(f"{request.node.nodeid} asks for two worlds; one is to hold both")
    return found.pop() if found else None
