"""Error of a column-row approximation, its floor, and what sampling gives on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr

from engine.column_row.products import product_norm, product_singular_values, unit_vectors
from engine.column_row.selection import Selection, sampling_probabilities
from engine.column_row.terms import Terms, shares
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray, ldexp


class ApproximationError(NamedTuple):
    """``||X Y - C L R||_F`` and the same over ``||X Y||_F`` (0 for X Y = 0 met, inf if not)."""

    absolute: float
    relative: float


def approximation_error(x: npt.ArrayLike, y: npt.ArrayLike, pick: Selection) -> ApproximationError:
    """Frobenius error of a selection with its weights; X Y is never stored.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)
    pick : Selection
        From `select_pairs`, perhaps through `fit_weights`.

    Returns
    -------
    ApproximationError
        ``absolute`` in the units of X Y, and ``relative``.

    Raises
    ------
    ArgumentError
        If the factors or the selection do not fit.
    DataError
        If a factor has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.column_row import select_pairs
    >>> x, y = np.array([[3.0, 0.0], [0.0, 4.0]]), np.eye(2)
    >>> approximation_error(x, y, select_pairs(x, y, 1))
    ApproximationError(absolute=3.0, relative=0.6)
    """
    return terms_error(Terms(x, y), pick)


def terms_error(terms: Terms, pick: Selection) -> ApproximationError:
    """Do what `approximation_error` does, for terms that serve several questions.

    Examples
    --------
    >>> from engine.column_row.selection import select_terms
    >>> terms = Terms([[3.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    >>> terms_error(terms, select_terms(terms, 1, "norm", {})).relative
    0.6
    """
    pairs = terms.pairs
    if pick.indices.size and not 0 <= pick.indices.min() <= pick.indices.max() < pairs:
        raise ArgumentError("pick", pick.indices, say("indices in [0, {last}]", last=pairs - 1))
    if pick.weights.ndim == 1:
        # What is left of each term: 1 - weight where chosen. A full selection leaves exact zeros.
        remaining = np.ones(pairs)
        np.subtract.at(remaining, pick.indices, pick.weights)
        error = terms.weighted_norm(remaining)
    else:
        error = _full_error(terms, pick)
    return as_error(terms, error)


def as_error(terms: Terms, error: float) -> ApproximationError:
    """Return an error in the units of ``terms`` as absolute and relative error of the product.

    Examples
    --------
    >>> as_error(Terms([[6.0]], [[0.5]]), 0.25)
    ApproximationError(absolute=2.0, relative=0.6666666666666666)
    """
    whole = terms.total
    relative = error / whole if whole > 0.0 else (0.0 if error == 0.0 else np.inf)
    return ApproximationError(float(ldexp(error, terms.exponent)), float(relative))


def _full_error(terms: Terms, pick: Selection) -> float:
    """Error of a full weight matrix; chosen terms it leaves as they are cancel exactly.

    ``X Y - C L R = X_o Y_o + C (D - L) R`` with o the terms left out and D the weights of the
    chosen ones in X Y itself: 1, shared between repeated ones.
    """
    left_out = terms.left_out(pick.indices)
    missing = np.diag(shares(pick.indices)) - pick.weights
    columns = np.hstack((terms.left[:, left_out], terms.left[:, pick.indices]))
    rows = np.vstack((terms.right[left_out], missing @ terms.right[pick.indices]))
    return product_norm(columns, rows)


def least_full_error(terms: Terms, indices: npt.NDArray[np.intp]) -> float:
    """Error of the best full weights for chosen pairs, without forming the weights.

    ``X Y`` minus its part in the span of the chosen columns and rows: with orthonormal bases P and
    Q of these, ``||X Y - P P^T X Y||_F`` and ``||P^T X Y (I - Q Q^T)||_F`` are orthogonal.

    Parameters
    ----------
    terms : Terms
    indices : ndarray of shape (r,), intp

    Returns
    -------
    float
        In the units of ``terms``.

    References
    ----------
    Su, kexue.fm/archives/10427: L = C^+ X Y R^+.

    Examples
    --------
    >>> terms = Terms([[3.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    >>> least_full_error(terms, np.array([1])) * 2.0**terms.exponent
    3.0
    """
    if indices.size == 0:
        return terms.total
    x, y = terms.left, terms.right
    columns, rows = _basis(x[:, indices]), _basis(y[indices].T)
    inside = columns.T @ x
    outside = product_norm(np.asarray(x - columns @ inside), y)
    within = inside @ y
    return float(np.hypot(outside, np.linalg.norm(within - (within @ rows) @ rows.T)))


def _basis(vectors: FloatArray) -> FloatArray:
    """Orthonormal basis of the span, by pivoted QR; small vectors count like large ones."""
    unit, _ = unit_vectors(vectors, 0)
    q, triangle, _ = qr(unit, mode="economic", pivoting=True, check_finite=False)
    size = np.abs(np.diag(triangle))
    kept = size > 4.0 * max(vectors.shape) * np.finfo(np.float64).eps * size[0]
    return np.asarray(q[:, kept])


def truncation_floor(x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """Smallest Frobenius error of any rank-r matrix for X Y, r = 0 ... l.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)

    Returns
    -------
    ndarray of shape (l + 1,), float64
        ``sqrt(sum_{i>r} sigma_i(X Y)^2)``.

    Raises
    ------
    ArgumentError, DataError
        If the factors do not fit or are not finite.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936).

    Examples
    --------
    >>> import numpy as np
    >>> truncation_floor(np.diag([3.0, 4.0]), np.eye(2)).round(12).tolist()
    [5.0, 3.0, 0.0]
    """
    return terms_floor(Terms(x, y))


def terms_floor(terms: Terms) -> FloatArray:
    """Do what `truncation_floor` does, for terms that serve several questions.

    Examples
    --------
    >>> terms_floor(Terms([[3.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])).round(12).tolist()
    [5.0, 3.0, 0.0]
    """
    values = np.zeros(terms.pairs)
    found = product_singular_values(terms.left, terms.right)
    values[: found.size] = found
    tail = np.hypot.accumulate(np.concatenate(([0.0], values[::-1])))[::-1]
    return ldexp(tail, terms.exponent)


def expected_sampling_error(
    x: npt.ArrayLike, y: npt.ArrayLike, r: int, strategy: str = "norm_sampling"
) -> float:
    """Expected squared Frobenius error of sampling r pairs with replacement.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)
    r : int
        Number of draws, at least 1.
    strategy : {"norm_sampling", "uniform"}
        Which probabilities p.

    Returns
    -------
    float
        ``E ||X Y - C L R||_F^2 = (sum_i ||x_i||^2 ||y_i||^2 / p_i - ||X Y||_F^2) / r``; for norm
        sampling the sum is ``(sum_i ||x_i|| ||y_i||)^2``, which is the least possible.

    Raises
    ------
    ArgumentError
        If ``r`` is below 1, ``strategy`` is no sampling, or the factors do not fit.
    DataError
        If a factor has NaN or inf.

    References
    ----------
    Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006), lemmas 3 and 4.

    Examples
    --------
    >>> import numpy as np
    >>> round(expected_sampling_error(np.eye(2), np.eye(2), 4), 12)
    0.5
    """
    draws = check_rank("r", r, 2**62)
    if draws < 1:
        raise ArgumentError("r", r, "an integer of at least 1")
    terms = Terms(x, y)
    return float(ldexp(sampling_variance(terms, strategy) / draws, 2 * terms.exponent))


def sampling_variance(terms: Terms, strategy: str) -> float:
    """Expected squared error of a single draw, in the squared units of ``terms``.

    Examples
    --------
    >>> terms = Terms([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    >>> round(sampling_variance(terms, "uniform") * 4.0**terms.exponent, 12)
    2.0
    """
    p = sampling_probabilities(terms.norms, strategy)
    squares = terms.norms**2
    second = float(np.sum(np.divide(squares, p, out=np.zeros_like(p), where=p > 0.0)))
    return max(second - terms.total**2, 0.0)
