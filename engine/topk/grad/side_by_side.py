"""Tables of GradTopK for many short rows at once, compiled; see `tables` for what they hold.

Each step is one of vectors: what is next to each other in a table belongs to different rows.  A
coin that is decided changes nothing in a table, and is not left out of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.topk.compiled.constants import CERTAIN
from engine.topk.compiled.jit import compiled, part
from engine.topk.grad.tables import rare_side
from engine.topk.semantics import FloatArray

__all__ = ["products", "values"]


@part
def _toss(
    s: FloatArray, f: FloatArray, k: int, ks: FloatArray, first: int, coins: FloatArray,
    rare: FloatArray, shown: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write the chances of the rows from first on: of heads, or of tails where they are fewer.

    In ``shown`` is how many coins of a row show that side, or -1 less that number for tails.
    """
    n = s.shape[1]
    for lane in range(coins.shape[1]):
        if first + lane >= s.shape[0]:  # no row: nothing is tossed
            coins[:, lane] = 0.0
            shown[lane] = 0
            continue
        heads = int(ks[first + lane]) if ks.size else k
        turned = heads > n - heads
        shown[lane] = heads - n - 1 if turned else heads
        for c in range(n):
            chance = s[first + lane, c]
            q = rare_side(chance, f[first + lane, c])
            rare[c, lane] = q
            q = q if q > CERTAIN else 0.0
            coins[c, lane] = 1.0 - q if (chance >= 0.5) != turned else q


@part
def _number(shown: int) -> int:
    return shown if shown >= 0 else -1 - shown


@part
def _forward(table: FloatArray, c: int, coins: FloatArray) -> None:
    """Fill the next row of a table of chances."""
    width, lanes = table.shape[1], table.shape[2]
    old, new, chance = table[c], table[c + 1], coins[c]
    for lane in range(lanes):
        new[0, lane] = (1.0 - chance[lane]) * old[0, lane]
    for j in range(1, width):
        for lane in range(lanes):
            s = chance[lane]
            new[j, lane] = (1.0 - s) * old[j, lane] + s * old[j - 1, lane]


@part
def _back(chances: FloatArray, b: FloatArray, coin: FloatArray, sums: FloatArray) -> None:
    """Add a coin to the chances of the rest, stored from k downwards.

    Writes the chance that it shows its rare side and k are shown, over that of the rare side.
    """
    width, lanes = chances.shape
    for lane in range(lanes):
        sums[lane] = 0.0
    for j in range(width):
        here, next_, before = b[j], b[j + 1], chances[j]
        for lane in range(lanes):
            s, same, other = coin[lane], here[lane], next_[lane]
            sums[lane] += before[lane] * (other if s < 0.5 else same)
            here[lane] = (1.0 - s) * same + s * other


@compiled
def values(
    s: FloatArray, f: FloatArray, k: int, ks: FloatArray, lanes: int, width: int, p: FloatArray
) -> None:
    """Write p of each row, given s and ``s (1 - s)`` of its coins; k of all rows, or each in ks.

    ``width`` is how many counts a table holds: of the side that fewer coins show.
    """
    rows, n = s.shape
    table, b = np.zeros((n + 1, width, lanes)), np.zeros((width + 1, lanes))
    coins, rare = np.zeros((n, lanes)), np.zeros((n, lanes))
    shown, sums, scale = np.zeros(lanes, np.int64), np.zeros(lanes), np.zeros(lanes)
    table[0, 0] = 1.0
    for first in range(0, rows, lanes):
        _toss(s, f, k, ks, first, coins, rare, shown)
        for c in range(n):
            _forward(table, c, coins)
        b[:] = 0.0
        for lane in range(lanes):
            total = table[n, _number(shown[lane]), lane]
            scale[lane] = 1.0 / total if total > 0.0 else 0.0  # 0 where all is masked
            b[_number(shown[lane]), lane] = 1.0
        count = min(lanes, rows - first)
        for c in range(n - 1, -1, -1):
            _back(table[c], b, coins[c], sums)
            for lane in range(count):
                few, turned = coins[c, lane] < 0.5, shown[lane] < 0
                found = min(rare[c, lane] * sums[lane] * scale[lane], 1.0)
                p[first + lane, c] = found if few != turned else 1.0 - found


