"""Which lines above a table name its columns, and which columns beside it name its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from engine.files.layouts.table.kinds import names_rows
from engine.files.layouts.table.numerals import Convention, is_missing, to_number
from engine.files.layouts.table.sample import Sample, is_number_cached
from engine.files.layouts.table.series import (
    INDEX_NAMES,
    are_dates,
    are_whole,
    are_years,
    counts_up,
    ends_remarks,
    has_corner,
    is_corner,
    is_even,
    is_monotone,
    is_series,
    key_columns,
    names_by_level,
    names_well,
    numbers_of,
    shape_of,
)
from engine.files.layouts.table.units import are_units, tell_units
from engine.files.reading.tables import TableReading

__all__ = ["Choice", "take_headings", "take_labels"]
_LEVELS = 3  # columns of names of rows that are looked for


@dataclass
class Choice:
    """Where the body of a sample begins and what stands above and beside it, as it is found."""

    sample: Sample
    reading: TableReading
    start: int
    width: int
    trailing: bool = False
    heads: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    names_at: int = -1
    levels: list[int] = field(default_factory=list)
    index: int = 0
    other: int = -1
    doubts: list[str] = field(default_factory=list)


def take_headings(choice: Choice) -> None:
    """Find which lines above the body are headings, and whether its first row is one, too."""
    sample, header = choice.sample, choice.reading.header
    if header is not None:
        choice.heads = list(range(sample.start))
        _name(choice)
        return
    choice.heads = _headings_above(choice)
    _name(choice)
    below = [row[0] for row in sample.rows[choice.start :] if len(row) == choice.width]
    if choice.names_at > 0 and ends_remarks(choice.names, choice.width, below):
        choice.heads, choice.names, choice.names_at = [], [], -1
    _keep_mistyped(choice)
    while choice.names and _is_role_line(choice):
        choice.heads.append(choice.start)
        choice.start += 1
    if not choice.names:
        _take_numeric_heading(choice)


def _keep_mistyped(choice: Choice) -> None:
    """Let the body begin at a row of numbers below the names of which some are mistyped."""
    sample = choice.sample
    below = sample.rows[choice.start :]
    for position in (one for one in choice.heads if one > choice.names_at):
        # A column without anything below says nothing of the row.
        own = [
            cell
            for place, cell in enumerate(sample.rows[position][: len(sample.textual)])
            if not (sample.textual[place] or is_missing(cell))
            and any(not is_missing(row[place]) for row in below if place < len(row))
        ]
        if len(own) > 1 and _any_number(tuple(own)) and not are_units(own, choice.names):
            choice.heads = [one for one in choice.heads if one < position]
            choice.start = position
            return


def _is_role_line(choice: Choice) -> bool:
    """Whether the first line of the body tells the roles of columns, as Orange's third does."""
    sample = choice.sample
    if choice.start + 1 >= len(sample.rows):
        return False
    return tell_units(sample.rows[choice.start], choice.names, sample.textual)


def _headings_above(choice: Choice) -> list[int]:
    """Positions of the lines right above the body that fit it; what is above them is remarks."""
    sample, below, heads = choice.sample, choice.sample.start, list[int]()
    for position in range(sample.start - 1, -1, -1):
        count = sample.counts[position]
        apart = sample.lines[below].number - sample.lines[position].number > 1
        longer = count == choice.width + 1 and sample.cells(position)[-1] in ("", "Comment")
        if not (longer or count in (choice.width, choice.width - 1)) or (apart and heads):
            break
        heads.insert(0, position)
        below = position
    names = _names_position(choice, heads)
    return [] if names < 0 else [one for one in heads if one >= names]


