"""Curves reduced to what a screen can show: extremes per pixel column; no Qt.

A plot 1000 pixels wide cannot show more than the first, last, smallest and largest value within
each pixel column (Jugel et al., "M4: a visualization-oriented time series data aggregation",
VLDB 2014). Whatever is dropped lies between two values that are kept, in the same column.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.frozen import dataclass

Floats = NDArray[np.float64]
# Points kept per pixel column: first, smallest, largest, last; where the first and the last are
# the extremes in every column, as on a smooth curve, these two.
PER_COLUMN = 4
ENDS = 2


@dataclass(frozen=True, eq=False)
class Reduced:
    """A curve to draw; each ``per_column`` successive points share a pixel column.

    ``per_column`` is 4 or 2, or 0 where the points are too few to be grouped.
    """

    x: Floats
    y: Floats
    per_column: int


def is_sorted(x: NDArray[Any]) -> bool:
    """Return whether ``x`` never falls; NaN counts as unsorted."""
    return bool(x.size < 2 or np.all(x[1:] >= x[:-1]))


@dataclass(frozen=True, eq=False)
class Columns:
    """Which points of an x array fall into which pixel column; shared by frames of equal x.

    Points ``first`` to ``last`` are drawn; ``starts`` (relative to ``first``) begin the groups.
    ``starts`` is None where there are too few points to group, ``count`` columns are visible.
    """

    first: int
    last: int
    starts: NDArray[np.intp] | None
    count: int
    ascending: bool


def group_points(x: NDArray[Any], edges: Floats, *, ascending: bool) -> Columns:
    """Return the pixel columns of ``x``.

    Parameters
    ----------
    x : ndarray, shape (n,)
    edges : ndarray, shape (columns + 1,)
        Ascending edges of the pixel columns, in the coordinates of ``x``; equal ratios on a log
        axis. Minimum and maximum commute with the logarithm, so data need no transform first.
    ascending : bool
        Whether ``x`` never falls (:func:`is_sorted`, worth remembering between frames).
    """
    count = len(edges) - 1
    if not ascending:
        return Columns(0, x.size, None, count, False)
    # One neighbour on each side keeps the line running to the border.
    first = max(0, int(np.searchsorted(x, edges[0], side="left")) - 1)
    last = min(x.size, int(np.searchsorted(x, edges[-1], side="right")) + 1)
    if last - first <= 2 * count:
        return Columns(first, last, None, count, True)
    # "left" puts a value equal to an edge into the column that starts there.
    inner = np.searchsorted(x[first:last], edges, side="left")
    starts = np.unique(np.concatenate(([0], inner)))
    return Columns(first, last, starts[starts < last - first], count, True)


def reduce_line(x: NDArray[Any], y: NDArray[Any], edges: Floats, *, ascending: bool) -> Reduced:
    """Return the curve reduced to the pixel columns between ``edges``, in one step.

    See :func:`group_points` for the arguments and :func:`reduce_grouped` for the result.
    """
    return reduce_grouped(x, y, group_points(x, edges, ascending=ascending))


def reduce_grouped(x: NDArray[Any], y: NDArray[Any], columns: Columns) -> Reduced:
    """Return the curve reduced to its pixel columns; NaN in ``y`` is a gap, so is infinity.

    Returns
    -------
    Reduced
        At most ``4 * (columns + 2)`` points where x ascends; about twice that where it does not.
        Up to two points per column are left as they are.
    """
    if not columns.ascending:
        return _reduce_in_order(x, without_infinities(y), 2 * columns.count)
    x, y = x[columns.first : columns.last], y[columns.first : columns.last]
    if columns.starts is None:
        return Reduced(_float(x), _float(without_infinities(y)), 0)
    return _extremes(x, y, columns.starts)


def _extremes(x: NDArray[Any], y: NDArray[Any], starts: NDArray[np.intp]) -> Reduced:
    ends = np.append(starts[1:], x.size) - 1
    smallest, largest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    # A NaN or infinity anywhere shows in the extremes; looking there is cheaper than in y.
    if not (np.isfinite(smallest).all() and np.isfinite(largest).all()):
        y = without_infinities(y)
        smallest, largest = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    left, right, first, final = x[starts], x[ends], y[starts], y[ends]
    falls = first > final
    # The smaller first where the column rises, so that a monotone curve stays monotone.
    one, two = np.where(falls, largest, smallest), np.where(falls, smallest, largest)
    if np.array_equal(one, first) and np.array_equal(two, final):
        return Reduced(_interleaved(left, right), _interleaved(first, final), ENDS)
    middle = 0.5 * (left + right)
    across, up = _interleaved(left, middle, middle, right), _interleaved(first, one, two, final)
    return Reduced(across, up, PER_COLUMN)


def _interleaved(*columns: NDArray[Any]) -> Floats:
    table = np.empty((len(columns[0]), len(columns)))
    for place, column in enumerate(columns):
        table[:, place] = column
    return table.ravel()


def _reduce_in_order(x: NDArray[Any], y: NDArray[Any], chunks: int) -> Reduced:
    """Keep the extremes of x and of y within runs of successive points (x may go back)."""
    if x.size <= 4 * chunks:
        return Reduced(_float(x), _float(y), 0)
    size = -(-x.size // chunks)
    whole = x.size // size * size
    kept = [np.arange(0, whole, size), np.arange(whole, x.size)]
    for values in (_float(x), _float(y)):
        table = values[:whole].reshape(-1, size)
        rows = np.arange(len(table)) * size
        # NaN counts as smallest here, so that a gap survives as one of the kept points.
        kept.append(rows + np.argmin(table, axis=1))
        kept.append(rows + np.argmax(np.where(np.isnan(table), -np.inf, table), axis=1))
    order = np.unique(np.concatenate(kept))
    return Reduced(_float(x[order]), _float(y[order]), 0)


def reduce_band(
    x: NDArray[Any], lower: NDArray[Any], upper: NDArray[Any], edges: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return an area reduced to pixel columns: the least lower and the greatest upper value."""
    lower, upper = without_infinities(lower), without_infinities(upper)
    if not is_sorted(x):
        order = np.argsort(x, kind="stable")
        x, lower, upper = x[order], lower[order], upper[order]
    if x.size <= len(edges) - 1:
        return _float(x), _float(lower), _float(upper)
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges, side="left"))))
    starts = starts[starts < x.size]
    return (
        _float(x[starts]),
        _float(np.fmin.reduceat(lower, starts)),
        _float(np.fmax.reduceat(upper, starts)),
    )


