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

import numpy as np

from engine.topk.grad.rows import GradRows
from engine.topk.grad.series import (
    Group,
    characteristic,
    covariance_product,
    mean,
    split,
    weighted_moments,
)
from engine.topk.operator import Solution
from engine.topk.semantics import (
    BLOCK,
    FloatArray,
    Problem,
)
from engine.topk.threshold.distributions import Sigmoid
from engine.topk.threshold.family import ThresholdSolution

__all__ = ["GradSolution", "angles"]

WIDE = 2000.0  # variance from which on |eps| s <= 1/4 for every s, so one series serves all


def angles(n: int, variance: float, smallest: float | None = None) -> tuple[FloatArray, FloatArray]:
    """Return the angles in [0, pi] that matter and their quadrature weights.

    N equispaced angles resolve ``P(count = k mod N)``, exact for N > n; for smaller N what
    aliases lies 9.5 standard deviations away.  Angles where ``|phi| <= exp(-2 var sin^2(th/2))``
    is below e^-42 are dropped; where rows share their angles, by their smallest variance.
    """
    total = min(n + 1, max(64, 2 * math.ceil(9.5 * math.sqrt(variance) + 40.0)))
    least = variance if smallest is None else smallest
    last = total // 2
    if least > 21.0:
        widest = 2.0 * math.asin(math.sqrt(21.0 / least))
        last = min(last, math.floor(widest * total / (2.0 * math.pi)))
    index = np.arange(last + 1)
    # By symmetry an angle inside (0, pi) stands for two.
    weight = np.where((index == 0) | (2 * index == total), 1.0, 2.0) / total
    return 2.0 * np.pi * index / total, weight


class GradSolution(Solution):
    """A row with its coins tossed and the conditioning weights at hand, or many short ones.

    Parameters
    ----------
    problem : Problem
        The row, or rows.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.coins = ThresholdSolution(problem, Sigmoid())
        self.rows: GradRows | None = None
        if problem.scores.ndim == 2:
            rare, heads = self.coins.rare_sides()
            variance = (rare * (1.0 - rare)).sum(axis=1)
            quadrature = angles(rare.shape[1], float(variance.max()), float(variance.min()))
            self.rows = GradRows(rare, heads, problem.count, *quadrature)
        else:
            self._condition()

    def _condition(self) -> None:
        problem, s = self.problem, self.coins.value()
        variance = problem.k - float(weighted_moments(s, s, 1)[0]) if s.size > BLOCK else 0.0
        if variance > WIDE:
            excess = problem.count
            self.theta, weight = angles(s.size, variance)
            self.groups = [Group(slice(None), s, 1, True)]
        else:
            rare, heads = self.coins.rare_sides()
            variance = float((rare * (1.0 - rare)).sum())
            excess = problem.count - int(np.count_nonzero(heads))
            self.theta, weight = angles(s.size, variance)
            self.groups = split(rare, heads, self.theta)
        mass = characteristic(self.groups, self.theta, variance)
        mass *= weight * np.exp(-1j * excess * self.theta)
        self.probability = float(mass.real.sum())
        self.mass = mass / self.probability

    def value(self) -> FloatArray:
        """Return p."""
        if self.rows is not None:
            return self.rows.value()
        result = np.empty_like(self.problem.scores, order="C")
        for group in self.groups:
            if isinstance(group.index, slice):
                mean(group, self.theta, self.mass, result)
                continue
            rare = np.empty_like(group.q)
            mean(group, self.theta, self.mass, rare)
            result[group.index] = rare if group.turn > 0 else 1.0 - rare
        return result

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``Cov(b, b^T v) / tau`` for the random subset b."""
        if self.rows is not None:
            return self.rows.product(v, self.problem.tau)
        return covariance_product(self.groups, self.theta, self.mass, v, self.problem.tau)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g; J is a covariance, hence symmetric."""
        return self.jvp(g)

    def jacobian(self) -> FloatArray:
        """Return the covariance of the random subset over tau, (n, n)."""
        n = self.problem.scores.size
        rare, heads = self.coins.rare_sides()
        sign = np.where(heads, -1.0, 1.0)
        turn = np.exp(1j * np.multiply.outer(self.theta, sign))
        u = turn * rare / (1.0 + (turn - 1.0) * rare)
        average = (self.mass @ u).real
        centred = u - average
        result: FloatArray = ((self.mass[:, None] * centred).T @ centred).real
        result[np.diag_indices(n)] = average * (1.0 - average)
        result *= np.multiply.outer(sign, sign)
        result /= self.problem.tau
        return result

    def log_polynomial(self) -> float:
        """Return log e_k(e^z), with z = x / tau."""
        k, shifted = self.problem.count, self.coins.shifted
        base = float(k * shifted.lam + k * shifted.center / self.problem.tau)
        soft = float(np.logaddexp(0.0, shifted.t()).sum())
        return base + soft + math.log(self.probability)
