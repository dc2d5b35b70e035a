"""Which columns stand for all: pivoted QR, and swaps where that leaves large coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular

from engine.spectrum.linalg.norms import AnyArray, FloatArray

IndexArray = npt.NDArray[np.intp]

# Pivoted QR hardly ever leaves a coefficient above 10.
_LARGE = 100.0


@dataclass(frozen=True, eq=False)
class ColumnChoice:
    """A permuted QR decomposition ``M[:, order] = Q R`` and how the rest follows from the first.

    Parameters
    ----------
    order : ndarray of shape (n,), intp
        Columns, the chosen ones first.
    usable : int
        How many of the chosen columns are independent to float64.
    coefficients : ndarray of shape (usable, n - usable)
        ``R11^-1 R12``: the columns behind, from the first ``usable``.
    swaps : int
        How many pairs of columns were exchanged after pivoted QR.
    """

    order: IndexArray
    usable: int
    coefficients: AnyArray
    swaps: int


def choose_columns(unit: AnyArray, rank: int, f: float, *, strong: bool) -> ColumnChoice:
    """Choose ``rank`` columns by pivoted QR, and go on with swaps where those are called for.

    A swap of column i with one behind, j, multiplies ``|det R11|`` by ``rho_ij = sqrt((R11^-1
    R12)_ij^2 + (gamma_j / omega_i)^2)``, ``1 / omega_i`` the row norms of ``R11^-1`` and gamma the
    column norms of R22. As long as one of them exceeds ``f`` the largest is taken; the
    determinant is bounded, so that ends.

    Parameters
    ----------
    unit : ndarray of shape (m, n)
        Entries near 1 at most.
    rank : int
        0 ... min(m, n).
    f : float
        Above 1.
    strong : bool
        Whether swaps are called for always; else only where a coefficient is above 100.

    References
    ----------
    Gu & Eisenstat, "Efficient algorithms for computing a strong rank-revealing QR factorization",
    SIAM J. Sci. Comput. 17 (1996), algorithm 4.

    Examples
    --------
    >>> choice = choose_columns(np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]]), 1, 2.0, strong=False)
    >>> choice.order.tolist(), choice.usable, choice.coefficients.tolist(), choice.swaps
    ([2, 1, 0], 1, [[0.0, 0.5]], 0)
    """
    triangle, pivots = qr(unit, mode="r", pivoting=True, check_finite=False)
    triangle, order = triangle[: min(unit.shape)], pivots.astype(np.intp)
    usable = min(rank, numerical_rank(triangle, max(unit.shape)))
    coefficients, swaps = _coefficients(triangle, usable), 0
    if strong or float(np.max(np.abs(coefficients), initial=0.0)) > _LARGE:
        while (pair := _best_swap(triangle, coefficients, usable, f)) is not None:
            i, j = pair
            order[[i, usable + j]] = order[[usable + j, i]]
            triangle[:, [i, usable + j]] = triangle[:, [usable + j, i]]
            triangle = qr(triangle, mode="r", overwrite_a=True, check_finite=False)[0]
            coefficients, swaps = _coefficients(triangle, usable), swaps + 1
    return ColumnChoice(order, usable, coefficients, swaps)


def nested_basis(unit: AnyArray) -> tuple[IndexArray, AnyArray, int]:
    """Pivots, orthonormal columns whose first r span the first r pivots, and the numerical rank.

    Examples
    --------
    >>> pivots, q, rank = nested_basis(np.array([[2.0, 4.0], [1.0, 2.0]]))
    >>> pivots.tolist(), np.abs(q[:, 0]).round(3).tolist(), rank
    ([1, 0], [0.894, 0.447], 1)
    """
    q, triangle, pivots = qr(unit, mode="economic", pivoting=True, check_finite=False)
    return pivots.astype(np.intp), np.asarray(q), numerical_rank(triangle, max(unit.shape))


def numerical_rank(triangle: AnyArray, size: int) -> int:
    """How many diagonal entries of a pivoted triangle are more than rounding of the first."""
    diagonal = np.abs(np.diag(triangle))
    level = size * np.finfo(np.float64).eps * (diagonal[0] if diagonal.size else 0.0)
    return int(np.count_nonzero(diagonal > level))


def _coefficients(triangle: AnyArray, count: int) -> AnyArray:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(
            solve_triangular(triangle[:count, :count], triangle[:count, count:], check_finite=False)
        )


def _best_swap(
    triangle: AnyArray, coefficients: AnyArray, count: int, f: float
) -> tuple[int, int] | None:
    """The pair whose exchange makes the chosen columns most independent, if any beyond ``f``."""
    if not coefficients.size:
        return None
    behind = np.linalg.norm(triangle[count:, count:], axis=0)
    inverse = solve_triangular(triangle[:count, :count], np.eye(count), check_finite=False)
    rows: FloatArray = np.linalg.norm(inverse, axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        gains = np.hypot(np.abs(coefficients), rows[:, None] * behind)
    # What overflows gains most.
    gains = np.nan_to_num(gains, nan=np.inf)
    i, j = np.unravel_index(int(np.argmax(gains)), gains.shape)
    return (int(i), int(j)) if gains[i, j] > f else None
