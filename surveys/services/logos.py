"""Makes an uploaded picture into a logo that can be served to anyone.

What is stored is never what was uploaded: the picture is decoded within bounds and encoded anew,
so that neither metadata nor anything hidden in the file gets further. No SVG: it is a document
that can carry scripts.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

MAX_UPLOAD_BYTES: Final = 512 * 1024
MAX_SIDE: Final = 4096
MAX_PIXELS: Final = 4_000_000
FORMATS: Final = ("PNG", "JPEG", "WEBP")

# Twice of what pages and mails show, for screens with fine pixels.
_LARGEST: Final = (480, 128)
_SHOWN: Final = (240, 64)
_PNG_BYTES: Final = 40 * 1024
_JPEG_QUALITY: Final = 88
_MODES_WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


class LogoError(ValueError):
    """A file that cannot become a logo, in words."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A logo as it is stored and served."""

    data: bytes
    content_type: str


def encoded(upload: bytes) -> Encoded:
    """The picture, decoded and encoded anew: upright, without metadata, at most 480 by 128 pixels.

    Raises: LogoError.
    """
    if len(upload) > MAX_UPLOAD_BYTES:
        raise LogoError(f"is larger than {MAX_UPLOAD_BYTES // 1024} KB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
                _check_size(picture.size)  # known from the header, before anything is unpacked
                return _encoded(_upright(picture))
    except LogoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise LogoError("unpacks to far more than a logo can need") from error
    # Pillow's decoders tell a broken file in each of these ways.
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError) as error:
        raise LogoError("cannot be read; a PNG, JPEG or WebP picture is needed") from error


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise LogoError("has no picture in it")
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise LogoError(
            f"has {width} × {height} pixels; at most {MAX_SIDE} a side and "
            f"{MAX_PIXELS // 1_000_000} million in all are possible"
        )


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    has_alpha = turned.mode in _MODES_WITH_ALPHA or "transparency" in turned.info
    plain = turned.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail(_LARGEST, Image.Resampling.LANCZOS)
    # Pixels alone: whatever else the file said stays behind.
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    return fresh


def _encoded(picture: Image.Image) -> Encoded:
    """A PNG, which every mail program shows; a photograph as JPEG, which is then far smaller."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    if picture.mode == "RGBA" or out.tell() <= _PNG_BYTES:
        return Encoded(out.getvalue(), "image/png")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return Encoded(out.getvalue(), "image/jpeg")


def shown_size(data: bytes) -> tuple[int, int]:
    """Width and height of a stored logo in CSS pixels, at most 240 by 64."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
    scale = min(0.5, _SHOWN[0] / width, _SHOWN[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
