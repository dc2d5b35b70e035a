"""Sums of squared weights, the spread of scores and what they predict, against brute force."""

from __future__ import annotations

import tracemalloc

import ml_dtypes
import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.attention import (
    alibi_concentration,
    alibi_slopes,
    attention_weights,
    causal_attention,
    concentration,
    distinguishable_positions,
    encoded_scores,
    score_spread,
)
from engine.errors import ArgumentError, DataError
from engine.topk import OPERATORS

RNG = np.random.default_rng(7)


def test_concentration_is_the_sum_of_squares_of_the_last_axis():
    a = RNG.random((3, 4, 5))
    assert_allclose(concentration(a), np.sum(a**2, axis=-1), rtol=1e-14)
    assert_allclose(concentration(a[0, 0]), np.sum(a[0, 0] ** 2), rtol=1e-14)
    view = np.asfortranarray(a)[::2, ::-1]
    view.setflags(write=False)
    assert_allclose(concentration(view), np.sum(view**2, axis=-1), rtol=1e-14)
    short = a.astype(np.float32)
    assert concentration(short).dtype == np.float64
    assert_array_equal(concentration(short), concentration(short.astype(float)))
    assert concentration(np.eye(3, dtype=bool)).tolist() == [1.0, 1.0, 1.0]
    assert concentration(np.empty((0, 3))).shape == (0,)


def test_uniform_weights_have_one_over_n():
    a = attention_weights(np.zeros((50, 50)), "uniform")
    assert_allclose(concentration(a), 1.0 / np.arange(1, 51), rtol=1e-12)


@pytest.mark.parametrize("k", [1, 5, 50, 99])
def test_hard_topk_stops_at_one_over_k(k):
    a = attention_weights(RNG.normal(size=(50, 50)), "soft_topk", k=k, operator="hard")
    assert_allclose(concentration(a), 1.0 / np.minimum(np.arange(1, 51), k), rtol=1e-12)


@pytest.mark.parametrize("sigma", [0.5, 1.0])
def test_softmax_of_normal_scores_tends_to_exp_sigma_squared_over_n(sigma):
    n, rows = 4000, 200
    drawn = sigma * RNG.normal(size=(rows, n))
    a = np.exp(drawn) / np.exp(drawn).sum(axis=1, keepdims=True)
    found = n * concentration(a)
    error = found.std(ddof=1) / rows**0.5
    # The next term of the ratio of means is of order 1/n.
    assert abs(found.mean() - np.exp(sigma**2)) < 3 * error + 20 * np.exp(4 * sigma**2) / n


@pytest.mark.parametrize("slope", [0.0, 1e-12, 1e-3, 0.25, 3.0, 700.0])
def test_alibi_on_equal_scores(slope):
    n = np.arange(1, 65)
    zero = np.zeros((64, 2))
    a = attention_weights(encoded_scores(zero, zero, "alibi", slope=slope))
    assert_allclose(concentration(a), alibi_concentration(n, slope), rtol=1e-9)
    if 1e-3 <= slope < 100.0:
        r = np.exp(-slope)
        distance = (a * (n[:, None] - n)).sum(axis=1)
        assert_allclose(distance, r / (1 - r) - n * r**n / (1 - r**n), rtol=1e-9, atol=1e-12)


SLOPES = [5e-324, 1e-300, 1e-16, 1e-9, 1e-6, 0.1, 1.0, 40.0, 1e3, 1e308]


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("n", [1, 2, 1000, 1e9, 1e300])
def test_alibi_concentration_is_that_of_mpmath(slope, n):
    with mp.workdps(700):
        half = mp.mpf(slope) / 2
        want = float(mp.tanh(half) / mp.tanh(mp.mpf(n) * half))
    assert_allclose(alibi_concentration(n, slope), want, rtol=1e-12)


def test_alibi_concentration_without_slope_and_of_many_heads():
    assert_array_equal(alibi_concentration([1, 2, 4], 0), [1.0, 0.5, 0.25])
    table = alibi_concentration([[1], [10], [100]], alibi_slopes(4))
    assert table.shape == (3, 4)
    assert_allclose(table[2, 1], alibi_concentration(100, alibi_slopes(4)[1]))


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (4, 9), (9, 4), (16, 200)])
@pytest.mark.parametrize("scale", [1.0, 1e-160, 1e150])
def test_spread_is_the_norm_of_the_product(shape, scale):
    q, k = RNG.normal(size=shape), RNG.normal(size=shape)
    want = np.linalg.norm(q.T @ k) / shape[0] ** 0.5
    assert_allclose(score_spread(q * scale, k / scale), want, rtol=1e-12)


