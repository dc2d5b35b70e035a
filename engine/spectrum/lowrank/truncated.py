"""Truncated and full singular value decompositions with a certified remainder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_seed
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, one_of, say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.driver import svd_triplets
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, Matrix, as_matrix, unscale
from engine.spectrum.linalg.products import Products
from engine.spectrum.values.complete import scaled_copy
from engine.spectrum.values.randomized import leading_part, worth_randomizing

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

METHODS = ("auto", "svd", "randomized")


@dataclass(frozen=True, eq=False)
class LowRank:
    """``M ~ u diag(s) vh`` of rank r, with what is left out.

    Signs: in each column of ``u`` the entry of largest magnitude is positive (the first of
    several; for complex data its phase is taken out), and ``vh`` follows.

    Parameters
    ----------
    u : ndarray of shape (m, r)
        Orthonormal columns.
    s : ndarray of shape (r,), float64
        Descending.
    vh : ndarray of shape (r, n)
        Orthonormal rows.
    residual_frobenius : float
        ``||M - u diag(s) vh||_F``, from float64 sums.
    residual_spectral : float
        Upper bound on ``||M - u diag(s) vh||_2``. For ``"svd"`` it is ``sigma_{r+1}`` and its
        rounding; for ``"randomized"`` it fails with probability 1e-10 over the seed.
    method : str
        ``"svd"`` or ``"randomized"``.
    complete : bool
        Whether r = min(m, n).
    note : str
        What happened, in words, where it is worth saying.
    """

    u: AnyArray
    s: FloatArray
    vh: AnyArray
    residual_frobenius: float
    residual_spectral: float
    method: str
    complete: bool
    note: str = ""

    def __post_init__(self) -> None:
        for array in (self.u, self.s, self.vh):
            array.setflags(write=False)

    @property
    def rank(self) -> int:
        """r."""
        return int(self.s.size)


def truncated_svd(
    a: npt.ArrayLike,
    rank: int,
    method: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> LowRank:
    """Best approximation of rank ``rank``: the leading singular triplets of ``a``.

    Parameters
    ----------
    a : array_like of shape (m, n)
        As for `singular_values`.
    rank : int
        0 to min(m, n).
    method : {"auto", "svd", "randomized"}
        ``"svd"`` computes all triplets with LAPACK in float64 and cuts. ``"randomized"`` uses
        the block Krylov space of `leading_singular_values`. ``"auto"`` takes the latter where
        the space is much smaller than the matrix.
    seed : int
        For ``"randomized"``.
    progress : Progress, optional
        Checked between products; a LAPACK call itself cannot be interrupted.

    Returns
    -------
    LowRank
        Factors in float64 (complex128).

    Raises
    ------
    ArgumentError
        For a rank or seed out of range or an unknown method.
    DataError
        For empty, NaN or infinite data.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936); Mirsky, Quart. J. Math. 11 (1960).

    Examples
    --------
    >>> f = truncated_svd([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]], 1)
    >>> f.s.round(12), round(f.residual_frobenius, 12), (f.u * f.s @ f.vh).round(12)[0, 0]
    (array([3.]), 1.0, np.float64(3.0))
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    matrix = as_matrix(a)
    limit = min(matrix.shape)
    rank, seed = check_rank("rank", rank, limit), check_seed(seed)
    wide = worth_randomizing(matrix.shape, max(rank, 1))
    if method == "randomized" and not wide and rank > 0:
        method, note = "svd", "the rank is close to min(m, n): all triplets were computed"
    else:
        note = ""
        method = method if method != "auto" else ("randomized" if wide else "svd")
    if method == "randomized":
        return _randomized(matrix, rank, seed, progress)
    return _direct(matrix, rank, progress, note)


