"""How a text table is written: its encoding, separator, decimal mark, heading and row labels.

Everything is found from a sample of the first lines; `text_table` beside it then
reads by it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass

from engine.errors import FileError
from engine.sentences import say

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})
SEPARATOR_NAMES = {
    ",": say("comma"),
    ";": say("semicolon"),
    "\t": say("tab"),
    "|": say("bar"),
    "": say("blank"),
}

# In order of preference where two explain the sample equally well; "" is any run of blanks.
_SEPARATORS = ("\t", ";", ",", "|", "")
_DECIMAL_COMMA = ("\t", ";")
# Enough of a wide row to tell its separator; all of it would cost seconds.
_SAMPLE_CELLS = 64
_HEADING_CELLS = 4096
_LONGEST_NUMBER = 400
_NUMBER_LIKE = re.compile(r"[-+]?[\d.,' ]*\d[\d.,' ]*([eE][-+]?\d+)?")
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its mark begins with the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Dialect:
    """How the lines of one file are split and read.

    Attributes
    ----------
    separator : str
        One character, or "" for any run of blanks.
    decimal : str
        "." or ",".
    has_header, has_labels : bool
        Whether the first line names the columns, and the first column the rows.
    width : int
        Number of columns of a data row, labels included, a trailing separator not.
    trailing : bool
        Whether rows end with a separator after their last column.
    """

    separator: str
    decimal: str
    has_header: bool
    has_labels: bool
    width: int
    trailing: bool


def detect_encoding(path: str, head: bytes) -> str:
    """Return the encoding of a text that begins with ``head``.

    Raises
    ------
    FileError
        When it is no text.

    Examples
    --------
    >>> detect_encoding("a.csv", "1;2".encode("utf-16"))
    'utf-16'
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    # Digits in UTF-16 are every other byte zero.
    if odd > 0.8 * len(head[1::2]) and not even:
        return "utf-16-le"
    if even > 0.8 * len(head[0::2]) and not odd:
        return "utf-16-be"
    controls = sum(count for byte, count in Counter(head).items() if _is_control(byte))
    if 0 in head or controls > 0.01 * len(head):
        raise FileError(
            path,
            "this is binary data, not a text table",
            "Export it as .csv, or as .npy with numpy.save.",
        )
    return "utf-8"


def split_line(line: str, separator: str) -> list[str]:
    """Split one line into cells, quotes and outer blanks removed.

    Raises
    ------
    ValueError
        When a quote is opened and not closed.

    Examples
    --------
    >>> split_line('"a;b"; 2.5', ";")
    ['a;b', '2.5']
    """
    if '"' in line:
        return _split_quoted(line, separator)
    if not separator:
        return line.split()
    return [cell.strip() for cell in line.split(separator)]


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a missing value.

    Examples
    --------
    >>> is_missing(" N/A "), is_missing("0")
    (True, False)
    """
    return cell.strip().lower() in MISSING


def to_number(cell: str, decimal: str) -> float:
    """Convert one cell; missing ones become NaN.

    Raises
    ------
    ValueError
        When it is no number.

    Examples
    --------
    >>> to_number("-1,5e3", ",")
    -1500.0
    """
    # Under a wrong separator a cell can be a whole line of megabytes.
    if len(cell) > _LONGEST_NUMBER:
        raise ValueError("too long for a number")
    if is_missing(cell):
        return float("nan")
    # Python reads 1_000 as a number, no other program does.
    if "_" in cell:
        raise ValueError(cell)
    if decimal == ",":
        # 1.234 next to decimal commas may mean 1234: not to be guessed.
        if "." in cell or cell.count(",") > 1:
            raise ValueError(cell)
        cell = cell.replace(",", ".")
    return float(cell)


def is_number(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number or missing.

    Examples
    --------
    >>> is_number("1,5", "."), is_number("1,5", ",")
    (False, True)
    """
    try:
        to_number(cell, decimal)
    except ValueError:
        return False
    return True


def has_numbers(lines: list[str], dialect: Dialect) -> bool:
    """Tell whether any cell of these lines is a number.

    Examples
    --------
    >>> lines = ["Dear all,", "thank you"]
    >>> has_numbers(lines, detect_dialect(lines))
    False
    """
    return any(
        is_number(cell, dialect.decimal) and not is_missing(cell)
        for line in lines
        for cell in _line_start(line, dialect.separator)[1]
    )


def all_missing(lines: list[str], dialect: Dialect) -> bool:
    """Tell whether the rows of these lines hold nothing but missing values.

    Examples
    --------
    >>> lines = ["a,b", "NA,", ",nan"]
    >>> all_missing(lines, detect_dialect(lines))
    True
    """
    rows = lines[int(dialect.has_header) :]
    return bool(rows) and all(
        is_missing(cell)
        for line in rows
        for cell in _line_start(line, dialect.separator)[1][int(dialect.has_labels) :]
    )


