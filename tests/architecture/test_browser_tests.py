"""No browser test reads a page, or what it stored, right after a press: a press does not wait for
what it leads to, and a machine a little slower than ours reads what was there before."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

BROWSER: Final = Path(settings.BASE_DIR) / "tests" / "browser"
#: What sets something going: methods, of Playwright's or of hands, and functions that call them.
PRESSES: Final = {
    ".click", ".dblclick", ".press", ".press_sequentially", ".type", ".fill", ".check", ".uncheck",
    ".select_option", ".set_input_files", ".drag_to", ".up", ".pick", ".choose", ".write",
    "tap", "pick",
}  # fmt: skip
#: What waits until the page is as it has to be, or for a time in which nothing may happen.
WAITS: Final = ("expect", ".expect_", ".wait_for")
#: Ours that press and wait.
WAITING: Final = {"press", "enter", "go", "tab", "open_row", "write", "saved", "write_missing"}
#: What leaves the page, and so breaks off what a press has begun.
LEAVES: Final = {".goto", ".reload", ".go_back"}
#: What is read as it is now.
READS: Final = {
    ".count", ".all", ".all_inner_texts", ".all_text_contents", ".bounding_box", ".content",
    ".evaluate", ".get_attribute", ".inner_html", ".inner_text", ".input_value", ".is_checked",
    ".is_disabled", ".is_enabled", ".is_hidden", ".is_visible", ".text_content", ".objects",
    ".refresh_from_db", "axe_faults", "faults_of", "faults_everywhere",
}  # fmt: skip


def parts(statement: ast.stmt) -> tuple[list[ast.AST], list[list[ast.stmt]]]:
    """What a statement itself calls, and the blocks in it."""
    head: list[ast.AST] = []
    blocks: list[list[ast.stmt]] = []
    for _, value in ast.iter_fields(statement):
        inner = value if isinstance(value, list) else [value]
        if inner and isinstance(inner[0], ast.stmt):
            blocks.append(inner)
        else:
            head += [one for one in inner if isinstance(one, ast.AST)]
    return head, blocks


def names(nodes: Sequence[ast.AST]) -> set[str]:
    """What is called or looked up: `.method` or `function`."""
    found = set()
    for node in [one for top in nodes for one in ast.walk(top)]:
        if isinstance(node, ast.Attribute):
            found.add(f".{node.attr}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
    return found


def look(statements: list[ast.stmt], pressed: bool, hasty: set[int]) -> bool:
    """Collect the lines that read without having waited; `pressed`: something is going on. Returns
    whether it is at the end."""
    for statement in statements:
        head, blocks = parts(statement)
        called = names(head)
        waits = any(name.startswith(WAITS) for name in called) or bool(called & WAITING)
        reads = isinstance(statement, ast.Assert) or bool(called & READS)
        if pressed and not waits and (reads or called & LEAVES):
            hasty.add(statement.lineno)
        pressed = not waits and not called & LEAVES and (pressed or bool(called & PRESSES))
        ends = [look(block, pressed, hasty) for block in blocks]
        if blocks and not waits:
            pressed = any(ends) or (pressed and isinstance(statement, ast.If))
    return pressed


def faults(source: str) -> list[int]:
    hasty: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            look(node.body, False, hasty)
    return sorted(hasty)


def test_browser_tests_wait_after_a_press() -> None:
    found = {
        path.name: lines
        for path in sorted(BROWSER.glob("*.py"))
        # What a key does within the page is done when it is up; hands go on until it is.
        if path.name != "hands.py" and (lines := faults(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("lines", "hasty"),
    [
        (["a.click()", "assert b.count() == 1"], [3]),
        (["a.press('Enter')", "page.goto('/')"], [3]),
        (["for one in two:", "    one.fill('x')", "text = page.inner_text()"], [4]),
        (["a.click()", "if b.is_visible():", "    return"], [3]),
        (["tap(page, {})", "assert stored() == {}"], [3]),
        (["a.click()", "expect(b).to_have_count(1)", "assert stored() == {}"], []),
        (["with page.expect_navigation():", "    a.click()", "assert stored() == {}"], []),
        (["a.click()", "page.wait_for_url('**/done/')", "assert stored() == {}"], []),
        (["press(a)", "assert stored() == {}"], []),
        (["page.goto('/')", "assert a.count() == 1"], []),
        (["a.click()", "for b in c:", "    expect(b).to_be_hidden()", "assert d == 1"], []),
        (["a.click()", "if b:", "    expect(b).to_be_hidden()", "assert d == 1"], [5]),
    ],
)
def test_rule_knows_what_waits(lines: list[str], hasty: list[int]) -> None:
    source = "\n    ".join(["def test() -> None:", *lines])
    assert faults(source) == hasty
