"""What doctor says of SPF, DKIM and DMARC, asked of a real name server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from pytest_django.fixtures import Settings

from config import mail_dns
from config.findings import Finding

LONG_KEY = "A" * 392


@dataclass
class NameServer:
    """Answers TXT from `zone`; a name with None fails, a name with [] exists and has none."""

    zone: dict[str, list[str] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if not data:
                return
            self._socket.sendto(self._answer(data), sender)

    def _answer(self, data: bytes) -> bytes:
        query = dns.message.from_wire(data)
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(query)
        found = self.zone.get(name, [])
        if found is None:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            parts = (
                " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
                for text in found
            )
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *parts))
        return answer.to_wire()

    def stop(self) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def names(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    """A name server that the checks ask, and a sender with a domain."""
    server = NameServer()
    settings.CAUGHT_MAIL = None
    settings.DEFAULT_FROM_EMAIL = "Northline <survey@mail.northline.example>"
    settings.DKIM_SELECTOR = "s1"
    ours = dns.resolver.Resolver(configure=False)
    ours.nameservers, ours.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(mail_dns, "resolver", lambda: ours)
    yield server
    server.stop()


def spf_of(names: NameServer, *records: str, **others: list[str] | None) -> Finding:
    names.zone = {"mail.northline.example": list(records), **others}
    return mail_dns.spf()


@pytest.mark.parametrize(
    ("records", "status", "said"),
    [
        (["v=spf1 ip4:192.0.2.0/24 -all"], "ok", "v=spf1 ip4:192.0.2.0/24 -all"),
        (["some=thing", "V=SPF1 mx ~all"], "ok", "V=SPF1 mx ~all"),
        (["some=thing"], "warn", "has none"),
        (["v=spf10 -all"], "warn", "has none"),
        ([], "warn", "has none"),
        (["v=spf1 -all", "v=spf1 mx -all"], "fault", "has 2"),
        (["v=spf1 +all"], "warn", "lets everybody send"),
        (["v=spf1 mx all"], "warn", "lets everybody send"),
    ],
)
def test_spf_is_one_record_that_ends_in_a_no(
    names: NameServer, records: list[str], status: str, said: str
) -> None:
    found = spf_of(names, *records)
    assert found.status == status
    assert said in found.found
    assert (found.status == "ok") == (found.mend == "")


def test_spf_is_that_of_the_domain_bounces_go_to(names: NameServer, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounce@back.northline.example"
    assert spf_of(names, **{"back.northline.example": ["v=spf1 mx -all"]}).status == "ok"
    assert names.asked == ["back.northline.example"]


def test_spf_counts_the_lookups_of_all_it_includes(names: NameServer) -> None:
    includes = {f"i{k}.example": ["v=spf1 a mx -all"] for k in range(4)}
    ten = "v=spf1 " + " ".join(f"include:i{k}.example" for k in range(3)) + " exists:x.example -all"
    assert spf_of(names, ten, **includes).status == "ok"
    eleven = ten.replace("-all", "a:more.example -all")
    found = spf_of(names, eleven, **includes)
    assert (found.status, found.found) == ("fault", "more than 10 look-ups")


def test_spf_that_includes_itself_ends(names: NameServer) -> None:
    record = "v=spf1 include:mail.northline.example redirect=b.example"
    assert spf_of(names, record, **{"b.example": ["v=spf1 include:b.example -all"]}).status == "ok"


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (f"v=DKIM1; k=rsa; p={LONG_KEY}", "ok"),
        (f"p={LONG_KEY}", "ok"),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ok"),
        ("v=DKIM1; p=", "fault"),
        (f"v=DKIM1; p={LONG_KEY[:150]}", "fault"),
        ("something else", "fault"),
    ],
)
def test_dkim_key_is_there_long_enough_and_not_revoked(
    names: NameServer, record: str, status: str
) -> None:
    names.zone = {"s1._domainkey.mail.northline.example": [record]}
    assert mail_dns.dkim().status == status


def test_dkim_without_a_selector_says_how_to_name_it(names: NameServer, settings: Settings) -> None:
    settings.DKIM_SELECTOR = ""
    found = mail_dns.dkim()
    assert (found.status, names.asked) == ("warn", [])
    assert "DKIM_SELECTOR" in found.mend


@pytest.mark.parametrize(
    ("zone", "status", "said"),
    [
        ({"_dmarc.mail.northline.example": ["v=DMARC1; p=reject"]}, "ok", "says reject"),
        ({"_dmarc.northline.example": ["v=DMARC1;p=none"]}, "ok", "_dmarc.northline.example"),
        ({"_dmarc.mail.northline.example": ["v=DMARC1"]}, "fault", "no policy"),
        (
            {"_dmarc.northline.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
            "fault",
            "has 2",
        ),
        ({}, "warn", "has none"),
        ({"_dmarc.example": ["v=DMARC1; p=none"]}, "warn", "has none"),
    ],
)
def test_dmarc_is_looked_for_at_the_domain_and_above(
    names: NameServer, zone: dict[str, list[str] | None], status: str, said: str
) -> None:
    names.zone = zone
    found = mail_dns.dmarc()
    assert found.status == status
    assert said in found.found


def test_servers_that_fail_are_not_taken_for_a_missing_record(names: NameServer) -> None:
    names.zone = dict.fromkeys(
        (
            "mail.northline.example",
            "s1._domainkey.mail.northline.example",
            "_dmarc.mail.northline.example",
        )
    )
    for check in (mail_dns.spf, mail_dns.dkim, mail_dns.dmarc):
        found = check()
        assert found.status == "warn"
        assert "DNS did not tell" in found.found


def test_nothing_is_asked_where_no_mail_leaves(names: NameServer, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Stabledoor <survey@localhost>"
    assert {check().status for check in (mail_dns.spf, mail_dns.dkim, mail_dns.dmarc)} == {"ok"}
    assert names.asked == []
