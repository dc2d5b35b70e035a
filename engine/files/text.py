"""Text tables (.csv, .tsv, .txt): parsed once, in chunks, by NumPy's parser where it can be.

NumPy reads the plain chunks. What it refuses (missing values, quotes, mistakes) is read again cell
by cell, which also finds the row and column of a mistake.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.errors import FileError
from engine.files.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_memory,
    require_unchanged,
)
from engine.files.dialect import (
    MISSING,
    SEPARATOR_NAMES,
    Dialect,
    detect_dialect,
    detect_encoding,
    has_numbers,
    split_line,
    to_number,
)
from engine.files.finite import check_finite
from engine.files.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint

_HEAD_BYTES = 1 << 16
# About a tenth of a second of parsing: how long a cancel may take.
_CHUNK_CHARACTERS = 2 << 20
_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 1 << 18
_NAN = float("nan")
_MISSING_MARKS = ("", "NA", "N/A", "#N/A", "null", "NULL", "None")
# Blank, but not the tab, which separates missing values in a .tsv; 1A ends DOS files.
_BLANKS = " \v\f\x1a\ufeff"


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
    notes += _bad_value_notes(array, progress)
    entry = Entry(Path(path).stem, array.shape, array.dtype, array.nbytes, " ".join(notes))
    return TextSource(path, known, entry, array)


FORMAT = Format(
    key="text",
    title="Text table",
    suffixes=(".csv", ".tsv", ".txt", ".dat"),
    open=open_text,
)


class _DecimalCommaFound(Exception):
    """A decimal comma came after rows that had no decimals at all: read again with it."""


@dataclass
class _Table:
    """What is known of a table while its chunks go by."""

    path: str
    dialect: Dialect
    header_pending: bool
    may_restart: bool
    header_line: int = 0
    blocks: list[Array] = field(default_factory=list)

    def add(self, first_line: int, lines: list[str]) -> None:
        """Convert the lines of one chunk, the first of them being line ``first_line``."""
        start = self._take_header(first_line, lines) if self.header_pending else 0
        numbered = [
            (first_line + start + offset, line)
            for offset, line in enumerate(lines[start:])
            if not _is_ignored(line, self.dialect.separator)
        ]
        if not numbered:
            return
        block = self._fast([line for _, line in numbered])
        if block is None and self.dialect.separator:
            spelled = [_spell_missing(line, self.dialect.separator) for _, line in numbered]
            block = self._fast(spelled)
        if block is None:
            block = np.array([self._row(number, line) for number, line in numbered])
        self.blocks.append(block)

    def matrix(self) -> Array:
        """Join the blocks, letting each go as soon as it is copied."""
        rows = sum(len(block) for block in self.blocks)
        if not rows:
            raise _only_heading(self.path)
        if len(self.blocks) == 1:
            return self.blocks[0]
        joined = np.empty((rows, self.blocks[0].shape[1]))
        self.blocks.reverse()
        start = 0
        while self.blocks:
            block = self.blocks.pop()
            joined[start : start + len(block)] = block
            start += len(block)
        return joined

    def _take_header(self, first_line: int, lines: list[str]) -> int:
        """Check the heading against the rows; return the offset of the line after it."""
        for offset, line in enumerate(lines):
            if _is_ignored(line, self.dialect.separator):
                continue
            self.header_pending = False
            self.header_line = first_line + offset
            names = len(self._split(self.header_line, line))
            # R leaves out the name over the row labels.
            if names not in (self.dialect.width, self.dialect.width - self.dialect.has_labels):
                raise FileError(
                    self.path,
                    f"the heading in row {self.header_line} names {_columns(names)}, "
                    f"the rows below have {self.dialect.width}",
                    _ragged_hint(self.dialect),
                )
            return offset + 1
        return len(lines)

    def _fast(self, lines: list[str]) -> Array | None:
        """Parse with NumPy; None where a line needs a closer look."""
        dialect = self.dialect
        special = '"_.' if dialect.decimal == "," else '"_'
        if any(mark in line for line in lines for mark in special):
            return None
        if dialect.trailing:
            lines = [line.rstrip(" ").removesuffix(dialect.separator) for line in lines]
        if dialect.has_labels:
            lines = [_without_label(line, dialect.separator) for line in lines]
        if dialect.decimal == ",":
            lines = [line.replace(",", ".") for line in lines]
        try:
            block: Array = np.loadtxt(
                lines, delimiter=dialect.separator or None, comments=None, ndmin=2
            )
        # A UserWarning, for lines without any value, is an error where warnings are.
        except (ValueError, UserWarning):
            return None
        expected = (len(lines), dialect.width - dialect.has_labels)
        return block if block.shape == expected else None

    def _row(self, number: int, line: str) -> list[float]:
        """Convert one line cell by cell."""
        cells = self._split(number, line)
        width = self.dialect.width
        if len(cells) != width:
            raise FileError(
                self.path,
                f"row {number} has {_columns(len(cells))}, the rows before it have {width}",
                _ragged_hint(self.dialect),
            )
        values = cells[self.dialect.has_labels :]
        if self.dialect.decimal == "." and "_" not in line:
            try:
                # The same as to_number, several times faster over millions of cells.
                return [_NAN if cell.lower() in MISSING else float(cell) for cell in values]
            except ValueError:
                pass
        return [
            self._cell(number, width - len(values) + position, cell)
            for position, cell in enumerate(values, start=1)
        ]

    def _cell(self, number: int, column: int, cell: str) -> float:
        try:
            return to_number(cell, self.dialect.decimal)
        except ValueError:
            pass
        hint = "Correct it, leave it empty or write NA for a missing value."
        if self.dialect.separator in ("\t", ";") and ("," in cell or "." in cell):
            if self.may_restart and self.dialect.decimal == "." and _is_decimal_comma(cell):
                raise _DecimalCommaFound
            hint = "Use decimal points or decimal commas throughout, and no thousands marks."
        raise FileError(
            self.path, f"row {number}, column {column}: {_quoted(cell)} is not a number", hint
        )

    def _split(self, number: int, line: str) -> list[str]:
        try:
            cells = split_line(line, self.dialect.separator)
        except ValueError as error:
            raise FileError(
                self.path, f"row {number}: {error}", "Close it, or take the quotes out."
            ) from error
        if len(cells) == self.dialect.width + 1 and cells[-1] == "":
            cells.pop()
        return cells


def _parse_encoded(
    path: str, encoding: str, size: int, progress: Progress | None
) -> tuple[Array, list[str]]:
    try:
        return _parse(path, encoding, size, progress)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise FileError(
                path,
                f"the text is not valid {encoding.upper().removesuffix('-SIG')}",
                "It may have been cut short: save it again, as UTF-8.",
            ) from error
    array, notes = _parse(path, "latin-1", size, progress)
    return array, [*notes, "Not UTF-8: read as Latin-1."]


def _parse(
    path: str, encoding: str, size: int, progress: Progress | None
) -> tuple[Array, list[str]]:
    try:
        table = _read_table(path, encoding, size, None, progress)
    except _DecimalCommaFound:
        table = _read_table(path, encoding, size, ",", progress)
    array = table.matrix()
    return array, _dialect_notes(table)


def _read_table(
    path: str, encoding: str, size: int, decimal: str | None, progress: Progress | None
) -> _Table:
    """Read all chunks; ``decimal`` overrules what the sample says."""
    table: _Table | None = None
    with open(path, "rb") as raw:
        for first_line, lines in _chunks(raw, encoding):
            done = min(raw.tell(), size) / size
            checkpoint(progress, done, "Reading the table")
            if table is None:
                sample = _sample(lines)
                if not sample:
                    continue
                dialect = detect_dialect(sample)
                if len(sample) > 1 and not has_numbers(sample, dialect):
                    raise _no_numbers(path)
                if decimal is not None:
                    dialect = replace(dialect, decimal=decimal)
                table = _Table(path, dialect, dialect.has_header, decimal is None)
            table.add(first_line, lines)
            if len(table.blocks) == 1:
                require_memory(path, int(table.blocks[0].nbytes / done), "the table")
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
        if not line.strip() or _is_ignored(line, ""):
            continue
        sample.append(line)
        characters += len(line)
        # Three lines at least: a heading, and two rows to compare.
        if len(sample) >= _SAMPLE_LINES or (len(sample) > 2 and characters > _SAMPLE_CHARACTERS):
            break
    return sample


def _is_ignored(line: str, separator: str) -> bool:
    """Whether a line is blank or a comment."""
    content = line.strip(_BLANKS if separator == "\t" else _BLANKS + "\t")
    return not content or content.startswith("#")


def _without_label(line: str, separator: str) -> str:
    if separator:
        return line.partition(separator)[2]
    return "".join(line.split(None, 1)[1:])


def _spell_missing(line: str, separator: str) -> str:
    """Write the usual marks for a missing value as the nan that NumPy reads."""
    line = f"{separator}{line}{separator}"
    for mark in _MISSING_MARKS:
        # Neighbours share a separator, so one pass replaces every other of them.
        for _ in range(2):
            line = line.replace(f"{separator}{mark}{separator}", f"{separator}nan{separator}")
    return line[1:-1]


def _is_decimal_comma(cell: str) -> bool:
    try:
        to_number(cell, ",")
    except ValueError:
        return False
    return True


def _dialect_notes(table: _Table) -> list[str]:
    notes = []
    if table.header_line:
        notes.append(f"Row {table.header_line} is taken as column names.")
    if table.dialect.has_labels:
        notes.append("The first column is taken as row labels.")
    if table.dialect.decimal == ",":
        notes.append("Decimal commas.")
    return notes


def _bad_value_notes(array: Array, progress: Progress | None) -> list[str]:
    report = check_finite(array, progress)
    notes = []
    if report.nan_count:
        notes.append(f"{report.nan_count:,} missing values (empty, NA or NaN).")
    if report.inf_count:
        notes.append(f"{report.inf_count:,} infinite values.")
    return notes


def _no_numbers(path: str) -> FileError:
    return FileError(
        path,
        "no numbers are found in its first lines",
        "Export the table as .csv, one row a line, without text above it.",
    )


def _only_heading(path: str) -> FileError:
    return FileError(
        path,
        "there is only a heading in it and no row of numbers",
        "Export the table with its rows.",
    )


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def _ragged_hint(dialect: Dialect) -> str:
    return (
        f"Columns are separated by {SEPARATOR_NAMES[dialect.separator]}s here: look for one too "
        "many or too few."
    )


def _quoted(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
