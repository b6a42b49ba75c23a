"""What all reports' figures share."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any


class Figures:
    """What all reports share: `as_dict` for JSON, names as promised."""

    def as_dict(self) -> dict[str, Any]:
        """Names and plain values; dates in ISO 8601."""
        names = (field.name for field in dataclasses.fields(self))  # type: ignore[arg-type]
        return {name: _plain(getattr(self, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Figures):
        return value.as_dict()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
