"""Open files that change on disk: offered to be read again, or followed; those that vanish."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from gui.core.screen.services import Context, Remembers
from gui.core.state.document import Files
from gui.core.state.listed import OpenFile, stamp_of
from gui.core.words.i18n import tr

# Writing takes a while, and many editors put a new file in the place of the old one.
SETTLE_MS = 400
_SETTING = "files/follow"
_GONE = "gone"  # in place of the stamp of a file that is not there
Tell = Callable[..., None]


def follows(settings: Remembers) -> bool:
    """Return whether files that change are read again by themselves."""
    return settings.value(_SETTING, False)


def set_follows(settings: Remembers, on: bool) -> None:
    """Have files that change read again by themselves from now on, or offered."""
    settings.set_value(_SETTING, on)


class Following(QObject):
    """Watches the open files; a file counts as changed, or gone, once it has rested.

    Parameters
    ----------
    context : Context
    reload : callable
        ``reload(path)`` reads a file again.
    tell : callable
        ``tell(words, severity, (label, action), ...)`` shows a message with its buttons.
    follow : callable
        Has files that change read again by themselves from now on.
    mark : callable
        ``mark(words)`` gets what became of files, by their paths.
    """

    def __init__(
        self,
        context: Context,
        reload: Callable[[str], None],
        tell: Tell,
        follow: Callable[[], None],
        mark: Callable[[Mapping[str, str]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context, self._reload, self._tell = context, reload, tell
        self._follow, self._mark = follow, mark
        self._looked: dict[str, str] = {}  # the stamp at the last look
        self._told: dict[str, str] = {}  # what has been offered or read already
        self._said: dict[str, str] = {}  # the sentence about a file, while it holds
        self._stamps: dict[str, str] = {}  # of the file as it was read, when that was said
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self._look)
        # A file put in the place of another is no longer watched, the folder it is in is.
        self._watcher.fileChanged.connect(lambda _: self._settling.start())
        self._watcher.directoryChanged.connect(lambda _: self._settling.start())
        context.store.changed.connect(self._when_changed)
        self._watch()

    def stop(self) -> None:
        """Look no more."""
        self._settling.stop()
        self._watcher.fileChanged.disconnect()
        self._watcher.directoryChanged.disconnect()
        self._context.store.changed.disconnect(self._when_changed)

    def _files(self) -> tuple[OpenFile, ...]:
        files: Files = self._context.store["files"]
        return tuple(file for file in files.items if file.stamp)

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if old["files"] is not new["files"]:
            stamps = {file.path: file.stamp for file in self._files()}
            for path in [one for one in self._said if stamps.get(one) != self._stamps.get(one)]:
                self._take_back(path)
            self._watch()
            self.show()

    def _watch(self) -> None:
        paths = {file.path for file in self._files()}
        # Also the folder of a file that is gone: it may come back.
        places = paths | {os.path.dirname(path) for path in paths}
        wanted = {path for path in places if os.path.exists(path)}
        known = {*self._watcher.files(), *self._watcher.directories()}
        if gone := known - wanted:
            self._watcher.removePaths(sorted(gone))
        if new := wanted - known:
            self._watcher.addPaths(sorted(new))

    def _look(self) -> None:
        rests = True
        for file in self._files():
            stamp = stamp_of(file.path) or _GONE
            if stamp == file.stamp:
                self._told.pop(file.path, None)  # it is back as it was
                self._take_back(file.path)
            if stamp in (file.stamp, self._told.get(file.path)):
                continue
            if self._looked.get(file.path) != stamp:
                self._looked[file.path], rests = stamp, False  # it may still be written
                continue
            self._told[file.path] = stamp
            if stamp == _GONE:
                words = tr("{name} is not in its place any more; the numbers read from it stay.")
                self._say(file, words.format(name=file.title), "warning")
            else:
                self._changed(file)
        self._watch()
        self.show()
        if not rests:
            self._settling.start()

    def _changed(self, file: OpenFile) -> None:
        if follows(self._context.settings):
            self._reload(file.path)
            return
        words = tr("{name} has changed on disk; its former numbers are shown.", name=file.title)

        def read() -> None:
            self._reload(file.path)

        def follow() -> None:
            self._follow()
            read()

        self._say(file, words, "info", (tr("Read it again"), read), (tr("Follow"), follow))

    def _say(self, file: OpenFile, words: str, *how: Any) -> None:
        self._take_back(file.path)
        self._said[file.path], self._stamps[file.path] = words, file.stamp
        self._tell(words, *how)

    def _take_back(self, path: str) -> None:
        """What was said of a file holds no longer: it was read again, closed, or is back."""
        if words := self._said.pop(path, ""):
            self._context.withdraw(words)

    def show(self) -> None:
        """Say in the tree what became of the files as they were read."""
        words = {_GONE: tr("gone")}
        told = ((file.path, self._told.get(file.path)) for file in self._files())
        self._mark(
            {
                path: words.get(stamp, tr("changed"))
                for path, stamp in told
                if stamp and stamp != self._stamp(path)
            }
        )

    def _stamp(self, path: str) -> str:
        return next((file.stamp for file in self._files() if file.path == path), "")
