"""Several ids of one person are one agent: history, shares, what still arrives, and undone."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import Agent, AgentChange, Resolution, ResolutionAgent
from surveys.services import agent_identities
from surveys.services.access import EVERYTHING
from surveys.services.agent_identities import JoinError
from tests.analytics.answered import answer
from tests.factories import (
    NOW,
    AgentFactory,
    InvitationFactory,
    ResolutionFactory,
    UserFactory,
)
from tests.surveys.services.told import case, take
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db


def _agent(external_id: str, **fields: object) -> Agent:
    made: Agent = AgentFactory.create(external_id=external_id, name=external_id.upper(), **fields)
    return made


def _answered(agents: list[Agent], n: int) -> None:
    for _ in range(n):
        resolution = ResolutionFactory.create(agents=agents)
        answer(InvitationFactory.create(resolution=resolution), f1=5, c1=1)


def _rows(agent: tuple[str, ...] = ()) -> dict[str, float]:
    cache.clear()
    apply_all()
    assert verify() == []
    found = reports.agents(Filters(agent=agent), EVERYTHING).results
    return {row.agent.external_id: row.n for row in found}


def _shares() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for share in ResolutionAgent.objects.select_related("agent").order_by("resolution"):
        found.setdefault(share.agent.external_id, []).append(round(share.share, 6))
    return found


def test_joined_ids_are_one_agent_in_every_report_and_parted_again_they_are_two() -> None:
    one, two = _agent("zd-1"), _agent("fd-9")
    _answered([one], 6)
    _answered([two], 5)
    before = (_rows(), _shares(), list(Resolution.objects.values_list("n_agents", flat=True)))
    assert before[0] == {"zd-1": 6, "fd-9": 5}
    done = agent_identities.join("fd-9", "zd-1", NOW)
    assert (done.n_resolutions, done.n_answers) == (5, 5)
    assert _rows() == {"zd-1": 11}
    assert _rows(("fd-9",)) == {"zd-1": 11}
    agent_identities.undo(done.pk, NOW)
    after = (_rows(), _shares(), list(Resolution.objects.values_list("n_agents", flat=True)))
    assert after == before
    with pytest.raises(JoinError, match="already"):
        agent_identities.undo(done.pk, NOW)


def test_where_both_handled_a_case_their_shares_add_up() -> None:
    one, two, third = _agent("a"), _agent("b"), _agent("c")
    resolution = ResolutionFactory.create(agents=[one, two, third], n_agents=3)
    ResolutionFactory.create(agents=[two])
    before = _shares()
    shown = agent_identities.preview("b", "a")
    assert (shown.n_cases, shown.n_both) == (2, 1)
    done = agent_identities.join("b", "a", NOW)
    assert _shares() == {"a": [pytest.approx(2 / 3, abs=1e-5), 1.0], "c": [0.333333]}
    resolution.refresh_from_db()
    assert resolution.n_agents == 2
    agent_identities.undo(done.pk, NOW)
    resolution.refresh_from_db()
    assert (_shares(), resolution.n_agents) == (before, 3)


def test_what_still_arrives_under_the_other_id_belongs_to_the_agent_who_keeps_their_name() -> None:
    _agent("a"), _agent("b")
    agent_identities.join("b", "a", NOW)
    both = [
        {"external_id": "a", "share": 0.25},
        {"external_id": "b", "name": "Somebody else", "share": 0.75},
    ]
    take(case(external_id="1", agents=[{"external_id": "b", "name": "Somebody else"}]))
    take(case(external_id="2", agents=both))
    assert _shares() == {"a": [1.0, 1.0]}
    assert list(Resolution.objects.values_list("n_agents", flat=True)) == [1, 1]
    assert Agent.objects.get(external_id="a").name == "A"


def test_a_login_goes_along_and_comes_back() -> None:
    one, two = _agent("a"), _agent("b")
    user = UserFactory.create(role="agent", agent=two)
    done = agent_identities.join("b", "a", NOW)
    user.refresh_from_db()
    assert user.agent == one
    agent_identities.undo(done.pk, NOW)
    user.refresh_from_db()
    assert user.agent == two


def test_a_chain_of_ids_is_parted_newest_first() -> None:
    for name in "abc":
        _agent(name)
    first = agent_identities.join("a", "b", NOW)
    second = agent_identities.join("b", "c", NOW)
    take(case(agents=[{"external_id": "a"}]))
    assert _shares() == {"c": [1.0]}
    with pytest.raises(JoinError, match="itself joined since"):
        agent_identities.undo(first.pk, NOW)
    agent_identities.undo(second.pk, NOW)
    agent_identities.undo(first.pk, NOW)
    assert not Agent.objects.exclude(joined_into=None).exists()


def test_what_cannot_be_one_person_is_refused() -> None:
    one, two = _agent("a"), _agent("b")
    _agent("bot", is_bot=True)
    for pair in (("a", "a"), ("a", "nobody"), ("a", "bot")):
        with pytest.raises(JoinError):
            agent_identities.join(*pair, NOW)
    UserFactory.create(role="agent", agent=one)
    UserFactory.create(role="agent", agent=two)
    with pytest.raises(JoinError, match="login"):
        agent_identities.join("a", "b", NOW)
    assert not AgentChange.objects.exists()


def test_an_admin_joins_as_it_was_shown_and_undoes_it() -> None:
    one, two = _agent("a"), _agent("b")
    ResolutionFactory.create(agents=[two])
    ResolutionFactory.create(agents=[one])
    admin = client_of("admin")
    page = admin.get("/settings/people/", {"agent": "b", "into": "a"}).content.decode()
    assert "<b>1 case</b> and <b>0 answers</b>" in page
    done = admin.post("/settings/people/join/", {"agent": "b", "into": "a"}, follow=True)
    assert [line.external_id for line in done.context["lines"]] == ["a"]
    assert "<code>b</code>" in done.content.decode()
    change = AgentChange.objects.get()
    admin.post(f"/settings/people/changes/{change.pk}/undo/")
    assert _shares() == {"a": [1.0], "b": [1.0]}
    assert admin.get("/settings/people/", {"agent": "a", "into": "a"}).status_code == 400
