"""What a soft permutation matrix keeps of a permutation, measured on given scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import say
from engine.topk.judge.laws import ALL_MASKED, LawResult, Verdict
from engine.topk.permutation.networks import swap_slope
from engine.topk.permutation.rows import NETWORKS, Places, groups_of
from engine.topk.semantics import FloatArray

__all__ = ["check_permutation"]

_COLUMNS, _SWAP = 1e-10, 1e-12  # what counts as rounding


def check_permutation(
    x: ArrayLike, tau: float = 1.0, *, method: str = "neuralsort", swap: str = "cauchy"
) -> tuple[LawResult, ...]:
    """Measure whether `permutation_rows` is doubly stochastic and its swap monotone here.

    Parameters
    ----------
    x : array_like (n,)
        Scores, n at most 2048; -inf entries are left out.
    tau : float
        Temperature.
    method, swap : str, keyword only
        As in `permutation_rows`.

    Returns
    -------
    tuple of LawResult
        "columns": every column sums to 1 (the rows do by construction).  "swap": the soft maximum
        of two scores never falls when one of them rises, which is so where F' falls like 1 / t^2 or
        slower; measured over all pairs of scores, and undefined for methods that swap nothing.

    Raises
    ------
    ArgumentError, DataError
        As `permutation_rows`, and if ``x`` is not 1-D.

    References
    ----------
    Petersen et al., "Monotonic differentiable sorting networks", arXiv 2203.09630, section 3.

    Examples
    --------
    >>> x = [2.0, 1.0, 0.5, -1.0]
    >>> [law.verdict for law in check_permutation(x, 0.5, method="odd_even", swap="logistic")]
    ['holds', 'broken']
    >>> [law.verdict for law in check_permutation(x, 0.5, method="softsort")]
    ['broken', 'undefined']
    """
    groups, ndim = groups_of(x, tau, method, swap)
    if ndim != 1:
        raise ArgumentError("x", say("an array of {ndim} axes", ndim=ndim), "a 1-D array")
    if not groups:
        return tuple(LawResult.undefined(law, ALL_MASKED) for law in ("columns", "swap"))
    (group,) = groups
    places = group.at[1][0]
    columns = _columns(group.sums()[0], places)
    if method not in NETWORKS:
        why = "This method swaps nothing: only sorting networks have a swap to be monotone."
        return columns, LawResult.undefined("swap", why)
    return columns, _swap(group.scores[0], group.tau, swap, places)


def _verdict(worst: float, tolerance: float) -> Verdict:
    return "holds" if worst <= tolerance else "broken"


def _columns(sums: FloatArray, places: Places) -> LawResult:
    off = np.abs(sums - 1.0)
    at = int(off.argmax())
    worst, total = float(off[at]), float(sums[at])
    verdict = _verdict(worst, _COLUMNS)
    if verdict == "holds":
        sentence = say("Every column sums to 1 within {worst:.2g}.", worst=worst)
    else:
        sentence = say(
            "The column of index {place} sums to {total:.6g}.", place=places[at], total=total
        )
    return LawResult("columns", worst, (int(places[at]),), (total,), verdict, _COLUMNS, sentence)


def _swap(x: FloatArray, tau: float, swap: str, places: Places) -> LawResult:
    """Worst slope of the soft maximum in its smaller score, over all pairs."""
    with np.errstate(over="ignore"):
        slopes = swap_slope(swap, -np.abs(x[:, None] - x) / tau)
    low, high = np.unravel_index(int(slopes.argmin()), slopes.shape)
    if x[low] > x[high]:
        low, high = high, low
    slope = float(slopes[low, high])
    worst = max(0.0, -slope)
    verdict = _verdict(worst, _SWAP)
    first, second = int(places[low]), int(places[high])
    if verdict == "holds":
        sentence = say("No rising score lowers the soft maximum of two.")
    else:
        sentence = say(
            "When the score at index {first} rises, the soft maximum of it and of index {second} "
            "falls by {worst:.3g} of the rise.",
            first=first,
            second=second,
            worst=worst,
        )
    return LawResult("swap", worst, (first, second), (slope,), verdict, _SWAP, sentence)
