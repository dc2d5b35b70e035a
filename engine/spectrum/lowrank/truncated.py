"""Truncated and full singular value decompositions with a certified remainder."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
from engine.spectrum.linalg.sparse import products_of
from engine.spectrum.spectrum import Guarantee
from engine.spectrum.values.complete import check_order, scaled_tall
from engine.spectrum.values.factored import Factored, factored_part
from engine.spectrum.values.leading import check_tolerance, leading_triplets
from engine.spectrum.values.routes import fits
from engine.spectrum.values.searches import block_part, triangle_part
from engine.spectrum.values.triplets import LeadingPart, vector_angles

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
        rounding; where ``guarantee`` is ``"probable"`` it fails with probability 1e-10 over the
        seed.
    method : str
        What found the triplets: ``"svd"``, ``"randomized"``, ``"lanczos"``, ``"gram"``, or
        ``"product"`` of a `Factored`.
    complete : bool
        Whether r = min(m, n).
    note : str
        What happened, in words, where it is worth saying.
    errors : ndarray of shape (r,), float64, or None
        Bound on ``|s_i - sigma_i|`` for each i.
    angles : ndarray of shape (r,), float64, or None
        Bound on the sine of the angles between ``u_i``, ``v_i`` and the true pair (Wedin); 1 where
        there is no gap.
    guarantee : {"modelled", "probable"}
        What ``errors``, ``angles`` and the residuals rest on, as in `Spectrum`.
    """

    u: AnyArray
    s: FloatArray
    vh: AnyArray
    residual_frobenius: float
    residual_spectral: float
    method: str
    complete: bool
    note: str = ""
    errors: FloatArray | None = None
    angles: FloatArray | None = None
    guarantee: Guarantee = "modelled"

    def __post_init__(self) -> None:
        for array in (self.u, self.s, self.vh, self.errors, self.angles):
            if array is not None:
                array.setflags(write=False)

    @property
    def rank(self) -> int:
        """r."""
        return int(self.s.size)


