"""Matrices as pictures: blocks with true coordinates, one colour scale, equal axes; no Qt.

Every block but the last of a side covers the same number of entries, so a pixel edge lies exactly
where its entries begin. Block means are linear: the reduced picture of a product is the product
of the reduced factors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gui.core.figure.arrays import Array, Floats, Ints
from gui.core.figure.colormaps import pixels_of
from gui.core.figure.figure import Axis, Figure, Image
from gui.core.words.i18n import tr
from gui.frozen import dataclass

Extent = tuple[float, float, float, float]
# Colour map and range of an image.
Scale = tuple[Literal["sequential", "diverging", "rgb"], tuple[float, float]]

PIXELS = 512


def extent_of(pixels: tuple[int, ...], block: tuple[int, int]) -> Extent:
    """Return the outer pixel edges of a picture, counting rows and columns from 0.

    Examples
    --------
    >>> extent_of((2, 3), (5, 1))
    (-0.5, 2.5, -0.5, 9.5)
    """
    return -0.5, pixels[1] * block[1] - 0.5, -0.5, pixels[0] * block[0] - 0.5


def block_size(length: int, pixels: int = PIXELS) -> int:
    """Return how many entries one pixel stands for along a side.

    Examples
    --------
    >>> block_size(512), block_size(513)
    (1, 2)
    """
    return max(1, math.ceil(length / pixels))


def block_means(columns: Array, block: int) -> Floats:
    """Return the means over blocks of rows: what a reduced picture sees of a factor.

    Examples
    --------
    >>> block_means(np.array([[1.0], [3.0], [5.0]]), 2).tolist()
    [[2.0], [5.0]]
    """
    values = np.asarray(columns, dtype=np.float64)
    if block == 1:
        return values
    starts = np.arange(0, values.shape[0], block)
    return np.asarray(
        np.add.reduceat(values, starts, axis=0) / block_counts(values.shape[0], block)
    )


def spread_means(values: Array, block: int, kept: Ints | None, total: int) -> Floats:
    """Return the means over blocks of ``total`` rows of which ``values`` has those ``kept``.

    A block of which no row is kept is NaN; None keeps all.

    Examples
    --------
    >>> spread_means(np.array([[2.0], [4.0], [6.0]]), 2, np.array([0, 4, 5]), 6).tolist()
    [[2.0], [nan], [5.0]]
    """
    if kept is None:
        return block_means(values, block)
    whole = np.zeros((total, values.shape[1]))
    whole[kept] = values
    return block_means(whole, block) * share_kept(block, kept, total)


def share_kept(block: int, kept: Ints, total: int) -> Floats:
    """Return what a mean over all rows of a block is multiplied by where others are 0, a column."""
    counts = block_counts(total, block, kept)
    with np.errstate(divide="ignore"):
        return np.where(counts > 0, block_counts(total, block) / counts, np.nan)


def block_counts(length: int, block: int, kept: Ints | None = None) -> Floats:
    """Return how many entries each block of a side holds, or how many of those kept, as a column.

    Examples
    --------
    >>> block_counts(5, 2).tolist(), block_counts(5, 2, np.array([0, 1, 4])).tolist()
    ([[2.0], [2.0], [1.0]], [[2.0], [0.0], [1.0]])
    """
    starts = np.arange(0, length, block)
    if kept is not None:
        counts = np.bincount(kept // block, minlength=starts.size)
    else:
        counts = np.minimum(block, length - starts)
    return counts.astype(np.float64)[:, None]


def scale_of(values: Floats) -> Scale:
    """Return the colour map and range of a picture: centred at 0 when there are both signs.

    A single outlier must not turn everything else into one colour: the range ends at three times
    the 99th percentile of the magnitudes.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "sequential", (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    cap = 3.0 * float(np.percentile(np.abs(finite), 99)) or max(abs(low), abs(high)) or 1.0
    if low < 0.0:
        top = min(max(abs(low), abs(high)), cap)
        return "diverging", (-top, top)
    high = min(high, cap) if high > 0.0 else 1.0
    return "sequential", (low, high if high > low else low + (abs(low) or 1.0))


@dataclass(frozen=True, eq=False)
class Shades:
    """Numbers with the colours they are shown in: a picture that a worker has made ready."""

    values: Floats
    scale: Scale
    pixels: NDArray[np.uint8]

    def image(self, key: str, name: str, extent: Extent, of: Image | None = None) -> Image:
        """Return the image of a figure; it shares the levels of ``of``."""
        return Image(key, name, self.values, extent, *self.scale, pixels=self.pixels, of=of)


def shade(values: Floats, scale: Scale) -> Shades:
    """Return ``values`` with their colours on ``scale``."""
    return Shades(values, scale, pixels_of(values, *scale))


def whole_ticks(last: int, first: int = 0) -> tuple[tuple[float, str], ...]:
    """Return a tick for every whole number of a short axis, where halves mean nothing.

    Examples
    --------
    >>> whole_ticks(2)
    ((0.0, '0'), (1.0, '1'), (2.0, '2'))
    """
    if last > 10:
        return ()
    return tuple((float(place), str(place)) for place in range(first, last + 1))


def picture_figure(
    key: str,
    title: str,
    image: Image,
    shape: tuple[int, int],
    note: str = "",
    link: str = "",
    meta: Mapping[str, str] = MappingProxyType({}),
    names: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Figure:
    """Return one picture of a matrix of ``shape`` with its rows and columns as axes.

    ``names`` are those of its rows and columns.
    """
    rows, columns = shape
    # A strip is stretched: at true proportions its columns could not be told apart.
    square = max(rows, columns) <= 4 * min(rows, columns)
    return Figure(
        key=key,
        title=title,
        x=Axis(
            tr("column"),
            limits=(-0.5, columns - 0.5),
            log_locked=True,
            ticks=whole_ticks(columns - 1),
        ).named(names[1]),
        y=Axis(
            tr("row"),
            limits=(-0.5, rows - 0.5),
            log_locked=True,
            inverted=True,
            ticks=whole_ticks(rows - 1),
        ).named(names[0]),
        images=(image,),
        legend=False,
        equal_aspect=square,
        link=link,
        note=note,
        meta=meta,
    )
