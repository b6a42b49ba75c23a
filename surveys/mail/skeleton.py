"""Compiles a survey mail once per (version, language, arm, kind) and brand: what is left are flat
placeholders in double square brackets, filled once per mail by ``message.build_message``.

A customer's mail never meets a template engine: what an author wrote was escaped here, and what a
case brings is escaped while it is filled in, in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Final, Literal, NamedTuple

import mrml

from surveys.mail.brand_rows import foot, head
from surveys.questionnaire.branding import (
    SMALL_PRINT,
    Look,
    MailColours,
    as_html,
    as_text,
    mail_colours,
)
from surveys.questionnaire.rendering import ARMS, Arm, headline_item
from surveys.questionnaire.schema import Definition, Item
from surveys.questionnaire.texts import catalogue, direction, fill

Kind = Literal["invitation", "reminder"]
KINDS: Final[tuple[Kind, ...]] = ("invitation", "reminder")

# All that a mail may have filled in after compiling.
RUNTIME_PLACEHOLDERS: Final = frozenset(
    {"company", "brand", "product", "subject", "greeting", "about", "survey_url", "unsubscribe_url"}
)
# What an author may name in a question or a brand's text.
_STILL_OPEN: Final = {name: f"[[{name}]]" for name in ("company", "brand", "product")}
PLACEHOLDER: Final = re.compile(r"\[\[([a-z_]{1,20})\]\]")
# Gmail cuts a mail off at 102 KB and hides the unsubscribe link with the rest.
MAX_HTML_BYTES: Final = 100_000

_TEMPLATE: Final = Path(__file__).parents[2] / "templates" / "emails" / "survey.mjml"


class SkeletonError(ValueError):
    """A mail that cannot be compiled as it should be."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A compiled mail. ``subject``, ``html`` and ``text`` hold only ``RUNTIME_PLACEHOLDERS``."""

    language: str
    arm: Arm
    kind: Kind
    subject: str
    html: str
    text: str


def compile_skeleton(
    definition: Definition, language: str, arm: Arm, kind: Kind, look: Look | None = None
) -> Skeleton:
    """The mail of one language, arm and kind; it asks the headline of the arm's first block.

    Raises: SkeletonError where the mail would be cut off or hold an unknown placeholder.
    """
    words = _words(definition, language, arm, kind)
    item = headline_item(definition, arm)
    options = _options(definition, item, language)
    own = _own_words(look, language, kind)
    colours = mail_colours(look)
    html = _filled(
        _layout(language, has_lead_in=bool(words["lead_in"])),
        {name: escape(value) for name, value in words.items()}
        | {
            "title": escape(words["question"]),
            "options": _option_rows(item, options, colours),
            "brand_head": head(look, language),
            "brand_foot": foot(own.foot_html, language),
            "accent": colours.accent,
            "accent_dark": colours.accent_dark,
            "box_dark": colours.box_dark,
            "edge_dark": colours.edge_dark,
        }
        | ({"intro": own.intro_html} if own.intro_html else {}),
    )
    skeleton = Skeleton(
        language=language,
        arm=arm,
        kind=kind,
        subject=_open(catalogue(language)["mail"][f"{kind}_subject"]),
        html=html,
        text=_text_part(item, options, words, own),
    )
    _check(skeleton)
    return skeleton


def compile_all(definition: Definition) -> tuple[Skeleton, ...]:
    """Every mail of a version: languages × arms × kinds, at about a third of a millisecond each."""
    return tuple(
        compile_skeleton(definition, language, arm, kind)
        for language in definition.languages
        for arm in ARMS
        for kind in KINDS
    )


class _OwnWords(NamedTuple):
    """What a brand says in a mail, cleaned; empty where it says nothing."""

    intro_html: str = ""
    intro_text: str = ""
    foot_html: tuple[tuple[str, str], ...] = ()
    foot_text: str = ""


def _own_words(look: Look | None, language: str, kind: Kind) -> _OwnWords:
    if look is None:
        return _OwnWords()
    values = _STILL_OPEN
    style = f"color:{mail_colours(look).accent}"
    # A reminder's own words say that it is the only one.
    intro = look.wording("mail_intro", language, any_language=False)
    intro = intro if kind == "invitation" else None
    foot_words = [
        found for key in SMALL_PRINT if (found := look.wording(key, language)) is not None
    ]
    return _OwnWords(
        intro_html=as_html(intro.text, values, link_style=style) if intro else "",
        intro_text=as_text(intro.text, values) if intro else "",
        foot_html=tuple(
            (found.language, as_html(found.text, values, link_style=style)) for found in foot_words
        ),
        foot_text="\n\n".join(as_text(found.text, values) for found in foot_words),
    )


