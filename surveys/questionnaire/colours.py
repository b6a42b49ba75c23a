"""Colours as six-digit hex, and whether one can be read on another.

Source: WCAG 2.2, "relative luminance" and "contrast ratio"; AA asks 4.5 : 1 of text.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import colorsys
import re
from typing import Final

AA_TEXT: Final = 4.5

_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS: Final = 1000

Channels = tuple[int, int, int]


class ColourError(ValueError):
    """No six-digit hex colour."""


def channels(colour: str) -> Channels:
    """Red, green and blue, 0 to 255.

    Raises: ColourError.
    """
    if not _HEX.fullmatch(colour):
        raise ColourError(f"not a colour such as #1d4ed8: {colour[:20]!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hexadecimal(colour: Channels) -> str:
    """The colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(value / 255) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    low: float = value / 12.92
    high: float = ((value + 0.055) / 1.055) ** 2.4
    return low if value <= 0.04045 else high


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21; their order does not matter."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` of the one (0 to 1), the rest of the other."""
    first, second = channels(one), channels(other)
    red, green, blue = (
        round(a * share + b * (1 - share)) for a, b in zip(first, second, strict=True)
    )
    return hexadecimal((red, green, blue))


def nearest_readable(colour: str, ground: str, ratio: float = AA_TEXT) -> str:
    """The colour of the same hue and saturation, as little lighter or darker as it takes, that
    reaches the ratio on the ground. The colour itself where it does already."""
    if contrast(colour, ground) >= ratio:
        return hexadecimal(channels(colour))
    red, green, blue = (value / 255 for value in channels(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    goes_darker = luminance(ground) > 0.18  # there black stands out more than white
    for step in range(1, _STEPS + 1):
        share = step / _STEPS
        moved = lightness * (1 - share) if goes_darker else lightness + (1 - lightness) * share
        found = colorsys.hls_to_rgb(hue, moved, saturation)
        candidate = hexadecimal(
            (round(found[0] * 255), round(found[1] * 255), round(found[2] * 255))
        )
        if contrast(candidate, ground) >= ratio:
            return candidate
    return "#000000" if goes_darker else "#ffffff"
