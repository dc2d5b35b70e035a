"""NumPy .npy files: the header is checked against the file before anything is mapped."""

from __future__ import annotations

from pathlib import Path

from engine.errors import FileError
from engine.files.layouts.npy_header import (
    SIGNATURE,
    Header,
    Part,
    check_size,
    describe_parts,
    read_header,
)
from engine.files.reading.access import Fingerprint, file_errors, fingerprint, require_unchanged
from engine.files.reading.entries import BadArray
from engine.files.reading.mapped import read_mapped
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.sentences import say


class NpySource(MatrixSource):
    """One .npy file; parts are mapped from disk when they are read."""

    def __init__(
        self,
        path: str,
        known: Fingerprint,
        header: Header,
        parts: tuple[Part, ...],
        notes: tuple[str, ...],
    ) -> None:
        super().__init__(path, FORMAT, tuple(part.entry for part in parts), known, notes)
        self._header = header
        self._fields = {part.entry.name: part.field for part in parts}

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Array:
        header = self._header
        return read_mapped(
            self.path,
            header.dtype,
            header.shape,
            header.offset,
            selection,
            progress,
            order="F" if header.fortran_order else "C",
            field=self._fields[entry.name],
        )


def open_npy(path: str, progress: Progress | None = None) -> NpySource:
    """Open a .npy file; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read or is no .npy file of numbers.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    try:
        with file_errors(path), open(path, "rb") as stream:
            header = read_header(stream)
        parts = describe_parts(Path(path).stem, header)
        check_size(header, known.size - header.offset)
    except BadArray as error:
        raise FileError(path, error.problem, error.hint) from error
    require_unchanged(path, known)
    surplus = known.size - header.offset - header.data_bytes
    notes = (
        (say("{surplus:,} bytes after the data are ignored.", surplus=surplus),) if surplus else ()
    )
    return NpySource(path, known, header, parts, notes)


FORMAT = Format(
    key="npy",
    title="NumPy array",
    suffixes=(".npy",),
    open=open_npy,
    matches=lambda head: head.startswith(SIGNATURE),
)
