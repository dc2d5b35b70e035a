"""How far two subspaces are apart, and directions of a tuned matrix that its base does not know."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg

from engine.arguments import check_count, number_within
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum import LowRank, svd_factors, truncated_svd
from engine.spectrum.linalg.checks import finite_matrix

FloatArray = npt.NDArray[np.float64]


def principal_angles(u: npt.ArrayLike, v: npt.ArrayLike) -> FloatArray:
    """Return the angles between the spaces that the columns of ``u`` and of ``v`` span.

    Angles above 45 degrees come from cosines, ``cos t_i = sigma_i(U^T V)``, smaller ones from
    sines, ``sigma_i(V - U U^T V)``: arccos alone loses half of the digits of a small angle.

    Parameters
    ----------
    u, v : array_like of shape (n, p), (n, q)
        Any bases; dependent columns count once.

    Returns
    -------
    ndarray of shape (min(rank u, rank v),), float64
        In radians, from 0 to pi / 2, descending, as `scipy.linalg.subspace_angles` gives them.

    Raises
    ------
    ArgumentError
        When the numbers of rows differ, or one is no matrix.
    DataError
        For NaN or infinite entries.

    References
    ----------
    Bjorck & Golub, Math. Comp. 27 (1973); Knyazev & Argentati, SIAM J. Sci. Comput. 23 (2002),
    algorithm 3.1.

    Examples
    --------
    >>> principal_angles([[1.0], [0.0]], [[1.0], [1e-12]])
    array([1.e-12])
    """
    first, second = _basis("u", u), _basis("v", v)
    if first.shape[0] != second.shape[0]:
        allowed = say("a matrix of {rows} rows, as u has", rows=first.shape[0])
        raise ArgumentError("v", second.shape, allowed)
    if first.shape[1] < second.shape[1]:
        first, second = second, first
    if second.shape[1] == 0:
        return np.zeros(0)
    inner = first.conj().T @ second
    cosines = np.linalg.svd(inner, compute_uv=False)
    sines = np.linalg.svd(second - first @ inner, compute_uv=False)[::-1]
    small = cosines**2 > 0.5
    angles = np.where(small, np.arcsin(np.minimum(sines, 1.0)), np.arccos(np.minimum(cosines, 1.0)))
    return np.asarray(angles[::-1], np.float64)


def intruder_dimensions(
    before: npt.ArrayLike | LowRank,
    after: npt.ArrayLike | LowRank,
    count: int = 10,
    threshold: float = 0.5,
) -> tuple[int, ...]:
    """Return which leading left singular vectors of ``after`` resemble none of ``before``.

    A vector is an intruder where its largest absolute cosine with any left singular vector of
    ``before`` is below the threshold. Vectors of singular values that are 0 up to rounding mean
    nothing, and count on neither side.

    Parameters
    ----------
    before, after : array_like of shape (m, n), or LowRank
        The base and the tuned matrix, or what was computed of them: all triplets of the base.
    count : int
        How many leading vectors are looked at.
    threshold : float
        In [0, 1].

    Returns
    -------
    tuple of int
        Positions, from 0, among the leading vectors; empty where there is no intruder.

    Raises
    ------
    ArgumentError
        For shapes that differ, or a count or threshold out of range.
    DataError
        For NaN or infinite entries.

    References
    ----------
    Shuttleworth, Andreas, Torralba & Sharma, "LoRA vs full fine-tuning: an illusion of
    equivalence", arXiv 2410.21228 (2024), algorithm 1.

    Examples
    --------
    >>> intruder_dimensions([[2.0, 0.0], [0.0, 1.0]], [[9.0, 0.0], [9.0, 1.0]], threshold=0.9)
    (0, 1)
    """
    count = check_count("count", count)
    limit = number_within("threshold", threshold, 0.0, 1.0, "a number in [0, 1]")
    base = before if isinstance(before, LowRank) else svd_factors(finite_matrix("before", before))
    if not isinstance(after, LowRank):
        matrix = finite_matrix("after", after)
        after = truncated_svd(matrix, min(count, *matrix.shape))
    if base.u.shape[0] != after.u.shape[0] or base.vh.shape[1] != after.vh.shape[1]:
        shape = base.u.shape[0], base.vh.shape[1]
        found = after.u.shape[0], after.vh.shape[1]
        raise ArgumentError("after", found, say("of shape {shape}, as before is", shape=shape))
    leading = _meant(after)[:, :count]
    cosines = np.abs(_meant(base).conj().T @ leading).max(axis=0, initial=0.0)
    return tuple(int(i) for i in np.flatnonzero(cosines < limit))


def _meant(found: LowRank) -> Any:
    """Return the left vectors of the values that are not 0 up to rounding."""
    if not found.s.size:
        return found.u
    least = max(found.u.shape[0], found.vh.shape[1]) * 2.0**-52 * float(found.s[0])
    return found.u[:, found.s > least]


def _basis(name: str, columns: npt.ArrayLike) -> Any:
    matrix = finite_matrix(name, columns)
    sizes = np.abs(matrix).max(axis=0)
    # Columns of very different size span what they span: only their directions count.
    scaled = matrix / np.where(sizes > 0.0, sizes, 1.0)
    return scipy.linalg.orth(scaled)
