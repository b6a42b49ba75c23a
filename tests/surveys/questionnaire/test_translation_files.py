"""Files of translators: read without trust, judged line by line."""

from __future__ import annotations

import copy
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire import xliff
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.places import fingerprint
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import catalogue
from surveys.questionnaire.translating import entries, with_texts
from surveys.questionnaire.translation_files import (
    MAX_FILE_BYTES,
    Judgement,
    TranslationFile,
    TranslationFileError,
    Unit,
    judge,
)

DEFAULT: Any = to_builtins(default_definition())
F1 = catalogue("en")["questionnaire"]["F1"]
F1_DE = catalogue("de")["questionnaire"]["F1"]
N_TEXTS = len(list(entries(DEFAULT)))


def one(**fields: str) -> bytes:
    """An XLIFF file with one unit."""
    given_ = {"id": "F1.stem", "source": F1, "target": "Neu?", "state": "translated"} | fields
    root = ET.Element(
        "xliff",
        {
            "xmlns": xliff.NAMESPACE,
            "version": given_.get("version", "2.0"),
            "srcLang": given_.get("from_", "en"),
            "trgLang": given_.get("to", "de"),
        },
    )
    unit = ET.SubElement(ET.SubElement(root, "file", {"id": "f"}), "unit", {"id": given_["id"]})
    segment = ET.SubElement(unit, "segment", {"state": given_["state"]})
    ET.SubElement(segment, "source").text = given_["source"]
    ET.SubElement(segment, "target").text = given_["target"]
    return ET.tostring(root)


def judged(raw: bytes, document: Any = DEFAULT, **sources: Any) -> Judgement:
    return judge(document, xliff.read(raw), sources.get("sources", {}))


def test_a_file_that_comes_back_untouched_changes_nothing() -> None:
    found = judged(xliff.write(DEFAULT, "de", {}, slug="default"))

    assert (found.taken, found.confirmed, found.refused) == ((), (), ())
    assert (found.n_unchanged, found.n_empty) == (N_TEXTS, 0)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(st.dictionaries(st.sampled_from(["en", "de"]), _TEXT))
def test_any_text_a_draft_can_hold_survives_the_way_out_and_back(texts: dict[str, str]) -> None:
    document = copy.deepcopy(DEFAULT)
    document["lead_in"] = texts
    try:
        from_builtins(document, draft=True)
    except DefinitionError:
        return
    found = judged(xliff.write(document, "de", {}, slug="default"), document)

    assert (found.taken, found.confirmed) == ((), ())
    assert [line.reason for line in found.refused] == []


def test_the_file_is_xliff_two_with_notes_and_states() -> None:
    sources = {("F1.stem", "de", fingerprint(F1_DE)): "An older question"}
    document = with_texts(DEFAULT, "de", {"thanks": ""})
    root = fromstring(xliff.write(document, "de", sources, slug="default"))
    space = {"x": xliff.NAMESPACE}
    units = {unit.get("id"): unit for unit in root.findall(".//x:unit", space)}
    states = {
        name: unit.find("x:segment", space).get("state")  # type: ignore[union-attr]
        for name, unit in units.items()
    }

    assert (root.get("version"), root.get("srcLang"), root.get("trgLang")) == ("2.0", "en", "de")
    assert [n for n, state in states.items() if state == "initial"] == ["F1.stem", "thanks"]
    assert units["thanks"].find(".//x:target", space) is None
    assert [note.text for note in units["F1.stem"].findall(".//x:note", space)] == [
        "F1, question. At most 500 characters.",
        "The translation was made from an older source: An older question",
    ]


def test_a_new_translation_is_taken() -> None:
    found = judged(one(target="  Ganz\n   neu?\u00a0 "))

    assert found.texts == {"F1.stem": "Ganz neu?"}
    assert (found.taken[0].before, found.taken[0].place) == (F1_DE, "unit 1")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "F9.stem"}, "This questionnaire has no such text (any more)."),
        ({"id": ""}, "This questionnaire has no such text (any more)."),
        (
            {"source": "Old?"},
            "The source has changed since the file was made; translate the new one.",
        ),
        ({"target": "x" * 501}, "It has 501 characters; at most 500 fit."),
        ({"target": "{company}?"}, "It has {company}, which the source has not."),
        ({"target": "a\u2066b"}, r"It contains '\\u2066', which turns or hides text."),
        ({"target": "a\u200fb"}, r"It contains '\\u200f', which turns or hides text."),
    ],
)
def test_a_bad_unit_is_refused_with_its_reason(fields: dict[str, str], reason: str) -> None:
    found = judged(one(**fields))

    assert [line.reason for line in found.refused] == [reason]
    assert found.texts == {}


