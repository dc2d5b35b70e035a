"""Leading singular triplets with a bound on every value and on every vector."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import checkpoint
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF
from engine.spectrum.linalg.norms import frobenius_norm
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.thin_qr import thin_svd
from engine.spectrum.spectrum import Guarantee
from engine.spectrum.values.certificate import frobenius_upper, split_upper

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

# A share of the squared norm below this has lost half its digits as a difference of squares.
CAPTURED = 1e-5
_MODELLED: Guarantee = "modelled"
# Of the residual with what V leaves out: a bound on its norm, and what that rests on.
Outside = Callable[["Ritz"], tuple[float, Guarantee]]


@dataclass(frozen=True, eq=False)
class LeadingValues:
    """Leading singular values of T, scaled by ``2**-exponent``, each in its interval.

    Parameters
    ----------
    s, lower, upper : ndarray of shape (r,)
        Descending; ``lower <= sigma <= upper``.
    residual : float
        Frobenius norm of what they do not account for.
    frobenius : float
        ``||T||_F``.
    exponent : int
        Power of two taken out.
    method : str
        What found them: ``"randomized"``, ``"lanczos"`` or ``"gram"``.
    guarantee : {"modelled", "probable"}
        As in `Spectrum`.
    """

    s: FloatArray
    lower: FloatArray
    upper: FloatArray
    residual: float
    frobenius: float
    exponent: int
    method: str
    guarantee: Guarantee

    @property
    def captured(self) -> bool:
        """Whether they leave so little that its last digits come only from the entries."""
        return self.residual**2 <= CAPTURED * self.frobenius**2

    @property
    def width(self) -> float:
        """The widest interval, relative to the largest value."""
        return float(np.max(self.upper - self.lower)) / (float(self.s[0]) or 1.0)


@dataclass(frozen=True, eq=False)
class Ritz:
    """Triplets of the tall view T, scaled by ``2**-exponent``, within a space: ``T v = u diag(s)``.

    Parameters
    ----------
    u, s, v : ndarrays of shape (m, k), (k,), (n, k)
        float64 (complex128), orthonormal columns; ``s`` are lower bounds up to rounding.
    residual : float
        ``||T - u diag(s) v^H||_F``.
    """

    u: AnyArray
    s: FloatArray
    v: AnyArray
    residual: float


@dataclass(frozen=True, eq=False)
class LeadingPart(Ritz):
    """`Ritz` triplets with bounds.

    Parameters
    ----------
    upper : ndarray of shape (k,)
        Upper bounds on the singular values.
    outside : float
        Upper bound on ``||T - u diag(s) v^H||_2``.
    slack : float
        Rounding error of ``s``, not contained in ``upper`` and ``outside``.
    frobenius : float
        ``||T||_F``.
    exponent : int
        Power of two taken out.
    method, guarantee
        As in `LeadingValues`.
    coupling : ndarray of shape (j, k)
        A triangle of E of `split_upper`.
    """

    upper: FloatArray
    outside: float
    slack: float
    frobenius: float
    exponent: int
    method: str
    guarantee: Guarantee
    coupling: AnyArray = field(repr=False)

    def width(self, rank: int) -> float:
        """The widest interval of the leading values, without ``slack``, relative to the first."""
        return float(np.max(self.upper[:rank] - self.s[:rank])) / (float(self.s[0]) or 1.0)

    def bounds(self, rank: int) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds on the leading values."""
        return np.maximum(self.s[:rank] - self.slack, 0.0), self.upper[:rank] + self.slack

    def values(self, rank: int) -> LeadingValues:
        """The leading values alone."""
        left = math.sqrt(math.fsum(self.s[rank:] ** 2))
        return LeadingValues(
            self.s[:rank],
            *self.bounds(rank),
            math.hypot(self.residual, left),
            self.frobenius,
            self.exponent,
            self.method,
            self.guarantee,
        )

    def remainder_norm(self, rank: int) -> float:
        """Upper bound on ``||T - (first rank triplets)||_2``; between the remaining triplets and
        what is outside all of them stands the same split as for the whole matrix."""
        if rank == self.s.size:
            return self.outside + self.slack
        rest = split_upper(self.s[rank:], self.coupling[:, rank:], self.outside)
        return min(float(rest[0]), math.hypot(self.outside, float(self.s[rank]))) + self.slack

    def angles(self, rank: int) -> FloatArray:
        """`vector_angles` of the leading triplets."""
        # E has columns s_i (T^H u_i - s_i v_i).
        right = np.linalg.norm(self.coupling, axis=0) / np.where(self.s > 0.0, self.s, np.inf)
        lower, upper = self.bounds(self.s.size)
        return vector_angles(self.s, lower, upper, self.outside + self.slack, right + self.slack)[
            :rank
        ]


