"""The address of every helpdesk: broken bodies are no fault of ours, probes get their answer."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from surveys import helpdesks
from surveys.api.limits import BUCKETS
from surveys.models import Connection, HookDelivery
from surveys.services import connections, hook_inspector
from surveys.services.connections import KINDS
from tests.surveys.helpdesks.calls import SECRET, signature

pytestmark = pytest.mark.django_db
N_BROKEN = int(os.environ.get("BROKEN_BODIES", "15"))


def post(held: Connection, body: bytes) -> Any:
    """The body as this helpdesk signs it."""
    address = connections.address_of(held)
    signed = signature(held.kind, body, at=timezone.now(), url=address)
    path = address.removeprefix(settings.SITE_URL)
    client = Client(raise_request_exception=False)
    return client.post(path, body, content_type="application/json", headers=signed)


def broken(body: bytes, chance: random.Random) -> bytes:
    """The body with a few bytes gone, doubled, or others."""
    made = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(made) + 1)
        kind = chance.randrange(3)
        if kind == 0:
            del made[place : place + chance.randint(1, 40)]
        elif kind == 1:
            made[place:place] = made[place : place + 30]
        else:
            made[place:place] = chance.choice(
                [b"\x00", b"\xff", b"\\ud800", b"[[", b"null", b"9" * 40]
            )
    return bytes(made)


@pytest.mark.parametrize("kind", KINDS)
def test_broken_bodies_are_answered_and_shown(kind: str) -> None:
    BUCKETS.forget()
    held = connections.make(kind, secret=SECRET)
    seed = str(getattr(helpdesks.ADAPTERS[kind], "TEMPLATE", "")) or '{"item": {"id": "1"}}'
    chance = random.Random(kind)
    bodies = [b"", b"null", b"[]", b"[{}]", b"{}", b"<a/>", b"[" * 9999, seed.encode()]
    bodies += [broken(seed.encode(), chance) for _ in range(N_BROKEN)]
    answers = {post(held, body).status_code for body in bodies}
    assert answers <= {200, 202, 400}
    for line in HookDelivery.objects.all():
        assert line.verdict != "forged"
        hook_inspector.fields(hook_inspector.parsed(line))
        hook_inspector.shown(line, masks=True)


def test_probe_gets_its_answer_and_leaves_a_line() -> None:
    held = connections.make("intercom")
    assert Client().head(f"/hooks/{held.slug}/").status_code == 200
    held = connections.make("glpi", secret=SECRET)
    answer = Client().get(f"/hooks/{held.slug}/", {"crc_token": "4711"})
    assert answer.status_code == 200
    assert list(HookDelivery.objects.values_list("verdict", "is_refused")) == [("probed", True)] * 2


def test_salesforce_hears_its_own_acknowledgement_and_keeps_no_session() -> None:
    held = connections.make("salesforce", secret=SECRET)
    body = b"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>00Dxx0000001gERUAY</OrganizationId><SessionId>00D!secret.of.theirs</SessionId>
  <Notification><Id>04lxx0000000001AAA</Id>
    <sObject xsi:type="sf:Case" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
      <sf:Id>500xx000000001AAAQ</sf:Id><sf:IsClosed>true</sf:IsClosed><sf:Status>Closed</sf:Status>
      <sf:ClosedDate>2026-03-02T09:30:00.000Z</sf:ClosedDate>
      <sf:ContactEmail>ada@example.com</sf:ContactEmail>
    </sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"""
    answer = post(held, body)
    assert (answer.status_code, b"<Ack>true</Ack>" in answer.content) == (200, True)
    kept = bytes(HookDelivery.objects.get().body or b"")
    assert (b"secret.of.theirs" in kept, b"ada@example.com" in kept) == (False, True)
    assert held.events.get().case.startswith("500xx000000001AAA")
