"""Entries by their places in the file, where a matrix has not all of its rows or columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gui.core.figure.arrays import Array, Ints
from gui.core.state.document import Rows

Places = tuple[Rows | None, Rows | None]  # of rows and of columns, None where all stay


def entries_placed(
    part: tuple[slice, slice], places: Places, read: Callable[[slice, slice], Array]
) -> Array:
    """Return a block of the file: rows and columns that are left out are NaN.

    ``part`` has rows and columns of the file, ``read(rows, columns)`` gives those of the matrix.

    Examples
    --------
    >>> stay, matrix = Rows(np.array([0, 3]), 4), np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> part = slice(2, 4), slice(0, 2)
    >>> entries_placed(part, (stay, None), lambda down, across: matrix[down, across]).tolist()
    [[nan, nan], [3.0, 4.0]]
    """
    (down, lines), (across, beside) = map(_inside, part, places)
    block = read(down, across)
    if places == (None, None):
        return block
    rows, columns = part
    found = np.full((rows.stop - rows.start, columns.stop - columns.start), np.nan, block.dtype)
    found[np.ix_(lines, beside)] = block
    return found


def _inside(part: slice, stay: Rows | None) -> tuple[slice, Ints]:
    """Return which rows of the matrix lie in a part of those of the file, and where in it."""
    if stay is None:
        return part, np.arange(part.stop - part.start)
    low, high = np.searchsorted(stay.kept, (part.start, part.stop))
    return slice(int(low), int(high)), stay.kept[low:high] - part.start
