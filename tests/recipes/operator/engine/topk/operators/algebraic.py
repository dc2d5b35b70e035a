"""The algebraic sigmoid as a member of the threshold family.

References
----------
Johnson, Kotz & Balakrishnan, "Continuous Univariate Distributions", vol. 2, 2nd ed. 1995,
chapter 28 (Student's t with two degrees of freedom, scaled); Su, kexue.fm/archives/10373,
ThreTopK, for any distribution function F.
"""

from __future__ import annotations

import math

import numpy as np

from engine.topk.semantics import FloatArray
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.family import threshold_formula, threshold_operator

__all__ = ["ALGEBRAIC", "Algebraic"]


class Algebraic(Distribution):
    """F(t) = (1 + t / sqrt(1 + t^2)) / 2: tails that fall like 1 / t^2."""

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write F below 0 and F - 1 above, free of cancellation."""
        h = np.hypot(1.0, t)
        np.divide(0.5, h, out=out)
        out /= h + np.abs(t)
        np.negative(out, out=out, where=t >= self.split)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return (1 + t^2)^(-3/2) / 2."""
        h = np.hypot(1.0, t)
        return np.asarray(0.5 / h / h / h)

    def quantile(self, u: float) -> float:
        """Return (2 u - 1) / (2 sqrt(u (1 - u)))."""
        return (u - 0.5) / math.sqrt(u * max(1.0 - u, 2.0**-53))


ALGEBRAIC = threshold_operator(
    key="algebraic",
    title="Algebraic threshold (Student t, 2 degrees)",
    formula=threshold_formula("(1 + t / sqrt(1 + t^2)) / 2"),
    source="kexue.fm/archives/10373, ThreTopK with Student's t of two degrees of freedom",
    distribution=Algebraic(),
    law_code="return 0.5 + 0.5 * t / np.sqrt(1.0 + t * t)",
    density_code="0.5 / np.sqrt(1.0 + t * t) ** 3",
    saturates=False,
)
