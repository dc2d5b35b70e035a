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
