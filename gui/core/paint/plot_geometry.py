"""Where data lies in pixels: the frame of one plot and the curves cut into drawable pieces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.core.figure.figure import Band, Series
from gui.core.figure.palette import DASH_PATTERNS
from gui.core.figure.reduce import (
    PER_COLUMN,
    Columns,
    Floats,
    Reduced,
    group_points,
    reduce_band,
    reduce_grouped,
    split_dashes,
    thin_points,
)
from gui.core.figure.scale import Range, Scale
from gui.frozen import dataclass

# A pixel column that a curve crosses over more than this is drawn as a bar: the outcome looks the
# same, and Qt's antialiased strokes of such zigzags take 10 ms and more for one curve.
_STEEP = 3.0
# A curve longer than this many plot heights is all zigzag; short of it every slope is a line.
_LONG = 20.0
# Coordinates beyond this overflow Qt's 26.6 fixed-point rasteriser.
_FAR = 20_000.0
_MARKS = 2_000
# A point within _FLAT pixels of the chord of its run goes; runs of _STEPS lines, one after another.
_FLAT = 0.06
_STEPS = (8, 3, 2)
_SHORT = 6.0  # pixels; lines that are longer on average do not look bold at their ends
_SYMBOL = 7.0


@dataclass(frozen=True)
class Frame:
    """Scales, visible range (axis coordinates) and size in pixels of one plot."""

    x: Scale
    y: Scale
    x_range: Range
    y_range: Range
    width: float
    height: float
    x_inverted: bool = False
    y_inverted: bool = False

    def px(self, values: NDArray[Any]) -> Floats:
        """Return pixel columns of x values."""
        return self._pixels(self.x.forward(values), self.x_range, self.width, self.x_inverted)

    def py(self, values: NDArray[Any]) -> Floats:
        """Return pixel rows of y values (0 is the top)."""
        up = not self.y_inverted
        return self._pixels(self.y.forward(values), self.y_range, self.height, up)

    def px_one(self, value: float) -> float:
        """Return the pixel column of one x value."""
        return float(self.px(np.array([value]))[0])

    def py_one(self, value: float) -> float:
        """Return the pixel row of one y value."""
        return float(self.py(np.array([value]))[0])

    def x_at(self, px: float) -> float:
        """Return the x value at a pixel column."""
        return self.x.inverse(self._coordinate(px, self.x_range, self.width, self.x_inverted))

    def y_at(self, py: float) -> float:
        """Return the y value at a pixel row."""
        up = not self.y_inverted
        return self.y.inverse(self._coordinate(py, self.y_range, self.height, up))

    def column_edges(self) -> Floats:
        """Return the ascending edges of the pixel columns as x values."""
        columns = max(1, round(self.width))
        edges = np.linspace(*self.x_range, columns + 1)
        return np.asarray(10.0 ** np.clip(edges, -307, 308)) if self.x.log else edges

    @staticmethod
    def _pixels(coordinates: Floats, limits: Range, size: float, flipped: bool) -> Floats:
        low, high = limits
        factor = size / ((high - low) or 1.0)
        pixels = (high - coordinates) * factor if flipped else (coordinates - low) * factor
        return np.clip(pixels, -_FAR, _FAR)

    @staticmethod
    def _coordinate(pixel: float, limits: Range, size: float, flipped: bool) -> float:
        low, high = limits
        share = pixel / (size or 1.0)
        return high - share * (high - low) if flipped else low + share * (high - low)


@dataclass(frozen=True, eq=False)
class CurvePieces:
    """One series ready to draw, all in pixels.

    ``segments`` (m, 4) are antialiased lines; ``bars`` (m, 4) are x, y, width, height of steep
    pixel columns; ``fill`` (m, 4) are bars of the filled area; ``marks`` (m, 2) are points;
    ``clipped`` (m,) are columns where a value lies below the floor of a log axis.
    """

    segments: Floats
    bars: Floats
    fill: Floats
    marks: Floats
    clipped: Floats
    outline: Floats


_NONE4 = np.empty((0, 4))
_NONE2 = np.empty((0, 2))


def group_columns(x: NDArray[Any], frame: Frame, ascending: bool) -> Columns:
    """Return the pixel columns of ``x`` within ``frame``."""
    return group_points(x, frame.column_edges(), ascending=ascending)


def cut_series(series: Series, frame: Frame, columns: Columns) -> CurvePieces:
    """Return the drawable pieces of a series within ``frame``."""
    segments, bars, fill, outline = _NONE4, _NONE4, _NONE4, _NONE2
    if series.line or series.fill_to is not None:
        reduced = reduce_grouped(series.x, series.y, columns)
        px, py = frame.px(reduced.x), frame.py(reduced.y)
        if series.line:
            segments, bars = _line_pieces(reduced, px, py, series.width, frame.height)
            pattern = DASH_PATTERNS[series.dash]
            segments = split_dashes(segments, pattern, series.width)
        if series.fill_to is not None:
            base = frame.py_one(series.fill_to)
            if reduced.per_column:
                top, bottom = np.minimum(py, base), np.maximum(py, base)
                fill = _column_bars(px, top, bottom, reduced.per_column)
            else:
                outline = _closed(px, py, base)
    marks = _NONE2
    if not series.line or (series.symbol and not _crowded(series, frame)):
        marks = _marks(series, frame)
    return CurvePieces(segments, bars, fill, marks, _clipped(series, frame), outline)


def _line_pieces(
    reduced: Reduced, px: Floats, py: Floats, width: float, height: float
) -> tuple[Floats, Floats]:
    """Return thin segments and steep bars of a polyline."""
    if reduced.per_column != PER_COLUMN:
        return _sparse_pieces(px, py, width, height)
    # Column by column: sums over the short axis of a (columns, 4) table cost more than all else.
    enter, one, two, leave = py.reshape(-1, PER_COLUMN).T
    low, high = np.minimum(one, two), np.maximum(one, two)
    tall = high - low
    travelled = np.abs(one - enter) + tall + np.abs(leave - two)
    back_and_forth = travelled > np.abs(leave - enter) + 1.0
    # The way in belongs to the column too: a zigzag of one point per column is as costly.
    into = np.abs(enter[1:] - leave[:-1])
    restless = _total(into) + _total(tall) > _LONG * max(height, 1.0)
    steep = (tall > _STEEP) & (back_and_forth | restless)
    if restless:
        joined = np.zeros(len(low), bool)
        joined[1:] = into > _STEEP
        previous = np.concatenate((enter[:1], leave[:-1]))
        low = np.where(joined, np.minimum(low, previous), low)
        high = np.where(joined, np.maximum(high, previous), high)
        steep |= joined
    steep &= np.isfinite(high)
    bars = np.empty((int(np.count_nonzero(steep)), 4))
    bars[:, 0] = np.floor(px[::PER_COLUMN][steep])
    bars[:, 1] = low[steep] - width / 2
    bars[:, 2] = width
    bars[:, 3] = (high - low)[steep] + width
    # A bar stands for the inner points of its column; where the curve is restless also for the
    # way in. A gap before the first point breaks the line there.
    keep = np.ones((len(low), PER_COLUMN), bool)
    keep[:, 1:3] = (~steep & back_and_forth)[:, None]
    kept = np.flatnonzero(keep.ravel())
    line_x, line_y = px[kept], py[kept]
    column = kept // PER_COLUMN
    within = ~(steep[column[1:]] & ((column[1:] == column[:-1]) | restless))
    return _segments(line_x, line_y, within), bars


def _total(lengths: Floats) -> float:
    """Return the sum of all lengths but NaN; ``nansum`` takes twenty times as long to start."""
    total = float(lengths.sum())
    return float(np.nansum(lengths)) if math.isnan(total) else total


def _sparse_pieces(px: Floats, py: Floats, width: float, height: float) -> tuple[Floats, Floats]:
    """Return lines, and bars for the steep steps of a curve that is zigzag all over."""
    rise = np.abs(np.diff(py))
    if _total(rise) <= _LONG * max(height, 1.0):
        return _segments(px, py), _NONE4
    steep = (rise > _STEEP) & (np.abs(np.diff(px)) <= width)
    left, top = np.minimum(px[:-1], px[1:])[steep], np.minimum(py[:-1], py[1:])[steep]
    bars = np.empty((left.size, 4))
    bars[:, 0] = np.floor(left)
    bars[:, 1] = top - width / 2
    bars[:, 2] = width
    bars[:, 3] = rise[steep] + width
    return _segments(px, py, ~steep), bars


def _segments(px: Floats, py: Floats, drawn: NDArray[np.bool_] | None = None) -> Floats:
    """Return the lines between successive points, without points that lie on the line anyway.

    ``drawn`` (points - 1,) says which lines there are; all of them where it is None.
    """
    if px.size < 2:
        return _NONE4
    finite = np.isfinite(py)
    if not finite.all():
        both = finite[:-1] & finite[1:]
        drawn = both if drawn is None else drawn & both
    # Overlapping ends of many short antialiased lines would look bold; long ones do not.
    for step in _STEPS if abs(px[-1] - px[0]) < _SHORT * px.size else ():
        count = (px.size - 1) // step
        if count < 4:
            break
        goes = _on_chord(px, py, step, count)
        if drawn is not None:
            goes &= np.logical_and.reduceat(drawn[: count * step], np.arange(0, count * step, step))
        if 4 * np.count_nonzero(goes) < count:
            continue
        stays = np.ones(px.size, bool)
        stays[: count * step].reshape(count, step)[:, 1:] = ~goes[:, None]
        kept = np.flatnonzero(stays)
        px, py = px[kept], py[kept]
        # A line belongs to its left point; a point that goes leaves its line to the one before.
        drawn = None if drawn is None else drawn[kept[:-1]]
    segments: Floats = np.column_stack((px[:-1], py[:-1], px[1:], py[1:]))
    return segments if drawn is None else segments[drawn]


def _on_chord(px: Floats, py: Floats, step: int, count: int) -> NDArray[np.bool_]:
    """Return for ``count`` runs of ``step`` lines whether the inner points lie on their chords.

    Runs along the long axis: (step - 1, count) tables are several times faster than tall ones.
    """
    end = count * step
    left, top = px[:end:step], py[:end:step]
    across = px[step : end + 1 : step] - left
    with np.errstate(invalid="ignore"):
        slope = (py[step : end + 1 : step] - top) / np.maximum(across, 1e-9)
        along = px[:end].reshape(count, step).T[1:] - left
        off = py[:end].reshape(count, step).T[1:] - top
        off -= slope * along
        near = np.abs(off) < _FLAT
    near &= (along >= 0) & (along <= across)
    inside: NDArray[np.bool_] = np.logical_and.reduce(near, axis=0)
    return inside


def _column_bars(px: Floats, top: Floats, bottom: Floats, size: int) -> Floats:
    """Return one bar per group of ``size`` points, from edge to edge, so that none overlap."""
    left = np.floor(px[::size])
    top = np.fmin.reduce(top.reshape(-1, size), axis=1)
    bottom = np.fmax.reduce(bottom.reshape(-1, size), axis=1)
    return _bars(left, top, bottom)


def _bars(left: Floats, top: Floats, bottom: Floats) -> Floats:
    widths = np.append(np.diff(left), 1.0)
    bars = np.column_stack((left, top, widths, bottom - top))
    shown: Floats = bars[np.isfinite(bars).all(axis=1) & (widths > 0)]
    return shown


def _closed(px: Floats, py: Floats, base: float) -> Floats:
    good = np.isfinite(px) & np.isfinite(py)
    if not good.any():
        return _NONE2
    px, py = px[good], py[good]
    corners = np.array([[px[-1], base], [px[0], base]])
    return np.concatenate((np.column_stack((px, py)), corners))


def _marks(series: Series, frame: Frame) -> Floats:
    px, py = frame.px(series.x), frame.py(series.y)
    shown = (px >= -8) & (px <= frame.width + 8) & (py >= -8) & (py <= frame.height + 8)
    index = np.flatnonzero(shown)
    index = index[thin_points(px[index], py[index], _MARKS)]
    return np.column_stack((px[index], py[index]))


def _crowded(series: Series, frame: Frame) -> bool:
    """Return whether symbols on a line would touch and turn it into a bar."""
    px = frame.px(series.x)
    shown = int(np.count_nonzero((px >= 0) & (px <= frame.width)))
    return not series.draggable and shown * _SYMBOL > 1.5 * frame.width


def _clipped(series: Series, frame: Frame) -> Floats:
    """Return pixel columns of values that a log y axis cannot show; at most one per 6 pixels."""
    if not frame.y.log:
        return np.empty(0)
    below = series.y < frame.y.floor * (1 - 1e-12)
    if not below.any():
        return np.empty(0)
    px = frame.px(series.x[below])
    px = px[(px >= 0) & (px <= frame.width)]
    return np.unique(np.round(px / 6.0)) * 6.0


def cut_band(band: Band, frame: Frame) -> tuple[Floats, Floats]:
    """Return (bars, outlines) of a band: bars where it is dense, a closed outline otherwise."""
    edges = frame.column_edges()
    x, lower, upper = reduce_band(band.x, np.asarray(band.lower), np.asarray(band.upper), edges)
    px, one, two = frame.px(x), frame.py(lower), frame.py(upper)
    top, bottom = np.minimum(one, two), np.maximum(one, two)
    if len(band.x) > len(edges) - 1:
        return _bars(np.floor(px), top, bottom), _NONE2
    good = np.isfinite(px) & np.isfinite(top) & np.isfinite(bottom)
    forth = np.column_stack((px[good], top[good]))
    back = np.column_stack((px[good], bottom[good]))[::-1]
    return _NONE4, np.concatenate((forth, back))


def nearest_point(
    series: Series, frame: Frame, px: float, py: float, ascending: bool
) -> tuple[int, float]:
    """Return (index, distance in pixels) of the point of ``series`` nearest to a pixel."""
    first, last = 0, series.x.size
    if ascending and last > 4096:
        first = int(np.searchsorted(series.x, frame.x_at(px - 12)))
        last = int(np.searchsorted(series.x, frame.x_at(px + 12), side="right"))
        if frame.x_inverted:
            first, last = last, first
        first, last = max(0, first - 1), min(series.x.size, last + 1)
    if last <= first:
        return -1, np.inf
    distance = np.hypot(frame.px(series.x[first:last]) - px, frame.py(series.y[first:last]) - py)
    distance = np.where(np.isfinite(distance), distance, np.inf)
    best = int(distance.argmin())
    return first + best, float(distance[best])


def value_at(series: Series, x: float, ascending: bool) -> int:
    """Return the index of the point whose x is nearest to ``x``; -1 for an empty series."""
    if series.x.size == 0:
        return -1
    if not ascending:
        return int(np.nanargmin(np.abs(series.x - x)))
    right = int(np.clip(np.searchsorted(series.x, x), 1, series.x.size - 1))
    if series.x.size == 1:
        return 0
    left = right - 1
    return left if x - series.x[left] <= series.x[right] - x else right
