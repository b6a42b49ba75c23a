"""Who calls is proven over the raw bytes; what fails says what, and never what was expected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from surveys.helpdesks import (
    ADAPTERS,
    chatwoot,
    freshdesk,
    glpi,
    hubspot,
    intercom,
    jira,
    salesforce,
    signing,
    zammad,
    zendesk,
)
from surveys.helpdesks.base import Answer, Call, NotAuthenticError, Wiring
from tests.surveys.helpdesks.calls import ADDRESS, NOW, ORGANISATION, SECRET, WIRING, call, signed
from tests.surveys.helpdesks.composed import BODIES, SALESFORCE

KINDS = sorted(ADAPTERS)
# What stamps at sending; GLPI stamps when it queues.
STAMPED = ["chatwoot", "generic", "hubspot", "zendesk"]
SIGNED = [k for k in KINDS if k not in ("freshdesk", "salesforce")]


def _call(kind: str, **options: object) -> Call:
    body, headers = BODIES[kind][0]
    return signed(kind, body, headers, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_signed_call_is_genuine_with_each_valid_secret(kind: str) -> None:
    made = _call(kind)
    for known in ((SECRET,), ("new", SECRET), (SECRET, "old")):
        ADAPTERS[kind].verify(made, replace(WIRING, secrets=known), NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_call_with_another_secret_or_none_is_refused(kind: str) -> None:
    body, headers = BODIES[kind][0]
    adapter = ADAPTERS[kind]
    with pytest.raises(NotAuthenticError, match="wrong"):
        adapter.verify(_call(kind, secret="another"), WIRING, NOW)
    with pytest.raises(NotAuthenticError, match="missing"):
        adapter.verify(call(kind, body, headers), WIRING, NOW)
    # No secret is no key that anybody could sign with.
    for nothing in ((), ("",)):
        with pytest.raises(NotAuthenticError):
            adapter.verify(_call(kind, secret=""), replace(WIRING, secrets=nothing), NOW)


@pytest.mark.parametrize("kind", SIGNED)
def test_body_changed_by_one_byte_is_refused(kind: str) -> None:
    made = _call(kind)
    for body in (made.body + b" ", made.body.replace(b"e", b"f", 1), made.body[:-1], b""):
        with pytest.raises(NotAuthenticError, match="wrong"):
            ADAPTERS[kind].verify(replace(made, body=body), WIRING, NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_refusal_tells_neither_secret_nor_right_signature(kind: str) -> None:
    right = _call(kind).headers
    made = _call(kind, secret="another")
    with pytest.raises(NotAuthenticError) as refused:
        ADAPTERS[kind].verify(made, WIRING, NOW)
    told = str(refused.value)
    assert SECRET not in told
    assert not any(value in told for name, value in right.items() if "signature" in name)
    assert not re.search(r"[0-9a-f]{16}", told)


@pytest.mark.parametrize("kind", STAMPED)
@pytest.mark.parametrize(
    ("seconds", "word"), [(-301, "future"), (301, "stale"), (86400 * 400, "stale")]
)
def test_stamp_of_another_time_is_refused(kind: str, seconds: int, word: str) -> None:
    made = _call(kind, at=NOW - timedelta(seconds=seconds))
    with pytest.raises(NotAuthenticError, match=word):
        ADAPTERS[kind].verify(made, WIRING, NOW)


@pytest.mark.parametrize("kind", STAMPED)
@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_stamp_within_five_minutes_is_taken(kind: str, seconds: int) -> None:
    ADAPTERS[kind].verify(_call(kind, at=NOW - timedelta(seconds=seconds)), WIRING, NOW)


def test_stamp_of_a_queue_may_be_old() -> None:
    glpi.verify(_call("glpi", at=NOW - timedelta(days=2)), WIRING, NOW)


@pytest.mark.parametrize("kind", STAMPED)
@pytest.mark.parametrize("stamp", ["yesterday", "9" * 30, "\udcff", "1e9", "-5", "NaN"])
def test_stamp_that_is_no_time_is_refused_even_if_signed(kind: str, stamp: str) -> None:
    """Whoever has the secret and sends rubbish hears of it, too."""
    made = _call(kind)
    name = next(n for n in made.headers if n.endswith("timestamp"))
    with pytest.raises(NotAuthenticError):
        ADAPTERS[kind].verify(replace(made, headers={**made.headers, name: stamp}), WIRING, NOW)
    with pytest.raises(NotAuthenticError, match="stamp"):
        signing.fresh("the stamp", stamp, NOW)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "odd", ["\udcff\udcfe", "é" * 40, "=", ",", "sha1=", " ", "v1,", "x" * 9000]
)
def test_odd_headers_are_refused(kind: str, odd: str) -> None:
    made = _call(kind)
    proof = [n for n in made.headers if "signature" in n or "secret" in n]
    headers = {**made.headers, **dict.fromkeys(proof, odd), "authorization": f"Basic {odd}"}
    with pytest.raises(NotAuthenticError):
        ADAPTERS[kind].verify(
            replace(made, headers=headers, url=f"{ADDRESS}?secret={odd}"), WIRING, NOW
        )


def _basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "headers",
    [
        {"x-stabledoor-secret": SECRET},
        {"authorization": f"Bearer {SECRET}"},
        _basic("anybody", SECRET),
        _basic(SECRET, "X"),
    ],
)
def test_freshdesk_sends_the_secret_in_any_header_it_can(headers: dict[str, str]) -> None:
    freshdesk.verify(Call("POST", ADDRESS, headers, b"{}"), WIRING, NOW)


@pytest.mark.parametrize(
    "headers",
    [_basic(SECRET, "another"), {"authorization": "Basic ???"}, {"authorization": SECRET}],
)
def test_freshdesk_refuses_other_claims(headers: dict[str, str]) -> None:
    with pytest.raises(NotAuthenticError):
        freshdesk.verify(Call("POST", ADDRESS, headers, b"{}"), WIRING, NOW)
    # An address is written into logs: only who has no other way may put the secret there.
    with pytest.raises(NotAuthenticError):
        freshdesk.verify(Call("POST", f"{ADDRESS}?secret={SECRET}", {}, b"{}"), WIRING, NOW)


def test_jira_proves_itself_by_signature_header_or_address() -> None:
    body = BODIES["jira"][0][0]
    jira.verify(Call("POST", ADDRESS, {"x-stabledoor-secret": SECRET}, body), WIRING, NOW)
    jira.verify(Call("POST", f"{ADDRESS}?secret={SECRET}", {}, body), WIRING, NOW)
    wrong = {"x-hub-signature": "sha256=00", "x-stabledoor-secret": SECRET}
    with pytest.raises(NotAuthenticError, match="X-Hub-Signature is wrong"):
        jira.verify(Call("POST", ADDRESS, wrong, body), WIRING, NOW)


@pytest.mark.parametrize(
    ("module", "algorithm"), [(intercom, "sha256"), (zammad, "sha256"), (jira, "sha1")]
)
def test_hub_signature_of_another_algorithm_is_refused(module: object, algorithm: str) -> None:
    digits = hmac.new(SECRET.encode(), b"{}", algorithm).hexdigest()
    made = Call("POST", ADDRESS, {"x-hub-signature": f"{algorithm}={digits}"}, b"{}")
    with pytest.raises(NotAuthenticError, match="X-Hub-Signature is no"):
        module.verify(made, WIRING, NOW)  # type: ignore[attr-defined]


def test_hubspot_signs_the_address_with_some_signs_plainly_written() -> None:
    body = b"[]"
    stamp = str(int(NOW.timestamp() * 1000))
    plain = "https://feedback.example.com/hooks/a b@c/?x=1,2".replace(" ", "%20")
    mac = hmac.new(SECRET.encode(), f"POST{plain}[]{stamp}".encode(), hashlib.sha256).digest()
    headers = {
        "x-hubspot-signature-v3": base64.b64encode(mac).decode(),
        "x-hubspot-request-timestamp": stamp,
    }
    sent = plain.replace("@", "%40").replace(",", "%2C")
    for url in (plain, sent):
        hubspot.verify(Call("POST", url, headers, body), WIRING, NOW)
    with pytest.raises(NotAuthenticError):
        hubspot.verify(Call("POST", f"{plain}&y=1", headers, body), WIRING, NOW)
    with pytest.raises(NotAuthenticError):
        hubspot.verify(Call("PUT", plain, headers, body), WIRING, NOW)


def test_zendesk_refuses_a_stamp_that_was_exchanged() -> None:
    made = _call("zendesk")
    later = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {**made.headers, "x-zendesk-webhook-signature-timestamp": later}
    with pytest.raises(NotAuthenticError, match="wrong"):
        zendesk.verify(replace(made, headers=headers), WIRING, NOW)


def test_chatwoot_signature_names_its_algorithm() -> None:
    made = _call("chatwoot")
    bare = made.headers["x-chatwoot-signature"].removeprefix("sha256=")
    headers = {**made.headers, "x-chatwoot-signature": bare}
    with pytest.raises(NotAuthenticError):
        chatwoot.verify(replace(made, headers=headers), WIRING, NOW)


def test_intercom_is_told_that_the_address_is_there() -> None:
    assert intercom.probe(Call("HEAD", ADDRESS, {}, b""), WIRING) == Answer(200)
    assert intercom.probe(_call("intercom"), WIRING) is None


def test_glpi_is_given_the_hmac_of_its_token() -> None:
    token = hmac.new(SECRET.encode(), b"whatever", "sha256").hexdigest()
    answer = glpi.probe(Call("GET", f"{ADDRESS}?crc_token={token}", {}, b""), WIRING)
    assert answer is not None
    assert answer.body.decode() == hmac.new(SECRET.encode(), token.encode(), "sha256").hexdigest()
    assert glpi.probe(Call("GET", ADDRESS, {}, b""), WIRING) is None


def test_glpi_signs_no_body_for_a_stranger() -> None:
    """The challenge's answer is a signature: a token that is a body with its stamp would be one."""
    for token in ('{"event":"update"}1795370400', "[1]1795370400", "a b", "x" * 300):
        made = Call("GET", f"{ADDRESS}?crc_token={token}", {}, b"")
        with pytest.raises(NotAuthenticError, match="crc_token is no token"):
            glpi.probe(made, WIRING)
    with pytest.raises(NotAuthenticError, match="no secret"):
        glpi.probe(Call("GET", f"{ADDRESS}?crc_token=abc", {}, b""), Wiring())


