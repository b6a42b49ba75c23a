"""A deliberate breakage: what it does to a user, where it is, and who must notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class LostAnchor(Exception):  # noqa: N818 -- it names what happened
    """The text that a defect replaces is not in the code exactly once; the message says which."""


@dataclass(frozen=True)
class Edit:
    """One text of one file, and what stands there once it is broken."""

    path: str
    text: str
    broken: str


@dataclass(frozen=True)
class Defect:
    """`harm` says what would go wrong for a user; `noticed_by` are the test files or folders that
    anyone who changes this code would run, never a single test made for the defect."""

    name: str
    harm: str
    edits: tuple[Edit, ...]
    noticed_by: tuple[str, ...]


def defect(name: str, harm: str, path: str, text: str, broken: str, *noticed_by: str) -> Defect:
    """A defect of one edit."""
    return Defect(name, harm, (Edit(path, text, broken),), noticed_by)


def broken_texts(one: Defect, root: Path = ROOT) -> dict[str, str]:
    """Each file that the defect touches, as it is with the defect in it.

    Raises: LostAnchor.
    """
    texts: dict[str, str] = {}
    for edit in one.edits:
        path = root / edit.path
        if not path.is_file():
            raise LostAnchor(f"{one.name}: there is no {edit.path}")
        text = texts.get(edit.path) or path.read_text(encoding="utf-8")
        n_found = text.count(edit.text)
        if n_found != 1:
            raise LostAnchor(
                f"{one.name}: {edit.path} has this text {n_found} times, not once: {edit.text!r}"
            )
        texts[edit.path] = text.replace(edit.text, edit.broken)
    return texts


def faults(defects: Iterable[Defect], root: Path = ROOT) -> list[str]:
    """What is wrong with the catalogue, in words: lost texts, selections that are not there,
    names given twice."""
    found: list[str] = []
    names: set[str] = set()
    for one in defects:
        if one.name in names:
            found.append(f"{one.name}: is there twice")
        names.add(one.name)
        try:
            texts = broken_texts(one, root)
        except LostAnchor as error:
            found.append(str(error))
            continue
        for path, text in texts.items():
            try:
                compile(text, path, "exec")
            except SyntaxError as error:
                found.append(f"{one.name}: {path} is no Python any more: {error}")
        missing = [path for path in one.noticed_by if not (root / path).exists()]
        found += [f"{one.name}: there is no {path}" for path in missing]
        if not one.noticed_by:
            found.append(f"{one.name}: names nobody who would notice")
    return found
