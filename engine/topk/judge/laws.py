"""The laws a soft Top-k operator should obey, measured on a given input, with a witness.

References
----------
Su, kexue.fm/archives/10373: monotonicity, shift invariance, the limit, and softmax at k = 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.sentences import joined, say
from engine.topk.judge.softmax import SOFTMAX_TOLERANCE, softmax_gap, worst_of
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, check_k, check_scores, check_tau

__all__ = [
    "ALL_MASKED",
    "LawResult",
    "Verdict",
    "check_laws",
    "limit_mask",
]

Verdict = Literal["holds", "broken", "undefined"]
ALL_MASKED = "All scores are masked out, so no law says anything about them."


@dataclass(frozen=True)
class LawResult:
    """One law measured for one operator on one input.

    Parameters
    ----------
    law : str
        "sum", "range", "monotonicity", "shift", "limit", "softmax" or "gradient".
    worst : float
        Largest violation found, in units of p (relative for "gradient"); NaN if p is NaN, and
        where the law is undefined.
    witness : tuple of int
        Indices of the scores that show it; empty where the law concerns all of them.
    values : tuple of float
        The p (or derivatives) at the witness, or the sum.
    verdict : {"holds", "broken", "undefined"}
        Whether ``worst`` is within ``tolerance``; "undefined" where the law says nothing here.
    tolerance : float
        What counts as rounding; NaN where the law is undefined.
    sentence : str
        The finding in words; why, where the law is undefined.
    """

    law: str
    worst: float
    witness: tuple[int, ...]
    values: tuple[float, ...]
    verdict: Verdict
    tolerance: float
    sentence: str

    @property
    def ok(self) -> bool:
        """Whether the law holds: not where it is broken, nor where it is undefined."""
        return self.verdict == "holds"

    @classmethod
    def undefined(cls, law: str, why: str) -> LawResult:
        """Return that a law says nothing here."""
        return cls(law, math.nan, (), (), "undefined", math.nan, why)


@dataclass(frozen=True, eq=False)
class _Case:
    """What every law is measured on: the unmasked scores and where they came from."""

    operator: Operator
    x: FloatArray
    k: float
    tau: float
    p: FloatArray
    places: NDArray[np.intp]

    def at(self, tau: float | None = None, k: float | None = None) -> FloatArray:
        return self.on(self.x, tau, k)

    def on(self, x: FloatArray, tau: float | None = None, k: float | None = None) -> FloatArray:
        k = self.k if k is None else k
        return np.asarray(self.operator(x, k, self.tau if tau is None else tau), dtype=np.float64)


def check_laws(
    operator: Operator, x: ArrayLike, k: float, tau: float = 1.0
) -> tuple[LawResult, ...]:
    """Measure how far the operator is from each law on this input.

    Parameters
    ----------
    operator : Operator
        The operator.
    x : array_like (n,)
        Scores; -inf entries are left out.
    k : float
        How many to keep, in [0, n].
    tau : float
        Temperature.

    Returns
    -------
    tuple of LawResult
        In the order sum, range, monotonicity, shift, limit, softmax, gradient.

    Raises
    ------
    ArgumentError, DataError
        As the operator, and if ``x`` is not 1-D.

    Notes
    -----
    All laws are undefined where every score is masked out, the limit where the scores on both
    sides of the cut are tied, and softmax at k = 1 for an operator without a temperature.  The
    latter is measured at ``tau`` and at others that the scores ask for, see
    `engine.topk.judge.softmax.softmax_gap`, and the worst counts: where softmax itself is hard or
    flat, operators that differ from it look the same.

    References
    ----------
    kexue.fm/archives/10373, the requirements on a soft Top-k.

    Examples
    --------
    >>> from engine.topk import get_operator
    >>> hard = check_laws(get_operator("hard"), [3.0, 0.0, 0.0], 2)
    >>> [r.law for r in hard if r.verdict == "undefined"]
    ['limit', 'softmax']
    >>> [r.law for r in check_laws(get_operator("scaled_softmax"), [3.0, 0.0, -1.0], 2) if not r.ok]
    ['range', 'limit']
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    number = check_k(k, scores.size, operator.needs_integer_k)
    p = np.asarray(operator(scores, k, tau), dtype=np.float64)
    places = np.flatnonzero(np.isfinite(scores))
    row = scores[places].astype(np.float64)
    case = _Case(operator, row, number, check_tau(tau), p[places], places)
    if row.size == 0:
        return tuple(LawResult.undefined(law, ALL_MASKED) for law in _LAWS)
    with np.errstate(invalid="ignore", over="ignore"):
        return tuple(measure(case) for measure in _LAWS.values())


