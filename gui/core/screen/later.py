"""Calls that are due later, on one timer that ends with the page."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer


class Later:
    """``later(seconds, call)`` calls in so many seconds, unless `stop` comes first."""

    def __init__(self, parent: QObject) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._timer = QTimer(parent, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._call)

    def __call__(self, seconds: float, call: Callable[[], None]) -> None:
        """Call ``call`` in ``seconds``."""
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), call))
        self._wait()

    @property
    def is_waiting(self) -> bool:
        """Whether anything is due."""
        return bool(self._due)

    def stop(self) -> None:
        """Call nothing any more."""
        self._due.clear()
        self._timer.stop()

    def _wait(self) -> None:
        if self._due:
            self._timer.start(max(0, round(1000 * (self._due[0][0] - time.monotonic()))))

    def _call(self) -> None:
        now = time.monotonic() + 1e-3
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
        self._wait()
