"""Compiles a survey page into pieces with slots, and fills them with one respondent's answers.

A slot stands wherever one respondent's page differs from another's: the ticked options, what was
typed, and the note on a tapped rating. Filling touches only the slots of what was answered, which
is several times faster than rendering the template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import get_template
from django.utils.html import escape

from surveys.questionnaire import rendering, texts
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import Answers, ShownItem
from surveys.questionnaire.schema import Definition
from surveys.respondent.furniture import frame, language_choices, page_texts
from surveys.services.first_answers import FIELD

# By the points of a scale: up to how long a word its cells hold side by side on a wide screen, few
# languages hyphenating there.
LONGEST_WORD_IN_A_ROW: Final = {5: 13, 7: 9, 11: 3}
EXAMPLE_DAY: Final = "2026-01-31"
# Marks a slot in a compiled page. No text can contain it: definitions refuse it.
_MARK: Final = "\0"
_NOTE: Final = "note"
_TYPED: Final = "typed"

# What a slot shows: the name of its field, and the option whose tick it is, or what else it holds.
Slot = tuple[str, int | str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the error summary: what is wrong with which field."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class CompiledPage:
    """A page in pieces: text, slot, text, slot … text; every slot is empty.

    ``ticks``: where an option is marked as chosen, and by which word. ``typed``: where what was
    typed stands. ``notes``: where it is said that a rating was tapped in the mail.
    """

    pieces: tuple[str, ...]
    ticks: Mapping[tuple[str, int | str], tuple[int, str]]
    typed: Mapping[str, int]
    notes: Mapping[str, int]


def fill(
    compiled: CompiledPage, answers: Answers, preselect: Answers, note: str, first: str = ""
) -> str:
    """The page of one respondent. ``preselect`` wins over an answer, and a note says so. ``first``
    is what it says of a survey that nobody answered yet (`first_answers`)."""
    pieces = list(compiled.pieces)
    pieces[compiled.typed[FIELD]] = first
    for name, answer in ({**answers, **preselect} if preselect else answers).items():
        if name in compiled.typed:
            pieces[compiled.typed[name]] = escape(answer) if answer != () else ""
            continue
        for value in answer if isinstance(answer, tuple) else (answer,):
            found = compiled.ticks.get((name, value))
            if found is not None:
                pieces[found[0]] = found[1]
    for name in preselect:
        if name in compiled.notes:
            pieces[compiled.notes[name]] = f'<p class="note">{escape(note)}</p>'
    return "".join(pieces)


def compile_page(
    definition: Definition,
    page: rendering.Page,
    language: str,
    errors: Mapping[str, str],
    action: str,
    *,
    look: Look | None = None,
    product: str = "",
) -> CompiledPage:
    """One page in one language; ``errors`` maps fields to keys of the locale group ``error``.
    The form posts to ``action``; a brand's small print may name the ``product``."""
    t = page_texts(language, look)
    slots: list[Slot] = []
    messages = _messages(page, language, errors)
    comment = page.comment
    context = frame(language, look, product) | {
        "page": page,
        "heading": t["page"][f"{page.block}_title"],
        "progress": texts.fill(t["page"]["page_of"], {"n": page.number, "total": page.total}),
        "questions": [
            _question(item, messages.get(item.id), t["page"], page.n_questions, slots)
            for item in page.items
        ],
        "steps": [number <= page.number for number in range(1, page.total + 1)],
        "comment_slot": _slot(slots, comment.id, _TYPED) if comment else "",
        "comment_error": messages.get(comment.id) if comment else None,
        "faults": _faults(page, messages),
        "languages": language_choices(definition, language),
        "action": action,
        "first_slot": _slot(slots, FIELD, _TYPED),
    }
    html = get_template("respondent/survey.html").render(context)
    return _in_pieces(html, slots)


def _slot(slots: list[Slot], name: str, value: int | str, word: str = "") -> str:
    """The mark of a new slot, to stand in the template."""
    slots.append((name, value, word))
    return f"{_MARK}{len(slots) - 1}{_MARK}"


