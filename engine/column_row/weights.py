"""How to weigh chosen pairs: identity, the best diagonal, the best full matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cho_factor, cho_solve, get_lapack_funcs, pinvh

from engine.column_row.products import unit_vectors
from engine.column_row.selection import Selection
from engine.column_row.terms import Terms, shares
from engine.errors import ArgumentError
from engine.sentences import one_of
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.lowrank.fits import pseudo_inverse

WEIGHTS = ("identity", "diagonal", "full")
# Above it the solution keeps half of its digits or more.
_WELL_CONDITIONED = 1e-8
# Of the largest term: what no sum can show would need weights of any size between short vectors.
_INVISIBLE = float(np.finfo(np.float64).eps) ** 2


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
        where there are several; full: ``C^+ X Y R^+`` where C and R have
        full rank, else a matrix as good.

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
    return weigh_terms(Terms(x, y), pick, kind)


def weigh_terms(terms: Terms, pick: Selection, kind: str) -> Selection:
    """Do what `fit_weights` does, for terms that serve several questions.

    Examples
    --------
    >>> from engine.column_row.selection import select_terms
    >>> terms = Terms([[2.0, 1.0]], [[2.0], [1.0]])
    >>> pick = select_terms(terms, 1, "norm", {})
    >>> weigh_terms(terms, pick, "diagonal").weights.round(12).tolist()
    [1.25]
    """
    if kind not in WEIGHTS:
        raise ArgumentError("kind", kind, one_of(WEIGHTS))
    indices = pick.indices
    if kind == "identity" or indices.size == 0:
        return replace(pick, weights=np.ones(indices.size))
    if kind == "diagonal":
        return replace(pick, weights=_diagonal(terms, indices))
    return replace(pick, weights=_full(terms, indices))


def _full(terms: Terms, indices: npt.NDArray[np.intp]) -> FloatArray:
    """Least-squares matrix L between the chosen columns C and rows R.

    With the chosen terms as they are, only the others are projected onto C and R, whose vectors
    have length 1 meanwhile: both for the reasons given in `_diagonal`.
    """
    left_out = terms.left_out(indices)
    columns, widths = unit_vectors(terms.left[:, indices], 0)
    rows, heights = unit_vectors(terms.right[indices], 1)
    change = pseudo_inverse(columns) @ terms.left[:, left_out]
    change = change @ (terms.right[left_out] @ pseudo_inverse(rows))
    change[np.abs(change) <= _INVISIBLE * terms.norms.max()] = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        change = change * widths.T * heights.T
    change[~np.isfinite(change)] = 0.0
    return np.asarray(np.diag(shares(indices)) + change)


def _diagonal(terms: Terms, indices: npt.NDArray[np.intp]) -> FloatArray:
    """Least-squares weights of the chosen terms.

    Terms are divided by their norms first: a pseudo-inverse cutoff would otherwise discard a pair
    for being small, not for being dependent. Solving for the change from ``L = I``, which only the
    terms left out cause, keeps large chosen terms from drowning the weights of small ones.
    """
    inner = terms.inner(indices)
    norms = np.sqrt(np.maximum(np.diag(inner[:, indices]), 0.0))
    unit = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0.0)
    correlation = inner[:, indices] * unit[:, None] * unit[None, :]
    target = inner[:, terms.left_out(indices)].sum(axis=1) * unit
    return np.asarray(shares(indices) + _least_change(correlation, target) * unit)


def _least_change(correlation: FloatArray, target: FloatArray) -> FloatArray:
    """Smallest least-squares solution; eigenvalues only where a triangle will not do."""
    try:
        factor = cho_factor(correlation, lower=True, check_finite=False)
        (condition,) = get_lapack_funcs(("pocon",), (correlation,))
        reciprocal = condition(factor[0], float(np.abs(correlation).sum(axis=0).max()), uplo="L")[0]
    except LinAlgError:  # dependent terms
        reciprocal = 0.0
    if reciprocal > _WELL_CONDITIONED:
        return np.asarray(cho_solve(factor, target, check_finite=False))
    cutoff = 4.0 * target.size * float(np.finfo(np.float64).eps)
    return np.asarray(pinvh(correlation, rtol=cutoff, atol=0.0) @ target)
