"""docs/helpdesks/ followed to the letter: a connection made by a page's steps hears the calls that
the page shows, with the proof it describes, and a case comes of each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from surveys.console.helpdesk_guide import GUIDES, IN_ADDRESS, THEIRS
from surveys.helpdesks import ADAPTERS
from surveys.models import Case, Connection, HookDelivery, Invitation
from surveys.services import connections, hook_work
from surveys.services.publishing import ensure_defaults
from tests.surveys.helpdesks.test_recipes import DOCS, filled

pytestmark = pytest.mark.django_db

#: What the helpdesks name that keep their secret to themselves until it is copied.
COPIED: Final = "whsec-copied-from-their-screen-0123456789"
_CALL = re.compile(r"```http\n(.*?)```", re.DOTALL)
_RECKONED = re.compile(r"(hex|base64)\(hmac-(sha1|sha256)\((secret|key), (.+)\)\)$")
_ORGANISATION = re.compile(r"organisation `(\w{18})`")


@dataclass(frozen=True)
class Shown:
    """A call as a page shows it."""

    kind: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: str


def shown_in(kind: str) -> list[Shown]:
    """The calls of a page, with the body to paste, as its helpdesk fills it, where it says so."""
    page = (DOCS / f"{kind}.md").read_text()
    found = []
    for block in _CALL.findall(page):
        head, _, body = block.partition("\n\n")
        first, *lines = head.strip().split("\n")
        method, target = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        if body.strip() == "{body above}":
            (template,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
            body = filled(template)
            if kind == "generic":  # a program fills it, and writes JSON
                body = body.replace('"the"', '\\"the\\"')
        found.append(Shown(kind, method, target, headers, body))
    return found


def connected(kind: str) -> tuple[Connection, str]:
    """A connection as the steps of the page make it, and the secret that is used then."""
    made = connections.make(kind)
    secret = connections.secrets_of(made)[0]
    if GUIDES[kind].secret == THEIRS:
        connections.rotate(made, COPIED)
        secret = COPIED
    if told := _ORGANISATION.search((DOCS / f"{kind}.md").read_text()):
        connections.set_organization(made, told[1])
    return made, secret


def reckoned(value: str, secret: str, known: Mapping[str, str]) -> str:
    """A header's value with what stands in braces, or is to be reckoned."""
    if (formula := _RECKONED.search(value)) is None:
        return re.sub(r"\{(\w+)\}", lambda place: known[place[1]], value)
    key = secret.encode()
    if formula[3] == "key":  # as the page has it: what follows whsec_, decoded
        key = base64.b64decode(secret.removeprefix("whsec_"))
    parts = (part.strip() for part in formula[4].split(" + "))
    message = "".join(part[1:-1] if part.startswith('"') else known[part] for part in parts)
    digest = hmac.new(key, message.encode(), getattr(hashlib, formula[2])).digest()
    coded = digest.hex() if formula[1] == "hex" else base64.b64encode(digest).decode()
    return value[: formula.start()] + coded


def send(shown: Shown, made: Connection, secret: str, *, proven: bool = True) -> tuple[int, str]:
    """Put the call; its status and what was answered."""
    address = connections.address_of(made)
    now = datetime.now(UTC)
    known = {
        "address": address,
        "secret": secret,
        "method": shown.method,
        "body": shown.body,
        "seconds": str(int(now.timestamp())),
        "milliseconds": str(int(now.timestamp() * 1000)),
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    target = shown.target.replace("{address}", address)
    used = secret if proven else f"whsec_{base64.b64encode(b'another secret').decode()}"
    known["secret"] = used
    if not proven and GUIDES[shown.kind].secret == IN_ADDRESS:
        target = target.replace(secret, "another")
    headers = {name: reckoned(value, used, known) for name, value in shown.headers.items()}
    content_type = headers.pop("Content-Type", "")
    scheme, _, place = target.partition("://")
    host, _, path = place.partition("/")
    answer = Client().generic(
        shown.method, f"/{path}", shown.body, content_type, secure=scheme == "https",
        headers={**headers, "Host": host},
    )  # fmt: skip
    return answer.status_code, answer.content.decode()


ALL: Final = [
    (f"{kind}-{number}", shown)
    for kind in sorted(ADAPTERS)
    for number, shown in enumerate(shown_in(kind), 1)
]
POSTS: Final = [pytest.param(shown, id=name) for name, shown in ALL if shown.method == "POST"]
QUESTIONS: Final = [pytest.param(shown, id=name) for name, shown in ALL if shown.method != "POST"]


def test_every_way_of_every_page_has_a_call() -> None:
    for kind, guide in GUIDES.items():
        posts = [shown for shown in shown_in(kind) if shown.method == "POST"]
        assert len(posts) == len(guide.ways), kind


@pytest.mark.parametrize("shown", POSTS)
def test_call_of_a_page_makes_a_case_at_a_connection_made_by_its_steps(shown: Shown) -> None:
    ensure_defaults()
    made, secret = connected(shown.kind)
    assert send(shown, made, secret, proven=False)[0] == 401
    assert not Case.objects.exists()
    status, said = send(shown, made, secret)
    if shown.headers.get("Content-Type", "").startswith("text/xml"):
        assert (status, "<Ack>true</Ack>" in said.replace("soapenv:", "")) == (200, True)
        outcome = "resolved"
    else:
        outcome = json.loads(said)["outcome"]
        assert status == 202
    hook_work.work_off(1)
    case = Case.objects.get()
    assert (case.source, case.status) == (made.slug, "resolved")
    assert case.external_id in shown.body
    invitation = Invitation.objects.get()
    if "@" in shown.body:
        assert outcome == "resolved"
        assert invitation.customer is not None
        assert invitation.customer.email in shown.body
    else:
        assert outcome == "needs_enrichment"
        assert invitation.status != "scheduled"
    # The same once more counts once, whether it was told apart by an id or by what it says.
    send(shown, made, secret)
    hook_work.work_off(1)
    assert (Case.objects.count(), Invitation.objects.count()) == (1, 1)


@pytest.mark.parametrize("shown", QUESTIONS)
def test_question_of_a_page_is_answered_as_it_says(shown: Shown) -> None:
    made, secret = connected(shown.kind)
    status, said = send(shown, made, secret)
    assert status == 200
    if shown.method == "GET":
        token = shown.target.rpartition("=")[2].encode()
        digest = hmac.new(secret.encode(), token, hashlib.sha256).hexdigest()
        assert digest in said
    assert HookDelivery.objects.get().verdict == HookDelivery.Verdict.PROBED


def test_python_of_the_generic_page_signs_what_is_taken() -> None:
    ensure_defaults()
    page = (DOCS / "generic.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    program = program.rpartition("urllib.request.urlopen(")[0]
    made, secret = connected("generic")
    body = b'{"external_id": "p-1", "status": "resolved", "customer": {"email": "p@p.example"}}'
    known: dict[str, Any] = {"body": body, "secret": secret}
    exec(program, known)  # noqa: S102 -- the program of our own page
    headers: dict[str, str] = known["headers"]
    answer = Client().post(
        f"/hooks/{made.slug}/", body, content_type=headers.pop("content-type"), headers=headers
    )
    assert (answer.status_code, answer.json()["outcome"]) == (202, "resolved")


def test_pages_name_no_file_that_is_missing() -> None:
    for page in DOCS.glob("*.md"):
        for name in re.findall(r"\]\(([\w./-]+\.md)", page.read_text()):
            assert (Path(page).parent / name).exists(), (page.name, name)
