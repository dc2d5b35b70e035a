"""What a print is read as: rows as lines of a table, or a few lines above one that are no rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTENED = (
    "this is the print of a matrix that leaves out most of its numbers (...)",
    "Save the array itself: numpy.save, numpy.savetxt, or as .csv.",
)
_NUMBER = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf|nan|NA)", re.IGNORECASE)


class NotWhole(Exception):
    """The print does not show the matrix: what is wrong, and what helps."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem, self.hint = problem, hint


@dataclass(frozen=True)
class Printed:
    """The rows of a print as lines, and what is known of them.

    Attributes
    ----------
    rows : list of str
        Lines of a table.
    note : str
        What was done, in a sentence.
    header, index : int or None
        How many lines name columns, and how many columns rows; None where it is to be found.
    """

    rows: list[str]
    note: str
    header: int | None = 0
    index: int | None = 0


@dataclass(frozen=True)
class Headed:
    """Lines above a table that are none of it; the rest is read as it stands, however long.

    Attributes
    ----------
    lines : frozenset of int
        Numbers of these lines, as an editor shows them.
    note : str
        What was done, in a sentence.
    header, index : int
        How many lines name columns, and how many columns rows.
    missing : float or None
        The number that stands for a missing value.
    factor : float
        What every number is multiplied by.
    """

    lines: frozenset[int]
    note: str
    header: int = 0
    index: int = 0
    missing: float | None = None
    factor: float = 1.0

    def apply(self, array: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the numbers that are meant, in the same place.

        Examples
        --------
        >>> Headed(frozenset(), "", missing=-9.0, factor=2.0).apply(np.array([1.5, -9.0]))
        array([ 3., nan])
        """
        if self.missing is not None:
            array[array == self.missing] = np.nan
        if self.factor != 1.0:
            array *= self.factor
        return array


def is_number(cell: str) -> bool:
    """Whether a word of a print is a number, real or complex.

    Examples
    --------
    >>> is_number("1e5"), is_number("2.5i"), is_number("a")
    (True, True, False)
    """
    return bool(_NUMBER.fullmatch(cell)) or (cell[-1:] in "ij" and any(map(str.isdigit, cell)))
