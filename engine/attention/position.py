"""How causal attention without position encoding still encodes position: in the norm.

Uniform causal attention averages, ``y_n = mean(v_1 ... v_n)``; for independent values of mean 0
and standard deviation s the output has RMS ``s / sqrt(n)``, which tells n.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_scale, check_seed
from engine.attention.checks import check_spread, positions, whole
from engine.attention.concentration import concentration
from engine.attention.weights import attention_weights, check_kind
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray, in_range


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
        If a position is below 1, NaN, infinite or no number.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> expected_rms([1, 4], 2.0).tolist()
    [2.0, 1.0]
    """
    return np.asarray(check_scale("s", s) / np.sqrt(positions("n", n)))


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
        If a position is below 1, NaN, infinite or no number.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> resolution([1]).round(6).tolist()
    [0.292893]
    """
    x = positions("n", n)
    here, there = np.sqrt(x), np.sqrt(x + 1.0)
    return np.asarray(check_scale("s", s) / here / there / (here + there))


def distinguishable_positions(length: npt.ArrayLike, features: int, z: float = 2.0) -> FloatArray:
    """How many of the positions 1 ... length the RMS of one output tells apart.

    The RMS of d features is off by the factor ``1 +- 1 / sqrt(2 d)``, hence n by
    ``1 +- sqrt(2 / d)``: places z such steps apart are told, ``ln(length) / (z sqrt(2 / d))``.

    Parameters
    ----------
    length : array_like
        Last positions, from 1.
    features : int
        d, at least 1.
    z : float
        Standard errors of n between neighbours that are told apart, > 0.

    Returns
    -------
    ndarray of the shape of ``length``, float64
        No whole number; 0 for a single position.

    Raises
    ------
    ArgumentError
        If a position is below 1, or features or z is out of range.

    References
    ----------
    Su, kexue.fm/archives/10347; the variance 2/d of the mean square of d normal values.

    Examples
    --------
    >>> distinguishable_positions(4096, 64).round(1).item()
    23.5
    """
    step = check_scale("z", z) * math.sqrt(2.0 / whole("features", features))
    with np.errstate(over="ignore"):
        found = np.log(positions("length", length)) / step
    return np.asarray(in_range(say("the number of positions"), found))


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
        Standard deviation of the normal scores, independent of the values, from 0 to 1e300.
    seed : int
    progress : Progress, optional

    Notes
    -----
    "uniform" draws the length of the running sum, not the values: n steps a trial and no n x n
    matrix. The other kinds hold one of scores and one of weights.

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
    length, features, trials = int(length), int(features), int(trials)
    s, spread_of_scores = check_scale("s", s), check_spread("score_spread", score_spread)
    check_kind(kind, tau)
    rng = np.random.default_rng(check_seed(seed))
    position = np.arange(1, length + 1, dtype=np.intp)
    squares = np.empty((trials, length))
    sums = np.zeros(length)
    for trial in range(trials):
        numbers = {"trial": trial + 1, "trials": trials}
        checkpoint(progress, trial / trials, "trial {trial} of {trials}", **numbers)
        if kind == "uniform":
            seen = position if causal else np.full(length, length)
            square = _walk(rng, length, features)[seen - 1]
            squares[trial] = square / seen / seen / features
            sums += 1.0 / seen / trials
            continue
        values = rng.normal(size=(length, features))
        scores = spread_of_scores * rng.normal(size=(length, length))
        weights = attention_weights(scores, kind, causal=causal, tau=tau, k=k, operator=operator)
        squares[trial] = np.mean((weights @ values) ** 2, axis=1)
        sums += concentration(weights) / trials
    rms, error = rms_and_error(squares)
    with np.errstate(over="ignore"):
        rms, error = in_range(say("the RMS"), s * rms), in_range(say("the RMS"), s * error)
    return PositionCurve(position, rms, error, expected_rms(position, s), s * np.sqrt(sums))


def rms_and_error(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the RMS at each position, (n,), and its standard error; 0 of a single trial.

    Parameters
    ----------
    squares : ndarray of shape (trials, n), float64
        Mean square of the features.

    Examples
    --------
    >>> rms, error = rms_and_error(np.array([[1.0], [7.0]]))
    >>> rms.tolist(), error.round(12).tolist()
    ([2.0], [0.75])
    """
    trials, length = squares.shape
    rms = np.sqrt(squares.mean(axis=0))
    spread = squares.std(axis=0, ddof=1) / trials**0.5 if trials > 1 else np.zeros(length)
    # Delta method: the deviation of sqrt(q) is that of q over 2 sqrt(q).
    return rms, np.divide(spread, 2.0 * rms, out=np.zeros(length), where=rms > 0.0)


def _walk(rng: np.random.Generator, length: int, features: int) -> FloatArray:
    """Squared norms, (length,), of the sums of 1, 2 ... normal vectors of ``features`` entries.

    A new vector has a normal component along the sum and the rest across it: two draws a step
    instead of ``features``, with the same joint distribution.
    """
    along = rng.standard_normal(length).tolist()
    across = (rng.chisquare(features - 1, length) if features > 1 else np.zeros(length)).tolist()
    square, found = 0.0, []
    for step, beside in zip(along, across, strict=True):
        square = (math.sqrt(square) + step) ** 2 + beside
        found.append(square)
    return np.array(found)
