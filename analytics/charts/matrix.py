"""The fix × cause matrix as a picture.

    matrix_chart(cells, *, title, description, fix_axis, cause_axis, fix_labels, cause_labels,
                 masked_label, empty, narrow=False) -> str

cells[fix − 1][cause − 1]. The best fix stands on top, the worst dismay on the right; so the masked
customers are the four cells of the top right corner, outlined.
"""

import math
from collections.abc import Sequence

from analytics.charts.svg import (
    INK,
    MASKED,
    NARROW,
    WIDE,
    blank,
    label,
    percent,
    picture,
    tag,
    titled,
    wrap,
)

_LEVELS = 5


def matrix_chart(
    cells: Sequence[Sequence[int]],
    *,
    title: str,
    description: str,
    fix_axis: str,
    cause_axis: str,
    fix_labels: Sequence[str],
    cause_labels: Sequence[str],
    masked_label: str,
    empty: str,
    narrow: bool = False,
) -> str:
    """A 5×5 heat map with its counts, axis words and the masked corner.

    Shape: cells[fix 1–5][cause 1–5]; labels from option 1 to 5.
    Raises: ValueError unless cells are 5×5 and both axes have five labels.
    """
    if [len(row) for row in cells] != [5] * 5 or len(fix_labels) != 5 or len(cause_labels) != 5:
        raise ValueError("a matrix needs 5×5 cells and five labels for each axis")
    width = NARROW if narrow else WIDE * 0.8
    if sum(map(sum, cells)) == 0:
        return blank("matrix", empty, width)
    left, top, side = (106.0, 30.0, 46.0) if narrow else (132.0, 34.0, 54.0)
    size = 11.5 if narrow else 12.5
    step, foot = (width - left - 4) / 5, top + 5 * side
    names = fix_labels, cause_labels
    marks = []
    for fix in range(5, 0, -1):
        y = top + (5 - fix) * side
        marks += _row_label(fix_labels[fix - 1], left, y + side / 2, size)
        marks += _row(cells, fix, names, (left, y, step, side))
    marks += _column_labels(cause_labels, left, foot, step, size, stagger=narrow)
    marks.append(_axis_title(left + 2.5 * step, foot + 46, cause_axis, size + 1))
    marks.append(_axis_title(13, top + 2.5 * side, fix_axis, size + 1, turned=True))
    marks.append(_corner(left + 3 * step, top, 2 * step, 2 * side))
    marks.append(
        label(width - 4, top - 10, masked_label, css="ch-masked-label", anchor="end", size=size + 1)
    )
    return picture("matrix", width, foot + 56, title, description, *marks)


def _row(
    cells: Sequence[Sequence[int]],
    fix: int,
    names: tuple[Sequence[str], Sequence[str]],
    box: tuple[float, float, float, float],
) -> list[str]:
    """The cells of one fix rating; `box` is the first of them: x, y, width, height."""
    left, y, step, side = box
    total, most = sum(map(sum, cells)), max(map(max, cells))
    marks = []
    for cause, count in enumerate(cells[fix - 1], start=1):
        words = f"{names[0][fix - 1]} / {names[1][cause - 1]}: "
        words += f"{count:,} of {total:,} ({percent(count / total)})"
        masked = fix >= 4 and cause >= 4
        marks.append(_cell(left + (cause - 1) * step, y, step, side, count, most, masked, words))
    return marks


def _cell(
    x: float, y: float, width: float, height: float, count: int, most: int, masked: bool, words: str
) -> str:
    level = math.ceil(_LEVELS * count / most)
    box = tag(
        "rect",
        x=x + 1,
        y=y + 1,
        width=width - 2,
        height=height - 2,
        rx=3,
        fill=INK,
        # Never so dark that the count in the colour of the text could not be read on it.
        fill_opacity=0.03 + 0.09 * level,
    )
    number = label(
        x + width / 2, y + height / 2 + 5, f"{count:,}", css="ch-count", anchor="middle", size=14
    )
    return titled(words, box, number, css=f"ch-cell ch-q{level}{' ch-cell-masked' * masked}")


def _corner(x: float, y: float, width: float, height: float) -> str:
    return tag(
        "rect",
        class_="ch-masked",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=4,
        fill="none",
        stroke=MASKED,
        stroke_width=2.5,
        pointer_events="none",
    )


def _axis_title(x: float, y: float, words: str, size: float, turned: bool = False) -> str:
    return label(x, y, words, css="ch-axis-title", anchor="middle", size=size, turned=turned)


def _row_label(words: str, left: float, middle: float, size: float) -> list[str]:
    lines = wrap(words, left - 28, size)
    start = middle + size * 0.35 - (len(lines) - 1) * size * 0.6
    return [
        label(left - 6, start + place * size * 1.2, one, css="ch-axis", anchor="end", size=size)
        for place, one in enumerate(lines)
    ]


def _column_labels(
    labels: Sequence[str], left: float, foot: float, step: float, size: float, stagger: bool
) -> list[str]:
    """Under their columns; on a phone in two lines in turn, so that each has the room of two."""
    marks = []
    for column, words in enumerate(labels):
        # The last has no column beside it whose room it could take.
        at_edge = stagger and column == len(labels) - 1
        x = left + (column + (1 if at_edge else 0.5)) * step
        for place, one in enumerate(wrap(words, step * (2 if stagger else 1) + 2, size)):
            y = foot + 14 + (place + column % 2 * stagger) * size * 1.2
            anchor = "end" if at_edge else "middle"
            marks.append(label(x, y, one, css="ch-axis", anchor=anchor, size=size))
    return marks
