"""Text tables (.csv, .tsv, .txt, also .gz): read once, in chunks, into numbers held in memory."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError
from engine.files.layouts.table.body import AnotherConvention, Table
from engine.files.layouts.table.entry import (
    LONG_SAMPLE,
    SAMPLE_LINES,
    found_layout,
    table_entry,
)
from engine.files.layouts.table.layout import Layout, beside_remarks, says_columns
from engine.files.layouts.table.lines import (
    MOST_LINES,
    detect_encoding,
    is_ignored,
    whole_lines,
)
from engine.files.layouts.table.printed.base import Headed, NotWhole, Printed
from engine.files.layouts.table.printed.grids import headed, is_grid
from engine.files.layouts.table.printed.rows import HEAD, is_printed, printed_rows
from engine.files.layouts.table.sample import Line
from engine.files.layouts.table.source import TableSource
from engine.files.reading.access import (
    file_errors,
    fingerprint,
    packed_errors,
    require_unchanged,
    stem_of,
    unpacked,
)
from engine.files.reading.source import Array, Format
from engine.files.reading.tables import TableReading
from engine.jobs import Progress, checkpoint
from engine.room import require_room
from engine.sentences import say

_HEAD_BYTES = 1 << 16
# About a tenth of a second of parsing: how long a cancel may take.
_CHUNK_CHARACTERS = 2 << 20
_CHUNK_BYTES = 1 << 20
_QUOTE = ord('"')
# Below it, loading the compiled kernel takes longer than NumPy's reader does.
_COMPILED_BYTES = 4 << 20
_SAMPLE_CHARACTERS = 1 << 18
# A printed matrix is turned into lines as a whole.
_PRINTED_BYTES = 32 << 20
_RESTARTS = 3
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*"[^"]*"\s*:')


def open_text(
    path: str, progress: Progress | None = None, reading: TableReading | None = None
) -> TableSource:
    """Open and parse a text table; one row or one column becomes a vector.

    Parameters
    ----------
    path : str
        The file; packed by gzip or not.
    progress : Progress, optional
        Told how far the reading is.
    reading : TableReading, optional
        What a person says of the table; the rest is found.

    Raises
    ------
    FileError
        When the file is no text, holds no numbers, or a row or cell does not fit the others.
    ArgumentError
        When the reading names columns that the table does not have.
    Cancelled
        When ``progress`` asks to stop.
    """
    asked = reading or TableReading()
    known = fingerprint(path)
    with file_errors(path), packed_errors(path):
        printed = _printed(path)
        text = _Text(path, printed)
        with _opened(text) as (_, stream):
            head = stream.read(_HEAD_BYTES)
            encoding = detect_encoding(path, head)
        if _OBJECT.match(head):
            raise FileError(
                path,
                "this is JSON with named members, not a table",
                "Export the numbers as .csv: pandas.read_json(FILE).to_csv(FILE).",
            )
        said = asked
        if printed is not None:
            header = printed.header if asked.header is None else asked.header
            index = printed.index if asked.index is None else asked.index
            said = replace(asked, header=header, index=index)
        array, table, notes = _parse_encoded(text, encoding, known.size, said, progress)
        if isinstance(printed, Headed):
            array = printed.apply(array)
        if printed is not None:
            notes.insert(0, printed.note)
    require_unchanged(path, known)
    array, entry = table_entry(stem_of(path), table, array, notes, progress)
    return TableSource(path, FORMAT, known, [(array, entry)], asked)


_NAMES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".vec", ".prn", ".gct")

FORMAT = Format(
    key="text",
    title="Text table",
    suffixes=(*_NAMES, *(f"{name}.gz" for name in _NAMES)),
    open=open_text,
    tables=True,
)


@dataclass(frozen=True)
class _Text:
    """A file, and the print or the lines above a table that it holds; None where it holds none."""

    path: str
    printed: Printed | Headed | None


class _Without(io.RawIOBase):
    """A stream in which some of the first lines are blank, so that all keep their numbers."""

    def __init__(self, stream: IO[bytes], lines: frozenset[int]) -> None:
        self._stream = stream
        first = (stream.readline() for _ in range(max(lines)))
        kept = (b"\n" if number in lines else line for number, line in enumerate(first, 1))
        self._first = io.BytesIO(b"".join(kept))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._first.readinto(buffer) or cast("io.BufferedReader", self._stream).readinto(
            buffer
        )


@contextmanager
def _opened(text: _Text) -> Iterator[tuple[BinaryIO, IO[bytes]]]:
    """Open a file; the first tells how far the reading is, the second gives its text."""
    with unpacked(text.path) as (raw, stream):
        if isinstance(text.printed, Printed):
            raw.seek(0, os.SEEK_END)
            stream = io.BytesIO("\n".join(text.printed.rows).encode())
        elif text.printed is not None:
            stream = io.BufferedReader(_Without(stream, text.printed.lines), _CHUNK_BYTES)
        yield raw, stream


def _printed(path: str) -> Printed | Headed | None:
    """Return the rows of a printed matrix, or what stands above a grid; None for other files."""
    with unpacked(path) as (_, stream):
        head = stream.read(_HEAD_BYTES)
        start = head.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        if found := headed(start):
            return found
        if not is_printed(start[:HEAD]):
            return None
        if len(rest := stream.read(_PRINTED_BYTES)) >= _PRINTED_BYTES:
            if is_grid(start):
                raise FileError(
                    path,
                    say(
                        "this is a grid of more than {size}, whose lines are no rows", size="32 MB"
                    ),
                    "Write one row a line: gdal_translate -of AAIGrid IN OUT.",
                )
            return None
    try:
        return printed_rows((head + rest).decode("utf-8-sig", "replace"))
    except NotWhole as error:
        raise FileError(path, error.problem, error.hint) from None


def _parse_encoded(
    text: _Text, encoding: str, size: int, asked: TableReading, progress: Progress | None
) -> tuple[Array, Table, list[str]]:
    try:
        return *_parse(text, encoding, size, asked, progress), []
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise FileError(
                text.path,
                say(
                    "the text is not valid {encoding}",
                    encoding=encoding.upper().removesuffix("-SIG"),
                ),
                "It may have been cut short: save it again, as UTF-8.",
            ) from error
    with suppress(UnicodeDecodeError):
        array, table = _parse(text, "cp1252", size, asked, progress)
        return array, table, ["Not UTF-8: read as Windows-1252."]
    array, table = _parse(text, "latin-1", size, asked, progress)
    return array, table, ["Not UTF-8: read as Latin-1."]


def _parse(
    text: _Text, encoding: str, size: int, asked: TableReading, progress: Progress | None
) -> tuple[Array, Table]:
    reading = asked
    most, first_error, restarts = SAMPLE_LINES, None, _RESTARTS
    while True:
        table = Table(text.path, _found_layout(text, encoding, reading, most), restarts > 0)
        try:
            _read_table(text, table, encoding, size, progress)
            return table.matrix(), table
        except AnotherConvention as error:
            mark, restarts = error.convention, restarts - 1
            reading = replace(asked, decimal=mark.decimal, thousands=mark.thousands)
        except FileError as error:
            if first_error is not None:
                raise first_error from None
            # Remarks above a table may be longer than a sample, and look like one.
            longer = _found_layout(text, encoding, reading, LONG_SAMPLE)
            if longer.first_line <= table.layout.first_line:
                raise
            most, first_error = LONG_SAMPLE, error


def _found_layout(text: _Text, encoding: str, reading: TableReading, least: int) -> Layout:
    """Find how the lines are laid out, from as few of them as tell."""
    for most in dict.fromkeys((least, LONG_SAMPLE)):
        lines, remarks, separator = _sample(text, encoding, reading.skip or 0, most)
        if separator and reading.delimiter is None:
            reading = replace(reading, delimiter=separator)
        layout = found_layout(text.path, lines, reading, last=most == LONG_SAMPLE)
        if layout is not None:
            break
    assert layout is not None
    return beside_remarks(layout, remarks)


def _sample(text: _Text, encoding: str, skip: int, most: int) -> tuple[list[Line], list[Line], str]:
    """Return the first lines that are no comments, those with # that are, and what sep= says."""
    found: list[Line] = []
    remarks: list[Line] = []
    separator, characters = "", 0
    with _opened(text) as (_, raw):
        for number, line in whole_lines(enumerate(_lines(raw, encoding), 1)):
            if number == 1 and (match := _SEPARATOR_LINE.fullmatch(line.strip(" \ufeff\r\n"))):
                separator = match[1]
            elif number > skip and not is_ignored(line, ""):
                found.append(Line(number, line))
                characters += len(line)
            elif number > skip and says_columns(line) and len(remarks) < most:
                remarks.append(Line(number, line))
            # Three lines at least: a heading, and two rows to compare.
            if len(found) >= most or (len(found) > 2 and characters > _SAMPLE_CHARACTERS):
                break
    return found, remarks, separator


