"""The whole OpenAPI schema against the application: every check of Schemathesis, valid and broken
requests, with the key and without it.

The suite sends a share of them. `make api-requests` sends at least 20,000 (API_REQUESTS).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.utils import timezone

from analytics.sharing import links, views
from analytics.sharing.digests import planning
from surveys.models import ApiKey, HookEvent
from surveys.sample.story import CASE_PREFIX
from surveys.services import (
    agent_identities,
    cause_rule_list,
    causes,
    connections,
    dimensions,
    keys,
    kiosks,
)
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.publishing import ensure_defaults
from surveys.services.sample import SOURCE
from tests.analytics.acting import ActionFactory
from tests.api_requests import Places, Tally, in_this_process, operations, send
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
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.staff import NO_PASSWORD

PARTS: Final = 4
WANTED: Final = int(os.environ.get("API_REQUESTS", "0"))
SEED: Final = 20261122


def _world() -> Places:
    """Something of each kind, by the names that the schema's paths give to it."""
    ensure_defaults()
    resolution = ResolutionFactory.create()
    handed = DeliveryFactory.create(channel="api")
    hook = endpoints.add(
        Wish("CRM", "https://crm.example.com/hooks", ["response.completed"], False), timezone.now()
    )
    delivery = endpoints.test(hook, timezone.now())
    desk, cause = connections.make("generic"), CauseFactory.create()
    call = HookDeliveryFactory.create(connection=desk)
    reader = UserFactory.create(email="manager@example.com", role="manager", password="!")
    view = views.save(reader, "Mine", "/causes/", "", is_shared=False)
    link = links.make(reader, "/causes/", "to=2026-01-01", title="", days=30, with_comments=False)
    digest = planning.subscribe(reader, "daily", 8, timezone.now())
    event = HookEvent.objects.create(connection=desk, event_key=b"1", case="1", state="quarantined")
    # With a sample case there, loading the sample loads nothing.
    CaseFactory.create(source=SOURCE, external_id=f"{CASE_PREFIX}1", is_sample=True)
    own, other = AgentFactory.create().external_id, AgentFactory.create().external_id
    rule = cause_rule_list.add(cause_rule_list.Wish("tag", "equals", "vip", cause.code))
    unknown = DeliveryFactory.create(
        status="unknown", invitation=InvitationFactory.create(status="unknown")
    )
    team, product = TeamFactory.create().name, ProductFactory.create().name
    return {
        "actions": {"number": ActionFactory.create(cause=cause).pk},
        "agents": {"number": AgentFactory.create().pk},
        "agent-changes": {"number": agent_identities.join(own, other, timezone.now()).pk},
        "brands": {"slug": BrandFactory.create().slug},
        "cases": {"source": resolution.case.source, "external_id": resolution.case.external_id},
        "causes": {"code": cause.code},
        "cause-changes": {"number": causes.rename(cause.code, "Another name").pk},
        "cause-rules": {"number": rule.pk},
        "connections": {"slug": desk.slug, "delivery": call.pk, "event": event.pk},
        "digests": {"number": digest.pk},
        "follow-ups": {"number": FollowUpFactory.create().pk},
        "invitations": {"number": handed.pk},
        "keys": {"number": keys.create("Another", ["admin"])[0].pk},
        "kiosks": {"number": kiosks.make("Desk", None, timezone.now()).pk},
        "policies": {"slug": "default"},
        "products": {"number": ProductFactory.create().pk},
        "product-changes": {"number": dimensions.rename("product", product, "Renamed").pk},
        "questionnaires": {"slug": "default", "number": 1, "language": "de"},
        "reports": {"code": cause.code, "external_id": AgentFactory.create().external_id},
        "saved-views": {"number": view.pk},
        "share-links": {"number": link.pk},
        "staff": {"number": UserFactory.create(password=NO_PASSWORD).pk},
        "teams": {"number": TeamFactory.create().pk},
        "team-changes": {"number": dimensions.rename("team", team, "Renamed").pk},
        "unknown-mails": {"number": unknown.pk},
        "webhooks": {"number": hook.pk, "delivery": delivery.pk},
    }


# In one process: what is loaded before the first request takes nearly as long as a part.
@pytest.mark.xdist_group("api requests")
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_what_the_schema_says(
    part: int, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    settings.API_REQUESTS_PER_SECOND = 1e9
    places = _world()
    _, secret = keys.create("Everything", [ApiKey.Scope.ADMIN])
    tally, n_round = Tally(), 0
    # What is written in the schema and the borders of its values are 22,000 by themselves.
    share, drawn = (1.0, 6) if WANTED else (0.06, 4)
    with in_this_process():
        asked = operations(tally)[part::PARTS]
        while n_round == 0 or tally.n_requests < WANTED / PARTS:
            send(
                asked,
                tally,
                key=secret,
                places=places,
                drawn=drawn,
                share=share,
                seed=SEED + n_round,
            )
            n_round += 1
    record_property("api requests", (tally.n_requests, dict(tally.statuses)))
    assert not tally.findings, f"\n{tally}"
    assert not [status for status in tally.statuses if status >= 500]
    assert tally.n_requests >= 10 * len(asked)
