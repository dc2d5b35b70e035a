"""Pictures (.png .jpg .bmp .tif .webp) by Pillow: the header at once, the pixels on request.

A colour picture of h x w pixels is the matrix [R | G | B] of h x 3w: the mode-1 unfolding of the
h x w x 3 array. It has one spectrum, and folding its best approximation of rank r back gives a
colour picture. Beside it stand its luminance and every channel as matrices of their own.

References
----------
Kolda & Bader, "Tensor Decompositions and Applications", SIAM Review 51 (2009), section 2.4:
unfolding. Recommendation ITU-R BT.601, section 2.5.1: luminance 0.299 R + 0.587 G + 0.114 B.
"""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts.tiff_pages import is_tiff, open_tiff
from engine.files.reading.access import (
    DEFLATE_RATIO,
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.files.reading.watched import WatchedFile
from engine.jobs import Cancelled, Progress, checkpoint
from engine.room import require_room
from engine.sentences import joined, say

if TYPE_CHECKING:
    from PIL.Image import Image

COLOUR, GREY, ALPHA = "colour", "grey", "alpha"
CHANNELS = ("red", "green", "blue")

# Only these decoders are tried: others of Pillow's start programs (Ghostscript) on what they get.
_DECODERS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
_EXIF_ORIENTATION = 0x0112
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Bytes that one byte of the file can stand for at most: deflate (zlib technical notes), the longest
# string of a 12-bit LZW code, runs of PackBits and BMP, a JPEG of one bit a block. Others have no
# bound: a blank WebP or fax page of any size is a few bytes.
_DENSEST = {
    "BMP": 128,
    "PNG": DEFLATE_RATIO,
    "JPEG": 1024,
    "MPO": 1024,
    "raw": 1,
    "packbits": 64,
    "tiff_lzw": 2560,
    "tiff_deflate": DEFLATE_RATIO,
    "tiff_adobe_deflate": DEFLATE_RATIO,
    "jpeg": 1024,
}
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 10_000  # of a PNG beside its pixels
# Weights of red, green and blue, in units of 2**-16.
_LUMINANCE = (19595, 38470, 7471)


@dataclass(frozen=True)
class Layout:
    """How the pixels of a picture become numbers.

    Attributes
    ----------
    height, width : int
        In pixels, after turning.
    mode : str
        Pillow's name of the pixel type that is read ("L", "RGBA", "I;16").
    turn : int
        EXIF orientation, 1 to 8; 1 leaves the picture as it is.
    """

    height: int
    width: int
    mode: str
    turn: int

    @property
    def bands(self) -> int:
        """Numbers a pixel consists of, the alpha channel included."""
        return len(self.mode) if self.mode in ("LA", "RGB", "RGBA") else 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Element type of the matrices."""
        return np.dtype({"1": "?", "I": "i4", "F": "f4", "I;16": "u2"}.get(self.mode, "u1"))


class ImageSource(MatrixSource):
    """One picture; its pixels are decoded when first read, and kept."""

    def __init__(
        self, path: str, known: Fingerprint, entries: tuple[Entry, ...], layout: Layout
    ) -> None:
        super().__init__(path, FORMAT, entries, known)
        self._layout = layout

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        layout = self._layout
        pixels = self._kept.get("", lambda: _decode(self.path, layout, progress), progress)
        width, last = layout.width, pixels.shape[1]
        if entry.name == COLOUR:
            return pixels[:, : 3 * width][selection]
        if entry.name == ALPHA:
            return pixels[:, last - width :][selection]
        if entry.name in CHANNELS:
            start = CHANNELS.index(entry.name) * width
            return pixels[:, start : start + width][selection]
        if layout.bands < 3:
            return pixels[:, :width][selection]
        return _luminance([pixels[:, i * width : (i + 1) * width][selection] for i in range(3)])


def open_image(path: str, progress: Progress | None = None) -> MatrixSource:
    """Open a picture; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or has pixels that are no numbers here.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    with file_errors(path), open(path, "rb") as stream:
        head = stream.read(8)
    if head == _PNG:
        _require_few_chunks(path, progress)
    pages = open_tiff(path, FORMAT, progress) if is_tiff(head) else None
    if pages is not None:
        return pages
    with _opened(path, progress) as image:
        layout = _layout(path, image)
        _require_possible_size(path, image, layout, known.size)
        remarks = _remarks(image, layout)
    require_unchanged(path, known)
    return ImageSource(path, known, _entries(Path(path).stem, layout, remarks), layout)


def is_image(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a picture.

    Examples
    --------
    >>> is_image(b"BMI,age"), is_image(b"II*" + bytes(5))
    (False, True)
    """
    if head.startswith(b"BM"):
        # Two letters begin many a text; the four zeros behind the file size do not follow there.
        return head[6:10] == bytes(4)
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


FORMAT = Format(
    key="image",
    title="Picture",
    suffixes=(".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"),
    open=open_image,
    matches=is_image,
    foreign=True,
)


def _layout(path: str, image: Image) -> Layout:
    mode = _mode(image)
    if not mode:
        raise FileError(
            path,
            say("its pixels are of a kind that is not read here ({mode})", mode=image.mode),
            "Save it as an RGB or grey picture.",
        )
    width, height = image.size
    if not width or not height:
        raise FileError(
            path,
            say("it has no pixels ({width} x {height})", width=width, height=height),
            "Save it again.",
        )
    turn = _turn(image)
    if turn > 4:
        width, height = height, width
    return Layout(height, width, mode, turn)


def _require_possible_size(path: str, image: Image, layout: Layout, size: int) -> None:
    packing = image.info.get("compression", "raw") if image.format == "TIFF" else image.format
    pixels = layout.height * layout.width
    # A pixel takes a bit or more before packing.
    if packing in _DENSEST and pixels > 8 * _DENSEST[packing] * size:
        raise FileError(
            path,
            say(
                "its header announces {pixels:,} pixels, more than {size:,} bytes can hold",
                pixels=pixels,
                size=size,
            ),
            "The file is damaged or made to mislead: save or copy it again.",
        )


def _require_few_chunks(path: str, progress: Progress | None) -> None:
    """Refuse a PNG with a crowd of parts that are no pixels: each costs a library its time."""
    count = 0
    with file_errors(path), open(path, "rb") as stream:
        stream.seek(len(_PNG))
        while len(head := stream.read(8)) == 8:
            size, kind = struct.unpack(">I4s", head)
            if kind == b"IEND":
                return
            count += kind != b"IDAT"
            if count > _MOST_CHUNKS:
                raise FileError(
                    path,
                    say("it has more than {count:,} parts beside the picture", count=_MOST_CHUNKS),
                    "Such files are mostly made to take time: save it again as a picture alone.",
                )
            stream.seek(size + 4, os.SEEK_CUR)
            checkpoint(progress)


def _mode(image: Image) -> str:
    """Return the pixel type to read; "" where there is none."""
    mode = image.mode
    if mode.startswith("I;16"):
        return "I;16"
    if mode in ("P", "PA"):
        if mode == "PA" or "transparency" in image.info:
            return "RGBA"
        colours = np.array(image.getpalette(), dtype=np.uint8).reshape(-1, 3)
        return "L" if np.ptp(colours, axis=1).max(initial=0) == 0 else "RGB"
    also = {"RGBX": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "RGBa": "RGBA", "La": "LA"}
    return mode if mode in ("1", "L", "LA", "I", "F", "RGB", "RGBA") else also.get(mode, "")


def _turn(image: Image) -> int:
    # Pillow turns TIFF pictures itself. In PNG files EXIF data behind the pixels are left alone:
    # finding them would mean decoding the picture now.
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return 1
    try:
        turn = image.getexif().get(_EXIF_ORIENTATION, 1)
    # Damaged EXIF data, which break off in many ways, do not make the picture unreadable.
    except Exception:
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def _remarks(image: Image, layout: Layout) -> list[str]:
    """Return what is not as in the file, in sentences."""
    remarks = []
    if image.mode in ("P", "PA"):
        remarks.append("The colours of its palette are read.")
    elif image.mode in ("CMYK", "YCbCr"):
        remarks.append(
            say("{mode} is converted to RGB, without a colour profile.", mode=image.mode)
        )
    elif layout.bands >= 3 and _has_sixteen_bits(image):
        remarks.append("Of its 16 bits a channel the upper 8 are read.")
    if layout.turn != 1:
        remarks.append("It is turned as its EXIF orientation says.")
    if getattr(image, "is_animated", False):
        remarks.append("It has several frames; the first is read.")
    return remarks


def _has_sixteen_bits(image: Image) -> bool:
    depths = getattr(image, "tag_v2", {}).get(258, ())
    # A tile names the raw type its decoder unpacks: "RGB;16B" for a PNG of 16 bits.
    return 16 in depths or any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _entries(stem: str, layout: Layout, remarks: list[str]) -> tuple[Entry, ...]:
    def entry(name: str, note: str, width: int = 1) -> Entry:
        shape = (layout.height, width * layout.width)
        note = joined(note, *remarks)
        size = shape[0] * shape[1] * layout.dtype.itemsize
        return Entry(name, shape, layout.dtype, size, note, channels=width)

    if layout.bands == 1:
        return (entry(stem, "Black and white: 0 and 1." if layout.mode == "1" else ""),)
    alpha = [entry(ALPHA, "Opacity, which the other matrices leave out.")]
    if layout.bands == 2:
        return (entry(GREY, ""), *alpha)
    return (
        entry(COLOUR, "Red, green and blue side by side, one matrix.", 3),
        entry(GREY, "Luminance, 0.299 R + 0.587 G + 0.114 B."),
        *(entry(name, "") for name in CHANNELS),
        *(alpha if layout.bands == 4 else ()),
    )


def _decode(path: str, layout: Layout, progress: Progress | None) -> Array:
    """Return all pixels as one matrix, the channels side by side."""
    count = layout.height * layout.width
    # Pillow's own copy takes up to 4 bytes a pixel, turning and converting it as much again.
    require_room(path, count * (8 + 2 * layout.bands * layout.dtype.itemsize), "the picture")
    with _opened(path, progress) as image:
        image.load()
        checkpoint(progress)
        turned = _turned(image, layout.turn)
        converted = turned if turned.mode.startswith("I;16") else turned.convert(layout.mode)
        pixels = np.asarray(converted).reshape(converted.height, converted.width, -1)
    checkpoint(progress)
    if pixels.shape != (layout.height, layout.width, layout.bands):
        raise _damaged(path, say("its parts disagree about its size"))
    matrix = np.ascontiguousarray(pixels.transpose(0, 2, 1), dtype=layout.dtype)
    return matrix.reshape(layout.height, layout.bands * layout.width)


def _turned(image: Image, turn: int) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[turn]) if turn in turns else image


def _luminance(channels: list[Array]) -> Array:
    total = np.full(channels[0].shape, 1 << 15, dtype=np.uint32)
    for weight, channel in zip(_LUMINANCE, channels, strict=True):
        total += np.uint32(weight) * channel.astype(np.uint32)
    return (total >> 16).astype(np.uint8)


@contextmanager
def _opened(path: str, progress: Progress | None) -> Iterator[Image]:
    """Open with Pillow; whatever a decoder raises in here becomes a `FileError`."""
    from PIL import Image, UnidentifiedImageError

    with file_errors(path), warnings.catch_warnings():
        # Oddities in the metadata; and a size between the two limits, which is only large.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with (
                WatchedFile(path, progress, "Reading the picture") as stream,
                Image.open(stream, formats=_DECODERS) as image,
            ):
                yield image
        except (FileError, Cancelled, MemoryError):
            raise
        except UnidentifiedImageError as error:
            raise _damaged(path, say("its header makes no sense")) from error
        except Image.DecompressionBombError as error:
            limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
            raise FileError(
                path,
                say("its header announces more than {limit:,} pixels", limit=limit),
                "Such files are mostly made to exhaust the memory. Scale it down if it is real.",
            ) from error
        # Damaged pictures fail in as many ways as there are decoders.
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _damaged(path, str(error).rstrip(".") or type(error).__name__) from error


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("the picture is damaged ({reason})", reason=reason),
        "It may have been cut short: save or copy it again.",
    )