def test_spread_is_that_of_drawn_scores():
    q, k = RNG.normal(size=(2, 5, 12))
    x, y = RNG.normal(size=(2, 40000, 12))
    squares = np.einsum("ij,ij->i", x @ q.T, y @ k.T) ** 2 / 5
    error = squares.std(ddof=1) / len(squares) ** 0.5
    assert abs(squares.mean() - score_spread(q, k) ** 2) < 3 * error


def test_spread_keeps_its_digits_where_a_trace_would_cancel():
    turn = np.linalg.qr(RNG.normal(size=(6, 6)))[0]
    q = np.outer(turn[0], RNG.normal(size=30))
    k = np.outer(turn[1] + 1e-7 * turn[0], RNG.normal(size=30))
    with mp.workdps(50):
        inner = sum(
            mp.mpf(a) * mp.mpf(b) for a, b in zip(turn[0], turn[1] + 1e-7 * turn[0], strict=True)
        )
        want = float(abs(inner))
    want *= np.linalg.norm(q) * np.linalg.norm(k) / 6**0.5
    assert_allclose(score_spread(q, k), want, rtol=1e-7)
    assert score_spread([[1.0], [0.0]], [[0.0], [1.0]]) == 0.0
    assert score_spread(np.zeros((3, 4)), np.ones((3, 4))) == 0.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ml_dtypes.bfloat16])
def test_spread_of_short_numbers_is_that_of_the_numbers_they_are(dtype):
    q, k = (RNG.normal(size=(8, 64)).astype(dtype) for _ in range(2))
    q.setflags(write=False)
    want = score_spread(q.astype(float), k.astype(float))
    assert_allclose(score_spread(q, np.asfortranarray(k)), want, rtol=1e-14)
    assert isinstance(score_spread(q, k), float)


def test_spread_never_forms_the_product():
    q = np.ones((2, 20000), np.float32)
    tracemalloc.start()
    score_spread(q, q)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * q.nbytes  # the product has 3.2 GB


def test_places_that_can_be_told():
    assert_allclose(distinguishable_positions(4096, 64), np.log(4096) / (2 * (2 / 64) ** 0.5))
    assert round(float(distinguishable_positions(4096, 64)), 1) == 23.5
    assert distinguishable_positions([1, 10], 8, 1.0).tolist() == [0.0, np.log(10) / 0.5]


def test_the_logarithm_of_an_rms_is_off_by_one_over_root_2d():
    d, trials = 64, 20000
    logs = np.log(np.sqrt(np.mean(RNG.normal(size=(trials, d)) ** 2, axis=1)))
    # Places z steps apart are z sqrt(2/d) apart in ln n = -2 ln RMS.
    step = 1.0 / float(distinguishable_positions(np.e, d, 1.0))
    assert_allclose(2.0 * logs.std(ddof=1), step, rtol=0.03)


def soft_rows(scores, operator, k, tau, causal, rows):
    """Rows each on its own, as the definition says."""
    n = len(scores)
    want = np.zeros((len(rows), n))
    for place, i in enumerate(rows):
        width = i + 1 if causal else n
        mask = operator(scores[i, :width], min(k, width), tau=tau)
        want[place, :width] = mask / mask.sum()
    return want


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.key)
@pytest.mark.parametrize("causal", [True, False])
def test_rows_at_once_are_the_rows_one_by_one(operator, causal):
    scores = RNG.normal(size=(9, 9))
    scores[4] = 0.5  # ties
    found = attention_weights(
        scores, "soft_topk", k=3, tau=0.4, operator=operator.key, causal=causal
    )
    want = soft_rows(scores, operator, 3, 0.4, causal, range(9))
    assert_allclose(found, want, rtol=1e-11, atol=1e-15)
    assert_allclose(concentration(found), np.sum(want**2, axis=1), rtol=1e-11)
    same = attention_weights(scores, "soft_topk", k=3, tau=0.4, operator=operator, causal=causal)
    assert_array_equal(same, found)


def test_rows_in_several_calls_are_the_rows_one_by_one():
    scores = RNG.normal(size=(300, 300))
    calls = []

    def counted(row, k, tau):
        calls.append((row.size, k))
        return np.ones(row.size)

    found = attention_weights(scores, "soft_topk", k=7, tau=0.4)
    sigmoid = next(operator for operator in OPERATORS if operator.key == "sigmoid")
    rows = [0, 5, 7, 108, 109, 110, 217, 218, 299]
    want = soft_rows(scores, sigmoid, 7, 0.4, True, rows)
    assert_allclose(found[rows], want, rtol=1e-11, atol=1e-15)
    attention_weights(scores, "soft_topk", k=7, operator=counted)
    assert calls == [(i + 1, min(i + 1, 7)) for i in range(300)]


