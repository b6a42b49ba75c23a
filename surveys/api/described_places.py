"""What stands for a parameter in the examples of the schema, so that each curl line can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SPLIT: Final = {"what": "tag", "how": "equals", "text": "roaming"}
#: What stands for a parameter in the curl lines, by the first part of the path: in the path, or in
#: a query that needs it.
PLACES: Final[Mapping[str, Mapping[str, str | int]]] = {
    "actions": {"number": 1},
    "agents": {"number": 1, "into": "a-18"},
    "agent-changes": {"number": 1},
    "brands": {"slug": "north"},
    "cases": {"source": "helpdesk", "external_id": "4711"},
    "causes": {"code": "plan-change", "into": "billing-error", **_SPLIT},
    "cause-changes": {"number": 1},
    "cause-rules": {"number": 1},
    "connections": {"slug": "zendesk-4x7k2m9p3q5r", "delivery": 1, "event": 1},
    "digests": {"number": 1},
    "follow-ups": {"number": 1},
    "invitations": {"number": 1},
    "keys": {"number": 1},
    "kiosks": {"number": 1},
    "policies": {"slug": "default"},
    "products": {"number": 1, "into": "Contract"},
    "product-changes": {"number": 2},
    "questionnaires": {
        "slug": "default",
        "number": 1,
        "language": "de",
        "old": 1,
        "new": "draft",
    },
    "reports": {"code": "plan-change", "external_id": "a-17", "on": "2026-11-01"},
    "saved-views": {"number": 1},
    "share-links": {"number": 1},
    "staff": {"number": 1},
    "teams": {"number": 1, "into": "Fixed line"},
    "team-changes": {"number": 1},
    "unknown-mails": {"number": 2},
    "webhooks": {"number": 1, "delivery": 1},
}
