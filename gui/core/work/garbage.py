"""Garbage is collected in the window's thread, between two events, and nowhere else."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 1000  # milliseconds


class Collecting(QObject):
    """Has the window's thread collect garbage, every second at the most, until `stop`.

    By itself Python collects in whichever thread makes an object too many. A dialog that was closed
    would be destroyed in the thread of a computation then, or in the midst of a painting: Qt allows
    neither, and the program may end.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        gc.disable()
        self._due = [0.0, 0.0]  # of the middle and of the oldest generation, in their thresholds
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generation that would be due by now, had Python collected all the while."""
        due = gc.get_count()[0] / max(1, gc.get_threshold()[0])
        if due <= 1.0:
            return
        generation = 0
        for older, threshold in enumerate(gc.get_threshold()[1:]):
            self._due[older] += due / max(1, threshold)
            if (due := self._due[older]) <= 1.0:
                break
            self._due[older] = 0.0
            generation = older + 1
        gc.collect(generation)

    def stop(self) -> None:
        """Leave it to Python again, where that was so."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
