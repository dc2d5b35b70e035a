"""What a budget can buy of all matrices, sorted once: a budget is then one search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.checkpoint.budget.curves import ErrorCurve, FloatArray, IntArray

RANK, DENSE, BEYOND = 0, 1, 2
_KINDS = np.array([RANK, DENSE, BEYOND], np.int8)


@dataclass(frozen=True, eq=False)
class Choice:
    """A rank for each matrix, which of them stay dense, and how many parameters are left.

    Where a matrix is dense its rank means nothing.
    """

    ranks: IntArray
    dense: npt.NDArray[np.bool_]
    left: int

    def copied(self) -> Choice:
        """Return one that may be changed in place."""
        return Choice(self.ranks.copy(), self.dense.copy(), self.left)


class Gains:
    """Everything that a budget can buy, in the order of its gain per parameter.

    An item is a unit of rank (`RANK`), the jump of a matrix from its last rank on the hull to the
    dense one (`DENSE`), or a unit of rank that only counts where the jump is not made (`BEYOND`).

    Attributes
    ----------
    cost, ratio, kind, owner : ndarray of shape (items,)
        Parameters, gain per parameter, what it is, and of which matrix.
    spent : ndarray of shape (items,), int64
        Parameters that the items up to each take beyond `least`.
    undone : ndarray of shape (items + 1,), float64
        Squared error that remains after each prefix.
    step, full, first, last : ndarray of shape (matrices,), int64
    only_dense, may_dense : ndarray of shape (matrices,), bool
        As of `ErrorCurve`.
    jump_cost, jump_place : ndarray of shape (matrices,), int64
        Parameters and place of the jump; more than there are where there is none.
    total, least : int
        Parameters of the dense matrices, and of the cheapest choice.
    """

    def __init__(self, curves: Sequence[ErrorCurve]) -> None:
        self.step = np.array([one.step for one in curves], np.int64)
        self.full = np.array([one.full for one in curves], np.int64)
        self.first = np.array([one.first for one in curves], np.int64)
        self.last = np.array([one.last for one in curves], np.int64)
        self.only_dense = np.array([one.only_dense for one in curves])
        self.may_dense = np.array([one.dense for one in curves])
        self._tails = np.concatenate([one.tails for one in curves])
        sizes = [one.tails.size for one in curves]
        self._starts = np.cumsum([0, *sizes[:-1]]) - self.first
        self.total = int(self.full.sum())
        self.least = int(np.where(self.only_dense, self.full, self.first * self.step).sum())
        self._sort(curves)

    def _sort(self, curves: Sequence[ErrorCurve]) -> None:
        gains, kinds, sizes = [], [], []
        # Of what ties a stable order keeps this one: ranks, the jump after them, ranks beyond it.
        for one in curves:
            on_hull = 0 if one.only_dense else one.cut - one.first
            jump = one.tails[on_hull : on_hull + one.jumps]
            beyond = one.gains[on_hull : None if one.jumps else on_hull]
            gains += [one.gains[:on_hull], jump, beyond]
            kinds.append(np.repeat(_KINDS, (on_hull, jump.size, beyond.size)))
            sizes.append(kinds[-1].size)
        gain, kind = np.concatenate(gains), np.concatenate(kinds)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        jumps = np.flatnonzero(kind == DENSE)
        cost = self.step[owner]
        cost[jumps] = [one.full - one.cut * one.step for one in curves if one.jumps]
        ratio = gain / cost
        # Rounding must not put a jump before the ranks that it follows.
        after = jumps[(jumps > 0) & (owner[jumps - 1] == owner[jumps])]
        ratio[after] = np.minimum(ratio[after], ratio[after - 1])
        order = np.argsort(-ratio, kind="stable")
        self.cost, self.ratio = cost[order], ratio[order]
        self.kind, self.owner = kind[order], owner[order]
        hull = self.kind != BEYOND
        self.spent = np.cumsum(self.cost * hull)
        # Squared error after each prefix, and what no budget takes away.
        rest = sum(float(one.tails[-1]) for one in curves if not (one.jumps or one.only_dense))
        self.undone = np.empty(order.size + 1)
        self.undone[-1] = rest
        np.cumsum((gain[order] * hull)[::-1], out=self.undone[-2::-1])
        self.undone[:-1] += rest
        self._jumps = np.flatnonzero(self.kind == DENSE)
        self._places(kind, owner, order)

    def _places(
        self, kind: npt.NDArray[np.int8], owner: IntArray, order: npt.NDArray[np.intp]
    ) -> None:
        """Keep where the items of each matrix stand, so that a prefix is counted by searching."""
        count, matrices = order.size, self.step.size
        place = np.empty(count, np.int64)
        place[order] = np.arange(count)
        ranks, jumps = kind == RANK, np.flatnonzero(kind == DENSE)
        self._at_keys = np.arange(matrices) * (count + 1)
        self._keys = self._at_keys[owner[ranks]] + place[ranks]
        self._before = np.searchsorted(self._keys, self._at_keys)
        self.jump_place = np.full(matrices, count)
        self.jump_place[owner[jumps]] = place[jumps]
        self.jump_cost = np.full(matrices, np.iinfo(np.int64).max)
        self.jump_cost[owner[jumps]] = self.cost[place[jumps]]

    def prefix(self, limit: int) -> tuple[int, int, float]:
        """Return how many items are paid for, what is left, and the gain of it in the next one."""
        place = int(np.searchsorted(self.spent, limit - self.least, side="right"))
        left = limit - self.least - (int(self.spent[place - 1]) if place else 0)
        return place, left, float(self.ratio[place]) if place < self.ratio.size else 0.0

    def bought(self, place: int, left: int) -> Choice:
        """Return the choice that the first items make."""
        ranks = np.searchsorted(self._keys, self._at_keys + place) - self._before + self.first
        return Choice(ranks, self.only_dense | (self.jump_place < place), left)

    def jumps_from(self, place: int) -> npt.NDArray[np.intp]:
        """Return where the jumps from a place on stand, if there is one at that place."""
        found = self._jumps[np.searchsorted(self._jumps, place) :]
        return found if found.size and found[0] == place else found[:0]

    def tails_of(self, found: Choice) -> FloatArray:
        """Return the squared error of each matrix."""
        return np.where(found.dense, 0.0, self._tails[self._starts + found.ranks])

    def squared(self, found: Choice) -> float:
        """Return the squared error of all."""
        return math.fsum(self.tails_of(found))

    def cost_of(self, found: Choice) -> int:
        """Return the parameters that a choice takes."""
        return int(np.where(found.dense, self.full, found.ranks * self.step).sum())
