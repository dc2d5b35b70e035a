"""Subsets of terms with a small sum, found from the Gram matrix of the terms."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, islice
from math import comb

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.spectrum.curves import FloatArray

IndexArray = npt.NDArray[np.intp]

TUPLE_LIMIT = 5_000_000
SUBSET_LIMIT = 2_000_000
_BATCH = 1 << 14


def drop_tuples(gram: FloatArray, r: int, size: int) -> IndexArray:
    """Drop disjoint tuples, smallest norm of their sum first, until r terms are left.

    A tuple's norm does not depend on what was dropped before, so one sorted list serves all steps.
    Where fewer than ``size`` are left to drop, the last step drops a smaller tuple.

    Parameters
    ----------
    gram : ndarray of shape (l, l)
        Inner products of the terms.
    r : int
        How many to keep.
    size : int
        1, 2 or 3.

    Returns
    -------
    ndarray of shape (r,), intp
        What is kept, ascending.

    Raises
    ------
    ArgumentError
        If there are more than 5 million tuples.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> opposite = np.array([[9.0, -9.0, 0.0], [-9.0, 9.0, 0.0], [0.0, 0.0, 1.0]])
    >>> drop_tuples(opposite, 1, 2).tolist()
    [2]
    """
    pairs = gram.shape[0]
    kept = np.ones(pairs, dtype=bool)
    while (left := int(kept.sum()) - r) > 0:
        step = min(size, left)
        alive = np.flatnonzero(kept)
        count = comb(alive.size, step)
        if count > TUPLE_LIMIT:
            allowed = f"small enough for at most {TUPLE_LIMIT:,} tuples"
            hint = f"C({alive.size}, {step}) = {count:,}. Drop smaller tuples."
            raise ArgumentError("l", alive.size, allowed, hint)
        tuples = _tuples(alive, step)
        norms = _tuple_norms(gram, tuples)
        _drop_disjoint(kept, tuples[np.argsort(norms, kind="stable")], left // step)
    return np.flatnonzero(kept)


def drop_greedily(gram: FloatArray, r: int) -> IndexArray:
    """Drop one term after another, each time the one that keeps the total error smallest.

    Parameters
    ----------
    gram : ndarray of shape (l, l)
        Inner products of the terms.
    r : int
        How many to keep.

    Returns
    -------
    ndarray of shape (r,), intp
        What is kept, ascending.

    References
    ----------
    Miller, Subset Selection in Regression (2002), section 3.3: backward elimination.

    Examples
    --------
    >>> import numpy as np
    >>> opposite = np.array([[4.0, -4.0, 0.0], [-4.0, 4.0, 0.0], [0.0, 0.0, 9.0]])
    >>> drop_greedily(opposite, 1).tolist()
    [2]
    """
    kept = np.ones(gram.shape[0], dtype=bool)
    increase = np.diag(gram).copy()
    for _ in range(gram.shape[0] - r):
        dropped = int(np.argmin(np.where(kept, increase, np.inf)))
        kept[dropped] = False
        increase += 2.0 * gram[dropped]
    return np.flatnonzero(kept)


def search_all(gram: Callable[[], FloatArray], pairs: int, r: int) -> IndexArray:
    """Subset of r terms whose complement has the smallest sum: every subset is tried.

    Parameters
    ----------
    gram : callable
        Gives the (l, l) inner products; called only when the search is small enough.
    pairs, r : int
        Number of terms, number to keep.

    Returns
    -------
    ndarray of shape (r,), intp
        The first of the best in lexicographic order of what is dropped; ascending.

    Raises
    ------
    ArgumentError
        If there are more than 2 million subsets.

    References
    ----------
    Su, kexue.fm/archives/10427: the problem is NP-hard.

    Examples
    --------
    >>> import numpy as np
    >>> search_all(lambda: np.diag([4.0, 1.0, 9.0]), 3, 2).tolist()
    [0, 2]
    """
    count = comb(pairs, r)
    if count > SUBSET_LIMIT:
        allowed = f"small enough for at most {SUBSET_LIMIT:,} subsets"
        raise ArgumentError(
            "l", pairs, allowed, f"C({pairs}, {r}) = {count:,}. Use another strategy."
        )
    inner = gram()
    best, best_drop = np.inf, np.zeros(0, dtype=np.intp)
    subsets = combinations(range(pairs), pairs - r)
    while batch := list(islice(subsets, _BATCH)):
        rows = np.array(batch, dtype=np.intp).reshape(len(batch), pairs - r)
        masks = np.zeros((len(batch), pairs))
        np.put_along_axis(masks, rows, 1.0, axis=1)
        squares = np.einsum("bi,bi->b", masks @ inner, masks)
        smallest = int(np.argmin(squares))
        if squares[smallest] < best:
            best, best_drop = float(squares[smallest]), rows[smallest]
    return np.setdiff1d(np.arange(pairs, dtype=np.intp), best_drop)


def _drop_disjoint(kept: npt.NDArray[np.bool_], tuples: IndexArray, count: int) -> None:
    """Drop the first ``count`` tuples that do not touch one dropped before."""
    for start in range(0, len(tuples), _BATCH):
        block = tuples[start : start + _BATCH]
        # Most of a late block touches something dropped: leave that out without a Python loop.
        for row in block[kept[block].all(axis=1)]:
            if count == 0:
                return
            if kept[row].all():
                kept[row] = False
                count -= 1


def _tuples(alive: IndexArray, size: int) -> IndexArray:
    """All ``size``-tuples of ``alive`` in lexicographic order; shape (count, size)."""
    if size == 1:
        return alive[:, None]
    if size == 2:
        return alive[np.stack(np.triu_indices(alive.size, 1), axis=1)]
    parts = []
    for i in range(alive.size - 2):
        pairs = _tuples(alive[i + 1 :], 2)
        parts.append(np.column_stack([np.full(len(pairs), alive[i]), pairs]))
    return np.concatenate(parts)


def _tuple_norms(gram: FloatArray, tuples: IndexArray) -> FloatArray:
    """Squared norms of the sums over each tuple."""
    norms = np.zeros(len(tuples))
    for a in range(tuples.shape[1]):
        norms += gram[tuples[:, a], tuples[:, a]]
        for b in range(a):
            norms += 2.0 * gram[tuples[:, a], tuples[:, b]]
    return norms
