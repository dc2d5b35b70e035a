"""log p of GradTopK where p is below all numbers: symmetric polynomials by logarithms."""

from __future__ import annotations

import numpy as np

from engine.topk.semantics import FloatArray, Rows

__all__ = ["log_values"]

_TINY = 1e-250  # p above have their digits


def log_values(rows: Rows, p: FloatArray, cells: int) -> FloatArray:
    """Return log p, (m, n).

    Parameters
    ----------
    rows : Rows
        The rows.
    p : ndarray (m, n)
        The value.
    cells : int
        How large ``n k`` may be for a row to be worked out again; p that are below all numbers in
        larger ones have -inf.
    """
    with np.errstate(divide="ignore"):
        result: FloatArray = np.log(p)
    kept = rows.scores > -np.inf
    sizes = np.count_nonzero(kept, axis=1)
    for index in np.flatnonzero((kept & (p < _TINY)).any(axis=1)):
        k = round(rows.k_of(int(index)))
        if 0 < k < sizes[index] and sizes[index] * k <= cells:
            x = rows.scores[index, kept[index]]
            with np.errstate(all="ignore"):
                z = np.clip((x - x.max()) / rows.tau, -1e300, 0.0)
                result[index, kept[index]] = _of_row(z, k)
    return result


def _of_row(z: FloatArray, k: int) -> FloatArray:
    """Return log p, (n,): ``p_i = e^z_i e_{k-1}(the others) / e_k``, from prefixes and suffixes."""
    before, after = _prefixes(z, k), _prefixes(z[::-1], k)[::-1]
    terms = before[:-1, :k] + after[1:, k - 1 :: -1][:, :k]
    peak = terms.max(axis=1)
    peak = np.where(np.isfinite(peak), peak, 0.0)
    others = peak + np.log(np.exp(terms - peak[:, None]).sum(axis=1))
    result: FloatArray = np.minimum(z + others - before[-1, k], 0.0)
    return result


def _prefixes(z: FloatArray, k: int) -> FloatArray:
    """Return log e_j of the first i scores, (n + 1, k + 1)."""
    table = np.full((z.size + 1, k + 1), -np.inf)
    table[0, 0] = 0.0
    for i, score in enumerate(z):
        table[i + 1] = table[i]
        table[i + 1, 1:] = np.logaddexp(table[i, 1:], table[i, :-1] + score)
    return table
