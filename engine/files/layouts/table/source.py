"""Tables parsed when their file was opened, as a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from engine.errors import FileError
from engine.files.reading.access import Fingerprint
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.files.reading.tables import TableReading
from engine.jobs import Progress


class TableSource(MatrixSource):
    """The tables of one file, held in memory.

    Parameters
    ----------
    tables : sequence of (array, Entry)
        In the order of the file.
    asked : TableReading
        What a person said of them; another process opens the file with the same.
    """

    def __init__(
        self,
        path: str,
        format: Format,
        known: Fingerprint,
        tables: Sequence[tuple[Array, Entry]],
        asked: TableReading,
        notes: tuple[str, ...] = (),
    ) -> None:
        if asked != TableReading():
            format = replace(format, open=partial(format.open, reading=asked))
        super().__init__(path, format, tuple(entry for _, entry in tables), known, notes)
        self._arrays = {entry.name: array for array, entry in tables}

    def close(self) -> None:
        """Let go of the tables; arrays already read stay valid."""
        super().close()
        self._arrays = {}

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        array = self._arrays.get(entry.name)
        if array is None:  # closed meanwhile, by another thread
            raise FileError(self.path, "this file was closed", "Open it again.")
        return array[selection]
