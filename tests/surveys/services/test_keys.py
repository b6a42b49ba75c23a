"""Keys of the API."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from surveys.models import ApiKey
from surveys.services import keys

pytestmark = pytest.mark.django_db


def test_create_shows_the_secret_once_and_stores_its_hash() -> None:
    key, secret = keys.create(" helpdesk ", ["cases:write", "cases:write"])
    assert re.fullmatch(r"sd_[A-Za-z0-9]{40}", secret)
    stored = ApiKey.objects.get()
    assert (stored.name, stored.scopes, stored.prefix) == ("helpdesk", ["cases:write"], secret[:10])
    assert secret not in repr(ApiKey.objects.values().get())
    assert bytes(key.key_hash) == keys.hash_of(secret)


@pytest.mark.parametrize(
    ("name", "scopes", "words"),
    [
        ("x", ["cases"], "there is no scope 'cases'"),
        ("x", [], "a key without a scope"),
        (" ", ["admin"], "a key needs a name"),
        ("a\x00", ["admin"], "a key needs a name"),
    ],
)
def test_create_says_what_is_missing(name: str, scopes: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        keys.create(name, scopes)


def test_find_knows_only_keys_in_force_and_notes_their_use() -> None:
    key, secret = keys.create("x", ["admin"])
    assert keys.find(secret) == key
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert (timezone.now() - key.last_used_at).total_seconds() < 60
    keys.revoke(key)
    assert [keys.find(secret), keys.find("sd_" + "a" * 40), keys.find("")] == [None, None, None]