def truncated_svd(
    a: npt.ArrayLike | Factored,
    rank: int,
    method: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
    *,
    tolerance: float | None = None,
) -> LowRank:
    """Best approximation of rank ``rank``: the leading singular triplets of ``a``.

    Parameters
    ----------
    a : array_like of shape (m, n), or Factored
        As for `singular_values`.
    rank : int
        0 to min(m, n); of a `Factored` at most its rank.
    method : {"auto", "svd", "randomized"}
        ``"svd"`` computes all triplets with LAPACK in float64 and cuts. ``"randomized"`` uses
        a block Krylov space where that is much smaller than the matrix. ``"auto"`` takes the
        cheapest of the routes of `leading_singular_values`.
    seed : int
        Draws starting vectors and probes.
    progress : Progress, optional
        Checked between products; a LAPACK call itself cannot be interrupted.
    tolerance : float, optional
        For ``"auto"``: work on until every value is certainly within ``tolerance * sigma_1``, as
        in `leading_singular_values`.

    Returns
    -------
    LowRank
        Factors in float64 (complex128), with a bound on every value and on every vector.

    Raises
    ------
    ArgumentError
        For a rank, seed or tolerance out of range, an unknown method, or too large a sparse matrix
        where all triplets are needed.
    DataError
        For empty, NaN or infinite data.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936); Mirsky, Quart. J. Math. 11 (1960). Angles: Wedin, BIT
    12 (1972).

    Examples
    --------
    >>> f = truncated_svd([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]], 1)
    >>> f.s.round(12), round(f.residual_frobenius, 12), (f.u * f.s @ f.vh).round(12)[0, 0]
    (array([3.]), 1.0, np.float64(3.0))
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    if isinstance(a, Factored):
        return _factored(a, check_rank("rank", rank, a.rank), progress)
    matrix = as_matrix(a)
    limit = min(matrix.shape)
    rank, seed = check_rank("rank", rank, limit), check_seed(seed)
    check_tolerance(tolerance)
    if tolerance is not None and method != "auto":
        raise ArgumentError("method", method, "'auto' when a tolerance is given")
    if method == "auto":
        part = leading_triplets(matrix, max(rank, 1), seed, tolerance, progress)
        return _direct(matrix, rank, progress, "") if part is None else _of(matrix, part, rank)
    if method == "svd":
        return _direct(matrix, rank, progress, "")
    if rank > 0 and not fits(limit, rank):
        note = "the rank is close to min(m, n): all triplets were computed"
        return _direct(matrix, rank, progress, note)
    return _of(matrix, block_part(products_of(matrix, progress), max(rank, 1), seed), rank)


def _factored(a: Factored, rank: int, progress: Progress | None) -> LowRank:
    """The truncation of a product to at most the rank of its factors."""
    part = factored_part(a, progress)
    s, error = part.s[:rank], part.error
    errors = np.full(rank, error)
    after = (float(part.s[rank]) if rank < part.s.size else 0.0) + error
    angles = vector_angles(s, np.maximum(s - error, 0.0), s + error, after, errors)
    left, right = with_signs(np.array(part.u[:, :rank]), np.array(part.vh[:rank]))
    residual = math.hypot(float(np.linalg.norm(part.s[rank:])), error)
    return LowRank(
        left,
        unscale(s, part.exponent),
        right,
        float(unscale(residual, part.exponent)),
        float(unscale(after, part.exponent)),
        "product",
        rank == min(a.shape),
        part.note,
        unscale(errors, part.exponent) + 2.0**-1074,
        angles,
    )


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
    assert full.angles is not None
    return replace(
        full,
        u=full.u.astype(small),
        vh=full.vh.astype(small),
        residual_frobenius=full.residual_frobenius + rounding * math.sqrt(full.s.size),
        residual_spectral=full.residual_spectral + rounding,
        angles=np.minimum(full.angles + 2.0**-23, 1.0),
    )


def _direct(matrix: Matrix, rank: int, progress: Progress | None, note: str) -> LowRank:
    if matrix.is_sparse:
        check_order(matrix)
        part = triangle_part(products_of(matrix, progress), max(rank, 1))
        return replace(_of(matrix, part, rank), note=note)
    tall, exponent, frobenius = scaled_tall(matrix, progress)
    checkpoint(progress, 0.3, "singular vectors (LAPACK)")
    u, s, vh, said = svd_triplets(tall)
    if note and said:
        note = say("{first}; {second}", first=as_sentence(note), second=as_sentence(said))
    note = note or said
    checkpoint(progress, 0.9)
    growth = (10.0 + 4.0 * math.sqrt(max(matrix.shape))) * UNIT_ROUNDOFF
    rounding = growth * float(s[0]) + matrix.entry_rounding * frobenius
    left = s[rank:]
    last = (float(left[0]) if left.size else 0.0) + rounding
    residual = math.sqrt(math.fsum(left**2)) if left.size else rounding * math.sqrt(s.size)
    errors = np.full(rank, rounding)
    head = s[:rank]
    bounds = np.maximum(head - rounding, 0.0), head + rounding
    angles = vector_angles(head, *bounds, last, errors)
    finish = _Finish(matrix, exponent, "svd", note, "modelled")
    return finish(u[:, :rank], head, vh[:rank], (residual, last), (errors, angles))


def _of(matrix: Matrix, part: LeadingPart, rank: int) -> LowRank:
    """The truncation to ``rank`` of somewhat more triplets."""
    residual = math.hypot(part.residual, float(np.linalg.norm(part.s[rank:])))
    low, high = part.bounds(rank)
    errors = np.maximum(high - part.s[:rank], part.s[:rank] - low)
    vh = part.v[:, :rank].conj().T
    finish = _Finish(matrix, part.exponent, part.method, "", part.guarantee)
    return finish(
        part.u[:, :rank],
        part.s[:rank],
        vh,
        (residual, part.remainder_norm(rank)),
        (errors, part.angles(rank)),
    )


@dataclass(frozen=True)
class _Finish:
    """Turns factors of the scaled tall view into those of the matrix, with signs and scale."""

    matrix: Matrix
    exponent: int
    method: str
    note: str
    guarantee: Guarantee

    def __call__(
        self,
        u: AnyArray,
        s: FloatArray,
        vh: AnyArray,
        residuals: tuple[float, float],
        bounds: tuple[FloatArray, FloatArray],
    ) -> LowRank:
        if self.matrix.shape[0] < self.matrix.shape[1]:
            u, vh = vh.T, u.T
        # A copy lets go of the arrays these were cut from.
        left, right = with_signs(np.array(u, order="C"), np.array(vh, order="C"))
        frobenius, spectral = (float(unscale(x, self.exponent)) for x in residuals)
        return LowRank(
            left,
            unscale(s, self.exponent),
            right,
            frobenius,
            spectral,
            self.method,
            s.size == min(self.matrix.shape),
            self.note,
            unscale(bounds[0], self.exponent) + 2.0**-1074,
            bounds[1],
            self.guarantee,
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
