"""The rows that a brand adds to a mail: its logo or name above, its words below."""

from __future__ import annotations

from html import escape
from typing import Final

from surveys.questionnaire.branding import Look
from surveys.questionnaire.texts import direction

_FONT: Final = "'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans Arabic', sans-serif"


def _cell(language: str, padding: str, inner: str, css_class: str) -> str:
    way = direction(language)
    side = "right" if way == "rtl" else "left"
    return (
        f'<tr><td align="{side}" class="{css_class}" dir="{way}" '
        f'style="padding:{padding};word-break:break-word;">{inner}</td></tr>'
    )


def head(look: Look | None, language: str) -> str:
    """The brand's logo, whose words are read where pictures are blocked; without one its name."""
    if look is None:
        return ""
    name = (
        f'<div style="font-family:{_FONT};font-size:18px;line-height:24px;font-weight:bold;'
        f'color:#1c2430">[[brand]]</div>'
    )
    if look.logo is None:
        return _cell(language, "16px 24px 8px 24px", name, "words")
    picture = (
        f'<img class="logo" src="{escape(look.site + look.logo.address)}" '
        f'width="{look.logo.width}" height="{look.logo.height}" border="0" '
        f'alt="{_literal(look.logo.alt)}" '
        f'style="display:inline-block;border:0;max-width:100%;font-family:{_FONT};'
        'font-size:18px;font-weight:bold">'
    )
    return _cell(language, "16px 24px 8px 24px", picture, "words")


def foot(texts: tuple[tuple[str, str], ...], language: str) -> str:
    """The brand's footer and legal text, each marked with the language that it is in."""
    return "".join(
        _cell(
            language,
            "8px 24px",
            f'<div lang="{escape(own)}" dir="{direction(own)}" style="font-family:{_FONT};'
            f'font-size:13px;line-height:20px;color:#566170">{html}</div>',
            "small",
        )
        for own, html in texts
    )


def _literal(line: str) -> str:
    """A line of text as HTML that no placeholder of a mail can hide in."""
    return escape(line.replace("[", "(").replace("]", ")"))
