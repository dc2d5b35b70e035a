"""log p of GradTopK where p is below all numbers: symmetric polynomials by logarithms."""

from __future__ import annotations

import numpy as np

from engine.topk.semantics import FloatArray, Rows

__all__ = ["log_values"]

_TINY = 1e-9  # p above have their digits; what is added up to those below is larger than they are
_ROOM = 1 << 20  # numbers in the tables of rows that are worked out together


def log_values(rows: Rows, p: FloatArray, cells: int) -> FloatArray:
    """Return log p, (m, n).

    Parameters
    ----------
    rows : Rows
        The rows.
    p : ndarray (m, n)
        The value.
    cells : int
        How large ``n k`` may be for a row to be worked out again; small p of larger ones are those
        of coins that are not conditioned, and -inf where p is 0.
    """
    with np.errstate(divide="ignore"):
        result: FloatArray = np.log(p)
    kept = rows.scores > -np.inf
    small, sizes, ks = kept & (p < _TINY), np.count_nonzero(kept, axis=1), rows.all_k()
    again = small.any(axis=1) & (ks > 0.0) & (ks < sizes) & (sizes * ks <= cells)
    for size, k in np.unique(np.stack([sizes[again], ks[again]]), axis=1).T:
        alike = np.flatnonzero(again & (sizes == size) & (ks == k))
        step = max(1, int(_ROOM / (size * (k + 1.0))))
        for group in (alike[i : i + step] for i in range(0, alike.size, step)):
            x = rows.scores[group][kept[group]].reshape(group.size, int(size))
            logs = np.empty(rows.scores[group].shape)
            logs[kept[group]] = _of_rows(_scaled(x, rows.tau), int(k)).ravel()
            result[group] = np.where(small[group], logs, result[group])
    return result


def _scaled(x: FloatArray, tau: float) -> FloatArray:
    with np.errstate(all="ignore"):
        z: FloatArray = np.clip((x - x.max(axis=1, keepdims=True)) / tau, -1e300, 0.0)
    return z


def _of_rows(z: FloatArray, k: int) -> FloatArray:
    """Return log p, (m, n): ``p_i = e^z_i e_{k-1}(the others) / e_k``, by prefixes and suffixes."""
    before, after = _prefixes(z.T, k), _prefixes(z.T[::-1], k)[::-1]
    terms = before[:-1, :, :k] + after[1:, :, k - 1 :: -1][:, :, :k]
    others = np.logaddexp.reduce(terms, axis=2).T
    result: FloatArray = np.minimum(z + others - before[-1, :, k, None], 0.0)
    return result


def _prefixes(z: FloatArray, k: int) -> FloatArray:
    """Return log e_j of the first i scores of each row, (n + 1, m, k + 1), given (n, m)."""
    n, m = z.shape
    table = np.full((n + 1, m, k + 1), -np.inf)
    table[0, :, 0] = 0.0
    for i, scores in enumerate(z):
        table[i + 1] = table[i]
        table[i + 1, :, 1:] = np.logaddexp(table[i, :, 1:], table[i, :, :-1] + scores[:, None])
    return table
