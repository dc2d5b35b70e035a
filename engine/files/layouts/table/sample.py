"""The first lines of a table under one separator: where its rows of numbers begin, and how well.

Every separator is tried. Of its lines those above some place are headings or remarks, the others
rows; each column of these is numbers or text, by its majority. The place with the fewest surprises
is taken, then the separator whose rows hold the most numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.files.layouts.table.kinds import DATE, SIMPLE, join_words, kind_of, pandas_levels
from engine.files.layouts.table.lines import quoted_cells, split_line, split_words
from engine.files.layouts.table.numerals import (
    Convention,
    convention_of,
    holds_number,
    is_number,
)
from engine.files.reading.tables import TableReading

SEPARATORS = ("\t", ";", ",", "|", " ")
# Enough of a wide row to tell its separator; all of it would cost seconds.
_CELLS = 64
# A line that under another separator is several numbers.
_SEVERAL = re.compile(r"\s*[-+.\d]+(\s*[;,\t|]\s*[-+.\d]+)+\s*")
# What a place costs, by what would be strange about it.
_RAGGED, _NUMBERS_ABOVE, _WORDS_ABOVE, _WRONG_CELL = 3.0, 3.0, 0.1, 1.0
_TEXT_COLUMN, _LABEL_COLUMN, _NUMBER_AMONG_TEXT = 0.5, 0.2, 0.05


@dataclass(frozen=True)
class Line:
    """One line of a file that is neither blank nor a comment."""

    number: int
    text: str


@dataclass(frozen=True)
class Sample:
    """The lines of a sample, read in one way.

    Attributes
    ----------
    separator : str
        One character; " " is any run of blanks.
    convention : Convention
        What the marks in its numbers mean.
    lines : tuple of Line
        Heads first, then rows.
    rows : tuple of tuple of str
        The cells of each line, at most 64.
    counts : tuple of int
        How many cells each line has.
    start : int
        Position of the first row of the body.
    width : int
        Number of columns of the body.
    textual : tuple of bool
        Of each of the first columns, whether it holds text.
    quality : float
        Share of the body that is numbers, from 0 to 1.
    numeric : tuple of str
        The cells of its columns of numbers.
    """

    separator: str
    convention: Convention
    lines: tuple[Line, ...]
    rows: tuple[tuple[str, ...], ...]
    counts: tuple[int, ...]
    start: int
    width: int
    textual: tuple[bool, ...]
    quality: float
    numeric: tuple[str, ...] = ()

    @property
    def body(self) -> tuple[tuple[str, ...], ...]:
        """The cells of the rows below all headings and remarks."""
        return self.rows[self.start :]

    def cells(self, position: int) -> list[str]:
        """Return all cells of one line."""
        return cells_of(self.lines[position].text, self.separator)

    def quoted(self, position: int) -> list[bool]:
        """Tell of the cells of one line whether they stand in quotes."""
        return quoted_cells(self.lines[position].text, self.separator)


def best_sample(lines: list[Line], reading: TableReading) -> Sample:
    """Return the lines under the separator that explains them best.

    Examples
    --------
    >>> lines = [Line(1, "a;b"), Line(2, "1,5;2"), Line(3, "3;4")]
    >>> found = best_sample(lines, TableReading())
    >>> found.separator, found.convention.decimal, found.start
    (';', ',', 1)
    """
    texts = [line.text for line in lines]
    separators = [reading.delimiter] if reading.delimiter else list(SEPARATORS)
    present = [one for one in separators if one == " " or any(one in text for text in texts)]
    samples = [sampled(lines, separator, reading) for separator in present or separators[:1]]
    samples = [_doubted(sample) for sample in samples]
    if any(one.separator in "\t;|" and one.quality > 0.99 and one.width > 1 for one in samples):
        # Blanks would split at tabs, too, and at those between groups of digits.
        samples = [one for one in samples if one.separator != " "]
    # max keeps the first of equals, so the order of the separators is the preference.
    return max(samples, key=lambda one: (round(one.quality, 9), one.width, _leading(one)))


def sampled(lines: list[Line], separator: str, reading: TableReading) -> Sample:
    """Return the lines under one separator, with the place where their body begins."""
    starts = [_start_of(line.text, separator) for line in lines]
    rows, counts = [cells for _, cells in starts], [count for count, _ in starts]
    kinds = [[kind_of(cell) for cell in row] for row in rows]
    if separator == " " and any(row[:1] == ["t"] for row in kinds):
        join_words(rows, kinds, counts)
    header = pandas_levels(rows, counts) if reading.header is None else reading.header
    start, width, textual = (
        _place(kinds, counts)
        if header is None
        else _body_from(kinds, counts, min(header, len(lines) - 1))
    )
    numeric = [
        cell
        for row in rows[start:]
        for position, cell in enumerate(row)
        if position >= len(textual) or not textual[position]
    ]
    convention = _convention(numeric, lines[start:], separator, reading)
    simple = convention.decimal == "."
    right = sum(
        bool(simple and SIMPLE.fullmatch(cell)) or is_number_cached(cell, convention)
        for cell in numeric
        if cell
    )
    filled = sum(bool(cell) for cell in numeric)
    fitting = sum(_fits(kinds[i], counts[i], width) for i in range(start, len(rows)))
    good = fitting / (len(rows) - start)
    # Labels in front are no fault, text further on is what another separator may explain.
    later = sum(textual[1:])
    share = right / filled if filled else 0.0
    if len(rows) - start == 1 and len(rows) > 3:
        # A single row below many others is a row that another separator explains.
        share *= 0.5
    quality = good * share * (min(width, _CELLS) - later - textual[0] * (width > 1))
    quality /= max(1, min(width, _CELLS) - textual[0] * (width > 1))
    return Sample(
        separator,
        convention,
        tuple(lines),
        tuple(map(tuple, rows)),
        tuple(counts),
        start,
        width,
        tuple(textual),
        quality if any(map(holds_number, numeric)) else 0.0,
        tuple(numeric),
    )


def cells_of(line: str, separator: str) -> list[str]:
    """Split a line; one with an open quote as if quotes meant nothing.

    Examples
    --------
    >>> cells_of('" 0.5', " "), cells_of('"a,5', ",")
    (['"', '0.5'], ['"a', '5'])
    """
    try:
        return split_line(line, separator)
    except ValueError:
        # An open quote is reported with its place by the reading.
        return split_words(line) if separator == " " else line.split(separator)


@lru_cache(maxsize=4096)
def is_number_cached(cell: str, convention: Convention) -> bool:
    """Tell whether a cell is a number under a convention, each cell and convention once."""
    return is_number(cell, convention)


def _convention(
    numeric: list[str], lines: list[Line], separator: str, reading: TableReading
) -> Convention:
    decimal, thousands = reading.decimal, reading.thousands
    if decimal is not None and thousands is not None:
        return Convention(decimal, thousands)
    quoted = any('"' in line.text for line in lines)
    whole = any(cell.isdigit() and len(cell) < 4 for cell in numeric)
    # Excel quotes what it groups; where every number has three decimals they were asked for.
    first = separator != ";" and (separator == "," or quoted or whole)
    if decimal is None and thousands is None:
        return convention_of(numeric, thousands_first=first) or Convention()
    if decimal is None and thousands:
        return Convention("," if thousands == "." else ".", thousands)
    if decimal is None:
        found = convention_of(numeric, thousands_first=False)
        return Convention(found.decimal if found is not None else ".")
    found = convention_of(numeric, thousands_first=decimal == ".")
    fits = found is not None and found.decimal == decimal
    return Convention(decimal, found.thousands if found is not None and fits else "")


def _doubted(sample: Sample) -> Sample:
    """Lower the quality of what commas make likely to be something else."""
    commas = [line.text for line in sample.lines[sample.start :] if "," in line.text]
    if sample.textual[:1] == (True,) and all(
        row and _SEVERAL.fullmatch(row[0]) and not DATE.fullmatch(row[0]) for row in sample.body
    ):
        # Its labels are numbers that another separator parts.
        return replace(sample, quality=0.4 * sample.quality)
    if sample.separator == "," and sample.width > 1 and _is_grouped(sample):
        return replace(sample, quality=0.5 * sample.quality)
    if sample.width == 1 and any(
        _SEVERAL.fullmatch(one.text) for one in sample.lines[: sample.start]
    ):
        return replace(sample, quality=0.4 * sample.quality)
    if sample.width == 1 and commas and not any('"' in text for text in commas):
        # Without a separator in sight "1,5" is two columns more often than one number.
        sure = any(re.fullmatch(r"[-+]?0,\d+", text.strip()) for text in commas) or any(
            re.search(r",0\d\d(,\d{3})*$", text.strip()) for text in commas
        )
        return replace(sample, quality=0.9 * sample.quality * sure)
    return sample


def _is_grouped(sample: Sample) -> bool:
    """Whether the cells between commas are rather the groups of digits of one number a line."""
    rest = [cell for row in sample.body for cell in row[1:]]
    first = [row[0] for row in sample.body]
    return (
        not any('"' in line.text for line in sample.lines[sample.start :])
        and all(len(cell) == 3 and cell.isdigit() for cell in rest)
        and any(cell[0] == "0" for cell in rest)
        and all(re.fullmatch(r"[-+$€£]{0,2}[1-9]\d{0,2}", cell) for cell in first)
    )


def _leading(sample: Sample) -> int:
    """How many numbers stand in the first line and column: else they would be names."""
    outer = [row[0] for row in sample.body if row] + list(sample.rows[0])
    return sum(is_number_cached(cell, sample.convention) for cell in outer)


def _start_of(line: str, separator: str) -> tuple[int, list[str]]:
    """Return how many cells a line has, and the first of them."""
    if separator != " " and '"' not in line:
        # Counting instead of splitting: a line may hold millions of cells.
        start = line.split(separator, _CELLS)[:_CELLS]
        return line.count(separator) + 1, [cell.strip() for cell in start]
    cells = cells_of(line, separator)
    return len(cells), cells[:_CELLS]


def _place(kinds: list[list[str]], counts: list[int]) -> tuple[int, int, list[bool]]:
    """Return where the body begins, its width and which of its columns are text."""
    best: tuple[float, int, int, list[bool]] | None = None
    numbers, texts = [0] * _CELLS, [0] * _CELLS
    widths: Counter[int] = Counter()
    above: dict[tuple[int, ...], list[float]] = {}
    parted = [place for place, count in enumerate(counts) if count > 1]
    # A few lines that no separator parts, below many that it does, are words.
    last = parted[-1] if parted and len(counts) - 1 - parted[-1] < len(parted) else len(counts)
    for start in range(len(kinds) - 1, -1, -1):
        widths[counts[start]] += 1
        for position, kind in enumerate(kinds[start] if start <= last else ()):
            numbers[position] += kind in "nx"
            texts[position] += kind == "t"
        width = _common(widths, counts, start)
        textual = [texts[j] > numbers[j] for j in range(min(width, _CELLS))]
        # The lines above cost the same until the columns below change.
        key = (width, *textual)
        if key not in above:
            above[key] = _above(kinds[:start], counts, width, textual)
        wrong = sum(
            _NUMBER_AMONG_TEXT * numbers[j] if text else _WRONG_CELL * texts[j]
            for j, text in enumerate(textual)
        )
        cost = wrong + _TEXT_COLUMN * sum(textual[1:]) + _LABEL_COLUMN * textual[0]
        ragged = sum(widths.values()) - widths[width] - widths[width + 1]
        ragged += sum(
            not _fits(kinds[i], counts[i], width)
            for i in range(start, len(kinds))
            if counts[i] == width + 1
        )
        cost += _RAGGED * ragged + above[key][start] + 100.0 * all(textual)
        if best is None or cost <= best[0]:
            best = cost, start, width, textual
    assert best is not None
    return best[1:]


def _fits(kinds: list[str], count: int, width: int) -> bool:
    """Whether a line has that many cells; an empty one more at its end is none."""
    return count == width or (count == width + 1 and (len(kinds) < count or kinds[-1] == "m"))


def _common(widths: Counter[int], counts: list[int], start: int) -> int:
    most = max(widths.values())
    return next(count for count in counts[start:] if widths[count] == most)


def _above(
    kinds: list[list[str]], counts: list[int], width: int, textual: list[bool]
) -> list[float]:
    """What it costs to take the first lines as headings and remarks, none of them, one, ..."""
    costs = [0.0]
    for place, row in enumerate(kinds):
        own = [kind for kind, text in zip(row, textual, strict=False) if not text]
        own += row[len(textual) :]
        worded = own.count("t")
        numbers = own.count("n") + own.count("x")
        like = numbers > worded or (bool(numbers) and own[0] in "nx")
        fits = counts[place] in (width, width + 1)
        # The first line, and one with an empty corner below remarks, may mix words and numbers.
        remarks = costs[-1] < _NUMBERS_ABOVE
        if worded and (place == 0 or (remarks and row[0] == "m")):
            like = False
        plain = bool(numbers) and not worded and "t" not in row
        costs.append(costs[-1] + (_NUMBERS_ABOVE if (like and fits) or plain else _WORDS_ABOVE))
    return costs


def _body_from(
    kinds: list[list[str]], counts: list[int], start: int
) -> tuple[int, int, list[bool]]:
    """Return the same as `_place` where a person said how many lines are headings."""
    widths = Counter(counts[start:])
    width = _common(widths, counts, start)
    columns = [[row[j] for row in kinds[start:] if j < len(row)] for j in range(min(width, _CELLS))]
    textual = [column.count("t") > column.count("n") + column.count("x") for column in columns]
    return start, width, textual