@compiled
def products(
    s: FloatArray, f: FloatArray, p: FloatArray, k: int, ks: FloatArray, v: FloatArray,
    scale: float, lanes: int, width: int, out: FloatArray,
) -> None:  # fmt: skip
    """Write the covariance of the subset times ``v scale`` of each row."""
    rows, n = s.shape
    table, b = np.zeros((n + 1, width, lanes)), np.zeros((width + 1, lanes))
    means, d = np.zeros((n + 1, width, lanes)), np.zeros((width + 1, lanes))
    coins, rare, along = np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes))
    shown, sums, factor = np.zeros(lanes, np.int64), np.zeros(lanes), np.zeros(lanes)
    table[0, 0] = 1.0
    for first in range(0, rows, lanes):
        _toss(s, f, k, ks, first, coins, rare, shown)
        count = min(lanes, rows - first)
        for lane in range(count):
            _centre(p[first + lane], v[first + lane], shown[lane] < 0, rare, lane, along)
        for c in range(n):
            _forward(table, c, coins)
            _mean_forward(table, means, c, coins, along)
        b[:] = 0.0
        d[:] = 0.0
        for lane in range(lanes):
            total = table[n, _number(shown[lane]), lane]
            factor[lane] = scale / total if total > 0.0 else 0.0
            b[_number(shown[lane]), lane] = 1.0
        for c in range(n - 1, -1, -1):
            _mean_back(table[c], means[c], b, d, coins[c], along[c], sums)
            for lane in range(count):
                q = rare[c, lane] if rare[c, lane] > CERTAIN else 0.0
                signed = q if coins[c, lane] < 0.5 else -q
                out[first + lane, c] = signed * sums[lane] * factor[lane]


@part
def _centre(
    p: FloatArray, v: FloatArray, turned: bool, rare: FloatArray, lane: int, along: FloatArray
) -> None:
    """Write v less its mean under p, or ``1 - p``, over coins that are open; 0 for the others."""
    mean = all_ = 0.0
    for c in range(p.size):
        if rare[c, lane] > CERTAIN:
            share = 1.0 - p[c] if turned else p[c]
            mean += share * v[c]
            all_ += share
    mean = mean / all_ if all_ > 0.0 else 0.0
    for c in range(p.size):
        along[c, lane] = v[c] - mean if rare[c, lane] > CERTAIN else 0.0


@part
def _mean_forward(
    table: FloatArray, means: FloatArray, c: int, coins: FloatArray, along: FloatArray
) -> None:
    """Fill the next row of the companions of a table."""
    width, lanes = table.shape[1], table.shape[2]
    chances, old, new, chance, u = table[c], means[c], means[c + 1], coins[c], along[c]
    for lane in range(lanes):
        new[0, lane] = (1.0 - chance[lane]) * old[0, lane]
    for j in range(1, width):
        for lane in range(lanes):
            s = chance[lane]
            gained = old[j - 1, lane] + u[lane] * chances[j - 1, lane]
            new[j, lane] = (1.0 - s) * old[j, lane] + s * gained


@part
def _mean_back(
    chances: FloatArray, means: FloatArray, b: FloatArray, d: FloatArray, coin: FloatArray,
    along: FloatArray, sums: FloatArray,
) -> None:  # fmt: skip
    """Add a coin to the chances of the rest and to their companions.

    Writes the mean of the sum of u where the coin shows its rare side, times the chance of k.
    """
    width, lanes = chances.shape
    for lane in range(lanes):
        sums[lane] = 0.0
    for j in range(width):
        here, next_, mean_here, mean_next = b[j], b[j + 1], d[j], d[j + 1]
        before, mean_before = chances[j], means[j]
        for lane in range(lanes):
            s, u, same, other = coin[lane], along[lane], here[lane], next_[lane]
            mean, mean_other, chance = mean_here[lane], mean_next[lane], before[lane]
            few = s < 0.5
            own = mean_before[lane] + (u if few else 0.0) * chance
            there, mean_there = other if few else same, mean_other if few else mean
            sums[lane] += own * there + chance * mean_there
            mean_here[lane] = (1.0 - s) * mean + s * (mean_other + u * other)
            here[lane] = (1.0 - s) * same + s * other
