"""What the lines of a table are: remarks, headings, row labels, columns of numbers or of text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from engine.errors import ArgumentError
from engine.files.layouts.table.headings import Choice, take_headings, take_labels
from engine.files.layouts.table.kinds import kind_of, remarks_beside
from engine.files.layouts.table.lines import split_words
from engine.files.layouts.table.numerals import Convention, is_missing
from engine.files.layouts.table.sample import (
    Line,
    Sample,
    best_sample,
    cells_of,
    is_number_cached,
)
from engine.files.layouts.table.series import numbers_of
from engine.files.reading.tables import TableReading
from engine.sentences import say

# "1.5 kg", "1.0±0.1": not "1a", "2020-01-05" or "12:30".
_ATTRIBUTE = re.compile(r"\s*@attribute\s+('[^']*'|\"[^\"]*\"|\S+)", re.IGNORECASE)
_BEGINS = re.compile(r"[-+<>~]?\s*\d")
_MEASURED = re.compile(r"[-+<>~]?\s*\d+[.,]\d+\s*(?:±|\+/-|[^\W\d_]|[°µ(<])")


@dataclass(frozen=True)
class Layout:
    """How the lines of one file become a matrix.

    Attributes
    ----------
    separator : str
        One character; " " is any run of blanks.
    convention : Convention
        What the marks in its numbers mean.
    first_line : int
        Number of the first line of the body, as an editor shows it.
    header_lines : tuple of int
        Numbers of the lines that are headings.
    names : tuple of str
        Names of all columns, those of labels included; empty without headings.
    width : int
        Number of columns of a row, labels included, a separator too many at its end not.
    index : int
        How many of them, from the left, are row labels.
    columns : tuple of int
        Positions of those that become numbers.
    reading : TableReading
        The same as a person would say it.
    doubts : tuple of str
        Which of the choices could be otherwise: "header" and "index" were taken, "maybe" and
        "hardly" are headings that were not, nor "beside", which are labels; "skip" are rows of
        numbers left out above.
    names_line : int
        Number of the line whose cells are the names; 0 without.
    skipped : int
        How many lines stand above the headings and are left out.
    texts : tuple of int
        Positions of the columns that are text and left out.
    trailing : bool
        Whether rows end with a separator after their last column.
    vectors : tuple of int
        Count and size of word vectors, where the first line says them.
    numeric : tuple of str
        Cells of the sample that are numbers, for a later one to be weighed against.
    empty : tuple of int
        Positions of the columns without a name and without anything in them.
    measured : tuple of (int, str)
        Columns taken as words that begin with numbers, as "1.5 kg" does, with a cell of each.
    other : int
        How many columns are row labels in the other reading that can be defended; -1 without.
    asked : TableReading
        What a person said.
    levels : tuple of int
        Numbers of the lines above the names whose names of groups stand before them.
    """

    separator: str
    convention: Convention
    first_line: int
    header_lines: tuple[int, ...]
    names: tuple[str, ...]
    width: int
    index: int
    columns: tuple[int, ...]
    reading: TableReading
    doubts: tuple[str, ...] = ()
    names_line: int = 0
    skipped: int = 0
    texts: tuple[int, ...] = ()
    trailing: bool = False
    vectors: tuple[int, ...] = ()
    numeric: tuple[str, ...] = ()
    empty: tuple[int, ...] = ()
    measured: tuple[tuple[int, str], ...] = ()
    other: int = -1
    asked: TableReading = field(default_factory=TableReading)
    levels: tuple[int, ...] = ()


def layout_of(lines: list[Line], reading: TableReading) -> Layout:
    """Find how a table is laid out from its first lines, comments and blank lines left out.

    Parameters
    ----------
    lines : list of Line
        At least one; those that ``reading.skip`` leaves out are gone.
    reading : TableReading
        What a person said of it.

    Raises
    ------
    ArgumentError
        When the reading names columns or labels that the table does not have.

    Examples
    --------
    >>> lines = [Line(1, ",2018,2019"), Line(2, "DE,1.5,2.5"), Line(3, "FR,4,5")]
    >>> found = layout_of(lines, TableReading())
    >>> found.names, found.index, found.columns, found.first_line
    (('', '2018', '2019'), 1, (1, 2), 2)
    """
    asked = reading
    vectors = _word_vectors(lines) if reading.skip is None and reading.header is None else ()
    if vectors:
        lines, reading = lines[1:], replace(reading, delimiter=" ", header=0, index=1)
    sample = best_sample(lines, reading)
    beside: tuple[int, ...] = ()
    if (reading.skip, reading.header, reading.index, reading.columns) == (None,) * 4:
        beside, columns = remarks_beside(sample.rows, sample.counts)
    if beside:
        reading = replace(reading, delimiter=sample.separator, header=0, index=0, columns=columns)
        sample = best_sample(lines, reading)
    choice = Choice(sample, reading, sample.start, sample.width)
    _cut_trailing(choice)
    take_headings(choice)
    take_labels(choice)
    layout = _settled(choice, vectors)
    return replace(layout, texts=beside, asked=asked) if beside else layout


def says_columns(line: str) -> bool:
    """Whether a line that is no row may say something of the columns."""
    return line.lstrip(" \ufeff")[:1] == "#" or _ATTRIBUTE.match(line) is not None


def beside_remarks(layout: Layout, remarks: list[Line]) -> Layout:
    """Return a layout with what lines above it say of it: those with #, and Weka's attributes.

    One may be the vector of the word "#", above all others; the last may name the columns.

    Examples
    --------
    >>> found = layout_of([Line(2, "1,2"), Line(3, "3,4")], TableReading())
    >>> beside_remarks(found, [Line(1, "# a,b")]).names
    ('a', 'b')
    """
    above = [line for line in remarks if line.number < layout.first_line]
    if not above or layout.names or layout.doubts:
        return layout
    attributes = [found for line in above if (found := _ATTRIBUTE.match(line.text))]
    if attributes:
        said = tuple(found[1].strip("'\"") for found in attributes)
        fits = len(said) == layout.width
        return replace(layout, names=said, names_line=above[-1].number) if fits else layout
    if layout.separator != " ":
        names = cells_of(above[-1].text.lstrip(" \ufeff")[1:].strip(" "), layout.separator)
        named = all(names) and all(kind_of(name) == "t" for name in names)
        if not named or len(names) != layout.width:
            return layout
        return replace(layout, names=tuple(names), names_line=above[-1].number)
    vectors = [line for line in above if _is_vector(split_words(line.text), layout.width - 1)]
    vectors = [line for line in vectors if all("." in cell for cell in line.text.split()[1:])]
    if not vectors or layout.index != 1 or (layout.skipped and not layout.vectors):
        return layout
    first = vectors[0].number
    skip = first - 1 if layout.vectors else layout.reading.skip
    return replace(layout, first_line=first, reading=replace(layout.reading, skip=skip))


def _word_vectors(lines: list[Line]) -> tuple[int, ...]:
    """Count and size of word vectors where the first line says them and the others agree."""
    words = lines[0].text.split()
    if (
        len(words) != 2
        or not all(word.isascii() and word.isdigit() for word in words)
        or len(lines) < 2
    ):
        return ()
    count, size = int(words[0]), int(words[1])
    found = [split_words(line.text) for line in lines[1:]]
    fits = sum(_is_vector(row, size) for row in found)
    worded = any(numbers_of(row[:1]) is None for row in found) or len(found) == count > 1
    return (count, size) if size > 0 and worded and fits > 0.9 * len(found) else ()


def _is_vector(words: list[str], size: int) -> bool:
    """Whether a line is a word, which may have blanks in it, and so many numbers."""
    extra = len(words) - size
    if extra < 2:
        return extra == 1
    numbers = numbers_of(words[extra:]) is not None
    return numbers and all(numbers_of([word]) is None for word in words[:extra])


def _cut_trailing(choice: Choice) -> None:
    """Tell an empty last column that is only a separator too many from one that is empty."""
    sample = choice.sample
    if sample.separator == " " or choice.width < 2:
        return
    ends = [
        (sample.rows[i][-1] if sample.counts[i] <= len(sample.rows[i]) else sample.cells(i)[-1])
        for i in range(sample.start, len(sample.rows))
        if sample.counts[i] == choice.width
    ]
    if not ends or any(ends):
        return
    above = [sample.cells(i) for i in range(sample.start)]
    if any(len(row) == choice.width and row[-1] for row in above):
        return
    choice.trailing, choice.width = True, choice.width - 1


def _empty_columns(choice: Choice) -> tuple[int, ...]:
    """Positions of the columns that have neither a name nor anything in them.

    Without any names that is the first, where lines begin with a tab or a bar.
    """
    # Words below the table are of none of its columns.
    least = min(choice.width, 64)
    body = [row for row in choice.sample.rows[choice.start :] if len(row) >= least]
    named = len(choice.names) >= choice.width
    leads = choice.sample.separator in "\t|" and choice.width > 1 and not choice.names
    return tuple(
        place
        for place in range(choice.index, min(choice.width, 64))
        if (not choice.names[place] if named else leads and not place)
        and not any(row[place : place + 1] != ("",) for row in body)
    )


def _measured(choice: Choice, places: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    """Columns of words that are numbers with something behind them, and a cell of each."""
    body = choice.sample.rows[choice.start :]
    columns = ((place, [row[place] for row in body if place < len(row)]) for place in places)
    return tuple(
        (place, next(filter(_MEASURED.match, cells)))
        for place, cells in columns
        if all(map(_BEGINS.match, cells)) and any(map(_MEASURED.match, cells))
    )


def _doubts_above(sample: Sample, remarks: int) -> tuple[str, ...]:
    """Tell whether what is left out above a table holds rows of numbers, too."""
    found = 0
    for row in sample.rows[:remarks]:
        filled = [cell for cell in row if not is_missing(cell)]
        numbers = sum(is_number_cached(cell, sample.convention) for cell in filled)
        # Of narrow tables every cell has to be one: a remark may have a number in it.
        whole = sample.width < 3 and numbers == len(filled) > 0
        found += (numbers > 1 and len(filled) - numbers <= 1) or whole
    return ("skip",) if found > 1 else ()


def _settled(choice: Choice, vectors: tuple[int, ...]) -> Layout:
    sample, reading, width = choice.sample, choice.reading, choice.width
    lines = sample.lines
    index = choice.index
    if index >= width and reading.index is not None:
        raise ArgumentError("index", index, say("less than the {width} columns", width=width))
    texts: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    if reading.columns is not None:
        columns = tuple(sorted(set(reading.columns)))
        if max(columns) >= width:
            allowed = say("positions from 0 to {last}", last=width - 1)
            raise ArgumentError("columns", columns, allowed)
    else:
        textual = (*sample.textual, *([False] * max(0, width - len(sample.textual))))
        texts = tuple(place for place in range(index, width) if textual[place])
        empty = _empty_columns(choice)
        gone = {*texts, *empty}
        columns = tuple(place for place in range(index, width) if place not in gone)
    heads = tuple(lines[place].number for place in choice.heads)
    begin = lines[choice.start].number if choice.start < len(lines) else lines[-1].number + 1
    top = heads[0] if heads else begin
    remarks = choice.heads[0] if choice.heads else choice.start
    skip = reading.skip or 0
    if reading.skip is None and (remarks or vectors):
        skip = top - 1
    names = choice.names
    if names and len(names) == width - 1:
        names = ["", *names]
    names = (names + [""] * width)[:width] if names else []
    taken = TableReading(
        sample.separator,
        sample.convention.decimal,
        sample.convention.thousands,
        len(heads),
        index,
        skip,
        columns if reading.columns is not None or ((texts or empty) and columns) else None,
        reading.sheet,
    )
    return Layout(
        sample.separator,
        sample.convention,
        begin,
        heads,
        tuple(names),
        width,
        index,
        columns,
        taken,
        (*choice.doubts, *_doubts_above(sample, remarks)),
        lines[choice.names_at].number if choice.names else 0,
        remarks,
        texts,
        choice.trailing,
        vectors,
        sample.numeric,
        empty,
        _measured(choice, (*range(index), *texts)),
        choice.other,
        reading,
        tuple(lines[place].number for place in choice.levels),
    )
