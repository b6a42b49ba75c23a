"""Each curl line of the readable API is sent as it stands; only KEY is replaced."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from analytics.sharing import links, views
from analytics.sharing.digests import planning
from surveys.api.described import PLACES
from surveys.models import Questionnaire, WebhookEndpoint
from surveys.services import causes, connections, drafts
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.suppressions import Told, suppress
from tests.analytics.acting import ActionFactory
from tests.factories import (
    AgentFactory,
    CaseFactory,
    CauseFactory,
    DeliveryFactory,
    FollowUpFactory,
    HookDeliveryFactory,
    UserFactory,
)
from tests.surveys.api.conftest import Api

_SECTION: Final = re.compile(r'<section id="([a-z_]+)"(.*?)</section>', re.DOTALL)
_LINE: Final = re.compile(r"<pre[^>]*>(curl .*?)</pre>", re.DOTALL)
#: What has to be said or done before, and cannot stand in one line: where each is tested.
NOT_IN_ONE_LINE: Final = {
    "remove_policy": (409, "only one that no case came to is deleted: test_policies"),
}
BODY: Final = b'{"external_id": "1", "status": "resolved", "resolved_at": "2026-03-02T09:30:00Z"}'


def _lines() -> dict[str, str]:
    """The curl line of each operation, from the page."""
    page = Client().get("/api/docs/").content.decode()
    found = {}
    for name, section in _SECTION.findall(page):
        if not name.startswith("object-"):
            [line] = _LINE.findall(section)
            found[name] = html.unescape(line)
    return found


def _world() -> None:
    """What the lines name, by the names they give to it."""
    now = timezone.now()
    CaseFactory.create(source="helpdesk", external_id="4711")
    AgentFactory.create(external_id="a-17")
    CauseFactory.create(code="billing-error")
    CauseFactory.create(code="plan-change", mapped_at=None)
    _call_it_one(causes.rename("plan-change", "Another name"))
    desk = connections.make("generic")
    desk.slug = str(PLACES["connections"]["slug"])
    desk.save()
    reader = UserFactory.create(email="manager@example.com", role="manager", password="!")
    for made in (
        views.save(reader, "Mine", "/causes/", "", is_shared=False),
        links.make(reader, "/causes/", "to=2026-01-01", title="", days=30, with_comments=False),
        planning.subscribe(reader, "daily", 8, now),
        ActionFactory.create(),
        FollowUpFactory.create(),
        HookDeliveryFactory.create(connection=desk, body=BODY),
        DeliveryFactory.create(channel="api", status="sent", sent_at=now),
    ):
        _call_it_one(made)
    hook = endpoints.add(Wish("CRM", "https://crm.example.com/hooks", ["invitation.sent"]), now)
    _call_it_one(hook)
    _call_it_one(endpoints.test(WebhookEndpoint.objects.get(), now))
    suppress("ada@example.com", "manual", now=now, told=Told(source="api"))


def _call_it_one(row: Model) -> None:
    """The row gets the number that the lines name. Made with that number, it would leave the
    table's sequence behind, and the next row of a fresh database would be refused."""
    type(row)._default_manager.filter(pk=row.pk).update(id=1)


def _answer(line: str, secret: str) -> Any:
    """What the application says to the line, read as a shell and curl would."""
    words = shlex.split(line)
    assert words.pop(0) == "curl"
    method, headers, body, address = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value.replace("KEY", secret)
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word
    parts = urlsplit(address)
    kind = headers.pop("Content-Type", "application/octet-stream")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    client = Client(headers=headers, raise_request_exception=False)
    return client.generic(method, path, body or b"", content_type=kind)


def test_each_curl_line_does_what_it_stands_beside(api: Callable[..., Api]) -> None:
    secret, refused = api("admin").secret, {}
    _world()
    lines = _lines()
    schema = Client().get("/api/schema/?format=json").json()
    described = [one for item in schema["paths"].values() for one in item.values()]
    assert set(lines) == {one["operationId"] for one in described}
    for name, line in lines.items():
        with transaction.atomic():
            _prepare(name)
            answer = _answer(line, secret)
            transaction.set_rollback(True)
        if answer.status_code >= 300 and name not in NOT_IN_ONE_LINE:
            refused[name] = (answer.status_code, answer.content[:300], line[:200])
    assert refused == {}


def _prepare(name: str) -> None:
    """A draft at the revision that the examples speak of."""
    revision = {"write_draft": 3, "publish_questionnaire": 4}.get(name)
    if revision is None:
        return
    questionnaire = Questionnaire.objects.get(slug="default")
    draft = drafts.look(questionnaire, timezone.now())
    if name == "publish_questionnaire":
        draft.definition["blocks"][0]["items"][0]["stem"]["en"] += " Tell us."
    draft.revision = revision
    draft.save()


def test_each_operation_has_its_curl_line_in_the_schema(db: None) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    lines = _lines()
    for item in schema["paths"].values():
        for operation in item.values():
            [sample] = operation["x-codeSamples"]
            address = urlsplit(shlex.split(sample["source"])[-1])
            assert address.path == urlsplit(shlex.split(lines[operation["operationId"]])[-1]).path


def test_a_line_names_its_method() -> None:
    lines = _lines()
    assert " -X DELETE " in lines["remove_webhook"]
    assert " -X " not in lines["list_webhooks"]
