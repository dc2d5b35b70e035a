"""The angles of the Fourier sum that conditions coins on their number of heads."""

from __future__ import annotations

import math

import numpy as np

from engine.topk.semantics import FloatArray

__all__ = ["angles"]


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