def _names_position(choice: Choice, heads: list[int]) -> int:
    """Which of these lines holds the names: the last full one that is no line of units."""
    sample = choice.sample
    bar = sample.separator == "|" and not any(row[0] for row in sample.body)
    full = [
        position
        for position in heads
        if sum(map(bool, sample.rows[position])) >= min(choice.width, 64) - 1 - bar
        or choice.reading.header is not None
    ]
    # The names of row labels below levels of names of columns, as pandas writes them.
    full = [one for one in full if not names_rows(sample.rows[one])] or full
    # Levels of row labels that have no name, as pandas writes them.
    full = full or [one for one in heads if _is_named_from(sample.rows[one], choice.width)]
    for place in range(len(full) - 1, -1, -1):
        if not place:
            return full[0]
        row, above = sample.rows[full[place]], sample.rows[full[place - 1]]
        worded = any(not _any_number(sample.rows[one]) for one in full[:place])
        if not (are_units(row, above) or (_any_number(row) and worded)):
            return full[place]
    return -1


def _unnamed(row: Sequence[str]) -> int:
    """How many cells at the beginning of a line are empty."""
    return len(list(takewhile(lambda cell: cell == "", row)))


def _is_named_from(row: tuple[str, ...], width: int) -> bool:
    """Whether only two or three cells in front of a line are empty."""
    count = _unnamed(row)
    return 1 < count <= _LEVELS and count < len(row) == width and all(row[count:])


def _any_number(cells: tuple[str, ...]) -> bool:
    return any(numbers_of([cell]) is not None for cell in cells if cell)


def _name(choice: Choice) -> None:
    """Take the names of the columns from the headings."""
    position = _names_position(choice, choice.heads)
    if position < 0:
        return
    names = choice.sample.cells(position)
    if len(names) == choice.width + 1 and names[-1] in ("", "Comment"):
        names.pop()
    choice.names, choice.names_at = names, position
    while position > 0:
        position -= 1
        joined = names_by_level(choice.names, choice.sample.cells(position)[: len(choice.names)])
        if joined is None:
            return
        choice.names = joined
        choice.levels.insert(0, position)
        if position not in choice.heads:
            choice.heads.insert(0, position)


def _take_numeric_heading(choice: Choice) -> None:
    """See whether the first row of numbers is a heading; R's may be one cell short."""
    sample = choice.sample
    first = list(sample.rows[sample.start])
    rest = tuple(
        tuple(_pointed(cell, sample.convention) for cell in row)
        for row in sample.rows[sample.start + 1 :]
    )
    if not rest or len(first) < 1:
        return
    short = _is_short(choice, first, rest)
    lead = 0 if short else max(len(_lead(choice)), int(first[0] == ""))
    names = first[lead:]
    if choice.trailing and names and names[-1] == "":
        names = names[:-1]
    if not names or any(is_missing(name) for name in names):
        return
    sure = _is_quoted_heading(choice, lead) or short
    likely = sure or _is_heading(choice, first, names, rest, lead)
    if not likely and not (lead and is_corner(first[0]) and _are_codes(names)):
        rows = [list(row[lead : lead + len(names)]) for row in rest]
        if is_series(names) and not any(_same_sort(names, row) for row in rows):
            # Whole numbers above whole numbers are a matrix, however well they count.
            whole = not lead and all(are_whole(row) for row in [names, *rows])
            choice.doubts.append("hardly" if whole else "maybe")
        elif counts_up(names) and len(names) > 2 and (lead or names[0] == "0"):
            # As pandas numbers columns; a matrix may begin so, too.
            choice.doubts.append("hardly")
        return
    if not (sure or (likely and has_corner(first[0], lead))):
        choice.doubts.append("header")
    choice.heads, choice.start = [*choice.heads, sample.start], sample.start + 1
    choice.names, choice.names_at = sample.cells(sample.start), sample.start
    if short:
        choice.width = sample.counts[sample.start + 1]


def _are_codes(names: list[str]) -> bool:
    """Whether numbers below no name can be names themselves: whole and distinct, or a series."""
    whole = all(name.isascii() and name.isdigit() for name in names)
    ordered = is_series(names) or (len(names) > 3 and is_monotone(numbers_of(names) or []))
    return (whole and len(set(names)) == len(names)) or ordered


