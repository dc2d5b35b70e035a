"""Position hides in the norm: measured against s / sqrt(n) and against brute force."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import topk
from engine.attention import (
    ENCODINGS,
    KINDS,
    attention_weights,
    causal_attention,
    expected_rms,
    last_token_error,
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
    assert_allclose(resolution(1e240, 1e300), 0.5e-60, rtol=1e-9)


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


@pytest.mark.parametrize("causal", [True, False])
def test_uniform_attention_is_that_of_weights_written_out(causal):
    """The walk of the running sum against attention over drawn values, in mean and spread."""
    n, features, trials = 12, 3, 4000
    curve = position_curve(n, causal=causal, features=features, trials=trials, seed=6)
    v = np.random.default_rng(7).normal(size=(trials, n, features))
    a = attention_weights(np.zeros((n, n)), "uniform", causal=causal)
    squares = np.mean((a @ v) ** 2, axis=2)
    rms = np.sqrt(squares.mean(axis=0))
    error = squares.std(axis=0, ddof=1) / trials**0.5 / (2.0 * rms)
    assert np.all(np.abs(curve.rms - rms) < 3.5 * np.hypot(error, curve.standard_error))
    assert_allclose(curve.standard_error, error, rtol=0.15)
    seen = np.arange(1, n + 1) if causal else np.full(n, n)
    assert_allclose(curve.weighted, 1.0 / np.sqrt(seen), rtol=1e-12)


def test_neighbours_share_their_past():
    """Squares of neighbours are correlated as running sums are: (n / m) for n < m."""
    rms = np.array([position_curve(9, features=1, trials=1, seed=i).rms for i in range(4000)])
    found = np.corrcoef((rms**2).T)
    n = np.arange(1, 10)
    want = np.minimum.outer(n, n) / np.maximum.outer(n, n)
    assert_allclose(found, want, atol=0.08)


def test_long_uniform_curves_hold_no_square_matrix():
    tracemalloc.start()
    curve = position_curve(20_000, trials=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert abs(curve.rms[-1] / curve.expected[-1] - 1.0) < 0.5


def test_a_single_feature_and_a_single_position():
    curve = position_curve(1, features=1, trials=2000, seed=8)
    assert abs(curve.rms[0] - 1.0) < 3 * curve.standard_error[0]


V = np.random.default_rng(9).normal(size=(24, 6))


@pytest.mark.parametrize("kind", KINDS)
def test_one_causal_layer_without_encoding_sees_no_order_and_two_layers_do(kind):
    options = {"kind": kind, "k": 5, "operator": two_best}
    assert last_token_error(V, **options) < 1e-14
    for layers in (2, 3):
        assert last_token_error(V, layers=layers, **options) > 1e-4
        assert last_token_error(V, layers=layers, causal=False, **options) < 1e-13


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("encoding", ENCODINGS[1:])
def test_every_encoding_sees_the_order_in_one_layer(encoding, causal):
    assert last_token_error(V, encoding=encoding, causal=causal) > 1e-4
    if encoding == "alibi":
        assert last_token_error(V, encoding=encoding, slope=0.0) < 1e-14


def test_the_change_of_the_last_token_by_hand():
    order = np.append(np.random.default_rng(3).permutation(23), 23)

    def last(x):
        for _ in range(2):
            scores = x @ x.T / 6**0.5
            e = np.where(np.tri(24, dtype=bool), np.exp(scores - scores.max()), 0.0)
            x = x + (e / e.sum(axis=1, keepdims=True)) @ x
        return x[-1]

    want = np.abs(last(V) - last(V[order])).max()
    assert_allclose(last_token_error(V, layers=2, seed=3), want, rtol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_two_tokens_before_the_last_are_always_exchanged(seed):
    assert last_token_error(V[:3], encoding="rope", seed=seed) > 1e-4
    assert last_token_error(V[:2], encoding="rope", seed=seed) == 0.0
    assert last_token_error(V[:1], encoding="rope", seed=seed) == 0.0


def test_values_of_other_types_and_layouts_are_read_as_they_are():
    short = V.astype(np.float32)
    wide = last_token_error(short.astype(float), layers=2)
    short.setflags(write=False)
    assert last_token_error(short, layers=2) == wide
    assert_allclose(last_token_error(np.asfortranarray(short)[:, :], layers=2), wide, rtol=1e-9)


@pytest.mark.parametrize("k", [np.nan, np.inf, -np.inf, "a", None, 2.5, 0, -1, True, [3], 10**400])
def test_k_is_a_positive_integer(k):
    with pytest.raises(ArgumentError, match=r"k = .* an integer of at least 1"):
        attention_weights(SCORES, "soft_topk", k=k)
    with pytest.raises(ArgumentError, match="k = "):
        last_token_error(V, kind="soft_topk", k=k)


def test_k_of_any_numeric_type_and_size_is_taken():
    want = attention_weights(SCORES, "soft_topk", k=7)
    for k in (7.0, np.float32(7), np.int8(7), np.array(7), 10**30):
        assert_allclose(attention_weights(SCORES, "soft_topk", k=k), want, rtol=1e-12)


@pytest.mark.parametrize("n", ["x", None, [1.0, "2"], np.nan, np.inf, 0.5, [3, 0], True, 1j])
@pytest.mark.parametrize("function", [expected_rms, resolution])
def test_positions_are_numbers_of_at_least_one(function, n):
    with pytest.raises(ArgumentError, match=r"n = .*(finite positions of at least 1|real numbers)"):
        function(n)


def test_positions_of_any_shape_and_type():
    assert expected_rms([]).shape == (0,)
    assert_allclose(expected_rms([[1, 10**30]]), [[1.0, 1e-15]])
    assert expected_rms(np.array([4], np.float32)).dtype == np.float64


REFUSED = {
    "layers": (lambda: last_token_error(V, layers=0), "layers = 0"),
    "layers many": (lambda: last_token_error(V, layers=10**6), "layers"),
    "encoding": (lambda: last_token_error(V, encoding="learned"), "encoding"),
    "kind": (lambda: last_token_error(V, kind="linear"), "kind"),
    "kind array": (lambda: attention_weights(SCORES, SCORES), "kind"),
    "ragged scores": (lambda: attention_weights([[1.0], [1.0, 2.0]]), "scores"),
    "ragged weights": (lambda: causal_attention(V, [[1.0], [1.0, 2.0]]), "weights"),
    "curve kind": (lambda: position_curve(4, kind="linear"), "kind"),
    "curve tau": (lambda: position_curve(4, tau=0.0), "tau"),
    "seed": (lambda: last_token_error(V, seed=-1), "seed"),
    "slope": (lambda: last_token_error(V, encoding="alibi", slope=-1.0), "slope"),
    "empty": (lambda: last_token_error(np.ones((0, 3))), "values"),
    "odd": (lambda: last_token_error(V[:, :5], encoding="rope"), "even"),
    "complex": (lambda: last_token_error(V * 1j), "values"),
    "ragged": (lambda: permutation_error([[1.0], [1.0, 2.0]], causal=True), "values"),
    "spread": (lambda: position_curve(3, kind="softmax", score_spread=1e301), "1e300"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_answer_is_refused_by_name(name):
    call, said = REFUSED[name]
    with pytest.raises(ArgumentError, match=said):
        call()


def test_what_float64_cannot_hold_is_refused_without_a_warning():
    with pytest.raises(DataError, match="a score"):
        last_token_error(V * 1e200)
    with pytest.raises(DataError, match="the RMS"):
        position_curve(300, causal=False, s=1.7e308, features=1, trials=1, kind="softmax", tau=1e-9)
    if np.finfo(np.longdouble).maxexp > 16000:
        with pytest.raises(DataError, match="49 of 49"):
            attention_weights(np.full((7, 7), np.longdouble("1e4000")))
    with pytest.raises(DataError, match="row 2, column 1"):
        last_token_error(np.where(np.arange(18).reshape(9, 2) == 5, np.nan, 1.0))
