"""The best approximation of a layer's outputs: a weight cut to low rank for the inputs it sees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum import LowRank, singular_values, with_signs
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.linalg.driver import svd_triplets

_ASYMMETRY = 1e-4


def whitened_svd(w: npt.ArrayLike, covariance: npt.ArrayLike, rank: int) -> LowRank:
    """Return the W' of rank at most ``rank`` with the least ``||(W - W') X||_F``.

    With ``C = X X^T = Q L Q^T`` the norm is that of ``(W - W') Q L^{1/2}``, so that W' is the
    truncated SVD of ``W Q L^{1/2}``, cut back by ``L^{-1/2} Q^T`` on the range of C. No inverse of
    C is needed: fewer inputs than columns are normal, and W' is 0 where no input ever was.

    Parameters
    ----------
    w : array_like of shape (m, n)
        Outputs by inputs; a Conv1D is to be transposed.
    covariance : array_like of shape (n, n)
        ``X X^T`` of the inputs X (n, samples), not centred; a factor of it changes the error only.
    rank : int
        0 to min(m, n).

    Returns
    -------
    LowRank
        Factors of W' in float64. ``residual_frobenius`` is ``||(W - W') X||_F``, that is
        ``sqrt(sum_{i>r} s_i^2)`` of the s_i of ``W Q L^{1/2}``, and ``residual_spectral`` is
        ``s_{r+1}``: both in units of activations.

    Raises
    ------
    ArgumentError
        For shapes that do not fit, a rank out of range, or a C that is not symmetric or has
        negative eigenvalues beyond its rounding.
    DataError
        For NaN or infinite entries.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936), for a norm weighted on one side; Wang et al., "SVD-LLM",
    ICLR 2025, use a Cholesky factor of C, which a singular C has not.

    Examples
    --------
    >>> found = whitened_svd([[1.0, 0.0], [0.0, 3.0]], [[100.0, 0.0], [0.0, 1.0]], 1)
    >>> found.s.round(12), found.vh.round(12).tolist(), round(found.residual_frobenius, 12)
    (array([1.]), [[1.0, 0.0]], 3.0)
    """
    weight = finite_matrix("w", w)
    rank = check_rank("rank", rank, min(weight.shape))
    root, inverse, lost = _roots(covariance, weight.shape[1])
    u, s, vh, note = svd_triplets(weight @ root)
    kept = min(rank, s.size)
    # W' = U (S V^T L^{-1/2} Q^T): its own SVD is that of the small factor.
    inner, values, right, _ = svd_triplets(s[:kept, None] * vh[:kept] @ inverse)
    left = np.zeros((weight.shape[0], rank), weight.dtype)
    left[:, :kept] = u[:, :kept] @ inner
    rows = np.zeros((rank, weight.shape[1]), np.result_type(weight, inverse))
    rows[:kept] = right
    sizes = np.zeros(rank)
    sizes[:kept] = values
    if kept < rank:
        left[:, kept:] = _completed(left[:, :kept], rank - kept)
        rows[kept:] = _completed(rows[:kept].conj().T, rank - kept).conj().T
    residual = math.hypot(float(np.linalg.norm(s[kept:])), float(np.linalg.norm(weight @ lost)))
    after = float(s[kept]) if kept < s.size else 0.0
    left, rows = with_signs(left, rows)
    return LowRank(left, sizes, rows, residual, after, "whitened", rank == min(weight.shape), note)


def whitened_values(w: npt.ArrayLike, covariance: npt.ArrayLike) -> Any:
    """Return the singular values of ``W C^{1/2}``: what a rank loses in activations.

    Parameters
    ----------
    w, covariance
        As for `whitened_svd`.

    Returns
    -------
    ndarray of shape (min(m, n),), float64
        Descending.

    Raises
    ------
    ArgumentError, DataError
        As `whitened_svd` does.

    Examples
    --------
    >>> whitened_values([[2.0, 0.0], [0.0, 3.0]], [[4.0, 0.0], [0.0, 1.0]])
    array([4., 3.])
    """
    weight = finite_matrix("w", w)
    root = _roots(covariance, weight.shape[1])[0]
    values = np.zeros(min(weight.shape))
    found = singular_values(weight @ root).values[: values.size]
    values[: found.size] = found
    return values


def _roots(covariance: npt.ArrayLike, size: int) -> tuple[Any, Any, Any]:
    """Return ``Q L^{1/2}``, ``L^{-1/2} Q^T`` on the range, and ``Q L^{1/2}`` of what is cut off."""
    given = np.asarray(covariance)
    c = finite_matrix("covariance", covariance)
    if c.shape != (size, size):
        fitting = say("of shape {shape}, as w has columns", shape=(size, size))
        raise ArgumentError("covariance", c.shape, fitting)
    peak = float(np.abs(c).max())
    if float(np.abs(c - c.conj().T).max()) > _ASYMMETRY * peak:
        raise ArgumentError("covariance", say("this matrix"), "symmetric: X X^T of the inputs")
    if peak == 0.0:
        empty = np.zeros((size, 1))
        return empty, empty.T, empty
    # Scaled: squares of inputs may be near the ends of the range.
    exponent = 2 * (int(np.frexp(peak)[1]) // 2)
    values, vectors = np.linalg.eigh(np.ldexp(1.0, -exponent) * (0.5 * (c + c.conj().T)))
    largest = float(values[-1])
    unit = float(np.finfo(given.dtype).eps) if given.dtype.kind == "f" else 2.0**-52
    noise = size * max(unit, 2.0**-52) * largest
    if largest <= 0.0 or -float(values[0]) > max(noise, _ASYMMETRY * largest):
        allowed = "without negative eigenvalues: X X^T of the inputs"
        raise ArgumentError("covariance", say("this matrix"), allowed)
    inside = values > max(noise, -float(values[0]))
    root = np.sqrt(np.maximum(values, 0.0)) * 2.0 ** (exponent // 2)
    q = vectors * root
    inverse = vectors[:, inside].conj().T / root[inside, None]
    return q[:, inside], inverse, q[:, ~inside]


def _completed(columns: Any, count: int) -> Any:
    """Return further columns at right angles to orthonormal ones."""
    q, _ = np.linalg.qr(np.hstack([columns, np.eye(columns.shape[0], dtype=columns.dtype)]))
    return q[:, columns.shape[1] : columns.shape[1] + count]