def _pointed(cell: str, convention: Convention) -> str:
    """Return a cell with a decimal point and without groups of digits."""
    if convention == Convention() or not cell or not is_number_cached(cell, convention):
        return cell
    return repr(to_number(cell, convention)).removesuffix(".0")


def _lead(choice: Choice) -> list[bool]:
    """The columns from the left that are text."""
    return list(takewhile(bool, choice.sample.textual[: choice.width]))


def _is_short(choice: Choice, first: list[str], rest: tuple[tuple[str, ...], ...]) -> bool:
    sample = choice.sample
    if set(sample.counts[sample.start + 1 :]) != {sample.counts[sample.start] + 1}:
        return False
    labels = [row[0] for row in rest]
    quoted = sample.quoted(sample.start + 1)[0]
    worded = all(not is_number_cached(label, sample.convention) for label in labels)
    return worded or quoted or (counts_up(labels) and is_series(first))


def _is_quoted_heading(choice: Choice, lead: int) -> bool:
    """Whether only the first line puts its numbers in quotes, as R does with names."""
    sample = choice.sample
    quoted, below = sample.quoted(sample.start), sample.quoted(sample.start + 1)
    plain = numbers_of(sample.rows[sample.start][lead:]) is not None
    return plain and all(quoted[lead:]) and not any(below[max(lead, 1) :])


def _is_heading(
    choice: Choice,
    first: list[str],
    names: list[str],
    rest: tuple[tuple[str, ...], ...],
    lead: int,
) -> bool:
    labels = [row[0] for row in rest]
    textual = choice.sample.textual[0]
    if not names_well(names):
        return False
    if first[0] == "":
        return bool(textual or names_well(labels)) and all(labels)
    rows = [list(row[lead : lead + len(names)]) for row in rest]
    alike = sum(_same_sort(names, row) for row in rows) > 0.2 * len(rows)
    if lead:
        corner = has_corner(first[0], lead) or shape_of(first[0]) not in map(shape_of, labels)
        if are_years(names) and (len(names) > 1 or corner):
            return not alike
        values = numbers_of(names) or []
        ordered = is_series(names) or (len(names) > 3 and is_monotone(values))
        return bool(corner and ordered and not alike)
    return len(rows) > 1 and not alike and _is_apart(names, rows)


def _same_sort(names: list[str], row: list[str]) -> bool:
    """Whether a row below looks as much like names as the heading does."""
    if are_years(names):
        return are_years(row)
    if are_dates(names):
        return are_dates(row)
    if are_whole(names) and not are_whole(row):
        return False
    return is_even(row) if is_even(names) else is_series(row)


def _is_apart(names: list[str], rows: list[list[str]]) -> bool:
    """Whether a first row of numbers without any label is not of the kind of those below it."""
    values = [x for row in rows for x in numbers_of([c for c in row if not is_missing(c)]) or ()]
    heads = numbers_of(names) or []
    if not values or not is_series(names):
        return False
    measured = sum(value != int(value) for value in values if abs(value) < 2**53)
    outside = min(heads) > max(values) or max(heads) < min(values)
    if counts_up(names):
        return 2 * measured > len(values)
    return outside and (are_years(names) or are_whole(names) or len(names) > 3) and measured > 0


