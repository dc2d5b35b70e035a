"""Errors against r: whole curves of one strategy, and of repeated sampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_seed
from engine.column_row.error import as_error, least_full_error, terms_error
from engine.column_row.selection import (
    STRATEGIES,
    Options,
    Selection,
    sampling_probabilities,
    select_terms,
)
from engine.column_row.terms import Terms
from engine.column_row.weights import WEIGHTS, weigh_terms
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import one_of
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray, ldexp


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
    draws = check_rank("r", r, 2**62)
    return sampling_curve(Terms(x, y), [draws], strategy, trials, seed, progress)[:, 0]


def sampling_curve(
    terms: Terms,
    draws: npt.ArrayLike,
    strategy: str,
    trials: int,
    seed: int,
    progress: Progress | None = None,
) -> FloatArray:
    """Frobenius errors of repeated sampling for several numbers of draws.

    The first r of one sequence of draws are r draws: every trial walks through r once.

    Parameters
    ----------
    terms : Terms
    draws : array_like of shape (q,), int
        Ascending.
    strategy : {"norm_sampling", "uniform"}
    trials, seed : int
    progress : Progress, optional

    Returns
    -------
    ndarray of shape (trials, q), float64
        In the units of X Y.

    Raises
    ------
    ArgumentError
        For another strategy, draws out of order, trials below 1 or a negative seed.
    Cancelled
        Between trials.

    References
    ----------
    Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006).

    Examples
    --------
    >>> sampling_curve(Terms([[2.0, 2.0]], [[1.0], [1.0]]), [1, 3], "uniform", 2, 0).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    trials = check_rank("trials", trials, 2**31, least=1)
    wanted = _ascending(draws)
    p = sampling_probabilities(terms.norms, strategy)
    product = terms.left @ terms.right
    seeds = np.random.SeedSequence(check_seed(seed)).generate_state(trials, np.uint64)
    errors = np.empty((trials, wanted.size))
    for trial in range(trials):
        checkpoint(
            progress, trial / trials, "sampling {trial} of {trials}", trial=trial + 1, trials=trials
        )
        drawn = np.random.default_rng(int(seeds[trial])).choice(p.size, int(wanted.max()), p=p)
        total = np.zeros_like(product)
        start = 0
        for place, r in enumerate(wanted.tolist()):
            part = drawn[start:r]
            total += (terms.left[:, part] / p[part]) @ terms.right[part]
            start = r
            errors[trial, place] = np.linalg.norm(product - total / max(r, 1))
    return ldexp(errors, terms.exponent)


def _ascending(draws: npt.ArrayLike) -> npt.NDArray[np.intp]:
    allowed = "an ascending list of integers of at least 0"
    given = np.asarray(draws, dtype=object)
    if given.ndim != 1 or not given.size:
        raise ArgumentError("draws", draws, allowed)
    wanted = [check_rank("draws", r, 2**62) for r in given]
    if wanted != sorted(wanted):
        raise ArgumentError("draws", draws, allowed)
    return np.array(wanted, dtype=np.intp)


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
    options = {"seed": check_seed(seed), "operator": "sigmoid", "tau": 0.1}
    errors = terms_curve(Terms(x, y), ranks, strategy, weights, options, progress)
    return np.asarray([error.absolute for error in errors])


def terms_curve(
    terms: Terms,
    ranks: npt.ArrayLike,
    strategy: str,
    weights: str | None,
    options: Options,
    progress: Progress | None = None,
) -> list[Any]:
    """Do what `error_curve` does, for terms that serve several questions.

    Parameters
    ----------
    terms : Terms
    ranks : array_like of shape (q,), int
    strategy, weights
        As for `error_curve`.
    options : mapping
        ``seed`` for sampling, ``operator`` and ``tau`` for the soft mask.
    progress : Progress, optional

    Returns
    -------
    list of ApproximationError

    Raises
    ------
    ArgumentError
        As `select_pairs` and `fit_weights`.
    Cancelled
        Between ranks.

    Examples
    --------
    >>> terms = Terms([[3.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    >>> [error.relative for error in terms_curve(terms, [0, 1, 2], "norm", "full", {})]
    [1.0, 0.6, 0.0]
    """
    if weights is not None and weights not in WEIGHTS:
        raise ArgumentError("weights", weights, one_of(WEIGHTS))
    wanted = np.atleast_1d(np.asarray(ranks)).tolist()
    picks = []
    for i, r in enumerate(wanted):
        checkpoint(
            progress,
            0.5 * i / len(wanted),
            "choosing {count} of {pairs} pairs",
            count=r,
            pairs=terms.pairs,
        )
        picks.append(select_terms(terms, r, strategy, options))
    plain = weights == "identity" or (weights is None and not STRATEGIES[strategy].weighted)
    if plain and not STRATEGIES[strategy].random:
        return _left_out(terms, picks, progress)
    errors = []
    for i, pick in enumerate(picks):
        checkpoint(progress, 0.5 + 0.5 * i / len(wanted), "error of {count} pairs", count=pick.r)
        errors.append(_one_error(terms, pick, weights))
    return errors


def _one_error(terms: Terms, pick: Selection, weights: str | None) -> Any:
    if weights == "full":
        return as_error(terms, least_full_error(terms, pick.indices))
    return terms_error(terms, pick if weights is None else weigh_terms(terms, pick, weights))


def _left_out(terms: Terms, picks: list[Selection], progress: Progress | None) -> list[Any]:
    """Errors of selections with weights 1: norms of the sums of what each leaves out.

    From the largest selection down, each sum is the last one plus what was newly left out, so
    that a nested family costs one product.
    """
    sums = np.zeros((terms.left.shape[0], terms.right.shape[1]))
    inside = np.ones(terms.pairs, dtype=bool)
    found: dict[int, Any] = {}
    for i, place in enumerate(sorted(range(len(picks)), key=lambda j: -picks[j].r)):
        checkpoint(
            progress, 0.5 + 0.5 * i / len(picks), "error of {count} pairs", count=picks[place].r
        )
        now = np.zeros(terms.pairs, dtype=bool)
        now[picks[place].indices] = True
        for sign, changed in ((1.0, inside & ~now), (-1.0, now & ~inside)):
            if changed.any():
                sums += sign * (terms.left[:, changed] @ terms.right[changed])
        inside = now
        found[place] = as_error(terms, float(np.linalg.norm(sums)))
    return [found[place] for place in range(len(picks))]
