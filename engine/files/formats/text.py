"""Text tables (.csv, .tsv, .txt): read once, in chunks, into numbers held in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import FileError
from engine.files.layouts.dialect import all_missing, detect_dialect, detect_encoding, has_numbers
from engine.files.layouts.text_table import DecimalCommaFound, Table, is_ignored
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_memory,
    require_unchanged,
)
from engine.files.reading.finite import check_finite
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.sentences import joined, say

_HEAD_BYTES = 1 << 16
# About a tenth of a second of parsing: how long a cancel may take.
_CHUNK_CHARACTERS = 2 << 20
_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 1 << 18


class TextSource(MatrixSource):
    """One text table, held in memory."""

    def __init__(self, path: str, known: Fingerprint, entry: Entry, array: Array) -> None:
        super().__init__(path, FORMAT, (entry,), known)
        self._array: Array | None = array

    def close(self) -> None:
        """Let go of the table; arrays already read stay valid."""
        super().close()
        self._array = None

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        array = self._array
        if array is None:
            raise FileError(self.path, "this file was closed", "Open it again.")
        return array[selection]


def open_text(path: str, progress: Progress | None = None) -> TextSource:
    """Open and parse a text table; one row or one column becomes a vector.

    Raises
    ------
    FileError
        When the file is no text, holds no numbers, or a row or cell does not fit the others.
    Cancelled
        When ``progress`` asks to stop.
    """
    known = fingerprint(path)
    with file_errors(path):
        with open(path, "rb") as stream:
            encoding = detect_encoding(path, stream.read(_HEAD_BYTES))
        array, notes = _parse_encoded(path, encoding, known.size, progress)
    require_unchanged(path, known)
    array.flags.writeable = False
    if 1 in array.shape:
        array = array.reshape(-1)
    notes += _bad_value_notes(path, array, progress)
    entry = Entry(Path(path).stem, array.shape, array.dtype, array.nbytes, joined(*notes))
    return TextSource(path, known, entry, array)


FORMAT = Format(
    key="text",
    title="Text table",
    suffixes=(".csv", ".tsv", ".txt", ".dat"),
    open=open_text,
)


def _parse_encoded(
    path: str, encoding: str, size: int, progress: Progress | None
) -> tuple[Array, list[str]]:
    try:
        return _parse(path, encoding, size, progress)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise FileError(
                path,
                say(
                    "the text is not valid {encoding}",
                    encoding=encoding.upper().removesuffix("-SIG"),
                ),
                "It may have been cut short: save it again, as UTF-8.",
            ) from error
    array, notes = _parse(path, "latin-1", size, progress)
    return array, [*notes, "Not UTF-8: read as Latin-1."]


def _parse(
    path: str, encoding: str, size: int, progress: Progress | None
) -> tuple[Array, list[str]]:
    try:
        table = _read_table(path, encoding, size, None, progress)
    except DecimalCommaFound:
        table = _read_table(path, encoding, size, ",", progress)
    array = table.matrix()
    return array, _dialect_notes(table)


def _read_table(
    path: str, encoding: str, size: int, decimal: str | None, progress: Progress | None
) -> Table:
    """Read all chunks; ``decimal`` overrules what the sample says."""
    table: Table | None = None
    with open(path, "rb") as raw:
        for first_line, lines in _chunks(raw, encoding):
            done = min(raw.tell(), size) / size
            checkpoint(progress, done, "Reading the table")
            if table is None:
                sample = _sample(lines)
                if not sample:
                    continue
                dialect = detect_dialect(sample)
                # Values may be missing at first and follow later: to be read before it is judged.
                if (
                    len(sample) > 1
                    and not has_numbers(sample, dialect)
                    and not all_missing(sample, dialect)
                ):
                    raise _no_numbers(path)
                if decimal is not None:
                    dialect = replace(dialect, decimal=decimal)
                table = Table(path, dialect, dialect.has_header, decimal is None)
            table.add(first_line, lines)
            if len(table.blocks) == 1:
                require_memory(path, int(table.blocks[0].nbytes / done), say("the table"))
    if table is None:
        raise FileError(
            path,
            "there are only blank lines and comments in it, no numbers",
            "Export the table again, or choose another file.",
        )
    return table


def _chunks(raw: BinaryIO, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield whole lines, with the number of the first as an editor shows it."""
    # newline=None makes \r\n and \r into \n; str.splitlines would also break at other characters.
    stream = io.TextIOWrapper(raw, encoding=encoding, newline=None)
    first_line = 1
    try:
        while text := stream.read(_CHUNK_CHARACTERS):
            if not text.endswith("\n"):
                text += stream.readline()
            lines = text.removesuffix("\n").split("\n")
            yield first_line, lines
            first_line += len(lines)
    finally:
        # Otherwise the wrapper would close the file under its owner.
        stream.detach()


def _sample(lines: list[str]) -> list[str]:
    sample: list[str] = []
    characters = 0
    for line in lines:
        if not line.strip() or is_ignored(line, ""):
            continue
        sample.append(line)
        characters += len(line)
        # Three lines at least: a heading, and two rows to compare.
        if len(sample) >= _SAMPLE_LINES or (len(sample) > 2 and characters > _SAMPLE_CHARACTERS):
            break
    return sample


def _dialect_notes(table: Table) -> list[str]:
    notes: list[str] = []
    if table.header_line:
        notes.append(say("Row {row} is taken as column names.", row=table.header_line))
    if table.dialect.has_labels:
        notes.append("The first column is taken as row labels.")
    if table.dialect.decimal == ",":
        notes.append("Decimal commas.")
    return notes


def _bad_value_notes(path: str, array: Array, progress: Progress | None) -> list[str]:
    report = check_finite(array, progress)
    if report.nan_count == array.size:
        raise FileError(
            path,
            "all its values are missing (empty, NA or NaN)",
            "Export the table again with its numbers, or choose another file.",
        )
    notes = []
    if report.nan_count == 1:
        notes.append("1 missing value (empty, NA or NaN).")
    elif report.nan_count:
        notes.append(say("{count:,} missing values (empty, NA or NaN).", count=report.nan_count))
    if report.inf_count == 1:
        notes.append("1 infinite value.")
    elif report.inf_count:
        notes.append(say("{count:,} infinite values.", count=report.inf_count))
    return notes


def _no_numbers(path: str) -> FileError:
    return FileError(
        path,
        "no numbers are found in its first lines",
        "Export the table as .csv, one row a line, without text above it.",
    )
