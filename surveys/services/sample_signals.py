"""Said within the transaction that loads or removes the sample data, so that whoever tells more of
the same story joins in without being known here."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

#: With `now`, the moment at which the half year ends.
loaded: Final = Signal()
removed: Final = Signal()
