"""What a person can take hold of in a plot: cursors and points, by mouse and by keys."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from gui.core.figure.figure import Cursor, Figure, Series
from gui.core.paint.plot_geometry import Frame, nearest_point
from gui.core.paint.plot_items import CurveItem
from gui.core.paint.plot_overlay import Handle, cursor_value
from gui.frozen import dataclass

POINT_REACH = 10.0
CURSOR_REACH = 6.0
CLICK_REACH = 3.0  # between press and release of a click


@dataclasses.dataclass
class Grip:
    """The mouse's hold on a handle: its value when taken, where the mouse was, whether it moved."""

    handle: Handle
    value: float
    taken_at: tuple[float, float]
    moved: bool = False

    def value_at(self, figure: Figure, frame: Frame, px: float, py: float) -> float:
        """Return the handle's value with the mouse at a pixel; back at the start, the first."""
        if (px, py) == self.taken_at:
            return self.value
        return value_under(figure, frame, self.handle, px, py)


@dataclass(frozen=True)
class Click:
    """Where a person has clicked: coordinates, and the curve with the number of its point there.

    ``key`` is "" and ``index`` -1 where no point is near; ``more``: with Ctrl held.
    """

    x: float
    y: float
    key: str = ""
    index: int = -1
    more: bool = False


def handles_of(figure: Figure) -> list[Handle]:
    """Return one handle per movable thing in the order the keyboard visits them."""
    points = [Handle(one.key, 0) for one in figure.series if one.draggable and one.x.size]
    return points + [Handle(one.key) for one in figure.cursors if one.draggable]


def find_cursor(figure: Figure, key: str) -> Cursor | None:
    """Return the cursor ``key``."""
    return next((one for one in figure.cursors if one.key == key), None)


def find_series(figure: Figure, key: str) -> Series | None:
    """Return the series ``key``."""
    return next((one for one in figure.series if one.key == key), None)


def handle_at(
    figure: Figure,
    frame: Frame,
    px: float,
    py: float,
    items: dict[str, CurveItem],
    moved: dict[Handle, float],
) -> Handle | None:
    """Return the movable thing under a pixel: the nearest point, else the nearest cursor."""
    best, reach = None, POINT_REACH
    for series in figure.series:
        if series.draggable:
            index, distance = nearest_point(series, frame, px, py, items[series.key].ascending)
            if index >= 0 and distance <= reach:
                best, reach = Handle(series.key, index), distance
    if best is not None:
        return best
    reach = CURSOR_REACH
    for cursor in figure.cursors:
        if cursor.draggable:
            value = cursor_value(cursor, moved)
            across = cursor.axis == "x"
            at = frame.px_one(value) if across else frame.py_one(value)
            distance = abs(at - (px if across else py))
            if distance <= reach:
                best, reach = Handle(cursor.key), distance
    return best


def snapped(cursor: Cursor, value: float) -> float:
    """Return ``value`` on the cursor's steps and within its bounds."""
    if cursor.step > 0:
        value = round(value / cursor.step) * cursor.step
    if cursor.bounds is not None:
        value = min(max(value, cursor.bounds[0]), cursor.bounds[1])
    return float(value)


def value_under(figure: Figure, frame: Frame, handle: Handle, px: float, py: float) -> float:
    """Return the value a handle takes when the mouse is at a pixel."""
    if handle.is_point:
        # Beyond the border the axis would run away under the hand.
        return frame.y_at(min(max(py, 0.0), frame.height))
    cursor = find_cursor(figure, handle.key)
    if cursor is None:
        return math.nan
    raw = frame.x_at(px) if cursor.axis == "x" else frame.y_at(py)
    return snapped(cursor, raw)


def current_value(figure: Figure, handle: Handle, moved: dict[Handle, float]) -> float:
    """Return the value a handle has now; NaN where it is gone."""
    if handle in moved:
        return moved[handle]
    if handle.is_point:
        series = find_series(figure, handle.key)
        inside = series is not None and handle.index < series.x.size
        return float(series.y[handle.index]) if series is not None and inside else math.nan
    cursor = find_cursor(figure, handle.key)
    return cursor.value if cursor is not None else math.nan


def stepped(figure: Figure, frame: Frame, handle: Handle, value: float, steps: int) -> float:
    """Return ``value`` moved by keyboard steps: the cursor's step or 1/100 of the axis."""
    cursor = None if handle.is_point else find_cursor(figure, handle.key)
    if cursor is not None and cursor.step > 0:
        return snapped(cursor, value + steps * cursor.step)
    along_x = cursor is not None and cursor.axis == "x"
    scale, limits = (frame.x, frame.x_range) if along_x else (frame.y, frame.y_range)
    share = steps * (limits[1] - limits[0]) / 100
    moved = scale.inverse(scale.forward_one(value) + share)
    return moved if cursor is None else snapped(cursor, moved)


def end_of(figure: Figure, frame: Frame, handle: Handle, last: bool) -> float:
    """Return the least or the largest value of a cursor: its bound, else the end of the axis."""
    cursor = find_cursor(figure, handle.key)
    if cursor is None:
        return math.nan
    if cursor.bounds is not None:
        return float(cursor.bounds[last])
    along_x = cursor.axis == "x"
    scale, limits = (frame.x, frame.x_range) if along_x else (frame.y, frame.y_range)
    return snapped(cursor, scale.inverse(sorted(limits)[last]))


def clicked(
    figure: Figure | None,
    frame: Frame,
    pressed: QPointF,
    spot: QPointF,
    items: dict[str, CurveItem],
) -> Click | None:
    """Return what a press and a release in one place hit; None for a drag, or beside the plot."""
    inside = 0.0 <= spot.x() <= frame.width and 0.0 <= spot.y() <= frame.height
    if figure is None or not inside or (spot - pressed).manhattanLength() > CLICK_REACH:
        return None
    found, reach = Click(frame.x_at(spot.x()), frame.y_at(spot.y())), POINT_REACH
    for series in figure.series:
        if series.symbol and series.key in items:
            index, distance = nearest_point(
                series, frame, spot.x(), spot.y(), items[series.key].ascending
            )
            if index >= 0 and distance <= reach:
                found, reach = replace(found, key=series.key, index=index), distance
    more = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
    return replace(found, more=bool(more))


def placed_by_click(
    figure: Figure | None, frame: Frame, pressed: QPointF, spot: QPointF
) -> Iterator[tuple[Handle, float]]:
    """Yield where a click on a picture puts the two cursors that cross on it."""
    if figure is None or not figure.images:
        return
    found = [one for one in figure.cursors if one.draggable]
    is_cross = len(found) == len({one.axis for one in found}) == 2
    if is_cross and (spot - pressed).manhattanLength() <= CLICK_REACH:
        for one in found:
            handle = Handle(one.key)
            yield handle, value_under(figure, frame, handle, spot.x(), spot.y())
