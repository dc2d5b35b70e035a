"""Approximations from actual rows and columns of a matrix: interpolative decomposition and CUR.

Neither is the column-row approximation of ``engine.column_row``, which picks terms of a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular

from engine.errors import ArgumentError
from engine.sentences import say
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
from engine.spectrum.lowrank.fits import best_left_factor, best_right_factor
from engine.spectrum.spectrum import Spectrum

IndexArray = npt.NDArray[np.intp]


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
    """

    columns: IndexArray
    coefficients: AnyArray
    error: ErrorReport


@dataclass(frozen=True, eq=False)
class CUR:
    """``M ~ M[:, columns] @ core @ M[rows]``.

    Parameters
    ----------
    columns, rows : ndarray of shape (r,), intp
        Chosen columns and rows, the most important first.
    core : ndarray of shape (r, r)
        ``C^+ M R^+``, the best core in the Frobenius norm.
    error : ErrorReport
        Measured.
    """

    columns: IndexArray
    rows: IndexArray
    core: AnyArray
    error: ErrorReport


def interpolative(
    m: npt.ArrayLike, rank: int, *, spectrum: Spectrum | None = None
) -> InterpolativeDecomposition:
    """Interpolative decomposition: every column from r chosen ones, by pivoted QR.

    Parameters
    ----------
    m : array_like of shape (m, n)
        Any finite matrix.
    rank : int
        r, 0 ... min(m, n). Columns beyond the numerical rank are listed but add nothing.
    spectrum : Spectrum, optional
        Known singular values of ``m``, which saves computing them for the floor.

    Returns
    -------
    InterpolativeDecomposition
        The Frobenius error exceeds the floor by at most ``sqrt(1 + r (n - r)) 2^r`` and hardly
        ever by more than a small factor.

    Raises
    ------
    ArgumentError
        If ``rank`` is out of range.
    DataError
        If ``m`` has NaN or inf.

    References
    ----------
    Cheng, Gimbutas, Martinsson & Rokhlin, SIAM J. Sci. Comput. 26 (2005); the bound: Gu &
    Eisenstat, SIAM J. Sci. Comput. 17 (1996).

    Examples
    --------
    >>> pick = interpolative([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]], 1)
    >>> pick.columns.tolist(), pick.coefficients.tolist(), pick.error.frobenius
    ([2], [[0.5, 0.0, 1.0]], 0.0)
    """
    matrix = finite_matrix("m", m)
    r = check_rank("rank", rank, min(matrix.shape))
    exponent = scale_of(matrix)
    unit = scaled(matrix, exponent)
    columns, coefficients = _column_basis(unit, r)
    error = _report(unit, unit[:, columns] @ coefficients, exponent, r, spectrum)
    return InterpolativeDecomposition(columns, coefficients, error)


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
        Rows and columns are those of pivoted QR on the matrix and on its transpose.

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
    columns, rows = _pivots(unit, r), _pivots(unit.conj().T, r)
    if r == 0:
        core: AnyArray = np.zeros((0, 0), dtype=unit.dtype)
        fitted: AnyArray = np.zeros_like(unit)
    else:
        left, right = unit[:, columns], unit[rows]
        middle = best_right_factor(left, unit).factor
        core = best_left_factor(middle, right).factor
        fitted = left @ core @ right
    error = _report(unit, fitted, exponent, r, spectrum)
    return CUR(columns, rows, in_range("the core", scaled(core, exponent)), error)


def _pivots(unit: AnyArray, rank: int) -> IndexArray:
    pivots: Any = qr(unit, mode="r", pivoting=True, check_finite=False)[1]
    return np.asarray(pivots[:rank], dtype=np.intp)


def _column_basis(unit: AnyArray, rank: int) -> tuple[IndexArray, AnyArray]:
    """Chosen columns and the coefficients of all columns in them."""
    triangle, pivots = qr(unit, mode="r", pivoting=True, check_finite=False)
    diagonal = np.abs(np.diag(triangle))
    level = max(unit.shape) * np.finfo(np.float64).eps * (diagonal[0] if diagonal.size else 0.0)
    usable = min(rank, int(np.count_nonzero(diagonal > level)))
    coefficients = np.zeros((rank, unit.shape[1]), dtype=triangle.dtype)
    if usable:
        coefficients[:usable, pivots[usable:]] = solve_triangular(
            triangle[:usable, :usable], triangle[:usable, usable:], check_finite=False
        )
    # A chosen column stands for itself, also one that is numerically a mix of the others.
    coefficients[:, pivots[:rank]] = np.eye(rank)
    return np.asarray(pivots[:rank], dtype=np.intp), coefficients


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
