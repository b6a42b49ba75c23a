"""How a brand looks and what it says: colours of pages and mails, and its own words.

A brand's words are data: flat placeholders, line breaks, and four HTML elements. They are cleaned
whenever they are shown, and not only when they are stored, so that nothing else can ever pass.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final, Literal, NamedTuple

import nh3

from .colours import contrast, mix, nearest_readable
from .schema import REFUSED_TEXT
from .texts import clean_value, direction

TextKey = Literal["footer", "legal", "mail_intro"]
#: The texts a brand may have, and how many characters each may have.
TEXT_LIMITS: Final[dict[TextKey, int]] = {"footer": 400, "legal": 1500, "mail_intro": 600}
SMALL_PRINT: Final[tuple[TextKey, ...]] = ("footer", "legal")
PLACEHOLDERS: Final = frozenset({"company", "brand", "product"})

# What accents stand on: the darkest light ground and the lightest dark one, of pages and mails.
LIGHT_GROUND: Final = "#faf8f4"
DARK_GROUND: Final = "#1d201f"
_LIGHT_SURFACE: Final = "#ffffff"
_MAIL_DARK: Final = "#171c24"
_INK: Final = "#1d1f1e"
_ON_DARK_ACCENT: Final = "#101312"
_COMFORTABLE: Final = 7.0

_TAGS: Final = frozenset({"strong", "em", "br", "a"})
_LINK: Final = re.compile(r"https://[^\s{}\"'<>\\`\[\]]{1,500}", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]{1,20})\}")
_BRACKETS: Final = re.compile(r"\[{2,}|\]{2,}")
_ANY_PLACEHOLDER: Final = re.compile(r"\{([^{}]{0,30})\}")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as a page or mail names it. ``address`` begins with a slash; size in CSS pixels."""

    address: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """All that a page or mail shows of a brand. Compared by identity: it is a key of caches.

    ``company`` is who runs the installation, which a legal text may have to name beside the brand.
    ``site`` is the installation's own address, which pictures in a mail begin with.
    ``stylesheet`` is the address of the brand's colours, empty in a preview of what is not stored.
    """

    name: str
    accent: str
    accent_dark: str
    company: str
    site: str
    logo: Logo | None = None
    stylesheet: str = ""
    sender_name: str = ""
    reply_to: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def wording(self, key: TextKey, language: str, *, any_language: bool = True) -> Wording | None:
        """The brand's text in the language or its base; else, with ``any_language``, in English or
        whichever there is: a legal text in another language says more than none."""
        wanted = [language, language.partition("-")[0]]
        if any_language:
            wanted += ["en", *self.texts]
        for candidate in wanted:
            words = self.texts.get(candidate, {}).get(key, "")
            if words:
                return Wording(candidate, words)
        return None

    @property
    def names_product(self) -> bool:
        """Whether any text depends on the case's product."""
        return any("{product}" in text for own in self.texts.values() for text in own.values())

    def small_print(self, language: str, product: str) -> list[SmallPrint]:
        """What stands below a page: footer and legal text, cleaned."""
        values = self.values(product)
        return [
            SmallPrint(found.language, direction(found.language), as_html(found.text, values))
            for key in SMALL_PRINT
            if (found := self.wording(key, language))
        ]

    def values(self, product: str) -> dict[str, str]:
        """What the placeholders mean on a page. Where a case has no product, the company stands."""
        company, brand = clean_value(self.company), clean_value(self.name)
        return {"company": company, "brand": brand, "product": clean_value(product) or company}


class SmallPrint(NamedTuple):
    """A text below a page: HTML that may stand there as it is."""

    language: str
    direction: str
    html: str


class Wording(NamedTuple):
    """A text and the language it is in."""

    language: str
    text: str


def _harmless(text: str) -> str:
    """A cleaned text without what definitions refuse, which entities may have brought back."""
    lines = (REFUSED_TEXT.sub("", line) for line in text.split("\n"))
    return _BRACKETS.sub(lambda match: match.group()[0], "\n".join(lines))


# --- colours --------------------------------------------------------------------------------------


def stylesheet(accent: str, accent_dark: str) -> str:
    """The few lines that give a survey page its brand's colours."""
    return (
        f":root{{--accent:{accent};--accent-deep:{mix(accent, '#000000', 0.8)};"
        f"--accent-soft:{mix(accent, _LIGHT_SURFACE, 0.1)};--on-accent:#fff}}\n"
        "@media (prefers-color-scheme:dark){"
        f":root{{--accent:{accent_dark};--accent-deep:{mix(accent_dark, '#ffffff', 0.8)};"
        f"--accent-soft:{mix(accent_dark, DARK_GROUND, 0.18)};--on-accent:{_ON_DARK_ACCENT}}}}}\n"
    )


