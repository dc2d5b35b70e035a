"""The lines of a text table: their encoding, which of them are none, and their cells."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from engine.errors import FileError
from engine.files.layouts.table.numerals import ODD_MISSING
from engine.sentences import say

SEPARATOR_NAMES = {
    ",": say("comma"),
    ";": say("semicolon"),
    "\t": say("tab"),
    "|": say("bar"),
    " ": say("blank"),
}

_MISSING_MARKS = ("", "NA", "N/A", "#N/A", "null", "NULL", "None")
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its mark begins with the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Blank, but not the tab, which separates missing values in a .tsv; 1A ends DOS files.
_RULE = re.compile(
    r"[|+:](?=.*--|.*==)[-=+|: ]*|-{2,}\+[-+]*|[-=]{4,}(?: +[-=]{2,})*|-{3,}(?:  +-{3,})+"
    r"|[-:]{2,} *\|[-:| ]*"
)
# What Weka writes above its rows; remarks of MATLAB, C and Fortran, which no separator parts.
_REMARK = re.compile(
    r"@(?:relation|attribute|data)\b.*|(?:%|!|//)\s*[^\W\d][^,;\t|]*", re.IGNORECASE
)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdDqQ][-+]?\d+)?"
_REPEATED = re.compile(rf"([1-9]\d{{0,4}})\*({_NUMBER}|\({_NUMBER},{_NUMBER}\))")
# A quote that opens a cell and is not closed in its line, and a line in which one closes.
_OPEN = re.compile(r'^(?:[^"]|"[^"]*")*(?<![^,;\t|])"[^"]*$')
_CLOSE = re.compile(r'^(?:[^"]|"")*"(?:[,;\t|]|$)')
MOST_LINES = 20  # of one cell
_BLANKS = " \v\f\x1a\ufeff"
_QUOTED = "\x00"


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
    words = head.rstrip(b"\0")
    if words and words != head and _is_plain(words):
        raise FileError(
            path,
            "this text goes on with bytes of zero: it was not written to its end",
            "Write it again, or leave them out: tr -d '\\0' < FILE > NEW",
        )
    if not _is_plain(head):
        raise FileError(
            path,
            "this is binary data, not a text table",
            "Export it as .csv, or as .npy with numpy.save.",
        )
    return "utf-8"


def _is_plain(head: bytes) -> bool:
    controls = sum(count for byte, count in Counter(head).items() if _is_control(byte))
    return 0 not in head and controls <= 0.01 * len(head)


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is text of lines.

    Examples
    --------
    >>> is_text(b"1.5 2\\n"), is_text(b"\\x00\\x01")
    (True, False)
    """
    try:
        encoding = detect_encoding("", head)
    except FileError:
        return False
    # The last character may be cut.
    text = head.decode(encoding, "ignore")
    plain = not any(map(_is_control, map(ord, text)))
    return plain and (encoding != "utf-8" or len(text.encode()) > len(head) - 4)


def is_ignored(line: str, separator: str) -> bool:
    """Whether a line is blank, a comment or a rule drawn under headings.

    Examples
    --------
    >>> is_ignored("# made by hand", ","), is_ignored("#DIV/0!,2", ","), is_ignored("\\t", "\\t")
    (True, False, False)
    >>> is_ignored("|---|--:|", "|"), is_ignored("-----+----", "|"), is_ignored("---", ",")
    (True, True, False)
    """
    content = line.strip(_BLANKS if separator == "\t" else _BLANKS + "\t")
    if not content:
        return True
    if content[0] in "-=+|:":
        return bool(_RULE.fullmatch(content))
    if content[0] in "@%!/":
        return bool(_REMARK.fullmatch(content))
    if content[0] != "#":
        return False
    return re.split(r"[,;\t|\s]", content, maxsplit=1)[0].lower() not in _MARKS_OF_SHEETS


_MARKS_OF_SHEETS = frozenset(mark for mark in ODD_MISSING if mark[:1] == "#") | {"#n/a"}


