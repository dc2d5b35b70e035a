"""A matrix of any size reduced for display, read once by blocks of rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Array, Floats
from gui.core.figure.pictures import (
    PIXELS,
    Extent,
    Scale,
    Shades,
    block_counts,
    block_means,
    block_size,
    extent_of,
    scale_of,
    shade,
    share_kept,
)
from gui.core.state.document import Rows
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.spectrum.compute.matrix import Load, Loaded

if TYPE_CHECKING:
    from engine.jobs import Progress


_CHUNK_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class Picture:
    """A matrix reduced for display.

    ``mean`` and ``extreme`` (the entry of largest magnitude of each block, with its sign) have at
    most ``PIXELS`` rows and columns; blocks with a NaN or an infinity are NaN. ``block`` is how
    many rows and columns one pixel stands for; complex entries are shown by their magnitude.
    A colour picture, the matrix [R | G | B], has 3 ``channels``: each is reduced by itself, so that
    ``fold`` can put them on top of each other. ``means`` and ``extremes`` are the two as they are
    seen. Of a sparse matrix ``stored`` is how many entries are; the others are 0 in every mean.
    ``places`` say which rows and columns of the file the matrix has: what is left out of it is NaN
    in the picture, where every row stands at its number.
    """

    shape: tuple[int, int]
    dtype: str
    block: tuple[int, int]
    mean: Floats
    extreme: Floats
    smallest: float
    largest: float
    channels: int = 1
    places: tuple[Rows | None, Rows | None] = (None, None)
    stored: int = 0
    means: Shades = field(init=False)
    extremes: Shades = field(init=False)

    def __post_init__(self) -> None:
        # Percentiles and colours of a quarter of a million entries: the worker's to find.
        for name, values in (("means", self.mean), ("extremes", self.extreme)):
            scale: Scale = ("rgb", (0.0, 255.0)) if self.channels == 3 else scale_of(values)
            object.__setattr__(self, name, self.shade(values, scale))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of what is seen: a channel is not wider than the colour picture."""
        rows, columns = (
            n if places is None else places.total
            for n, places in zip(self.shape, self.places, strict=True)
        )
        return rows, columns // self.channels

    @property
    def extent(self) -> Extent:
        """(left, right, top, bottom) of the pixel edges; entry (i, j) lies at x = j, y = i."""
        rows, columns = self.mean.shape
        return extent_of((rows, columns // self.channels), self.block)

    def fold(self, values: Floats) -> Floats:
        """Return values of the shape of ``mean`` as what is seen: (rows, columns, 3) in colour."""
        if self.channels == 1:
            return values
        return values.reshape(len(values), self.channels, -1).swapaxes(1, 2)

    def shade(self, values: Floats, scale: Scale) -> Shades:
        """Return values of the shape of ``mean`` with the colours they are seen in."""
        return shade(self.fold(values), scale)

    def signed(self, reach: float) -> Scale:
        """Return the scale of values of both signs: diverging, in colour around mid-grey."""
        return ("rgb" if self.channels == 3 else "diverging"), (-reach, reach)


class DrawMatrix(Step, key="picture", title="Drawing the matrix", keep=4):
    """Reduce the matrix for display."""

    loaded: Loaded = answer_of(Load)

    def run(self, progress: Progress | None = None) -> Picture:
        """Return the picture; blocks with a NaN or an infinity stay empty."""
        data = self.loaded.data
        if self.loaded.form == "sparse":
            return reduce_stored(self.loaded.array, progress, down=data.places[0])
        channels, places = data.ref.channels, data.places
        return reduce_matrix(self.loaded.array, progress, channels=channels, places=places)


def channel_means(columns: Array, block: int, channels: int) -> Floats:
    """Return `block_means` of each of ``channels`` equal parts, one below the other.

    Examples
    --------
    >>> channel_means(np.arange(6.0)[:, None], 2, 2).tolist()
    [[0.5], [2.0], [3.5], [5.0]]
    """
    return np.concatenate([block_means(part, block) for part in np.split(columns, channels)])


def reduce_matrix(
    a: Array,
    progress: Progress | None = None,
    pixels: int = PIXELS,
    channels: int = 1,
    places: tuple[Rows | None, Rows | None] = (None, None),
) -> Picture:
    """Return the picture of ``a`` (m, n), read once by blocks of rows.

    Parameters
    ----------
    a : ndarray of shape (m, n)
        Numbers; a memory map is never loaded whole.
    pixels : int
        Largest number of rows and of columns of the picture.
    channels : int
        How many equal parts of the columns are pictures of their own.
    places : pair of Rows or None
        Which rows and columns of the file ``a`` has.
    """
    shape, (down, across) = a.shape, places
    if across is not None:  # a vector: a single row, of any length
        a = across.spread(a.T).T
    rows, columns = (a.shape[0] if down is None else down.total), a.shape[1]
    width = columns // channels
    block = block_size(rows, pixels), block_size(width, pixels)
    strips = [
        _join([_reduce_strip(part, block) for part in np.split(strip, channels, axis=1)])
        for strip in _strips(a, block[0], progress, down)
    ]
    low = min((strip.smallest for strip in strips), default=0.0)
    high = max((strip.largest for strip in strips), default=0.0)
    mean = np.concatenate([strip.mean for strip in strips])
    extreme = np.concatenate([strip.extreme for strip in strips])
    for part, axis in ((down, 0), (across, 1)):
        if part is not None:
            share = share_kept(block[axis], part.kept, part.total)
            share = share if axis == 0 else share.T
            mean, extreme = mean * share, np.where(np.isnan(share), np.nan, extreme)
    return Picture(
        (shape[0], shape[1]),
        a.dtype.name,
        block,
        mean,
        extreme,
        low if math.isfinite(low) else 0.0,
        high if math.isfinite(high) else 0.0,
        channels,
        places,
    )


def reduce_stored(
    a: Any, progress: Progress | None = None, pixels: int = PIXELS, down: Rows | None = None
) -> Picture:
    """Return the picture of a sparse array, from its stored entries alone.

    ``down`` says which rows of the file it has, None for all.

    Examples
    --------
    >>> import scipy.sparse
    >>> reduce_stored(scipy.sparse.csr_array([[0.0, 4.0], [-6.0, 0.0]]), pixels=1).mean.tolist()
    [[-0.5]]
    """
    from engine.jobs import checkpoint

    rows, columns = (a.shape[0] if down is None else down.total), a.shape[1]
    block = block_size(rows, pixels), block_size(columns, pixels)
    heights = block_counts(rows, block[0], None if down is None else down.kept)
    counts = heights * block_counts(columns, block[1]).T
    stored, sums = np.zeros(counts.size, np.int64), np.zeros(counts.size)
    low, high = np.full(counts.size, np.inf), np.full(counts.size, -np.inf)
    flaw = counts.ravel() == 0.0  # all of its rows are left out
    for row, column, entries in _places(a):
        checkpoint(progress, stored.sum() / max(a.nnz, 1), tr("Drawing the matrix"))
        values = np.asarray(np.abs(entries) if a.dtype.kind == "c" else entries, np.float64)
        row = row if down is None else down.kept[row]
        pixel = row // block[0] * counts.shape[1] + column // block[1]
        good = np.isfinite(values)
        flaw[pixel[~good]] = True
        values = np.where(good, values, 0.0)
        stored += np.bincount(pixel, minlength=counts.size)
        sums += np.bincount(pixel, values, counts.size)
        np.minimum.at(low, pixel, values)
        np.maximum.at(high, pixel, values)
    # What is not stored is 0, unless a block has no such entry.
    partly = stored < counts.ravel()
    low[partly], high[partly] = np.minimum(low[partly], 0.0), np.maximum(high[partly], 0.0)
    mean = sums / np.maximum(counts.ravel(), 1.0)
    extreme = np.where(np.abs(high) >= np.abs(low), high, low)
    mean[flaw] = extreme[flaw] = np.nan
    return Picture(
        (a.shape[0], columns),
        a.dtype.name,
        block,
        mean.reshape(counts.shape),
        extreme.reshape(counts.shape),
        float(low.min()),
        float(high.max()),
        places=(down, None),
        stored=int(a.nnz),
    )


def _places(a: Any) -> Iterator[tuple[Array, Array, Array]]:
    """Yield rows, columns and entries of a CSR or CSC array, as many as fit into a chunk."""
    starts, size = a.indptr, _CHUNK_BYTES // 8
    cuts = np.searchsorted(starts, np.arange(size, a.nnz, size))
    for first, last in pairwise(np.unique([0, *cuts, starts.size - 1])):
        part = slice(starts[first], starts[last])
        lines = np.repeat(np.arange(first, last), np.diff(starts[first : last + 1]))
        across = a.indices[part].astype(np.int64)
        yield *((lines, across) if a.format == "csr" else (across, lines)), a.data[part]


@dataclass(frozen=True, eq=False)
class _Strip:
    mean: Floats
    extreme: Floats
    smallest: float
    largest: float


def _join(parts: list[_Strip]) -> _Strip:
    """Put the channels of a strip side by side; a picture of one channel stays as it is."""
    if len(parts) == 1:
        return parts[0]
    return _Strip(
        np.concatenate([part.mean for part in parts], axis=1),
        np.concatenate([part.extreme for part in parts], axis=1),
        min(part.smallest for part in parts),
        max(part.largest for part in parts),
    )


def _strips(
    a: Array, block: int, progress: Progress | None, down: Rows | None = None
) -> Iterator[Floats]:
    """Yield the matrix by blocks of rows of the file; those that are left out are 0."""
    from engine.jobs import checkpoint

    rows, columns = (a.shape[0] if down is None else down.total), a.shape[1]
    size = max(1, _CHUNK_BYTES // (8 * max(1, columns) * block)) * block
    for start in range(0, rows, size):
        checkpoint(progress, start / rows, tr("Drawing the matrix"))
        if down is None:
            part = a[start : start + size]
        else:
            first, last = np.searchsorted(down.kept, (start, start + size))
            part = np.zeros((min(size, rows - start), columns), a.dtype)
            part[down.kept[first:last] - start] = a[first:last]
        if part.dtype.kind == "c":
            part = np.abs(part)
        yield np.asarray(part, dtype=np.float64)


def _reduce_strip(values: Floats, block: tuple[int, int]) -> _Strip:
    flaw: NDArray[np.bool_] | None = None
    # One pass over the sums finds bad entries far faster than a mask of the whole strip.
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(values.sum())
    if not math.isfinite(total):
        wrong = ~np.isfinite(values)
        if wrong.any():
            flaw = _pool(np.logical_or, wrong, block)
            values = np.where(wrong, 0.0, values)
    high, low = _pool(np.maximum, values, block), _pool(np.minimum, values, block)
    counts = block_counts(values.shape[0], block[0]) * block_counts(values.shape[1], block[1]).T
    with np.errstate(over="ignore"):
        mean = _pool(np.add, values, block) / counts
    extreme = np.where(np.abs(high) >= np.abs(low), high, low)
    if flaw is not None:
        mean, extreme = np.where(flaw, np.nan, mean), np.where(flaw, np.nan, extreme)
    return _Strip(mean, extreme, float(low.min()), float(high.max()))


def _pool(ufunc: Any, values: Array, block: tuple[int, int]) -> Array:
    # Rows first: that sum runs along the memory and leaves little for the second one.
    for axis in (0, 1):
        if block[axis] > 1:
            values = _pool_axis(ufunc, values, block[axis], axis)
    return values


def _pool_axis(ufunc: Any, values: Array, block: int, axis: int) -> Array:
    # reduceat says the same in one call and takes five times as long.
    whole = values.shape[axis] // block
    before, after = values.shape[:axis], values.shape[axis + 1 :]
    inside = (slice(None),) * axis
    body = values[(*inside, slice(0, whole * block))].reshape(*before, whole, block, *after)
    pooled: Array = ufunc.reduce(body, axis=axis + 1)
    if whole * block < values.shape[axis]:
        rest = ufunc.reduce(values[(*inside, slice(whole * block, None))], axis=axis, keepdims=True)
        pooled = np.concatenate((pooled, rest), axis=axis)
    return pooled
