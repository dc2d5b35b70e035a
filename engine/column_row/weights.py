"""How to weigh chosen pairs: identity, the best diagonal, the best full matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import pinvh

from engine.column_row.products import checked_pair, term_gram
from engine.column_row.selection import Selection
from engine.errors import ArgumentError
from engine.spectrum.curves import FloatArray
from engine.spectrum.lowrank import pseudo_inverse

WEIGHTS = ("identity", "diagonal", "full")


def fit_weights(
    x: npt.ArrayLike, y: npt.ArrayLike, pick: Selection, kind: str = "diagonal"
) -> Selection:
    """Replace the weights of a selection by the best of a kind.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)
    pick : Selection
        Its indices stay; repeated ones share their weight.
    kind : {"identity", "diagonal", "full"}
        ``L = I``; diagonal: a solution of ``U^T U lam = U^T V 1``, the one nearest to 1
        where there are several; full: ``C^+ X Y R^+``.

    Returns
    -------
    Selection
        With weights of shape (q,), or (q, q) for ``full``.

    Raises
    ------
    ArgumentError
        If ``kind`` is unknown, or an argument does not fit.
    DataError
        If a factor has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.column_row import select_pairs
    >>> x, y = np.array([[2.0, 1.0]]), np.array([[2.0], [1.0]])
    >>> fit_weights(x, y, select_pairs(x, y, 1)).weights.round(12).tolist()
    [1.25]
    """
    if kind not in WEIGHTS:
        raise ArgumentError("kind", kind, "one of " + ", ".join(WEIGHTS))
    left, right, _ = checked_pair(x, y)
    indices = pick.indices
    if kind == "identity" or indices.size == 0:
        return replace(pick, weights=np.ones(indices.size))
    if kind == "diagonal":
        return replace(pick, weights=_diagonal(left, right, indices))
    columns, rows = left[:, indices], right[indices]
    full = (pseudo_inverse(columns) @ left) @ (right @ pseudo_inverse(rows))
    return replace(pick, weights=np.asarray(full))


def _diagonal(x: FloatArray, y: FloatArray, indices: npt.NDArray[np.intp]) -> FloatArray:
    """Least-squares weights of the chosen terms.

    Terms are divided by their norms first: a pseudo-inverse cutoff would otherwise discard a pair
    for being small, not for being dependent. Solving for the change from ``L = I``, which only the
    terms left out cause, keeps large chosen terms from drowning the weights of small ones.
    """
    inner = term_gram(x, y, indices)
    norms = np.sqrt(np.maximum(np.diag(inner[:, indices]), 0.0))
    unit = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0.0)
    correlation = inner[:, indices] * unit[:, None] * unit[None, :]
    cutoff = 4.0 * indices.size * float(np.finfo(np.float64).eps)
    left_out = np.setdiff1d(np.arange(x.shape[1]), indices)
    change = pinvh(correlation, rtol=cutoff, atol=0.0) @ (inner[:, left_out].sum(axis=1) * unit)
    _, place, copies = np.unique(indices, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / copies[place] + change * unit)