def _lines(raw: IO[bytes], encoding: str) -> Iterator[str]:
    # newline=None makes \r\n and \r into \n; str.splitlines would also break at other characters.
    stream = io.TextIOWrapper(cast("BinaryIO", raw), encoding=encoding, newline=None)
    try:
        for line in stream:
            yield line.removesuffix("\n")
    finally:
        # Otherwise the wrapper would close the file under its owner, who may have closed it.
        with suppress(ValueError):
            stream.detach()


def _read_table(
    text: _Text, table: Table, encoding: str, size: int, progress: Progress | None
) -> None:
    """Read all chunks into the table."""
    with _opened(text) as (raw, stream):
        compiled = size >= _COMPILED_BYTES and table.can_compile()
        if compiled and _has_plain_ends(text, encoding):
            number = 1
            for codes in _byte_chunks(stream):
                _tell(table, raw, size, progress)
                if codes.max() > 127:
                    codes.tobytes().decode(encoding)
                number += table.add_bytes(number, codes, encoding)
            return
        for number, lines in _chunks(stream, encoding):
            _tell(table, raw, size, progress)
            table.add(number, lines)


def _tell(table: Table, raw: BinaryIO, size: int, progress: Progress | None) -> None:
    before = table.share
    table.share = min(raw.tell(), size) / size
    checkpoint(progress, table.share, "Reading the table")
    if table.rows.count and not table.measured:
        table.measured = True
        whole = 8 * table.rows.count * len(table.layout.columns) / before
        require_room(table.path, int(whole), say("the table"))


