"""Contrast as WCAG defines it, and colours that are refused below AA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.branding import (
    DARK_GROUND,
    LIGHT_GROUND,
    Look,
    colour_fault,
    mail_colours,
    stylesheet,
)
from surveys.questionnaire.colours import (
    AA_TEXT,
    ColourError,
    channels,
    contrast,
    hexadecimal,
    nearest_readable,
)

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(hexadecimal)


# Published pairs: W3C's technique G18 and its understanding documents, WebAIM's checker.
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#008000", "#ffffff", 5.14),
        ("#ffff00", "#ffffff", 1.07),
    ],
)
def test_contrast_is_the_published_one(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("bad", ["", "red", "#fff", "#12345g", "#1234567", "1d4ed8", "#1d4ed8 "])
def test_anything_but_six_digits_is_no_colour(bad: str) -> None:
    with pytest.raises(ColourError):
        channels(bad)


@given(COLOURS, st.sampled_from([LIGHT_GROUND, DARK_GROUND, "#ffffff", "#000000"]))
def test_nearest_colour_is_readable(colour: str, ground: str) -> None:
    found = nearest_readable(colour, ground)
    assert contrast(found, ground) >= AA_TEXT
    if contrast(colour, ground) >= AA_TEXT:
        assert found == colour


def test_a_refusal_says_the_ratio_and_a_colour_that_passes() -> None:
    fault = colour_fault("#ffcc00", dark=False)
    assert fault is not None
    assert "1.42 : 1" in fault
    nearest = fault.rpartition(" ")[2]
    assert colour_fault(nearest, dark=False) is None


def test_a_ratio_is_never_rounded_up_to_the_limit() -> None:
    for level in range(256):
        grey = hexadecimal((level, level, level))
        fault = colour_fault(grey, dark=False)
        assert fault is None or "has a contrast of 4.50" not in fault


@given(COLOURS, COLOURS)
def test_what_a_brand_makes_of_its_colours_can_be_read(light: str, dark: str) -> None:
    accent, accent_dark = (
        nearest_readable(light, LIGHT_GROUND),
        nearest_readable(dark, DARK_GROUND),
    )
    sheet = stylesheet(accent, accent_dark)
    assert accent in sheet
    assert accent_dark in sheet
    assert contrast("#ffffff", accent) >= AA_TEXT
    assert contrast("#101312", accent_dark) >= AA_TEXT
    own = mail_colours(Look("B", accent, accent_dark, "C", ""))
    assert contrast(own.box_ink, own.box) >= AA_TEXT
    assert contrast("#ffffff", own.box_dark) >= AA_TEXT
    assert contrast(own.accent, "#ffffff") >= AA_TEXT
    assert contrast(own.accent_dark, "#171c24") >= AA_TEXT