def whole_lines(numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Put lines together in which a cell in quotes goes on, as spreadsheets write it.

    Each has the number of its first line.

    Examples
    --------
    >>> list(whole_lines([(1, 'a,"two'), (2, 'lines",b'), (3, "1,2,3")]))
    [(1, 'a,"two lines",b'), (3, '1,2,3')]
    """
    held: list[tuple[int, str]] = []
    for number, line in numbered:
        if not held:
            if line.count('"') % 2 and _OPEN.search(line):
                held = [(number, line)]
            else:
                yield number, line
            continue
        held.append((number, line))
        if _CLOSE.match(line):
            joined = held[0][0], " ".join(text for _, text in held)
            held = [joined] if joined[1].count('"') % 2 and _OPEN.search(joined[1]) else []
            if not held:
                yield joined
        elif line.count('"') % 2 or len(held) > MOST_LINES:
            yield from held
            held = []
    yield from held


def split_line(line: str, separator: str) -> list[str]:
    """Split one line into cells, quotes and outer blanks removed; " " is any run of blanks.

    Raises
    ------
    ValueError
        When a quote is opened and not closed.

    Examples
    --------
    >>> split_line('"a;b"; 2.5', ";"), split_line("3*0.0 1.5", " ")
    (['a;b', '2.5'], ['0.0', '0.0', '0.0', '1.5'])
    """
    if '"' in line:
        return _split_quoted(line, separator)
    if separator == " ":
        return _repeated(_blank_split(line)) if "*" in line else _blank_split(line)
    return [cell.strip() for cell in line.split(separator)]


def repeated(word: str) -> re.Match[str] | None:
    """Return count and number of a word such as 3*0.0; None for another."""
    return _REPEATED.fullmatch(word)


def _repeated(words: list[str]) -> list[str]:
    """Return words with those repeated that Fortran writes once, with their count: 3*0.0."""
    found = ((word, repeated(word)) for word in words)
    return [one for word, many in found for one in ([many[2]] * int(many[1]) if many else [word])]


def split_words(line: str) -> list[str]:
    """Split at blanks where a quote is a word like any other, as in files of word vectors.

    Examples
    --------
    >>> split_words('" 0.5 1.5')
    ['"', '0.5', '1.5']
    """
    return _blank_split(line)


def count_cells(line: str, separator: str) -> int:
    """How many cells a line without quotes has."""
    return len(line.split()) if separator == " " else line.count(separator) + 1


def without_labels(line: str, separator: str, index: int) -> str:
    """Return a line without its first cells."""
    parts = line.split(None if separator == " " else separator, index)
    return parts[index] if len(parts) > index else ""


def spell_missing(line: str, separator: str) -> str:
    """Write the usual marks for a missing value as the nan that NumPy reads."""
    line = f"{separator}{line}{separator}"
    for mark in _MISSING_MARKS:
        # Neighbours share a separator, so one pass replaces every other of them.
        for _ in range(2):
            line = line.replace(f"{separator}{mark}{separator}", f"{separator}nan{separator}")
    return line[1:-1]


def quoted_cells(line: str, separator: str) -> list[bool]:
    """Tell of each cell of a line whether it stands in quotes.

    Examples
    --------
    >>> quoted_cells('"1990",2', ",")
    [True, False]
    """
    if '"' not in line:
        return [False] * len(split_line(line, separator))
    try:
        marked = _split_quoted(_opening(separator).sub(rf"\1{_QUOTED}", line), separator)
    except ValueError:
        return [False] * (line.count(separator) + 1)
    return [cell.startswith(_QUOTED) for cell in marked]


@lru_cache
def _opening(separator: str) -> re.Pattern[str]:
    start = r"\s" if separator == " " else re.escape(separator)
    return re.compile(rf'((?:^|{start})\s*")')


def _blank_split(line: str) -> list[str]:
    # str.split() alone would also break at the narrow blanks that group digits.
    return line.split() if line.isascii() else re.split(r"[ \t\v\f]+", line.strip(" \t\v\f\r\n"))


def _split_quoted(line: str, separator: str) -> list[str]:
    # Blanks between cells collapse, blanks inside quotes do not.
    text = line.replace("\t", " ").strip() if separator == " " else line
    reader = csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration) as error:
        raise ValueError("a quote is opened but not closed on this line") from error
    return [cell.strip() for cell in cells]


def _is_control(byte: int) -> bool:
    return byte < 32 and byte not in _TEXT_CONTROLS
