"""Whether a row or column of numbers counts or names what stands beside it: years, 0 1 2 ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

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
        *("country_name", "model", "method", "land", "jahr", "pays", "entity", "run", "no", "nr"),
    }
)
# What programs call the column of row numbers they write.
INDEX_NAMES = frozenset({"", "unnamed:0", "index", "rownames", "row.names", "row_names", "..."})


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


def is_series(cells: Sequence[str]) -> bool:
    """Whether numbers are rather names of columns than measured: years, counts, even steps.

    Examples
    --------
    >>> is_series(["1990", "1995"]), is_series(["1.5", "2", "-3"])
    (True, False)
    """
    return are_years(cells) or (counts_up(cells) and len(cells) > 2) or is_even(cells)


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
