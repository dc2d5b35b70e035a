"""Links into other files: followed when a person asks, and never before."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from gui.core.screen.services import Context
from gui.core.state.listed import OpenFile
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.sources.compute.opening import OpenedFile, OpenRequest, linked_entry


class Links:
    """Offers to open the file that an entry links to, and chooses there what the link means.

    ``add(request, results)`` takes up what was opened, ``choose(path, name)`` selects an array.
    """

    def __init__(
        self,
        context: Context,
        add: Callable[[OpenRequest, tuple[OpenedFile, ...]], None],
        choose: Callable[[str, str], None],
    ) -> None:
        self._context, self._add, self._choose = context, add, choose

    def offer(self, file: OpenFile, name: str) -> bool:
        """Offer to follow an entry that is a link; False for every other."""
        link = self._link(file.path, name)
        entry = file.find(name)
        if link is None or entry is None:
            return False
        label = tr("Open the linked file")
        self._context.offer(tr_sentence(entry.note), label, lambda: self.follow(*link))
        return True

    def _link(self, path: str, name: str) -> tuple[str, str] | None:
        source: Any = self._context.library.get(path)
        found: tuple[str, str] | None = None if source is None else source.link(name)
        return found

    def follow(self, path: str, place: str) -> None:
        """Open a file and choose the array at ``place`` in it, or the first below it."""
        path = os.path.abspath(path)
        self._context.runner.submit(
            f"sources.link.{path}",
            OpenRequest((path,)),
            lambda request, results: self._take(request, results, place),
            lambda _, error: self._context.notify(tr_sentence(error), "error"),
            title=tr("Opening {name}", name=os.path.basename(path)),
        )

    def _take(self, request: OpenRequest, results: tuple[OpenedFile, ...], place: str) -> None:
        self._add(request, results)
        for file in (one.file for one in results if one.file is not None):
            if name := linked_entry(file, place):
                self._choose(file.path, name)
            else:
                words = tr("There is no array at {place} in {name}.", place=place, name=file.title)
                self._context.notify(words, "warning")
