"""Secrets that must be readable again, and are not without the key outside the database."""

from __future__ import annotations

import pytest
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
