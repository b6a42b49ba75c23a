"""What each helpdesk sends, read into one form: bytes and headers in, events out.

One module per helpdesk. Pure: no Django, no database, no clock, no network.

    ADAPTERS["zendesk"].verify(call, wiring, now); ADAPTERS["zendesk"].read(call, wiring)

Besides what `base.Adapter` names, each module has `TEMPLATE`, the body to paste into the helpdesk
(empty where it sends its own), and `STATUSES`, what its statuses mean unless a connection says
otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import (
    chatwoot,
    freescout,
    freshdesk,
    generic,
    glpi,
    hubspot,
    intercom,
    jira,
    salesforce,
    zammad,
    zendesk,
)
from surveys.helpdesks.base import Adapter

ADAPTERS: Final[Mapping[str, Adapter]] = MappingProxyType(
    {
        "zendesk": zendesk,
        "freshdesk": freshdesk,
        "intercom": intercom,
        "jira": jira,
        "hubspot": hubspot,
        "salesforce": salesforce,
        "chatwoot": chatwoot,
        "zammad": zammad,
        "glpi": glpi,
        "freescout": freescout,
        "generic": generic,
    }
)