BAD_MASKS = {
    "zeros": (lambda row, k, tau: np.zeros(row.size), "sum 0 for row 0"),
    "cancelling": (
        lambda row, k, tau: np.where(np.arange(row.size) % 2, -1.0, 1.0),
        "sum 0 for row 1",
    ),
    "negative": (lambda row, k, tau: -np.ones(row.size), "sum -1 for row 0"),
    "NaN": (lambda row, k, tau: np.full(row.size, np.nan), "holds nan for row 0"),
    "inf": (lambda row, k, tau: np.full(row.size, np.inf), "holds inf for row 0"),
    "short": (lambda row, k, tau: np.ones(1), r"shape \(1,\) for row 1"),
    "nothing": (lambda row, k, tau: None, "object of shape"),
    "complex": (lambda row, k, tau: 1j * row, "complex128"),
    "no function": (3, "operator = 3"),
    "unknown key": ("sigmiod", "operator = 'sigmiod'.* sigmoid"),
}


@pytest.mark.parametrize("name", BAD_MASKS)
def test_masks_that_give_no_weights_are_refused_with_their_row(name):
    operator, said = BAD_MASKS[name]
    with pytest.raises(ArgumentError, match=said):
        attention_weights(np.ones((3, 3)), "soft_topk", k=2, operator=operator)


@pytest.mark.parametrize("size", [1e308, 1e-320])
def test_masks_near_the_ends_of_float64_are_shared_out_all_the_same(size):
    found = attention_weights(
        np.ones((4, 4)), "soft_topk", operator=lambda row, k, tau: np.full(row.size, size)
    )
    assert_allclose(found[3], 0.25, rtol=1e-12)
    assert_allclose(causal_attention(np.ones((4, 2)), found), 1.0, rtol=1e-12)


REFUSED = {
    "weights empty": (lambda: concentration([]), "last axis"),
    "weights a number": (lambda: concentration(1.0), "last axis"),
    "weights text": (lambda: concentration(["a"]), "real numbers"),
    "weights None": (lambda: concentration(None), "real numbers"),
    "weights complex": (lambda: concentration([1j]), "complex128"),
    "n 0": (lambda: alibi_concentration(0, 1.0), "n = 0"),
    "n NaN": (lambda: alibi_concentration([1.0, np.nan], 1.0), r"n = 'nan at index \(1,\)'"),
    "n inf": (lambda: alibi_concentration(np.inf, 1.0), "n = inf"),
    "slope -1": (lambda: alibi_concentration(1, -1.0), "slope = -1"),
    "slope inf": (lambda: alibi_concentration(1, np.inf), "slope = inf"),
    "slope text": (lambda: alibi_concentration(1, "a"), "slope = 'a'"),
    "shapes": (lambda: alibi_concentration([1, 2], [1.0, 2.0, 3.0]), "slope"),
    "length 0": (lambda: distinguishable_positions(0, 4), "length = 0"),
    "length text": (lambda: distinguishable_positions("x", 4), "length = 'x'"),
    "features 0": (lambda: distinguishable_positions(9, 0), "features = 0"),
    "features NaN": (lambda: distinguishable_positions(9, np.nan), "features = nan"),
    "z 0": (lambda: distinguishable_positions(9, 4, 0.0), "z = 0"),
    "spread shapes": (lambda: score_spread(np.ones((2, 3)), np.ones((3, 3))), r"wk = \(3, 3\)"),
    "spread one axis": (lambda: score_spread(np.ones(3), np.ones(3)), "wq"),
    "spread empty": (lambda: score_spread(np.ones((0, 3)), np.ones((0, 3))), "wq"),
    "spread complex": (lambda: score_spread(np.ones((1, 1)), [[1j]]), "wk"),
    "spread ragged": (lambda: score_spread([[1.0], [1.0, 2.0]], [[1.0]]), "wq"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_answer_is_refused_by_name(name):
    call, said = REFUSED[name]
    with pytest.raises(ArgumentError, match=said):
        call()


def test_data_without_an_answer_are_refused():
    with pytest.raises(DataError, match=r"weights, 1 of 2 .* index \(1,\)"):
        concentration([1.0, np.nan])
    with pytest.raises(DataError, match="a sum of squares"):
        concentration([1e200])
    with pytest.raises(DataError, match=r"wk.* row 0, column 1"):
        score_spread([[1.0, 2.0]], [[1.0, np.inf]])
    with pytest.raises(DataError, match="the spread"):
        score_spread([[1e200]], [[1e200]])