def take_labels(choice: Choice) -> None:
    """Find how many leading columns are row labels."""
    sample = choice.sample
    if choice.reading.index is not None:
        choice.index = choice.reading.index
        return
    lead = len(_lead(choice))
    if lead >= choice.width or choice.width < 2:
        # A single column of text is refused with the place, not taken as a label of nothing.
        choice.index = 0
        return
    choice.index = lead
    if choice.start >= len(sample.rows) or _take_unnamed(choice):
        return
    if lead:
        _take_levels(choice)
        return
    labels = [row[0] for row in sample.rows[choice.start :]]
    if choice.names and len(choice.names) == choice.width - 1:
        choice.index = 1
        # A single name above "1,5" may as well stand above decimal commas.
        counted = counts_up(labels) and not (sample.separator == "," and choice.width == 2)
        if numbers_of(labels) and not (counted or _has_quoted_labels(choice, labels)):
            choice.doubts.append("index")
    elif choice.names and choice.names[0].lower().replace(" ", "") in INDEX_NAMES and all(labels):
        choice.index = int(names_well(labels) or choice.names[0] == "")
    elif _has_quoted_labels(choice, labels):
        choice.index = 1
    elif are_dates(labels) or (
        len(choice.names) == choice.width > 2 and _beside_numbers(choice, labels)
    ):
        choice.index = 1
        if not (choice.names and is_corner(choice.names[0])):
            choice.doubts.append("index")
    elif are_years(labels) and _may_be_labels(choice, labels):
        choice.other = 1
    elif choice.names:
        _take_levels(choice)


def _may_be_labels(choice: Choice, years: list[str]) -> bool:
    """Whether years in the first column may name the rows: two of them by their name only."""
    if len(years) < 3:
        return len(years) > 1 and bool(choice.names) and is_corner(choice.names[0])
    return bool(choice.names) or not _are_whole_rows(choice)


def _are_whole_rows(choice: Choice) -> bool:
    """Whether the body holds whole numbers only."""
    return all(map(are_whole, choice.sample.rows[choice.start :]))


def _take_unnamed(choice: Choice) -> bool:
    """See whether several columns without names name the rows together, as pandas writes them."""
    names = ["" if name.startswith("Unnamed: ") else name for name in choice.names]
    unnamed = _unnamed(names) if len(names) == choice.width else 0
    rows = [row[:unnamed] for row in choice.sample.rows[choice.start :]]
    found = choice.index < unnamed < choice.width and unnamed > 1 and _are_distinct(rows)
    choice.index = unnamed if found else choice.index
    return found


def _take_levels(choice: Choice) -> None:
    """See whether columns of numbers name the rows together with the words before them."""
    lead, textual = choice.index, choice.sample.textual
    most = min(max(lead, 1) + _LEVELS - 1, choice.width - 1)
    rows = [row for row in choice.sample.rows[choice.start :] if len(row) > most]
    count, sort = key_columns(rows, lead, most)
    left = [place for place in range(count, min(choice.width, len(textual))) if not textual[place]]
    if not sort or not left:
        return
    if lead and sort == "regular" and choice.names:
        choice.index, choice.other = count, lead
        choice.doubts.append("index")
    elif not all(are_whole([row[place] for row in rows if row[place:]]) for place in left):
        choice.other = count
        if lead and sort != "distinct":
            choice.doubts.append("beside")


def _are_distinct(rows: list[tuple[str, ...]]) -> bool:
    """Whether the cells in front of rows name them: whole numbers or words, never the same."""
    columns = [[row[place] for row in rows] for place in range(len(rows[0]))] if rows else []
    named = all(numbers_of(one) is None or are_whole(one) for one in columns)
    return named and len(set(rows)) == len(rows) > 0


def _has_quoted_labels(choice: Choice, labels: list[str]) -> bool:
    """Whether only the first column puts its numbers in quotes, as R does with names."""
    sample = choice.sample
    quoted = [sample.quoted(place) for place in range(choice.start, len(sample.rows))]
    only = all(row and row[0] and not any(row[1:]) for row in quoted)
    return only and names_well(labels) and are_whole(labels)


def _beside_numbers(choice: Choice, labels: list[str]) -> bool:
    """Whether a named column of numbers stands beside columns whose names are numbers."""
    corner = choice.names[0]
    return (
        not is_number_cached(corner, choice.sample.convention)
        and is_series(choice.names[1:])
        and names_well(labels)
    )
