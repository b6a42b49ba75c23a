"""What every number on a page means: pure data, the one source of hover texts and of
docs/metrics.md.

Public names
    DEFINITIONS: dict[str, Definition]      by key, in reading order
    SECTIONS: dict[str, tuple[Definition, ...]]      heading → its definitions
    markdown() -> str                       the part "Formulas" of docs/metrics.md

A key is a field of the reports where there is one ("top2", "dismayed", "share_satisfied") and is
never given a new meaning. `Definition.anchor` is the anchor of its paragraph in docs/metrics.md.
"""

from analytics.metrics.definitions.definition import Definition
from analytics.metrics.definitions.of_both import ASKED, BOTH
from analytics.metrics.definitions.of_causes import CAUSES, CHARTS
from analytics.metrics.definitions.of_fixes import AGENTS, FIXES

__all__ = ["DEFINITIONS", "SECTIONS", "Definition", "markdown"]

SECTIONS: dict[str, tuple[Definition, ...]] = {
    "The fix": FIXES,
    "Agents": AGENTS,
    "Causes": CAUSES,
    "Weekly charts, and what an action did": CHARTS,
    "Fix and cause together": BOTH,
    "Who was asked, and who answered": ASKED,
}
DEFINITIONS: dict[str, Definition] = {
    found.key: found for section in SECTIONS.values() for found in section
}


def markdown() -> str:
    """Each definition under its own heading, with a stable anchor before it.

    Units: GitHub-flavoured Markdown, headings from the third level on.
    """
    lines: list[str] = []
    for heading, section in SECTIONS.items():
        lines += [f"### {heading}", ""]
        for found in section:
            told = f"{found.says} Formula: {found.formula}. Source: {found.source}."
            lines += [
                f'<a id="{found.anchor}"></a>',
                "",
                f"#### {found.name}",
                "",
                f"{told} Withheld: {found.withheld}.",
                "",
            ]
    return "\n".join(lines)
