"""Who made a change: the pages of causes and agents tell the key of the API by its name."""

from __future__ import annotations

import pytest
from django.utils import timezone

from surveys.services import agent_identities, causes, keys
from surveys.services.authors import Author
from tests.factories import AgentFactory, CauseFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["key", "person", "nobody"])
def test_log_tells_who_changed_causes_and_agents(who: str) -> None:
    by: Author = None
    words = "the command line"
    if who == "key":
        by, words = keys.create("Nightly <job>", ["admin"])[0], "API key “Nightly &lt;job&gt;”"
    elif who == "person":
        by, words = UserFactory.create(name="Grace", password=NO_PASSWORD), "Grace"
    change = causes.rename(CauseFactory.create().code, "Another name", by)
    causes.undo(change.pk, timezone.now(), by)
    one, other = AgentFactory.create().external_id, AgentFactory.create().external_id
    agent_identities.join(one, other, timezone.now(), by)
    admin = client_of("admin")
    for address, n_entries in (("/settings/causes/", 2), ("/settings/people/", 1)):
        page = admin.get(address).content.decode()
        assert page.count(f'data-label="Who" class="wrap">{words}<') == n_entries
