"""Matrix Market text (.mtx, .mtx.gz): the header is read at once, the matrix on request.

Parsed here, line by line: scipy's reader ends the whole process on many a damaged file.

References
----------
Boisvert, Pozo & Remington, "The Matrix Market Exchange Formats", NISTIR 5935, 1996.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np

from engine.errors import FileError
from engine.files.reading import sparse
from engine.files.reading.access import (
    DEFLATE_RATIO,
    Fingerprint,
    file_errors,
    fingerprint,
    packed_errors,
    require_unchanged,
    stem_of,
    unpacked,
)
from engine.files.reading.entries import join_complex
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, say

SIGNATURE = b"%%MatrixMarket"
_DTYPES = {
    "real": "f8",
    "double": "f8",
    "pattern": "f8",
    "integer": "i8",
    "unsigned-integer": "u8",
    "complex": "c16",
}
_SYMMETRIES = ("general", "symmetric", "skew-symmetric", "hermitian")
# The shortest line of a stored entry, by layout: "1 1" or "1", and the end of the line.
_SHORTEST_LINE = {"coordinate": 4, "array": 2}
_CHUNK_BYTES = 1 << 22
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class Header:
    """What a file says before its entries; ``offset`` and ``line`` are where those begin."""

    rows: int
    cols: int
    stored: int
    layout: str
    field: str
    symmetry: str
    offset: int
    line: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Element type of the matrix; a pattern counts as ones."""
        return np.dtype(_DTYPES[self.field])


class MatrixMarketSource(MatrixSource):
    """One .mtx file; one that lists its entries by place is read as a sparse matrix."""

    def __init__(self, path: str, known: Fingerprint, entry: Entry, header: Header) -> None:
        super().__init__(path, FORMAT, (entry,), known)
        self._header = header
        self._size = known.size

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        if entry.stored is None:
            make = partial(self._parse_dense, entry, progress)
            return np.asarray(self._kept.get("", make, progress)[selection])
        make = partial(self._parse_sparse, entry, progress)
        return sparse.select(self._kept.get("", make, progress), selection)

    def _parse_dense(self, entry: Entry, progress: Progress | None) -> Array:
        header = self._header
        require_room(self.path, entry.bytes + 8 * _CHUNK_BYTES, "the matrix")
        matrix = np.zeros((header.rows, header.cols), header.dtype)
        count = 0
        for table in self._tables(progress):
            _fill_dense(self.path, header, matrix, table, count)
            count += len(table)
        self._require_all(count)
        return matrix

    def _parse_sparse(self, entry: Entry, progress: Progress | None) -> Any:
        header = self._header
        # The places as read, and as they are kept.
        require_room(self.path, 4 * entry.bytes + 8 * _CHUNK_BYTES, "the matrix")
        none = np.zeros(0, np.int64)
        parts: list[tuple[Array, Array, Array]] = [(none, none, np.zeros(0, entry.dtype))]
        count = 0
        for table in self._tables(progress):
            parts += _places(self.path, header, table, count)
            count += len(table)
        self._require_all(count)
        row, col, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return sparse.coordinates(row, col, values, entry.shape)

    def _tables(self, progress: Progress | None) -> Iterator[Array]:
        with packed_errors(self.path), unpacked(self.path) as (raw, stream):
            for table in _tables(self.path, self._header, stream):
                checkpoint(progress, min(1.0, raw.tell() / self._size), "Reading the matrix")
                yield table

    def _require_all(self, count: int) -> None:
        if count != self._header.stored:
            raise _damaged(
                self.path,
                say(
                    "it has {count:,} entries, its header announces {stored:,}",
                    count=count,
                    stored=self._header.stored,
                ),
            )


