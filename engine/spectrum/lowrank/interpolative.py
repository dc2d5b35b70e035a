"""Approximations from actual rows and columns of a matrix: interpolative decomposition and CUR.

Neither is the column-row approximation of ``engine.column_row``, which picks terms of a product.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number
from engine.errors import ArgumentError
from engine.sentences import one_of, say
from engine.spectrum.curves import frobenius_error, spectral_error
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.linalg.driver import svd_values
from engine.spectrum.linalg.norms import (
    AnyArray,
    frobenius_norm,
    in_range,
    ldexp,
    scale_of,
    scaled,
    spectral_norm,
)
from engine.spectrum.lowrank.column_choice import IndexArray, choose_columns, nested_basis
from engine.spectrum.lowrank.fits import best_left_factor, best_right_factor
from engine.spectrum.spectrum import Spectrum

METHODS = ("auto", "strong")
# Without the directions below this a core has entries up to 1e9 / ||M||, not up to 1e30 / ||M||.
_CAREFUL = 1e-9
_FINE = 1e-12


@dataclass(frozen=True, eq=False)
class ErrorReport:
    """Measured error of an approximation beside the smallest possible at its rank.

    Parameters
    ----------
    frobenius, spectral : float
        Norms of the residual, measured.
    floor_frobenius, floor_spectral : float
        Eckart-Young floor at the same rank.
    relative : float
        Frobenius error over ``||M||_F``; 0 for M = 0.
    """

    frobenius: float
    spectral: float
    floor_frobenius: float
    floor_spectral: float
    relative: float


@dataclass(frozen=True, eq=False)
class InterpolativeDecomposition:
    """``M ~ M[:, columns] @ coefficients``.

    Parameters
    ----------
    columns : ndarray of shape (r,), intp
        Chosen columns, the most important first.
    coefficients : ndarray of shape (r, n)
        Holds the identity in the chosen columns.
    error : ErrorReport
        Measured.
    swaps : int
        How many pairs of columns were exchanged after pivoted QR.
    """

    columns: IndexArray
    coefficients: AnyArray
    error: ErrorReport
    swaps: int = 0


@dataclass(frozen=True, eq=False)
class CUR:
    """``M ~ M[:, columns] @ core @ M[rows]``.

    Parameters
    ----------
    columns, rows : ndarray of shape (r,), intp
        Chosen columns and rows, the most important first.
    core : ndarray of shape (r, r)
        ``C^+ M R^+``, the best core in the Frobenius norm. Where C and R are so nearly dependent
        that float64 loses more by large entries, without the singular values of both below ``1e-9
        sigma_1``.
    error : ErrorReport
        Of ``C C^+ M R^+ R``, by orthonormal bases of C and R: what these columns and rows can do.
    core_error : float
        Frobenius norm of ``M - C @ core @ R`` as float64 multiplies them: where C and R are
        nearly dependent about ``1e-8 ||M||``, not less.
    """

    columns: IndexArray
    rows: IndexArray
    core: AnyArray
    error: ErrorReport
    core_error: float


def interpolative(
    m: npt.ArrayLike,
    rank: int,
    method: str = "auto",
    f: float = 2.0,
    *,
    spectrum: Spectrum | None = None,
) -> InterpolativeDecomposition:
    """Interpolative decomposition: every column from r chosen ones.

    Parameters
    ----------
    m : array_like of shape (m, n)
        Any finite matrix.
    rank : int
        r, 0 ... min(m, n). Columns beyond the numerical rank are listed but add nothing.
    method : {"auto", "strong"}
        ``"auto"``: pivoted QR, and where that leaves a coefficient above 100 swaps, too.
        ``"strong"``: swaps until no pair of columns gains more than ``f``.
    f : float
        Above 1. Smaller is better and takes more swaps.
    spectrum : Spectrum, optional
        Known singular values of ``m``, which saves computing them for the floor.

    Returns
    -------
    InterpolativeDecomposition
        After swaps no coefficient exceeds ``f``, the spectral error is at most ``sqrt(1 + f^2 r
        (n - r)) sigma_{r+1}`` and the chosen columns have ``sigma_r`` of at least that of ``m``
        over the same factor, all up to rounding. Without swaps the factor may be ``2^r``, and
        hardly ever is more than a few.

    Raises
    ------
    ArgumentError
        If ``rank`` or ``f`` is out of range or ``method`` unknown.
    DataError
        If ``m`` has NaN or inf.

    References
    ----------
    Cheng, Gimbutas, Martinsson & Rokhlin, SIAM J. Sci. Comput. 26 (2005); swaps and bounds: Gu &
    Eisenstat, SIAM J. Sci. Comput. 17 (1996).

    Examples
    --------
    >>> pick = interpolative([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]], 1)
    >>> pick.columns.tolist(), pick.coefficients.tolist(), pick.error.frobenius
    ([2], [[0.5, 0.0, 1.0]], 0.0)
    """
    matrix = finite_matrix("m", m)
    r = check_rank("rank", rank, min(matrix.shape))
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    allowed = "a number above 1"
    if not 1.0 < as_number("f", f, allowed) < math.inf:
        raise ArgumentError("f", f, allowed)
    exponent = scale_of(matrix)
    unit = scaled(matrix, exponent)
    choice = choose_columns(unit, r, float(f), strong=method == "strong")
    columns = choice.order[:r]
    coefficients = np.zeros((r, unit.shape[1]), dtype=unit.dtype)
    coefficients[: choice.usable, choice.order[choice.usable :]] = choice.coefficients
    # A chosen column stands for itself, also one that is numerically a mix of the others.
    coefficients[:, columns] = np.eye(r)
    error = _report(unit, unit[:, columns] @ coefficients, exponent, r, spectrum)
    return InterpolativeDecomposition(columns, coefficients, error, choice.swaps)


def cur(m: npt.ArrayLike, rank: int, *, spectrum: Spectrum | None = None) -> CUR:
    """CUR decomposition: r columns, r rows, and the best core between them.

    Parameters
    ----------
    m : array_like of shape (m, n)
        Any finite matrix.
    rank : int
        r, 0 ... min(m, n).
    spectrum : Spectrum, optional
        Known singular values of ``m``, which saves computing them for the floor.

    Returns
    -------
    CUR
        Rows and columns are those of pivoted QR on the matrix and on its transpose: those of a
        smaller rank are among them, so the error does not rise with the rank.

    Raises
    ------
    ArgumentError
        If ``rank`` is out of range.
    DataError
        If ``m`` has NaN or inf.

    References
    ----------
    Stewart, Numer. Math. 83 (1999): the core C^+ M R^+; Mahoney & Drineas, PNAS 106 (2009): the
    name; Voronin & Martinsson, Adv. Comput. Math. 43 (2017): choice by pivoted QR.

    Examples
    --------
    >>> pick = cur([[2.0, 4.0], [1.0, 2.0]], 1)
    >>> pick.columns.tolist(), pick.rows.tolist(), pick.core.round(12).tolist()
    ([1], [0], [[0.25]])
    """
    matrix = finite_matrix("m", m)
    r = check_rank("rank", rank, min(matrix.shape))
    exponent = scale_of(matrix)
    unit = scaled(matrix, exponent)
    (columns, q, left_rank), (rows, w, right_rank) = map(nested_basis, (unit, unit.conj().T))
    columns, rows = columns[:r], rows[:r]
    left, right = q[:, : min(r, left_rank)], w[:, : min(r, right_rank)]
    fitted = left @ (left.conj().T @ unit @ right) @ right.conj().T
    error = _report(unit, fitted, exponent, r, spectrum)
    core, lost = _core(unit, columns, rows, error.relative)
    core_error = float(in_range("the error", ldexp(lost, exponent)))
    return CUR(columns, rows, in_range("the core", scaled(core, exponent)), error, core_error)


def _core(
    unit: AnyArray, columns: IndexArray, rows: IndexArray, relative: float
) -> tuple[AnyArray, float]:
    """``C^+ M R^+`` and the error of the product with it, float64 as it is."""
    if not columns.size:
        return np.zeros((0, 0), dtype=unit.dtype), frobenius_norm(unit)
    left, right = unit[:, columns], unit[rows]
    best: tuple[AnyArray, float] | None = None
    for cutoff in (None, _CAREFUL):
        core = best_left_factor(best_right_factor(left, unit, cutoff).factor, right, cutoff).factor
        lost = frobenius_norm(unit - left @ core @ right)
        best = (core, lost) if best is None or lost < best[1] else best
        # Rounding in a product with large entries is what another core may avoid.
        if lost <= (2.0 * relative + _FINE) * frobenius_norm(unit):
            break
    assert best is not None
    return best


def _report(
    unit: AnyArray, fitted: AnyArray, exponent: int, rank: int, spectrum: Spectrum | None
) -> ErrorReport:
    """Errors in the data's units; the floor comes from ``spectrum`` where there is one."""
    residual = unit - fitted
    norm = frobenius_norm(unit)
    frobenius = frobenius_norm(residual)
    if spectrum is None:
        values = svd_values(unit)[0]
        known = Spectrum(values, unit.shape, "float64", "svd", 0.0, True, norm)
        floors = (frobenius_error(known)[rank], spectral_error(known)[rank])
        floor_frobenius, floor_spectral = (float(ldexp(f, exponent)) for f in floors)
    else:
        if rank > spectrum.values.size:
            allowed = say("a spectrum with at least {count} values", count=rank)
            raise ArgumentError("spectrum", spectrum.values.size, allowed)
        floor_frobenius = float(frobenius_error(spectrum)[rank])
        floor_spectral = float(spectral_error(spectrum)[rank])
    return ErrorReport(
        frobenius=float(in_range("the error", ldexp(frobenius, exponent))),
        spectral=float(ldexp(spectral_norm(residual), exponent)),
        floor_frobenius=floor_frobenius,
        floor_spectral=floor_spectral,
        relative=frobenius / norm if norm > 0.0 else 0.0,
    )
