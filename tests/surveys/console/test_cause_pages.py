"""Rules and the unmapped queue as an admin works with them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from surveys.models import Cause, CauseChange, CauseRule, Resolution
from tests.factories import CaseFactory, CauseFactory, ResolutionFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
RULES = "/settings/causes/rules/"
QUEUE = "/settings/causes/unmapped/"


@pytest.fixture
def admin() -> Client:
    return client_of("admin")


def _past(n: int, cause: Cause | None = None, **fields: object) -> None:
    for _ in range(n):
        ResolutionFactory.create(cause=cause, case=CaseFactory.create(**fields))


def _confirm(admin: Client, page: str, to: str) -> object:
    """Press the button of the form at `to` that a page shows, with the fields it brings."""
    form = re.search(rf'<form[^>]*action="{re.escape(to)}".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group())
    told = {name: unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}
    return admin.post(to, told)


def test_a_rule_is_tried_saved_applied_moved_deleted_and_brought_back(admin: Client) -> None:
    CauseFactory.create(code="plan", name="Plan <b>")
    _past(3, tags=["vip"], subject="Nothing works & I pay")
    asked = {"what": "tag", "how": "equals", "text": "VIP", "cause": "plan", "source": ""}
    page = admin.get(RULES, asked).content.decode()
    assert "3 cases of the last 3 would change" in page
    assert "Plan &lt;b&gt;" in page
    assert "<b>”" not in page
    assert not CauseRule.objects.exists()
    _confirm(admin, page, f"{RULES}save/")
    rule = CauseRule.objects.get()
    assert Resolution.objects.filter(cause=None).count() == 3
    page = admin.get(f"{RULES}{rule.pk}/apply/").content.decode()
    assert "3 cases and 0 answers would move" in page
    assert "Nothing works &amp; I pay" in page
    admin.post(f"{RULES}{rule.pk}/apply/")
    assert Resolution.objects.filter(cause__code="plan").count() == 3
    admin.post(f"{RULES}{rule.pk}/", {"to": "delete"})
    change = CauseChange.objects.filter(kind="ruled").first()
    assert change is not None
    assert change.by is not None
    assert f"/settings/causes/changes/{change.pk}/undo/" in admin.get(RULES).content.decode()
    back = admin.post(f"/settings/causes/changes/{change.pk}/undo/", {"back": "rules"})
    assert back["Location"] == RULES
    assert CauseRule.objects.get().deleted_at is None


def test_rules_are_put_in_order_and_the_pressed_button_keeps_the_focus(admin: Client) -> None:
    CauseFactory.create(code="plan")
    for text in ("a", "b", "c"):
        admin.post(f"{RULES}save/", {"what": "tag", "how": "equals", "text": text, "cause": "plan"})
    last = CauseRule.objects.get(text="c")
    moved = admin.post(f"{RULES}{last.pk}/", {"to": "earlier"}, follow=True)
    assert [rule.text for rule, _ in moved.context["rules"]] == ["a", "c", "b"]
    assert re.search(r'value="earlier" autofocus>.*?“c”', moved.content.decode()) is not None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cause": "nothing"}, "There is no cause “nothing”"),
        ({"text": "***", "how": "matches"}, "stars alone"),
        ({"what": "password"}, "Choose what the rule looks at"),
    ],
)
def test_a_rule_that_cannot_be_says_why(admin: Client, fields: dict[str, str], words: str) -> None:
    CauseFactory.create(code="plan")
    asked = {"what": "tag", "how": "equals", "text": "x", "cause": "plan"} | fields
    page = admin.get(RULES, asked)
    assert page.status_code == 400
    assert words in page.content.decode()
    admin.post(f"{RULES}save/", asked)
    assert not CauseRule.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 30])
def test_a_rule_that_is_gone_is_a_404(admin: Client, number: str) -> None:
    asked = {"rule": number, "text": "x"}
    assert admin.post(f"{RULES}save/", asked).status_code == 404


def test_the_queue_shows_what_waits_and_takes_a_suggestion_with_one_press(admin: Client) -> None:
    CauseFactory.create(code="plan-change", name="Plan change")
    waits = CauseFactory.create(code="Plan  Changes", name="Plan  Changes", mapped_at=None)
    CauseFactory.create(code="unused", mapped_at=None)
    _past(2, waits, subject="My <plan>")
    _past(1)
    page = admin.get(QUEUE)
    text = page.content.decode()
    assert [line.code for line in page.context["queue"].lines] == ["Plan  Changes"]
    assert "My &lt;plan&gt;" in text
    assert "1 case came with none" in text
    taken = admin.post(f"{QUEUE}take/", {"take": "Plan  Changes\nplan-change"}, follow=True)
    assert Resolution.objects.filter(cause__code="plan-change").count() == 2
    assert "Nothing waits" in taken.content.decode()
    _confirm(admin, taken.content.decode(), f"{QUEUE}undo/")
    assert Resolution.objects.filter(cause=waits).count() == 2


def test_obvious_ones_are_taken_together_or_not_at_all(admin: Client) -> None:
    for code, name in (("plan-change", "Plan change"), ("no-signal", "No signal")):
        CauseFactory.create(code=code, name=name)
    for code in ("PLAN CHANGE", "NoSignal"):
        _past(1, CauseFactory.create(code=code, name=code, mapped_at=None))
    page = admin.get(QUEUE)
    assert {line.code for line in page.context["obvious"]} == {"PLAN CHANGE", "NoSignal"}
    admin.post(f"{QUEUE}take/", {"take": ["NoSignal\nno-signal", "PLAN CHANGE\nnothing"]})
    assert Cause.objects.filter(mapped_at=None, merged_into=None).count() == 2
    done = admin.post(
        f"{QUEUE}take/", {"take": ["NoSignal\nno-signal", "PLAN CHANGE\nplan-change"]}, follow=True
    )
    assert Cause.objects.exclude(merged_into=None).count() == 2
    _confirm(admin, done.content.decode(), f"{QUEUE}undo/")
    assert Cause.objects.filter(mapped_at=None, merged_into=None).count() == 2


def test_the_queue_asks_as_much_for_many_as_for_one(
    admin: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        _past(1, CauseFactory.create(code=f"w{number}", mapped_at=None))
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        page = admin.get(QUEUE)
    assert (len(page.context["queue"].lines), page.context["has_more"]) == (25, True)


def test_a_cause_is_split_as_it_was_shown(admin: Client) -> None:
    plan = CauseFactory.create(code="plan", name="Plan")
    _past(2, plan, tags=["roaming"])
    _past(1, plan, tags=["tariff"])
    path = f"/settings/causes/{plan.pk}/split/"
    asked = {"what": "tag", "how": "equals", "text": "roaming", "cause": "roam", "name": "Roaming"}
    page = admin.get(path, asked).content.decode()
    assert "2 cases and 0 answers would move" in page
    assert not Cause.objects.filter(code="roam").exists()
    _confirm(admin, page, path)
    assert Resolution.objects.filter(cause__code="roam").count() == 2
    assert Cause.objects.get(code="roam").name == "Roaming"
    assert "Split off “Roaming”" in admin.get("/settings/causes/").content.decode()
