"""Files that were opened before the rules of now: which they are, and what is said of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from gui.core.screen.services import Remembers
from gui.core.state.listed import Said
from gui.core.words.i18n import tr
from gui.pages.sources.compute.former import Known
from gui.pages.sources.compute.opening import OpenedFile
from gui.pages.sources.show.words import shape_text

RULES = 2  # of reading tables; the first were those before headings of numbers were known
_RULES, _BEFORE = "files/rules", "files/from_before"


class Former:
    """Keeps which recent files are from before, and offers the reading of now.

    ``offer(words, label, act)`` shows a sentence with a button; ``read(path, said)`` reads again.
    """

    def __init__(
        self,
        settings: Remembers,
        offer: Callable[[str, str, Callable[[], None]], None],
        read: Callable[[str, Said], None],
    ) -> None:
        self._settings, self._offer, self._read = settings, offer, read
        if settings.value(_RULES, 1) < RULES:
            settings.set_value(_BEFORE, settings.recent_files())
            settings.set_value(_RULES, RULES)

    def known(self) -> tuple[Known, ...]:
        """Return the recent files that no version with these rules has opened."""
        return tuple(map(Known, self._settings.value(_BEFORE, [""])))

    def tell(self, opened: Iterable[OpenedFile]) -> None:
        """Say once which of them are read as before, and offer what is found now."""
        opened = [one for one in opened if one.file is not None]
        left = self._settings.value(_BEFORE, [""])
        gone = {one.path for one in opened}
        if gone & set(left):
            self._settings.set_value(_BEFORE, [path for path in left if path not in gone])
        if former := [one for one in opened if one.found]:
            self.offer("\n".join(map(_sentence, former)), [one.path for one in former])

    def offer(self, words: str, paths: Iterable[str]) -> None:
        """Say something of tables that are read as before, with the button that reads them anew."""

        def read() -> None:
            for path in paths:
                self._read(path, ())

        self._offer(words, tr("Read as found now"), read)


def _sentence(one: OpenedFile) -> str:
    assert one.file is not None
    return tr(
        "{name} would be read as {found} now; it is read as before, as {shape}.",
        name=os.path.basename(one.path),
        found=shape_text(one.found),
        shape=shape_text(one.file.entries[0].shape),
    )