@dataclass(frozen=True, slots=True)
class MailColours:
    """The colours a mail takes from a brand, or our own."""

    accent: str = "#1d4f91"
    box: str = "#e8f0fb"
    box_ink: str = "#12305a"
    accent_dark: str = "#9cc7ff"
    box_dark: str = "#1d3557"
    edge_dark: str = "#7aaae0"


def mail_colours(look: Look | None) -> MailColours:
    """The colours of a mail; words on a box reach 7 : 1 where the accent's hue can."""
    if look is None:
        return MailColours()
    box = mix(look.accent, _LIGHT_SURFACE, 0.1)
    box_dark = mix(look.accent_dark, _MAIL_DARK, 0.22)
    return MailColours(
        accent=look.accent,
        box=box,
        box_ink=nearest_readable(look.accent, box, _COMFORTABLE),
        accent_dark=look.accent_dark,
        box_dark=nearest_readable(box_dark, "#ffffff", _COMFORTABLE),
        edge_dark=look.accent_dark,
    )


def colour_fault(colour: str, *, dark: bool) -> str | None:
    """Why an accent cannot be used, in words with the ratio and a colour that can."""
    ground, where = (DARK_GROUND, "dark") if dark else (LIGHT_GROUND, "light")
    ratio = contrast(colour, ground)
    nearest = nearest_readable(colour, ground)
    if nearest == colour.lower():
        return None
    # Rounded down: 4.49 must not read as the 4.5 that it misses.
    return (
        f"has a contrast of {int(ratio * 100) / 100:.2f} : 1 on the {where} page; words need at "
        f"least 4.5 : 1 (WCAG AA). The nearest colour that can be read is {nearest}"
    )


# --- words ----------------------------------------------------------------------------------------


def text_fault(text: str, limit: int) -> str | None:
    """Why a text cannot be used, in words; None for a good one."""
    if len(text) > limit:
        return f"has {len(text)} characters; at most {limit} are possible"
    # Also as a browser reads it: an entity must not bring back what is refused.
    refused = _refused(text) or _refused(unescape(text))
    if refused:
        shown = refused.group().encode("unicode_escape").decode()
        return f"contains {shown!r}, which is not allowed in a text"
    for name in _ANY_PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in sorted(PLACEHOLDERS))
            return f"names {{{name}}}, which nothing fills; there are {known}"
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.fault


def _refused(text: str) -> re.Match[str] | None:
    return REFUSED_TEXT.search(text.replace("\r\n", "\n").replace("\n", " "))


def _good_attribute(_tag: str, name: str, value: str) -> str | None:
    """Addresses as they may be; the rest of what reaches this is our own."""
    return value if name != "href" or _LINK.fullmatch(value) else None


def as_html(text: str, values: Mapping[str, str], *, link_style: str = "") -> str:
    """The text as HTML that may stand in a page or mail, placeholders filled and escaped."""
    styled = {"a": {"style": link_style}} if link_style else None
    cleaned = nh3.clean(
        text.replace("\r\n", "\n").strip(),
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"https"},
        attribute_filter=_good_attribute,
        link_rel="noopener noreferrer",
        set_tag_attribute_values=styled,
    )
    return _PLACEHOLDER.sub(
        lambda match: escape(values.get(match.group(1), match.group())),
        _harmless(cleaned).replace("\n", "<br>"),
    )


def as_text(text: str, values: Mapping[str, str]) -> str:
    """The text for the plain part of a mail: no elements, addresses behind their words."""
    reader = _Reader()
    reader.feed(text.replace("\r\n", "\n").strip())
    reader.close()
    plain = _harmless("".join(reader.parts))
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group()), plain)


class _Reader(HTMLParser):
    """Reads a text's elements: its plain words, and the first thing that is not allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.fault: str | None = None
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, attrs)
        if tag == "br":
            self.parts.append("\n")
        if tag == "a":
            href = next((value or "" for name, value in attrs if name == "href"), "")
            self._href = href if _LINK.fullmatch(href) else ""

    def handle_endtag(self, tag: str) -> None:
        if tag not in _TAGS:
            self._say(f"contains </{tag[:20]}>")
        if tag == "a" and self._href:
            self.parts.append(f" ({self._href})")
            self._href = ""

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_comment(self, data: str) -> None:
        self._say("contains a comment")

    def handle_decl(self, decl: str) -> None:
        self._say("contains a declaration")

    def handle_pi(self, data: str) -> None:
        self._say("contains a declaration")

    def unknown_decl(self, data: str) -> None:
        self._say("contains a declaration")

    def _check(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self._say(f"contains <{tag[:20]}>")
        for name, value in attrs:
            if (tag, name) != ("a", "href"):
                self._say(f"contains the attribute {name[:20]!r}")
            elif not _LINK.fullmatch(value or ""):
                self._say("contains a link that is no plain https:// address")

    def _say(self, what: str) -> None:
        allowed = '<strong>, <em>, <br> and <a href="https://…">'
        self.fault = self.fault or f"{what}; only {allowed} are possible"
