"""Whether a row or column of numbers counts or names what stands beside it: years, 0 1 2 ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise

# Between the levels of a name: "North · 1990".
LEVELS = " · "
# Names that stand over row labels, in the corner of a table.
CORNERS = frozenset(
    {
        *(
            "country",
            "name",
            "names",
            "id",
            "ids",
            "index",
            "idx",
            "label",
            "labels",
            "year",
            "key",
        ),
        *("sample", "samples", "region", "state", "city", "date", "time", "month", "gene", "genes"),
        *(
            "word",
            "token",
            "species",
            "group",
            "class",
            "subject",
            "item",
            "code",
            "station",
            "site",
        ),
        *("wavelength", "wavenumber", "product", "company", "type", "category", "row", "rows"),
        *(
            "country_name",
            "monat",
            "mois",
            "mes",
            "model",
            "method",
            "land",
            "jahr",
            "pays",
            "entity",
            "run",
            "no",
            "nr",
        ),
    }
)
# What programs call the column of row numbers they write.
INDEX_NAMES = frozenset({"", "unnamed:0", "index", "rownames", "row.names", "row_names", "..."})


def is_corner(cell: str) -> bool:
    """Whether a word stands over row labels.

    Examples
    --------
    >>> is_corner("Country Name"), is_corner("mass")
    (True, False)
    """
    return cell.lower().replace(" ", "_") in CORNERS


def has_corner(cell: str, lead: int) -> bool:
    """Whether the corner of a table is empty, or says what stands in the ``lead`` labels below it.

    Examples
    --------
    >>> has_corner("", 0), has_corner("country", 1), has_corner("country", 0)
    (True, True, False)
    """
    return cell == "" or (lead > 0 and is_corner(cell))


def numbers_of(cells: Sequence[str]) -> list[float] | None:
    """Return plain numbers, None where a cell is none.

    Examples
    --------
    >>> numbers_of(["2018", "2019"]), numbers_of(["a"])
    ([2018.0, 2019.0], None)
    """
    try:
        found = [float(cell) for cell in cells if "_" not in cell]
    except ValueError:
        return None
    return found if len(found) == len(cells) and all(x == x for x in found) else None


def are_whole(cells: Sequence[str]) -> bool:
    """Whether all cells are whole numbers without signs and leading zeros.

    Examples
    --------
    >>> are_whole(["0", "12"]), are_whole(["1.0"]), are_whole(["007"])
    (True, False, False)
    """
    return all(re.fullmatch(r"0|[1-9]\d*", cell) for cell in cells)


def are_years(cells: Sequence[str]) -> bool:
    """Whether the cells are years in order.

    Examples
    --------
    >>> are_years(["1990", "1995"]), are_years(["1990", "12"])
    (True, False)
    """
    values = numbers_of(cells)
    return (
        bool(values)
        and are_whole(cells)
        and all(1500 <= value <= 2200 for value in values or ())
        and is_monotone(values or [])
    )


def are_dates(cells: Sequence[str]) -> bool:
    """Whether the cells are days as yyyymmdd, distinct or in order, or months as yyyymm in order.

    Examples
    --------
    >>> are_dates(["20200102", "20200103"]), are_dates(["20200132", "20200201"])
    (True, False)
    >>> are_dates(["192611", "192612", "192701"]), are_dates(["192611", "192613", "192701"])
    (True, False)
    """
    if len(cells) < 2 or not all(map(_is_date, cells)) or len({*map(len, cells)}) > 1:
        return False
    if len(cells[0]) == 6:
        return len(cells) > 2 and is_monotone([float(cell) for cell in cells])
    return len(set(cells)) == len(cells) or list(cells) == sorted(cells)


def _is_date(cell: str) -> bool:
    if re.fullmatch(r"(?:1[5-9]|2[01])\d{4}(?:\d\d)?", cell):
        with suppress(ValueError):
            return bool(date(int(cell[:4]), int(cell[4:6]), int(cell[6:] or 1)))
    return False


_NO = 0, ""


def key_columns(rows: Sequence[Sequence[str]], lead: int, most: int) -> tuple[int, str]:
    """How many columns from the left name the rows together where the first alone repeat.

    Parameters
    ----------
    rows : sequence of sequence of str
        The cells of each row, ``most`` at least.
    lead : int
        How many of the columns are words.
    most : int
        How many columns may be names.

    Returns
    -------
    count : int
        0 where there are none: one is not of whole numbers or words, or rows stay alike.
    sort : str
        "regular": the last column counts up, holds years in order or the same names below each
        name; "ordered": it rises; "distinct": no more than that.

    Examples
    --------
    >>> key_columns([("x", "1"), ("x", "2"), ("y", "1")], 1, 2)
    (2, 'regular')
    >>> key_columns([("x", "1"), ("x", "1"), ("y", "1")], 1, 2)
    (0, '')
    """
    if lead and len({tuple(row[:lead]) for row in rows}) == len(rows):
        return _NO
    for count in range(max(lead, 1) + 1, most + 1):
        cells = [row[count - 1] for row in rows]
        worded = numbers_of(cells) is None
        if not all(cells) or (not worded and not are_whole(cells)):
            break
        groups: dict[tuple[str, ...], list[str]] = {}
        for row in rows:
            groups.setdefault(tuple(row[: count - 1]), []).append(row[count - 1])
        if all(len(set(group)) == len(group) for group in groups.values()):
            return (count, _sort_of([*groups.values()], worded)) if len(groups) < len(rows) else _NO
    return _NO


def _sort_of(groups: list[list[str]], worded: bool) -> str:
    """How the last of several columns of names goes on below each name before it."""
    several = [group for group in groups if len(group) > 1]
    if 2 * len(several) < len(groups) or not several:
        return ""
    first, *others = groups
    # The sample may end within the last group.
    same = bool(others) and all(group == first[: len(group)] for group in others)
    if same and all(len(group) == len(first) for group in others[:-1]):
        return "regular"
    if worded:
        return ""
    start = first[0]
    if len(first) > 2 - bool(others) and all(one[0] == start and counts_up(one) for one in groups):
        return "regular"
    if all(are_years(group) or are_dates(group) for group in several):
        return "regular"
    rising = all(float(a) < float(b) for group in several for a, b in pairwise(group))
    return "ordered" if rising and len(several) > 1 < max(map(len, several)) - 1 else "distinct"


def is_monotone(values: Sequence[float]) -> bool:
    """Whether the values rise or fall throughout.

    Examples
    --------
    >>> is_monotone([3.0, 2.0, 1.0]), is_monotone([1.0, 1.0])
    (True, False)
    """
    pairs = list(pairwise(values))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


def counts_up(cells: Sequence[str]) -> bool:
    """Whether the cells are 0, 1, 2, ... or 1, 2, 3, ...

    Examples
    --------
    >>> counts_up(["1", "2"]), counts_up(["0", "2"])
    (True, False)
    """
    return any(
        all(cell == str(first + step) for step, cell in enumerate(cells)) for first in (0, 1)
    )


def is_even(cells: Sequence[str]) -> bool:
    """Whether at least three numbers have equal steps between them.

    Examples
    --------
    >>> is_even(["400", "410", "420"]), is_even(["1", "2"])
    (True, False)
    """
    values = numbers_of(cells)
    if values is None or len(values) < 3 or not is_monotone(values):
        return False
    step = (values[-1] - values[0]) / (len(values) - 1)
    return all(abs(b - a - step) <= 1e-3 * abs(step) for a, b in pairwise(values))


def names_well(cells: Sequence[str]) -> bool:
    """Whether numbers can be names: distinct, and whole or in order.

    Examples
    --------
    >>> names_well(["3", "1", "2"]), names_well(["0.5", "0.1", "0.3"])
    (True, False)
    """
    values = numbers_of(cells)
    if not values or len(set(values)) < len(values):
        return False
    return are_whole(cells) or is_monotone(values)


def names_by_level(names: Sequence[str], above: Sequence[str]) -> list[str] | None:
    """Join names of columns that repeat with the names of their groups in the line above.

    Parameters
    ----------
    names, above : sequence of str
        Cells of two lines. Cells in front that are empty stand over row labels; the line above may
        have the name of its level in the last of them, and say a group once, over its first column.

    Returns
    -------
    list of str or None
        None where the names do not repeat, or the line above is none of groups.

    Examples
    --------
    >>> names_by_level(["", "m", "n", "m", "n"], ["", "P", "", "Q", ""])
    ['', 'P · m', 'P · n', 'Q · m', 'Q · n']
    >>> names_by_level(["m", "n"], ["P", "Q"]) is None
    True
    """
    lead = next((place for place, cell in enumerate(names) if cell), len(names))
    own, groups = list(names[lead:]), list(above[lead:])
    if len(above) != len(names) or len(set(own)) == len(own) or not all(own):
        return None
    if any(above[: max(lead - 1, 0)]) or not groups[0]:
        return None
    distinct = [*dict.fromkeys(filter(None, groups))]
    if numbers_of(distinct) and not are_years(distinct):
        return None
    for place in range(1, len(groups)):
        groups[place] = groups[place] or groups[place - 1]
    joined = [LEVELS.join(pair) for pair in zip(groups, own, strict=True)]
    return [*names[:lead], *joined] if len(set(joined)) == len(joined) else None


def is_series(cells: Sequence[str]) -> bool:
    """Whether numbers are rather names of columns than measured: years, dates, counts, even steps.

    Examples
    --------
    >>> is_series(["1990", "1995"]), is_series(["1.5", "2", "-3"])
    (True, False)
    """
    return (
        are_years(cells)
        or are_dates(cells)
        or (counts_up(cells) and len(cells) > 2)
        or is_even(cells)
    )


def shape_of(text: str) -> str:
    """Return what sort of word a text is: small and capital letters, digits.

    Examples
    --------
    >>> shape_of("Austria"), shape_of("country"), shape_of("2020-01-02")
    ('Aa', 'a', '9-9-9')
    """
    text = re.sub(r"[^\W\d_]+", lambda found: _letters(found.group()), text)
    return re.sub(r"\d+", "9", text)


def _letters(word: str) -> str:
    if word.islower():
        return "a"
    return "A" if word.isupper() else "Aa"


def ends_remarks(names: Sequence[str], width: int, below: Sequence[str]) -> bool:
    """Whether a line right below remarks is their last one, not the name of a column.

    It is where it would be the one name above two columns, of which the first is measured.

    Examples
    --------
    >>> ends_remarks([">>>Begin<<<"], 2, ["178.5", "178.9"]), ends_remarks(["x"], 2, ["1", "2"])
    (True, False)
    """
    measured = numbers_of(below) is not None and not are_whole(below)
    return len(names) == 1 and width == 2 and bool(below) and measured
