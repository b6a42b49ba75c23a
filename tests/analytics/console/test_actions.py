"""The pages of actions: who may do what, what they say, and what strangers never see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from analytics import simulation
from analytics.models import Action
from surveys.models import Cause, User
from surveys.services import causes
from tests.analytics.acting import ActionFactory, posted
from tests.analytics.console.filed import Page
from tests.factories import NOW, CauseFactory, FollowUpFactory, UserFactory
from tests.surveys.staff import BACKEND, client_of

pytestmark = pytest.mark.django_db

Role = User.Role
TODAY = dt.date(2026, 11, 21)
AHEAD = dt.date(2031, 1, 1)


@pytest.fixture
def manager() -> Client:
    return client_of(Role.MANAGER, email="mia@example.org", name="Mia")


@pytest.fixture
def owner() -> User:
    user: User = UserFactory(role=Role.CAUSE_OWNER, name="Otto")
    return user


def _text(client: Client, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status, (path, page.status_code)
    return page.content.decode()


def test_the_empty_list_says_what_to_do(manager: Client) -> None:
    said = _text(manager, "/actions/")
    assert "No action yet" in said
    assert 'href="/causes/"' in said
    assert 'href="/actions/new/"' in said
    analyst = _text(client_of(Role.ANALYST), "/actions/")
    assert "/actions/new/" not in analyst


def test_an_action_is_registered_and_stands_in_the_list(manager: Client) -> None:
    cause = CauseFactory(code="bill/wrong", name="Wrong bill")
    form = _text(manager, "/actions/new/?cause=bill/wrong")
    assert '<option value="bill/wrong" selected>' in form
    asked = posted(cause=cause.code, began_on="2026-12-01", done_on="2026-12-04")
    done = manager.post("/actions/new/", asked, follow=True)
    said = done.content.decode()
    assert "“Bills are checked” is registered." in said
    assert "1 December 2026 to 4 December 2026" in said
    assert "Too little data" in said
    assert Action.objects.get().registered_by == User.objects.get()


def test_what_is_wrong_is_marked_at_its_field_and_kept(manager: Client) -> None:
    CauseFactory(code="bill")
    wrong = {
        "cause": "nowhere",
        "title": " ",
        "began_on": "soon",
        "done_on": "2026-02-30",
        "owner": "7777",
    }
    answer = manager.post("/actions/new/", posted(**wrong))
    said = answer.content.decode()
    assert answer.status_code == 400
    for fault in ("There is no cause “nowhere”.", "Say what is done", "such as 2026-03-31"):
        assert fault in said
    assert set(answer.context["form"].errors) == set(wrong)
    assert 'aria-describedby="id_title_error"' in said
    backwards = posted(cause="bill", began_on="2026-12-04", done_on="2026-12-01")
    answer = manager.post("/actions/new/", backwards)
    assert answer.context["form"].errors["done_on"] == ["The roll-out cannot end before it begins."]
    assert not Action.objects.exists()


def test_the_list_says_when_days_were_named(manager: Client) -> None:
    day = dt.timedelta(days=1)
    began = TODAY - 40 * day
    noon = dt.datetime.combine(began, dt.time(12), dt.UTC)
    for title, shift in (("Before", -3), ("On the day", 0), ("After", 12)):
        ActionFactory(title=title, began_on=began, registered_at=noon + shift * day)
    late = {"registered_at": noon - 5 * day, "dated_at": noon + day}
    ActionFactory(title="Corrected", began_on=began, **late)
    rows = {row[0].split("Cause")[0]: row[1] for row in Page(manager, "/actions/").table("list")}
    assert rows["Before"].endswith("registered 3 days before it began")
    assert rows["On the day"].endswith("registered on the day it began")
    assert rows["After"].endswith("registered 12 days after it began")
    assert rows["Corrected"].endswith("its days were last changed 1 day after it began")


def test_days_of_what_has_begun_are_changed_with_a_reason_alone(manager: Client) -> None:
    action = ActionFactory(title="Bills are checked", began_on=TODAY - dt.timedelta(days=9))
    path = f"/actions/{action.pk}/"
    asked = posted(began_on="2026-11-01", done_on="2026-11-02")
    answer = manager.post(path, asked)
    assert answer.status_code == 400
    assert "Its days are fixed since it began." in answer.context["form"].errors["note"][0]
    done = manager.post(path, asked | {"note": "Typed <wrong>"}, follow=True).content.decode()
    assert "Typed &lt;wrong&gt;" in done
    assert "12 November 2026 → 1 November 2026 to 2 November 2026" in done


def test_withdrawing_is_asked_first_and_undone(manager: Client) -> None:
    action = ActionFactory(title="Bills are checked")
    path = f"/actions/{action.pk}/withdraw/"
    assert "Its mark leaves the charts" in _text(manager, path)
    assert not Action.objects.filter(withdrawn_at__isnull=False).exists()
    done = manager.post(path, {"note": "never done"}, follow=True).content.decode()
    assert "“Bills are checked” is withdrawn." in done
    assert f'action="/actions/{action.pk}/restore/"' in done
    assert "never done" in _text(manager, f"/actions/{action.pk}/")
    assert manager.post(f"/actions/{action.pk}/", posted()).status_code == 404
    assert "is back" in manager.post(f"/actions/{action.pk}/restore/", follow=True).content.decode()
    assert "Withdrawn" not in _text(manager, "/actions/")


def test_an_owner_acts_on_the_own_causes_alone(owner: User) -> None:
    own, other = CauseFactory(owner=owner, code="own"), CauseFactory(code="other", name="Hidden")
    mine, theirs = ActionFactory(cause=own), ActionFactory(cause=other, title="Secret")
    client = Client()
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    said = _text(client, "/actions/")
    assert mine.title in said
    assert "Secret" not in said
    for path in (f"/actions/{theirs.pk}/", f"/actions/{theirs.pk}/withdraw/"):
        assert client.get(path).status_code == 404
        assert client.post(path, posted()).status_code == 404
    assert client.post(f"/actions/{theirs.pk}/restore/").status_code == 404
    assert "Hidden" not in _text(client, "/actions/new/")
    refused = client.post("/actions/new/", posted(cause="other", began_on="2026-12-01"))
    assert "There is no cause “other”." in refused.content.decode()
    taken = client.post("/actions/new/", posted(cause="own", began_on="2026-12-01"))
    assert taken.status_code == 302
    assert client.post(f"/actions/{mine.pk}/withdraw/").status_code == 302


def test_an_analyst_reads_and_changes_nothing() -> None:
    analyst = client_of(Role.ANALYST)
    action = ActionFactory(text="How it is done")
    said = _text(analyst, f"/actions/{action.pk}/")
    assert "How it is done" in said
    assert "Save" not in said
    for path in ("", "withdraw/", "restore/"):
        assert analyst.post(f"/actions/{action.pk}/{path}", posted()).status_code == 404
    assert analyst.get("/actions/new/").status_code == 404
    assert not Action.objects.filter(withdrawn_at__isnull=False).exists()


def test_who_answers_for_it_must_be_able_to_see_it(manager: Client, owner: User) -> None:
    CauseFactory(code="bill")
    agent = UserFactory(role=Role.AGENT)
    asked = posted(cause="bill", began_on="2026-12-01", owner=owner.pk)
    refused = manager.post("/actions/new/", asked)
    assert refused.context["form"].errors["owner"] == [
        "Otto does not own this cause and would not see it."
    ]
    refused = manager.post("/actions/new/", asked | {"owner": str(agent.pk)})
    assert set(refused.context["form"].errors) == {"owner"}
    Cause.objects.update(owner=owner)
    assert manager.post("/actions/new/", asked).status_code == 302
    # Who lost the cause since goes on answering for what they began, until somebody else does.
    Cause.objects.update(owner=None)
    action = Action.objects.get()
    kept = posted(began_on="2026-12-01", owner=owner.pk, title="Another")
    assert manager.post(f"/actions/{action.pk}/", kept).status_code == 302


def test_the_list_is_narrowed_by_its_cause_and_by_nothing_else(manager: Client) -> None:
    first, second = ActionFactory(title="First"), ActionFactory(title="Second")
    said = _text(manager, f"/actions/?cause={first.cause.code}")
    assert "First" in said
    assert "Second" not in said
    assert second.title in _text(manager, "/actions/?cause=")
    assert "Nothing is registered about this cause" in _text(
        manager, f"/actions/?cause={CauseFactory().code}"
    )
    assert "listed by cause" in _text(manager, "/actions/?from=2026-01-01", 400)
    assert "no-such" in _text(manager, "/actions/?cause=no-such", 400)
    assert "colour" in _text(manager, "/actions/?colour=red", 400)


def test_the_files_are_what_the_page_shows(manager: Client, company: simulation.Simulated) -> None:
    cause = Cause.objects.order_by("pk")[0]
    action = ActionFactory(cause=cause, title="=1+1", began_on=TODAY - dt.timedelta(days=30))
    page = Page(manager, "/actions/")
    [row] = page.file("").rows
    assert (row["id"], row["title"], row["cause.code"]) == (str(action.pk), "'=1+1", cause.code)
    assert (row["days_late"], row["cases.verdict"]) == ("-1", "too little data")
    found = manager.get(f"/api/v1/reports/causes/{cause.code}/change/?action={action.pk}").json()
    for side in ("cases", "dismay"):
        assert row[f"{side}.missing_before"] == str(found[side]["missing_before"])
        assert row[f"{side}.possible_on"] == (found[side]["possible_on"] or "")


def test_the_page_of_a_cause_marks_what_was_done(
    manager: Client, company: simulation.Simulated
) -> None:
    cause = Cause.objects.order_by("pk")[0]
    began = dt.date(2026, 10, 12)
    action = ActionFactory(
        cause=cause, title="Two <men> check", began_on=began, done_on=began + dt.timedelta(days=9)
    )
    path = f"/causes/{cause.code}/?action={action.pk}"
    page = Page(manager, path)
    # In the picture with its words, in its alternative, in the table behind it, and in the file.
    words = "A1, Two &lt;men&gt; check: 12 October 2026 to 21 October 2026"
    assert page.html.count(f"<title>{words}</title>") == 4
    assert f"Done about it: {words}." in page.html
    by_week = {row[0]: row[-1] for row in page.table("by-week")}
    assert by_week["12 October 2026"] == "A1 begins"
    assert by_week["19 October 2026"] == "A1 rolled out"
    assert by_week["26 October 2026"] == "–"
    weeks = {row["week"]: row["actions"] for row in page.file("By week").rows}
    assert weeks["2026-10-12"] == "A1 Two <men> check begins"
    assert weeks["2026-10-26"] == ""
    assert "Two <men> check" in page.section("before-after")
    change = page.file("Change")
    assert change.notes["action"] == "Two <men> check"
    assert change.notes["until"] == "2026-10-21"
    assert {row["series"] for row in change.rows} == {"cases", "dismay"}
    assert "worth less" not in page.section("before-after")
    Action.objects.update(dated_at=dt.datetime(2026, 10, 24, 8, tzinfo=dt.UTC))
    late = "its days were named 12 days after it began: a verdict is worth less"
    assert late in Page(manager, path).section("before-after")
    # Filters go along with the action, and the action with filters.
    assert f"channel=phone&amp;action={action.pk}" in _text(manager, f"{path}&channel=phone")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("action=x", "“action” must be the number"),
        ("action=" + "9" * 30, "“action” must be the number"),
        ("action=77", "This cause has no action 77."),
        ("action=1&change=2026-10-12", "Give either “change” or “action”"),
    ],
)
def test_an_action_that_is_none_is_refused_in_words(
    manager: Client, company: simulation.Simulated, query: str, fault: str
) -> None:
    code = Cause.objects.order_by("pk")[0].code
    assert fault in _text(manager, f"/causes/{code}/?{query}", 400)


def test_a_link_tells_strangers_of_no_action(
    manager: Client, company: simulation.Simulated
) -> None:
    cause = Cause.objects.order_by("pk")[0]
    action = ActionFactory(cause=cause, title="Secret plan", began_on=dt.date(2026, 10, 12))
    shown = manager.post(
        "/settings/links/preview/",
        {"path": f"/causes/{cause.code}/", "query": f"action={action.pk}", "days": "3"},
    )
    said = shown.content.decode()
    assert shown.status_code == 200
    assert "Secret" not in said
    assert "12 October 2026" in said
    assert f"/actions/{action.pk}" not in said
    told = manager.post("/settings/links/preview/", {"path": "/actions/", "query": "", "days": "3"})
    assert told.status_code == 404


def test_paper_names_the_action(manager: Client, company: simulation.Simulated) -> None:
    cause = Cause.objects.order_by("pk")[0]
    action = ActionFactory(cause=cause, title="Two men check", began_on=dt.date(2026, 10, 12))
    views = manager.post(
        "/settings/views/",
        {"path": f"/causes/{cause.code}/", "query": f"action={action.pk}", "name": "Checked"},
        follow=True,
    )
    assert views.status_code == 200
    assert "Action: Two men check" in _text(manager, "/settings/views/")


def test_the_first_screen_says_what_is_done_about_what_to_fix_first(
    manager: Client, company: simulation.Simulated
) -> None:
    asked = _text(manager, "/")
    assert "Nothing that anybody registered." in asked
    first = manager.get("/").context["fix_first"].row.cause.code
    cause = Cause.objects.get(code=first)
    began = dt.date(2026, 10, 12)
    ActionFactory(cause=cause, title="Older", began_on=began - dt.timedelta(days=7))
    ActionFactory(cause=cause, title="Two men check", began_on=began)
    ActionFactory(cause=cause, title="Never done", began_on=AHEAD, withdrawn_at=NOW)
    said = Page(manager, "/").section("fix-first")
    assert "Two men check, 12 October 2026." in said
    assert "too little data" in said
    for other in ("Older", "Never done", "Nothing that anybody registered"):
        assert other not in said


def test_of_more_causes_than_a_list_holds_the_code_is_typed(manager: Client) -> None:
    Cause.objects.bulk_create(Cause(code=f"c{n}", name=f"Cause {n}") for n in range(1_001))
    form = _text(manager, "/actions/new/?cause=c7")
    assert '<input id="id_cause" name="cause" maxlength="200" required value="c7">' in form
    done = manager.post("/actions/new/", posted(cause="c7", began_on="2026-12-01"))
    assert done.status_code == 302
    assert "<option" not in _text(manager, "/actions/")
    assert "Bills are checked" in _text(manager, "/actions/?cause=c7")


def test_a_merged_cause_shows_its_actions_under_what_it_became(manager: Client) -> None:
    old, new = CauseFactory(code="old"), CauseFactory(code="new", name="What it became")
    action = ActionFactory(cause=old, title="Done long ago")
    causes.merge("old", "new", NOW)
    assert "What it became" in _text(manager, f"/actions/{action.pk}/")
    for code in ("old", "new"):
        assert "Done long ago" in _text(manager, f"/actions/?cause={code}")
        assert "Done long ago" in _text(manager, f"/causes/{code}/")
    taken = manager.post("/actions/new/", posted(cause="old", began_on="2026-12-01"))
    assert taken.status_code == 302
    assert new.actions.count() == 1


def test_an_action_that_is_rolled_out_says_who_waits_to_hear_of_it(
    manager: Client, owner: User
) -> None:
    action = ActionFactory(cause__owner=owner)
    FollowUpFactory(kind="news", response__invitation__resolution__cause=action.cause)
    path, words = f"/actions/{action.pk}/", "customer asked to hear"
    page = _text(manager, path)
    assert words in page
    assert f'href="/follow-ups/?kind=news&amp;cause={action.cause.code}"' in page
    of_owner = Client()
    of_owner.force_login(owner, BACKEND)
    assert words not in _text(of_owner, path)
    Action.objects.update(done_on=None)
    assert words not in _text(manager, path)
