"""Saves the session a moment after each change, and brings it back at the next start."""

from __future__ import annotations

import errno
import logging
import shutil
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gui.core.export.files import reason_of
from gui.core.state.left_out import without_shown
from gui.core.state.session import (
    LARGEST,
    from_json,
    read_ordinary,
    to_json,
    write_atomically,
)
from gui.core.state.store import Store
from gui.core.words.i18n import tr
from gui.window.session.own_place import OwnPlace

SAVE_DELAY_MS = 1500  # and what it takes to write: at most two seconds of work are lost
RETRY_MS = 30_000
SESSION = ".rankscope"  # ends the name of one that is saved elsewhere
_ASIDE = 5  # damaged sessions that are kept

_log = logging.getLogger(__name__)


class Autosave(QObject):
    """Saves the session a moment after each change, and restores it.

    ``troubled(sentence)`` says that and why it cannot be saved, with "" that it can again.

    Parameters
    ----------
    store : Store
        Whose state is saved.
    folder : Path
        Where the sessions lie.
    cleaned : mapping of str to callable
        By slice, what brings the numbers of a file edited by hand into their ranges.
    """

    troubled = Signal(str)

    def __init__(
        self,
        store: Store,
        folder: Path,
        cleaned: Mapping[str, Callable[[Any], Any]] = types.MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._store = store
        self._cleaned = cleaned
        self._place = OwnPlace(folder)
        self.path = self._place.path
        self.trouble = ""
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self.save_now)
        store.changed.connect(self._when_changed)

    def restore(self, front: str = "") -> tuple[str, ...]:
        """Bring the saved session into the store; return what there is to say of it.

        ``front`` is the page that will be in front. What does not fit is left out, and the file
        kept aside.
        """
        slices, notices = read_session(self.path, self._store, self._cleaned, front)
        if slices is not None:
            self._store.restore(slices, label=tr("session"))
            self._store.forget_history()
        if notices:
            notices = (" ".join((*notices, self._kept_aside())),)
        if not self._place.is_first:
            words = tr(
                "Another window has the session. This one keeps its own, in {path}.",
                path=self.path,
            )
            notices = (words, *notices)
        return notices

    def save_now(self) -> None:
        """Write the session, or say why it cannot be: the work goes on."""
        before = self.trouble
        self._save()
        if self.trouble != before:
            self.troubled.emit(self.trouble)

    def move_to(self, path: Path) -> None:
        """Save at ``path`` from now on; where that fails it is said as ever."""
        self.path = path
        self._save()
        self.troubled.emit(self.trouble)

    def stop(self) -> None:
        """Stop listening to the store, and let go of the place."""
        self._timer.stop()
        self._store.changed.disconnect(self._when_changed)
        self._place.leave()

    def _save(self) -> None:
        """Write the session; where that fails ``trouble`` says why, and it is tried again."""
        self._timer.stop()
        self.trouble = self._saved()
        if self.trouble:
            self._timer.start(RETRY_MS)

    def _saved(self) -> str:
        """Write the session; return why it could not be, in a sentence."""
        try:
            write_atomically(self.path, to_json(without_shown(self._store.state)))
        except OSError as error:
            reason = reason_of(error)
        except MemoryError:
            reason = reason_of(OSError(errno.ENOMEM, ""))
        else:
            return ""
        _log.warning("session not saved: %s", reason)
        return tr(
            "The session cannot be saved in {path}: {reason} What you do now is lost when the "
            "program ends.",
            path=self.path,
            reason=reason,
        )

    def _kept_aside(self) -> str:
        """Copy the file before it is written over; return what there is to say of it."""
        names = [self.path.with_suffix(f".damaged-{number}.json") for number in range(_ASIDE)]
        free = next((name for name in names if not name.exists()), names[-1])
        try:
            shutil.copyfile(self.path, free)
            free.chmod(0o600)
        except OSError as error:
            return tr("The original could not be kept: {reason}", reason=reason_of(error))
        return tr("The original is kept as {path}.", path=free)

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        # Not restarted by later changes: a drag of a minute is saved on the way, too.
        if not self._timer.isActive() or self._timer.interval() == RETRY_MS:
            self._timer.start(SAVE_DELAY_MS)


def read_session(
    path: Path,
    store: Store,
    cleaned: Mapping[str, Callable[[Any], Any]],
    front: str = "",
    *,
    last: bool = True,
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Return (slices, notices) of a session file; None where there is nothing to restore.

    ``last`` is whether it is that of the last time, in place of which there is a fresh start.
    """
    try:
        data = read_ordinary(path, LARGEST + 1)
    except FileNotFoundError:
        return None, ()
    except (OSError, MemoryError):
        data = b""
    text = data.decode("utf-8", errors="replace") if len(data) <= LARGEST else ""
    slices, notices = from_json(text, store.state, front, "" if last else str(path))
    if not slices:
        return None, notices
    return slices | {name: clean(slices[name]) for name, clean in cleaned.items()}, notices
