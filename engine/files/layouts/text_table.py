"""The lines of a text table as numbers, chunk by chunk.

NumPy reads the plain chunks. What it refuses (missing values, quotes, mistakes) is read again cell
by cell, which also finds the row and column of a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.errors import FileError
from engine.files.layouts.dialect import MISSING, SEPARATOR_NAMES, Dialect, split_line, to_number
from engine.files.reading.source import Array
from engine.sentences import as_sentence, say

_NAN = float("nan")
_MISSING_MARKS = ("", "NA", "N/A", "#N/A", "null", "NULL", "None")
# Blank, but not the tab, which separates missing values in a .tsv; 1A ends DOS files.
_BLANKS = " \v\f\x1a\ufeff"


class DecimalCommaFound(Exception):
    """A decimal comma came after rows that had no decimals at all: read again with it."""


@dataclass
class Table:
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
            if not is_ignored(line, self.dialect.separator)
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
            if is_ignored(line, self.dialect.separator):
                continue
            self.header_pending = False
            self.header_line = first_line + offset
            names = len(self._split(self.header_line, line))
            # R leaves out the name over the row labels.
            if names not in (self.dialect.width, self.dialect.width - self.dialect.has_labels):
                raise FileError(
                    self.path,
                    say(
                        "the heading in row {row} names {columns}, the rows below have {width}",
                        row=self.header_line,
                        columns=_columns(names),
                        width=self.dialect.width,
                    ),
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
                say(
                    "row {row} has {columns}, the rows before it have {width}",
                    row=number,
                    columns=_columns(len(cells)),
                    width=width,
                ),
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
                raise DecimalCommaFound
            hint = "Use decimal points or decimal commas throughout, and no thousands marks."
        raise FileError(
            self.path,
            say(
                "row {row}, column {column}: {cell} is not a number",
                row=number,
                column=column,
                cell=_quoted(cell),
            ),
            hint,
        )

    def _split(self, number: int, line: str) -> list[str]:
        try:
            cells = split_line(line, self.dialect.separator)
        except ValueError as error:
            raise FileError(
                self.path,
                say("row {row}: {problem}", row=number, problem=as_sentence(str(error))),
                "Close it, or take the quotes out.",
            ) from error
        if len(cells) == self.dialect.width + 1 and cells[-1] == "":
            cells.pop()
        return cells


def is_ignored(line: str, separator: str) -> bool:
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


def _only_heading(path: str) -> FileError:
    return FileError(
        path,
        "there is only a heading in it and no row of numbers",
        "Export the table with its rows.",
    )


def _columns(count: int) -> str:
    return say("1 column") if count == 1 else say("{count} columns", count=count)


def _ragged_hint(dialect: Dialect) -> str:
    return say(
        "Columns are separated by {separator}s here: look for one too many or too few.",
        separator=SEPARATOR_NAMES[dialect.separator],
    )


def _quoted(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
