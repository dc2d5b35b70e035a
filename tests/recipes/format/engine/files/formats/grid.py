"""Esri ASCII grids (.asc): six lines of header, then the rows of numbers.

References
----------
Esri, "ASCII raster file format", ArcGIS documentation: nrows, ncols, corner, cell size, NODATA.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.errors import FileError
from engine.files.reading.access import Fingerprint, file_errors, fingerprint, require_unchanged
from engine.files.reading.entries import BadArray, array_entry
from engine.files.reading.kept import KeptArray
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.sentences import say

_HEADER = 6


class GridSource(MatrixSource):
    """One .asc file; parsed when it is read first."""

    def __init__(self, path: str, known: Fingerprint, entry: Entry) -> None:
        super().__init__(path, FORMAT, (entry,), known)
        self._kept = KeptArray()

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Array:
        checkpoint(progress, 0.0, "Reading the matrix")
        return np.asarray(self._kept.get("", lambda: self._parse(entry), progress)[selection])

    def _parse(self, entry: Entry) -> Array:
        with open(self.path, encoding="latin-1") as stream:
            words = [line.split() for line in stream if line.strip()]
        try:
            rows = np.array(words[_HEADER:], np.float64)
        except ValueError as error:
            raise _damaged(self.path) from error
        if rows.shape != entry.shape:
            raise _damaged(self.path)
        return rows


def open_grid(path: str, progress: Progress | None = None) -> GridSource:
    """Open a grid; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, or its header makes no sense.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    with file_errors(path), open(path, encoding="latin-1") as stream:
        lines = [stream.readline(200).lower().split() for _ in range(_HEADER)]
    require_unchanged(path, known)
    try:
        head = {words[0]: words[1] for words in lines if len(words) == 2}
        shape = int(head["nrows"]), int(head["ncols"])
        entry = array_entry(Path(path).stem, np.dtype(np.float64), shape)
    except (KeyError, ValueError, BadArray) as error:
        raise _damaged(path) from error
    if min(shape) < 1 or 2 * shape[0] * shape[1] > known.size + 1:
        raise _damaged(path)
    return GridSource(path, known, entry)


def _damaged(path: str) -> FileError:
    problem = say("it does not hold the grid that its first {count} lines announce", count=_HEADER)
    return FileError(path, problem, "Save it again.")


FORMAT = Format(
    key="grid",
    title="Esri ASCII grid",
    suffixes=(".asc",),
    open=open_grid,
    matches=lambda head: head.startswith(b"NROWS"),  # else a text table, which reads it, too
)
