"""The words of short messages, and what they take."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from surveys.channels.segments import Segments, segments_of
from surveys.questionnaire.texts import languages
from surveys.services.delivery_texts import samples


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", Segments("GSM-7", 0, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        # An escape is never parted from its character: 76 in a segment of 153.
        ("€" * 152, Segments("GSM-7", 304, 2)),
        ("€" * 153, Segments("GSM-7", 306, 3)),
        ("ş" * 70, Segments("UCS-2", 70, 1)),
        ("ş" * 71, Segments("UCS-2", 71, 2)),
        ("ş" * 134, Segments("UCS-2", 134, 2)),
        ("ş" * 135, Segments("UCS-2", 135, 3)),
        ("🙂" * 35, Segments("UCS-2", 70, 1)),
        ("🙂" * 66, Segments("UCS-2", 132, 2)),
        ("🙂" * 67, Segments("UCS-2", 134, 3)),
        ("`", Segments("UCS-2", 1, 1)),
    ],
)
def test_segments_are_counted_as_they_are_billed(text: str, segments: Segments) -> None:
    assert segments_of(text) == segments


def test_messages_of_every_language_are_short(settings: Settings) -> None:
    settings.SITE_URL = "https://survey.example.org"
    found = list(samples(languages(), "Northline"))
    assert len(found) == 2 * len(languages())
    for sample in found:
        plain = sample.segments.encoding == "GSM-7"
        most = {True: 2, False: 3}[plain]
        assert sample.segments.n <= most, sample
        assert sample.body.startswith("Northline")
        assert "STOP" in sample.body
        assert sample.body.split("\n")[1].startswith("https://survey.example.org/s/")
    in_plain = {one.language for one in found if one.segments.encoding == "GSM-7"}
    assert in_plain == {"en", "de", "fr", "es", "pt", "it", "nl", "sv"}
