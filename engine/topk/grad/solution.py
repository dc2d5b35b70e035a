"""GradTopK: ``p = grad log e_k(e^z)``, exact and stable for every k and every variance.

``e_k`` is the elementary symmetric polynomial, so p_i is the probability that i belongs to a
random k-subset drawn with weight ``exp(sum of its z)`` (conditional Poisson sampling).  Tilting
the scores by the threshold lam of the `sigmoid` operator turns that into independent coins
``s_i = sigmoid(z_i - lam)`` conditioned on showing exactly k heads, an event of probability
about ``1 / sd``: nothing is small, nothing cancels.  Short rows count the heads in tables; a
Fourier sum over N > n angles (fewer where the tails of the count are below rounding) gives the
condition as exactly, for rows of any length.

References
----------
Su, kexue.fm/archives/10373, section on GradTopK.
Chen, Dempster & Liu, "Weighted finite population sampling to maximize entropy", Biometrika 1994.
Berrada, Zisserman & Kumar, "Smooth loss functions for deep top-k classification", ICLR 2018,
for log e_k as a smooth sum of the k largest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from engine.topk.compiled import ready
from engine.topk.compiled.constants import CERTAIN
from engine.topk.grad.log_domain import log_values
from engine.topk.grad.long_row import GradRow
from engine.topk.grad.rows import GradRows
from engine.topk.semantics import BLOCK, LONG, FloatArray, Rows
from engine.topk.solution import Solution
from engine.topk.threads import CHUNK, Team, parts_of
from engine.topk.threshold.distributions import Sigmoid
from engine.topk.threshold.family import ThresholdSolution
from engine.topk.threshold.solver import arguments

__all__ = ["GradSolution"]

CELLS = 1 << 17  # of a table, up to which it costs less than angles
TOGETHER = 512  # scores up to which a few rows are better conditioned together by NumPy
LOGS = 1 << 18  # n k up to which p below all numbers are worked out by logarithms
LANES = 32  # rows side by side in tables, at most
TABLE = 1 << 15  # entries of their tables, about, that stay in the cache: then fewer
FEWEST = 4  # rows side by side that are worth it
OPEN = 0.15  # share of coins that are not decided from which on none need be left out
_NOTHING = np.empty(0)
_COINS = Sigmoid()


class _Conditioned(Protocol):
    """Coins conditioned on their number of heads, whatever way."""

    def value(self) -> FloatArray: ...

    def product(self, v: FloatArray, tau: float) -> FloatArray: ...


class GradSolution(Solution):
    """Rows with their coins tossed and what conditions them at hand.

    Parameters
    ----------
    rows : Rows
        The rows.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.coins = ThresholdSolution(rows.with_slopes(), _COINS)
        n = rows.scores.shape[1]
        kernels, k = ready.get("grad"), rows.k
        if isinstance(k, float):
            most = min(k, n - k)
        else:
            most = float(np.minimum(k, n - k).max(initial=0))
        if kernels is None and rows.scores.size > LONG:
            ready.want(("grad",))
        self.parts: list[tuple[slice, _Conditioned]] = []
        if kernels is not None and n * (most + 1.0) <= CELLS:
            self.parts = [
                (slice(0, len(rows.scores)), _Tables(kernels, rows, self.coins, round(most) + 1))
            ]
        elif n <= TOGETHER and len(rows.scores) > 4:
            groups = parts_of(len(rows.scores), max(1, BLOCK // n))
            self.parts = [(part, self._rows(part)) for part in groups]
        else:
            self.parts = [(slice(i, i + 1), self._row(i)) for i in range(len(rows.scores))]

    def _rows(self, part: slice) -> GradRows:
        s, f = self.coins.value()[part], self.coins.density()[part]
        return GradRows.of(s, f, self.rows.all_k()[part])

    def _row(self, index: int) -> GradRow:
        s, f = self.coins.value()[index], self.coins.density()[index]
        return GradRow(s, f, round(self.rows.k_of(index)))

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        if len(self.parts) == 1:
            return self.parts[0][1].value().reshape(self.rows.scores.shape)
        result = np.empty_like(self.rows.scores)
        for part, conditioned in self.parts:
            result[part] = conditioned.value()
        return result

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``Cov(b, b^T v) / tau`` for the random subset b, (m, n)."""
        result = np.empty_like(self.rows.scores)
        for part, conditioned in self.parts:
            result[part] = conditioned.product(v[part], self.rows.tau)
        return result

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g; J is a covariance, hence symmetric."""
        return self.jvp(g)

    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (m, n), by Euler's identity ``-J (x - c) / tau``.

        Any c will do; the score next to the threshold keeps the product small.
        """
        open_ = self.coins.density() > 0.0
        nearest = np.where(open_, np.abs(self.coins.t()), np.inf).argmin(axis=1)[:, None]
        with np.errstate(all="ignore"):
            x = self.rows.scores - np.take_along_axis(self.rows.scores, nearest, axis=1)
            return -self.jvp(np.where(open_, x, 0.0)) / self.rows.tau

    def log_value(self) -> FloatArray:
        """Return log p, (m, n), by sums of exponentials where p is below all numbers."""
        return log_values(self.rows, self.value(), LOGS)

    def jacobian(self) -> FloatArray:
        """Return the covariance of the random subset over tau, (n, n), of the only row."""
        return self._rows(slice(0, 1)).covariance() / self.rows.tau

    def log_polynomial(self) -> float:
        """Return log e_k(e^z), with z = x / tau, of the only row."""
        center, lam = self.coins.place()
        tau, k, n = self.rows.tau, self.rows.k_of(0), self.rows.scores.shape[1]
        chance = (
            float(self._rows(slice(0, 1)).probability[0])
            if n <= BLOCK // 2
            else (self._row(0).probability)
        )
        base = float(k * lam[0, 0] + k * center[0, 0] / tau)
        with np.errstate(all="ignore"):
            t = arguments(self.rows.scores, tau, center, lam)
            return base + float(np.logaddexp(0.0, t).sum()) + math.log(chance)


class _Tables:
    """Rows conditioned by compiled tables of ``width`` counts."""

    def __init__(self, kernels: Any, rows: Rows, coins: ThresholdSolution, width: int) -> None:
        self.kernels, self.s, self.f = kernels, coins.value(), coins.density()
        self.k, self.ks = (round(rows.k), _NOTHING) if isinstance(rows.k, float) else (0, rows.k)
        self.p: FloatArray | None = None
        self.kept = rows.slopes  # p is needed again for a product
        self.parts = parts_of(len(self.s), max(1, CHUNK // self.s.shape[1] // 4))
        self.lanes, self.width = _lanes(self.f, width), width

    def value(self) -> FloatArray:
        return self._value().copy() if self.kept else self._value()

    def product(self, v: FloatArray, tau: float) -> FloatArray:
        p, result, scale = self._value(), np.empty_like(self.s), 1.0 / tau
        s, f, k, ks, lanes, width = self.s, self.f, self.k, self.ks, self.lanes, self.width

        def work(c: slice) -> None:
            row_by_row = s[c], f[c], p[c], k, ks[c], v[c], scale
            if lanes:
                self.kernels.products_beside(*row_by_row, lanes, width, result[c])
            else:
                self.kernels.products(*row_by_row, result[c])

        self._share(work)
        return result

    def _value(self) -> FloatArray:
        if self.p is None or not self.kept:
            self.p = p = np.empty_like(self.s)
            s, f, k, ks, lanes, width = self.s, self.f, self.k, self.ks, self.lanes, self.width

            def work(c: slice) -> None:
                if lanes:
                    self.kernels.values_beside(s[c], f[c], k, ks[c], lanes, width, p[c])
                else:
                    self.kernels.values(s[c], f[c], k, ks[c], p[c])

            self._share(work)
        return self.p

    def _share(self, work: Callable[[slice], None]) -> None:
        if len(self.parts) == 1:
            work(slice(None))
            return
        with Team(self.parts, 4 * self.s.size) as team:
            team.map(work)


def _lanes(f: FloatArray, width: int) -> int:
    """Return how many rows are worked on side by side, 0 where one after the other is faster.

    ``f`` is ``s (1 - s)`` of the coins of every row.
    """
    rows, n = f.shape
    lanes = min(rows, LANES, TABLE // ((n + 1) * width))
    is_open = lanes >= FEWEST and np.count_nonzero(f > CERTAIN) >= OPEN * f.size
    return lanes if is_open else 0
