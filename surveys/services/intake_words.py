"""What helpdesks call languages and time zones, in the words of BCP 47 and IANA. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final
from zoneinfo import available_timezones

_NAMES: Final = """
af afrikaans|ar arabic|ar العربية|bg bulgarian|bn bengali|bs bosnian|ca catalan|cs czech
cs čeština|cy welsh|da danish|da dansk|de german|de deutsch|el greek|el ελληνικά|en english
es spanish|es español|es castilian|et estonian|eu basque|fa persian|fa farsi|fi finnish
fi suomi|fil filipino|fr french|fr français|ga irish|gl galician|gu gujarati|he hebrew|hi hindi
hr croatian|hu hungarian|hu magyar|hy armenian|id indonesian|is icelandic|it italian
it italiano|ja japanese|ja 日本語|ka georgian|kk kazakh|km khmer|ko korean|ko 한국어|lt lithuanian
lv latvian|mk macedonian|ms malay|mt maltese|nb norwegian bokmål|nl dutch|nl nederlands
nl flemish|nn norwegian nynorsk|no norwegian|no norsk|pa punjabi|pl polish|pl polski
pt portuguese|pt português|pt-BR brazilian portuguese|pt-BR portuguese brazil|ro romanian
ro română|ru russian|ru русский|sk slovak|sl slovenian|sq albanian|sr serbian|sv swedish
sv svenska|sw swahili|ta tamil|te telugu|th thai|tl tagalog|tr turkish|tr türkçe|uk ukrainian
uk українська|ur urdu|vi vietnamese|vi tiếng việt|zh chinese|zh 中文|zh mandarin
zh-Hans simplified chinese|zh-Hans chinese simplified|zh-Hant traditional chinese
zh-Hant chinese traditional
"""
_BY_NAME: Final = {
    name: code
    for code, _, name in (
        entry.partition(" ") for line in _NAMES.split("\n") for entry in line.split("|") if entry
    )
}
_TAG: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_BRACKETS: Final = re.compile(r"[()\[\],/-]+")


@lru_cache(maxsize=4096)
def language_of(text: str) -> str | None:
    """The BCP 47 tag of a tag or of a language's name; None where it is neither.

    >>> language_of("PT_br"), language_of("German"), language_of("Chinese (Traditional)")
    ('pt-BR', 'de', 'zh-Hant')
    """
    text = text.partition(".")[0].strip()  # a POSIX locale's ".UTF-8"
    if _TAG.fullmatch(text) and len(text) <= 35:
        return _cased(text)
    plain = " ".join(_BRACKETS.sub(" ", text.casefold()).split())
    return _BY_NAME.get(plain) or _BY_NAME.get(plain.partition(" ")[0])


def _cased(tag: str) -> str:
    first, *others = tag.replace("_", "-").split("-")
    parts = [first.lower()]
    for part in others:
        if len(part) == 2 and part.isalpha():
            parts.append(part.upper())
        elif len(part) == 4 and part.isalpha():
            parts.append(part.title())
        else:
            parts.append(part.lower())
    return "-".join(parts)


@cache
def _timezones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def timezone_of(text: str) -> str | None:
    """The IANA name of a time zone, whatever its case; None where there is none."""
    return _timezones().get(text.strip().casefold())
