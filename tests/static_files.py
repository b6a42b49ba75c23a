"""Static files are looked for once.

Every `Client()` of a test has its own chain of middleware, and WhiteNoise in it looks at each file
that the applications bring: some hundred, 10 ms, several thousand times a run. None of them changes
meanwhile.
"""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


def find_once() -> None:
    """Have each WhiteNoise that is asked for the same take what the first has found."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[object, ...], dict[str, Any]] = {}

    def add_files_from_finders(self: Any) -> None:
        asked = (self.static_prefix, self.max_age, self.allow_all_origins)
        if asked not in found:
            before = dict(self.files)
            find(self)
            now = self.files.items()
            found[asked] = {url: file for url, file in now if before.get(url) is not file}
        self.files.update(found[asked])

    WhiteNoiseMiddleware.add_files_from_finders = add_files_from_finders
