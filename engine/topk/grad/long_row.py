"""GradTopK for one long row: groups of coins, of which only those that are not decided count."""

from __future__ import annotations

import numpy as np

from engine.topk.grad.angles import angles
from engine.topk.grad.series import Group, characteristic, covariance_product, mean, split
from engine.topk.semantics import FloatArray

__all__ = ["GradRow"]

WIDE = 2000.0  # variance from which on |eps| s <= 1/4 for every s, so one series serves all
_DECIDED = 1e-30  # a coin whose rare side is rarer has no part in how many show heads
_SHARE = 0.02  # variance per coin below which most coins may be decided


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
        self.open = np.flatnonzero(f > _DECIDED) if variance < _SHARE * s.size else None
        if self.open is not None:
            heads = int(np.count_nonzero(s >= 0.5))
            s, f = s[self.open], f[self.open]
            k -= heads - int(np.count_nonzero(s >= 0.5))
        self.theta, weight = angles(s.size, variance)
        if variance > WIDE:
            self.groups, excess = [Group(slice(None), s, 1, True)], k
        else:
            often = s >= 0.5
            rare = np.divide(f, s, out=s.copy(), where=often)
            self.groups, excess = split(rare, often, self.theta), k - int(np.count_nonzero(often))
        mass = characteristic(self.groups, self.theta, variance)
        mass *= weight * np.exp(-1j * excess * self.theta)
        self.size, self.probability = s.size, float(mass.real.sum())
        self.mass = mass / self.probability

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        result = np.empty(self.size)
        for group in self.groups:
            if isinstance(group.index, slice):
                mean(group, self.theta, self.mass, result)
                continue
            rare = np.empty_like(group.q)
            mean(group, self.theta, self.mass, rare)
            result[group.index] = rare if group.turn > 0 else 1.0 - rare
        if self.open is None:
            return result
        whole = self.s.copy()
        whole[self.open] = result
        return whole

    def product(self, v: FloatArray, tau: float) -> FloatArray:
        """Return ``Cov(b, b^T v) / tau`` for the random subset b, (n,)."""
        v = v.reshape(-1)
        if self.open is None:
            return covariance_product(self.groups, self.theta, self.mass, v, tau)
        whole = np.zeros_like(self.s)
        if self.open.size:
            along = v[self.open]
            whole[self.open] = covariance_product(self.groups, self.theta, self.mass, along, tau)
        return whole