def open_matrix_market(path: str, progress: Progress | None = None) -> MatrixMarketSource:
    """Open a Matrix Market file; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, or its header makes no sense.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    with file_errors(path), packed_errors(path), unpacked(path) as (raw, stream):
        header = _read_header(path, stream)
        most = known.size if stream is raw else known.size * DEFLATE_RATIO
    require_unchanged(path, known)
    if header.stored * _SHORTEST_LINE[header.layout] > most + 1:
        raise _damaged(
            path,
            say(
                "its header announces {stored:,} entries, more than {bytes:,} bytes can hold",
                stored=header.stored,
                bytes=known.size,
            ),
        )
    return MatrixMarketSource(path, known, _entry(stem_of(path), header), header)


FORMAT = Format(
    key="matrix_market",
    title="Matrix Market text",
    suffixes=(".mtx", ".mtx.gz"),
    open=open_matrix_market,
    matches=lambda head: head.startswith(SIGNATURE),
)


def _entry(name: str, header: Header) -> Entry:
    shape = header.rows, header.cols
    notes: tuple[str, ...] = ()
    if header.symmetry != "general":
        notes = (say("It is stored as {symmetry}.", symmetry=header.symmetry),)
    if header.layout == "array":
        size = shape[0] * shape[1] * header.dtype.itemsize
        return Entry(name, shape, header.dtype, size).noting(*notes)
    stored = header.stored * (1 if header.symmetry == "general" else 2)
    entry = sparse.sparse_entry(
        name, header.dtype, shape, stored, "COO", at_most=header.symmetry != "general"
    )
    return entry.noting(*notes)


def _read_header(path: str, stream: IO[bytes]) -> Header:
    words = _line(path, stream).lower().split()
    if len(words) != 5 or words[0] != SIGNATURE.decode().lower() or words[1] != "matrix":
        raise _damaged(path, "its first line should be %%MatrixMarket matrix and three words")
    layout, field, symmetry = words[2:]
    if layout not in _SHORTEST_LINE or field not in _DTYPES or symmetry not in _SYMMETRIES:
        what = {"layout": layout, "field": field, "symmetry": symmetry}
        raise _damaged(
            path, say("a matrix that is {layout} {field} {symmetry} is not known", **what)
        )
    line = 2
    while (text := _line(path, stream)).startswith("%") or not text.strip():
        if not text:
            raise _damaged(path, "the line with its size is missing")
        line += 1
    try:
        rows, cols, *rest = map(int, text.split())
        (stored,) = rest if layout == "coordinate" else [0]
    except ValueError as error:
        raise _damaged(path, say("line {line} should give its size", line=line)) from error
    if rows < 1 or cols < 1 or stored < 0:
        empty = say("it has no elements ({rows} x {cols})", rows=rows, cols=cols)
        raise FileError(path, empty, "Save a matrix with data.")
    if symmetry != "general" and rows != cols:
        text = "a {symmetry} matrix cannot be {rows} x {cols}"
        raise _damaged(path, say(text, symmetry=symmetry, rows=rows, cols=cols))
    if layout == "array":
        stored = _stored_in_array(rows, cols, symmetry)
    return Header(rows, cols, stored, layout, field, symmetry, stream.tell(), line + 1)


def _line(path: str, stream: IO[bytes]) -> str:
    raw = stream.readline(_LONGEST_LINE)
    if len(raw) == _LONGEST_LINE:
        raise _damaged(path, "a line of its header is endless")
    return raw.decode("latin-1")


def _stored_in_array(rows: int, cols: int, symmetry: str) -> int:
    """Return how many entries are written of a dense matrix: a symmetric one, its lower half."""
    if symmetry == "general":
        return rows * cols
    return rows * (rows - 1 if symmetry == "skew-symmetric" else rows + 1) // 2


def _tables(path: str, header: Header, stream: IO[bytes]) -> Iterator[Array]:
    """Yield the entries chunk by chunk, as records of row, column and value."""
    fields = [("row", "i8"), ("col", "i8")] if header.layout == "coordinate" else []
    if header.field == "complex":
        fields += [("value", "f8"), ("imaginary", "f8")]
    elif header.field != "pattern":
        fields += [("value", _DTYPES[header.field])]
    stream.seek(header.offset)
    line = header.line
    while lines := stream.readlines(_CHUNK_BYTES):
        written = [text for text in lines if text.strip()]
        if written:
            try:
                yield np.loadtxt(written, dtype=fields, comments=None, ndmin=1)
            except (ValueError, OverflowError) as error:
                raise _damaged(
                    path,
                    say(
                        "after line {line}: {reason}", line=line - 1, reason=str(error).rstrip(".")
                    ),
                ) from error
        line += len(lines)


def _values(header: Header, table: Array) -> Array:
    if header.field == "pattern":
        return np.ones(len(table))
    if header.field == "complex":
        return join_complex(table["value"], table["imaginary"])
    return np.asarray(table["value"])


def _places(
    path: str, header: Header, table: Array, count: int
) -> list[tuple[Array, Array, Array]]:
    """Return rows, columns and values of entries, and those of the half that is left out."""
    row, col, values = table["row"] - 1, table["col"] - 1, _values(header, table)
    outside = (row < 0) | (row >= header.rows) | (col < 0) | (col >= header.cols)
    if outside.any():
        first = int(np.argmax(outside))
        raise _damaged(
            path,
            say(
                "its entry {entry:,} lies at row {row}, column {col}, the matrix is {rows} x "
                "{cols}",
                entry=count + first + 1,
                row=row[first] + 1,
                col=col[first] + 1,
                rows=header.rows,
                cols=header.cols,
            ),
        )
    if header.symmetry == "general":
        return [(row, col, values)]
    other = row != col
    return [(row, col, values), (col[other], row[other], _mirrored(header, values[other]))]


def _fill_dense(path: str, header: Header, matrix: Array, table: Array, count: int) -> None:
    place = np.arange(count, count + len(table))
    if len(place) and place[-1] >= header.stored:
        raise _damaged(
            path, say("it has more than the {stored:,} entries of its size", stored=header.stored)
        )
    if header.symmetry == "general":
        col, row = np.divmod(place, header.rows)
    else:
        # Column by column, from the diagonal (or below it) down.
        skip = 1 if header.symmetry == "skew-symmetric" else 0
        lengths = np.arange(header.rows - skip, 0, -1)
        ends = np.cumsum(lengths)
        col = np.searchsorted(ends, place, side="right")
        row = place - (ends[col] - lengths[col]) + col + skip
    values = _values(header, table)
    matrix[row, col] = values
    if header.symmetry != "general":
        matrix[col, row] = _mirrored(header, values)


def _mirrored(header: Header, values: Array) -> Array:
    """Return the half that symmetry leaves out."""
    if header.symmetry == "skew-symmetric":
        return -values
    return np.conj(values) if header.symmetry == "hermitian" else values


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("it is damaged ({reason})", reason=as_sentence(reason)),
        "It may have been cut short: copy it again, or save it with scipy.io.mmwrite.",
    )
