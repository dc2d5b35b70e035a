"""Files that are not opened, with the button that opens them: too large to be opened unasked, or
cancelled by a person."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject

from gui.core.screen.services import Context
from gui.core.words.i18n import tr
from gui.pages.sources.compute.opening import OpenedFile, OpenRequest, permit_all
from gui.pages.sources.show.words import problem_text

OPEN, REOPEN = "sources.open.", "sources.reopen"  # channels
Opens = Callable[[Iterable[str]], None]


class Unopened(QObject):
    """Says what is not opened; ``reopens`` is for the files of a session."""

    def __init__(self, parent: QObject, context: Context, opens: Opens, reopens: Opens) -> None:
        super().__init__(parent)
        self._context, self._opens, self._reopens = context, opens, reopens
        self._kept: dict[str, str] = {}  # why a file was not read again, while that holds
        context.runner.cancelled.connect(self._tell)

    def ask(self, results: Iterable[OpenedFile]) -> None:
        """Say which of them are too large to be opened unasked, with the button that goes on."""
        large = [one for one in results if one.asks]

        def go_on() -> None:
            paths = [one.path for one in large]
            permit_all(paths)
            self._opens(paths)

        if large:
            self._context.offer(problem_text([one.problem for one in large]), tr("Go on"), go_on)

    def tell_kept(self, found: OpenedFile) -> None:
        """Say that a file could not be read again, until it is."""
        words = tr("{reason} Its former numbers stay.", reason=problem_text([found.problem]))
        self.take_back(found.path)
        self._kept[found.path] = words
        self._context.notify(words, "warning")
        self.ask((found,))

    def take_back(self, path: str) -> None:
        """Take back that a file could not be read again."""
        self._context.withdraw(self._kept.pop(path, ""))

    def _tell(self, channel: str, request: object) -> None:
        if isinstance(request, OpenRequest) and channel.startswith((OPEN, REOPEN)):
            opens, paths = self._reopens if channel == REOPEN else self._opens, request.paths
            names = tr(", ").join(map(os.path.basename, paths))
            words = tr("Opening {names} was cancelled.", names=names)
            self._context.offer(words, tr("Open again"), lambda: opens(paths))
