"""The RMS of the attention output at chosen positions: measured often and quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from engine.arguments import check_scale, check_seed
from engine.attention.checks import check_base, check_spread, one_word, real_matrix, slopes
from engine.attention.encoding import ENCODINGS, turned, waves
from engine.attention.position import PositionCurve, expected_rms, rms_and_error
from engine.attention.weights import check_kind, row_weights
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray

_CELLS = 1 << 21  # features drawn at once
_NEAR = 1.25  # positions up to this ratio share a block of scores


def octave_positions(length: int, per_octave: int = 16) -> npt.NDArray[np.intp]:
    """Positions 1 ... length, so many in every octave at most.

    Parameters
    ----------
    length, per_octave : int
        At least 1.

    Returns
    -------
    ndarray of intp, ascending
        1 and length are among them.

    Raises
    ------
    ArgumentError
        If a count is no such integer.

    Examples
    --------
    >>> octave_positions(16, 2).tolist()
    [1, 2, 3, 4, 6, 8, 11, 16]
    """
    check_rank("length", length, 2**62, least=1)
    check_rank("per_octave", per_octave, 2**20, least=1)
    steps = int(np.ceil(np.log2(length) * per_octave)) + 1
    return np.unique(np.rint(np.geomspace(1.0, length, steps)).astype(np.intp))


@dataclass(frozen=True, eq=False)
class SampledCurve(PositionCurve):
    """RMS of the output at chosen positions, and the entropy of the weights.

    Parameters
    ----------
    entropy : ndarray of the shape of ``position``
        Mean of ``-sum_j a_j ln a_j`` over the trials; ``ln n`` for equal weights.
    """

    entropy: FloatArray


@dataclass(frozen=True)
class _Draw:
    """What every row of a curve is made with."""

    kind: str
    encoding: str
    features: int
    score_spread: float
    tau: float
    k: int
    operator: str | Callable[..., Any]
    base: float
    slope: float


def sampled_curve(
    positions: npt.ArrayLike,
    *,
    kind: str = "softmax",
    encoding: str = "none",
    features: int = 64,
    trials: int = 16,
    s: float = 1.0,
    score_spread: float = 1.0,
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
    base: float = 1e4,
    slope: float = 0.25,
    values: npt.ArrayLike | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> SampledCurve:
    """Measure the RMS of the output of causal attention at chosen positions.

    As `position_curve`, for some rows of the scores instead of all, and with position encodings:
    a query is a normal vector of length ``sqrt(d)``, so that its scores with normal keys are
    exactly N(0, score_spread^2) without encoding. The same seed draws the same values, queries and
    keys for every kind.

    Parameters
    ----------
    positions : array_like of int, ascending, from 1
        The last one is the length n.
    kind, tau, k, operator
        As in `attention_weights`; "softmax" with ``score_spread = 0`` are equal scores.
    encoding, base, slope
        As in `encoded_scores`.
    features, trials : int
        d of queries, keys and values, even where the encoding needs it; repetitions.
    s : float
        Standard deviation of the normal values, > 0; unused with ``values``.
    values : array_like of shape (n or more, any), optional
        Tokens of one's own, in order, in place of normal ones: then only scores are drawn, and s
        is their root mean square.
    seed : int
    progress : Progress, optional

    Returns
    -------
    SampledCurve
        ``weighted`` is exact for values that do not depend on each other.

    Raises
    ------
    ArgumentError, DataError
        If an argument is out of range, or a value is NaN or infinite.
    Cancelled
        Between blocks of positions.

    References
    ----------
    Su, kexue.fm/archives/10347; the encodings as in `encoded_scores`.

    Examples
    --------
    >>> curve = sampled_curve([1, 4, 16], score_spread=0.0, features=256, seed=1)
    >>> bool(abs(curve.rms[2] / 0.25 - 1.0) < 0.1), curve.weighted.tolist()
    (True, [1.0, 0.5, 0.25])
    """
    at = _ascending(positions)
    trials = check_rank("trials", trials, 2**31, least=1)
    draw = _checked(kind, encoding, features, score_spread, tau, k, operator, base, slope)
    tokens, s = _tokens(values, int(at[-1]), check_scale("s", s))
    squares = np.empty((trials, at.size))
    sums, entropy = np.zeros(at.size), np.zeros(at.size)
    blocks, seed = list(_blocks(at)), check_seed(seed)
    size = max(1, _CELLS // (int(at[-1]) * draw.features))
    for start in range(0, trials, size):
        chunk = range(start, min(start + size, trials))
        v, q, keys = _drawn(seed, chunk, tuple(at.tolist()), draw.features, tokens is None)
        v = s * v if tokens is None else np.broadcast_to(tokens, (len(chunk), *tokens.shape))
        q, keys = _encoded(q, keys, at, draw)
        for block in blocks:
            done = (start + len(chunk) * block.start / at.size) / trials
            checkpoint(progress, done, "Measuring the output")
            weights = _weights(q[:, block], keys, at[block], draw)
            out = weights @ v[:, : weights.shape[2]]
            squares[start : start + len(chunk), block] = np.mean(out * out, axis=2)
            sums[block] += np.einsum("tij,tij->i", weights, weights) / trials
            entropy[block] += entr(weights).sum(axis=(0, 2)) / trials
    rms, error = rms_and_error(squares)
    exact, weighted = expected_rms(at, s), s * np.sqrt(sums)
    return SampledCurve(at, rms, error, exact, weighted, entropy)


def sampled_weights(
    length: int,
    *,
    kind: str = "softmax",
    encoding: str = "none",
    features: int = 64,
    score_spread: float = 1.0,
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
    base: float = 1e4,
    slope: float = 0.25,
    seed: int = 0,
) -> FloatArray:
    """Return the weights of the first trial of `sampled_curve` at every position.

    Returns
    -------
    ndarray of shape (length, length), float64
        Exactly 0 above the diagonal; every row sums to 1.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Examples
    --------
    >>> sampled_weights(2, score_spread=0.0).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    at = np.arange(1, check_rank("length", length, 1 << 14, least=1) + 1)
    draw = _checked(kind, encoding, features, score_spread, tau, k, operator, base, slope)
    _, q, keys = _drawn(check_seed(seed), range(1), tuple(at.tolist()), draw.features, True)
    q, keys = _encoded(q, keys, at, draw)
    return np.asarray(_weights(q, keys, at, draw)[0])


