"""The opened sources of the engine: what is at hand of the files that the state lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gui.core.state.document import Arrays, DataRef, Files, Rows, Selection
from gui.core.state.listed import Said


@dataclass
class Library:
    """The opened engine sources by path; opaque here, since core does not know the engine.

    Only the GUI thread adds and removes; the sources themselves are safe to read from workers.
    """

    _sources: dict[str, Any] = field(default_factory=dict)
    _said: dict[str, Said] = field(default_factory=dict)
    _listeners: list[Callable[[str], None]] = field(default_factory=list)
    _rows: dict[DataRef, tuple[Any, Rows]] = field(default_factory=dict)

    def add(self, path: str, source: Any, said: Said = ()) -> None:
        """Keep ``source`` under ``path``, read as ``said``, and tell those who listen."""
        self.put(path, source, said)
        self.tell(path)

    def put(self, path: str, source: Any, said: Said = ()) -> None:
        """Keep ``source`` under ``path``, read as ``said``; who does it tells of it (`tell`)."""
        self._sources[path], self._said[path] = source, said

    def tell(self, path: str) -> None:
        """Tell those who listen that ``path`` has been opened."""
        for listener in tuple(self._listeners):
            listener(path)

    def add_rows(self, ref: DataRef, source: Any, rows: Rows) -> None:
        """Keep which rows of ``ref`` stay where rows are left out, and tell those who listen."""
        self._rows = {one: kept for one, kept in self._rows.items() if self._has(one, kept[0])}
        self._rows[ref] = source, rows
        self.tell(ref.path)

    def _has(self, ref: DataRef, source: Any) -> bool:
        return self._sources.get(ref.path) is source

    def rows(self) -> tuple[tuple[DataRef, Rows], ...]:
        """Return every (matrix, rows that stay) of the open files."""
        known = self._rows.items()
        return tuple((ref, rows) for ref, (source, rows) in known if self._has(ref, source))

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(path)`` after every `add`.

        The files of a restored session open while their pages are on the screen already, and the
        state stays equal: without this nobody would look again.
        """
        self._listeners.append(listener)

    def leave(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` no more."""
        self._listeners.remove(listener)

    def sources(self, selection: Selection) -> tuple[tuple[str, Any], ...]:
        """Return every (path, source) that is read as ``selection`` says.

        While undo has a table read in another way its present numbers are not those that are
        meant.
        """
        return tuple(
            (path, source)
            for path, source in self._sources.items()
            if self._said[path] == selection.said_of(path)
        )

    def get(self, path: str) -> Any | None:
        """Return the source opened from ``path``, or None."""
        return self._sources.get(path)

    def remove(self, path: str) -> Any | None:
        """Forget ``path`` and return what was kept, so the caller can close it."""
        self._said.pop(path, None)
        return self._sources.pop(path, None)


def arrays_at_hand(files: Files, selection: Selection, library: Library) -> Arrays:
    """Return every array that can be read now."""
    return Arrays(files, selection, library.sources(selection), library.rows())
