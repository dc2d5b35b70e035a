"""GradTopK: ``p = grad log e_k(e^z)``, exact and stable for every k and every variance.

``e_k`` is the elementary symmetric polynomial, so p_i is the probability that i belongs to a
random k-subset drawn with weight ``exp(sum of its z)`` (conditional Poisson sampling).  Tilting
the scores by the threshold lam of the `sigmoid` operator turns that into independent coins
``s_i = sigmoid(z_i - lam)`` conditioned on showing exactly k heads, an event of probability
about ``1 / sd``: nothing is small, nothing cancels.  A Fourier sum over N > n angles (fewer
where the tails of the count are below rounding) gives the condition exactly.

References
----------
Su, kexue.fm/archives/10373, section on GradTopK.
Chen, Dempster & Liu, "Weighted finite population sampling to maximize entropy", Biometrika 1994.
Berrada, Zisserman & Kumar, "Smooth loss functions for deep top-k classification", ICLR 2018,
for log e_k as a smooth sum of the k largest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.topk.links import Sigmoid
from engine.topk.operator import Operator, Solution
from engine.topk.semantics import (
    FloatArray,
    Problem,
    check_k,
    check_scores,
    check_tau,
)
from engine.topk.threshold_solver import Shifted, solve_threshold

__all__ = ["GRAD", "log_elementary_symmetric"]

ComplexArray = NDArray[np.complex128]

_CELLS = 1 << 20  # entries x angles worked on at once, bounds the memory


@dataclass(frozen=True, eq=False)
class Coins:
    """The tilted independent coins of one row, each by its rarer side.

    Parameters
    ----------
    rare : ndarray (n,), float64
        min(s, 1 - s) without cancellation, in [0, 1/2].
    heads : ndarray (n,), bool
        True where the common side is heads (s > 1/2).
    """

    rare: FloatArray
    heads: NDArray[np.bool_]

    @property
    def variance(self) -> float:
        """Variance of the number of heads."""
        return float(np.dot(self.rare, 1.0 - self.rare))


def toss(scores: FloatArray, k: int, tau: float) -> tuple[Coins, Shifted]:
    """Return the coins with k heads on average, and the threshold that makes them."""
    link = Sigmoid()
    shifted = solve_threshold(link, scores, float(k), tau)
    t, tail = np.empty_like(scores, order="C"), np.empty_like(scores, order="C")
    shifted.t(0, t)
    link.tail(t, tail)
    return Coins(np.abs(tail, out=tail), t >= 0.0), shifted


def angles(n: int, variance: float) -> tuple[FloatArray, FloatArray]:
    """Return the angles in [0, pi] that matter and their quadrature weights.

    N equispaced angles resolve ``P(count = k mod N)``, exact for N > n; for smaller N what
    aliases lies 9.5 standard deviations away.  Angles where ``|phi| <= exp(-2 var sin^2(th/2))``
    is below e^-42 are dropped.
    """
    total = min(n + 1, max(64, 2 * math.ceil(9.5 * math.sqrt(variance) + 40.0)))
    index = np.arange(total // 2 + 1)
    theta = 2.0 * np.pi * index / total
    kept = 2.0 * variance * np.sin(0.5 * theta) ** 2 < 42.0
    # By symmetry an angle inside (0, pi) stands for two.
    weight = np.where((index == 0) | (2 * index == total), 1.0, 2.0) / total
    return theta[kept], weight[kept]


class GradSolution(Solution):
    """One row with its coins tossed and the conditioning weights at hand.

    Parameters
    ----------
    problem : Problem
        The row.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.coins, self.shifted = toss(problem.scores, problem.count, problem.tau)
        self.theta, weight = angles(problem.scores.size, self.coins.variance)
        mass = weight * self._characteristic()
        self.probability = float(mass.real.sum())
        self.mass = mass / self.probability

    def _characteristic(self) -> ComplexArray:
        """Return ``phi(th) e^{-i k th}`` at each angle, from the rare sides."""
        excess = self.problem.count - int(np.count_nonzero(self.coins.heads))
        result: ComplexArray = np.exp(-1j * excess * self.theta)
        for start, stop in self._chunks():
            result *= self._factors(start, stop).prod(axis=1)
        return result

    def _chunks(self) -> list[tuple[int, int]]:
        n = self.problem.scores.size
        size = max(1, _CELLS // max(1, self.theta.size))
        return [(start, min(start + size, n)) for start in range(0, n, size)]

    def _factors(self, start: int, stop: int) -> ComplexArray:
        """Return ``1 + q (e^{+-i th} - 1)``, (angles, stop - start); + where heads are rare."""
        half = np.sin(0.5 * self.theta)
        real = -2.0 * half * half
        imag = np.sin(self.theta)
        q = self.coins.rare[start:stop]
        signed = np.where(self.coins.heads[start:stop], -q, q)
        result = np.empty((self.theta.size, stop - start), dtype=np.complex128)
        np.multiply.outer(real, q, out=result.real)
        result.real += 1.0
        np.multiply.outer(imag, signed, out=result.imag)
        return result

    def _rare_given_count(self, start: int, stop: int) -> ComplexArray:
        """Return the tilted probability of the rare side at each angle, (angles, stop - start)."""
        q = self.coins.rare[start:stop]
        turn = np.exp(1j * np.multiply.outer(self.theta, [1.0, -1.0]))
        side = self.coins.heads[start:stop].astype(np.intp)
        return q * turn[:, side] / self._factors(start, stop)

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        result = np.empty_like(self.problem.scores, order="C")
        for start, stop in self._chunks():
            rare = (self.mass @ self._rare_given_count(start, stop)).real
            heads = self.coins.heads[start:stop]
            result[start:stop] = np.where(heads, 1.0 - rare, rare)
        return np.clip(result, 0.0, 1.0, out=result)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``Cov(b, b^T v) / tau``, (n,), for the random subset b.

        Written for the rare sides r (b or 1 - b): their covariance differs by signs only.
        """
        sign = np.where(self.coins.heads, -1.0, 1.0)
        v = v - np.dot(self.coins.rare, v) / max(float(self.coins.rare.sum()), 1e-300)
        signed = sign * v
        inner = np.zeros(self.theta.size, dtype=np.complex128)
        for start, stop in self._chunks():
            inner += self._rare_given_count(start, stop) @ signed[start:stop]
        inner -= np.dot(self.mass, inner).real
        result = np.empty_like(v)
        for start, stop in self._chunks():
            u = self._rare_given_count(start, stop)
            own = (self.mass @ (u * (1.0 - u))).real
            result[start:stop] = own * signed[start:stop] + ((self.mass * inner) @ u).real
        return sign * result / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,); J is a covariance, hence symmetric."""
        return self.jvp(g)

    def jacobian(self) -> FloatArray:
        """Return the covariance of the random subset over tau, (n, n)."""
        n = self.problem.scores.size
        sign = np.where(self.coins.heads, -1.0, 1.0)
        u = self._rare_given_count(0, n)
        mean = (self.mass @ u).real
        centred = u - mean
        result = ((self.mass[:, None] * centred).T @ centred).real
        result[np.diag_indices(n)] = (self.mass @ (u * (1.0 - mean))).real - mean * 0.0
        result[np.diag_indices(n)] = mean * (1.0 - mean)
        result *= np.multiply.outer(sign, sign)
        return result / self.problem.tau

    def log_polynomial(self) -> float:
        """Return log e_k(e^z), with z = x / tau."""
        z = np.empty_like(self.problem.scores, order="C")
        self.shifted.z(0, z)
        heads = self.coins.heads
        count = int(np.count_nonzero(heads))
        base = float(z[heads].sum()) + (self.problem.count - count) * self.shifted.lam
        base += self.problem.count * self.shifted.center / self.problem.tau
        return base - float(np.log1p(-self.coins.rare).sum()) + math.log(self.probability)


def log_elementary_symmetric(x: ArrayLike, k: int, tau: float = 1.0) -> float:
    """Return ``log e_k(e^{x / tau})``, the smooth sum of the k largest scores (over tau).

    Parameters
    ----------
    x : array_like (n,)
        Scores; -inf entries are left out.
    k : int
        Size of the subsets, in [0, n].
    tau : float
        Temperature.

    Returns
    -------
    float
        ``tau`` times it tends to the sum of the k largest scores as tau goes to 0; its gradient
        with respect to x is the `grad` operator over tau.

    Raises
    ------
    ArgumentError, DataError
        As the operators.

    References
    ----------
    Berrada, Zisserman & Kumar, ICLR 2018, eq. (7); kexue.fm/archives/10373, GradTopK.

    Examples
    --------
    >>> scores = np.log([1.0, 2.0, 3.0])
    >>> round(float(np.exp(log_elementary_symmetric(scores, 2))), 12)  # 1*2 + 1*3 + 2*3
    11.0
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    GRAD(scores, k, tau)  # one place decides what is allowed
    row = scores[np.isfinite(scores)].astype(np.float64)
    count, temperature = int(check_k(k, scores.size, True)), check_tau(tau)
    if count == 0:
        return 0.0
    with np.errstate(over="ignore", under="ignore"):
        if count == row.size:
            return float((row / temperature).sum())
        return GradSolution(Problem(row, float(count), temperature)).log_polynomial()


GRAD = Operator(
    key="grad",
    title="GradTopK (exact)",
    formula="p = grad log e_k(e^z), e_k the elementary symmetric polynomial",
    source="kexue.fm/archives/10373, GradTopK; inclusion probabilities of conditional Poisson "
    "sampling (Chen, Dempster & Liu 1994)",
    family="subset",
    needs_integer_k=True,
    solve=GradSolution,
)
