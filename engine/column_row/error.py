"""Error of a column-row approximation, its floor, and what sampling gives on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.column_row.products import (
    checked_pair,
    pair_norms,
    product_norm,
    product_singular_values,
)
from engine.column_row.selection import Selection, sampling_probabilities, select_pairs
from engine.column_row.weights import fit_weights
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.spectrum.checks import check_rank
from engine.spectrum.curves import FloatArray, ldexp
from engine.spectrum.lowrank import pseudo_inverse


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
    >>> x, y = np.array([[3.0, 0.0], [0.0, 4.0]]), np.eye(2)
    >>> approximation_error(x, y, select_pairs(x, y, 1))
    ApproximationError(absolute=3.0, relative=0.6)
    """
    left, right, exponent = checked_pair(x, y)
    pairs = left.shape[1]
    if pick.indices.size and not 0 <= pick.indices.min() <= pick.indices.max() < pairs:
        raise ArgumentError("pick", pick.indices, f"indices in [0, {pairs - 1}]")
    if pick.weights.ndim == 1:
        # What is left of each term: 1 - weight where chosen. A full selection leaves exact zeros.
        remaining = np.ones(pairs)
        np.subtract.at(remaining, pick.indices, pick.weights)
        used = np.flatnonzero(remaining)
        error = product_norm(left[:, used] * remaining[used], right[used])
    else:
        error = _full_error(left, right, pick)
    whole = product_norm(left, right)
    relative = error / whole if whole > 0.0 else (0.0 if error == 0.0 else np.inf)
    return ApproximationError(float(ldexp(error, exponent)), float(relative))


def _full_error(x: FloatArray, y: FloatArray, pick: Selection) -> float:
    """Error of a full weight matrix, split so that nothing cancels.

    ``X Y - C L R = (X - C C^+ X) Y + C (C^+ X Y - L R)``: the parts have orthogonal columns.
    """
    columns, rows = x[:, pick.indices], y[pick.indices]
    coefficients = pseudo_inverse(columns) @ x
    outside = product_norm(np.asarray(x - columns @ coefficients), y)
    inside = product_norm(columns, np.asarray(coefficients @ y - pick.weights @ rows))
    return float(np.hypot(outside, inside))


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
    left, right, exponent = checked_pair(x, y)
    values = np.zeros(left.shape[1])
    found = product_singular_values(left, right)
    values[: found.size] = found
    tail = np.hypot.accumulate(np.concatenate(([0.0], values[::-1])))[::-1]
    return ldexp(tail, exponent)


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
    left, right, exponent = checked_pair(x, y)
    draws = check_rank("r", r, 2**62)
    if draws < 1:
        raise ArgumentError("r", r, "an integer of at least 1")
    p = sampling_probabilities(left, right, strategy)
    squares = pair_norms(left, right) ** 2
    second = float(np.sum(np.divide(squares, p, out=np.zeros_like(p), where=p > 0.0)))
    variance = max(second - product_norm(left, right) ** 2, 0.0) / draws
    return float(ldexp(variance, 2 * exponent))


def sampling_errors(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    r: int,
    strategy: str = "norm_sampling",
    *,
    trials: int = 100,
    seed: int = 0,
    progress: Progress | None = None,
) -> FloatArray:
    """Frobenius errors of repeated sampling, for a mean and a band beside the formula.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)
    r : int
        Number of draws, at least 1.
    strategy : {"norm_sampling", "uniform"}
    trials : int
        At least 1.
    seed : int
        Each trial has its own seed drawn from this one.
    progress : Progress, optional

    Returns
    -------
    ndarray of shape (trials,), float64
        The mean of the squares tends to `expected_sampling_error`.

    Raises
    ------
    ArgumentError, DataError
        As `expected_sampling_error`, and for ``trials`` below 1.
    Cancelled
        Between trials.

    References
    ----------
    Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006).

    Examples
    --------
    >>> import numpy as np
    >>> sampling_errors(np.eye(2), np.eye(2), 1, trials=3).round(12).tolist()
    [1.414213562373, 1.414213562373, 1.414213562373]
    """
    if strategy not in ("norm_sampling", "uniform"):
        raise ArgumentError("strategy", strategy, "'uniform' or 'norm_sampling'")
    if trials < 1:
        raise ArgumentError("trials", trials, "an integer of at least 1")
    seeds = np.random.SeedSequence(seed).generate_state(trials, np.uint64)
    errors = np.empty(trials)
    for trial in range(trials):
        checkpoint(progress, trial / trials, f"sampling {trial + 1} of {trials}")
        pick = select_pairs(x, y, r, strategy, seed=int(seeds[trial]))
        errors[trial] = approximation_error(x, y, pick).absolute
    return errors


def error_curve(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    ranks: npt.ArrayLike,
    strategy: str = "norm",
    weights: str | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> FloatArray:
    """Frobenius error against r for one selection and one kind of weights.

    Parameters
    ----------
    x : array_like of shape (n, l)
    y : array_like of shape (l, m)
    ranks : array_like of shape (q,), int
    strategy : str
        Key in ``STRATEGIES``.
    weights : {None, "identity", "diagonal", "full"}
        None keeps the strategy's own (1, or 1/(r p) for sampling, or the soft mask).
    seed : int
    progress : Progress, optional

    Returns
    -------
    ndarray of shape (q,), float64
        In the units of X Y.

    Raises
    ------
    ArgumentError, DataError
        As `select_pairs` and `fit_weights`.
    Cancelled
        Between ranks.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> error_curve(np.diag([3.0, 4.0]), np.eye(2), [0, 1, 2]).tolist()
    [5.0, 3.0, 0.0]
    """
    wanted = np.atleast_1d(np.asarray(ranks))
    errors = np.empty(wanted.size)
    for i, r in enumerate(wanted.tolist()):
        checkpoint(progress, i / wanted.size, f"rank {r}")
        pick = select_pairs(x, y, r, strategy, seed=seed)
        if weights is not None:
            pick = fit_weights(x, y, pick, weights)
        errors[i] = approximation_error(x, y, pick).absolute
    return errors
