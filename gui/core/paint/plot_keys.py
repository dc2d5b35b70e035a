"""The keyboard's hand in a plot: choose what can be moved, move it, let go; walk along curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from gui.core.figure.described import events_at, place_of, worded
from gui.core.figure.figure import Figure, Series
from gui.core.paint import plot_hands as hands
from gui.core.paint.plot_geometry import Frame
from gui.core.paint.plot_overlay import Handle, OverlayState

_FAST = 10
_SHARE = 0.05  # of what is in sight, by which an arrow pans

ARROWS = {
    Qt.Key.Key_Left: ("x", -1),
    Qt.Key.Key_Right: ("x", 1),
    Qt.Key.Key_Down: ("y", -1),
    Qt.Key.Key_Up: ("y", 1),
}  # the axis and the direction that a key moves along
ZOOMS = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}
_ENDS = {Qt.Key.Key_Home: False, Qt.Key.Key_End: True}
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def move_view(box: Any, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    """Pan or zoom a view box by a key; Shift: ten steps."""
    if key in ZOOMS:
        box.scaleBy((ZOOMS[key], ZOOMS[key]))
        return
    axis, sign = ARROWS[key]
    low, high = box.viewRange()[axis == "y"]
    fast = held & _SHIFT and not held & _CTRL
    way = sign * _SHARE * (high - low) * (_FAST if fast else 1)
    turned = box.xInverted() if axis == "x" else box.yInverted()
    box.translateBy(**{axis: -way if turned else way})


class KeyHand:
    """Moves the active handle of an :class:`OverlayState`.

    Parameters
    ----------
    move, release : callable
        Take a handle's new value, and the end of a movement.
    """

    def __init__(
        self,
        state: OverlayState,
        frame: Callable[[], Frame],
        move: Callable[[Handle, float], None],
        release: Callable[[Handle], None],
    ) -> None:
        self._state, self._frame = state, frame
        self._move, self._release = move, release
        self._held: Handle | None = None
        self._at = ("", 0)  # the point of a curve that is read aloud
        self._words = ""

    @property
    def words(self) -> str:
        """What the last key led to, to be read aloud."""
        return self._words

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Do what a key means to handles and curves; False where it means nothing to them."""
        self._words = ""
        fast = bool(held & _SHIFT)
        if held & _CTRL:
            return key in ARROWS and not fast and self._walk(*ARROWS[key])
        if key == Qt.Key.Key_Space:
            self.next()
        elif key in ARROWS:
            if not self.arrow(*ARROWS[key], fast):
                return False
        elif self._state.active is None:
            return False
        elif key in _ENDS:
            self._to_end(_ENDS[key])
        elif key == Qt.Key.Key_Escape:
            self.let_go()
            self._state.active = None
        else:
            return False
        self._words = self._active_words()
        return True

    def _to_end(self, last: bool) -> None:
        """Move the active handle as far as it goes; among points, go to the first or the last."""
        figure, active = self._state.figure, self._state.active
        if figure is None or active is None:
            return
        if active.is_point:
            series = hands.find_series(figure, active.key)
            index = series.x.size - 1 if last and series is not None else 0
            self.let_go()
            self._state.active = replace(active, index=index)
            return
        self._held = active
        self._move(active, hands.end_of(figure, self._frame(), active, last))

    def _active_words(self) -> str:
        figure, active = self._state.figure, self._state.active
        if figure is None or active is None:
            return ""
        value = hands.current_value(figure, active, self._state.moved)
        if active.is_point:
            series = hands.find_series(figure, active.key)
            return point_words(figure, series, active.index, value) if series is not None else ""
        cursor = hands.find_cursor(figure, active.key)
        return place_of(figure, cursor, value) if cursor is not None else ""

    def _walk(self, direction: str, sign: int) -> bool:
        """Go to the next point of a curve, or to another curve; the crosshair shows where."""
        figure = self._state.figure
        curves = [one for one in figure.series if np.isfinite(one.y).any()] if figure else []
        if figure is None or not curves:
            return False
        keys = [one.key for one in curves]
        key, index = self._at
        begun = key in keys
        place = keys.index(key) if begun else 0
        if begun and direction == "y":
            place = (place - sign) % len(keys)
        series = curves[place]
        seen = np.flatnonzero(np.isfinite(series.y))
        step = sign if begun and direction == "x" else 0
        nearest = int(np.searchsorted(seen, min(index, seen[-1])))
        found = int(seen[min(max(nearest + step, 0), seen.size - 1)])
        self._at = series.key, found
        frame = self._frame()
        x, y = float(series.x[found]), float(series.y[found])
        self._state.mouse = frame.px_one(x), frame.py_one(y)
        self._state.readout = point_words(figure, series, found, y)
        before = int(seen[max(nearest, 0)]) if step else found
        seen_there = (self._state.readout, *events_at(figure, series, found, before))
        self._words = ", ".join(seen_there)
        return True

    def next(self) -> None:
        """Choose the next movable thing."""
        if self._state.figure is None:
            return
        known = hands.handles_of(self._state.figure)
        if not known:
            return
        active = self._state.active
        keys = [handle.key for handle in known]
        place = keys.index(active.key) + 1 if active is not None and active.key in keys else 0
        self._state.active = known[place % len(known)]

    def arrow(self, direction: str, sign: int, fast: bool) -> bool:
        """Move the active handle a step, or go to the next point; False without a handle."""
        if self._state.active is None:
            self.next()
        figure, active = self._state.figure, self._state.active
        if figure is None or active is None:
            return False
        if active.is_point and direction == "x":
            series = hands.find_series(figure, active.key)
            count = series.x.size if series is not None else 1
            self.let_go()
            index = (active.index + sign * (_FAST if fast else 1)) % count
            self._state.active = replace(active, index=index)
            return True
        value = hands.current_value(figure, active, self._state.moved)
        steps = sign * (_FAST if fast else 1)
        self._held = active
        self._move(active, hands.stepped(figure, self._frame(), active, value, steps))
        return True

    def let_go(self) -> None:
        """End the movement, if there is one."""
        handle, self._held = self._held, None
        if handle is not None:
            self._release(handle)


def point_words(figure: Figure, series: Series, index: int, y: float) -> str:
    """Return a point of a curve in words: its curve, and both quantities with their values."""
    if series.words:
        return f"{series.own_name}: {series.words[index]}"
    x = float(series.x[index])
    parts = (series.own_name, worded(figure.x, x), worded(figure.y, y))
    return ", ".join(part.strip() for part in parts if part.strip())
