"""An uploaded picture becomes a small clean one, or is refused in words."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from surveys.services.logos import MAX_UPLOAD_BYTES, LogoError, encoded, shown_size
from tests.surveys.services.pictures import bomb, chunk, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_encoded_anew_and_small(kind: str) -> None:
    made = encoded(picture(1200, 300, kind))
    assert made.content_type in {"image/png", "image/jpeg"}
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.size == (480, 120)
    assert shown_size(made.data) == (240, 60)


def test_metadata_and_what_hangs_behind_the_picture_is_gone() -> None:
    info = PngInfo()
    info.add_text("Comment", "secret-comment")
    png = picture(pnginfo=info) + b"<script>secret-tail</script>"
    exif = Image.Exif()
    exif[0x010E] = "secret-exif"
    jpeg = picture(kind="JPEG", exif=exif, comment=b"secret-jpeg", icc_profile=b"secret-icc")
    for upload in (png, jpeg):
        assert b"secret" in upload
        assert b"secret" not in encoded(upload).data


def test_a_turned_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(encoded(picture(100, 50, "JPEG", exif=exif)).data)) as image:
        assert image.size == (50, 100)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("P", "PNG"), ("L", "PNG"), ("CMYK", "JPEG"), ("1", "PNG")]
)
def test_every_mode_is_read(mode: str, kind: str) -> None:
    assert encoded(picture(mode=mode, kind=kind)).data


def test_transparency_stays() -> None:
    with Image.open(io.BytesIO(encoded(picture(mode="RGBA")).data)) as image:
        assert image.mode == "RGBA"


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"hello",
        SVG,
        b"GIF89a" + b"\0" * 50,
        picture()[:60],
        picture(kind="JPEG")[:100],
        picture(kind="WEBP")[:40],
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13),
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 200,
        b"\xff\xd8\xff\xe0" + b"\0" * 500,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 100,
        picture(kind="GIF", mode="P"),
        picture(kind="TIFF"),
        picture(kind="BMP"),
    ],
)
def test_a_broken_or_foreign_file_is_refused_in_words(upload: bytes) -> None:
    with pytest.raises(LogoError):
        encoded(upload)


@pytest.mark.parametrize("size", [(65_000, 65_000), (4_097, 10), (4_000, 4_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    upload = bomb(*size)
    assert len(upload) < 10_000
    with pytest.raises(LogoError):
        encoded(upload)


def test_a_bomb_in_a_comment_is_refused_or_ignored() -> None:
    """A text chunk that unpacks to 200 MB never gets to do so."""
    packed = zlib.compress(b"x" * 200_000_000, 9)
    whole = picture()
    upload = whole[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]
    assert len(upload) < MAX_UPLOAD_BYTES
    with pytest.raises(LogoError):
        encoded(upload)


def test_a_large_file_is_refused() -> None:
    with pytest.raises(LogoError, match="512 KB"):
        encoded(picture() + b"\0" * MAX_UPLOAD_BYTES)
