"""A process that dies at a statement: nothing of its transaction is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Crash(Exception):  # noqa: N818
    """The process dies here."""


class CrashAt:
    """Lets n statements pass; for `connection.execute_wrapper`."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.left == 0:
            raise Crash
        self.left -= 1
        return execute(sql, params, many, context)
