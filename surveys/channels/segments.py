"""How many segments of SMS a text takes: what it costs.

Source: 3GPP TS 23.038, 6.2.1, the default alphabet and its extension table; a text with any other
character goes in UCS-2. A text of several segments loses room in each to what joins them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes the room of two: an escape and itself.
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Segments:
    """``characters`` as the encoding counts them, ``n`` messages on the bill."""

    encoding: str
    characters: int
    n: int


def segments_of(text: str) -> Segments:
    """The segments of a text; a character that takes two places is never split."""
    if set(text) <= _BASIC | _EXTENSION:
        return _packed("GSM-7", [2 if c in _EXTENSION else 1 for c in text], 160, 153)
    return _packed("UCS-2", [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67)


def _packed(encoding: str, sizes: list[int], alone: int, joined: int) -> Segments:
    total = sum(sizes)
    if total <= alone:
        return Segments(encoding, total, 1)
    n, room = 1, joined
    for size in sizes:
        if size > room:
            n, room = n + 1, joined
        room -= size
    return Segments(encoding, total, n)
