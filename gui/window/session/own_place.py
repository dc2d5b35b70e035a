"""Where one running window keeps its session: the first place that no other window has."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLockFile

_PLACES = 64


class OwnPlace:
    """A session file that is locked for this window as long as it runs.

    The lock goes with the process, however that ends. Where nothing can be written there is no
    lock either: the first place is read, and saving says what is wrong.

    Parameters
    ----------
    folder : Path
        Where the sessions lie.
    """

    def __init__(self, folder: Path) -> None:
        self._lock: QLockFile | None = None
        self.path = folder / "session.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        for number in range(1, _PLACES):
            path = folder / ("session.json" if number == 1 else f"session-{number}.json")
            lock = QLockFile(f"{path}.lock")
            lock.setStaleLockTime(0)  # only that of a process that has ended is taken over
            if lock.tryLock(0):
                self._lock, self.path = lock, path
            elif lock.error() == QLockFile.LockError.LockFailedError:
                continue
            return

    @property
    def is_first(self) -> bool:
        """Whether no other window was there before."""
        return self.path.name == "session.json"

    def leave(self) -> None:
        """Let another window have the place."""
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
