"""Static files under hashed names, ours compressed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Only the API's readable page loads them; compressing them costs two seconds of the first start.
LEFT_AS_THEY_ARE = ("drf_spectacular_sidecar/", "rest_framework/")


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """WhiteNoise's storage, which leaves large files of libraries uncompressed."""

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        ours = [path for path in paths if not path.startswith(LEFT_AS_THEY_ARE)]
        yield from super().compress_files(ours)
