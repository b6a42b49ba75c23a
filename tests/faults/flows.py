"""What a process does that is about to be killed: one round of each flow, by name.

Each runs at NOW, with what the test told it, in a process forked for it alone. An answer that is no
acknowledgement is an error.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.test import Client

from analytics import aggregates
from surveys.services import delivery, expiry, report_mailbox
from surveys.services.asking import rounds
from surveys.services.first_answers import FIELD
from surveys.services.outgoing import sending
from surveys.services.writing import rounds as writing_rounds
from tests.factories import NOW
from tests.surveys.respondent.helpers import form


def dispatch() -> None:
    delivery.dispatch_round(NOW)


def mailbox() -> None:
    report_mailbox.read(lambda: NOW)


def post(
    path: str, body: str, content_type: str, secret: str = "", page_first: bool = False
) -> None:
    """A request of a helpdesk or of a customer, acknowledged. ``page_first``: by a customer who
    opened the page here, whose form says what it was made by."""
    if page_first:
        [code] = form(Client().get(path, headers={"Host": "localhost"})).fields[FIELD]
        body = f"{body}&{FIELD}={code}"
    headers = {"Host": "localhost"} | ({"Authorization": f"Bearer {secret}"} if secret else {})
    response = Client().post(path, body.encode(), content_type=content_type, headers=headers)
    if response.status_code not in (200, 201, 303) or b"rejected" in response.content:
        raise AssertionError(response.content)


def import_cases(path: str) -> None:
    call_command("import_cases", path, "--json", stdout=io.StringIO())


def apply() -> None:
    aggregates.apply_changes()


def pack() -> None:
    aggregates.pack_days(at_once=True)


def expire(batch: int) -> None:
    expiry.expire_due(NOW, batch=batch)


def webhooks() -> None:
    sending.send_due(0.01)


def asking() -> None:
    rounds.ask_due(0.01)


def writing() -> None:
    writing_rounds.write_due(0.01)


FLOWS: dict[str, Callable[..., Any]] = {
    flow.__name__: flow
    for flow in (
        dispatch,
        mailbox,
        post,
        import_cases,
        apply,
        pack,
        expire,
        webhooks,
        asking,
        writing,
    )
}
