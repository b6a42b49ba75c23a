"""Policies: said in words, kept in order, changed by a form that overwrites nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from surveys.builder.policies.words import tell
from surveys.models import Brand, Policy, Questionnaire, User
from surveys.services import agent_volumes
from surveys.services.policies import (
    PolicyChangedError,
    PolicyPatch,
    change,
    fingerprint,
)
from surveys.services.policy_list import create, duplicate, move
from surveys.services.publishing import ensure_defaults
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    PolicyFactory,
    ResolutionFactory,
)
from tests.surveys.staff import client_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db
Role = User.Role

FORM: dict[str, Any] = {
    "name": "Fibre",
    "enabled": "on",
    "questionnaire": "default",
    "brand": "",
    "delay_minutes": "60",
    "sample_percent": "12.5",
    "agent_target": "",
    "cooldown_days": "7",
    "cause_days": "",
    "quiet_start": "",
    "quiet_end": "",
    "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
    "reminder_days": "",
    "close_days": "10",
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    ensure_defaults()
    agent_volumes.forget()
    yield
    agent_volumes.forget()


def _default() -> Policy:
    return Policy.objects.select_related("questionnaire", "brand").get(slug="default")


def _seen() -> dict[str, str]:
    return {"seen": fingerprint(_default())}


def _order() -> list[str]:
    return list(Policy.objects.values_list("slug", flat=True))


# In words


def test_the_default_policy_is_told_in_sentences() -> None:
    story = tell(_default())
    assert story.summary == "Every case"
    assert story.sentences == [
        "All resolved cases are surveyed.",
        (
            "The mail goes out 4 hours after the case is resolved. "
            "If it is reopened before that, nothing is sent."
        ),
        "A customer is surveyed at most once in 30 days.",
        "Who has not answered is reminded once, on day 4. The survey closes after 14 days.",
        "It asks the questionnaire “Fix and cause”.",
    ]


def test_a_narrow_policy_is_told_in_sentences() -> None:
    policy = PolicyFactory(
        slug="narrow",
        conditions={
            "product": ["Fibre"],
            "channel": ["phone", "chat"],
            "severity": {"not": ["low"]},
        },
        sample_rate=0.25,
        agent_target=30,
        delay_minutes=0,
        cooldown_days=0,
        cause_days=90,
        reminder_days=None,
        close_days=1,
        quiet_hours={"start": "21:00", "end": "08:00"},
        weekdays=[1, 2, 3, 4, 5],
        brand=Brand.objects.create(slug="co", name="Co"),
    )
    story = tell(policy)
    assert story.summary == "Phone or chat cases of product Fibre, unless severity is low"
    assert story.sentences == [
        (
            "Of phone or chat cases of product Fibre, unless severity is low, 25 % are surveyed, "
            "at random, and more where an agent would otherwise get fewer than 30 answers a month."
        ),
        "The mail goes out at once. If the case is reopened before that, nothing is sent.",
        (
            "Nothing is sent from 21:00 to 08:00, and not on Saturday and Sunday, in the "
            "customer’s own time; it waits for the next hour that is allowed."
        ),
        "A customer may be surveyed after every case.",
        (
            "Each survey asks about the fix; about one cause it asks a customer at most once in "
            "90 days."
        ),
        "Nobody is reminded. The survey closes after 1 day.",
        "It asks the questionnaire “Fix and cause”, as the brand “Co”.",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sample_rate": 0}, "All resolved cases are left out: the sample is 0 %."),
        ({"sample_rate": 0.5}, "Of all resolved cases, 50 % are surveyed, at random."),
        (
            {"conditions": {"channel": {"not": ["mail"]}}},
            "All resolved cases are surveyed, unless channel is mail.",
        ),
    ],
)
def test_whose_cases_in_a_sentence(fields: dict[str, Any], sentence: str) -> None:
    assert tell(PolicyFactory(slug="one", **fields)).sentences[0] == sentence


# The list


def test_the_list_stands_in_the_order_of_trying_and_says_what_is_never_reached() -> None:
    PolicyFactory(slug="behind", name="Behind", position=1, conditions={"product": ["Fibre"]})
    page = client_of(Role.MANAGER).get("/policies/")
    cards = page.context["cards"]
    assert [(card.policy.slug, card.hidden_by) for card in cards] == [
        ("default", ""),
        ("behind", "Every resolved case"),
    ]
    assert "Switch off" not in page.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_little(n: int, django_assert_max_num_queries: Any) -> None:
    for k in range(n - 1):
        PolicyFactory(slug=f"p{k}")
    client = client_of(Role.ADMIN)
    with django_assert_max_num_queries(9 + n):
        client.get("/policies/")


def test_policies_are_moved_and_an_outdated_list_moves_nothing() -> None:
    for k in range(2):
        PolicyFactory(slug=f"p{k}", position=0)
    client = client_of(Role.ADMIN)
    assert _order() == ["default", "p0", "p1"]
    client.post("/policies/p1/move/", {"to": "earlier", "place": "2"})
    assert _order() == ["default", "p1", "p0"]
    late = client.post("/policies/p1/move/", {"to": "earlier", "place": "2"}, follow=True)
    assert "Somebody changed the order meanwhile" in late.content.decode()
    assert _order() == ["default", "p1", "p0"]
    client.post("/policies/default/move/", {"to": "later", "place": "0"})
    client.post("/policies/p0/move/", {"to": "later", "place": "2"})
    assert _order() == ["p1", "default", "p0"]
    assert list(Policy.objects.values_list("position", flat=True)) == [0, 1, 2]


def test_switching_off_can_be_undone() -> None:
    client = client_of(Role.DESIGNER)
    page = client.post("/policies/default/switch/", {"to": "off"}, follow=True)
    assert not _default().enabled
    assert page.context["switched"] == _default()
    assert "is switched off" in page.content.decode()
    page = client.post("/policies/default/switch/", {"to": "on"}, follow=True)
    assert _default().enabled
    assert "is switched on" in page.content.decode()


def test_a_copy_comes_before_the_original_and_is_switched_off() -> None:
    Policy.objects.update(conditions={"channel": ["phone"]}, cause_days=90)
    answer = client_of(Role.ADMIN).post("/policies/default/duplicate/")
    copy = Policy.objects.get(slug="every-resolved-case-copy")
    assert answer["Location"] == "/policies/every-resolved-case-copy/"
    assert _order() == [copy.slug, "default"]
    assert (copy.enabled, copy.conditions, copy.cause_days) == (False, {"channel": ["phone"]}, 90)
    assert duplicate("default").slug == "every-resolved-case-copy-2"


def test_a_policy_without_cases_is_deleted_and_one_with_cases_stays() -> None:
    client = client_of(Role.ADMIN)
    InvitationFactory(policy=PolicyFactory(slug="used"))
    page = client.post("/policies/used/delete/", follow=True)
    assert "has decided on cases and stays" in page.content.decode()
    assert [card.is_used for card in page.context["cards"]] == [False, True]
    client.post("/policies/default/delete/")
    assert _order() == ["used"]


# The form


def test_the_form_stores_everything() -> None:
    Brand.objects.create(slug="co", name="Co")
    typed = (
        FORM
        | _seen()
        | {
            "brand": "co",
            "agent_target": "30",
            "cause_days": "90",
            "quiet_start": "21:00",
            "quiet_end": "08:00",
            "weekdays": ["1", "2", "5"],
            "channel_values": ["phone", "chat"],
            "severity_op": "not",
            "severity_values": ["low"],
            "severity_more": "lowest, none at all ,",
            "tags_more": "vip",
            "human_handled": "yes",
            "n_agents_max": "2",
        }
    )
    answer = client_of(Role.DESIGNER).post("/policies/default/", typed)
    assert answer["Location"] == "/policies/"
    policy = _default()
    assert (policy.name, policy.enabled, str(policy.brand)) == ("Fibre", True, "Co")
    assert (policy.delay_minutes, policy.sample_rate, policy.cooldown_days) == (60, 0.125, 7)
    assert (policy.agent_target, policy.cause_days, policy.weekdays) == (30, 90, [1, 2, 5])
    assert (policy.reminder_days, policy.close_days) == (None, 10)
    assert policy.quiet_hours == {"start": "21:00", "end": "08:00"}
    assert policy.conditions == {
        "channel": ["phone", "chat"],
        "severity": {"not": ["low", "lowest", "none at all"]},
        "tags": ["vip"],
        "human_handled": True,
        "n_agents": {"max": 2},
    }


def test_the_form_shown_and_sent_back_changes_nothing() -> None:
    ResolutionFactory(channel="mail", severity="high", cause=CauseFactory(name="The bill"))
    Policy.objects.update(
        conditions={
            "channel": ["phone"],
            "cause": {"not": ["gone"]},
            "human_handled": False,
            "n_agents": {"min": 1},
        },
        quiet_hours={"start": "21:00", "end": "08:00"},
        weekdays=[6, 7],
        agent_target=30,
        cause_days=60,
    )
    before = fingerprint(_default())
    client = client_of(Role.ADMIN)
    form = client.get("/policies/default/").context["form"]
    rows = {row.fact: row for row in form.rows}
    assert [(o.value, o.is_chosen) for o in rows["channel"].options] == [
        ("phone", True),
        ("mail", False),
    ]
    assert [o.label for o in rows["cause"].options] == ["gone", "The bill"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: "" if value is None else value for name, value in typed.items()}
    for row in form.rows:
        typed[f"{row.fact}_op"] = "not" if row.bars else "in"
        typed[f"{row.fact}_values"] = [o.value for o in row.options if o.is_chosen]
    typed |= {"human_handled": form.human, "n_agents_min": form.least, "n_agents_max": form.most}
    assert client.post("/policies/default/", typed | {"seen": before}).status_code == 302
    assert fingerprint(_default()) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x07b"),
        ("questionnaire", "nothing"),
        ("questionnaire", "draft"),
        ("brand", "nothing"),
        ("delay_minutes", "4321"),
        ("delay_minutes", "-1"),
        ("delay_minutes", "soon"),
        ("sample_percent", "101"),
        ("sample_percent", "nan"),
        ("agent_target", "0"),
        ("agent_target", "1001"),
        ("cooldown_days", ""),
        ("cause_days", "0"),
        ("quiet_start", "25:00"),
        ("weekdays", []),
        ("weekdays", ["8"]),
        ("reminder_days", "10"),
        ("reminder_days", "0"),
        ("close_days", "0"),
        ("close_days", "9" * 30),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_changes_nothing(field: str, value: Any) -> None:
    Questionnaire.objects.create(slug="draft", name="Never published")
    before = Policy.objects.values().get()
    typed = FORM | _seen() | {field: value}
    if field == "quiet_start":
        typed["quiet_end"] = "08:00"
    page = client_of(Role.ADMIN).post("/policies/default/", typed)
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert Policy.objects.values().get() == before


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"channel_more": "x" * 201}, "Channel: this must have 1 to 200 characters."),
        ({"tags_values": [f"t{n}" for n in range(201)]}, "Tags: this needs 1 to 200 values."),
        ({"n_agents_min": "many"}, "Handled by: this must be a whole number from 0 to 50."),
        (
            {"n_agents_min": "3", "n_agents_max": "2"},
            "Handled by: this can never hold: min is above max.",
        ),
    ],
)
def test_a_wrong_condition_is_said(typed: dict[str, Any], words: str) -> None:
    page = client_of(Role.ADMIN).post("/policies/default/", FORM | _seen() | typed)
    assert page.status_code == 400
    assert list(page.context["form"].non_field_errors()) == [words]
    assert _default().name == "Every resolved case"


def test_a_new_policy_is_tried_first() -> None:
    answer = client_of(Role.ADMIN).post("/policies/new/", FORM | {"name": "New"})
    assert answer["Location"] == "/policies/"
    assert _order() == ["new-2", "default"]
    assert create(PolicyPatch(name="網路", questionnaire="default")).slug == "policy"
    assert client_of(Role.ADMIN).get("/policies/new/").status_code == 200


def test_of_two_saves_the_later_is_told_and_overwrites_nothing() -> None:
    client, seen = client_of(Role.ADMIN), _seen()
    client.post("/policies/default/", FORM | seen | {"cooldown_days": "9"})
    late = client.post("/policies/default/", FORM | seen | {"name": "Mine"})
    assert late.status_code == 409
    assert "A customer is surveyed at most once in 9 days." in late.content.decode()
    assert late.context["form"]["name"].value() == "Mine"
    assert (_default().name, _default().cooldown_days) == ("Fibre", 9)
    again = client.post("/policies/default/", FORM | {"name": "Mine", "seen": late.context["seen"]})
    assert again.status_code == 302
    assert (_default().name, _default().cooldown_days) == ("Mine", 7)


@pytest.mark.django_db(transaction=True)
def test_of_saves_at_the_same_time_one_is_stored() -> None:
    seen = fingerprint(_default())

    def save(number: int) -> bool:
        try:
            change("default", PolicyPatch(cooldown_days=number), seen=seen)
        except PolicyChangedError:
            return False
        return True

    outcomes = at_once(*(lambda n=n: save(n) for n in range(1, 5)))
    assert sorted(outcomes) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_policies_moved_and_made_at_the_same_time_keep_one_order() -> None:
    PolicyFactory(slug="other", position=1)

    def work(number: int) -> Policy:
        if number % 2:
            return duplicate("other")
        return create(PolicyPatch(name="Made", questionnaire="default"))

    at_once(*(lambda n=n: work(n) for n in range(6)))
    assert sorted(Policy.objects.values_list("position", flat=True)) == list(range(8))
    move("default", 1, seen=_order().index("default"))


# The dry run


def _cases() -> None:
    agent = AgentFactory(name="Grace")
    for days in (3, 20, 40):
        moment = timezone.now() - timedelta(days=days)
        ResolutionFactory(agents=[agent], channel="phone", resolved_at=moment)


def test_a_dry_run_has_an_address_and_stores_nothing() -> None:
    _cases()
    client = client_of(Role.ADMIN)
    before = Policy.objects.values().get()
    asked = FORM | _seen() | {"dry_run": "1", "channel_values": ["phone"], "sample_percent": "100"}
    answer = client.post("/policies/default/", asked)
    assert answer.status_code == 302
    assert "csrf" not in answer["Location"]
    page = client.get(answer["Location"])
    run = page.context["outcome"].run
    assert (run.n_cases, run.n_ours, run.n_surveyed) == (2, 2, 2)
    assert page.context["form"]["name"].value() == "Fibre"
    assert page.context["seen"] == asked["seen"]
    assert "Grace" in page.content.decode()
    assert Policy.objects.values().get() == before


def test_a_dry_run_of_the_stored_policy_of_a_new_one_and_of_a_very_long_one() -> None:
    _cases()
    client = client_of(Role.ADMIN)
    assert client.get("/policies/default/?dry_run=1").context["outcome"].run.n_surveyed == 2
    found = client.post("/policies/new/", FORM | {"dry_run": "1"}, follow=True)
    assert found.context["outcome"].run.n_ours == 2
    long = FORM | {"dry_run": "1", "tags_values": [f"{n:0100}" for n in range(100)]}
    answer = client.post("/policies/new/", long)
    assert (answer.status_code, answer.context["outcome"].run.n_ours) == (200, 0)
    assert _order() == ["default"]


def test_a_dry_run_with_faults_says_them_and_runs_nothing() -> None:
    page = client_of(Role.ADMIN).post(
        "/policies/default/", FORM | {"dry_run": "1", "delay_minutes": "-1"}, follow=True
    )
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["delay_minutes"]
    assert page.context["outcome"].run is None


def test_a_designer_sees_no_agents_name_in_a_dry_run() -> None:
    _cases()
    page = client_of(Role.DESIGNER).get("/policies/default/?dry_run=1")
    assert page.context["outcome"].run.n_surveyed == 2
    assert "Grace" not in page.content.decode()
    assert "0 of 1 agent would reach 30" in page.content.decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
def test_others_change_no_policy(role: str) -> None:
    client = client_of(role)
    assert client.get("/policies/default/").status_code == 404
    assert client.post("/policies/default/", FORM | _seen()).status_code == 404
    assert _default().delay_minutes == 240
