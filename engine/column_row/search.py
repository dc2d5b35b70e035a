"""Subsets of terms with a small sum, found from the Gram matrix of the terms."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, islice
from math import comb

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.norms import FloatArray

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
    return drop_tuples_in_order(gram, drop_order(gram, size), r)


def drop_order(gram: FloatArray, size: int) -> IndexArray:
    """Disjoint tuples in the order in which `drop_tuples` drops them; shape (l // size, size).

    Raises
    ------
    ArgumentError
        If there are more than 5 million tuples.

    Examples
    --------
    >>> import numpy as np
    >>> drop_order(np.diag([9.0, 1.0, 4.0]), 1).ravel().tolist()
    [1, 2, 0]
    """
    pairs = gram.shape[0]
    ranked = _ranked_tuples(gram, np.arange(pairs), size)
    alive = np.ones(pairs, dtype=bool)
    order = []
    for start in range(0, len(ranked), _BATCH):
        block = ranked[start : start + _BATCH]
        # Most of a late block touches something dropped: leave that out without a Python loop.
        for row in block[alive[block].all(axis=1)]:
            if alive[row].all():
                alive[row] = False
                order.append(row)
    return np.array(order, dtype=np.intp).reshape(-1, size)


def drop_tuples_in_order(gram: FloatArray, order: IndexArray, r: int) -> IndexArray:
    """Return what `drop_tuples` keeps, given the order of the whole tuples.

    Examples
    --------
    >>> import numpy as np
    >>> gram = np.diag([9.0, 1.0, 4.0])
    >>> drop_tuples_in_order(gram, drop_order(gram, 2), 2).tolist()
    [0, 2]
    """
    pairs, size = gram.shape[0], order.shape[1]
    whole, rest = divmod(pairs - r, size)
    kept = np.ones(pairs, dtype=bool)
    kept[order[:whole].ravel()] = False
    if rest:
        kept[_ranked_tuples(gram, np.flatnonzero(kept), rest)[0]] = False
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
    return np.sort(elimination_order(gram)[gram.shape[0] - r :])


def elimination_order(gram: FloatArray) -> IndexArray:
    """All terms in the order in which `drop_greedily` drops them; shape (l,).

    Examples
    --------
    >>> import numpy as np
    >>> elimination_order(np.diag([4.0, 1.0, 9.0])).tolist()
    [1, 0, 2]
    """
    pairs = gram.shape[0]
    order = np.empty(pairs, dtype=np.intp)
    increase = np.diag(gram).copy()
    for step in range(pairs):
        dropped = int(np.argmin(increase))
        order[step] = dropped
        increase += 2.0 * gram[dropped]
        increase[order[: step + 1]] = np.inf
    return order


def best_subsets(gram: FloatArray) -> list[IndexArray]:
    """For every r = 0 ... l the subset of r terms whose complement has the smallest sum.

    All 2^l subsets at once: a subset's square follows from that of the subset without its last
    term, so each costs a few additions.

    Parameters
    ----------
    gram : ndarray of shape (l, l)
        Inner products of the terms; memory for 2 x 2^l numbers.

    Returns
    -------
    list of ndarray, intp
        Entry r is ascending and has r indices.

    References
    ----------
    Su, kexue.fm/archives/10427: the problem is NP-hard.

    Examples
    --------
    >>> import numpy as np
    >>> [kept.tolist() for kept in best_subsets(np.diag([4.0, 1.0, 9.0]))]
    [[], [2], [0, 2], [0, 1, 2]]
    """
    pairs = gram.shape[0]
    # Bit i of a position says that term i is dropped.
    squares, dropped = np.zeros(1), np.zeros(1, dtype=np.int64)
    for i in range(pairs):
        crossed = np.zeros(1)
        for j in range(i):
            crossed = np.concatenate((crossed, crossed + gram[i, j]))
        squares = np.concatenate((squares, squares + 2.0 * crossed + gram[i, i]))
        dropped = np.concatenate((dropped, dropped + 1))
    best = []
    for r in range(pairs + 1):
        positions = np.flatnonzero(dropped == pairs - r)
        place = int(positions[np.argmin(squares[positions])])
        best.append(np.array([i for i in range(pairs) if not place >> i & 1], dtype=np.intp))
    return best


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
        Ascending.

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
        allowed = say("small enough for at most {limit:,} subsets", limit=SUBSET_LIMIT)
        raise ArgumentError(
            "l",
            pairs,
            allowed,
            say(
                "C({pairs}, {size}) = {count:,}. Use another strategy.",
                pairs=pairs,
                size=r,
                count=count,
            ),
        )
    inner = gram()
    best, best_tuple = np.inf, np.zeros(0, dtype=np.intp)
    # The smaller of a subset and its complement is looked at: fewer inner products to add up.
    size = min(r, pairs - r)
    complement = size < pairs - r
    sums = inner.sum(axis=1)
    subsets = combinations(range(pairs), size)
    while batch := list(islice(subsets, _BATCH)):
        rows = np.array(batch, dtype=np.intp).reshape(len(batch), size)
        squares = _tuple_norms(inner, rows)
        if complement:
            squares = sums.sum() - 2.0 * sums[rows].sum(axis=1) + squares
        smallest = int(np.argmin(squares))
        if squares[smallest] < best:
            best, best_tuple = float(squares[smallest]), rows[smallest]
    if complement:
        return best_tuple
    return np.setdiff1d(np.arange(pairs, dtype=np.intp), best_tuple)


def _ranked_tuples(gram: FloatArray, alive: IndexArray, size: int) -> IndexArray:
    """All tuples of ``alive``, smallest norm of their sum first."""
    count = comb(alive.size, size)
    if count > TUPLE_LIMIT:
        allowed = say("small enough for at most {limit:,} tuples", limit=TUPLE_LIMIT)
        hint = say(
            "C({pairs}, {size}) = {count:,}. Drop smaller tuples.",
            pairs=alive.size,
            size=size,
            count=count,
        )
        raise ArgumentError("l", alive.size, allowed, hint)
    if count == 0:
        return np.zeros((0, size), dtype=np.intp)
    tuples = _tuples(alive, size)
    return tuples[np.argsort(_tuple_norms(gram, tuples), kind="stable")]


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
