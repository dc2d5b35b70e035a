"""The best of many scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best(numbers: NDArray[np.intp], scores: NDArray[np.float64], count: int) -> list[int]:
    """Return the numbers with the highest scores, the highest first, of equal ones the lower.

    ``scores`` are by number, also those of others.

    Examples
    --------
    >>> best(np.array([2, 0, 1]), np.array([1.0, 3.0, 1.0]), 2)
    [1, 0]
    """
    mine = scores[numbers]
    if 0 < count < numbers.size:
        # Of thousands only a few are put in order: no score below the last one that is wanted.
        some = mine >= np.partition(mine, numbers.size - count)[numbers.size - count]
        numbers, mine = numbers[some], mine[some]
    order = np.lexsort((numbers, -mine))[:count]
    return [int(number) for number in numbers[order]]
