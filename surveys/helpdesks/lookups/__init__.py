"""How each helpdesk's own API is asked about a case that a webhook told without an address.

One module per helpdesk, pure as the adapters are: see `base`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from surveys.helpdesks.lookups import (
    freshdesk,
    glpi,
    hubspot,
    intercom,
    jira,
    salesforce,
    zendesk,
)
from surveys.helpdesks.lookups.base import Lookup

LOOKUPS: Final[Mapping[str, Lookup]] = MappingProxyType(
    {
        "zendesk": zendesk,
        "freshdesk": freshdesk,
        "intercom": intercom,
        "jira": jira,
        "hubspot": hubspot,
        "salesforce": salesforce,
        "glpi": glpi,
    }
)
