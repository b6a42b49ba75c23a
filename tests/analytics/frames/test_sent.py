"""Whatever happens to resolutions, invitations and answers, in whatever order, packed in between or
not: what is told of them is what a plain count of the rows finds, at every moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import aggregates
from analytics.frames import resolutions, sent, sent_rows
from analytics.frames.selection import Selection
from surveys.models import Agent, AnswerChange, Invitation, Resolution, Response
from tests.analytics import resolved
from tests.analytics.answered import answer, change, erase
from tests.factories import (
    NOW,
    AgentFactory,
    CaseFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    ResolutionAgentFactory,
    ResolutionFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
STATUSES = [status.value for status in Invitation.Status]

place = st.integers(0, 5)
hours = st.integers(-40 * 24, 24)
moment = st.one_of(st.none(), hours, st.sampled_from((-2000 * 24, 900 * 24)))
statuses = st.sampled_from(STATUSES)
bit = st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("resolve"), hours, place, place),
    st.tuples(st.just("invite"), place, statuses, moment, moment, bit),
    st.tuples(st.just("send"), place, statuses, moment),
    st.tuples(st.just("bounce"), place),
    st.tuples(st.just("answer"), place, bit),
    st.tuples(st.just("complete"), place),
    st.tuples(st.just("erase"), place),
    st.tuples(st.just("remap"), bit),
    st.tuples(st.just("move"), place, hours),
    st.tuples(st.just("hand over"), place, st.floats(0.1, 1)),
    st.tuples(st.just("delete"), place),
    st.tuples(st.just("apply")),
    st.tuples(st.just("pack")),
    st.tuples(st.just("rebuild")),
    st.tuples(st.just("look"), bit),
)
day = st.one_of(st.none(), st.integers(-42, 2))
few = st.one_of(st.none(), st.none(), st.lists(st.integers(0, 2), max_size=2).map(tuple))
selections = st.fixed_dictionaries(
    dict.fromkeys(("team", "agent", "product", "cause", "channel", "language"), few)
    | {"questionnaire": few, "basis": st.sampled_from("ar"), "from_": day, "to": day}
)


@dataclass
class World:
    """What resolutions may be of; of each the last stands for none, where that may be."""

    team: list[Any]
    agent: list[Agent]
    product: list[Any]
    cause: list[Any]
    version: list[Any]
    channel: tuple[str, ...] = ("phone", "chat", "")
    language: tuple[str, ...] = ("en", "de", "fr")

    def selection(self, asked: dict[str, Any]) -> Selection:
        """Numbers as keys."""
        found: dict[str, Any] = {"basis": asked["basis"]}
        for name in ("from_", "to"):
            days = asked[name]
            found[name] = None if days is None else (NOW + dt.timedelta(days=days)).date()
        for name in ("team", "agent", "product", "cause"):
            known = [one.pk for one in getattr(self, name) if one]
            found[name] = asked[name] and tuple(known[k % len(known)] for k in asked[name])
        for name in ("channel", "language"):
            found[name] = asked[name] and tuple(getattr(self, name)[k] for k in asked[name])
        known = [one.questionnaire_id for one in self.version if one]
        wanted = asked["questionnaire"]
        found["questionnaire"] = wanted and tuple(known[k % 2] for k in wanted)
        return Selection(**found)


@pytest.fixture
def world() -> World:
    versions = [
        QuestionnaireVersionFactory(questionnaire=QuestionnaireFactory(slug=slug)) for slug in "ab"
    ]
    return World(
        [TeamFactory(), TeamFactory(), None],
        [AgentFactory(team=None) for _ in range(3)],
        [ProductFactory(), None],
        [CauseFactory(), CauseFactory(), None],
        [*versions, None],
    )


def _are_right(selection: Selection) -> None:
    found = sent.dispositions(selection)
    expected = resolved.dispositions(selection)
    assert (found.invited, found.delivered, found.completed) == expected
    kinds = resolved.by_kind(selection)
    table = sent.resolved_by_kind(selection)
    assert {(kind, value): n for kind, value, n in table.itertuples(index=False)} == kinds
    cases = sent.cases_by_cause(selection)
    assert dict(zip(cases["cause_id"], cases["cases"], strict=True)) == {
        value: n for (kind, value), n in kinds.items() if kind == "cause_id" and value is not None
    }
    weeks = sent.weekly(selection)
    assert {(week, cause): n for week, cause, n in weeks.itertuples(index=False)} == (
        resolved.weekly(selection)
    )


@given(story=st.lists(steps, max_size=25), asked=st.lists(selections, min_size=3, max_size=3))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_the_columns_tell_what_the_rows_do(
    story: list[tuple[Any, ...]], asked: list[dict[str, Any]], world: World
) -> None:
    with transaction.atomic():
        for step in story:
            if step[0] == "look":
                _are_right(world.selection(asked[step[1]]))
            else:
                _take(step, world)
        chosen = [Selection(), Selection(basis="r"), *(world.selection(one) for one in asked)]
        for selection in chosen:
            _are_right(selection)
        aggregates.apply_all()
        aggregates.pack_days(at_once=True)
        assert resolutions.is_packed()
        assert aggregates.verify() == []
        for selection in chosen:
            _are_right(selection)
        transaction.set_rollback(True)


def _take(step: tuple[Any, ...], world: World) -> None:
    before = list(Response.objects.values_list("pk", flat=True))
    _do(step, world)
    if step[0] in {"remap", "move", "hand over", "delete"}:
        # As the product does: what an answer counts as became another.
        AnswerChange.objects.bulk_create(AnswerChange(response_id=pk) for pk in before)


def _do(step: tuple[Any, ...], world: World) -> None:
    match step:
        case ("resolve", at, k, m):
            _resolve(world, NOW + at * HOUR, k, m)
        case ("apply",):
            aggregates.apply_all()
        case ("pack",):
            aggregates.pack_days(at_once=True)
        case ("rebuild",):
            aggregates.rebuild()
        case ("remap", k):
            Resolution.objects.filter(cause=world.cause[k]).update(cause=world.cause[1 - k])
        case (what, k, *rest):
            found = list(Resolution.objects.order_by("pk"))
            if found:
                _happen(what, found[k % len(found)], world, rest)


def _resolve(world: World, at: dt.datetime, k: int, m: int) -> None:
    ResolutionFactory(
        case=CaseFactory(),
        resolved_at=at,
        team=world.team[k % 3],
        product=world.product[m % 2],
        cause=world.cause[m % 3],
        channel=world.channel[k % 3],
        agents=world.agent[: m % 4],
        n_agents=m % 4,
    )


def _happen(what: str, one: Resolution, world: World, rest: list[Any]) -> None:
    if what == "move":
        Resolution.objects.filter(pk=one.pk).update(resolved_at=NOW + rest[0] * HOUR)
    elif what == "hand over":
        one.handled_by.all().delete()
        ResolutionAgentFactory(resolution=one, agent=world.agent[0], share=rest[0])
    elif what == "delete":
        one.case.delete()
    elif what == "invite":
        _invite(one, world, *rest)
    else:
        asked = Invitation.objects.filter(resolution=one).first()
        if asked:
            _go_on(what, asked, rest)


def _invite(
    one: Resolution, world: World, status: str, sent_at: int | None, due_at: int | None, k: int
) -> None:
    if Invitation.objects.filter(resolution=one).exists():
        return
    InvitationFactory(
        resolution=one,
        status=status,
        sent_at=None if sent_at is None else NOW + sent_at * HOUR,
        due_at=None if due_at is None else NOW + due_at * HOUR,
        language=world.language[k],
        version=world.version[2 * k],
    )


def _go_on(what: str, asked: Invitation, rest: list[Any]) -> None:
    response = Response.objects.filter(invitation=asked).first()
    if what == "send":
        at = None if rest[1] is None else NOW + rest[1] * HOUR
        Invitation.objects.filter(pk=asked.pk).update(status=rest[0], sent_at=at)
    elif what == "bounce":
        Invitation.objects.filter(pk=asked.pk).update(bounced_at=NOW)
    elif what == "answer" and response is None:
        answer(asked, f1=4, completed_at=NOW if rest[0] else None)
    elif what == "complete" and response is not None:
        change(response.pk, completed_at=NOW)
    elif what == "erase" and response is not None:
        erase(response.pk)


def test_until_every_day_was_packed_the_rows_are_counted(world: World) -> None:
    for k in range(12):
        _resolve(world, NOW - k * 7 * HOUR, k, k // 2)
    for one in Resolution.objects.all()[:8]:
        _invite(one, world, "sent", -3, None, one.pk % 2)
    with connection.cursor() as cursor:
        # As an upgrade finds it: nothing is packed, and nothing noted but by the migration.
        cursor.execute("UPDATE analytics_resolutionchange SET is_unpacked = TRUE")
    assert not resolutions.is_packed()
    assert sent_rows.dispositions(Selection())[0] == 8
    for selection in (
        Selection(), Selection(basis="r", from_=NOW.date(), to=NOW.date()),
        Selection(language=("de",)), Selection(agent=(world.agent[0].pk,), channel=("phone",)),
    ):  # fmt: skip
        _are_right(selection)
    assert aggregates.pack_days(at_once=True) > 0
    assert resolutions.is_packed()
    _are_right(Selection())


def test_of_many_on_noted_days_what_is_packed_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what came since, once it is packed."""
    for k in range(6):
        _resolve(world, NOW, k, k)
    aggregates.pack_days(at_once=True)
    monkeypatch.setattr(resolutions, "FEW", 6)
    _resolve(world, NOW, 0, 0)
    assert sent.resolved_by_kind(Selection())["n"].sum() == 4 * 6
    aggregates.pack_days(at_once=True)
    _are_right(Selection())
    monkeypatch.setattr(resolutions, "FEW", 8)
    _resolve(world, NOW, 0, 0)
    _are_right(Selection())
