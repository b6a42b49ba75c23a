"""Actions are written down, changed with a trace, and never made to vanish."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from analytics import actions
from analytics.actions import ActionError, Wish
from analytics.frames.actions import registered
from analytics.models import Action, ActionChange
from surveys.models import Cause, User
from surveys.services import causes
from tests.analytics.acting import TODAY, ActionFactory
from tests.factories import NOW, CauseFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
AHEAD = TODAY + 10 * DAY


@pytest.fixture
def user() -> User:
    found: User = UserFactory(email="mia@example.org")
    return found


def _wish(began: dt.date, done: dt.date | None = None, **fields: object) -> Wish:
    told = {"title": "Bills are checked", "text": "", "owner": None, **fields}
    return Wish(began_on=began, done_on=done, **told)  # type: ignore[arg-type]


def _log(action: Action) -> list[tuple[str, str, str, str]]:
    found = action.changes.order_by("pk")
    return list(found.values_list("kind", "before", "after", "note"))


def _correct(action: Action, user: User, wish: Wish, note: str = "", at: dt.datetime = NOW) -> None:
    actions.correct(action.pk, user, wish, note, at)
    action.refresh_from_db()


def test_an_action_is_registered_with_its_days_and_by_whom(user: User) -> None:
    action = actions.register(user, CauseFactory(), _wish(AHEAD, AHEAD, owner=user), NOW)
    assert (action.registered_by, action.registered_at, action.dated_at) == (user, NOW, NOW)
    assert _log(action) == [("registered", "", "30 November 2026", "")]
    assert action.changes.get().actor == "mia@example.org"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " \u200b "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"text": "x" * 4_001}, "text"),
        ({"began": dt.date(1999, 12, 31)}, "began_on"),
        ({"began": TODAY + 3_000 * DAY}, "began_on"),
        ({"done": AHEAD - DAY}, "done_on"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    user: User, fields: dict[str, object], field: str
) -> None:
    told = {"began": AHEAD, **fields}
    with pytest.raises(ActionError) as refused:
        actions.register(user, CauseFactory(), _wish(**told), NOW)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not Action.objects.exists()


def test_the_database_refuses_days_the_wrong_way_round_and_no_title() -> None:
    for fields in ({"done_on": TODAY - 30 * DAY}, {"title": ""}, {"dated_at": NOW - 90 * DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActionFactory(**fields)


def test_days_still_to_come_are_free_and_dated_anew(user: User) -> None:
    action = actions.register(user, CauseFactory(), _wish(AHEAD), NOW - DAY)
    _correct(action, user, _wish(AHEAD + DAY, AHEAD + DAY))
    assert (action.began_on, action.dated_at) == (AHEAD + DAY, NOW)
    assert _log(action)[-1][0] == "dates"


def test_days_of_what_has_begun_take_a_reason_and_are_dated_by_it(user: User) -> None:
    action = ActionFactory()
    before = action.dated_at
    other = _wish(action.began_on + DAY, action.done_on + DAY, title=action.title)
    with pytest.raises(ActionError) as refused:
        _correct(action, user, other)
    assert refused.value.field == "note"
    action.refresh_from_db()
    assert (action.dated_at, _log(action)) == (before, [])
    _correct(action, user, other, note="It slipped by a day")
    assert action.dated_at == NOW
    assert _log(action) == [
        ("dates", "13 November 2026", "14 November 2026", "It slipped by a day")
    ]


@pytest.mark.parametrize(("ago", "is_free"), [(0, True), (7, True), (8, False)])
def test_the_last_day_is_told_when_it_is_there(user: User, ago: int, is_free: bool) -> None:
    action = ActionFactory(began_on=TODAY - 20 * DAY, done_on=None)
    before = action.dated_at
    wish = _wish(action.began_on, TODAY - ago * DAY, title=action.title)
    assert actions.needs_note(action, wish, TODAY) is not is_free
    _correct(action, user, wish, note="" if is_free else "Nobody told me")
    assert action.dated_at == (before if is_free else NOW)


def test_other_words_and_owners_need_no_reason_and_leave_a_trace(user: User) -> None:
    action = ActionFactory(title="Old", text="a\nb")
    wish = _wish(action.began_on, action.done_on, title="New", text="a\nb", owner=user)
    _correct(action, user, wish)
    assert [line[:3] for line in _log(action)] == [
        ("title", "Old", "New"),
        ("owner", "nobody", "mia@example.org"),
    ]
    _correct(action, user, wish)
    assert len(_log(action)) == 2


def test_withdrawn_it_stays_and_can_be_brought_back(user: User) -> None:
    action = ActionFactory()
    actions.withdraw(action.pk, user, " never\x00 done ", NOW)
    actions.withdraw(action.pk, user, "again", NOW)
    assert registered(None) == []
    assert [one.withdrawn_on for one in registered(None, withdrawn=True)] == [TODAY]
    with pytest.raises(ActionError, match="withdrawn"):
        _correct(action, user, _wish(action.began_on))
    actions.restore(action.pk, user, NOW)
    assert len(registered(None)) == 1
    assert [line[0] for line in _log(action)] == ["withdrawn", "restored"]
    assert _log(action)[0][3] == "never done"


def test_what_was_written_down_is_changed_by_nobody(user: User) -> None:
    action = ActionFactory()
    actions.withdraw(action.pk, user, "", NOW)
    with pytest.raises((InternalError, IntegrityError), match="append-only"), transaction.atomic():
        ActionChange.objects.update(actor="somebody else")


def test_an_owner_who_leaves_leaves_the_action(user: User) -> None:
    action = ActionFactory(owner=user, registered_by=user)
    user.delete()
    action.refresh_from_db()
    assert (action.owner, action.registered_by) == (None, None)


def test_actions_follow_a_merge_and_its_undoing_and_go_with_their_cause() -> None:
    old, new = CauseFactory(code="old"), CauseFactory(code="new")
    action = ActionFactory(cause=old)

    def counted_for() -> list[int]:
        return [one.id for one in registered([new.pk])]

    assert counted_for() == []
    change = causes.merge("old", "new", NOW)
    assert counted_for() == [action.pk]
    causes.rename("new", "Another name")
    assert counted_for() == [action.pk]
    further = CauseFactory(code="further")
    onward = causes.merge("new", "further", NOW)
    assert [one.id for one in registered([further.pk])] == [action.pk]
    causes.undo(onward.pk, NOW)
    causes.undo(change.pk, NOW)
    assert (counted_for(), [one.id for one in registered([old.pk])]) == ([], [action.pk])
    Cause.objects.filter(pk=old.pk).delete()
    assert not Action.objects.exists()


def test_the_days_are_utc_whatever_zone_the_connection_has(user: User) -> None:
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    actions.register(user, CauseFactory(), _wish(AHEAD), late)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Tokyo'")
    assert [one.registered_on for one in registered(None)] == [dt.date(2026, 11, 20)]
