"""What the numbers on the pages mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from analytics.metrics.definitions import DEFINITIONS as OF_METRICS
from analytics.metrics.definitions.definition import Definition

DEFINITIONS: Final[Mapping[str, Definition]] = OF_METRICS

__all__ = ["DEFINITIONS", "Definition"]
