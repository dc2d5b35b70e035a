"""Data coordinates to axis coordinates: the one place that knows about logarithms.

An axis coordinate is the value itself, or its base-10 logarithm on a log axis. Screen and exports
use the same floors and limits, so a value that cannot be shown on a log axis is clipped at the
same place everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.core.figure.figure import AxisName, Figure
from gui.frozen import dataclass

Range = tuple[float, float]
# A log axis shows nothing below this share of its largest value: one 1e-300 among the singular
# values would otherwise stretch it over 300 empty decades.
_SMALLEST_SHARE = float(np.finfo(np.float64).eps)
_PADDING = 0.04


@dataclass(frozen=True)
class Scale:
    """The map of one axis; ``floor`` is the smallest value drawn where ``log``."""

    log: bool = False
    floor: float = 1.0

    def forward(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return axis coordinates; values below the floor of a log axis are drawn at the floor."""
        plain = np.asarray(values, dtype=np.float64)
        return np.log10(np.maximum(plain, self.floor)) if self.log else plain

    def forward_one(self, value: float) -> float:
        """Return the axis coordinate of one value."""
        return math.log10(max(float(value), self.floor)) if self.log else float(value)

    def inverse(self, coordinate: float) -> float:
        """Return the value at an axis coordinate."""
        if not self.log:
            return float(coordinate)
        return float(10.0 ** min(max(coordinate, -307.0), 308.0))


class Bounds:
    """Smallest, largest and smallest positive finite value of arrays, remembered by array.

    Figures reuse their x array frame after frame; remembering saves a pass over it each time.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[NDArray[Any], tuple[float, float]]] = {}

    def of(self, values: NDArray[Any]) -> tuple[float, float]:
        """Return (smallest, largest) finite value; (inf, -inf) where there is none."""
        known = self._known.get(id(values))
        if known is not None and known[0] is values:
            return known[1]
        result = _finite_range(values)
        if len(self._known) > 64:
            self._known.clear()
        self._known[id(values)] = (values, result)
        return result


def _finite_range(values: NDArray[Any]) -> tuple[float, float]:
    if values.size == 0:
        return math.inf, -math.inf
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        if finite.size == 0:
            return math.inf, -math.inf
        low, high = float(finite.min()), float(finite.max())
    return low, high


def axis_arrays(figure: Figure, axis: AxisName) -> Iterator[NDArray[Any]]:
    """Yield every array of data along ``axis``."""
    for series in figure.series:
        yield series.x if axis == "x" else series.y
    for band in figure.bands:
        if axis == "x":
            yield band.x
        else:
            yield np.asarray(band.lower)
            yield np.asarray(band.upper)


def make_scale(figure: Figure, axis: AxisName, log: bool, bounds: Bounds | None = None) -> Scale:
    """Return the scale of ``axis``: the floor is the smallest positive value worth showing."""
    if not log:
        return Scale()
    bounds = bounds or Bounds()
    arrays = [array for array in axis_arrays(figure, axis) if array.size]
    largest = max((bounds.of(array)[1] for array in arrays), default=-math.inf)
    limits = figure.x.limits if axis == "x" else figure.y.limits
    if limits is not None and limits[0] > 0:
        return Scale(True, limits[0])
    if not largest > 0:
        largest = limits[1] if limits is not None and limits[1] > 0 else 1.0
    least = largest * _SMALLEST_SHARE
    smallest = largest
    for array in arrays:
        low = bounds.of(array)[0]
        if low >= least:
            smallest = min(smallest, low)
        else:
            shown = array[(array >= least) & np.isfinite(array)]
            smallest = min(smallest, float(shown.min())) if shown.size else smallest
    return Scale(True, smallest)


def data_range(
    figure: Figure, axis: AxisName, scale: Scale, bounds: Bounds | None = None
) -> Range | None:
    """Return the padded axis coordinates that show everything; None where there is nothing."""
    bounds = bounds or Bounds()
    low, high = math.inf, -math.inf
    for array in axis_arrays(figure, axis):
        one, two = bounds.of(array)
        low, high = min(low, one), max(high, two)
    if axis == "y":
        for series in figure.series:
            if series.fill_to is not None and not scale.log:
                low, high = min(low, series.fill_to), max(high, series.fill_to)
    for cursor in figure.cursors:
        if cursor.axis == axis and math.isfinite(cursor.value) and high >= low:
            low, high = min(low, cursor.value), max(high, cursor.value)
    drawn = low <= high
    for image in figure.images:
        first = 0 if axis == "x" else 2
        edges = image.extent[first : first + 2]
        low, high = min(low, *edges), max(high, *edges)
    if low > high:
        return None
    low, high = scale.forward_one(low), scale.forward_one(high)
    return padded(low, high) if drawn or not figure.images else (low, high)


def padded(low: float, high: float) -> Range:
    """Return the range with room at both ends; a single value gets room around it."""
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        room = 0.5 * abs(low) if low else 0.5
        return low - room, high + room
    room = _PADDING * (high - low)
    return low - room, high + room


def fixed_range(figure: Figure, axis: AxisName, scale: Scale) -> Range | None:
    """Return the axis coordinates of ``Axis.limits``, None where the figure fixes none."""
    limits = figure.x.limits if axis == "x" else figure.y.limits
    if limits is None:
        return None
    low, high = sorted(scale.forward_one(value) for value in limits)
    return (low, high) if high > low else padded(low, high)


def is_inverted(figure: Figure, axis: AxisName) -> bool:
    """Return whether the axis grows towards the left or the bottom.

    A picture whose top edge has the smaller coordinate turns the y axis: first row on top.
    """
    if axis == "x":
        return figure.x.inverted
    return figure.y.inverted or any(image.extent[2] < image.extent[3] for image in figure.images)
