"""How concentrated attention is: the sum of its squared weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.attention.checks import positions, real_rows, slopes
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.norms import FloatArray, in_range


def concentration(weights: npt.ArrayLike) -> FloatArray:
    """Sum of squares ``sum_j a_j^2`` of each row of weights; its inverse is the tokens that count.

    For values of deviation s that the weights do not depend on, the output has RMS
    ``s sqrt(sum_j a_j^2)``: exactly.

    Parameters
    ----------
    weights : array_like of shape (..., n)
        Rows of attention weights, as from `attention_weights`.

    Returns
    -------
    ndarray of shape (...), float64
        For weights that sum to 1: from 1/n, where all are equal, to 1, where one is all.

    Raises
    ------
    ArgumentError, DataError
        If the weights are no real numbers, there are none, or one is NaN or infinite.

    References
    ----------
    Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> concentration([[1.0, 0.0], [0.5, 0.5]]).tolist()
    [1.0, 0.5]
    """
    a = real_rows("weights", weights)
    with np.errstate(over="ignore"):
        squares = np.einsum("...j,...j->...", a, a)
    return np.asarray(in_range(say("a sum of squares"), squares))


def alibi_concentration(n: npt.ArrayLike, slope: npt.ArrayLike) -> FloatArray:
    """`concentration` of causal ALiBi on equal scores at position n.

    With ``r = e^-slope`` the weights are ``r^(n-j)`` over their sum, and the sum of their squares
    is ``tanh(slope/2) (1 + r^n) / (1 - r^n)``; 1/n at slope 0.

    Parameters
    ----------
    n : array_like
        Positions, from 1.
    slope : array_like
        At least 0, in scores per position; n and slope broadcast.

    Returns
    -------
    ndarray of their common shape, float64
        Falls with n to ``tanh(slope/2)``.

    Raises
    ------
    ArgumentError
        If a position is below 1, a slope below 0, one is NaN or infinite, or the shapes differ.

    References
    ----------
    Press, Smith & Lewis (2022), arXiv 2108.12409, section 3; a geometric series.

    Examples
    --------
    >>> alibi_concentration([1, 4], 0.0).tolist(), alibi_concentration(1e9, 0.5).round(6).item()
    ([1.0, 0.25], 0.244919)
    """
    count, half = positions("n", n), slopes(slope) / 2.0
    try:
        count, half = np.broadcast_arrays(count, half)
    except ValueError:
        allowed = say("an array that broadcasts to n, {shape}", shape=count.shape)
        raise ArgumentError("slope", half.shape, allowed) from None
    # (1 + r^n) / (1 - r^n) = 1 / tanh(n slope / 2): no difference of numbers near 1.
    with np.errstate(over="ignore"):
        whole = count * half
    found = np.asarray(1.0 / count)
    np.divide(np.tanh(half), np.tanh(whole), out=found, where=whole > 1e-10)
    return found
