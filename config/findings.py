"""What a check of an installation found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fault"]


@dataclass(frozen=True)
class Finding:
    """What one check found; `mend` says what to do where it is not ok."""

    name: str
    status: Status
    found: str
    mend: str = ""
