"""Two ways to work a page: with the mouse, and with the keyboard alone."""

from __future__ import annotations

from typing import Final, Protocol

from playwright.sync_api import Locator, Page

FARTHEST: Final = 250  # presses of Tab; no page has so many stops
_HAS_FOCUS: Final = "e => e === document.activeElement"
_GROUP_HAS_FOCUS: Final = "e => document.activeElement?.name === e.name"

# The shorter way, as people go who see the page.
_WAY: Final = (
    "e => document.activeElement && document.activeElement !== document.body"
    " && e.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING"
    " ? 'Shift+Tab' : 'Tab'"
)


class Hands(Protocol):
    """Works one page."""

    def press(self, target: Locator) -> None:
        """A link, a button, the head of something that opens."""

    def pick(self, radio: Locator) -> None:
        """One of several."""

    def choose(self, select: Locator, value: str) -> None:
        """One entry of a list that folds up."""

    def write(self, field: Locator, text: str) -> None:
        """Put the text in the place of what stands there."""


class Mouse:
    """Points and clicks; only text is typed."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def pick(self, radio: Locator) -> None:
        self.page.locator("label", has=radio).click()

    def choose(self, select: Locator, value: str) -> None:
        select.select_option(value)

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)


class Keyboard:
    """Goes everywhere by Tab; whatever Tab does not reach is a failure."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def pick(self, radio: Locator) -> None:
        self._reach(radio, _GROUP_HAS_FOCUS)
        self.page.keyboard.press("Space")
        for _ in range(20):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow keys do not get to {radio}")

    def choose(self, select: Locator, value: str) -> None:
        self._reach(select)
        self.page.keyboard.press("Home")
        for _ in range(100):
            if select.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow keys do not get to {value!r}")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def _reach(self, target: Locator, there: str = _HAS_FOCUS) -> None:
        way = target.evaluate(_WAY)
        for _ in range(FARTHEST):
            if target.evaluate(there):
                return
            self.page.keyboard.press(way)
        raise AssertionError(f"{way} does not get to {target}")
