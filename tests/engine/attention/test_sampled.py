"""Measured curves at chosen positions against their closed forms, and heads against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.attention import (
    alibi_concentration,
    attention_weights,
    octave_positions,
    rotate,
    sampled_curve,
    sampled_weights,
    score_spread,
    spread_at_distance,
    symmetric_share,
)
from engine.errors import ArgumentError, DataError
from engine.topk import get_operator

AT = octave_positions(256, 4)
RNG = np.random.default_rng(5)


def within(curve, expected, sigmas=4.5):
    """Nearly all positions lie within as many standard errors; they are correlated."""
    return np.all(np.abs(curve.rms - expected) <= sigmas * curve.standard_error + 1e-12)


def test_positions_lie_evenly_on_a_log_axis():
    for length in (1, 2, 3, 7, 512, 4097):
        at = octave_positions(length, 16)
        assert (at[0], at[-1]) == (1, length)
        assert np.all(np.diff(at) > 0)
        assert np.all(at[1:] / at[:-1] <= np.maximum(2 ** (1 / 8), 1 + 1.0 / at[:-1]) + 1e-9)


def test_equal_scores_are_the_running_mean():
    curve = sampled_curve(AT, score_spread=0.0, trials=40, s=3.0, seed=2)
    assert_allclose(curve.weighted, 3.0 / np.sqrt(AT), rtol=1e-12)
    assert_allclose(curve.entropy, np.log(AT), atol=1e-12)
    assert within(curve, 3.0 / np.sqrt(AT))


@pytest.mark.parametrize("slope", [0.0, 0.25, 2.0])
def test_alibi_on_equal_scores_has_its_closed_form(slope):
    curve = sampled_curve(AT, score_spread=0.0, encoding="alibi", slope=slope, trials=40)
    known = np.sqrt(alibi_concentration(AT, slope))
    assert_allclose(curve.weighted, known, rtol=1e-9)
    assert within(curve, known)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("k", [1, 7, 300])
@pytest.mark.parametrize("encoding", ["none", "rope", "alibi", "sinusoidal"])
def test_hard_topk_stops_falling_at_k(k, encoding):
    curve = sampled_curve(
        AT, kind="soft_topk", operator="hard", k=k, encoding=encoding, trials=30, seed=1
    )
    assert_allclose(curve.weighted, 1.0 / np.sqrt(np.minimum(AT, k)), rtol=1e-12)
    assert within(curve, curve.weighted)


@pytest.mark.parametrize("encoding", ["none", "rope"])
def test_softmax_of_normal_scores_counts_fewer_tokens(encoding):
    curve = sampled_curve([4096], encoding=encoding, score_spread=1.0, trials=12, features=32)
    assert_allclose(curve.weighted[0] ** 2 * 4096, np.e, rtol=0.1)


def test_the_weights_are_those_of_attention_weights():
    n, d = 20, 8
    rng = np.random.default_rng((3, 0))
    rng.standard_normal((n, d))  # the values come first
    q, keys = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    q *= np.sqrt(d) / np.linalg.norm(q, axis=1, keepdims=True)
    scores = 1.5 * q @ keys.T / np.sqrt(d)
    for kind, more in (("softmax", {}), ("soft_topk", {"k": 3, "tau": 0.5})):
        found = sampled_weights(n, kind=kind, features=d, score_spread=1.5, seed=3, **more)
        assert_allclose(found, attention_weights(scores, kind, **more), atol=1e-9)
    turned = rotate(q, np.arange(n)) @ rotate(keys, np.arange(n)).T * 1.5 / np.sqrt(d)
    found = sampled_weights(n, encoding="rope", features=d, score_spread=1.5, seed=3)
    assert_allclose(found, attention_weights(turned), atol=1e-12)
    far = np.arange(n)[:, None] - np.arange(n)
    found = sampled_weights(n, encoding="alibi", features=d, score_spread=1.5, seed=3, slope=0.3)
    assert_allclose(found, attention_weights(scores - 0.3 * far), atol=1e-12)


def test_few_positions_say_what_many_do():
    many = sampled_curve(np.arange(1, 65), trials=3, seed=4)
    some = sampled_curve([1, 5, 64], trials=3, seed=4, kind="softmax")
    assert some.rms.shape == (3,)
    assert_allclose(some.rms[0], many.rms[0], rtol=1e-12)  # one token: its own value


def test_values_of_ones_own_keep_their_order_and_their_mean():
    values = 5.0 + RNG.normal(size=(100, 6))
    curve = sampled_curve([1, 100], score_spread=0.0, values=values[::-1], trials=2, features=4)
    assert_allclose(curve.rms[0], np.sqrt(np.mean(values[-1] ** 2)), rtol=1e-12)
    assert_allclose(curve.rms[1], np.sqrt(np.mean(values.mean(axis=0) ** 2)), rtol=1e-12)
    assert curve.rms[1] > 5 * curve.weighted[1]  # a common mean is not averaged away


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions": []},
        {"positions": [0, 1]},
        {"positions": [2, 2]},
        {"positions": [3, 1]},
        {"positions": [1.5]},
        {"positions": [[1]]},
        {"kind": "hard"},
        {"encoding": "learned"},
        {"features": 0},
        {"features": 5, "encoding": "rope"},
        {"trials": 0},
        {"slope": -1.0},
        {"slope": [1.0, 2.0]},
        {"score_spread": np.nan},
        {"tau": 0.0},
        {"base": 0.5},
        {"k": 0, "kind": "soft_topk"},
        {"operator": "none", "kind": "soft_topk"},
        {"values": np.ones((2, 2))},
        {"values": np.zeros((9, 2))},
        {"seed": -1},
        {"s": 0.0},
    ],
)
def test_what_is_no_setting_is_refused(wrong):
    positions = wrong.pop("positions", [1, 4])
    with pytest.raises(ArgumentError):
        sampled_curve(positions, **wrong)


def test_bad_values_are_refused():
    with pytest.raises(DataError):
        sampled_curve([1, 2], values=np.full((3, 2), np.nan))


# -- heads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e150])
def test_spread_at_a_distance_is_that_of_rotated_weights(scale):
    wq, wk = RNG.normal(size=(6, 11)) * scale, RNG.normal(size=(6, 11))
    wq.setflags(write=False)
    far = np.array([0.0, 1.0, 7.0, 100.0])
    found = spread_at_distance(wq, np.asfortranarray(wk), far, base=100.0)
    for distance, one in zip(far, found, strict=True):
        turned = rotate((wq / scale).T, distance, base=100.0).T
        assert_allclose(one / scale, np.linalg.norm(turned.T @ wk) / np.sqrt(6), rtol=1e-12)
    assert_allclose(found[0], score_spread(wq, wk), rtol=1e-12)


def test_a_query_looks_back_by_the_distance():
    wq, wk = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 4))
    x, y = RNG.normal(size=(2, 300_000, 4))
    scores = np.einsum("ij,ij->i", rotate(x @ wq.T, 9.0), rotate(y @ wk.T, 5.0)) / 2.0
    assert_allclose(scores.std(), spread_at_distance(wq, wk, 4.0), rtol=0.01)


def test_the_symmetric_share_is_that_of_the_product():
    for shape in ((3, 8), (8, 3), (1, 1)):
        wq, wk = RNG.normal(size=shape), RNG.normal(size=shape)
        m = wq.T @ wk
        whole = np.linalg.norm((m + m.T) / 2) ** 2 / np.linalg.norm(m) ** 2
        assert_allclose(symmetric_share(wq, wk), whole, rtol=1e-10)
    wq = RNG.normal(size=(3, 8))
    assert_allclose(symmetric_share(wq, wq), 1.0, rtol=1e-12)
    flipped = np.array([[0.0, 1.0], [-1.0, 0.0]])
    assert symmetric_share(np.eye(2), flipped) == pytest.approx(0.0, abs=1e-15)
    assert np.isnan(symmetric_share(np.zeros((2, 2)), np.eye(2)))


def test_heads_that_do_not_fit_are_refused():
    with pytest.raises(ArgumentError, match="even"):
        spread_at_distance(np.ones((3, 2)), np.ones((3, 2)), 1.0)
    with pytest.raises(ArgumentError):
        symmetric_share(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(ArgumentError):
        spread_at_distance(np.ones((2, 2)), np.ones((2, 2)), -1.0)
    with pytest.raises(DataError):
        symmetric_share([[np.inf]], [[1.0]])


def test_a_mask_of_several_lengths_is_that_of_each_row():
    """Rows of one block see different numbers of tokens."""
    at = np.array([20, 22, 24])
    curve = sampled_curve(at, kind="soft_topk", k=5, tau=0.7, trials=1, seed=8, features=4)
    rng = np.random.default_rng((8, 0))
    rng.standard_normal((24, 4))
    q, keys = rng.standard_normal((3, 4)), rng.standard_normal((24, 4))
    q *= 2.0 / np.linalg.norm(q, axis=1, keepdims=True)
    for row, n in enumerate(at):
        mask = get_operator("sigmoid")(q[row] @ keys[:n].T / 2.0, 5, tau=0.7)
        share = mask / mask.sum()
        assert_allclose(curve.weighted[row], np.sqrt(np.sum(share**2)), rtol=1e-9)
    assert_array_equal(curve.position, at)
