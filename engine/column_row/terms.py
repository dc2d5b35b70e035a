"""The terms of one product, and what every question about them shares."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.linalg import qr

from engine.column_row.products import checked_pair, product_norm, term_gram
from engine.column_row.search import (
    IndexArray,
    best_subsets,
    drop_order,
    drop_tuples_in_order,
    elimination_order,
    search_all,
)
from engine.column_row.sparse import column_norms, sparse_root
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.norms import FloatArray

# The inner products of this many terms take 134 MB.
GRAM_LIMIT = 4096
# All subsets at once: 2^20 numbers.
SUBSETS_AT_ONCE = 20
_CACHED_GRAM_RESOLVES = 1e-8


def shares(chosen: IndexArray) -> FloatArray:
    """Weights that make the chosen terms stand for themselves: 1, shared between repeated ones.

    Examples
    --------
    >>> import numpy as np
    >>> shares(np.array([4, 2, 4])).tolist()
    [0.5, 1.0, 0.5]
    """
    _, place, copies = np.unique(chosen, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / copies[place])


class Terms:
    """The terms ``x_i y_i^T`` of ``X Y``, with what several questions about them share.

    A side longer than l is replaced by a triangle of l rows (QR): every norm and every inner
    product of terms stays. Whatever is asked for twice is computed once.

    Parameters
    ----------
    x : array_like or sparse array of shape (n, l)
        Real and finite; its columns are x_i. A sparse one is not written out: up to 4096 pairs.
    y : array_like or sparse array of shape (l, m)
        Real and finite; its rows are y_i.

    Attributes
    ----------
    left, right : ndarray of shape (p, l) and (l, q), float64
        The factors near 1 in size, p = min(n, l) and q = min(m, l).
    exponent : int
        The given product is ``left @ right`` times ``2^exponent``, up to orthogonal factors.
    norms : ndarray of shape (l,), float64
        ``||x_i|| ||y_i||``, the norm of every term, in the units of ``left @ right``.

    Raises
    ------
    ArgumentError
        If a factor is no real matrix or the inner sides differ.
    DataError
        If a factor has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> terms = Terms(np.array([[3.0, 0.0], [4.0, 1.0], [0.0, 0.0]]), np.eye(2))
    >>> terms.left.shape, (terms.norms * 2.0**terms.exponent).round(12).tolist()
    ((2, 2), [5.0, 1.0])
    """

    def __init__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        left, right, self.exponent = checked_pair(x, y)
        # From the factors as given: a triangle would tell equal norms apart by rounding.
        self.norms = _lengths(left) * _lengths(right.T)
        self.left, self.right = _triangle(left), _triangle(right.T).T

    @property
    def pairs(self) -> int:
        """L, the number of terms."""
        return self.norms.size

    @cached_property
    def gram(self) -> FloatArray:
        """Inner products of the terms; shape (l, l).

        Raises
        ------
        ArgumentError
            For more than 4096 terms.
        """
        if self.pairs > GRAM_LIMIT:
            allowed = say("at most {limit:,} pairs", limit=GRAM_LIMIT)
            hint = "All inner products of the terms would not fit. Use another strategy or weights."
            raise ArgumentError("l", self.pairs, allowed, hint)
        return term_gram(self.left, self.right)

    @cached_property
    def total(self) -> float:
        """``||X Y||_F`` in the units of ``left @ right``."""
        return product_norm(self.left, self.right)

    # What is kept in __dict__ by cached_property travels with the object to other processes.
    @property
    def known_gram(self) -> FloatArray | None:
        """The inner products if somebody has asked for all of them, else None."""
        return self.__dict__.get("gram")

    def inner(self, chosen: IndexArray) -> FloatArray:
        """Inner products of chosen terms (rows) with all; shape (r, l)."""
        known = self.known_gram
        return term_gram(self.left, self.right, chosen) if known is None else known[chosen]

    def left_out(self, chosen: IndexArray) -> IndexArray:
        """Indices of the terms that are not chosen, ascending."""
        return np.setdiff1d(np.arange(self.pairs), chosen)

    def weighted_norm(self, weights: FloatArray) -> float:
        """Norm of ``sum_i weights_i x_i y_i^T``; weights of shape (l,).

        From the inner products where they are known and no digits cancel, else from the factors.
        """
        known = self.known_gram
        if known is not None:
            square = float(weights @ known @ weights)
            most = float(np.abs(weights) @ self.norms) ** 2
            if square > _CACHED_GRAM_RESOLVES * most:
                return float(square**0.5)
        used = np.flatnonzero(weights)
        return product_norm(self.left[:, used] * weights[used], self.right[used])

    # -- subsets, each order found once ------------------------------------------------------

    @cached_property
    def by_norm(self) -> IndexArray:
        """Indices from the largest norm down; of equal norms the lower index first."""
        return np.argsort(-self.norms, kind="stable")

    @cached_property
    def by_elimination(self) -> IndexArray:
        """Indices in the order in which backward elimination drops them."""
        return elimination_order(self.gram)

    @cached_property
    def _drop_orders(self) -> dict[int, IndexArray]:
        return {}

    def keep_after_dropping(self, r: int, size: int) -> IndexArray:
        """Indices of the r terms left after dropping tuples of ``size`` with the least sum."""
        if r == self.pairs:
            return np.arange(self.pairs)
        if size == 1:
            # The norm of a sum of one is known; no inner product is needed.
            return np.sort(np.argsort(self.norms, kind="stable")[self.pairs - r :])
        if size not in self._drop_orders:
            self._drop_orders[size] = drop_order(self.gram, size)
        return drop_tuples_in_order(self.gram, self._drop_orders[size], r)

    @cached_property
    def _best_subsets(self) -> list[IndexArray]:
        return best_subsets(self.gram)

    def best_subset(self, r: int) -> IndexArray:
        """Indices of the r terms that leave the least sum, by trying every subset."""
        if self.pairs <= SUBSETS_AT_ONCE:
            return self._best_subsets[r]
        return search_all(lambda: self.gram, self.pairs, r)


def _lengths(factor: Any) -> FloatArray:
    """Norms of the columns."""
    if scipy.sparse.issparse(factor):
        return column_norms(scipy.sparse.csc_array(factor))
    return np.asarray(np.linalg.norm(factor, axis=0))


def _triangle(factor: Any) -> Any:
    if scipy.sparse.issparse(factor):
        return sparse_root(factor)
    if factor.shape[0] <= factor.shape[1]:
        return factor
    return qr(factor, mode="r", check_finite=False)[0][: factor.shape[1]]
