"""Killed at any statement, COPY or commit of intake, import, answering, counting or closing, a
process leaves what its successor ends, and the end is that of a run never interrupted."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from analytics import aggregates
from analytics.models import CountedResponse, ResolutionBlock, ResolutionChange
from surveys.models import AnswerChange, Invitation, Resolution, Response
from surveys.respondent.base import LIMITER
from surveys.services import expiry, keys
from surveys.services.publishing import ensure_defaults
from surveys.services.tokens import token_of
from tests.analytics.answered import answer, change, erase, invitations
from tests.factories import NOW, InvitationFactory
from tests.faults.conftest import Note
from tests.faults.doomed import Worker, Zygote
from tests.faults.flows import import_cases, post
from tests.surveys.services.outbox import queued_reminder
from tests.surveys.services.told import dump

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]

KILLED = -signal.SIGKILL
AT_A_STATEMENT = "kill -9 at a statement"


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    """As those that are killed see the clock."""
    LIMITER.clear()
    with time_machine.travel(NOW):
        yield


def sweep(
    worker: Worker,
    prepare: Callable[[str], dict[str, Any]],
    finish: Callable[[str, dict[str, Any]], object],
) -> int:
    """Kill a round at each of its steps and compare what a successor makes of it with what a round
    that nobody killed and nobody repeated came to; how many kills."""
    arguments = prepare("alone")
    n_steps = worker.round(**arguments)
    end = finish("alone", {})
    for step in range(n_steps):
        name = f"kill{step}"
        arguments = prepare(name)
        assert worker.round(before=step, **arguments) == KILLED
        assert finish(name, arguments) == end, f"killed before step {step} of {n_steps}"
    return n_steps


def own(name: str) -> dict[str, list[str]]:
    """What intake wrote of one round, without its name."""
    found = {
        table: sorted(row.replace(name, "…") for row in rows if name in row)
        for table, rows in dump().items()
    }
    assert found["events"], name
    assert found["invitations"], name
    return found


def case(name: str, number: int, hours: float, **fields: Any) -> dict[str, Any]:
    """One thing told of a case, so many hours ago."""
    at = (NOW - timedelta(hours=hours)).isoformat()
    return {
        "source": name,
        "external_id": f"{name}-{number}",
        "status": "resolved",
        "occurred_at": at,
        "resolved_at": at,
        "customer": {"email": f"{name}-{number}@example.com", "name": "Ada", "language": "de"},
        "agents": [{"external_id": f"{name}-agent", "name": "Grace"}],
        "team": f"{name} team",
        "product": f"{name} product",
        "cause": f"{name}-cause",
        "channel": "phone",
    } | fields


def test_intake_killed_at_any_step_takes_each_case_once(zygote: Zygote, note: Note) -> None:
    """A batch with a new case, one known and reopened, and one told twice."""
    ensure_defaults()
    _, secret = keys.create("helpdesk", ["cases:write"])

    def request(cases: list[dict[str, Any]]) -> dict[str, Any]:
        body = json.dumps({"cases": cases})
        return {
            "path": "/api/v1/cases/",
            "body": body,
            "content_type": "application/json",
            "secret": secret,
        }

    def prepare(name: str) -> dict[str, Any]:
        post(**request([case(name, 1, 3), case(name, 2, 30)]))
        return request(
            [
                case(name, 1, 2, status="reopened"),
                case(name, 3, 2),
                case(name, 3, 9, status="open"),
                case(name, 2, 30),
            ]
        )

    def finish(name: str, arguments: dict[str, Any]) -> object:
        if arguments:
            post(**arguments)  # nobody had been told, so the helpdesk sends it again
        return own(name)

    n = sweep(Worker(zygote, "post"), prepare, finish)
    assert n > 20
    note(AT_A_STATEMENT, "intake", n)


def test_import_killed_at_any_step_takes_each_row_once(
    zygote: Zygote, note: Note, tmp_path: Path
) -> None:
    ensure_defaults()

    def prepare(name: str) -> dict[str, Any]:
        path = tmp_path / f"{name}.csv"
        columns = ("external_id", "status", "resolved_at", "customer_email", "agent_id", "team")
        rows = [",".join(columns)]
        for number in range(3):
            at = (NOW - timedelta(hours=5 + number)).isoformat()
            who = f"{name}-{number}@example.com"
            rows.append(f"{name}-{number},resolved,{at},{who},{name}-agent,{name} team")
        path.write_text("\n".join(rows) + "\n")
        return {"path": str(path)}

    def finish(name: str, arguments: dict[str, Any]) -> object:
        if arguments:
            import_cases(**arguments)
        return own(name)

    n = sweep(Worker(zygote, "import_cases"), prepare, finish)
    assert n > 15
    note(AT_A_STATEMENT, "intake", n)


@pytest.mark.parametrize("page_first", [False, True])
def test_answer_killed_at_any_step_is_stored_once_when_sent_again(
    zygote: Zygote, note: Note, page_first: bool
) -> None:
    typed = "  <b>\"Ünï\" & 'quote' 🙏\r\nsecond line"

    def prepare(name: str) -> dict[str, Any]:
        invitation = InvitationFactory(resolution__case__customer__email=f"{name}@example.com")
        fields = {"page": "fix", "shown_in": "en", "F1": "4", "fix_comment": typed}
        return {
            "path": f"/s/{token_of(invitation.nonce)}/",
            "body": urlencode(fields),
            "content_type": "application/x-www-form-urlencoded",
            "page_first": page_first,
        }

    def finish(name: str, arguments: dict[str, Any]) -> object:
        if arguments:
            post(**arguments)
        stored = Response.objects.get(invitation__customer__email=f"{name}@example.com")
        revisions = stored.revisions.values_list("number", "answers")
        changes = AnswerChange.objects.filter(response_id=stored.pk).count()
        return stored.f1, stored.fix_comment, stored.n_revisions, list(revisions), changes

    n = sweep(Worker(zygote, "post"), prepare, finish)
    assert finish("kill0", {})[1] == typed.strip().replace("\r\n", "\n")  # type: ignore[index]
    note(AT_A_STATEMENT, "answer", n)


def _answered(_: str) -> dict[str, Any]:
    """Answers that nobody counted yet: some new, some changed and some erased since they were."""
    one, two, three, four = invitations(4)
    first = [answer(each, f1=3, f2=4, c1=2, c2=3, c3=1, o1=5) for each in (one, two, three)]
    aggregates.apply_changes()
    change(first[0].pk, f1=5, c1=None)
    erase(first[1].pk)
    answer(four, f1=1, c1=5)
    return {}


def test_counting_killed_at_any_step_counts_each_answer_once(zygote: Zygote, note: Note) -> None:
    def finish(name: str, _: dict[str, Any]) -> object:
        if name != "alone":
            aggregates.apply_changes()
        waiting = AnswerChange.objects.count()
        uncounted = Response.objects.count() - CountedResponse.objects.count()
        return aggregates.verify(), waiting, uncounted

    n = sweep(Worker(zygote, "apply"), _answered, finish)
    assert n > 10
    assert finish("alone", {}) == ([], 0, 0)
    note(AT_A_STATEMENT, "aggregate", n)


def test_packing_killed_at_any_step_packs_each_resolution_once(zygote: Zygote, note: Note) -> None:
    def finish(name: str, _: dict[str, Any]) -> object:
        if name != "alone":
            aggregates.pack_days(at_once=True)
        packed = sum(ResolutionBlock.objects.values_list("n", flat=True))
        unpacked = Resolution.objects.count() - packed
        return aggregates.verify(), ResolutionChange.objects.count(), unpacked

    def prepare(name: str) -> dict[str, Any]:
        _answered(name)
        aggregates.apply_changes()
        return {}

    n = sweep(Worker(zygote, "pack"), prepare, finish)
    assert n > 5
    assert finish("alone", {}) == ([], 0, 0)
    note(AT_A_STATEMENT, "aggregate", n)


def test_closing_killed_at_any_step_closes_each_survey_once(zygote: Zygote, note: Note) -> None:
    """In batches of two, one with its reminder still to be sent."""

    def prepare(name: str) -> dict[str, Any]:
        over = NOW - timedelta(minutes=1)
        for number in range(3):
            InvitationFactory(
                expires_at=over, resolution__case__customer__email=f"{name}-{number}@example.com"
            )
        reminder = queued_reminder(f"{name}-3@example.com")
        Invitation.objects.filter(pk=reminder.invitation_id).update(expires_at=over)
        return {"batch": 2}

    def finish(name: str, arguments: dict[str, Any]) -> object:
        if arguments:
            expiry.expire_due(NOW, **arguments)
        found = Invitation.objects.filter(customer__email__startswith=f"{name}-")
        return sorted(map(str, found.values_list("status", "deliveries__status")))

    n = sweep(Worker(zygote, "expire"), prepare, finish)
    assert list(expiry.waiting_silently(NOW, timedelta(0))) == []
    note(AT_A_STATEMENT, "reminder, expiry", n)
