"""The system or a terminal asks the program to end: it leaves as when its window is closed."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier

# Ctrl+C in the terminal, the end of the session or `kill`, and of the terminal.
_ASKED = ("SIGINT", "SIGTERM", "SIGHUP")


class Leaving(QObject):
    """Calls ``leave(number)`` between two events when a signal asks the program to end.

    Python's own handlers wait until Python runs again, which in a window at rest may be never; so
    a signal writes to a line that Qt's event loop listens to. What was told to be ignored, as by
    ``nohup``, stays so.
    """

    def __init__(self, leave: Callable[[int], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._leave = leave
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._before: dict[int, Any] = {}
        self._wakes = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for name in _ASKED:
            number = getattr(signal, name, None)  # not every system has all
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _heard)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._told)

    def stop(self) -> None:
        """Leave signals to whom they were left before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakes)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._ours.close()
        self._theirs.close()

    def _told(self) -> None:
        with suppress(BlockingIOError):
            asked = [number for number in self._ours.recv(64) if number in self._before]
            if asked:
                self._leave(asked[0])


def _heard(_number: int, _frame: Any) -> None:
    """Do nothing: the line has been written to."""