def test_salesforce_compares_the_organisation_in_both_forms() -> None:
    made = signed("salesforce", SALESFORCE)
    for told in (ORGANISATION, ORGANISATION[:15]):
        salesforce.verify(made, replace(WIRING, options={"organization_id": told}), NOW)
    salesforce.verify(made, replace(WIRING, options={}), NOW)
    for other in ("00Dxx0000001gERUAX"[::-1], "00DXX0000001GER", "0"):
        with pytest.raises(NotAuthenticError, match="OrganizationId"):
            salesforce.verify(made, replace(WIRING, options={"organization_id": other}), NOW)


def test_salesforce_hears_that_its_message_is_stored() -> None:
    answer = salesforce.acknowledge(signed("salesforce", SALESFORCE))
    assert answer is not None
    assert (answer.status, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert b"<Ack>true</Ack>" in answer.body
    assert salesforce.acknowledge(signed("salesforce", b"{}")) is None


def test_signatures_are_compared_in_constant_time() -> None:
    """No module compares a signature or a secret but through signing.same."""
    for path in Path(signing.__file__).parent.glob("*.py"):
        source = path.read_text()
        assert ("hmac" in source.replace("HMAC", "")) == (path.name == "signing.py"), path.name
    assert Path(signing.__file__).read_text().count("compare_digest") == 1
