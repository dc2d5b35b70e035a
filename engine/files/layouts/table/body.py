"""The lines of a text table as numbers, chunk by chunk.

A large table goes through the compiled `kernel`, a small one through NumPy. What they refuse
(missing values, quotes, signs, mistakes) is read again cell by cell, which also finds the row and
column of a mistake.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError
from engine.files.layouts.table.compiled.machine import load_kernel
from engine.files.layouts.table.layout import Layout
from engine.files.layouts.table.lines import (
    SEPARATOR_NAMES,
    count_cells,
    is_ignored,
    repeated,
    spell_missing,
    split_line,
    split_words,
    whole_lines,
    without_labels,
)
from engine.files.layouts.table.numerals import (
    MISSING,
    TRUTH,
    Convention,
    convention_of,
    is_missing,
    is_number,
    tidied,
    to_number,
    without_signs,
)
from engine.files.layouts.table.parts import count_lines, line_end, parse_parts, whole_end
from engine.files.layouts.table.rows import GrowingRows, Levels
from engine.files.reading.source import Array
from engine.room import require_room
from engine.sentences import as_sentence, say

_NAN = float("nan")
# After so many lines of a chunk that only people write, the compiled kernel is of no use to it.
_REFUSED_LINES = 20
# What a number of a line takes until the chunk is whole.
_WRITTEN_OUT = 100
_SEVERAL_MINUS = str.maketrans(dict.fromkeys("\u2212\ufe63\uff0d", "-"))
_WORDS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_MARKED = re.compile(r"[-+]?[\d.,]*[.,][\d.,]*(?:[eE][-+]?\d+)?")
# The same as `to_number` takes for Fortran's.
_FORTRAN = re.compile(r"(\.\d*|(?<![\w.])\d+(?=[dD][-+])|(?<![\w.])\d{1,3})[dD](?=[-+]?\d)")


class AnotherConvention(Exception):
    """A cell shows that commas and points mean something else: read again with it."""

    def __init__(self, convention: Convention) -> None:
        super().__init__(convention)
        self.convention = convention


@dataclass
class Table:
    """What is known of a table while its chunks go by."""

    path: str
    layout: Layout
    may_restart: bool
    labels: list[str] = field(default_factory=list)
    signs: dict[str, tuple[str, complex]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    foot: list[tuple[int, FileError]] = field(default_factory=list)
    share: float = 1.0
    measured: bool = False
    repeated: int = 0

    def __post_init__(self) -> None:
        self.rows = GrowingRows(len(self.layout.columns))
        self.levels = Levels()
        self._complex = any(
            isinstance(_value(cell, self.layout.convention), complex)
            for cell in self.layout.numeric
            if cell and (cell[-1] in "ijIJm)" or ("," in cell and "e" in cell.lower()))
        )
        layout = self.layout
        self._all = layout.columns == tuple(range(layout.index, layout.width))

    def add(self, first_line: int, lines: list[str]) -> None:
        """Convert the lines of one chunk, the first of them being line ``first_line``."""
        start = max(0, self.layout.first_line - first_line)
        each = enumerate(lines[start:], first_line + start)
        numbered = [
            (number, line)
            for number, line in (whole_lines(each) if '"' in "".join(lines) else each)
            if not is_ignored(line, self.layout.separator) or self._is_word(line)
        ]
        if not numbered:
            return
        plain = [line for _, line in numbered]
        block = None if self.foot else self._fast(plain)
        if block is None and not self.foot and self.layout.separator != " ":
            block = self._fast([spell_missing(line, self.layout.separator) for line in plain])
        if block is None:
            block = self._slow(numbered)
        elif self.layout.index:
            self.labels += [self._label(line) for line in plain]
        if len(block):
            self.rows.append(block, self.share)

    def add_bytes(self, first_line: int, codes: NDArray[np.uint8], encoding: str) -> int:
        """Convert the lines of one chunk, each with its end, by the compiled kernel.

        What it refuses is read as `add` does; where it refuses much, so is all of the rest.
        Returns how many lines there were.
        """
        place = refused = 0
        lines = count_lines(codes)
        for _ in range(min(lines, self.layout.first_line - first_line)):
            place = line_end(codes, place)
        while place < len(codes):
            if self.foot or refused > _REFUSED_LINES:
                end = len(codes)
            else:
                place = self._compiled(codes, place, encoding)
                end = whole_end(codes, place)
                refused += 1
            if place < len(codes):
                text = codes[place:end].tobytes().decode(encoding).replace("\r\n", "\n")
                number = first_line + lines - count_lines(codes[place:])
                self.add(number, text.removesuffix("\n").split("\n"))
                place = end
        return lines

    def can_compile(self) -> bool:
        """Whether the kernel knows all that the sample of this table has."""
        layout = self.layout
        single = len(layout.separator) == 1 and layout.separator.isascii()
        known = single and not layout.convention.thousands and not self._complex
        return known and load_kernel() is not None

    def _compiled(self, codes: NDArray[np.uint8], place: int, encoding: str) -> int:
        """Add the rows from ``place`` on; return where a line stands that was refused."""
        room = self.rows.room(count_lines(codes[place:]), self.share)
        rows, stop, marks = parse_parts(codes, place, self.layout, room)
        self.rows.filled(rows)
        if self.layout.index:
            found = (codes[begin:end].tobytes().decode(encoding) for begin, end in marks.tolist())
            self.labels += map(str.strip if self.layout.index == 1 else self._label, found)
        return stop

    def matrix(self) -> Array:
        """Return all rows.

        Raises
        ------
        FileError
            When there is none.
        """
        if not self.rows.count:
            if self.foot:
                raise self.foot[0][1]
            raise _only_heading(self.path)
        return self.rows.matrix()

    def _is_word(self, line: str) -> bool:
        """Whether a line that looks like a comment is the vector of the word "#"."""
        if self.layout.separator != " " or self.layout.index != 1 or self.layout.width < 3:
            return False
        words = split_words(line)
        return len(words) == self.layout.width and all(map(is_number, words[1:]))

    def _fast(self, lines: list[str]) -> Array | None:
        """Parse with NumPy; None where a line needs a closer look."""
        layout = self.layout
        special = '"_.' if layout.convention.decimal == "," else '"_'
        if layout.convention.thousands or any(mark in line for line in lines for mark in special):
            return None
        separator = layout.separator
        if layout.trailing:
            lines = [line.rstrip(" ").removesuffix(separator) for line in lines]
        columns = None
        if not self._all:
            counts = {count_cells(line, separator) for line in lines}
            if counts != {layout.width}:
                return None
            columns = layout.columns
        elif layout.index:
            lines = [without_labels(line, separator, layout.index) for line in lines]
        if layout.convention.decimal == ",":
            lines = [line.replace(",", ".") for line in lines]
        if not lines[0].isascii() or "D" in lines[0] or "d" in lines[0]:
            lines = [_FORTRAN.sub(r"\1e", line.translate(_SEVERAL_MINUS)) for line in lines]
        try:
            block: Array = np.loadtxt(
                lines,
                dtype=np.complex128 if self._complex else np.float64,
                delimiter=None if separator == " " else separator,
                comments=None,
                ndmin=2,
                usecols=columns,
            )
        # A UserWarning, for lines without any value, is an error where warnings are.
        except (ValueError, UserWarning):
            return None
        return block if block.shape == (len(lines), len(layout.columns)) else None

    def _slow(self, numbered: list[tuple[int, str]]) -> Array:
        """Convert line by line; a foot of words below the table is put aside."""
        rows = []
        for number, line in numbered:
            try:
                values = self._row(number, line)
            except FileError as error:
                if not self._is_foot(line):
                    raise (self.foot[0][1] if self.foot else error) from None
                self.foot.append((number, error))
                continue
            if self.foot:
                raise self.foot[0][1]
            rows.append(values)
        return np.array(rows) if rows else np.empty((0, len(self.layout.columns)))

    def _is_foot(self, line: str) -> bool:
        """Whether a line that does not fit holds words only, as below a table."""
        try:
            cells = split_line(line, self.layout.separator)
        except ValueError:
            return False
        filled = [cell for cell in cells if not is_missing(cell)]
        fits = len(cells) == self.layout.width
        # "2 rows in set", below a table of several columns.
        said = len(filled) == 1 < self.layout.width and _WORDS.search(filled[0])
        return bool(filled) and not fits and bool(said or not any(map(self._is_digits, filled)))

    def _is_digits(self, cell: str) -> bool:
        return is_number(cell, self.layout.convention) or cell[:1].isdigit()

    def _row(self, number: int, line: str) -> list[float | complex]:
        """Convert one line cell by cell."""
        layout = self.layout
        cells = self._split(number, line)
        if len(cells) != layout.width:
            raise FileError(
                self.path,
                say(
                    "row {row} has {columns}, the rows before it have {width}",
                    row=number,
                    columns=_columns(len(cells)),
                    width=layout.width,
                ),
                _ragged_hint(layout),
            )
        values = cells[layout.index :] if self._all else [cells[place] for place in layout.columns]
        found: list[float | complex] | None = None
        if layout.convention.decimal == "." and not layout.convention.thousands and "_" not in line:
            with suppress(ValueError):
                # The same as to_number, several times faster over millions of cells.
                found = [_NAN if cell.lower() in MISSING else float(cell) for cell in values]
        if found is None:
            found = [
                self._cell(number, place + 1, cell)
                for place, cell in zip(layout.columns, values, strict=True)
            ]
        if layout.index:
            self.labels.append(self.levels.joined(cells[: layout.index]))
        return found

    def _cell(self, number: int, column: int, cell: str) -> float | complex:
        convention = self.layout.convention
        try:
            value = to_number(cell, convention)
        except ValueError:
            pass
        else:
            self._remember(cell, value)
            return value
        hint = "Correct it, leave it empty or write NA for a missing value."
        if self.may_restart and (other := self._other_convention(cell)) is not None:
            raise AnotherConvention(other)
        if _MARKED.fullmatch(tidied(cell)):
            hint = "Use decimal points or decimal commas throughout."
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

    def _other_convention(self, cell: str) -> Convention | None:
        """Return the convention that this cell and those of the sample have in common."""
        quoted = self.layout.separator != ";"
        found = convention_of([*self.layout.numeric, cell], thousands_first=quoted)
        if found is None:
            # They contradict each other: the first that does is to be named.
            found = Convention("," if self.layout.convention.decimal == "." else ".")
        fits = is_number(cell, found) and found != self.layout.convention
        return found if fits else None

    def _remember(self, cell: str, value: float | complex) -> None:
        """Keep an example of each sign that was left out and each mark taken as missing."""
        if value != value and is_missing(cell) and cell.lower() not in MISSING:
            self.marks.setdefault(cell.lower(), cell)
            return
        if cell.lower() in TRUTH:
            self.signs.setdefault("true", (cell, value))
            return
        bare, sign = without_signs(cell)
        if sign:
            self.signs.setdefault(sign, (cell, value))
        mark = self.layout.convention.thousands
        if mark and mark in bare:
            self.signs.setdefault("thousands", (cell, value))

    def _remember_repeated(self, line: str, count: int) -> None:
        """Keep an example of numbers that are written once, with how many of them there are."""
        found = next(filter(None, map(repeated, split_words(line))), None)
        if found:
            self.signs.setdefault("*", (found[0], to_number(found[2])))
            self.repeated += count
            # A few characters may stand for very many numbers.
            require_room(self.path, _WRITTEN_OUT * self.repeated, say("the table"))

    def _label(self, line: str) -> str:
        index, separator = self.layout.index, self.layout.separator
        if separator == " ":
            return self.levels.joined(line.split(None, index)[:index])
        return self.levels.joined([cell.strip() for cell in line.split(separator, index)[:index]])

    def _split(self, number: int, line: str) -> list[str]:
        layout = self.layout
        try:
            cells = split_line(line, layout.separator)
            if "*" in line and layout.separator == " ":
                self._remember_repeated(line, len(cells))
        except ValueError as error:
            if layout.separator != " " or not layout.index:
                raise FileError(
                    self.path,
                    say("row {row}: {problem}", row=number, problem=as_sentence(str(error))),
                    "Close it, or take the quotes out.",
                ) from error
            cells = split_words(line)
        if layout.separator == " " and layout.index == 1 and len(cells) > layout.width:
            # A word with blanks in it, as in the larger files of word vectors.
            extra = len(cells) - layout.width
            if not any(map(_is_plain, cells[1 : extra + 1])):
                cells = [" ".join(cells[: extra + 1]), *cells[extra + 1 :]]
        if len(cells) > layout.width and not any(cells[layout.width :]):
            cells = cells[: layout.width]
        return cells


def _value(cell: str, convention: Convention) -> complex | None:
    try:
        return to_number(cell, convention)
    except ValueError:
        return None


def _is_plain(cell: str) -> bool:
    try:
        float(cell)
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


def _ragged_hint(layout: Layout) -> str:
    name = SEPARATOR_NAMES.get(layout.separator) or repr(layout.separator)
    return say(
        "Columns are separated by {separator}s here: look for one too many or too few.",
        separator=name,
    )


def _quoted(cell: str) -> str:
    cell = tidied(cell)
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
