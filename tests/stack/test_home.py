"""The directory in which everything is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.stack.home import Home


def test_home_is_prepared_by_many_at_the_same_moment(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: home.prepare(), range(800)))
    assert list(home.run.iterdir()) == []
