"""Secrets that must be readable again, and are not without the key outside the database."""

from __future__ import annotations

import base64
import hmac

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from surveys.services.sealing import LostKeyError, seal, unseal

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS)
def test_what_was_sealed_is_read_again_and_never_looks_the_same(text: str) -> None:
    first, second = seal(text), seal(text)
    assert unseal(first) == unseal(second) == text
    assert first != second


def test_without_the_key_nothing_is_read(settings: Settings) -> None:
    sealed, former = seal("whsec_abc"), settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-taken-for-one"
    with pytest.raises(LostKeyError, match="SECRET_KEY_FALLBACKS"):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert unseal(sealed) == "whsec_abc"


@pytest.mark.parametrize("place", [0, 20, -1])
def test_changed_seal_is_not_read(place: int) -> None:
    sealed = bytearray(seal("a secret of some length"))
    sealed[place] ^= 1
    with pytest.raises(LostKeyError):
        unseal(bytes(sealed))


def test_too_short_is_no_seal() -> None:
    with pytest.raises(LostKeyError):
        unseal(b"")


def test_seal_is_a_fernet_token_of_a_key_derived_by_hkdf(settings: Settings) -> None:
    """Put together here by RFC 5869, with the purpose as its info and no salt."""
    extracted = hmac.digest(bytes(32), settings.SECRET_KEY.encode(), "sha256")
    derived = hmac.digest(extracted, b"stabledoor sealing\x01", "sha256")
    box = Fernet(base64.urlsafe_b64encode(derived))
    assert box.decrypt(seal("whsec_abc")) == b"whsec_abc"
