"""Translations as XLIFF 2.0, the format of translators' tools: written, and read without trust.

Source: OASIS XLIFF 2.0 core. One unit per text, its id the text's name, its state what the
translator needs to know; notes say where the text stands and how long it may be.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET  # only builds and writes; reading is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from .places import Document
from .translating import Row, Sources, rows
from .translation_files import (
    MAX_UNITS,
    STATES,
    State,
    TranslationFile,
    TranslationFileError,
    Unit,
    refuse_large,
    state_of,
    storable,
)

NAMESPACE: Final = "urn:oasis:names:tc:xliff:document:2.0"
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
ET.register_namespace("", NAMESPACE)


def write(document: Document, language: str, sources: Sources, *, slug: str) -> bytes:
    """All texts of a questionnaire for one translator; the same draft gives the same bytes."""
    root = ET.Element(
        _tag("xliff"),
        {"version": "2.0", "srcLang": document["default_language"], "trgLang": language},
    )
    file = ET.SubElement(root, _tag("file"), {"id": "questionnaire", "original": slug})
    for row in rows(document, language, sources):
        if row.source:
            _write_unit(file, row, language, document["default_language"])
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _write_unit(file: ET.Element, row: Row, language: str, default: str) -> None:
    unit = ET.SubElement(file, _tag("unit"), {"id": row.name, _XML_SPACE: "preserve"})
    notes = ET.SubElement(unit, _tag("notes"))
    said = [f"{row.what}. At most {row.limit} characters.", *_about_change(row)]
    for words in said:
        ET.SubElement(notes, _tag("note")).text = storable(words)
    segment = ET.SubElement(unit, _tag("segment"), {"state": state_of(row)})
    ET.SubElement(segment, _tag("source"), {_XML_LANG: default}).text = storable(row.source)
    if row.text:
        ET.SubElement(segment, _tag("target"), {_XML_LANG: language}).text = storable(row.text)


def _about_change(row: Row) -> list[str]:
    return [f"The translation was made from an older source: {row.made_from}"] * row.changed


def read(raw: bytes) -> TranslationFile:
    """What an XLIFF file says.

    Document types, entities and whatever would reach out of the file are refused unread.

    Raises: TranslationFileError.
    """
    refuse_large(raw)
    try:
        root = fromstring(raw, forbid_dtd=True)
    except DefusedXmlException:
        raise TranslationFileError(
            "The file declares a document type or entities, which XLIFF does not need."
        ) from None
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise TranslationFileError(f"The file is not readable as XML ({error}).") from error
    _check_root(root)
    units = [unit for file in root.findall(_tag("file")) for unit in file.iter(_tag("unit"))]
    if not units:
        raise TranslationFileError("There is no text in the file.")
    if len(units) > MAX_UNITS:
        raise TranslationFileError(f"The file has more than {MAX_UNITS:,} texts.")
    return TranslationFile(
        source_language=root.get("srcLang", ""),
        language=root.get("trgLang", ""),
        units=tuple(_unit(unit, number) for number, unit in enumerate(units, start=1)),
    )


def _check_root(root: ET.Element) -> None:
    if root.tag != _tag("xliff"):
        older = root.tag.endswith("}xliff") or root.tag == "xliff"
        raise TranslationFileError(
            "This is an XLIFF file of another version; save it as XLIFF 2.0."
            if older
            else "This is no XLIFF file."
        )
    if root.get("version") not in {"2.0", "2.1"}:
        raise TranslationFileError(
            f"The file is XLIFF {root.get('version', 'without a version')[:20]}; "
            "save it as XLIFF 2.0."
        )
    for attribute, what in (("srcLang", "from"), ("trgLang", "into")):
        if not root.get(attribute):
            raise TranslationFileError(
                f"The file does not say which language it translates {what} ({attribute})."
            )


def _unit(unit: ET.Element, number: int) -> Unit:
    place = f"unit {number}"
    segments = [part for part in unit if part.tag in (_tag("segment"), _tag("ignorable"))]
    source, target, states = "", "", []
    for segment in segments:
        found = [segment.find(_tag(name)) for name in ("source", "target")]
        if any(len(part) for part in found if part is not None):
            fault = "It contains markup; only plain text can be taken."
            return Unit(_name(unit), "", "", place, fault=fault)
        source += _text(found[0])
        # What stands between two segments need not be repeated in the target.
        target += _text(
            found[1] if found[1] is not None or segment.tag == _tag("segment") else found[0]
        )
        if segment.tag == _tag("segment"):
            states.append(segment.get("state", "initial"))
    return Unit(_name(unit), source, target.strip(), place, _lowest(states))


def _name(unit: ET.Element) -> str:
    return unit.get("id", "")[:200]


def _text(element: ET.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _lowest(states: list[str]) -> State:
    """The state of a unit is that of its least finished segment."""
    ranks = [STATES.index(state) if state in STATES else 0 for state in states]
    return STATES[min(ranks, default=0)]


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