def _words(definition: Definition, language: str, arm: Arm, kind: Kind) -> dict[str, str]:
    """The texts of the mail, unescaped, ``{company}`` turned into the runtime placeholder."""
    mail = catalogue(language)["mail"]
    item = headline_item(definition, arm)
    default = definition.default_language
    return {
        "preheader": _open(mail[_preheader(definition, kind)]),
        "intro": _open(mail[f"{kind}_intro"]),
        "lead_in": _open_question(
            definition.lead_in.get(language) or definition.lead_in.get(default, "")
        ),
        "question": _open_question(item.stem.get(language) or item.stem.get(default, "")),
        "prompt": mail["prompt"],
        "note": mail["note"],
        "open": mail["open"],
        "why": _open(mail["why"]),
        "unsubscribe": mail["unsubscribe"],
        "text_open": mail["text_open"],
        "text_unsubscribe": mail["text_unsubscribe"],
    }


def _preheader(definition: Definition, kind: Kind) -> str:
    """The key of what a mailbox shows beside the subject: the usual one announces two topics."""
    has_both = {"fix", "cause"} <= {block.id for block in definition.blocks}
    return f"{kind}_preheader" if has_both or kind == "reminder" else f"{kind}_preheader_alone"


def _open(template: str) -> str:
    """Our own words: ``{company}`` is whom the customer knows, so the brand where there is one."""
    return fill(template, {"company": "[[brand]]", "subject": "[[subject]]"})


def _open_question(template: str) -> str:
    """The designer's words: each name means what it says."""
    return fill(template, _STILL_OPEN)


def _options(definition: Definition, item: Item, language: str) -> list[tuple[int, str]]:
    pattern = catalogue(language)["mail"]["option"]
    return [
        (
            option.value,
            fill(
                pattern,
                {
                    "n": option.value,
                    "label": _open_question(
                        option.label.get(language)
                        or option.label.get(definition.default_language, "")
                    ),
                },
            ),
        )
        for option in item.options
    ]


@cache
def _layout(language: str, *, has_lead_in: bool = True) -> str:
    """The HTML of the MJML template for a language's direction; texts are filled in afterwards,
    so that the MJML parser never sees what an author wrote."""
    way = direction(language)
    source = _TEMPLATE.read_text(encoding="utf-8")
    if not has_lead_in:  # a survey of one topic announces none
        source = re.sub(r".*\[\[lead_in\]\].*\n", "", source)
    for name, value in (
        ("lang", language),
        ("dir", way),
        ("align", "right" if way == "rtl" else "left"),
    ):
        source = source.replace(f"[[{name}]]", value)
    return str(mrml.to_html(source).content)


def _option_rows(item: Item, options: list[tuple[int, str]], colours: MailColours) -> str:
    """One table row per answer: cells and ``bgcolor`` because Outlook knows no boxes; a border so
    that the box is still seen where backgrounds are dropped or inverted."""
    rows = [
        f'<tr><td class="option" height="44" bgcolor="{colours.box}" style="background-color:'
        f'{colours.box};border:1px solid {colours.accent};border-radius:8px">'
        f'<a class="option" href="[[survey_url]]?{item.id}={value}" style="display:block;'
        "padding:13px 16px;font-size:16px;line-height:20px;font-weight:bold;"
        f'color:{colours.box_ink};text-decoration:none">{escape(label)}</a></td></tr>'
        for value, label in options
    ]
    gap = '<tr><td height="8" style="height:8px;font-size:0;line-height:0">&#160;</td></tr>'
    return "".join(row + gap for row in rows)


def _filled(layout: str, parts: Mapping[str, str]) -> str:
    """The layout with its parts, which are HTML already; what a case brings stays open."""
    return PLACEHOLDER.sub(lambda match: parts.get(match.group(1), match.group()), layout)


def _text_part(
    item: Item, options: list[tuple[int, str]], words: Mapping[str, str], own: _OwnWords
) -> str:
    choices = [f"{label}\n[[survey_url]]?{item.id}={value}" for value, label in options]
    paragraphs = [
        "[[greeting]]",
        own.intro_text or words["intro"],
        "[[about]]",
        words["lead_in"],
        words["question"],
        words["prompt"],
        *choices,
        words["note"],
        f"{words['text_open']}\n[[survey_url]]",
        "-- ",
        *([own.foot_text] if own.foot_text else []),
        words["why"],
        f"{words['text_unsubscribe']}\n[[unsubscribe_url]]",
    ]
    return "\n\n".join(part for part in paragraphs if part).replace("-- \n\n", "-- \n") + "\n"


def _check(skeleton: Skeleton) -> None:
    for part in (skeleton.subject, skeleton.html, skeleton.text):
        unknown = set(PLACEHOLDER.findall(part)) - RUNTIME_PLACEHOLDERS
        if unknown:
            raise SkeletonError(f"unknown placeholder {min(unknown)!r}")
    size = len(skeleton.html.encode())
    if size > MAX_HTML_BYTES:
        raise SkeletonError(f"the mail has {size} bytes of HTML; mailboxes cut off at 102 KB")
