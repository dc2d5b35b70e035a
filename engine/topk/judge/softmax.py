"""How far an operator is from softmax at k = 1, at the temperatures that show it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray

__all__ = ["SOFTMAX_TOLERANCE", "SoftmaxGap", "softmax_gap", "worst_of"]

SOFTMAX_TOLERANCE = 1e-10
_SPREADS = (0.3, 1.0)  # of the scores: temperatures at which softmax is neither hard nor flat
_REST = 0.25  # of the weight of the largest score: what the others have together, at most


@dataclass(frozen=True)
class SoftmaxGap:
    """Where, and at which tau, p at k = 1 is furthest from softmax.

    Parameters
    ----------
    worst : float
        The largest difference; NaN if p is NaN.
    place : int
        Index of the score that has it.
    tau : float
        The temperature that has it.
    p, truth, top : float
        p and softmax at ``place``, and the largest softmax value.
    """

    worst: float
    place: int
    tau: float
    p: float
    truth: float
    top: float


def softmax_gap(operator: Operator, x: FloatArray, tau: float) -> SoftmaxGap:
    """Return the largest distance from softmax at k = 1.

    It is looked for at ``tau``, at 0.3 and 1 times the spread of the scores ``x``, (n,), all
    finite, and where softmax gives the largest of them at least four fifths: laplace differs from
    it only where one score has more than half.
    """
    found: list[SoftmaxGap] = []
    for each in (tau, *_temperatures(x)):
        p, truth = np.asarray(operator(x, 1, each), dtype=np.float64), _softmax_of(x, each)
        place, worst = worst_of(np.abs(p - truth))
        at = float(p[place]), float(truth[place]), float(truth.max())
        found.append(SoftmaxGap(worst, place, each, *at))
    return max(found, key=lambda one: math.inf if math.isnan(one.worst) else one.worst)


def _temperatures(x: FloatArray) -> Iterator[float]:
    """Yield those that the scores ask for; none where all are equal."""
    spread = float(x.max() - x.min())
    wanted = [share * spread for share in _SPREADS]
    if x.size > 1:
        second, first = np.partition(x, x.size - 2)[-2:]
        wanted.append(float(first - second) / math.log((x.size - 1) / _REST))
    yield from (tau for tau in wanted if 0.0 < tau < math.inf)


def _softmax_of(x: FloatArray, tau: float) -> FloatArray:
    e: FloatArray = np.exp((x - x.max()) / tau)
    e /= e.sum()
    return e


def worst_of(values: FloatArray) -> tuple[int, float]:
    """Return place and size of the largest entry; NaN counts as largest.

    Examples
    --------
    >>> worst_of(np.array([1.0, 3.0, 2.0])), worst_of(np.array([]))
    ((1, 3.0), (0, 0.0))
    """
    if values.size == 0:
        return 0, 0.0
    place = int(np.argmax(np.where(np.isnan(values), np.inf, values)))
    return place, max(float(values[place]), 0.0) if not np.isnan(values[place]) else math.nan
