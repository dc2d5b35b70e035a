"""The words of the crosshair: where the mouse is and what lies nearest."""

from __future__ import annotations

import math

from gui.core.figure.described import short_value
from gui.core.figure.figure import Figure, Image
from gui.core.paint.plot_geometry import Frame, value_at
from gui.core.paint.plot_items import CurveItem
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.core.words.readable import readable

_GAP = "   "


def readout_at(
    figure: Figure, frame: Frame, px: float, py: float, items: dict[str, CurveItem]
) -> str:
    """Return "x 12   y 0.53   sigmoid (12, 0.5312)" for a pixel of the plot."""
    x, y = frame.x_at(px), frame.y_at(py)
    for image in figure.images:
        words = _entry(figure, image, x, y)
        if words:
            return words
    words = f"x {format_value(x)}{_GAP}y {format_value(y)}"
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
            name = series.name or series.key
            place = f"({short_value(at_x)}, {format_value(at_y)})"
            if called := figure.x.name_at(at_x):
                place = f"{readable(called)} {place}"
            best = f"{name}: {series.words[index]}" if series.words else f"{name} {place}"
    return words + (_GAP + best if best else "")


def _entry(figure: Figure, image: Image, x: float, y: float) -> str:
    left, right, top, bottom = image.extent
    rows, columns = image.values.shape[:2]
    across, down = (x - left) / ((right - left) or 1), (y - top) / ((bottom - top) or 1)
    if not (0 <= across < 1 and 0 <= down < 1):
        return ""
    # Coordinates of a picture reduced for display still count entries of the full matrix; the
    # first entry lies between its edges, -0.5 and 0.5 where it is number 0.
    row = math.floor(min(top, bottom) + 0.5) + math.floor(abs(y - top))
    column = math.floor(min(left, right) + 0.5) + math.floor(abs(x - left))
    place = tr(
        "row {row}, column {column}",
        row=_called(figure.y.name_at(row), row),
        column=_called(figure.x.name_at(column), column),
    )
    value = image.values[int(down * rows), int(across * columns)]
    if image.map == "rgb":
        shown = "(" + ", ".join(str(int(part)) for part in value) + ")"
    else:
        shown = format_value(float(value))
        shown += f" {image.unit}" if image.unit else ""
    return f"{place}{_GAP}{shown}"


def _called(name: str, position: int) -> str:
    return f"{readable(name)} ({position})" if name else str(position)
