"""GradTopK for short rows, compiled: how many of the first coins show heads, and of the rest.

With ``s_i`` the chance of heads and ``F_i(j)`` that of j heads among the first i coins,
``F_{i+1}(j) = (1 - s_i) F_i(j) + s_i F_i(j - 1)``; B is the same from the other end, and
``p_i = s_i sum_j F_i(j) B_{i+1}(k - 1 - j) / F_n(k)``.  All terms are positive, so the relative
error is a few roundings per coin, and what underflows is next to ``F_n(k) >= 1 / (n + 1)``.

For a product with the Jacobian every chance has a companion, the mean of ``sum u_i`` over the coins
that show heads, where that many do; with u less its mean under p nothing is left to subtract.
"""

from __future__ import annotations

import numpy as np

from engine.topk.compiled.constants import CERTAIN
from engine.topk.compiled.jit import compiled, part
from engine.topk.semantics import FloatArray

__all__ = ["products", "rare_side", "values"]


@part
def rare_side(s: float, f: float) -> float:
    """Return the chance of the rare side, given that of heads and ``s (1 - s)``."""
    return s if s < 0.5 else f / s


@part
def _undecided(
    s: FloatArray, f: FloatArray, k: int, coins: FloatArray, rare: FloatArray, index: FloatArray
) -> tuple[int, int, bool]:
    """Write the chances of each open coin, and its place.

    Returns how many there are, how many show heads, and whether heads and tails have changed
    their names so that heads are the fewer.
    """
    count, heads = 0, k
    for i in range(s.size):
        rare[count] = rare_side(s[i], f[i])
        if rare[count] > CERTAIN:
            index[count] = i
            count += 1
        elif s[i] >= 0.5:
            heads -= 1
    heads = min(max(heads, 0), count)
    turned = 2 * heads > count
    for c in range(count):
        often = (s[int(index[c])] >= 0.5) != turned
        coins[c] = 1.0 - rare[c] if often else rare[c]
    return count, count - heads if turned else heads, turned


@part
def _step(table: FloatArray, row: int, width: int, s: float) -> None:
    """Fill the next row of a table of chances."""
    old, new = table[row], table[row + 1]
    rest = 1.0 - s
    new[0] = rest * old[0]
    for j in range(1, width):
        new[j] = rest * old[j] + s * old[j - 1]


@part
def _back(b: FloatArray, width: int, s: float) -> None:
    """Add a coin to the chances of the rest, stored from k downwards."""
    rest = 1.0 - s
    for j in range(width):
        b[j] = rest * b[j] + s * b[j + 1]


@compiled
def values(s: FloatArray, f: FloatArray, k: int, ks: FloatArray, p: FloatArray) -> None:
    """Write p of each row, given s and ``s (1 - s)`` of its coins; k of all rows, or each in ks."""
    n = s.shape[1]
    coins, rare, index, b = np.empty(n), np.empty(n), np.empty(n), np.empty(n + 2)
    table = np.empty((1, 1))
    for r in range(s.shape[0]):
        out = p[r]
        out[:] = s[r]
        count, heads, turned = _undecided(
            s[r], f[r], int(ks[r]) if ks.size else k, coins, rare, index
        )
        if count == 0 or heads == 0:
            continue
        width = heads + 1
        if table.shape[0] < count + 1 or table.shape[1] < width:
            table = np.empty((n + 1, width))
        table[0, :] = 0.0
        table[0, 0] = 1.0
        for c in range(count):
            _step(table, c, width, coins[c])
        total = table[count, heads]
        b[: width + 1] = 0.0
        b[heads] = 1.0
        for c in range(count - 1, -1, -1):
            chance, before = coins[c], table[c]
            few = chance < 0.5
            sum_ = 0.0
            if few:
                for j in range(heads):
                    sum_ += before[j] * b[j + 1]
            else:
                for j in range(width):
                    sum_ += before[j] * b[j]
            found = min(rare[c] * sum_ / total, 1.0)
            out[int(index[c])] = found if few != turned else 1.0 - found
            _back(b, width, chance)


@compiled
def products(
    s: FloatArray, f: FloatArray, p: FloatArray, k: int, ks: FloatArray, v: FloatArray,
    scale: float, out: FloatArray,
) -> None:  # fmt: skip
    """Write the covariance of the subset times ``v scale`` of each row."""
    n = s.shape[1]
    coins, rare, index, along = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    b, d = np.empty(n + 2), np.empty(n + 2)
    table, means = np.empty((1, 1)), np.empty((1, 1))
    for r in range(s.shape[0]):
        result = out[r]
        result[:] = 0.0
        count, heads, turned = _undecided(
            s[r], f[r], int(ks[r]) if ks.size else k, coins, rare, index
        )
        if count == 0 or heads == 0:
            continue
        mean, all_ = 0.0, 0.0
        for c in range(count):
            i = int(index[c])
            share = 1.0 - p[r, i] if turned else p[r, i]
            mean += share * v[r, i]
            all_ += share
        mean /= all_
        for c in range(count):
            along[c] = v[r, int(index[c])] - mean
        width = heads + 1
        if table.shape[0] < count + 1 or table.shape[1] < width:
            table, means = np.empty((n + 1, width)), np.empty((n + 1, width))
        table[0, :] = 0.0
        table[0, 0] = 1.0
        means[0, :] = 0.0
        for c in range(count):
            _mean_step(table, means, c, width, coins[c], along[c])
            _step(table, c, width, coins[c])
        total = table[count, heads]
        b[: width + 1] = 0.0
        b[heads] = 1.0
        d[: width + 1] = 0.0
        for c in range(count - 1, -1, -1):
            chance, u = coins[c], along[c]
            few = chance < 0.5
            sum_ = _paired(table[c], means[c], b, d, width, few, u)
            signed = rare[c] if few else -rare[c]
            result[int(index[c])] = signed * sum_ / total * scale
            for j in range(width):
                d[j] = (1.0 - chance) * d[j] + chance * (d[j + 1] + u * b[j + 1])
            _back(b, width, chance)


@part
def _mean_step(
    table: FloatArray, means: FloatArray, row: int, width: int, s: float, u: float
) -> None:
    chances, old, new = table[row], means[row], means[row + 1]
    rest = 1.0 - s
    new[0] = rest * old[0]
    for j in range(1, width):
        new[j] = rest * old[j] + s * (old[j - 1] + u * chances[j - 1])


@part
def _paired(
    chances: FloatArray, means: FloatArray, b: FloatArray, d: FloatArray, width: int, few: bool,
    u: float,
) -> float:  # fmt: skip
    """Return the mean of the sum of u where a coin shows its rare side, times the chance of k."""
    total = 0.0
    if few:
        for j in range(width - 1):
            total += (means[j] + u * chances[j]) * b[j + 1] + chances[j] * d[j + 1]
    else:
        for j in range(width):
            total += means[j] * b[j] + chances[j] * d[j]
    return total