def vector_angles(
    s: FloatArray, lower: FloatArray, upper: FloatArray, rest: float, residuals: FloatArray
) -> FloatArray:
    """Sine of the largest angle between a pair of singular vectors and the true pair.

    By Wedin, ``sqrt(sin^2 + sin^2) <= sqrt(||T v - s u||^2 + ||T^H u - s v||^2) / gap``, the gap
    from ``s`` to every other singular value and to 0.

    Parameters
    ----------
    s, lower, upper : ndarray of shape (k,)
        Approximate leading values, descending, with bounds on the true ones.
    rest : float
        Upper bound on the value after these.
    residuals : ndarray of shape (k,)
        Bound on each of the two residuals of a triplet.

    Returns
    -------
    ndarray of shape (k,)
        In [0, 1]; 1 where there is no gap, so that any vector of a plane might be the true one.

    References
    ----------
    Wedin, "Perturbation bounds in connection with singular value decomposition", BIT 12 (1972).

    Examples
    --------
    >>> s, error = np.array([2.0, 1.0]), 1e-9
    >>> vector_angles(s, s - error, s + error, 0.5, np.array([1e-9, 1e-9])).round(10)
    array([1.4e-09, 2.8e-09])
    """
    above = np.concatenate(([np.inf], lower[:-1])) - s
    below = s - np.concatenate((upper[1:], [rest]))
    gap = np.minimum(np.minimum(above, below), s)
    gap = np.where(gap > 0.0, gap, np.finfo(np.float64).tiny)
    with np.errstate(over="ignore"):
        return np.asarray(np.minimum(math.sqrt(2.0) * residuals / gap, 1.0))


def certify(
    products: Products, v: AnyArray, rank: int, outside: Outside, method: str
) -> LeadingPart:
    """Rayleigh-Ritz in float64 on orthonormal ``v``, then every bound.

    Parameters
    ----------
    products : Products
        T.
    v : ndarray of shape (n, k)
        Orthonormal columns, k >= ``rank``.
    rank : int
        How many values are wanted.
    outside : callable
        Asked only where the remainder as a whole is not small.
    method : str
        What found ``v``.
    """
    checkpoint(products.progress, 0.85, "bounds")
    # T v is computed in float64, so the values are lower bounds to float64 rounding whatever the
    # precision in which v was found; the product also halves the error of v.
    u, s, wh = thin_svd(products.times_double(v))
    v = v @ wh.conj().T
    found = Ritz(u, s, v, _residual(products, u, s, v))
    small = found.residual <= 0.25 * s[rank - 1]
    norm, guarantee = outside(found) if not small else (found.residual, _MODELLED)
    norm = min(norm, found.residual)
    left = products.adjoint_double(u)
    left -= v @ adjoint_product(v, left)
    coupling: AnyArray = np.asarray(np.linalg.qr(left, mode="r")) * s
    upper = np.minimum(frobenius_upper(s, found.residual), _split(s, coupling, norm, rank))
    slack = (10.0 + 4.0 * math.sqrt(products.rows)) * UNIT_ROUNDOFF * float(s[0])
    slack += products.matrix.entry_rounding * products.frobenius
    return LeadingPart(
        **vars(found),
        upper=np.maximum(np.minimum.accumulate(upper), s),
        outside=norm,
        slack=slack,
        frobenius=products.frobenius,
        exponent=products.exponent,
        method=method,
        guarantee=guarantee,
        coupling=coupling,
    )


def _split(s: FloatArray, coupling: AnyArray, norm: float, rank: int) -> FloatArray:
    """Upper bounds by Weyl, and by `split_upper` where those leave more than rounding.

    In a basis that begins with V, ``T^H T = [[S^2, E^H], [E, H]]``. Without E its eigenvalues are
    those of S^2 and H, and E moves none by more than its norm.
    """
    # Entries of the fourth power, whose squares may over- or underflow.
    cross = math.sqrt(frobenius_norm(adjoint_product(coupling, coupling)))
    upper = np.sqrt(np.maximum(s**2, norm**2) + cross)
    if float(np.max(upper[:rank] - s[:rank])) <= UNIT_ROUNDOFF * float(s[0]):
        return np.asarray(upper)
    return np.minimum(upper, split_upper(s, coupling, norm))


def _residual(products: Products, u: AnyArray, s: FloatArray, v: AnyArray) -> float:
    """``||T||_F^2 - sum s^2`` where that keeps half its digits, else entry by entry."""
    total = products.frobenius**2
    rest = total - math.fsum(s**2)
    return math.sqrt(rest) if rest > CAPTURED * total else products.residual_norm(u, s, v)
