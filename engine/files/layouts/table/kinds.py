"""What a cell is: a number, missing, mistyped or text; and lines that only their kinds explain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from engine.files.layouts.table.numerals import (
    Convention,
    is_missing,
    is_number,
    without_signs,
)

_LONGEST_NUMBER = 80
_LOOSE = re.compile(
    r"[-+]?(?:\d{1,3}(?:[,.' ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
    r"|[-+]?[.,]\d+(?:[eE][-+]?\d+)?"
)
SIMPLE = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")
DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_NUMBER_LIKE = re.compile(r"[-+]?[\d.,' ]*\d[\d.,' ]*([eE][-+]?\d+)?")


@lru_cache(maxsize=4096)
def kind_of(cell: str) -> str:
    """Return n for a number in any convention, m for missing, x for one mistyped, t for text."""
    if len(cell) > _LONGEST_NUMBER:
        return "t"
    if SIMPLE.fullmatch(cell):
        return "n"
    if is_missing(cell):
        return "m"
    bare, _ = without_signs(cell)
    if _LOOSE.fullmatch(bare) or is_number(cell) or is_number(cell, Convention(",", ".")):
        return "n"
    return "x" if _NUMBER_LIKE.fullmatch(cell) and not DATE.fullmatch(cell) else "t"


def join_words(rows: list[list[str]], kinds: list[list[str]], counts: list[int]) -> None:
    """Take as one what stands before the numbers of a word vector: "na", "2008", several words."""
    usual = Counter(counts).most_common(1)[0][0]
    named = _are_words(rows, kinds)
    for place, row in enumerate(kinds):
        row[:1] = ["t" if kind == "m" or named else kind for kind in row[:1]]
        extra = counts[place] - usual
        if extra <= 0 or counts[place] != len(row) or usual < 3 or row[0] != "t":
            continue
        if "n" not in row[: extra + 1] and set(row[extra + 1 :]) == {"n"}:
            row[: extra + 1] = ["t"]
            rows[place][: extra + 1] = [" ".join(rows[place][: extra + 1])]
            counts[place] = usual


def _are_words(rows: list[list[str]], kinds: list[list[str]]) -> bool:
    """Whether whole numbers in front of fractions are words among others, as in word vectors."""
    body = [(row, kind) for row, kind in zip(rows, kinds, strict=True) if "n" in kind[1:]]
    if any(len(row) < 3 or not all("." in cell for cell in row[1:]) for row, _ in body):
        return False
    found = [(place, row[0]) for place, (row, kind) in enumerate(body) if kind[0] == "n"]
    if not all(word.isascii() and word.isdigit() for _, word in found):
        return False
    # Numbers that count the rows are an index in which something is mistyped.
    return len({int(word) - place for place, word in found}) > 1


def remarks_beside(
    rows: Sequence[Sequence[str]], counts: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the columns of remarks that stand beside a table, as oscilloscopes write them.

    They hold words in the first lines and nothing in the last ones.

    Returns
    -------
    remarks, numbers : tuple of int
        Positions of the columns, none where there are no remarks.

    Examples
    --------
    >>> rows = [("gain", "2", "0", "1.5"), ("unit", "V", "1", "2.5"), *[("", "", "2", "3")] * 4]
    >>> remarks_beside(rows, [4] * 6)
    ((0, 1), (2, 3))
    """
    none: tuple[tuple[int, ...], tuple[int, ...]] = (), ()
    if len({*counts}) > 1 or len(rows) < 5 or not rows[0][0] or counts[0] != len(rows[0]):
        return none
    kinds = [
        "".join(kind_of(row[place]) if row[place] else " " for row in rows)
        for place in range(counts[0])
    ]
    first = next((place for place, found in enumerate(kinds) if {*found} <= {"n"}), 0)
    numbers = tuple(place for place, found in enumerate(kinds) if {*found} <= {"n"})
    last = len(rows) - max(2, len(rows) // 4)
    apart = all(not found[last:].strip() for found in kinds[:first])
    bare = all({*found} in ({"n"}, {" "}) for found in kinds[first:])
    if not (first and apart and bare and {*kinds[0]} == {"t", " "}):
        return none
    return tuple(place for place in range(first) if kinds[place].strip()), numbers


def names_rows(row: Sequence[str]) -> bool:
    """Whether only cells in front of a line are filled, and several behind them are not.

    Examples
    --------
    >>> names_rows(["country", "", ""]), names_rows(["a", "b", ""])
    (True, False)
    """
    lead = len([*takewhile(bool, row)])
    return 0 < lead < len(row) - 1 and not any(row[lead:])


def pandas_levels(rows: list[list[str]], counts: list[int]) -> int | None:
    """Return how many lines are levels of names of columns, as pandas ends them; None elsewhere.

    Below them stand the names of the row labels and nothing else.
    """
    alone = [place for place, row in enumerate(rows) if names_rows(row)]
    if len(alone) != 1 or not 1 < alone[0] < min(6, len(rows) - 1):
        return None
    place = alone[0]
    lead = rows[place].index("")
    if len({*counts[: place + 2]}) > 1:
        return None
    worded = all(kind_of(cell) == "t" for cell in rows[place][:lead])
    filled = all(all(row[lead:]) and kind_of(row[lead - 1]) in "tm" for row in rows[:place])
    return place + 1 if worded and filled else None