def _checked(
    kind: str,
    encoding: str,
    features: int,
    score_spread: float,
    tau: float,
    k: int,
    operator: str | Callable[..., Any],
    base: float,
    slope: float,
) -> _Draw:
    features = check_rank("features", features, 2**31, least=1)
    if one_word("encoding", encoding, ENCODINGS) in ("sinusoidal", "rope") and features % 2:
        raise ArgumentError("features", features, "an even number of features")
    bias = slopes(slope)
    if bias.ndim:
        raise ArgumentError("slope", slope, "a finite number of at least 0")
    spread, warmth = check_spread("score_spread", score_spread), check_kind(kind, tau)
    return _Draw(
        kind, encoding, features, spread, warmth, k, operator, check_base(base), float(bias)
    )


def _ascending(positions: npt.ArrayLike) -> npt.NDArray[np.intp]:
    array = np.asarray(positions)
    whole = array.dtype.kind in "iu" and array.ndim == 1 and array.size > 0
    if not whole or array[0] < 1 or not np.all(np.diff(array.astype(np.int64)) > 0):
        raise ArgumentError("positions", positions, "ascending integers from 1")
    return array.astype(np.intp)


def _tokens(values: npt.ArrayLike | None, length: int, s: float) -> tuple[FloatArray | None, float]:
    if values is None:
        return None, s
    tokens = real_matrix("values", values)
    if len(tokens) < length:
        allowed = say("a matrix of at least {length} rows", length=length)
        raise ArgumentError("values", tokens.shape, allowed)
    tokens = tokens[:length]
    size = float(np.sqrt(np.mean(np.square(tokens))))
    if not 0.0 < size < np.inf:
        raise ArgumentError("values", size, "a matrix whose root mean square is above 0 and finite")
    return tokens, size


def _blocks(at: npt.NDArray[np.intp]) -> Iterator[slice]:
    """Yield runs of positions that are near each other: little of a block is masked."""
    start = 0
    for place in range(1, at.size + 1):
        if place == at.size or at[place] > _NEAR * at[start]:
            yield slice(start, place)
            start = place


def _drawn(
    seed: int, trials: range, at: tuple[int, ...], features: int, with_values: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return normal values, the queries at the positions, and the keys, a trial after the other.

    Those drawn last are kept, if they are few: every kind of attention is measured with the same.
    """
    few = len(trials) * at[-1] * features <= _CELLS
    draw = _draw_once if few else _draw_once.__wrapped__
    return draw(seed, trials, at, features, with_values)


@lru_cache(maxsize=1)
def _draw_once(
    seed: int, trials: range, at: tuple[int, ...], features: int, with_values: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    length, count = at[-1], len(trials)
    v = np.empty((count, length if with_values else 0, features))
    q, keys = np.empty((count, len(at), features)), np.empty((count, length, features))
    for place, trial in enumerate(trials):
        rng = np.random.default_rng((seed, trial))
        for part in (v, q, keys):
            rng.standard_normal(out=part[place])
    q *= features**0.5 / np.linalg.norm(q, axis=2, keepdims=True)
    return v, q, keys


def _encoded(
    q: FloatArray, keys: FloatArray, at: npt.NDArray[np.intp], draw: _Draw
) -> tuple[FloatArray, FloatArray]:
    root = draw.score_spread**0.5
    q, keys = root * q, root * keys
    rows = np.asarray(at - 1, dtype=np.float64)
    columns = np.arange(int(at[-1]), dtype=np.float64)
    if draw.encoding == "sinusoidal":
        q = q + waves(rows, draw.features, draw.base)
        keys = keys + waves(columns, draw.features, draw.base)
    if draw.encoding == "rope":
        q = turned(q, rows, draw.base, draw.features)
        keys = turned(keys, columns, draw.base, draw.features)
    return q, keys


def _weights(q: FloatArray, keys: FloatArray, at: npt.NDArray[np.intp], draw: _Draw) -> FloatArray:
    """Return the weights (trials, positions, n) of a block of positions."""
    width, columns = int(at[-1]), np.arange(int(at[-1]))
    scores = q @ keys[:, :width].swapaxes(1, 2) / draw.features**0.5
    if draw.encoding == "alibi":
        scores -= draw.slope * np.maximum(at[:, None] - 1.0 - columns, 0.0)
    seen = np.broadcast_to(columns < at[:, None], scores.shape).reshape(-1, width)
    found = row_weights(scores.reshape(-1, width), seen, draw.kind, draw.tau, draw.k, draw.operator)
    return found.reshape(scores.shape)
