"""Questionnaires to start from, one for each of some trades.

Each takes the standard questions from the default questionnaire, in its words and translations,
and adds a few of the trade's own. The texts of those stand in ``gallery_data``.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .default import default_definition
from .documents import from_builtins, to_builtins
from .schema import Definition

#: The languages in which every template's own questions are written.
LANGUAGES: Final = ("en", "de")

_DATA: Final = Path(__file__).parent / "gallery_data"
_SLUGS: Final = ("telco", "saas", "bank", "public_service", "field_repair", "online_shop")


@dataclass(frozen=True, slots=True)
class Template:
    """A questionnaire to copy. ``name``, ``trade`` and ``summary`` are for the designer;
    ``subject``, by language, and ``product`` make up a case of the trade for its previews."""

    slug: str
    name: str
    trade: str
    summary: str
    definition: Definition
    subject: dict[str, str]
    product: str


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    return tuple(_template(slug) for slug in _SLUGS)


def template(slug: str) -> Template:
    """Raises: KeyError for a slug that is not in the gallery."""
    for found in templates():
        if found.slug == slug:
            return found
    raise KeyError(slug)


def _template(slug: str) -> Template:
    written = json.loads((_DATA / f"{slug}.json").read_text(encoding="utf-8"))
    return Template(
        slug=slug.replace("_", "-"),
        name=written["name"],
        trade=written["trade"],
        summary=written["summary"],
        definition=from_builtins(_document(written["pages"])),
        subject=written["sample"]["subject"],
        product=written["sample"]["product"],
    )


def _document(pages: dict[str, list[Any]]) -> dict[str, Any]:
    """The default questionnaire with the items of ``pages``: an id stands for a standard item."""
    document: dict[str, Any] = _in_our_languages(to_builtins(default_definition()))
    document["languages"] = list(LANGUAGES)
    standard = {item["id"]: item for block in document["blocks"] for item in block["items"]}
    for block in document["blocks"]:
        items = [standard[own] if isinstance(own, str) else own for own in pages[block["id"]]]
        block["items"] = [_alone(item, items) for item in items]
    return document


def _alone(item: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """An item without the rotation that nothing else on its page takes part in any more."""
    group = item.get("rotation")
    if group is None or sum(other.get("rotation") == group for other in items) > 1:
        return item
    return {key: value for key, value in item.items() if key != "rotation"}


def _in_our_languages(value: Any) -> Any:
    """The same document, its texts in ``LANGUAGES`` only."""
    if isinstance(value, list):
        return [_in_our_languages(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "en" in value:
        return {language: value[language] for language in LANGUAGES}
    return {key: _in_our_languages(part) for key, part in value.items()}
