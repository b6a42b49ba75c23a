"""Rules over any field of a helpdesk's body: what is kept, what decides, what is erased."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from surveys.helpdesks.reading import Node
from surveys.helpdesks.telling import texts_at
from surveys.models import CaseEvent, CauseRule, HookEvent, Resolution
from surveys.services import cause_history, cause_rule_list, hook_log, hook_work, privacy
from surveys.services.cause_moves import CauseError
from surveys.services.cause_rule_list import Wish, add
from surveys.services.publishing import ensure_defaults
from tests.factories import CauseFactory
from tests.surveys.hooks import Desk
from tests.surveys.services.told import case, read, take
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PATH = "custom.reason"


@pytest.fixture
def desk() -> Desk:
    ensure_defaults()
    hook_log.forget_rations()
    CauseFactory.create(code="router")
    return Desk()


def _wish(source: str = "", path: str = PATH, text: str = "*router*") -> Wish:
    return Wish("field", "matches", text, "router", source, "", path)


def _causes() -> dict[str, str | None]:
    return dict(Resolution.objects.values_list("case__external_id", "cause__code"))


def _kept(external_id: str) -> object:
    return CaseEvent.objects.get(case__external_id=external_id).content.get("fields")


def test_a_rule_reads_a_field_and_nothing_else_of_the_body_is_kept(desk: Desk) -> None:
    said = {"reason": {"name": "Old  ROUTER"}, "diary": "private"}
    desk.resolve("before", cause="", custom=said)
    hook_work.work_off()
    assert _kept("before") is None
    add(_wish(desk.connection.slug))
    add(_wish("elsewhere", "custom.diary"))
    desk.resolve("after", cause="", custom=said)
    desk.resolve("other", cause="", custom={"reason": ["cable", "wall"]})
    desk.resolve("absent", cause="")
    hook_work.work_off()
    assert _causes() == {"before": None, "after": "router", "other": None, "absent": None}
    assert _kept("after") == {PATH: ["Old  ROUTER"]}
    assert _kept("other") == {PATH: ["cable", "wall"]}
    assert _kept("absent") == {PATH: []}  # known to be empty


def test_the_trial_reads_kept_calls_and_says_for_which_cases_nothing_is_known(desk: Desk) -> None:
    desk.resolve("1", cause="", custom={"reason": "router"})
    desk.resolve("2", cause="", custom={"reason": "cable"})
    hook_work.work_off()
    take(
        case(external_id="3", cause=None),
        case(external_id="4", cause=None, fields={PATH: "Router"}),
    )
    draft = cause_rule_list.deciding(cause_rule_list.read(_wish()))
    trial = cause_history.try_out([draft], draft)
    assert {one.past.external_id for one in trial.changed} == {"1"}
    assert (trial.n_tried, trial.n_open, trial.n_unknown, trial.n_from_calls) == (4, 4, 2, 2)
    # Of that connection alone nothing is unknown.
    own = draft._replace(source=desk.connection.slug)
    assert cause_history.try_out([own], own).n_unknown == 0
    asked = {"what": "field", "how": "matches", "text": "*router*", "cause": "router"}
    page = client_of("admin").get("/settings/causes/rules/", asked | {"path": PATH})
    told = page.content.decode()
    assert "1 case of the last 4 would change" in told
    assert "For <b>2 cases</b> that it might decide the field is not known" in told
    assert "Of 2 cases it was read from the calls" in told


def test_cases_of_the_api_tell_fields_of_which_those_that_rules_name_are_kept() -> None:
    CauseFactory.create(code="router")
    add(_wish("desk"))
    fields = {PATH: ["Cable", "The router"], "diary": "private", "n": 3, "empty": None}
    take(
        case(external_id="1", cause=None, fields=fields),
        case(external_id="2", cause=None, fields={"diary": "private"}),
        case(external_id="3", cause=None, source="elsewhere", fields=fields),
    )
    assert _causes() == {"1": "router", "2": None, "3": None}
    assert (_kept("1"), _kept("2"), _kept("3")) == ({PATH: ["Cable", "The router"]}, None, None)
    again = take(case(external_id="1", cause=None, fields=fields))
    assert [one.outcome for one in again] == ["unchanged"]
    # Once no rule names it, it goes with the next telling.
    cause_rule_list.delete(CauseRule.objects.get().pk, timezone.now())
    take(case(external_id="1", cause=None, fields=fields))
    assert _kept("1") is None


@pytest.mark.parametrize(
    "fields",
    [
        {str(number): "x" for number in range(101)},
        {"a": ["x"] * 21},
        {"a": "x" * 201},
        {"a" * 201: "x"},
        {"a": {"b": "c"}},
        {"a": 1e400},
        "words",
    ],
)
def test_fields_that_cannot_be_taken_are_refused_by_name(fields: object) -> None:
    [refused] = read(case(fields=fields))
    assert refused.errors[0][0].startswith("fields")  # type: ignore[union-attr]


def test_an_erasure_takes_fields_along(desk: Desk) -> None:
    add(_wish())
    told: dict[str, Any] = {
        "customer": {"email": "pat@example.com"},
        "custom": {"reason": "Pat's router"},
    }
    desk.resolve("1", **told)
    hook_work.work_off()
    desk.resolve("2", **told)
    assert (HookEvent.objects.get(case="2").content or {})["fields"] == {PATH: ["Pat's router"]}
    privacy.erase("pat@example.com", timezone.now())
    assert _kept("1") is None
    assert "fields" not in (HookEvent.objects.get(case="2").content or {})
    # Told again by the helpdesk, it does not come back.
    desk.resolve("1", **told)
    hook_work.work_off()
    assert not CaseEvent.objects.filter(content__has_key="fields").exists()


def test_a_rule_over_a_field_needs_its_place_and_is_undone_with_it() -> None:
    CauseFactory.create(code="router")
    for path in ("", " ", "x" * 201):
        with pytest.raises(CauseError, match="where it stands"):
            cause_rule_list.read(_wish(path=path))
    rule = add(_wish())
    assert str(rule) == f"the field {PATH} looks like “*router*”"
    assert cause_rule_list.read(Wish("tag", "equals", "x", "router", path=PATH)).path == ""
    begun = client_of("admin").get("/settings/causes/rules/", {"what": "field", "path": "a.b"})
    assert begun.status_code == 200
    assert 'name="path" maxlength="200" value="a.b"' in begun.content.decode()


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("  Router ", ("Router",)),
        (["a", "b", "a", ""], ("a", "b")),
        ([{"name": "A"}, {"value": 4}], ("A", "4")),
        ({"label": "L"}, ("L",)),
        (True, ("true",)),
        (0, ("0",)),
        (None, ()),
        ("nul\x00", ()),
        ("x" * 300, ("x" * 200,)),
        (["y"] + [str(n) for n in range(50)], ("y", *(str(n) for n in range(19)))),
    ],
)
def test_texts_of_a_field_are_read_without_refusing_anything(
    value: object, texts: tuple[str, ...]
) -> None:
    assert texts_at(Node({"f": [{"v": value}]}), "f[0].v") == texts
