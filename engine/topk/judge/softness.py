"""Make operators comparable: the same tau does not mean the same softness."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import as_sentence, one_of, say
from engine.topk.judge.laws import limit_mask
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, check_k, check_scores

__all__ = ["MEASURES", "SoftnessMatch", "mask_entropy", "mass_moved", "match_softness"]

MEASURES = ("mass", "entropy")
_DECADES = 6  # searched on either side of the spread of the scores
_GRID = 4 * _DECADES + 1


@dataclass(frozen=True)
class SoftnessMatch:
    """The tau at which an operator has the softness asked for, or why there is none.

    Parameters
    ----------
    key : str
        The operator.
    tau : float
        The temperature found; NaN if the target is out of reach.
    achieved : float
        Softness at that tau; NaN if the target is out of reach.
    reachable : (float, float)
        Smallest and largest softness met between ``tau = 1e-6`` and ``1e6`` times the spread.
    ok : bool
        Whether ``achieved`` is the target to 1e-6 (a stochastic operator moves in steps, and
        is met to within one of them).
    sentence : str
        The finding in words.
    """

    key: str
    tau: float
    achieved: float
    reachable: tuple[float, float]
    ok: bool
    sentence: str


def mass_moved(p: ArrayLike, hard: ArrayLike) -> float:
    """Return ``sum |p - hard| / sum hard``: the share of k that left its place (twice counted).

    Parameters
    ----------
    p, hard : array_like (n,)
        A soft mask and the hard one.

    Returns
    -------
    float
        0 for the hard mask itself, at most 2 (1 - k / n) for a mask in [0, 1] of sum k that
        is nowhere worse than uniform.

    Raises
    ------
    ArgumentError
        If the shapes differ.

    Examples
    --------
    >>> mass_moved([0.75, 0.25], [1.0, 0.0])
    0.5
    """
    soft, mask = np.asarray(p, dtype=np.float64), np.asarray(hard, dtype=np.float64)
    if soft.shape != mask.shape:
        raise ArgumentError(
            "hard", mask.shape, say("an array of the shape of p, {shape}", shape=soft.shape)
        )
    kept = float(mask.sum())
    return float(np.abs(soft - mask).sum()) / kept if kept > 0 else 0.0


def mask_entropy(p: ArrayLike) -> float:
    """Return the mean binary entropy of the entries of p, in bits (0 hard, 1 all at 1/2).

    Entries outside [0, 1] count as 0 or 1.

    Examples
    --------
    >>> mask_entropy([0.5, 0.5, 1.0, 0.0])
    0.5
    """
    q = np.clip(np.asarray(p, dtype=np.float64), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(q > 0, q * np.log2(q), 0.0) + np.where(
            q < 1, (1.0 - q) * np.log2(1.0 - q), 0.0
        )
    return float(abs(terms.mean()))


def match_softness(
    operators: Iterable[Operator],
    x: ArrayLike,
    k: float,
    target: float,
    measure: str = "mass",
) -> tuple[SoftnessMatch, ...]:
    """Find for each operator the tau that gives the softness asked for.

    Parameters
    ----------
    operators : iterable of Operator
        The operators to compare.
    x : array_like (n,)
        Scores; -inf entries are left out.
    k : float
        How many to keep, strictly between 0 and the number of unmasked scores.
    target : float
        Softness wanted, at least 0.
    measure : {"mass", "entropy"}
        `mass_moved` from the hard mask, or `mask_entropy`.

    Returns
    -------
    tuple of SoftnessMatch
        One per operator, in order; ``ok`` is False where the target is out of reach.

    Raises
    ------
    ArgumentError, DataError
        If an argument is not allowed.

    Notes
    -----
    Softness need not grow with tau (iterated constructions), so a grid in log tau comes first;
    the first crossing from the sharp side is then refined by Brent's method.

    Examples
    --------
    >>> from engine.topk import get_operator
    >>> ops = [get_operator("sigmoid"), get_operator("hard")]
    >>> [m.ok for m in match_softness(ops, [3.0, 2.0, 1.0, 0.0], 2, 0.25)]
    [True, False]
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    if measure not in MEASURES:
        raise ArgumentError("measure", measure, one_of(MEASURES))
    if isinstance(target, bool) or not (
        isinstance(target, (int, float, np.floating)) and 0 <= target < math.inf
    ):
        raise ArgumentError("target", target, "a number >= 0")
    row = scores[~np.isneginf(scores)].astype(np.float64)
    number = check_k(k, row.size, False)
    if not 0 < number < row.size:
        raise ArgumentError("k", k, say("strictly between 0 and {size}", size=row.size))
    hard = limit_mask(row, number)

    def softness(operator: Operator, log_tau: float) -> float:
        p = operator(row, number, math.exp(log_tau))
        return mass_moved(p, hard) if measure == "mass" else mask_entropy(p)

    return tuple(_match(op, row, float(target), softness) for op in operators)


def _match(
    operator: Operator,
    x: FloatArray,
    target: float,
    softness: Callable[[Operator, float], float],
) -> SoftnessMatch:
    spread = float(x.max() - x.min()) or 1.0
    middle, half = math.log(spread), _DECADES * math.log(10.0)
    grid = np.linspace(middle - half, middle + half, _GRID if operator.has_tau else 1)
    values = np.array([softness(operator, float(t)) for t in grid])
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        text = say("{title} gives NaN at every tau.", title=as_sentence(operator.title))
        return SoftnessMatch(operator.key, math.nan, math.nan, (math.nan, math.nan), False, text)
    reachable = (float(finite.min()), float(finite.max()))
    log_tau = _crossing(grid, values, target, lambda t: softness(operator, t))
    found = {"title": as_sentence(operator.title), "target": target}
    if log_tau is None:
        found |= {"low": reachable[0], "high": reachable[1]}
        text = say(
            "{title} cannot reach {target:.4g}: it reaches {low:.4g} to {high:.4g} on these "
            "scores.",
            **found,
        )
        return SoftnessMatch(operator.key, math.nan, math.nan, reachable, False, text)
    achieved, tau = softness(operator, log_tau), math.exp(log_tau)
    found |= {"achieved": achieved, "tau": tau}
    text = say("{title} reaches {achieved:.4g} at tau = {tau:.4g}.", **found)
    ok = abs(achieved - target) <= (1e-2 if operator.stochastic else 1e-6)
    return SoftnessMatch(operator.key, tau, achieved, reachable, ok, text)


def _crossing(
    grid: FloatArray, values: FloatArray, target: float, softness: Callable[[float], float]
) -> float | None:
    """Return the first log tau at which the softness is the target, seen from the sharp side."""
    exact = np.flatnonzero(values == target)
    over = (values[:-1] < target) & (values[1:] > target)
    under = (values[:-1] > target) & (values[1:] < target)
    crossings = np.flatnonzero(over | under)
    if crossings.size:
        from scipy.optimize import brentq  # a third of a second to import, seldom needed

        a, b = float(grid[crossings[0]]), float(grid[crossings[0] + 1])
        return float(brentq(lambda t: _number(softness(t)) - target, a, b, xtol=1e-13, rtol=1e-13))
    return float(grid[exact[-1]]) if exact.size else None


def _number(value: float) -> float:
    """NaN would end the root search; infinity steers it back to the side that answers."""
    return math.inf if math.isnan(value) else value
