"""Keys that stand twice in one JSON object.

Readers of JSON keep the last of them and say nothing; what was meant by the first is lost.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import json
from typing import Any

LONGEST_NAME = 80


class _Object(dict[str, Any]):
    """An object as it was written; ``twice`` is the first key that stands in it again."""

    twice: str | None = None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    for key, value in pairs:
        if key in made and made.twice is None:
            made.twice = key
        made[key] = value
    return made


def repeated_key(document: bytes | str) -> tuple[str, str] | None:
    """The path of the first object with a key that stands in it twice, and that key; None where
    there is none, and for what is no JSON at all, which its reader tells in better words."""
    try:
        parsed = json.loads(document, object_pairs_hook=_object)
        return _first(parsed, "$")
    except (ValueError, RecursionError):
        return None


def _first(value: Any, path: str) -> tuple[str, str] | None:
    if isinstance(value, _Object):
        if value.twice is not None:
            return path, value.twice[:LONGEST_NAME]
        inner = [(f"{path}.{key[:LONGEST_NAME]}", part) for key, part in value.items()]
    elif isinstance(value, list):
        inner = [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    else:
        return None
    for place, part in inner:
        found = _first(part, place)
        if found is not None:
            return found
    return None
