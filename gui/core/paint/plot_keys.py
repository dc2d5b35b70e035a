"""The keyboard's hand in a plot: choose a movable thing, move it step by step, let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt

from gui.core.paint import plot_hands as hands
from gui.core.paint.plot_geometry import Frame
from gui.core.paint.plot_overlay import Handle, OverlayState

_FAST = 10

ARROWS = {
    Qt.Key.Key_Left: ("x", -1),
    Qt.Key.Key_Right: ("x", 1),
    Qt.Key.Key_Down: ("y", -1),
    Qt.Key.Key_Up: ("y", 1),
}  # the axis and the direction that a key moves along


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
            self._state.active = replace(active, index=(active.index + sign) % count)
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
