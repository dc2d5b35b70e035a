"""Who sees the order: what becomes of the output when the input is permuted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_seed
from engine.attention.checks import real_matrix
from engine.attention.encoding import encoded_scores
from engine.attention.weights import attention_weights
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray, in_range

MOST_LAYERS = 64


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
    v = real_matrix("values", values)
    order = np.random.default_rng(check_seed(seed)).permutation(v.shape[0])

    def attend(rows: FloatArray) -> FloatArray:
        weights = attention_weights(
            encoded_scores(rows, rows), kind, causal=causal, tau=tau, k=k, operator=operator
        )
        return np.asarray(weights @ rows)

    return _change(attend(v[order]), attend(v)[order])


def last_token_error(
    values: npt.ArrayLike,
    *,
    layers: int = 1,
    encoding: str = "none",
    kind: str = "softmax",
    causal: bool = True,
    tau: float = 1.0,
    k: int = 8,
    operator: str | Callable[..., Any] = "sigmoid",
    base: float = 1e4,
    slope: float = 0.25,
    seed: int = 0,
) -> float:
    """How much the last output changes when the tokens before it are permuted.

    A layer is ``x + a x`` with weights a of the scores ``x x^T / sqrt(d)``, encoded. The last row
    of one causal layer without encoding sees its past as a set; it does not from two layers on,
    nor with an encoding.

    Parameters
    ----------
    values : array_like of shape (n, d)
        Tokens in order.
    layers : int
        1 to 64.
    encoding, base, slope
        As in `encoded_scores`, in every layer.
    kind, causal, tau, k, operator
        As in `attention_weights`.
    seed : int
        Of the permutation, which is never the identity where there are two tokens to exchange.

    Returns
    -------
    float
        Largest change of a feature, in the units of the values; rounding level where the order
        is not seen, 0 for fewer than three tokens.

    Raises
    ------
    ArgumentError, DataError
        As `encoded_scores` and `attention_weights`.

    References
    ----------
    Su, kexue.fm/archives/10347; Haviv et al. (2022), arXiv 2203.16634; Kazemnejad et al. (2023),
    arXiv 2305.19466.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.random.default_rng(0).normal(size=(12, 4))
    >>> last_token_error(v) < 1e-14, last_token_error(v, layers=2) > 1e-6
    (True, True)
    """
    v = real_matrix("values", values)
    depth, before = check_rank("layers", layers, MOST_LAYERS, least=1), v.shape[0] - 1
    order = np.random.default_rng(check_seed(seed)).permutation(before)
    if np.array_equal(order, np.arange(before)):
        order = np.roll(order, 1)

    def last(x: FloatArray) -> FloatArray:
        for _ in range(depth):
            scores = encoded_scores(x, x, encoding, base=base, slope=slope)
            a = attention_weights(scores, kind, causal=causal, tau=tau, k=k, operator=operator)
            with np.errstate(over="ignore"):
                x = in_range("the output", x + a @ x)
        return np.asarray(x[-1])

    return _change(last(v), last(v[np.append(order, before)]))


def _change(one: FloatArray, other: FloatArray) -> float:
    return float(np.max(np.abs(one - other)))
