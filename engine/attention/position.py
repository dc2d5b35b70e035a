"""How causal attention without position encoding still encodes position: in the norm.

Uniform causal attention averages, ``y_n = mean(v_1 ... v_n)``; for independent values of mean 0
and standard deviation s the output has RMS ``s / sqrt(n)``, which tells n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number, check_scale, check_seed
from engine.attention.weights import attention_weights
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.linalg.norms import FloatArray


@dataclass(frozen=True, eq=False)
class PositionCurve:
    """RMS of the attention output at each position, measured and predicted.

    Parameters
    ----------
    position : ndarray of shape (n,)
        1 ... n.
    rms : ndarray of shape (n,)
        Measured over all features and trials.
    standard_error : ndarray of shape (n,)
        Of ``rms``, from the spread between trials; 0 for a single trial.
    expected : ndarray of shape (n,)
        ``s / sqrt(position)``: exact for uniform causal attention.
    weighted : ndarray of shape (n,)
        ``s sqrt(mean sum_j a_nj^2)``: exact for any weights that do not depend on the values.
    """

    position: npt.NDArray[np.intp]
    rms: FloatArray
    standard_error: FloatArray
    expected: FloatArray
    weighted: FloatArray


def expected_rms(n: npt.ArrayLike, s: float = 1.0) -> FloatArray:
    """RMS ``s / sqrt(n)`` of the mean of n independent values of deviation s.

    Parameters
    ----------
    n : array_like
        Positions, from 1.
    s : float
        Standard deviation of the values.

    Returns
    -------
    ndarray of the shape of ``n``, float64

    Raises
    ------
    ArgumentError
        If a position is below 1.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> expected_rms([1, 4], 2.0).tolist()
    [2.0, 1.0]
    """
    return np.asarray(check_scale("s", s) / np.sqrt(_positions(n)))


def resolution(n: npt.ArrayLike, s: float = 1.0) -> FloatArray:
    """Step ``s / sqrt(n) - s / sqrt(n + 1)`` that tells position n from the next.

    Parameters
    ----------
    n : array_like
        Positions, from 1.
    s : float
        Standard deviation of the values.

    Returns
    -------
    ndarray of the shape of ``n``, float64
        Tends to ``s n^(-3/2) / 2``. Computed without cancellation.

    Raises
    ------
    ArgumentError
        If a position is below 1.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> resolution([1]).round(6).tolist()
    [0.292893]
    """
    x = _positions(n)
    here, there = np.sqrt(x), np.sqrt(x + 1.0)
    return np.asarray(check_scale("s", s) / (here * there * (here + there)))


def position_curve(
    length: int,
    *,
    kind: str = "uniform",
    causal: bool = True,
    features: int = 64,
    trials: int = 16,
    s: float = 1.0,
    score_spread: float = 1.0,
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
    seed: int = 0,
    progress: Progress | None = None,
) -> PositionCurve:
    """Measure the RMS of the attention output at each position on random values.

    Parameters
    ----------
    length : int
        n, at least 1.
    kind, causal, tau, k, operator
        As in `attention_weights`.
    features, trials : int
        Values per position and repetitions, at least 1.
    s : float
        Standard deviation of the normal values, > 0.
    score_spread : float
        Standard deviation of the normal scores, independent of the values, >= 0.
    seed : int
    progress : Progress, optional

    Returns
    -------
    PositionCurve

    Raises
    ------
    ArgumentError
        If a number is out of range.
    Cancelled
        Between trials.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> curve = position_curve(100, features=256, seed=1)
    >>> bool(abs(curve.rms[99] / 0.1 - 1.0) < 0.1)
    True
    """
    for name, count in (("length", length), ("features", features), ("trials", trials)):
        check_rank(name, count, 2**62, least=1)
    s = check_scale("s", s)
    allowed = "a finite number of at least 0"
    if not 0.0 <= as_number("score_spread", score_spread, allowed) < np.inf:
        raise ArgumentError("score_spread", score_spread, allowed)
    rng = np.random.default_rng(check_seed(seed))
    squares = np.empty((trials, length))
    concentration = np.zeros(length)
    for trial in range(trials):
        numbers = {"trial": trial + 1, "trials": trials}
        checkpoint(progress, trial / trials, "trial {trial} of {trials}", **numbers)
        values = rng.normal(size=(length, features))
        scores = score_spread * rng.normal(size=(length, length))
        weights = attention_weights(scores, kind, causal=causal, tau=tau, k=k, operator=operator)
        squares[trial] = np.mean((weights @ values) ** 2, axis=1)
        concentration += np.sum(weights**2, axis=1) / trials
    position = np.arange(1, length + 1, dtype=np.intp)
    rms = np.sqrt(squares.mean(axis=0))
    spread = squares.std(axis=0, ddof=1) / trials**0.5 if trials > 1 else np.zeros(length)
    # Delta method: the deviation of sqrt(q) is that of q over 2 sqrt(q).
    error = np.divide(spread, 2.0 * rms, out=np.zeros(length), where=rms > 0.0)
    return PositionCurve(
        position, s * rms, s * error, expected_rms(position, s), s * np.sqrt(concentration)
    )


def permutation_error(
    values: npt.ArrayLike,
    *,
    causal: bool,
    kind: str = "softmax",
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
    seed: int = 0,
) -> float:
    """How far attention is from treating its input as a set: ``max |f(P v) - P f(v)|``.

    The scores are ``v v^T / sqrt(d)``. Reordering the input of bidirectional attention reorders
    its output alike, and a mean over the output does not change; causal attention breaks this.

    Parameters
    ----------
    values : array_like of shape (n, d)
    causal : bool
        Whether position i sees only positions up to i.
    kind, tau, k, operator
        As in `attention_weights`.
    seed : int
        Of the permutation P.

    Returns
    -------
    float
        In the units of the values; rounding level for bidirectional attention.

    Raises
    ------
    ArgumentError, DataError
        As `attention_weights`.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.arange(12.0).reshape(6, 2)
    >>> permutation_error(v, causal=False) < 1e-12, permutation_error(v, causal=True) > 0.1
    (True, True)
    """
    v = finite_matrix("values", values)
    order = np.random.default_rng(check_seed(seed)).permutation(v.shape[0])

    def attend(rows: FloatArray) -> FloatArray:
        scores = rows @ rows.T / rows.shape[1] ** 0.5
        weights = attention_weights(scores, kind, causal=causal, tau=tau, k=k, operator=operator)
        return np.asarray(weights @ rows)

    return float(np.max(np.abs(attend(v[order]) - attend(v)[order])))


def _positions(n: npt.ArrayLike) -> FloatArray:
    x = np.asarray(n, dtype=np.float64)
    if not np.all(x >= 1.0):
        raise ArgumentError("n", n, "positions of at least 1")
    return x
