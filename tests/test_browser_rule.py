"""A browser test without a browser is skipped where that is allowed, and fails where it is not."""

from __future__ import annotations

from typing import Any

import pytest

import conftest


class Marked:
    """As much of a test item as the rule looks at."""

    def get_closest_marker(self, name: str) -> object | None:
        return object() if name == "browser" else None


MARKED: Any = Marked()


def test_browser_test_is_skipped_where_no_browser_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "find_chromium", lambda: None)
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium was found"):
        conftest.pytest_runtest_setup(MARKED)


def test_browser_test_fails_where_a_browser_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "find_chromium", lambda: None)
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="no Chromium was found"):
        conftest.pytest_runtest_setup(MARKED)


def test_browser_test_runs_where_a_browser_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "find_chromium", lambda: "/usr/bin/chromium")
    conftest.pytest_runtest_setup(MARKED)
