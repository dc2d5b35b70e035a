"""The array read last, kept so that its parts are unpacked, decoded or parsed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from engine.files.reading.arrays import lock
from engine.jobs import Progress, checkpoint


class KeptArray:
    """Holds one array, dense or sparse, read-only; of threads that ask at once one makes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Hashable, Any] | None = None

    def get(self, key: Hashable, make: Callable[[], Any], progress: Progress | None) -> Any:
        """Return the array of ``key``, made anew unless it was the last one.

        Raises
        ------
        Cancelled
            When ``progress`` asks to stop, also while another thread makes the array.
        """
        claim_lock(self._lock, progress)
        try:
            held = self._held
            if held is None or held[0] != key:
                # The old array goes first: two at once may not fit.
                self._held = held = None
                array = lock(make())
                self._held = held = (key, array)
            return held[1]
        finally:
            self._lock.release()

    def clear(self) -> None:
        """Let go of the array; views of it stay valid."""
        self._held = None


def claim_lock(lock: threading.Lock, progress: Progress | None) -> None:
    """Acquire ``lock``, still answering to cancel while another thread holds it.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop; the lock is then not held.
    """
    while not lock.acquire(timeout=0.05):
        checkpoint(progress)
