"""Compiled kernels, made ready behind the window's back.

To compile them takes half a minute the first time on a machine and holds the interpreter at times:
a process of its own does it, at low priority, and the window loads what it left on disk. Until
then NumPy answers, with the same digits.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer

DELAY_MS = 1500  # after the window has come up: the first plots go first
_ROOT = Path(__file__).resolve().parents[2]
_MAKE = "import os; getattr(os, 'nice', int)(10); from engine.topk import warm; warm(wait=True)"


class Warming(QObject):
    """Makes the kernels in a process, then has them loaded here; ends with the program.

    Parameters
    ----------
    code : str
        What the process runs.
    """

    def __init__(self, parent: QCoreApplication, code: str = _MAKE) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-c", code])
        environment = QProcessEnvironment.systemEnvironment()
        paths = [str(_ROOT), environment.value("PYTHONPATH")]
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._made)
        parent.aboutToQuit.connect(self.stop)

    def start(self, delay: int = DELAY_MS) -> None:
        """Begin in ``delay`` milliseconds."""
        QTimer.singleShot(delay, self._process.start)

    def stop(self) -> None:
        """End the process at once."""
        self._process.finished.disconnect(self._made)
        self._process.kill()
        self._process.waitForFinished(1000)

    def _made(self, status: int) -> None:
        if status == 0:
            from engine.topk import warm

            warm()
