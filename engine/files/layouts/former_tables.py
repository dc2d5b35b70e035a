"""How a table was read before headings of numbers, thousands and signs were known.

What people have saved of a table goes by the matrix that it was then. `former_reading` finds the
separator, heading and labels by the rules of then, and says them in the words of now.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from engine.errors import RankscopeError
from engine.files.layouts.table.lines import detect_encoding, is_ignored, split_line
from engine.files.reading.tables import TableReading

_SUFFIXES = (".csv", ".tsv", ".txt", ".dat")
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})
_SEPARATORS = ("\t", ";", ",", "|", " ")
_DECIMAL_COMMA = ("\t", ";")
_LINES, _CHARACTERS, _CELLS, _HEADING_CELLS, _LONGEST = 50, 1 << 18, 64, 4096, 400
_HEAD = 1 << 16
_NUMBER_LIKE = re.compile(r"[-+]?[\d.,' ]*\d[\d.,' ]*([eE][-+]?\d+)?")
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=."?', re.IGNORECASE)
Rows = list[list[str]]


def former_readings(path: str) -> list[tuple[TableReading, int]]:
    """Return in which ways a text table may have been read, the likeliest first.

    Parameters
    ----------
    path : str
        The file; what was no text table then has none.

    Returns
    -------
    list of (TableReading, int)
        Each with how many columns its matrix had.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "years.csv")
    ...     _ = file.write_text("1990,1995\\n1.5,2.5\\n")
    ...     reading, columns = former_readings(str(file))[0]
    >>> reading.header, columns
    (0, 2)
    """
    if not path.lower().endswith(_SUFFIXES):
        return []
    try:
        lines = _sample(path)
    except (OSError, UnicodeError, RankscopeError):
        return []
    if not lines:
        return []
    separator, decimal = max(_candidates(), key=lambda one: _score(lines, *one))
    header, labels, width = _layout(_rows(lines, separator), separator, decimal)
    if _SEPARATOR_LINE.fullmatch(lines[0].strip()):
        header = 0  # it was taken as the heading, and is no line of the table now
    marks = [decimal, ","] if decimal == "." and separator in _DECIMAL_COMMA else [decimal]
    found = [TableReading(separator, mark, "", header, labels, 0) for mark in marks]
    # Columns that are empty or text now were numbers, if only missing ones.
    every = tuple(range(labels, width))
    wide = [TableReading(separator, mark, "", header, labels, 0, every) for mark in marks if every]
    return [(one, width - labels) for one in (*found, *wide)]


def _candidates() -> list[tuple[str, str]]:
    return [(one, mark) for one in _SEPARATORS for mark in ".,"[: 1 + (one in _DECIMAL_COMMA)]]


def _sample(path: str) -> list[str]:
    with open(path, "rb") as file:
        encoding = detect_encoding(path, file.read(_HEAD))
    try:
        return _first_lines(path, encoding)
    except UnicodeDecodeError:
        return _first_lines(path, "latin-1")


def _first_lines(path: str, encoding: str) -> list[str]:
    sample: list[str] = []
    characters = 0
    with open(path, encoding=encoding) as file:
        kept = (line.removesuffix("\n") for line in file if not is_ignored(line, ""))
        for line in islice(kept, _LINES):
            sample.append(line)
            characters += len(line)
            if len(sample) > 2 and characters > _CHARACTERS:
                break
    return sample


def _layout(rows: Rows, separator: str, decimal: str) -> tuple[int, int, int]:
    """Return how many heading rows and label columns there were, and the columns of a row."""
    first, body = rows[0], rows[1:]
    if separator != " " and _is_trailing(first, body):
        rows = [row[:-1] if len(row) > 1 and row[-1] == "" else row for row in rows]
        first, body = rows[0], rows[1:]
    corner = len(first) > 1 and bool(body) and first[0] == "" and _names_columns(first, decimal)
    # R leaves out the name over its row labels, and numbers the rows where they have none.
    short = bool(body) and all(len(row) == len(first) + 1 for row in body)
    labels = (
        corner
        or (short and _has_name(first, decimal) and _counts_up(body))
        or all(len(row) > 1 and not _is_number(row[0], decimal) for row in body or rows)
    )
    header = corner or _has_name(first if short else first[int(labels) :], decimal)
    if not body and header:
        labels = False
    return int(header), int(labels), len(body[0]) if header and body else len(first)


def _is_trailing(first: list[str], body: Rows) -> bool:
    if not all(len(row) > 1 and row[-1] == "" for row in body or [first]):
        return False
    return first[-1] == "" or len({len(row) - 1 for row in body} | {len(first)}) == 1


def _names_columns(first: list[str], decimal: str) -> bool:
    names = first[1:]
    counted = names == [str(number) for number in range(len(names))]
    return counted or not any(_is_number(name, decimal) for name in names)


def _has_name(cells: list[str], decimal: str) -> bool:
    return any(
        not _is_number(cell, decimal) and not _NUMBER_LIKE.fullmatch(cell[:_LONGEST])
        for cell in cells[:_HEADING_CELLS]
    )


def _counts_up(body: Rows) -> bool:
    labels = [row[0] for row in body]
    return any(labels == [str(start + step) for step in range(len(labels))] for start in (0, 1))


def _is_number(cell: str, decimal: str) -> bool:
    if cell.strip().lower() in _MISSING:
        return True
    if len(cell) > _LONGEST or "_" in cell:
        return False
    if decimal == ",":
        if "." in cell or cell.count(",") > 1:
            return False
        cell = cell.replace(",", ".")
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rows(lines: list[str], separator: str) -> Rows:
    rows = []
    for line in lines:
        try:
            rows.append(split_line(line, separator))
        except ValueError:
            rows.append([line])
    return rows


def _score(lines: list[str], separator: str, decimal: str) -> tuple[float, int, int]:
    """Share of the body that a candidate explains, columns, numbers in first line and column."""
    rows = _rows(lines, separator)
    counts = [len(row) for row in rows[1:] or rows]
    body = [row[:_CELLS] for row in rows[1:] or rows]
    width = Counter(counts).most_common(1)[0][0]
    if decimal == "," and width == 1:
        # Without a separator in sight "1,5" is two columns more often than one number.
        return 0.0, width, 0
    cells = [cell for row in body for cell in (row[1:] or row)]
    numeric = sum(_is_number(cell, decimal) for cell in cells) / max(1, len(cells))
    outer = [row[0] for row in body if row] + rows[0][:_CELLS]
    leading = sum(_is_number(cell, decimal) for cell in outer)
    return sum(count == width for count in counts) / len(counts) * numeric, width, leading