def svd_factors(a: npt.ArrayLike, progress: Progress | None = None) -> LowRank:
    """All min(m, n) singular triplets, at the data's own size in memory.

    Computed in float64 (complex128). Factors of data that are float32 numbers are handed back in
    float32, half the memory, with singular values in float64: rounding the vectors costs less
    than the rounding that is already in the data.

    Parameters
    ----------
    a : array_like of shape (m, n)
        As for `singular_values`.
    progress : Progress, optional
        Checked before and after the LAPACK call.

    Returns
    -------
    LowRank
        ``complete`` is true; the residuals bound the rounding.

    Raises
    ------
    DataError
        For empty, NaN or infinite data.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    Examples
    --------
    >>> f = svd_factors(np.eye(3, 2, dtype=np.float32))
    >>> f.u.shape, f.u.dtype.name, f.s.tolist()
    ((3, 2), 'float32', [1.0, 1.0])
    """
    matrix = as_matrix(a)
    full = _direct(matrix, min(matrix.shape), progress, "")
    if not matrix.exact_in_float32:
        return full
    small = np.complex64 if matrix.is_complex else np.float32
    rounding = 2.0**-23 * float(full.s[0]) * math.sqrt(full.s.size)
    return LowRank(
        full.u.astype(small),
        full.s,
        full.vh.astype(small),
        full.residual_frobenius + rounding * math.sqrt(full.s.size),
        full.residual_spectral + rounding,
        full.method,
        True,
        full.note,
    )


def _direct(matrix: Matrix, rank: int, progress: Progress | None, note: str) -> LowRank:
    tall, exponent, frobenius = scaled_copy(matrix, progress)
    checkpoint(progress, 0.3, "singular vectors (LAPACK)")
    u, s, vh, said = svd_triplets(tall)
    if note and said:
        note = say("{first}; {second}", first=as_sentence(note), second=as_sentence(said))
    note = note or said
    checkpoint(progress, 0.9)
    growth = (10.0 + 4.0 * math.sqrt(max(matrix.shape))) * UNIT_ROUNDOFF
    rounding = growth * float(s[0]) + matrix.entry_rounding * frobenius
    left = s[rank:]
    spectral = (float(left[0]) if left.size else 0.0) + rounding
    residual = math.sqrt(math.fsum(left**2)) if left.size else rounding * math.sqrt(s.size)
    return _finish(
        matrix, u[:, :rank], s[:rank], vh[:rank], residual, spectral, exponent, "svd", note
    )


def _randomized(matrix: Matrix, rank: int, seed: int, progress: Progress | None) -> LowRank:
    products = Products(matrix, progress)
    part = leading_part(products, max(rank, 1), seed)
    left = float(np.linalg.norm(part.s[rank:]))
    vh = part.v[:, :rank].conj().T
    return _finish(
        matrix,
        part.u[:, :rank],
        part.s[:rank],
        vh,
        math.hypot(part.residual, left),
        part.remainder_norm(rank),
        part.exponent,
        "randomized",
        "",
    )


def _finish(
    matrix: Matrix,
    u: AnyArray,
    s: FloatArray,
    vh: AnyArray,
    residual: float,
    spectral: float,
    exponent: int,
    method: str,
    note: str,
) -> LowRank:
    """Turn factors of the tall view into those of the matrix, with signs and scale."""
    if matrix.shape[0] < matrix.shape[1]:
        u, vh = vh.T, u.T
    # A copy lets go of the arrays these were cut from.
    left, right = with_signs(np.array(u, order="C"), np.array(vh, order="C"))
    return LowRank(
        left,
        unscale(s, exponent),
        right,
        float(unscale(residual, exponent)),
        float(unscale(spectral, exponent)),
        method,
        s.size == min(matrix.shape),
        note,
    )


def with_signs(u: AnyArray, vh: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Make the largest entry of each column of ``u`` positive and let ``vh`` follow; in place.

    References
    ----------
    The choice among sign rules that depends on one factor only, as in scikit-learn's
    ``svd_flip``; compare Bro, Acar & Kolda, J. Chemometrics 22 (2008).

    Examples
    --------
    >>> with_signs(np.array([[-1.0]]), np.array([[2.0]]))
    (array([[1.]]), array([[-2.]]))
    """
    if u.shape[1] == 0:
        return u, vh
    # Entries that tie up to rounding must not let rounding choose: the first of them counts.
    size = np.abs(u)
    first = np.argmax(size >= size.max(axis=0) * (1.0 - 1e-8), axis=0)
    pivot = u[first, np.arange(u.shape[1])]
    phase = pivot / np.abs(pivot)
    u *= phase.conj()
    vh *= phase[:, None]
    return u, vh
