"""The catalogue of seeded defects still fits the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.defects.catalogue import DEFECTS
from tests.defects.kinds import Defect, Edit, LostAnchor, broken_texts, defect, faults


def test_every_defect_finds_its_text_once_and_its_tests() -> None:
    assert faults(DEFECTS) == []


def test_there_are_enough_of_them() -> None:
    assert len(DEFECTS) >= 40
    assert all(one.harm.endswith(".") for one in DEFECTS)


def test_a_lost_text_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    twice = defect("twice", "It hurts.", "a.py", " = 1", " = 2", "a.py")
    gone = defect("gone", "It hurts.", "a.py", "z", "q", "b.py")
    bad = defect("bad", "It hurts.", "a.py", "x = 1", "x = (", "a.py")
    with pytest.raises(LostAnchor, match=r"twice: a\.py has this text 2 times, not once: ' = 1'"):
        broken_texts(twice, tmp_path)
    assert faults([gone, bad, bad], tmp_path) == [
        "gone: a.py has this text 0 times, not once: 'z'",
        "bad: a.py is no Python any more: '(' was never closed (a.py, line 1)",
        "bad: is there twice",
        "bad: a.py is no Python any more: '(' was never closed (a.py, line 1)",
    ]


def test_edits_of_one_file_add_up(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    one = defect("one", "It hurts.", "a.py", "x = 1", "x = 3", "a.py")
    both = Defect(one.name, one.harm, (*one.edits, Edit("a.py", "y = 2", "y = 4")), ("a.py",))
    assert broken_texts(both, tmp_path) == {"a.py": "x = 3\ny = 4\n"}
