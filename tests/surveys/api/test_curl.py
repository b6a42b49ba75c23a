"""Each curl line of the readable API is sent as it stands; only KEY is replaced."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from analytics.sharing import links, views
from analytics.sharing.digests import planning
from surveys.api.described_places import PLACES
from surveys.models import (
    Agent,
    ApiKey,
    Brand,
    Cause,
    CauseChange,
    Connection,
    Delivery,
    DimensionChange,
    HookDelivery,
    HookEvent,
    Policy,
    Product,
    Questionnaire,
    Team,
    User,
    WebhookEndpoint,
)
from surveys.sample.story import CASE_PREFIX
from surveys.services import (
    agent_identities,
    cause_rule_list,
    causes,
    connections,
    dimensions,
    drafts,
    kiosks,
    preview_links,
    translations,
)
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.sample import SOURCE
from surveys.services.suppressions import Told, suppress
from tests.analytics.acting import ActionFactory
from tests.factories import (
    AgentFactory,
    BrandFactory,
    CaseFactory,
    CauseFactory,
    DeliveryFactory,
    FollowUpFactory,
    HookDeliveryFactory,
    InvitationFactory,
    ProductFactory,
    QuestionnaireFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.api.conftest import Api
from tests.surveys.rated import rated
from tests.surveys.staff import NO_PASSWORD

_SECTION: Final = re.compile(r'<section id="([a-z_]+)"(.*?)</section>', re.DOTALL)
_LINE: Final = re.compile(r"<pre[^>]*>(curl .*?)</pre>", re.DOTALL)
#: What has to be said or done before, and cannot stand in one line: where each is tested.
NOT_IN_ONE_LINE: Final = {
    "try_connection_access": (409, "only with a token is anything asked: test_connection_access"),
    "remove_policy": (409, "only one that no case came to is deleted: test_policies"),
}
_MADE: Final[Any] = {"team": TeamFactory, "product": ProductFactory}
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
    with connection.cursor() as cursor:  # whatever is made by the way leaves the numbers free
        for model in (Agent, Delivery, HookDelivery, HookEvent, Product, Team, User):
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), 1000)", [model._meta.db_table]
            )
    _cases_and_causes(now)
    _people(now)
    _named()
    _kept(now)
    desk = connections.make("generic")
    desk.slug = str(PLACES["connections"]["slug"])
    desk.save()
    HookDeliveryFactory.create(pk=1, connection=desk, body=BODY)
    HookEvent.objects.create(pk=1, connection=desk, event_key=b"1", case="1", state="quarantined")
    DeliveryFactory.create(pk=1, channel="api", status="sent", sent_at=now)
    unknown = InvitationFactory.create(status="unknown")
    DeliveryFactory.create(pk=2, invitation=unknown, status="unknown")
    hook = endpoints.add(Wish("CRM", "https://crm.example.com/hooks", ["invitation.sent"]), now)
    _call_it_one(hook)
    _call_it_one(endpoints.test(WebhookEndpoint.objects.get(), now))
    suppress("ada@example.com", "manual", now=now, told=Told(source="api"))


def _call_it_one(row: Model) -> None:
    """The row gets the number that the lines name. Made with that number, it would leave the
    table's sequence behind, and the next row of a fresh database would be refused."""
    type(row)._default_manager.filter(pk=row.pk).update(id=1)


def _cases_and_causes(now: datetime) -> None:
    case = CaseFactory.create(source="helpdesk", external_id="4711", tags=["roaming"])
    CauseFactory.create(code="billing-error")
    waiting = CauseFactory.create(code="plan-change", mapped_at=None)
    resolution = ResolutionFactory.create(case=case, cause=waiting)
    InvitationFactory.create(resolution=resolution, status="scheduled", sent_at=None)
    # With a sample case there, loading the sample loads nothing.
    CaseFactory.create(source=SOURCE, external_id=f"{CASE_PREFIX}1", is_sample=True)
    change = causes.rename("plan-change", "Another name")
    CauseChange.objects.filter(id=change.pk).update(id=1, was={"batch": "5f1d3c2b4a69788f"})
    wish = cause_rule_list.Wish("tag", "equals", "roaming", "billing-error")
    _call_it_one(cause_rule_list.add(wish))


def _people(now: datetime) -> None:
    first, second = AgentFactory.create(), AgentFactory.create()
    _call_it_one(agent_identities.join(first.external_id, second.external_id, now))
    AgentFactory.create(pk=1, external_id="a-17")
    AgentFactory.create(external_id="a-18")
    link, _ = preview_links.make(
        Questionnaire.objects.get(slug="default"), None, user=None, days=1, now=now
    )
    _call_it_one(link)
    BrandFactory.create(slug="north")
    UserFactory.create(pk=1, email="lead@example.com", password=NO_PASSWORD)
    ApiKey.objects.update(id=1)
    _call_it_one(kiosks.make("Desk", None, now))


def _named() -> None:
    """Teams and products, and what was renamed."""
    TeamFactory.create(pk=1, name="Mobile")
    TeamFactory.create(name="Fixed line")
    ProductFactory.create(pk=1, name="Prepaid")
    ProductFactory.create(name="Contract")
    changes = DimensionChange.objects
    for number, dimension in enumerate(("team", "product"), start=1):
        change = dimensions.rename(dimension, _MADE[dimension].create().name, "Called so")
        changes.filter(pk=change.pk).update(id=number)


def _kept(now: datetime) -> None:
    """What readers of reports keep, what somebody has to do, and ratings from before."""
    rated(2)
    reader = UserFactory.create(email="manager@example.com", role="manager", password=NO_PASSWORD)
    for made in (
        views.save(reader, "Mine", "/causes/", "", is_shared=False),
        links.make(reader, "/causes/", "to=2026-01-01", title="", days=30, with_comments=False),
        planning.subscribe(reader, "daily", 8, now),
        ActionFactory.create(),
        FollowUpFactory.create(),
    ):
        _call_it_one(made)


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
    """A draft at the revision that the examples speak of, and what else is in one line's way."""
    if name == "set_connection_access":
        Connection.objects.update(kind="zendesk")
    if name in ("split_cause", "preview_cause_split"):
        Cause.objects.filter(code="plan-change").update(mapped_at=timezone.now())
    if name == "archive_questionnaire":
        Policy.objects.update(questionnaire=QuestionnaireFactory.create(slug="other"))
    if name == "add_brand":
        Brand.objects.all().delete()
    if name in ("undo_draft", "redo_draft"):
        _step(name)
    revision = {"write_draft": 3, "publish_questionnaire": 4}.get(name)
    if revision is None:
        return
    questionnaire = Questionnaire.objects.get(slug="default")
    draft = drafts.look(questionnaire, timezone.now())
    if name == "publish_questionnaire":
        draft.definition["blocks"][0]["items"][0]["stem"]["en"] += " Tell us."
    draft.revision = revision
    draft.save()


def _step(name: str) -> None:
    """A draft with a step to take back, or to make again."""
    questionnaire, now = Questionnaire.objects.get(slug="default"), timezone.now()
    drafts.draft_of(questionnaire, None, now)
    translations.remove_language(questionnaire, "de", user=None, now=now)
    if name == "redo_draft":
        revision = drafts.look(questionnaire, now).revision
        drafts.undo(questionnaire.pk, base_revision=revision, user=None, now=now)


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