def thin_points(px: Floats, py: Floats, limit: int) -> NDArray[np.intp]:
    """Return the indices of at most ``limit`` points (pixels) worth drawing.

    One point per pixel cell: what is dropped would be drawn over by one that is kept. Cells grow
    until the limit holds; the points with the extreme coordinates are always kept.
    """
    index = np.flatnonzero(np.isfinite(px) & np.isfinite(py))
    if index.size <= limit:
        return index
    a, b = px[index], py[index]
    extremes = index[[a.argmin(), a.argmax(), b.argmin(), b.argmax()]]
    cell = 1.0
    while True:
        code = np.floor(a / cell).astype(np.int64) * 1_000_003 + np.floor(b / cell).astype(np.int64)
        kept = index[np.unique(code, return_index=True)[1]]
        if kept.size <= limit - 4:
            return np.unique(np.concatenate((kept, extremes)))
        cell *= 1.5


def split_dashes(segments: Floats, pattern: tuple[float, ...], width: float) -> Floats:
    """Return the drawn parts of ``segments`` (x0, y0, x1, y1) under a dash pattern.

    The pattern runs on along the whole curve. Qt starts it anew at every line of ``drawLines``,
    and its polyline stroker is ten times slower.
    """
    if not pattern or not len(segments):
        return segments
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    ends = np.cumsum(lengths)
    period = width * sum(pattern)
    turns = np.arange(int(ends[-1] / period) + 1) * period
    offsets = width * np.concatenate(([0.0], np.cumsum(pattern)))
    on = (turns[:, None] + offsets[:-1:2]).ravel()
    off = np.minimum((turns[:, None] + offsets[1::2]).ravel(), ends[-1])
    # A joint within a dash ends one piece and begins the next; sorted, starts and stops pair up.
    dash = np.searchsorted(on, ends, side="left") - 1
    joints = ends[ends < off[dash]]
    a, b = np.concatenate((on, joints)), np.concatenate((off, joints))
    a.sort()
    b.sort()
    which = np.searchsorted(ends, a, side="right")
    drawn = np.flatnonzero(b > a)
    a, b, which = a[drawn], b[drawn], which[drawn]
    base, length = ends[which] - lengths[which], lengths[which]
    start, stop = segments[which, :2], segments[which, 2:]
    delta = (stop - start) / length[:, None]
    return np.hstack((start + (a - base)[:, None] * delta, start + (b - base)[:, None] * delta))


def without_infinities(y: NDArray[Any]) -> NDArray[Any]:
    """Return ``y`` with gaps (NaN) in the place of infinities."""
    if y.dtype.kind != "f" or bool(np.isfinite(y).all()):
        return y
    return np.where(np.isinf(y), np.nan, y)


def _float(values: NDArray[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)
