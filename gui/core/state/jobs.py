"""What a computation is, and who runs one: the words in which all floors speak of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Progress(Protocol):
    """What ``Request.run`` is handed; the same shape as ``engine.jobs.Progress``."""

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop at its next check."""
        ...

    def report(self, fraction: float, text: str) -> None:
        """Say how far the work is."""
        ...


class Request(Protocol):
    """A frozen record of everything a computation needs: read-only arrays, numbers, no Qt.

    It may have an attribute ``cost``, the estimated time in seconds; without it 0 is assumed.
    """

    def run(self, progress: Progress) -> Any:
        """Compute; called in another thread or another process."""
        ...


Done = Callable[[Any, Any], None]
Failed = Callable[[Any, BaseException], None]
Fed = Callable[[Any, Sequence[Any]], None]


class Runs(Protocol):
    """Who computes off the window's thread, a channel at a time: `gui.core.work.runner.Runner`.

    ``progressed(channel, fraction, text)``, ``busy_changed(busy)``, ``finished(channel)`` and
    ``cancelled(channel, request)``, which a person did, are signals.
    """

    progressed: Any
    busy_changed: Any
    finished: Any
    cancelled: Any

    def submit(
        self,
        channel: str,
        request: Any,
        done: Done,
        failed: Failed | None = None,
        *,
        live: bool = False,
        title: str = "",
        fed: Fed | None = None,
    ) -> None:
        """Compute ``request`` for ``channel``; it overtakes all earlier ones of the channel."""
        ...

    def cancel(self, channel: str) -> None:
        """Drop what runs and waits on ``channel``; returns at once."""
        ...

    def cancel_all(self) -> None:
        """Cancel every channel."""
        ...

    def is_busy(self, channel: str | None = None) -> bool:
        """Whether ``channel`` (or any, by default) has something running or waiting."""
        ...

    def shutdown(self) -> None:
        """Drop everything and end all threads and processes, within a second."""
        ...