def _in_pieces(html: str, slots: list[Slot]) -> CompiledPage:
    pieces = html.split(_MARK)
    ticks: dict[tuple[str, int | str], tuple[int, str]] = {}
    typed: dict[str, int] = {}
    notes: dict[str, int] = {}
    for position in range(1, len(pieces), 2):
        name, value, word = slots[int(pieces[position])]
        pieces[position] = ""
        if word:
            ticks[name, value] = (position, word)
        else:
            (typed if value == _TYPED else notes)[name] = position
    return CompiledPage(tuple(pieces), ticks, typed, notes)


def _question(
    item: ShownItem,
    error: str | None,
    words: Mapping[str, str],
    total: int,
    slots: list[Slot],
) -> dict[str, Any]:
    """What the template shows of a question."""
    word = " selected" if item.control == "select" else " checked"
    ends = _ends(item)
    options = [
        {
            "id": _control_id(item, position),
            "value": option.value,
            "label": option.label,
            "end": dict(ends).get(option.value, ""),
            "slot": _slot(slots, item.id, option.value, word),
        }
        for position, option in enumerate(item.options)
    ]
    described = [f"{item.id}-hint"] if item.hint and not item.is_choice else []
    described += [f"{item.id}-wrong"] if error else []
    return {
        "item": item,
        "count": texts.fill(words["question_of"], {"n": item.number, "total": total}),
        "error": error,
        "layout": _layout(item),
        "options": options,
        "ends": ends,
        "described": " ".join(described),
        "note": _slot(slots, item.id, _NOTE) if item.headline else "",
        "typed": "" if item.options else _slot(slots, item.id, _TYPED),
        "example": EXAMPLE_DAY,
    }


def _control_id(item: ShownItem, position: int) -> str:
    """The id of a question's control at a position: a cause's code is not fit to be one."""
    if not (item.is_choice and item.options):
        return item.id
    value = item.options[position].value
    return f"{item.id}-{value if isinstance(value, int) else position + 1}"


def _layout(item: ShownItem) -> str:
    """The class that lays the options out; empty for one below the other."""
    if item.type == "nps":
        return "points"
    labels = [option.label for option in item.options]
    longest = max((len(word) for label in labels for word in label.split()), default=0)
    if item.type == "yes_no":
        return "pair" if longest <= LONGEST_WORD_IN_A_ROW[5] else ""
    # An answer outside the scale stands in a row of its own below.
    points = len(labels) - (len(labels) - 1 in LONGEST_WORD_IN_A_ROW)
    if item.type != "rating" or longest > LONGEST_WORD_IN_A_ROW.get(points, 0):
        return ""
    return "scale" if points == 5 else f"scale of{points}"


def _ends(item: ShownItem) -> list[tuple[int | str, str]]:
    """What the ends of an NPS mean, each with its point."""
    if not any(item.ends):
        return []
    return [(item.options[0].value, item.ends[0]), (item.options[-1].value, item.ends[1])]


def _messages(page: rendering.Page, language: str, errors: Mapping[str, str]) -> dict[str, str]:
    """What the errors of a page's fields say."""
    group = page_texts(language)["error"]
    found: dict[str, str] = {}
    for item in page.items:
        if item.id in errors:
            exclusive = next((o.label for o in item.options if o.exclusive), "")
            values: dict[str, str | int] = {
                "n": item.low,
                "total": item.high if item.type == "number" else item.max_length,
                "label": exclusive,
                "date": EXAMPLE_DAY,
            }
            found[item.id] = texts.fill(group[errors[item.id]], values)
    comment = page.comment
    if comment is not None and comment.id in errors:
        limit = comment.max_length
        wording = texts.for_count(language, group, errors[comment.id], limit)
        found[comment.id] = texts.fill(wording, {"total": limit})
    return found


def _faults(page: rendering.Page, messages: Mapping[str, str]) -> list[Fault]:
    """The page's faults in reading order, each leading to its first control."""
    faults = [Fault(_control_id(i, 0), messages[i.id]) for i in page.items if i.id in messages]
    if page.comment and page.comment.id in messages:
        faults.append(Fault(page.comment.id, messages[page.comment.id]))
    return faults
