"""Garbage is collected in the window's thread, between two events, and nowhere else."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 1000  # milliseconds


def collect_due() -> None:
    """Collect as the interpreter would: the oldest generation of which there is enough."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, enough) in enumerate(counts) if count > enough > 0]
    if due:
        gc.collect(due[-1])


class Collecting(QObject):
    """Has the window's thread collect garbage every second, until `stop`.

    By itself Python collects in whichever thread makes an object too many. A dialog that was closed
    would be destroyed in the thread of a computation then, or in the midst of a painting: Qt allows
    neither, and the program may end.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(collect_due)
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again, where that was so."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
