"""Memory that has been freed goes back to the system, where it is glibc that keeps it.

By default every thread gets a pool of its own, matrices up to 32 MB lie in these, and what has
been freed amid what has not stays: half of the memory of a window that had been used for a while.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, QTimer

from gui.core.state.jobs import Runs

POOLS = 2  # the window's and one for the threads that compute
LARGE = 8 << 20  # bytes; what takes more is mapped, and gone when freed. Mapping costs a fill.
REST = 1000  # milliseconds without work until memory is given back
LONGEST = 2.0  # seconds of work without a rest
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # as `mallopt` counts them


@cache
def _libc() -> Any:
    """The C library where it is glibc, else None."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    known = all(hasattr(library, name) for name in ("mallopt", "malloc_trim"))
    return library if known else None


def keep_few_pools() -> None:
    """Have malloc keep few pools without matrices in them; to be called before threads start."""
    if (libc := _libc()) is not None:
        libc.mallopt(_ARENA_MAX, POOLS)
        libc.mallopt(_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Give what has been freed back to the system; mostly below a millisecond."""
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)


class GivingBack(QObject):
    """Gives memory back when the work has rested for a second, or has gone on for ten."""

    def __init__(self, runner: Runs, parent: QObject, give: Callable[[], None] = give_back) -> None:
        super().__init__(parent)
        self._runner, self._give = runner, give
        self._given = time.monotonic()
        self._timer = QTimer(self, singleShot=True, interval=REST)
        self._timer.timeout.connect(self._rested)
        runner.busy_changed.connect(self._when_busy_changed)

    def stop(self) -> None:
        """Give nothing back any more."""
        self._runner.busy_changed.disconnect(self._when_busy_changed)
        self._timer.stop()

    def _when_busy_changed(self, busy: bool) -> None:
        if not busy and not self._timer.isActive():
            self._timer.start()

    def _rested(self) -> None:
        now = time.monotonic()
        if self._runner.is_busy() and now - self._given < LONGEST:
            self._timer.start()
            return
        self._given = now
        self._give()
