"""Cases that helpdesks keep, behind their APIs as these are documented: which tags and fields stand
there follows from what was asked of them, and what is no valid request is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from surveys.models import Connection, Invitation
from tests.factories import InvitationFactory
from tests.helpdesk_server import HelpdeskServer, Question, Reaction
from tests.surveys.services.asking.documented import DOCUMENTED

OTHERS = "vip"
FIELDS = {
    "zendesk": ("360011", "360012"),
    "freshdesk": ("cf_fix", "cf_cause"),
    "intercom": ("Rating of the fix", "Rating of the cause"),
    "hubspot": ("rating_of_the_fix", "rating_of_the_cause"),
    "jira": ("customfield_10050", "customfield_10051"),
}


@dataclass
class Kept:
    """What stands on one case; others put a tag and a field there."""

    kind: str
    tags: set[str] = field(default_factory=lambda: {OTHERS})
    fields: dict[str, Any] = field(default_factory=lambda: {OTHERS: 9})
    notes: list[str] = field(default_factory=list)

    def teach(self, server: HelpdeskServer) -> None:
        """Have the server answer for this case."""
        server.knows |= getattr(self, f"_{self.kind}")(DOCUMENTED[self.kind].case)
        server.proof = dict(DOCUMENTED[self.kind].proof)

    def set_fields(self, told: dict[str, Any]) -> Reaction | None:
        """Refused where a field is unknown, or for a number something else is given."""
        known = FIELDS[self.kind]
        for name, value in told.items():
            is_typed = value is None or type(value) is int
            if self.kind == "hubspot":  # its properties are texts
                is_typed = type(value) is str
            if name not in known or not is_typed:
                return Reaction(400, {"errors": [name]})
            self.fields[name] = value
        return None

    def _zendesk(self, case: str) -> dict[str, Any]:
        def tag(asked: Question) -> Any:
            named = set(json.loads(asked.body)["tags"])
            self.tags = self.tags | named if asked.method == "PUT" else self.tags - named
            return {"tags": sorted(self.tags)}

        def update(asked: Question) -> Any:
            told = json.loads(asked.body)["ticket"]
            if "tags" in told:  # as documented: they replace all others
                self.tags = set(told["tags"])
            if "comment" in told:
                self.notes.append(told["comment"]["body"])
            fields = {str(one["id"]): one["value"] for one in told.get("custom_fields", [])}
            return self.set_fields(fields) or {"ticket": {"id": int(case)}}

        path = f"/api/v2/tickets/{case}"
        return {
            f"PUT {path}/tags.json": tag,
            f"DELETE {path}/tags.json": tag,
            f"PUT {path}.json": update,
        }

    def _freshdesk(self, case: str) -> dict[str, Any]:
        def update(asked: Question) -> Any:
            told = json.loads(asked.body)
            if "tags" in told:
                self.tags = set(told["tags"])
            return self.set_fields(told.get("custom_fields", {})) or {"id": int(case)}

        path = f"/api/v2/tickets/{case}"
        return {
            f"GET {path}": lambda asked: {"id": int(case), "tags": sorted(self.tags)},
            f"PUT {path}": update,
        }

    def _intercom(self, case: str) -> dict[str, Any]:
        ids = {OTHERS: "70"}

        def make(asked: Question) -> Any:
            name = json.loads(asked.body)["name"]
            return {"type": "tag", "id": ids.setdefault(name, str(70 + len(ids))), "name": name}

        def put(asked: Question) -> Any:
            told = json.loads(asked.body)
            if told.get("admin_id") != "814":
                return Reaction(400)
            (name,) = (name for name, known in ids.items() if known == told["id"])
            self.tags.add(name)
            return {"type": "tag", "id": told["id"], "name": name}

        def take(asked: Question) -> Any:
            number = asked.path.rpartition("/")[2]
            (name,) = (name for name, known in ids.items() if known == number)
            if name not in self.tags or json.loads(asked.body).get("admin_id") != "814":
                return Reaction(404, {"type": "error.list"})
            self.tags.remove(name)
            return {"type": "tag", "id": number, "name": name}

        def update(asked: Question) -> Any:
            told = json.loads(asked.body)["custom_attributes"]
            return self.set_fields(told) or {"type": "conversation", "id": case}

        path = f"/conversations/{case}"
        return {
            "GET /me": {"type": "admin", "id": "814"},
            f"GET {path}": {"type": "conversation", "id": case},
            f"PUT {path}": update,
            "POST /tags": make,
            f"POST {path}/tags": put,
            **{f"DELETE {path}/tags/{number}": take for number in range(71, 90)},
        }

    def _hubspot(self, case: str) -> dict[str, Any]:
        def update(asked: Question) -> Any:
            return self.set_fields(json.loads(asked.body)["properties"]) or {"id": case}

        return {f"PATCH /crm/v3/objects/tickets/{case}": update}

    def _jira(self, case: str) -> dict[str, Any]:
        def edit(asked: Question) -> Any:
            told = json.loads(asked.body)
            for verb in told.get("update", {}).get("labels", []):
                if "add" in verb:
                    self.tags.add(verb["add"])
                else:
                    self.tags.discard(verb["remove"])
            return self.set_fields(told.get("fields", {})) or Reaction(204)

        return {f"PUT /rest/api/2/issue/{case}": edit}


def asked_of(desk: Connection) -> Invitation:
    """A customer of the case that the helpdesk documents is asked."""
    invitation: Invitation = InvitationFactory(
        expires_at=None,
        resolution__case__source=desk.slug,
        resolution__case__external_id=DOCUMENTED[desk.kind].case,
    )
    return invitation
