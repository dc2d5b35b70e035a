"""What a running job says before it ends: how far it is, and parts of its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def is_answer(error: BaseException) -> bool:
    """Whether an error says something about the data or the machine; any other is our mistake."""
    return getattr(error, "for_people", False) or isinstance(error, (OSError, MemoryError))


class JobProgress:
    """Progress of a job, written by its thread and read in the GUI thread."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.cancelled = False
        self._wake = wake
        self._lock = threading.Lock()
        self._latest: tuple[float, str] | None = None

    def report(self, fraction: float, text: str) -> None:
        """Say how far the work is, in the job's thread."""
        with self._lock:
            asleep = self._latest is None
            self._latest = (min(1.0, max(0.0, float(fraction))), text)
        if asleep:  # one queued event per reading, however often the work reports
            self._wake()

    def take(self) -> tuple[float, str] | None:
        """Return what was said last since the last time, None for nothing."""
        with self._lock:
            latest, self._latest = self._latest, None
        return latest


class Feed:
    """Parts of an answer, put in by the job's thread and taken out in the GUI thread."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._parts: list[Any] = []

    def __call__(self, part: Any) -> None:
        """Put a part in, in the job's thread."""
        with self._lock:
            asleep = not self._parts
            self._parts.append(part)
        if asleep:
            self._wake()

    def take(self) -> list[Any]:
        """Return what has been put in since the last time."""
        with self._lock:
            parts, self._parts = self._parts, []
        return parts
