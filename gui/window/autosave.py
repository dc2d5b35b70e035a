"""Saves the session a moment after each change, and brings it back at the next start."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from gui.core.state.session import from_json, to_json, write_atomically
from gui.core.state.store import Store
from gui.core.words.i18n import tr

SAVE_DELAY_MS = 2000


class Autosave(QObject):
    """Saves the session a moment after each change, and restores it.

    Parameters
    ----------
    store : Store
        Whose state is saved.
    folder : Path
        Where ``session.json`` lies.
    cleaned : mapping of str to callable
        By slice, what brings the numbers of a file edited by hand into their ranges.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        cleaned: Mapping[str, Callable[[Any], Any]] = types.MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._store = store
        self._cleaned = cleaned
        self._path = folder / "session.json"
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self.save_now)
        store.changed.connect(self._when_changed)

    def restore(self, front: str = "") -> tuple[str, ...]:
        """Bring the saved session into the store; return notices about what did not fit.

        ``front`` is the page that will be in front.
        """
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError):
            return (tr("The last session could not be read; this is a fresh start."),)
        slices, notices = from_json(text, self._store.state, front)
        slices |= {name: clean(slices[name]) for name, clean in self._cleaned.items()}
        self._store.restore(slices, label=tr("session"))
        self._store.forget_history()
        return notices

    def save_now(self) -> None:
        """Write the session; a full disk or a read-only home costs the session, not the work."""
        self._timer.stop()
        try:
            write_atomically(self._path, to_json(self._store.state))
        except OSError:
            return

    def stop(self) -> None:
        """Stop listening to the store."""
        self._timer.stop()
        self._store.changed.disconnect(self._when_changed)

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        # Not restarted by later changes: a drag of a minute is saved on the way, too.
        if not self._timer.isActive():
            self._timer.start()
