"""The words of the crosshair: where the mouse is and what lies nearest."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gui.core.figure.described import short_value, worded
from gui.core.figure.figure import Axis, Figure, Image
from gui.core.paint.plot_geometry import Frame, value_at
from gui.core.paint.plot_items import CurveItem
from gui.core.words.numbers import format_value
from gui.core.words.readable import readable

_GAP = "   "
_NEAR = 5.0  # pixels from a line that is named under the mouse


def readout_at(
    figure: Figure, frame: Frame, px: float, py: float, items: dict[str, CurveItem]
) -> str:
    """Return "rank 12, weight p 0.53   Sigmoid (12, 0.5312)" for a pixel of the plot."""
    x, y = frame.x_at(px), frame.y_at(py)
    for image in figure.images:
        words = _entry(figure, image, x, y)
        if words:
            return words
    words = ", ".join((_at(figure.x, x), _at(figure.y, y)))
    best, reach = "", math.inf
    for series in figure.series:
        item = items.get(series.key)
        index = value_at(series, x, item.ascending if item is not None else False)
        if index < 0:
            continue
        at_x, at_y = float(series.x[index]), float(series.y[index])
        distance = abs(frame.py_one(at_y) - py)
        if distance < reach:
            reach = distance
            name = series.own_name or figure.y.quantity
            place = f"({short_value(at_x)}, {format_value(at_y)})"
            if called := figure.x.name_at(at_x):
                place = f"{readable(called)} {place}"
            best = f"{name}: {series.words[index]}" if series.words else f"{name} {place}"
    marked = ", ".join(_marked(figure, frame, px, py))
    return _GAP.join(part for part in (marked, words, best) if part)


def _marked(figure: Figure, frame: Frame, px: float, py: float) -> Iterator[str]:
    """Yield the names of the lines under the mouse: a label may be a number, or cut."""
    for one in figure.cursors:
        along_x = one.axis == "x"
        at = frame.px_one(one.value) if along_x else frame.py_one(one.value)
        if one.is_mark and abs(at - (px if along_x else py)) <= _NEAR:
            yield from one.names or (one.label,)


def _at(axis: Axis, value: float) -> str:
    return f"{axis.quantity} {format_value(axis.number_at(value))}".strip()


def _entry(figure: Figure, image: Image, x: float, y: float) -> str:
    left, right, top, bottom = image.extent
    rows, columns = image.values.shape[:2]
    across, down = (x - left) / ((right - left) or 1), (y - top) / ((bottom - top) or 1)
    if not (0 <= across < 1 and 0 <= down < 1):
        return ""
    places = (
        worded(figure.y, _place(figure.y, (top, bottom), rows, y)),
        worded(figure.x, _place(figure.x, (left, right), columns, x)),
    )
    value = image.values[int(down * rows), int(across * columns)]
    if image.map == "rgb":
        shown = "(" + ", ".join(str(int(part)) for part in value) + ")"
    else:
        shown = format_value(float(value))
        if image.unit:
            shown = f"{image.unit} {shown}" if image.unit == image.name else f"{shown} {image.unit}"
    return ", ".join((*places, shown))


def _place(axis: Axis, ends: tuple[float, float], count: int, at: float) -> float:
    """Return where a pixel lies: the entry under the mouse, or the middle of what it stands for.

    Coordinates of a picture reduced for display still count entries of the full matrix; the first
    entry lies between its edges, -0.5 and 0.5 where it is number 0.
    """
    low, size = min(ends), abs(ends[1] - ends[0]) / count
    if not axis.decades and size % 1.0 == 0.0 and (2.0 * low) % 1.0 == 0.0:
        return math.floor(low + 0.5) + math.floor(at - low)
    return low + (math.floor((at - low) / size) + 0.5) * size