def detect_dialect(lines: list[str]) -> Dialect:
    """Find how a table is written from its first lines, comments and blank lines left out.

    Parameters
    ----------
    lines : list of str
        At least one.

    Returns
    -------
    Dialect
        The best explanation; whether every line follows it is for the reading to find out.

    Examples
    --------
    >>> detect_dialect(["a;b", "1,5;2", "3;4"])
    Dialect(separator=';', decimal=',', has_header=True, has_labels=False, width=2, trailing=False)
    """
    candidates = [
        (separator, decimal)
        for separator in _SEPARATORS
        for decimal in (".,"[: 1 + (separator in _DECIMAL_COMMA)])
    ]
    # max keeps the first of equals, so the order above is the preference.
    separator, decimal = max(candidates, key=lambda candidate: _score(lines, *candidate))
    rows = _rows(lines, separator)
    return _layout(rows, separator, decimal)


def _layout(rows: list[list[str]], separator: str, decimal: str) -> Dialect:
    first, body = rows[0], rows[1:]
    trailing = _is_trailing(first, body) if separator else False
    if trailing:
        rows = [row[:-1] if len(row) > 1 and row[-1] == "" else row for row in rows]
        first, body = rows[0], rows[1:]
    reference = body or rows
    corner = len(first) > 1 and bool(body) and first[0] == "" and _names_columns(first, decimal)
    # R leaves out the name over its row labels, and numbers the rows where they have none.
    short_header = bool(body) and all(len(row) == len(first) + 1 for row in body)
    has_labels = (
        corner
        or (short_header and _has_name(first, decimal) and _counts_up(body))
        or all(len(row) > 1 and not is_number(row[0], decimal) for row in reference)
    )
    # The name over the labels says nothing about whether the line is a heading.
    values = first if short_header else first[int(has_labels) :]
    has_header = corner or _has_name(values, decimal)
    if not body and has_header:
        has_labels = False
    width = len(body[0]) if has_header and body else len(first)
    return Dialect(separator, decimal, has_header, has_labels, width, trailing)


def _is_trailing(first: list[str], body: list[list[str]]) -> bool:
    """Whether the empty cell at the end of every row is only a separator too many."""
    if not all(len(row) > 1 and row[-1] == "" for row in body or [first]):
        return False
    return first[-1] == "" or len({len(row) - 1 for row in body} | {len(first)}) == 1


def _names_columns(first: list[str], decimal: str) -> bool:
    """Whether a line with an empty corner is a heading: words, or the numbers 0, 1, 2, ..."""
    names = first[1:]
    return names == [str(number) for number in range(len(names))] or not any(
        is_number(name, decimal) for name in names
    )


def _has_name(cells: list[str], decimal: str) -> bool:
    """Whether a cell is neither a number nor what looks like one mistyped (1.234,5)."""
    return any(
        not is_number(cell, decimal) and not _NUMBER_LIKE.fullmatch(cell[:_LONGEST_NUMBER])
        for cell in cells[:_HEADING_CELLS]
    )


def _counts_up(body: list[list[str]]) -> bool:
    """Whether the first column is 1, 2, 3, ... or 0, 1, 2, ..."""
    labels = [row[0] for row in body]
    return any(labels == [str(start + step) for step in range(len(labels))] for start in (0, 1))


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    rows = []
    for line in lines:
        try:
            rows.append(split_line(line, separator))
        except ValueError:
            # An open quote is reported with its place by the reading.
            rows.append([line])
    return rows


def _score(lines: list[str], separator: str, decimal: str) -> tuple[float, int, int]:
    """Share of the body that a candidate explains, columns, numbers in first line and column."""
    starts = [_line_start(line, separator) for line in lines[1:] or lines]
    width = Counter(count for count, _ in starts).most_common(1)[0][0]
    consistent = sum(count == width for count, _ in starts) / len(starts)
    body = [cells for _, cells in starts]
    # The first column may hold labels.
    cells = [cell for row in body for cell in (row[1:] or row)]
    numeric = sum(is_number(cell, decimal) for cell in cells) / max(1, len(cells))
    if decimal == "," and width == 1:
        # Without a separator in sight "1,5" is two columns more often than one number.
        return (0.0, width, 0)
    # Tells a first line or column of decimal commas from a heading or labels.
    outer = [row[0] for row in body if row] + _line_start(lines[0], separator)[1]
    leading = sum(is_number(cell, decimal) for cell in outer)
    return (consistent * numeric, width, leading)


def _line_start(line: str, separator: str) -> tuple[int, list[str]]:
    """Return how many cells a line has, and the first of them."""
    if separator and '"' not in line:
        # Counting instead of splitting: a line may hold millions of cells.
        start = line.split(separator, _SAMPLE_CELLS)[:_SAMPLE_CELLS]
        return line.count(separator) + 1, [cell.strip() for cell in start]
    cells = _rows([line], separator)[0]
    return len(cells), cells[:_SAMPLE_CELLS]


def _split_quoted(line: str, separator: str) -> list[str]:
    # Blanks between cells collapse, blanks inside quotes do not.
    text = line if separator else line.replace("\t", " ").strip()
    reader = csv.reader([text], delimiter=separator or " ", skipinitialspace=True, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration) as error:
        raise ValueError("a quote is opened but not closed on this line") from error
    return [cell.strip() for cell in cells]


def _is_control(byte: int) -> bool:
    return byte < 32 and byte not in _TEXT_CONTROLS
