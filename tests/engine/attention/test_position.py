"""Position hides in the norm: measured against s / sqrt(n) and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import topk
from engine.attention import (
    KINDS,
    attention_weights,
    causal_attention,
    expected_rms,
    permutation_error,
    position_curve,
    resolution,
)
from engine.errors import ArgumentError, DataError


def two_best(scores, k, tau):
    """A mask that needs no other package: 1 on the k largest."""
    mask = np.zeros(scores.size)
    mask[np.argsort(-scores, kind="stable")[: int(k)]] = 1.0
    return mask


SCORES = np.random.default_rng(0).normal(size=(7, 7))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300])
def test_rows_are_weights_and_causal_ones_do_not_look_ahead(kind, causal, scale):
    a = attention_weights(SCORES * scale, kind, causal=causal, k=2, operator=two_best)
    assert np.all(a >= 0.0)
    assert_allclose(a.sum(axis=1), 1.0, rtol=1e-12)
    assert bool(np.triu(a, 1).any()) != causal


def test_softmax_weights_by_hand():
    a = attention_weights(SCORES, "softmax", tau=0.5)
    for i in range(7):
        e = np.exp(SCORES[i, : i + 1] / 0.5)
        assert_allclose(a[i, : i + 1], e / e.sum(), rtol=1e-12)


def test_soft_topk_weights_share_equally_among_the_k_best():
    a = attention_weights(SCORES, "soft_topk", k=3, operator=two_best)
    assert a[0, 0] == 1.0
    assert sorted(a[6][a[6] > 0].tolist()) == [1 / 3] * 3


def test_soft_topk_knows_operators_by_key():
    key = next(op.key for op in topk.OPERATORS if op.key == "sigmoid")
    a = attention_weights(SCORES, "soft_topk", k=2, tau=0.3, operator=key)
    expected = topk.get_operator(key)(SCORES[6], 2, tau=0.3)
    assert_allclose(a[6], expected / expected.sum(), rtol=1e-12)


def test_uniform_causal_attention_is_the_running_mean():
    v = np.random.default_rng(1).normal(size=(7, 3))
    running = [v[: i + 1].mean(axis=0) for i in range(7)]
    assert_allclose(causal_attention(v), running, rtol=1e-12, atol=1e-15)
    uniform = attention_weights(np.zeros((7, 7)), "uniform")
    assert_allclose(causal_attention(v, uniform), running, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("s", [1.0, 3.0, 1e-200])
def test_uniform_causal_rms_is_s_over_root_n(s):
    curve = position_curve(60, features=200, trials=40, s=s, seed=2)
    assert_allclose(curve.expected, s / np.sqrt(curve.position), rtol=1e-12)
    assert_allclose(curve.weighted, curve.expected, rtol=1e-12)
    assert np.all(np.abs(curve.rms - curve.expected) < 5 * curve.standard_error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("causal", [True, False])
def test_weights_independent_of_the_values_predict_the_rms(kind, causal):
    curve = position_curve(
        30, kind=kind, causal=causal, features=300, trials=30, k=4, operator=two_best, seed=3
    )
    assert np.all(np.abs(curve.rms - curve.weighted) < 5 * curve.standard_error)
    assert np.all(curve.weighted >= curve.expected[-1] * (1 - 1e-12))
    if not causal:
        assert curve.rms.max() < 1.3 * curve.rms.min()


def test_curve_repeats_with_its_seed_and_one_trial_has_no_error_bar():
    one, two = position_curve(5, trials=1, seed=4), position_curve(5, trials=1, seed=4)
    assert np.array_equal(one.rms, two.rms)
    assert not one.standard_error.any()


def test_resolution_is_the_step_and_tends_to_its_power_law():
    n = np.array([1, 10, 1000, 10**12])
    assert_allclose(resolution(n[:3], 2.0), expected_rms(n[:3], 2.0) - expected_rms(n[:3] + 1, 2.0))
    assert_allclose(resolution(n)[2:], 0.5 * n[2:] ** -1.5, rtol=2e-3)
    assert_allclose(resolution(10**12), 0.5e-18, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_only_causal_attention_sees_the_order(kind):
    v = np.random.default_rng(5).normal(size=(12, 4))
    options = {"kind": kind, "k": 3, "operator": two_best}
    assert permutation_error(v, causal=False, **options) < 1e-12
    assert permutation_error(v, causal=True, **options) > 0.05


def test_bad_arguments_are_refused_by_name():
    with pytest.raises(ArgumentError, match="square"):
        attention_weights(np.ones((2, 3)))
    with pytest.raises(ArgumentError, match="kind"):
        attention_weights(SCORES, "linear")
    with pytest.raises(ArgumentError, match="tau"):
        attention_weights(SCORES, tau=0.0)
    with pytest.raises(ArgumentError, match="k = 0"):
        attention_weights(SCORES, "soft_topk", k=0, operator=two_best)
    with pytest.raises(DataError, match="NaN"):
        attention_weights([[np.nan]])
    with pytest.raises(ArgumentError, match="weights"):
        causal_attention(np.ones((3, 2)), np.eye(2))
    with pytest.raises(ArgumentError, match="length"):
        position_curve(0)
    with pytest.raises(ArgumentError, match="s = -1"):
        position_curve(3, s=-1.0)
    with pytest.raises(ArgumentError, match="score_spread"):
        position_curve(3, score_spread=np.nan)
    with pytest.raises(ArgumentError, match="n"):
        expected_rms(0)
