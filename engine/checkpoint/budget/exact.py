"""The best of all choices within a budget, by dynamic programming over the few that can be it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.checkpoint.budget.curves import ErrorCurve, FloatArray, IntArray

_MOST_STATES = 1 << 18
_SLACK = 1e-12


def best_choice(
    curves: Sequence[ErrorCurve], limit: int, price: float, error: float
) -> tuple[IntArray, float] | None:
    """Return the ranks of the best choice (-1: dense) and its squared error.

    With a price for each parameter, a choice is worse than the Lagrangian bound by the sum of its
    reduced costs ``error + price * cost - min(error + price * cost)`` and of what it leaves unspent
    times the price; whatever exceeds the gap to a known choice cannot be part of a better one.

    Parameters
    ----------
    curves : sequence of ErrorCurve
    limit : int
        Parameters allowed.
    price : float
        Squared error per parameter, from the relaxation.
    error : float
        Squared error of a known choice.

    Returns
    -------
    tuple, or None
        None where nothing better than the known choice was found among too many to weigh: more
        than 260,000 at once.

    References
    ----------
    Dyer, Kayal & Walker, "A branch and bound algorithm for solving the multiple-choice knapsack
    problem", J. Comp. Appl. Math. 11 (1984): reduction. Kellerer, Pferschy & Pisinger, Knapsack
    Problems (2004), chapter 11.
    """
    points = [one.points() for one in curves]
    priced = [error_ + price * cost for cost, error_, _ in points]
    least = [float(one.min()) for one in priced]
    scale = error + price * limit
    gap = error - (sum(least) - price * limit) + _SLACK * scale
    kept = [np.flatnonzero(one - low <= gap) for one, low in zip(priced, least, strict=True)]
    # Those with one possibility first: they only add.
    order = np.argsort([one.size for one in kept], kind="stable")
    costs = [points[i][0][kept[i]] for i in order]
    errors = [points[i][1][kept[i]] for i in order]
    low_after = np.cumsum([0, *(int(one.min()) for one in costs[:0:-1])])[::-1]
    high_after = np.cumsum([0, *(int(one.max()) for one in costs[:0:-1])])[::-1]
    reduced = [priced[i][kept[i]] - least[i] for i in order]
    cost, total, over = np.zeros(1, np.int64), np.zeros(1), np.zeros(1)
    steps: list[tuple[npt.NDArray[np.intp], int]] = []
    for place, own in enumerate(costs):
        if cost.size * own.size > _MOST_STATES:
            return None
        cost = np.add.outer(cost, own).ravel()
        total = np.add.outer(total, errors[place]).ravel()
        over = np.add.outer(over, reduced[place]).ravel()
        unspent = np.maximum(limit - cost - high_after[place], 0) * price
        useful = np.flatnonzero((cost + low_after[place] <= limit) & (over + unspent <= gap))
        useful = useful[_undominated(cost[useful], total[useful])]
        cost, total, over = cost[useful], total[useful], over[useful]
        steps.append((useful, own.size))
        if not useful.size:
            return None
    state = int(np.argmin(total))
    found, best = np.empty(len(curves), np.int64), float(total[state])
    for (useful, size), place in zip(reversed(steps), order[::-1], strict=True):
        state, choice = divmod(int(useful[state]), size)
        found[place] = points[place][2][kept[place][choice]]
    return found, best


def _undominated(cost: IntArray, error: FloatArray) -> npt.NDArray[np.intp]:
    """Return where nothing cheaper has an error as small; ascending in cost."""
    order = np.lexsort((error, cost))
    before = np.minimum.accumulate(error[order])[:-1]
    return order[np.append(True, error[order][1:] < before)] if order.size else order