def limit_mask(x: FloatArray, k: float) -> FloatArray:
    """Return the limit of ST(x / tau) as tau goes to 0, for any real k in [0, n].

    The floor(k) largest scores get 1, the next one the fraction that is left; among ties the
    lower index comes first.

    Examples
    --------
    >>> limit_mask(np.array([0.0, 3.0, 1.0]), 1.5)
    array([0. , 1. , 0.5])
    """
    mask = np.zeros_like(x)
    order = np.argsort(-x, kind="stable")
    whole = math.floor(k)
    mask[order[:whole]] = 1.0
    if k > whole:
        mask[order[whole]] = k - whole
    return mask


def _result(
    case: _Case, law: str, worst: float, indices: list[int], values: list[float], tolerance: float,
    good: str, bad: str,
) -> LawResult:  # fmt: skip
    verdict: Verdict = "holds" if worst <= tolerance else "broken"  # broken for NaN
    if math.isnan(worst):
        bad = "The operator returned NaN, so the law cannot hold."
    witness = tuple(int(case.places[i]) for i in indices)
    sentence = good if verdict == "holds" else bad
    return LawResult(law, worst, witness, tuple(map(float, values)), verdict, tolerance, sentence)


def _sum(case: _Case) -> LawResult:
    total = math.fsum(case.p)
    worst = abs(total - case.k)
    bad = say("p sums to {total:.6g} instead of k = {count:g}.", total=total, count=case.k)
    good = say("p sums to k = {count:g} within {worst:.2g}.", count=case.k, worst=worst)
    return _result(case, "sum", worst, [], [total], 1e-10 * max(1, case.x.size), good, bad)


def _range(case: _Case) -> LawResult:
    place, worst = worst_of(np.maximum(-case.p, case.p - 1.0))
    value = float(case.p[place])
    bad = say(
        "p = {value:.6g} at index {place} lies outside [0, 1].",
        value=value,
        place=case.places[place],
    )
    return _result(case, "range", worst, [place], [value], 1e-12, "Every p lies in [0, 1].", bad)


def _monotonicity(case: _Case) -> LawResult:
    """Worst ``p_j - p_i`` over pairs with ``x_j <= x_i``; ties must therefore share one p."""
    order = np.argsort(case.x, kind="stable")
    x, p = case.x[order], case.p[order]
    best = np.maximum.accumulate(p)  # NaN propagates, as it should
    last_of_tie = np.searchsorted(x, x, side="right") - 1
    place, worst = worst_of(best[last_of_tie] - p)
    i = int(order[place])
    among = p[: last_of_tie[place] + 1]
    j = int(order[int(np.argmax(among))])
    values = [float(case.p[i]), float(case.p[j])]
    bad = say(
        "Index {first} scores {score:.6g} and gets p = {value:.6g}, but index {second} scores "
        "{other:.6g} and gets {found:.6g}.",
        first=case.places[i],
        score=case.x[i],
        value=values[0],
        second=case.places[j],
        other=case.x[j],
        found=values[1],
    )
    good = "No larger score gets a smaller p."
    return _result(case, "monotonicity", worst, [i, j], values, 1e-12, good, bad)


def _shift(case: _Case) -> LawResult:
    """Compare ST(x + c) with ST(x) on scores for which x + c is exact."""
    reach = float(np.abs(case.x).max())
    c = 2.0 ** (math.ceil(math.log2(reach)) + 2) if 0.0 < reach < 1e300 else 4.0
    moved = case.x + c
    place, worst = worst_of(np.abs(case.on(moved) - case.on(moved - c)))
    bad = say(
        "Adding {shift:g} to every score changes p at index {place} by {worst:.3g}.",
        shift=c,
        place=case.places[place],
        worst=worst,
    )
    good = say(
        "Adding {shift:g} to every score changes p by at most {worst:.2g}.", shift=c, worst=worst
    )
    return _result(case, "shift", worst, [place], [worst], 1e-10, good, bad)


