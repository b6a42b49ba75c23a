"""The table for spreadsheets: no cell runs as a formula, and nothing is lost on the way."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import catalogue
from surveys.questionnaire.translating import entries, with_texts
from surveys.questionnaire.translation_files import TranslationFileError, judge
from surveys.services.translation_csv import read, write

DEFAULT: Any = to_builtins(default_definition())
F1 = catalogue("en")["questionnaire"]["F1"]
HEADING = "id,note,source [en],translation [de],state"


def test_a_file_that_comes_back_untouched_changes_nothing() -> None:
    raw = write(DEFAULT, "de", {}).encode("utf-8-sig")
    found = judge(DEFAULT, read(raw), {})

    assert (found.taken, found.confirmed, found.refused) == ((), (), ())
    assert found.n_unchanged == len(list(entries(DEFAULT)))


_SIGNS = st.sampled_from(list("=+-@'\"',;\t ＝＋－＠"))


@given(st.text(st.characters(exclude_categories=["Cs"]) | _SIGNS, max_size=60), _SIGNS)
def test_any_text_a_draft_can_hold_survives_the_way_out_and_back(text: str, sign: str) -> None:
    document = copy.deepcopy(DEFAULT)
    document["lead_in"] = {"en": sign + text, "de": text}
    try:
        from_builtins(document, draft=True)
    except DefinitionError:
        return
    found = judge(document, read(write(document, "de", {}).encode()), {})

    assert (found.taken, [line.reason for line in found.refused]) == ((), [])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝"])
def test_no_cell_is_a_formula(sign: str) -> None:
    text = f'{sign}HYPERLINK("http://x.example")'
    document = with_texts(DEFAULT, "de", {"F1.stem": text, "F1.options.1.label": f"{sign}1"})
    table = list(csv.reader(io.StringIO(write(document, "de", {}))))

    assert [row for row in table for cell in row if cell[:1] in "=+-@＝" and cell] == []
    assert judge(document, read(write(document, "de", {}).encode()), {}).taken == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_may_separate_as_they_like(separator: str, mark: str) -> None:
    lines = [HEADING.replace(",", separator), f'F1.stem{separator}{separator}"{F1}"{separator}Neu']
    file = read((mark + "\r\n".join(lines)).encode())

    assert (file.source_language, file.language) == ("en", "de")
    assert judge(DEFAULT, file, {}).texts == {"F1.stem": "Neu"}


def test_columns_may_stand_in_any_order_and_lines_be_empty() -> None:
    raw = b"Translation [de]...,x\n"
    with pytest.raises(TranslationFileError):
        read(raw)
    raw = f'translation [de],id,extra,source [en]\nNeu,F1.stem,?,"{F1}"\n,,,\n\n'.encode()

    assert judge(DEFAULT, read(raw), {}).texts == {"F1.stem": "Neu"}


def test_an_apostrophe_that_belongs_to_the_word_stays() -> None:
    raw = f'{HEADING}\nF1.stem,,"{F1}",\'s avonds?,\n'.encode()

    assert judge(DEFAULT, read(raw), {}).texts == {"F1.stem": "'s avonds?"}


def test_a_line_far_too_long_is_refused_alone() -> None:
    long, good = f"thanks,,x,{'x' * 20_001},", f'F1.stem,,"{F1}",Neu,'
    found = judge(DEFAULT, read(f"{HEADING}\n{long}\n{good}\n".encode()), {})

    assert [(line.place, line.reason) for line in found.refused] == [
        ("line 2", "A cell of this line is far too long.")
    ]
    assert found.texts == {"F1.stem": "Neu"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "first line must be"),
        (b"id,note\n", "first line must be"),
        (b"id,source,translation\nx,y,z\n", "first line must be"),
        (b"id,id,source [en],translation [de]\n", "stands twice"),
        (HEADING.encode(), "no text"),
        (HEADING.encode() + b"\nF1.stem,,\xff,x", "not UTF-8"),
        (HEADING.encode("utf-16"), "not UTF-8"),
        (HEADING.encode() + b"\n" + b"x" * 200_000, "not readable"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MiB"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(TranslationFileError, match=words):
        read(raw)


def test_a_limit_that_an_import_raised_changes_nothing() -> None:
    before = csv.field_size_limit(10_000_000)
    try:
        with pytest.raises(TranslationFileError, match="not readable"):
            read(HEADING.encode() + b"\n" + b"x" * 200_000)
    finally:
        csv.field_size_limit(before)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    for file in (raw, HEADING.encode() + b"\n" + raw):
        try:
            read(file)
        except TranslationFileError:
            continue