def test_one_bad_unit_does_not_hinder_the_others() -> None:
    units = (
        Unit("F1.stem", F1, "Neu?", "unit 1"),
        Unit("F1.stem", F1, "Noch neuer?", "unit 2"),
        Unit("S1.stem", "Not this", "Was?", "unit 3"),
        Unit("thanks", catalogue("en")["questionnaire"]["thanks"], " ", "unit 4"),
    )
    found = judge(DEFAULT, TranslationFile("EN", "DE", units), {})

    assert found.texts == {"F1.stem": "Neu?"}
    assert [line.name for line in found.refused] == ["F1.stem", "S1.stem"]
    assert found.n_empty == 1


@pytest.mark.parametrize(
    ("state", "n_confirmed"), [("initial", 0), ("translated", 1), ("final", 1), ("nonsense", 0)]
)
def test_a_translator_confirms_that_a_text_still_fits(state: str, n_confirmed: int) -> None:
    sources = {("F1.stem", "de", fingerprint(F1_DE)): "An older question"}
    found = judged(one(target=F1_DE, state=state), sources=sources)

    assert (len(found.confirmed), found.n_unchanged) == (n_confirmed, 1 - n_confirmed)


def test_a_unit_cut_into_segments_is_put_together() -> None:
    parts = F1.partition(", ")
    raw = one().decode()
    start, end = raw.index("<segment"), raw.index("</unit>")
    cut = (
        f"<segment state='final'><source>{parts[0]},</source><target>Eins,</target></segment>"
        "<ignorable><source> </source></ignorable>"
        f"<segment state='initial'><source>{parts[2]}</source><target>zwei?</target></segment>"
    )
    unit = xliff.read((raw[:start] + cut + raw[end:]).encode()).units[0]

    assert (unit.source, unit.text, unit.state) == (F1, "Eins, zwei?", "initial")


def test_markup_in_a_text_is_refused() -> None:
    raw = one().decode().replace("Neu?", "Ne<ph id='1'/>u?")

    assert [line.reason for line in judged(raw.encode()).refused] == [
        "It contains markup; only plain text can be taken."
    ]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "raw",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'.encode() + one(target="&l9;"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + one(),
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">' + one(),
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>' + one(),
    ],
    ids=["billion laughs", "file", "document type", "parameter entity"],
)
def test_a_file_that_declares_anything_is_refused_unread(raw: bytes) -> None:
    with pytest.raises(TranslationFileError, match="document type or entities"):
        xliff.read(raw)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not readable"),
        (b"<xliff", "not readable"),
        (b"\xff\xfe\x00", "not readable"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "not readable"),
        (b"<html/>", "no XLIFF file"),
        (b'<xliff version="1.2"/>', "another version"),
        (b'<x:xliff xmlns:x="urn:oasis:names:tc:xliff:document:1.2"/>', "another version"),
        (one(version="3.0"), "XLIFF 3.0"),
        (one(from_=""), "srcLang"),
        (one(to=""), "trgLang"),
        (one().replace(b"<unit", b"<group").replace(b"</unit", b"</group"), "no text"),
        (b" " * (MAX_FILE_BYTES + 1), "larger than 2 MiB"),
        (b"<a>" * 200_000, "not readable"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(TranslationFileError, match=words):
        xliff.read(raw)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"from_": "fr"}, "translates from “fr”"),
        ({"to": "fi"}, "no language of this questionnaire"),
        ({"to": "en"}, "the language translated from"),
    ],
)
def test_a_file_for_other_languages_is_refused(fields: dict[str, str], words: str) -> None:
    with pytest.raises(TranslationFileError, match=words):
        judged(one(**fields))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    for file in (raw, one().replace(b"Neu?", raw)):
        try:
            xliff.read(file)
        except TranslationFileError:
            continue
