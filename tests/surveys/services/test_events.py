"""The fold over a case's events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from surveys.services.events import Event, State, fold

START = datetime(2026, 11, 1, tzinfo=UTC)


def _at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def _event(status: str, hours: int, **content: Any) -> Event:
    return Event(status, _at(hours), content)


def _spans(state: State) -> list[tuple[datetime, datetime | None]]:
    return [(r.resolved_at, r.reopened_at) for r in state.resolutions]


def test_fold_of_one_resolved_event_is_one_resolution() -> None:
    state = fold([_event("resolved", 5, subject="x")])
    assert (state.status, state.subject, _spans(state)) == ("resolved", "x", [(_at(5), None)])


def test_fold_reopened_and_resolved_again_is_two_resolutions() -> None:
    state = fold([_event("resolved", 9), _event("reopened", 7), _event("resolved", 5)])
    assert _spans(state) == [(_at(5), _at(7)), (_at(9), None)]


def test_fold_second_resolved_in_a_row_is_an_edit() -> None:
    state = fold([_event("resolved", 5, team="A"), _event("resolved", 6, team="B")])
    assert _spans(state) == [(_at(5), None)]
    assert state.resolutions[0].founded_by.content == {"team": "A"}


def test_fold_open_after_resolved_ends_the_resolution() -> None:
    state = fold([_event("resolved", 5), _event("open", 6), _event("reopened", 7)])
    assert (state.status, _spans(state)) == ("reopened", [(_at(5), _at(6))])


def test_fold_of_one_day_ends_resolved() -> None:
    assert fold([_event("resolved", 0), _event("open", 0)]).status == "resolved"


def test_fold_takes_the_stated_time_of_resolution() -> None:
    state = fold([_event("resolved", 9, resolved_at=_at(5).isoformat())])
    assert (state.last_event_at, _spans(state)) == (_at(9), [(_at(5), None)])


def test_fold_believes_the_event_where_a_stated_time_repeats() -> None:
    stated = _at(5).isoformat()
    events = [
        _event("resolved", 5, resolved_at=stated),
        _event("reopened", 6),
        _event("resolved", 8, resolved_at=stated),
    ]
    assert _spans(fold(events)) == [(_at(5), _at(6)), (_at(8), None)]


def test_fold_keeps_what_a_later_event_does_not_state() -> None:
    state = fold(
        [
            _event("open", 1, subject="first", tags=["a"], customer={"email": "a@b.org"}),
            _event("resolved", 2, subject="second", customer={"name": "Ada"}),
        ]
    )
    assert (state.subject, state.tags, state.customer) == ("second", ["a"], {"email": "a@b.org"})
