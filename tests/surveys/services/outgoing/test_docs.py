"""docs/webhooks.md shows each event as the code makes it; `--rewrite-golden` writes it anew."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from analytics.signalled import Signal
from analytics.signals import told
from surveys.models import Cause, FollowUp, Invitation, OutgoingEvent, Response, User
from surveys.services import follow_ups
from surveys.services.outgoing import endpoints, kinds, payloads, posting, queue, signing
from tests.factories import (
    CaseFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    ResolutionFactory,
    ResponseFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[4] / "docs/webhooks.md"
START = "## Events\n"
AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.UTC)


ANSWERED = AT + dt.timedelta(days=1)
SENT: dict[str, Any] = {
    "status": "sent",
    "reason_code": "",
    "sent_at": AT + dt.timedelta(hours=4),
    "expires_at": AT + dt.timedelta(days=14, hours=4),
}
#: Four hours after the case was resolved, where it is not named.
HAPPENED: dict[str, dt.datetime] = {
    kinds.COMPLETED: ANSWERED,
    kinds.CHANGED: ANSWERED + dt.timedelta(hours=1),
    kinds.FOLLOW_UP_OPENED: ANSWERED,
    kinds.FOLLOW_UP_CHANGED: ANSWERED + dt.timedelta(hours=2),
    kinds.FOLLOW_UP_CLOSED: ANSWERED + dt.timedelta(hours=5),
}
#: How the invitation stands when each event happens.
STANDS: dict[str, dict[str, Any]] = {
    kinds.FAILED: {
        "status": "failed",
        "reason_code": "not_sent",
        "sent_at": None,
        "expires_at": None,
    },
    kinds.BOUNCED: SENT | {"status": "failed", "reason_code": "bounced"},
}


def _world() -> tuple[Invitation, Response]:
    resolution = ResolutionFactory(
        case=CaseFactory(source="helpdesk", external_id="4711"),
        resolved_at=AT,
        team=TeamFactory(name="Mobile"),
        product=ProductFactory(name="Prepaid"),
        cause=CauseFactory(code="plan-change"),
        channel="phone",
    )
    invitation = InvitationFactory(pk=90210, resolution=resolution, language="en")
    response = ResponseFactory(
        pk=81405, invitation=invitation, language="en", f1=5, f2=4, f3=[1, 3], c1=2, c2=2,
        answered_at=ANSWERED, changed_at=ANSWERED, completed_at=ANSWERED, n_revisions=2,
    )  # fmt: skip
    return invitation, response


def _examples() -> str:
    invitation, response = _world()
    lines = []
    for event, words in kinds.EVENTS.items():
        occurred_at = HAPPENED.get(event, AT + dt.timedelta(hours=4))
        if event == kinds.CHANGED:
            changed = {"c1": 3, "n_revisions": 3, "changed_at": occurred_at}
            Response.objects.filter(pk=response.pk).update(**changed)
        Invitation.objects.filter(pk=invitation.pk).update(**STANDS.get(event, SENT))
        note = OutgoingEvent(type=event, occurred_at=occurred_at, invitation_id=invitation.pk)
        data = _data(note, invitation)
        assert data is not None
        body = json.loads(payloads.body_of(note, data))
        lines += [f"### {event}", "", words, "", "```json", json.dumps(body, indent=2), "```", ""]
    return "\n".join(lines)


def _data(note: OutgoingEvent, invitation: Invitation) -> dict[str, Any] | None:
    if note.type == kinds.SIGNAL:
        return told(_signal(invitation.resolution.cause, note.occurred_at), 5)
    if note.type in kinds.OF_FOLLOW_UPS:
        return payloads.of_follow_up(_follow_up(note, invitation), invitation.pk)
    return payloads.data_of(note, payloads.known({invitation.pk})[invitation.pk])


def _follow_up(note: OutgoingEvent, invitation: Invitation) -> FollowUp:
    is_closed, is_new = note.type == kinds.FOLLOW_UP_CLOSED, note.type == kinds.FOLLOW_UP_OPENED
    return FollowUp(
        pk=611, kind="call_back", status="done" if is_closed else "open",
        opened_at=ANSWERED, due_at=follow_ups.due_after(ANSWERED, 2),
        closed_at=note.occurred_at if is_closed else None,
        assignee=None if is_new else User(name="Grace Hopper"),
    )  # fmt: skip


def _signal(cause: Cause | None, at: dt.datetime) -> Signal:
    assert cause is not None
    cause.name = "Plan change went wrong"
    cause.owner = UserFactory(name="Olu Adeyemi", password="!")
    return Signal(
        pk=12, cause=cause, series="dismay", chart="week", week=dt.date(2026, 11, 9), n=40,
        value=0.775, centre=0.412, high=0.648, since=dt.date(2026, 11, 2), raised_at=at,
        last_week=dt.date(2026, 11, 9), is_on=True, is_news=True,
    )  # fmt: skip


def test_page_shows_every_event_as_it_is_sent(
    pytestconfig: pytest.Config, settings: Settings
) -> None:
    settings.SITE_URL = "https://survey.example.com"
    page = PAGE.read_text(encoding="utf-8")
    before, _, events = page.partition(START)
    introduction, _, shown = events.partition("### ")
    examples = _examples()
    if pytestconfig.getoption("rewrite_golden"):
        PAGE.write_text(f"{before}{START}{introduction}{examples}", encoding="utf-8")
        return
    assert f"### {shown}" == examples


def test_page_says_what_the_code_does() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert queue.MAX_ATTEMPTS == 10
    assert "ten attempts in three days" in text
    seconds = [round(pause.total_seconds()) for pause in queue.PAUSES]
    assert seconds == [5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]
    assert "5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in text
    assert f"within {posting.TIMEOUT:g} seconds" in text
    assert f"nothing but failures for {['five'][queue.FAILING.days - 5]} days" in text
    assert f"for {endpoints.KEPT.days} days" in text
    assert f"for {signing.OVERLAP.total_seconds() / 3600:g} hours both" in text