def _has_plain_ends(text: _Text, encoding: str) -> bool:
    """Whether lines can be told in the bytes: by line feeds, in a code that has ASCII in it."""
    if encoding not in ("utf-8", "utf-8-sig", "cp1252", "latin-1"):
        return False
    with _opened(text) as (_, stream):
        # A line may be longer than the head.
        head = stream.read(_HEAD_BYTES) + stream.readline(_CHUNK_BYTES)
    return b"\n" in head and b"\r" not in head.replace(b"\r\n", b"").removesuffix(b"\r")


def _byte_chunks(stream: IO[bytes]) -> Iterator[NDArray[np.uint8]]:
    """Yield whole lines, each with its end, in one buffer that is used again and again."""
    buffer = np.empty(_CHUNK_BYTES, np.uint8)
    kept = 0
    while True:
        if kept > len(buffer) // 2:
            buffer = np.concatenate([buffer, np.empty_like(buffer)])
        room = buffer.data[kept : len(buffer) - 1]
        read = cast("io.BufferedReader", stream).readinto(room)
        if not read:
            break
        filled = kept + read
        end = _last_end(buffer, filled)
        if end:
            yield buffer[:end]
        kept = filled - end
        buffer[:kept] = buffer[end:filled].copy()
    if kept:
        buffer[kept] = ord("\n")
        yield buffer[: kept + 1]


def _last_end(buffer: NDArray[np.uint8], filled: int) -> int:
    """Return where the last whole line of a buffer ends, 0 where there is none."""
    for start in (max(0, filled - _HEAD_BYTES), 0):
        place = buffer[start:filled].tobytes().rfind(b"\n")
        if place >= 0:
            return _closed_end(buffer, start + place + 1)
    return 0


def _closed_end(buffer: NDArray[np.uint8], end: int) -> int:
    """Return ``end``, or where the line begins in which a cell is opened that goes on after it."""
    last = end
    while last and np.count_nonzero(buffer[:last] == _QUOTE) % 2:
        text = buffer[:last].tobytes()
        last = text.rfind(b"\n", 0, text.rfind(b'"')) + 1
        if text.count(b"\n", last) > MOST_LINES:
            return end  # nobody closes it: a mark of inches
    return last or end


def _chunks(raw: IO[bytes], encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield whole lines, with the number of the first as an editor shows it."""
    stream = io.TextIOWrapper(cast("BinaryIO", raw), encoding=encoding, newline=None)
    first_line = 1
    try:
        while text := stream.read(_CHUNK_CHARACTERS):
            if not text.endswith("\n"):
                text += stream.readline()
            text += _rest_of_cell(stream) if text.count('"') % 2 else ""
            lines = text.removesuffix("\n").split("\n")
            yield first_line, lines
            first_line += len(lines)
    finally:
        stream.detach()


def _rest_of_cell(stream: io.TextIOBase) -> str:
    """Return the next lines, to the one in which the cell that is open is closed."""
    rest = ""
    for _ in range(MOST_LINES):
        line = stream.readline()
        rest += line
        if line.count('"') % 2:
            break
    return rest