def _limit(case: _Case) -> LawResult:
    """Compare p at a vanishing tau with the hard mask."""
    whole, n = math.floor(case.k), case.x.size
    ordered = np.sort(case.x)[::-1]
    edges = [i for i in {whole, math.ceil(case.k)} if 0 < i < n]
    gap = min((float(ordered[i - 1] - ordered[i]) for i in edges), default=1.0)
    if gap == 0.0:
        note = "The scores on both sides of the cut are tied, so the limit is not defined here."
        return LawResult.undefined("limit", note)
    tau = max(min(gap, 1e250) * 1e-7 / n, 1e-300)
    p = case.at(tau=tau)
    place, worst = worst_of(np.abs(p - limit_mask(case.x, case.k)))
    value = float(p[place])
    bad = say(
        "At tau = {tau:.1e} p = {value:.6g} at index {place}, not the hard mask.",
        tau=tau,
        value=value,
        place=case.places[place],
    )
    good = say("At tau = {tau:.1e} p is the hard mask within {worst:.2g}.", tau=tau, worst=worst)
    return _result(case, "limit", worst, [place], [value], 1e-4, good, bad)


def _softmax(case: _Case) -> LawResult:
    if not case.operator.has_tau:
        note = "Softmax has a temperature and this operator has none, so they are not compared."
        return LawResult.undefined("softmax", note)
    gap = softmax_gap(case.operator, case.x, case.tau)
    bad = say(
        "At k = 1 and tau = {tau:.4g} p = {value:.6g} at index {place}, softmax gives {truth:.6g}.",
        tau=gap.tau,
        value=gap.p,
        place=case.places[gap.place],
        truth=gap.truth,
    )
    good = say(
        "At k = 1 p is softmax within {worst:.2g}: at tau, at 0.3 and 1 times the spread of the "
        "scores, and where the largest has four fifths.",
        worst=gap.worst,
    )
    values = [gap.p, gap.truth]
    tolerance = SOFTMAX_TOLERANCE
    return _result(case, "softmax", gap.worst, [gap.place], values, tolerance, good, bad)


def _gradient(case: _Case) -> LawResult:
    """Compare jvp with central differences, and vjp with jvp, along seeded directions."""
    generator = np.random.default_rng(0)
    v, g = generator.standard_normal((2, case.x.size))
    worst, place, values = math.inf, 0, [0.0, 0.0]
    for step in (1e-4, 1e-6):  # a kink of p inside the longer step is outside the shorter one
        ahead, behind = case.x + step * case.tau * v, case.x - step * case.tau * v
        taken = (ahead - behind) / (2.0 * step * case.tau)  # what rounding left of v
        slope = (case.on(ahead) - case.on(behind)) / (2.0 * step)
        claimed = _direction(case.operator.jvp(case.x, case.k, case.tau, taken)) * case.tau
        scale = max(float(np.abs(slope).max()), float(np.abs(claimed).max()), 1e-6)
        i, error = worst_of(np.abs(slope - claimed) / scale)
        if not error > worst:
            worst, place, values = error, i, [float(claimed[i]), float(slope[i])]
    forward = float(np.dot(g, _direction(case.operator.jvp(case.x, case.k, case.tau, v))))
    back = float(np.dot(v, _direction(case.operator.vjp(case.x, case.k, case.tau, g))))
    apart = abs(forward - back) / max(abs(forward), abs(back), 1e-6 / case.tau)
    worst = worst if not apart > worst else apart
    bad = say(
        "The derivative at index {place} is {value:.6g}, differences give {truth:.6g} (relative "
        "error {worst:.1e}).",
        place=case.places[place],
        value=values[0],
        truth=values[1],
        worst=worst,
    )
    if case.operator.stochastic:
        bad = joined(bad, "A Monte Carlo mask is piecewise constant at a fixed seed.")
    good = say("Derivatives agree with central differences within {worst:.2g}.", worst=worst)
    return _result(case, "gradient", worst, [place], values, 1e-5, good, bad)


def _direction(value: ArrayLike) -> FloatArray:
    return np.asarray(value, dtype=np.float64)


_LAWS: Mapping[str, Callable[[_Case], LawResult]] = {
    "sum": _sum,
    "range": _range,
    "monotonicity": _monotonicity,
    "shift": _shift,
    "limit": _limit,
    "softmax": _softmax,
    "gradient": _gradient,
}
