"""By https the certificate must be the name's, though the connection goes to a number."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from surveys.services.outgoing import posting
from surveys.services.outgoing.addresses import target_of
from tests.webhook_receiver import DROP, HANG, Receiver

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(
    OPENSSL is None, reason="no openssl on PATH to make a certificate with"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of receiver.example that vouches for itself, with its key in the same file."""
    place = tmp_path_factory.mktemp("tls")
    made, key = place / "cert.pem", place / "key.pem"
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=receiver.example",
         "-addext", "subjectAltName=DNS:receiver.example", "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + key.read_text())
    return made


@pytest.fixture
def receiver(settings: Settings, certificate: Path) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver(certificate) as found:
        yield found


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(posting, "_tls", lambda: context)


def post(receiver: Receiver, name: str) -> posting.Answer:
    target = target_of(f"https://{name}:{receiver.port}/in")
    return posting.post(target, b"{}", {}, resolve=lambda *_: ["127.0.0.1"], seconds=1)


def test_certificate_of_the_name_is_believed(receiver: Receiver, trusted: None) -> None:
    answer = post(receiver, "receiver.example")
    assert (answer.status, answer.body) == (200, "thank you")


def test_certificate_of_another_name_is_not(receiver: Receiver, trusted: None) -> None:
    answer = post(receiver, "other.example")
    assert answer.status is None
    assert answer.words.startswith("its certificate is not trusted: Hostname mismatch")
    assert receiver.received == []


def test_certificate_that_nobody_vouches_for_is_not(receiver: Receiver) -> None:
    answer = post(receiver, "receiver.example")
    assert answer.status is None
    assert answer.words.startswith("its certificate is not trusted: self")
    assert receiver.received == []


@pytest.mark.parametrize(
    ("reaction", "words"),
    [(HANG, "no answer within 1 s"), (DROP, "the connection was closed without an answer")],
)
def test_deadline_holds_by_tls_as_well(
    receiver: Receiver, trusted: None, reaction: str, words: str
) -> None:
    receiver.react(reaction)
    answer = post(receiver, "receiver.example")
    assert (answer.status, answer.words) == (None, words)
    assert answer.milliseconds < 5000
