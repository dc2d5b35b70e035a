"""Files that need more than a share of the free memory: opened when a person says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gui.core.words.i18n import tr
from gui.pages.sources.compute.opening import OpenedFile, permit_all
from gui.pages.sources.show.words import problem_text


class Room:
    """Asks about them; ``offer(words, label, act)`` shows a sentence with a button."""

    def __init__(
        self,
        offer: Callable[[str, str, Callable[[], None]], None],
        open_paths: Callable[[Iterable[str]], None],
    ) -> None:
        self._offer, self._open = offer, open_paths

    def ask(self, results: Iterable[OpenedFile]) -> None:
        """Say which of them are too large to be opened unasked, with the button that goes on."""
        large = [one for one in results if one.asks]

        def go_on() -> None:
            paths = [one.path for one in large]
            permit_all(paths)
            self._open(paths)

        if large:
            self._offer(problem_text([one.problem for one in large]), tr("Go on"), go_on)
