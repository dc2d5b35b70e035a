"""The formulas by which mixture-of-experts models send tokens to k experts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.sentences import one_of, say
from engine.topk.routing.audit import refuse_odd_tokens
from engine.topk.routing.groups import Groups, largest, within_groups
from engine.topk.semantics import FloatArray, check_k

__all__ = ["ROUTER_FORMULAS", "compared_scores", "router_weights"]

ROUTER_FORMULAS = ("topk_softmax", "softmax_topk", "sigmoid_bias")


def compared_scores(x: ArrayLike, formula: str, bias: ArrayLike | None = None) -> NDArray[Any]:
    """Return the numbers of which the k largest say to which experts a token goes.

    Parameters
    ----------
    x : array_like (tokens, experts)
        Logits of a router, real numbers; -inf is an expert that is masked out.
    formula : {"topk_softmax", "softmax_topk", "sigmoid_bias"}
        The logits themselves; their softmax; their sigmoid plus a bias of each expert.
    bias : array_like (experts,), optional
        Of "sigmoid_bias"; 0 where left out.

    Returns
    -------
    ndarray (tokens, experts)
        x itself for "topk_softmax"; otherwise float64 of float64, float32 of all other types, as
        routers compute it, and -inf where x is.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    DataError
        If x holds NaN or +inf.

    Examples
    --------
    >>> compared_scores([[0.0, 0.0]], "softmax_topk").tolist()
    [[0.5, 0.5]]
    """
    scores = _scores(x)
    if formula not in ROUTER_FORMULAS:
        raise ArgumentError("formula", formula, one_of(ROUTER_FORMULAS))
    if formula == "topk_softmax":
        return scores
    wide = scores.astype(np.float64)
    if formula == "softmax_topk":
        found = _softmax(wide)
    else:
        found = _sigmoid(wide) + _bias(bias, scores.shape[1])
    found[np.isneginf(wide)] = -np.inf
    is_double = scores.dtype == np.float64 or scores.dtype.kind in "iu"
    return found if is_double else found.astype(np.float32)


def router_weights(
    x: ArrayLike,
    k: int,
    formula: str,
    bias: ArrayLike | None = None,
    groups: Groups | None = None,
) -> FloatArray:
    """Return with which weight each token goes to each expert.

    Parameters
    ----------
    x, formula, bias
        As for `compared_scores`.
    k : int
        Experts per token, in [0, experts]; among ties the lower index is chosen.
    groups : Groups, optional
        Tokens choose groups of experts first, by what the formula compares.

    Returns
    -------
    ndarray (tokens, experts), float64
        0 of experts that are not chosen. "topk_softmax": the softmax of the chosen logits, sum 1.
        "softmax_topk": the softmax of all, cut, sum at most 1. "sigmoid_bias": sigmoids of the
        chosen over their sum; the bias chooses and does not weigh.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    DataError
        If x holds NaN or +inf.

    References
    ----------
    Shazeer et al., "Outrageously large neural networks", arXiv 1701.06538 (top-k, then softmax);
    Fedus, Zoph & Shazeer, "Switch transformers", arXiv 2101.03961 (softmax, then top-k);
    DeepSeek-AI, "DeepSeek-V3 technical report", arXiv 2412.19437 (sigmoid with bias).

    Examples
    --------
    >>> router_weights([[0.0, 0.0, -9.0]], 2, "topk_softmax").tolist()
    [[0.5, 0.5, 0.0]]
    >>> router_weights([[0.0, 0.0, -9.0]], 1, "sigmoid_bias", [0.0, 0.1, 0.0]).tolist()
    [[0.0, 1.0, 0.0]]
    >>> router_weights([[5.0, 0.0, 4.0, 4.0]], 1, "topk_softmax", groups=Groups(2, 1)).tolist()
    [[1.0, 0.0, 0.0, 0.0]]
    """
    scores = _scores(x)
    count = int(check_k(k, scores.shape[1], True))
    compared = compared_scores(scores, formula, bias).astype(np.float64)
    if groups is not None:
        groups.check(scores.shape[1], count)
        compared = within_groups(compared, groups)
    chosen = largest(compared, count) & ~np.isneginf(compared)
    wide = scores.astype(np.float64)
    if formula == "softmax_topk":
        return np.where(chosen, _softmax(wide), 0.0)
    if formula == "topk_softmax":
        return np.where(chosen, _softmax(np.where(chosen, wide, -np.inf)), 0.0)
    # Over that of the largest chosen, so that sigmoids which all underflow keep their ratios.
    top = np.where(chosen, wide, -np.inf).max(axis=1, keepdims=True)
    weights = np.where(chosen, _sigmoid(wide, np.where(np.isneginf(top), 0.0, top)), 0.0)
    sums = weights.sum(axis=1, keepdims=True)
    found: FloatArray = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0.0)
    return found


def _scores(x: ArrayLike) -> NDArray[Any]:
    scores = np.asarray(x)
    if scores.ndim != 2 or scores.shape[1] == 0:
        raise ArgumentError("x", scores.shape, say("an array of tokens x experts"))
    if scores.dtype.kind not in "iuf" and scores.dtype.name != "bfloat16":
        raise ArgumentError("x", str(scores.dtype), say("an array of real numbers"))
    if scores.dtype.kind not in "iu":
        refuse_odd_tokens(scores.astype(np.float64), 0)
    return scores


def _bias(bias: ArrayLike | None, experts: int) -> FloatArray:
    if bias is None:
        return np.zeros(experts)
    found = np.asarray(bias, dtype=np.float64)
    if found.shape != (experts,) or not np.isfinite(found).all():
        allowed = say("{count} finite numbers, one an expert", count=experts)
        raise ArgumentError("bias", found.shape, allowed)
    return found


def _softmax(x: FloatArray) -> FloatArray:
    """Softmax of every row; 0 where all of it is masked out."""
    top = x.max(axis=1, keepdims=True)
    found: FloatArray = np.exp(x - np.where(np.isneginf(top), 0.0, top))
    sums = found.sum(axis=1, keepdims=True)
    np.divide(found, sums, out=found, where=sums > 0.0)
    return found


def _sigmoid(x: FloatArray, top: ArrayLike = 0.0) -> FloatArray:
    """Sigmoid, times ``e^-top`` where ``top``, no smaller than x there, is negative."""
    small = np.exp(-np.abs(x))
    shift = np.minimum(top, 0.0)
    # What is above ``top`` is not meant, and must not overflow.
    shifted = np.exp(np.minimum(x - shift, 0.0))
    found: FloatArray = np.where(x >= 0.0, 1.0, shifted) / (1.0 + small)
    return found
