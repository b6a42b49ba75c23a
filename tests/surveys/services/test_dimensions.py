"""Teams and products renamed and merged: their history, what still arrives, and it undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec import to_builtins

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import (
    Agent,
    DimensionChange,
    Invitation,
    Policy,
    Product,
    Resolution,
    Team,
    UnseparatedRating,
)
from surveys.questionnaire.asking import Facts, asked_items
from surveys.questionnaire.default import default_definition
from surveys.services import dimensions
from surveys.services.access import EVERYTHING, scope_for
from surveys.services.answering import find
from surveys.services.cause_history import try_out
from surveys.services.cause_rule_list import Wish, add, load
from surveys.services.dimensions import DimensionError
from surveys.services.publishing import ensure_defaults
from surveys.services.tokens import token_of
from tests.analytics.answered import answer
from tests.factories import (
    NOW,
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    QuestionnaireVersionFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.services.told import case, take
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("dimension", ["team", "product"])


def _made(dimension: str, *names: str) -> list[Any]:
    factory = TeamFactory if dimension == "team" else ProductFactory
    return [factory.create(name=name) for name in names]


def _answered(dimension: str, row: Any, n: int, f1: int) -> None:
    for _ in range(n):
        resolution = ResolutionFactory.create(**{dimension: row})
        answer(InvitationFactory.create(resolution=resolution), f1=f1, c1=1)


def _told(dimension: str, name: str) -> tuple[int, int, int]:
    """Answers, those who were invited and the best of them, as the overview tells them."""
    cache.clear()
    apply_all()
    assert verify() == []
    found = reports.overview(Filters().with_(**{dimension: (name,)}), EVERYTHING)
    assert found.fix is not None
    return found.fix.n, found.invited, round((found.fix.top2 or 0) * found.fix.n)


@BOTH
def test_merged_ones_are_the_sum_of_both_in_every_report_and_two_again(dimension: str) -> None:
    one, two = _made(dimension, "North", "South")
    _answered(dimension, one, 6, 5)
    _answered(dimension, two, 5, 2)
    before = (_told(dimension, "North"), _told(dimension, "South"))
    assert before == ((6, 6, 6), (5, 5, 0))
    shown = dimensions.preview(dimension, "South", "North")
    done = dimensions.merge(dimension, "South", "North", NOW)
    assert (shown.n_cases, shown.n_answers) == (5, 5)
    assert (done.n_resolutions, done.n_answers) == (5, 5)
    # An old link with the former name asks for what it became.
    assert _told(dimension, "North") == _told(dimension, "South") == (11, 11, 6)
    dimensions.undo(done.pk, NOW)
    assert (_told(dimension, "North"), _told(dimension, "South")) == before
    with pytest.raises(DimensionError, match="already"):
        dimensions.undo(done.pk, NOW)


@BOTH
def test_what_arrives_under_former_names_belongs_to_what_they_became(dimension: str) -> None:
    _made(dimension, "North", "South")
    dimensions.rename(dimension, "South", "Coast")
    take(
        case(external_id="1", **{dimension: "South"}), case(external_id="2", **{dimension: "Coast"})
    )
    dimensions.merge(dimension, "Coast", "North", NOW)
    take(*(case(external_id=name, **{dimension: name}) for name in ("South", "Coast", "North")))
    assert set(Resolution.objects.values_list(f"{dimension}__name", flat=True)) == {"North"}
    model = Team if dimension == "team" else Product
    assert list(model.objects.filter(merged_into=None, name__in=["South", "Coast"])) == []


def test_former_names_are_looked_up_for_a_batch_and_not_for_each_case() -> None:
    ensure_defaults()
    _made("team", "North", "South", "West")
    dimensions.rename("team", "South", "Coast")

    def n_statements(first: int, n: int, team: str) -> int:
        numbers = range(first, first + n)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            take(*(case(external_id=str(number), team=team) for number in numbers))
        return len(seen)

    n_statements(0, 1, "West")  # what is read once in a process
    plain = n_statements(10, 1, "North")
    assert n_statements(20, 1, "South") == n_statements(30, 9, "South") == plain + 1


def test_agents_and_leads_go_along_and_come_back() -> None:
    north, south = _made("team", "North", "South")
    agent = AgentFactory.create(team=south)
    lead = UserFactory.create(role="team_lead", team=south)
    _answered("team", south, 5, 5)
    _answered("team", north, 5, 5)
    Agent.objects.exclude(pk=agent.pk).update(team=None)
    shown = dimensions.preview("team", "South", "North")
    assert (shown.n_agents, shown.n_logins, shown.n_causes) == (1, 1, 0)
    done = dimensions.merge("team", "South", "North", NOW)
    cache.clear()
    apply_all()
    lead.refresh_from_db()
    # What they saw, and the other team's.
    told = reports.overview(Filters(), scope_for(lead)).fix
    assert told is not None
    assert told.n == 10
    dimensions.undo(done.pk, NOW)
    for row in (agent, lead):
        row.refresh_from_db()
        assert row.team == south
    assert Agent.objects.filter(team=north).count() == 0


def test_policies_rules_and_surveys_know_a_name_and_what_it_was() -> None:
    ensure_defaults()
    CauseFactory.create(code="roaming")
    _made("team", "South")
    _made("product", "Fibre")
    dimensions.rename("team", "South", "Coast")
    dimensions.rename("product", "Fibre", "Glass")
    add(Wish("team", "equals", "coast", "roaming"))
    add(Wish("product", "equals", "fibre", "roaming"))
    Policy.objects.update(conditions={"team": ["South"], "product": {"not": ["Fibre"]}})
    agents = {"customer": None, "cause": None, "product": None}
    for number, team in enumerate(("South", "Coast", "West")):
        take(case(external_id=str(number), team=team, **agents))
    take(case(external_id="3", team="West", customer=None, product="Glass", cause=None))
    reasons = dict(Invitation.objects.values_list("resolution__case__external_id", "reason_code"))
    causes = dict(Resolution.objects.values_list("case__external_id", "cause__code"))
    assert reasons["0"] == reasons["1"] != reasons["2"]
    assert reasons["3"] == reasons["2"]
    assert causes == {"0": "roaming", "1": "roaming", "2": None, "3": "roaming"}
    Resolution.objects.update(cause=None)
    assert {one.past.external_id for one in try_out(load()).changed} == {"0", "1", "3"}


def test_a_question_that_is_left_out_for_a_product_knows_its_former_name() -> None:
    definition = to_builtins(default_definition())
    item = definition["blocks"][0]["items"][1]
    item["skip_when"] = [{"on": "case", "fact": "product", "op": "in", "values": ["fibre"]}]
    [product] = _made("product", "Fibre")
    version = QuestionnaireVersionFactory.create(number=2, definition=definition)
    asked = InvitationFactory.create(version=version, resolution__product=product)
    dimensions.rename("product", "Fibre", "Glass")
    found = find(token_of(asked.nonce), NOW)
    assert found is not None
    block = found.definition.blocks[0]
    assert (found.facts.product, found.facts.product_was) == ("Glass", ("Fibre",))
    assert item["id"] not in {one.id for one in asked_items(block, "", found.facts, {})}
    unnamed = Facts(True, 1, product="Glass")
    assert item["id"] in {one.id for one in asked_items(block, "", unnamed, {})}


def test_a_chain_of_names_is_undone_newest_first() -> None:
    _made("product", "A", "B")
    first = dimensions.rename("product", "A", "C")
    back = dimensions.rename("product", "C", "A")
    again = dimensions.rename("product", "A", "C")
    merged = dimensions.merge("product", "B", "C", NOW)
    taken = dimensions.rename("product", "C", "B")
    for change in (merged, first, back):
        with pytest.raises(DimensionError, match="since"):
            dimensions.undo(change.pk, NOW)
    for change in (taken, merged, again, back, first):
        dimensions.undo(change.pk, NOW)
    assert list(Product.objects.values_list("name", "merged_into")) == [("A", None), ("B", None)]


def test_what_makes_no_sense_is_refused_in_words() -> None:
    _made("team", "North", "South", "West")
    dimensions.rename("team", "South", "Coast")
    for name, new, words in (
        ("North", "North", "called so already"),
        ("North", "  ", "1 to 200"),
        ("North", "x" * 201, "1 to 200"),
        ("North", "West", "merge the two"),
        ("North", "South", "former name of “Coast”"),
        ("South", "East", "another name of “Coast”"),
        ("Nowhere", "East", "no team “Nowhere”"),
    ):
        with pytest.raises(DimensionError, match=words):
            dimensions.rename("team", name, new)
    for name, into in (("North", "North"), ("North", "South"), ("Nowhere", "North")):
        with pytest.raises(DimensionError):
            dimensions.merge("team", name, into, NOW)
    assert DimensionChange.objects.count() == 1


def test_ratings_from_before_are_asked_for_under_the_name_of_today() -> None:
    _made("team", "South")
    UnseparatedRating.objects.create(
        tool="delighted", external_id="1", team="South", scale="1-5", raw="5", position=1.0,
        top2=True, answered_at=NOW, imported_at=NOW, digest="",
    )  # fmt: skip
    dimensions.rename("team", "South", "Coast")
    cache.clear()
    found = reports.trend(Filters(team=("Coast",)), EVERYTHING)
    assert found.unseparated is not None


def test_an_admin_renames_and_merges_as_shown_and_undoes_it() -> None:
    _, south = _made("team", "North", "South")
    ResolutionFactory.create(team=south)
    admin, page = client_of("admin"), "/settings/names/team/"
    shown = admin.get(page, {"name": "South", "into": "North"}).content.decode()
    assert "<b>1 case</b> and <b>0 answers</b>" in shown
    admin.post(f"{page}rename/", {"name": "North", "new": "Coast"})
    done = admin.post(f"{page}merge/", {"name": "South", "into": "Coast"}, follow=True)
    [line] = done.context["lines"]
    assert (line.row.name, line.former, line.n_cases) == ("Coast", ("North", "South"), 1)
    merged = DimensionChange.objects.get(kind="merged")
    admin.post(f"/settings/names/changes/{merged.pk}/undo/")
    assert Resolution.objects.get().team == south
    for query in ({"name": "Nowhere"}, {"name": "Coast", "into": "Coast"}):
        assert admin.get(page, query).status_code == 400
    assert admin.get("/settings/names/agent/").status_code == 404
    listed = admin.get(page, {"q": "nort"}).context["lines"]
    assert [one.row.name for one in listed] == ["Coast"]
