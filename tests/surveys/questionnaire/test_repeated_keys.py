"""A key that stands twice is refused with its place, never silently decided by the last."""

from __future__ import annotations

import pytest

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import decode, encode
from surveys.questionnaire.repeated_keys import repeated_key
from surveys.questionnaire.schema import DefinitionError


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (b'{"a": 1, "b": 2}', None),
        (b'{"a": {"x": 1}, "b": {"x": 1}}', None),
        (b'{"a": 1, "a": 1}', ("$", "a")),
        (b'{"a": 1, "\\u0061": 2}', ("$", "a")),
        (b'{"a": [0, {"b": 1, "c": {}, "b": 2}]}', ("$.a[1]", "b")),
        (b'{"x": {"y": 1, "y": 2}, "x": 3}', ("$", "x")),
        (b'[{"y": 1, "y": 2}]', ("$[0]", "y")),
        (b'{"' + b"k" * 300 + b'": 1, "' + b"k" * 300 + b'": 1}', ("$", "k" * 80)),
        (b"{", None),
        (b"[" * 100_000, None),
        (b"\xff", None),
    ],
)
def test_the_first_object_with_a_repeated_key_is_named(
    document: bytes, found: tuple[str, str] | None
) -> None:
    assert repeated_key(document) == found


@pytest.mark.parametrize("draft", [True, False])
@pytest.mark.parametrize(
    ("place", "again", "path", "key"),
    [
        (b'"languages":', b'"languages":["en"],', "$", "languages"),
        (b'"id":"F1",', b'"id":"F9",', "$.blocks[0].items[0]", "id"),
        (b'"stem":{', b'"stem":{"en":"Overwritten?",', "$.blocks[0].items[0].stem", "en"),
    ],
)
def test_a_definition_with_one_is_refused_at_its_object(
    place: bytes, again: bytes, path: str, key: str, draft: bool
) -> None:
    written = encode(default_definition())
    if place.endswith(b"{"):
        twice = written.replace(place, again, 1)
    else:
        twice = written.replace(place, again + place, 1)
    assert twice != written
    with pytest.raises(DefinitionError) as refused:
        decode(twice, draft=draft)
    assert (refused.value.path, refused.value.message) == (
        path,
        f"the key {key!r} stands twice in it",
    )
