"""A picture by itself, without axes: every entry a pixel (PNG, TIFF), or the numbers (.npy)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gui import __version__
from gui.core.export.files import ExportError
from gui.core.export.metadata import KEY, payload_text
from gui.core.export.paper import LARGEST_AREA
from gui.core.figure.colormaps import to_rgb
from gui.core.figure.figure import Figure, Image
from gui.core.figure.levels import levels_in_force
from gui.core.figure.panels import Shown
from gui.core.words.i18n import tr

_STRIP = 1 << 20  # entries at a time


def has_picture(shown: Shown) -> bool:
    """Return whether there is one picture that could be saved by itself."""
    return isinstance(shown, Figure) and len(shown.images) == 1


def no_picture(title: str) -> str:
    """Return why it cannot."""
    return tr("“{title}” is no single picture: it has no pixels of its own to write.", title=title)


def write_pixels(figure: Figure, path: Path, kind: str) -> None:
    """Write the picture of ``figure`` as "png" or "tiff", a pixel for every entry, as coloured.

    Raises
    ------
    ExportError
        When there is none, or it has too many pixels.
    """
    from PIL import Image as Pillow
    from PIL.PngImagePlugin import PngInfo

    image = _picture_of(figure)
    rows, columns = size_of(image)
    if rows * columns > LARGEST_AREA:
        words = tr(
            "“{title}” has {columns} × {rows} entries: as pixels at most {area} million can be "
            "written. Save its numbers (.npy), or a drawing of it."
        )
        area = LARGEST_AREA // 1_000_000
        raise ExportError(words.format(title=figure.title, columns=columns, rows=rows, area=area))
    pixels = np.empty((rows, columns, 3), np.uint8)
    levels = levels_in_force(image)
    for first, values in _strips(image):
        pixels[first : first + len(values)] = to_rgb(values, image.map, levels, image.log)
    # Into memory: where the disk is full, the library for TIFF does not say so.
    picture, stream = Pillow.fromarray(pixels), io.BytesIO()
    if kind == "png":
        said = PngInfo()
        said.add_text("Title", figure.title or figure.key)
        said.add_text("Software", f"Rankscope {__version__}")
        said.add_text(KEY, payload_text(figure))
        picture.save(stream, "PNG", pnginfo=said)
    else:
        picture.save(stream, "TIFF", compression="tiff_deflate", description=payload_text(figure))
    path.write_bytes(stream.getvalue())


def seen_pixels(figure: Figure) -> bytes:
    """Return a PNG of the picture as it is seen, reduced where it is large: a preview."""
    from PIL import Image as Pillow

    image, stream = _picture_of(figure), io.BytesIO()
    pixels = to_rgb(image.values, image.map, levels_in_force(image), image.log)
    Pillow.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def write_entries(figure: Figure, path: Path) -> None:
    """Write every entry of the picture of ``figure`` as a NumPy array, a strip at a time."""
    image = _picture_of(figure)
    shape = (*size_of(image), *image.values.shape[2:])
    head = {"descr": "<f8", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        for _, values in _strips(image):
            file.write(np.ascontiguousarray(values, "<f8").data)


def size_of(image: Image) -> tuple[int, int]:
    """Return (rows, columns) of a picture by itself."""
    if image.whole is not None:
        return image.whole.shape
    return image.values.shape[0], image.values.shape[1]


def _picture_of(figure: Figure) -> Image:
    if not has_picture(figure):
        raise ExportError(no_picture(figure.title))
    return figure.images[0]


def _strips(image: Image) -> Iterator[tuple[int, NDArray[np.float64]]]:
    rows, columns = size_of(image)
    step = max(1, _STRIP // max(columns, 1))
    for first in range(0, rows, step):
        last = min(first + step, rows)
        if image.whole is None:
            values = image.values[first:last]
        else:
            values = image.whole.read(first, last)
        yield first, np.asarray(values, np.float64)
