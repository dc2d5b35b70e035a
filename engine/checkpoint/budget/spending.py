"""What to do with the parameters that the next item in the order is too dear for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.checkpoint.budget.gains import BEYOND, DENSE, RANK, Choice, Gains

_WINDOW = 512


def spend(gains: Gains, start: Choice, place: int, closed: npt.NDArray[np.bool_]) -> Choice:
    """Spend what is left on whatever fits, from a place in the order on."""
    found = start.copied()
    ranks, dense, left = found.ranks, found.dense, found.left
    open_ = ~(dense | closed)
    # A matrix whose jump is too dear goes on by single ranks.
    single, size, matrices = np.zeros_like(dense), _WINDOW, dense.size
    while place < gains.spent.size:
        single |= (gains.jump_cost > left) & (gains.jump_place >= place)
        open_ &= (gains.step <= left) & ~dense
        if not open_.any():
            break
        owner, kind = gains.owner[place : place + size], gains.kind[place : place + size]
        by_rank = single[owner]
        take = open_[owner] & ((kind == RANK) | ((kind == BEYOND) == by_rank))
        costs = np.cumsum(np.where(take, gains.cost[place : place + size], 0))
        end = int(np.searchsorted(costs, left, side="right"))
        taken, jump = take[:end], kind[:end] == DENSE
        ranks += np.bincount(owner[:end][taken & ~jump], minlength=matrices)
        dense[owner[:end][taken & jump]] = True
        left -= int(costs[end - 1]) if end else 0
        place += end
        size = size * 2 if end == costs.size else _WINDOW
    return _finished(gains, Choice(ranks, dense, left))


def _finished(gains: Gains, found: Choice) -> Choice:
    """Make dense whatever the rest suffices for, the largest error first."""
    ranks, dense, left = found.ranks, found.dense, found.left
    while True:
        missing = gains.full - ranks * gains.step
        fits = gains.may_dense & ~dense & (missing <= left)
        errors = np.where(fits, gains.tails_of(found), 0.0)
        best = int(np.argmax(errors))
        if errors[best] <= 0.0:
            return Choice(ranks, dense, left)
        dense[best], left = True, left - int(missing[best])


def force(gains: Gains, start: Choice, place: int, jump: int) -> Choice | None:
    """Make a jump that the rest does not pay, giving back the smallest gains before a place."""
    found = start.copied()
    ranks, dense = found.ranks, found.dense
    owner = gains.owner[jump]
    dense[owner] = True
    missing = int(gains.full[owner] - ranks[owner] * gains.step[owner]) - found.left
    size, end = _WINDOW, place
    closed = np.zeros_like(dense)
    while missing > 0:
        if end == 0:
            return None
        begin = max(0, end - size)
        owners = gains.owner[begin:end][::-1]
        back = (gains.kind[begin:end][::-1] == RANK) & ~dense[owners]
        costs = np.cumsum(np.where(back, gains.cost[begin:end][::-1], 0))
        count = min(int(np.searchsorted(costs, missing)) + 1, costs.size)
        given = owners[:count][back[:count]]
        ranks -= np.bincount(given, minlength=dense.size)
        closed[given] = True
        missing -= int(costs[count - 1])
        end, size = begin, size * 2
    return spend(gains, Choice(ranks, dense, -missing), place, closed)


def branched_bound(gains: Gains, start: Choice, place: int) -> float:
    """Return a bound on the squared error beyond what the relaxation's half of a jump gives.

    The next jump is either made or not. Each way has a relaxation of its own, whose prefix is near
    the place, and the smaller of the two bounds both.

    References
    ----------
    Sinha & Zoltners (1979), section 3: branching on the fractional class.
    """
    owner, undone = int(gains.owner[place]), float(gains.undone[place])
    cost, gain = int(gains.cost[place]), float(gains.ratio[place]) * int(gains.cost[place])
    without = undone - _exchanged(gains, owner, place, start.left, 1)
    return min(without, undone - gain + _exchanged(gains, owner, place, cost - start.left, -1))


def _exchanged(gains: Gains, owner: int, place: int, amount: int, way: int) -> float:
    """Return what parameters gain from a place on (way 1), or cost before it (-1), in parts."""
    worth, size = 0.0, _WINDOW
    while amount > 0:
        begin, end = (place, place + size) if way > 0 else (max(0, place - size), place)
        kind, mine = gains.kind[begin:end][::way], gains.owner[begin:end][::way] == owner
        counts = np.where(mine, (kind == BEYOND) & (way > 0), kind != BEYOND)
        costs = np.where(counts, gains.cost[begin:end][::way], 0)
        if not costs.size:
            return worth if way > 0 else np.inf
        before = np.cumsum(costs) - costs
        used = np.clip(amount - before, 0, costs)
        worth += float(used @ gains.ratio[begin:end][::way])
        amount -= int(used.sum())
        place, size = (end, size * 2) if way > 0 else (begin, size * 2)
    return worth
