"""Compiles a survey mail once per (version, language, arm, kind): what is left are flat
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
from typing import Final, Literal

import mrml

from surveys.questionnaire.rendering import ARMS, Arm, headline_item
from surveys.questionnaire.schema import Definition, Item
from surveys.questionnaire.texts import catalogue, direction, fill

Kind = Literal["invitation", "reminder"]
KINDS: Final[tuple[Kind, ...]] = ("invitation", "reminder")

# All that a mail may have filled in after compiling.
RUNTIME_PLACEHOLDERS: Final = frozenset(
    {"company", "subject", "greeting", "about", "survey_url", "unsubscribe_url"}
)
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


def compile_skeleton(definition: Definition, language: str, arm: Arm, kind: Kind) -> Skeleton:
    """The mail of one language, arm and kind; it asks the headline of the arm's first block.

    Raises: SkeletonError where the mail would be cut off or hold an unknown placeholder.
    """
    words = _words(definition, language, arm, kind)
    item = headline_item(definition, arm)
    options = _options(definition, item, language)
    html = _fill_escaped(
        _layout(language), {**words, "title": words["question"]}, _option_rows(item, options)
    )
    skeleton = Skeleton(
        language=language,
        arm=arm,
        kind=kind,
        subject=_open(catalogue(language)["mail"][f"{kind}_subject"]),
        html=html,
        text=_text_part(item, options, words),
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


def _words(definition: Definition, language: str, arm: Arm, kind: Kind) -> dict[str, str]:
    """The texts of the mail, unescaped, ``{company}`` turned into the runtime placeholder."""
    mail = catalogue(language)["mail"]
    item = headline_item(definition, arm)
    default = definition.default_language
    return {
        "preheader": _open(mail[f"{kind}_preheader"]),
        "intro": _open(mail[f"{kind}_intro"]),
        "lead_in": _open(definition.lead_in.get(language) or definition.lead_in[default]),
        "question": _open(item.stem.get(language) or item.stem[default]),
        "prompt": mail["prompt"],
        "note": mail["note"],
        "open": mail["open"],
        "why": _open(mail["why"]),
        "unsubscribe": mail["unsubscribe"],
        "text_open": mail["text_open"],
        "text_unsubscribe": mail["text_unsubscribe"],
    }


def _open(template: str) -> str:
    """``{company}`` and ``{subject}`` become the placeholders that stay open until sending."""
    return fill(template, {"company": "[[company]]", "subject": "[[subject]]"})


def _options(definition: Definition, item: Item, language: str) -> list[tuple[int, str]]:
    pattern = catalogue(language)["mail"]["option"]
    return [
        (
            option.value,
            fill(
                pattern,
                {
                    "n": option.value,
                    "label": _open(
                        option.label.get(language) or option.label[definition.default_language]
                    ),
                },
            ),
        )
        for option in item.options
    ]


@cache
def _layout(language: str) -> str:
    """The HTML of the MJML template for a language's direction; texts are filled in afterwards,
    so that the MJML parser never sees what an author wrote."""
    way = direction(language)
    source = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in (
        ("lang", language),
        ("dir", way),
        ("align", "right" if way == "rtl" else "left"),
    ):
        source = source.replace(f"[[{name}]]", value)
    return str(mrml.to_html(source).content)


def _option_rows(item: Item, options: list[tuple[int, str]]) -> str:
    """One table row per answer: cells and ``bgcolor`` because Outlook knows no boxes; a border so
    that the box is still seen where backgrounds are dropped or inverted."""
    rows = [
        '<tr><td class="option" height="44" bgcolor="#e8f0fb" style="background-color:#e8f0fb;'
        'border:1px solid #1d4f91;border-radius:8px">'
        f'<a class="option" href="[[survey_url]]?{item.id}={value}" style="display:block;'
        "padding:13px 16px;font-size:16px;line-height:20px;font-weight:bold;color:#12305a;"
        f'text-decoration:none">{escape(label)}</a></td></tr>'
        for value, label in options
    ]
    gap = '<tr><td height="8" style="height:8px;font-size:0;line-height:0">&#160;</td></tr>'
    return "".join(row + gap for row in rows)


def _fill_escaped(layout: str, words: Mapping[str, str], options: str) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "options":
            return options
        return escape(words[name]) if name in words else match.group()

    return PLACEHOLDER.sub(replace, layout)


def _text_part(item: Item, options: list[tuple[int, str]], words: Mapping[str, str]) -> str:
    choices = [f"{label}\n[[survey_url]]?{item.id}={value}" for value, label in options]
    paragraphs = [
        "[[greeting]]",
        words["intro"],
        "[[about]]",
        words["lead_in"],
        words["question"],
        words["prompt"],
        *choices,
        words["note"],
        f"{words['text_open']}\n[[survey_url]]",
        "-- ",
        words["why"],
        f"{words['text_unsubscribe']}\n[[unsubscribe_url]]",
    ]
    return "\n\n".join(paragraphs).replace("-- \n\n", "-- \n") + "\n"


def _check(skeleton: Skeleton) -> None:
    for part in (skeleton.subject, skeleton.html, skeleton.text):
        unknown = set(PLACEHOLDER.findall(part)) - RUNTIME_PLACEHOLDERS
        if unknown:
            raise SkeletonError(f"unknown placeholder {min(unknown)!r}")
    size = len(skeleton.html.encode())
    if size > MAX_HTML_BYTES:
        raise SkeletonError(f"the mail has {size} bytes of HTML; mailboxes cut off at 102 KB")
