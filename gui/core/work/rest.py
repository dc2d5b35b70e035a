"""When all that was asked for is drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

LOOK_MS = 10
QUIET = 2  # looks in a row; between an answer and the next question is a moment without work


class Rest(QObject):
    """Emits ``reached`` once nothing is ``busy()`` any more, after each `wait`."""

    reached = Signal()

    def __init__(self, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._busy = busy
        self._quiet = 0
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def wait(self) -> None:
        """Look from now on."""
        self._quiet = 0
        self._timer.start()

    def stop(self) -> None:
        """Look no more, emit nothing."""
        self._timer.stop()

    def _look(self) -> None:
        self._quiet = 0 if self._busy() else self._quiet + 1
        if self._quiet >= QUIET:
            self._timer.stop()
            self.reached.emit()


def is_about_to_act(owner: QObject) -> bool:
    """Return whether anything that belongs to ``owner`` waits for a moment before it acts."""
    timers = owner.findChildren(QTimer)
    return any(one.isActive() and one.isSingleShot() and one.interval() < 400 for one in timers)
