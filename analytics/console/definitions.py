"""What the numbers on the pages mean: those of the metrics, and what the pages add to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from analytics.metrics.definitions import DEFINITIONS as OF_METRICS
from analytics.metrics.definitions.definition import Definition

_OF_PAGES: Final = (
    Definition(
        "preventable",
        "Preventable dismay",
        "The customers this cause presumably dismayed although the company could have prevented "
        "it: where changing something gains most.",
        "resolved cases × steadied share dismayed × steadied share who say it was avoidable; 90 % "
        "interval of the product on the log scale",
        "delta method",
        "where nobody at all said how much it bothered them, or whether it was avoidable",
    ),
)
DEFINITIONS: Final[Mapping[str, Definition]] = OF_METRICS | {one.key: one for one in _OF_PAGES}

__all__ = ["DEFINITIONS", "Definition"]
