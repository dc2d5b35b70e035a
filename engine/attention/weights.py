"""Attention weights from scores: uniform, softmax or soft Top-k, causal or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from engine.arguments import check_scale
from engine.attention.checks import one_word, whole
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.checks import finite_matrix
from engine.spectrum.linalg.norms import FloatArray, scale_of, scaled

KINDS = ("uniform", "softmax", "soft_topk")

_CELLS = 1 << 15  # scores handed to an operator at once: few causal rows, of nearly one length
_MASK = "the key of an operator, or operator(row, k, tau=tau) that gives a mask of positive sum"


def attention_weights(
    scores: npt.ArrayLike,
    kind: str = "softmax",
    *,
    causal: bool = True,
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
) -> FloatArray:
    """Attention weights from scores; every row sums to 1.

    Parameters
    ----------
    scores : array_like of shape (n, n)
        Row i scores what position i looks at; "uniform" uses only the shape.
    kind : {"uniform", "softmax", "soft_topk"}
        Equal weights; ``softmax(scores / tau)``; a soft Top-k mask divided by its sum.
    causal : bool
        Whether position i sees only positions up to i.
    tau : float
        Temperature > 0 in the units of the scores.
    k : int
        For "soft_topk": how many positions, at most those that are seen; >= 1.
    operator : str or callable
        For "soft_topk": key of an operator of ``engine.topk``, or ``operator(row, k, tau=tau)``.

    Returns
    -------
    ndarray of shape (n, n), float64
        Exactly 0 above the diagonal when ``causal``.

    Raises
    ------
    ArgumentError
        If ``scores`` is not square, ``kind`` is unknown, ``tau`` or ``k`` is out of range, or a
        callable's mask has another shape than its row, is not finite, or has no positive sum.
    DataError
        If a score is NaN or infinite.

    References
    ----------
    Su, kexue.fm/archives/10347 and 10373; Vaswani et al. (2017), equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> attention_weights(np.zeros((2, 2)), "uniform").tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    matrix = finite_matrix("scores", scores)
    n = matrix.shape[0]
    if matrix.shape != (n, n) or matrix.dtype.kind == "c":
        given = f"{matrix.shape[0]} x {matrix.shape[1]}, {matrix.dtype.name}"
        raise ArgumentError("scores", given, "a real square matrix")
    tau = check_kind(kind, tau)
    seen = np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)
    return row_weights(matrix, seen, kind, tau, k, operator)


def row_weights(
    scores: FloatArray,
    seen: npt.NDArray[np.bool_],
    kind: str,
    tau: float,
    k: object,
    operator: str | Callable[..., Any],
) -> FloatArray:
    """Return the weights of checked scores, (rows, n), each row of which sees its first ones.

    Examples
    --------
    >>> row_weights(np.zeros((1, 2)), np.array([[True, False]]), "softmax", 1.0, 1, "hard").tolist()
    [[1.0, 0.0]]
    """
    if kind == "uniform":
        return np.asarray(seen / seen.sum(axis=1, keepdims=True))
    if kind == "softmax":
        # Differences first: score / tau may overflow where the weights are perfectly defined.
        with np.errstate(over="ignore"):
            shifted = scores - np.max(np.where(seen, scores, -np.inf), axis=1, keepdims=True)
            return np.asarray(softmax(np.where(seen, shifted / tau, -np.inf), axis=1))
    return _soft_topk(scores, seen, whole("k", k), tau, operator)


def check_kind(kind: str, tau: object) -> float:
    """Return the temperature of a kind of attention that there is.

    Examples
    --------
    >>> check_kind("uniform", 2)
    2.0
    """
    one_word("kind", kind, KINDS)
    return check_scale("tau", tau)


def causal_attention(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
    """Attention output; uniform causal attention when no weights are given.

    Parameters
    ----------
    values : array_like of shape (n, d)
    weights : array_like of shape (n, n), optional
        From `attention_weights`.

    Returns
    -------
    ndarray of shape (n, d), float64
        ``weights @ values``, or the running mean of the values.

    Raises
    ------
    ArgumentError, DataError
        If an argument is no finite matrix, or the sides differ.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> causal_attention([[2.0], [4.0]]).tolist()
    [[2.0], [3.0]]
    """
    v = finite_matrix("values", values)
    if weights is None:
        counts = np.arange(1, v.shape[0] + 1)[:, None]
        # A running sum may leave the range of float64 where every mean lies within it.
        exponent = scale_of(v)
        return scaled(np.asarray(np.cumsum(scaled(v, exponent), axis=0) / counts), -exponent)
    a = finite_matrix("weights", weights)
    if a.shape != (v.shape[0], v.shape[0]):
        raise ArgumentError(
            "weights", a.shape, say("of shape {shape}", shape=(v.shape[0], v.shape[0]))
        )
    return np.asarray(a @ v)


def _soft_topk(
    scores: FloatArray,
    seen: npt.NDArray[np.bool_],
    k: int,
    tau: float,
    operator: str | Callable[..., Any],
) -> FloatArray:
    # Only here: uniform and softmax attention do not depend on the operators.
    from engine.topk import OPERATORS, Operator, get_operator

    if isinstance(operator, str):
        keys = tuple(known.key for known in OPERATORS)
        operator = get_operator(one_word("operator", operator, keys))
    if not callable(operator):
        raise ArgumentError("operator", operator, _MASK)
    weights, counts = np.zeros(scores.shape), seen.sum(axis=1)
    kept = np.minimum(min(k, scores.shape[1]), counts)
    # Draws depend on the length of a row: a row that is masked in part would draw others.
    at_once = isinstance(operator, Operator) and not operator.stochastic
    start = 0
    while start < len(scores):
        rows = slice(start, start + (max(1, _CELLS // scores.shape[1]) if at_once else 1))
        width = int(counts[rows].max())
        part, open_ = scores[rows, :width], seen[rows, :width]
        if at_once:
            masks = operator(np.where(open_, part, -np.inf), kept[rows], tau=tau)
            np.divide(masks, masks.sum(axis=1, keepdims=True), out=weights[rows, :width])
        else:
            weights[start, :width] = _shares(operator, part[0], int(kept[start]), tau, start)
        start = rows.stop
    return weights


def _shares(
    operator: Callable[..., Any], row: FloatArray, k: int, tau: float, place: int
) -> FloatArray:
    mask = np.asarray(operator(row, k, tau=tau))
    if mask.dtype.kind not in "biuf" or mask.shape != row.shape:
        found = say("{kind} of shape {shape}", kind=mask.dtype.name, shape=mask.shape)
    else:
        mask = mask.astype(np.float64)
        peak = float(np.max(np.abs(mask)))
        found = say("a mask that holds {value}", value=peak)
        if 0.0 < peak < np.inf:
            mask = mask / peak
            total = float(mask.sum())
            if total > 0.0:
                return np.asarray(mask / total)
            found = say("a mask of sum {value:g}", value=total * peak)
        elif peak == 0.0:
            found = say("a mask of sum {value:g}", value=0.0)
    where = say("{found} for row {row}", found=found, row=place)
    raise ArgumentError("operator", where, _MASK)
