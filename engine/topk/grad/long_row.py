"""GradTopK for one long row: groups of coins, of which only those that are not decided count."""

from __future__ import annotations

import numpy as np

from engine.topk.compiled import ready
from engine.topk.grad.angles import angles
from engine.topk.grad.series import Group, characteristic, covariance_product, mean, split
from engine.topk.semantics import LONG, FloatArray

__all__ = ["GradRow"]

WIDE = 2000.0  # variance from which on |eps| s <= 1/4 for every s, so one series serves all
_DECIDED = 1e-30  # a coin whose rare side is rarer has no part in how many show heads


class GradRow:
    """The conditioned coins of one row.

    Parameters
    ----------
    s, f : ndarray (n,)
        Chance of heads of each coin, and ``s (1 - s)``.
    k : int
        How many heads there are.
    """

    def __init__(self, s: FloatArray, f: FloatArray, k: int) -> None:
        self.s, variance = s, float(f.sum())
        if variance > WIDE:
            self.theta, weight = angles(s.size, variance)
            self.groups = [Group(slice(None), s, 1, True)]
        else:
            groups, sure = _sides(s, f)
            sizes = [group.q.size for group in groups]
            self.theta, weight = angles(sum(sizes), variance)
            self.groups, k = split(groups, self.theta), k - sizes[1] - sure
        mass = characteristic(self.groups, self.theta, variance)
        mass *= weight * np.exp(-1j * k * self.theta)
        self.probability = float(mass.real.sum())
        self.mass = mass / self.probability

    def value(self) -> FloatArray:
        """Return p, (n,); where a coin is decided that is s."""
        if self.groups and isinstance(self.groups[0].index, slice):
            result = np.empty_like(self.s)
            mean(self.groups[0], self.theta, self.mass, result)
            return result
        result = self.s.copy()
        for group in self.groups:
            rare = np.empty_like(group.q)
            mean(group, self.theta, self.mass, rare)
            result[group.index] = rare if group.turn > 0 else 1.0 - rare
        return result

    def product(self, v: FloatArray, tau: float) -> FloatArray:
        """Return ``Cov(b, b^T v) / tau`` for the random subset b, (n,); 0 where b is decided."""
        return covariance_product(self.groups, self.theta, self.mass, v.reshape(-1), tau)


def _sides(s: FloatArray, f: FloatArray) -> tuple[tuple[Group, Group], int]:
    """Return the coins whose rare side is heads, those where it is tails, and how many heads there
    are beside.
    """
    if s.size > LONG and (kernels := ready.get("grad")) is not None:
        index, rare = np.empty(s.size, np.int64), np.empty(s.size)
        tails, heads, sure = kernels.sides(s, f, _DECIDED, index, rare)
        ends = (slice(0, tails), 1), (slice(s.size - heads, s.size), -1)
        few, many = (Group(index[end], rare[end], turn, True) for end, turn in ends)
        return (few, many), sure
    often = s >= 0.5
    rare = np.divide(f, s, out=s.copy(), where=often)
    index = np.flatnonzero((rare > _DECIDED) & ~often)
    back = np.flatnonzero((rare > _DECIDED) & often)
    groups = Group(index, rare[index], 1, True), Group(back, rare[back], -1, True)
    return groups, int(np.count_nonzero(often)) - back.size
