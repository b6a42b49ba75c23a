"""What each helpdesk sends, read into one form: bytes and headers in, events out.

One module per helpdesk. Pure: no Django, no database, no clock, no network.
"""

from collections.abc import Mapping
from typing import Final

from surveys.helpdesks.base import Adapter

ADAPTERS: Final[Mapping[str, Adapter]] = {}
