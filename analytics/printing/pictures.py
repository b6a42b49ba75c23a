"""Our pictures outside of a browser: coloured without the pages' style sheet, and as PNG.

typst draws them, with the fonts of its wheel alone: the same on every machine, also on one that has
no fonts at all.
"""

from __future__ import annotations

from typing import Final

#: The pages' colours in daylight (surveys/static/console/console.css), for paper and mail.
STYLE: Final = (
    "text{fill:#1b1c1f}"
    ".ch-axis,.ch-axis-title,.ch-note,.ch-reference-label,.ch-empty{fill:#65686f}"
    ".ch-grid,.ch-reference,.ch-cumulative{stroke:#65686f}"
    ".ch-bar{fill:#e8a06a}.ch-whisker{stroke:#ab4500}"
    ".ch-cumulative-dot{fill:#fff;stroke:#65686f}"
    ".ch-interval{stroke:#7fb2de;stroke-opacity:.75}"
    ".ch-dot.ch-fix{fill:#0a5ea8;stroke:#0a5ea8}.ch-dot.ch-cause{fill:#ab4500;stroke:#ab4500}"
    ".ch-dot.ch-unseparated{fill:#6d4a80;stroke:#6d4a80}"
    ".ch-dot.ch-partial{fill:#fff}.ch-dots.ch-fix{stroke:#0a5ea8}"
    ".ch-line.ch-fix{stroke:#0a5ea8}.ch-line.ch-cause{stroke:#ab4500}"
    ".ch-band.ch-fix{fill:#0a5ea8}.ch-band.ch-cause{fill:#ab4500}"
    ".ch-panel.ch-fix{fill:#0a5ea8}.ch-panel.ch-cause{fill:#ab4500}"
    ".ch-line.ch-unseparated{stroke:#6d4a80}"
    ".ch-band.ch-unseparated,.ch-panel.ch-unseparated{fill:#6d4a80}"
    ".ch-break{stroke:#4d5056}.ch-masked{stroke:#98265f}.ch-masked-label{fill:#98265f}"
    ".ch-cell rect{fill:#65686f}.ch-cell-masked rect{fill:#98265f}"
)
#: typst carries it; what it lacks comes from the system where that has it.
FONTS: Final = ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern")
_PAGE: Final = b"""#set page(width: auto, height: auto, margin: 8pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)"""


def coloured(svg: str) -> str:
    """The picture with its colours inside, for where no style sheet reaches."""
    opening, found, rest = svg.partition(">")
    return f"{opening}{found}<style>{STYLE}</style>{rest}"


def png(svg: str, *, width: float = 600, scale: float = 2) -> bytes:
    """A picture as PNG, `width` points wide and `scale` pixels to the point; on white.

    Raises: RuntimeError (typst's) for markup that is no SVG.
    """
    import typst

    made = typst.compile(
        _PAGE,
        format="png",
        ppi=72 * scale,
        sys_inputs={"svg": coloured(svg), "width": str(width)},
        ignore_system_fonts=True,
    )
    return bytes(made)
