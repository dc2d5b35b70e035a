"""What every registered operator promises, run over the registry."""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, RankscopeError
from engine.topk import OPERATORS, get_operator
from engine.topk.operators.gumbel_subset import gumbel_noise
from tests.engine.topk.derivatives import check_derivatives

EVERY = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
EXHAUSTIVE = bool(os.environ.get("RANKSCOPE_EXHAUSTIVE"))
ROWS = [op for op in OPERATORS if op.kernels]
# Rows solved in place may add up in another order than what a mask leaves of them.
ROUNDING = {True: {"rtol": 0, "atol": 1e-15}, False: {"rtol": 0, "atol": 0}}
BY_ROWS = pytest.mark.parametrize("op", ROWS, ids=lambda op: op.key)


def test_every_key_is_there_once():
    assert len({op.key for op in OPERATORS}) == len(OPERATORS)


def test_unknown_key_names_the_known_ones():
    with pytest.raises(ArgumentError, match=", ".join(op.key for op in OPERATORS)):
        get_operator("softmaxx")


@EVERY
def test_record_says_where_it_comes_from(op):
    assert op.title
    assert op.formula
    assert op.source
    assert get_operator(op.key) is op


def _sample(op):
    cases = []
    for n in (2, 7, 24, 200) if EXHAUSTIVE else (2, 8):
        ks = range(1, n) if EXHAUSTIVE and n < 30 else sorted({1, n // 2, n - 1} - {0})
        for k in [*ks, *([] if op.needs_integer_k else [0.5, n - 0.25])]:
            taus = (1.0, 0.03, 1e-300) if EXHAUSTIVE or n == 2 else (1.0, 0.03)
            cases += [(n, k, tau) for tau in taus]
    return cases


@pytest.mark.parametrize("op", [op for op in OPERATORS if op.accurate], ids=lambda op: op.key)
def test_value_agrees_with_fifty_digits(op, reference):
    for case, (n, k, tau) in enumerate(_sample(op)):
        inputs = list(reference.inputs(n).items())
        for name, x in inputs if EXHAUSTIVE else inputs[case % 3 :: 3]:
            p = op(x, k, tau)
            truth = reference.truth(op.key, x, k, tau)
            assert_allclose(p, truth, rtol=0, atol=1e-12, err_msg=f"{name} n={n} k={k} tau={tau}")
            if op.sums_to_k:
                assert abs(p.sum() - k) <= 1e-12 * n


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("key", ["sigmoid", "laplace", "exp", "clip", "grad"])
def test_value_agrees_with_fifty_digits_for_two_hundred_scores(key, reference):
    x = reference.inputs(200)["normal"]
    truth = reference.truth(key, x, 67, 0.3)
    assert_allclose(get_operator(key)(x, 67, 0.3), truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", ["iterated_softmax", "iterated_weighted_softmax", "gumbel_subset"])
def test_iterated_value_agrees_with_many_digits_at_moderate_spread(key, reference):
    for name in ("normal", "tiny spread", "all equal", "sorted", "offset 1e8"):
        x = reference.inputs(9)[name]
        for k in (1, 2, 3):
            truth = reference.truth(key, x, k, 0.5, gumbel_noise(9, 0))
            p = get_operator(key)(x, k, 0.5)
            assert_allclose(p, truth, rtol=0, atol=1e-11, err_msg=f"{name} k={k}")


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", ["iterated_softmax", "iterated_weighted_softmax"])
@pytest.mark.parametrize("name", ["normal", "ties", "near ties", "all equal", "tiny spread",
                                  "mixed scales", "outlier", "spread 1e4"])  # fmt: skip
def test_iterated_value_keeps_twelve_digits_where_float64_cannot(key, name, reference):
    for n in (2, 3, 7):
        x = reference.inputs(n)[name]
        for tau in (1.0, 0.05, 1e-3):
            if key == "iterated_weighted_softmax" and np.ptp(x) / tau > 5000.0:
                continue  # more digits than the reference takes
            for k in sorted({1, 2, n - 1} - {n}):
                truth = reference.truth(key, x, k, tau)
                p = get_operator(key)(x, k, tau)
                assert_allclose(p, truth, rtol=0, atol=1e-12, err_msg=f"n={n} k={k} tau={tau}")


@EVERY
def test_zero_keeps_nothing_and_all_keeps_everything(op):
    x = np.array([3.0, -1.0, 0.5])
    assert_array_equal(op(x, 0), np.zeros(3))
    assert_array_equal(op(x, 3), np.ones(3))
    assert_array_equal(op.vjp(x, 3, 1.0, x), np.zeros(3))
    assert_array_equal(op.jacobian(x, 0), np.zeros((3, 3)))


@EVERY
def test_masked_scores_get_nothing_and_are_left_out(op):
    x = np.array([-np.inf, 2.0, 0.3, -np.inf, 1.0, -1.0])
    kept = np.isfinite(x)
    assert_array_equal(op(x, 2, 0.5)[~kept], [0.0, 0.0])
    digits = ROUNDING[bool(op.kernels)]
    assert_allclose(op(x, 2, 0.5)[kept], op(x[kept], 2, 0.5), **digits)
    assert_array_equal(op(x, 4), kept.astype(float))
    jacobian = op.jacobian(x, 2, 0.5)
    assert_allclose(jacobian[np.ix_(kept, kept)], op.jacobian(x[kept], 2, 0.5), **digits)
    assert not jacobian[~kept].any()
    assert not jacobian[:, ~kept].any()
    with pytest.raises(ArgumentError, match=r"k = 5 .*\[0, 4\]: 2 of 6 scores"):
        op(x, 5)


@EVERY
def test_batches_are_rows_one_by_one(op):
    x = np.random.default_rng(1).standard_normal((2, 3, 6))
    p = op(x, 2, 0.4)
    assert p.shape == x.shape
    # Rows solved together may share work (GradTopK's angles are those of the widest of them).
    digits = ROUNDING[bool(op.kernels)]
    assert_allclose(p[1, 2], op(x[1, 2], 2, 0.4), **digits)
    assert op(np.empty((0, 4)), 2).shape == (0, 4)
    assert_allclose(op.vjp(x, 2, 0.4, x)[0, 1], op.vjp(x[0, 1], 2, 0.4, x[0, 1]), **digits)


@BY_ROWS
def test_long_rows_see_what_is_not_finite(op):
    n = 70_000
    x, v = np.random.default_rng(2).standard_normal((2, n))
    for value in (np.nan, np.inf):
        for place in (0, 32, n - 1):  # inside and outside the sample that gives the start
            broken = x.copy()
            broken[place] = value
            with pytest.raises(RankscopeError, match=rf"index \({place},\)"):
                op(broken, 1000)
    x[::3] = -np.inf
    kept = np.isfinite(x)
    assert_allclose(op(x, 1000)[kept], op(x[kept], 1000), rtol=0, atol=1e-15)
    product = op.vjp(x, 1000, 1.0, v)
    assert_allclose(product[kept], op.vjp(x[kept], 1000, 1.0, v[kept]), rtol=0, atol=1e-14)
    assert not product[~kept].any()
    assert not op(x, 1000)[~kept].any()


@pytest.mark.parametrize(
    "op", [op for op in OPERATORS if not op.needs_integer_k], ids=lambda op: op.key
)
@pytest.mark.parametrize("k", [0.02, 0.4, 6.7])
def test_derivatives_where_k_is_nearly_none_or_all(op, k):
    check_derivatives(op, 7, k, 0.9)


# The others may round differently beside other rows; test_grad_of_rows_... says by how much.
APART = [op for op in ROWS if op.family == "threshold"]


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("op", APART, ids=lambda op: op.key)
@pytest.mark.parametrize("tau", [1.0, 0.03, 1e-300])
def test_rows_solved_together_are_the_rows_solved_alone(op, tau, reference):
    x = np.stack(list(reference.inputs(23).values()))
    g = np.random.default_rng(8).standard_normal(x.shape)
    for k in (1, 7, 7.5, 22):
        p, product, by_tau, by_k = (
            op(x, k, tau), op.vjp(x, k, tau, g), op.d_tau(x, k, tau), op.d_k(x, k, tau)
        )  # fmt: skip
        for row in range(len(x)):
            assert_array_equal(p[row], op(x[row], k, tau))
            assert_array_equal(product[row], op.vjp(x[row], k, tau, g[row]))
            assert_array_equal(by_tau[row], op.d_tau(x[row], k, tau))
            assert_array_equal(by_k[row], op.d_k(x[row], k, tau))


@pytest.mark.parametrize("tau", [1.0, 0.03, 1e-300])
def test_grad_of_rows_together_agrees_with_rows_alone(tau, reference):
    op, x = get_operator("grad"), np.stack(list(reference.inputs(23).values()))
    g = np.random.default_rng(8).standard_normal(x.shape)
    for k in (1, 7, 22):
        p, product, by_tau = op(x, k, tau), op.vjp(x, k, tau, g), op.d_tau(x, k, tau)
        for row in range(len(x)):
            assert_allclose(p[row], op(x[row], k, tau), rtol=0, atol=2e-15)
            alone = op.vjp(x[row], k, tau, g[row])
            assert_allclose(product[row], alone, rtol=0, atol=1e-14 / tau)
            if tau > 1e-3:  # entries that J takes to 0 are as large as the scores over tau
                digits = {"rtol": 1e-11, "atol": 1e-14 * np.ptp(x[row]) / tau**2}
                assert_allclose(by_tau[row], op.d_tau(x[row], k, tau), **digits)


@pytest.mark.parametrize("key", ["sigmoid", "clip"])
def test_a_batch_of_middling_rows_is_worth_compiling(key):
    x = np.random.default_rng(4).standard_normal((4, 9000)).astype(np.float32)
    x[1, ::3] = -np.inf
    p = get_operator(key)(x, 1000, 0.5)
    for row in range(4):  # one such row is not: two algorithms, one answer
        assert_allclose(p[row], get_operator(key)(x[row], 1000, 0.5), rtol=0, atol=1e-7)


def test_a_nan_is_no_mask_and_a_list_no_k_of_a_row_of_its_own():
    op = get_operator("sigmoid")
    with pytest.raises(ArgumentError, match=r"^k = 5 is not allowed: .* in \[0, 3\]\.$"):
        op([1.0, np.nan, 2.0], 5, 1.0)
    with pytest.raises(ArgumentError, match="broadcasts"):
        op([1.0, -np.inf, 2.0], [1, 1], 1.0)


@pytest.mark.parametrize("key", ["sigmoid", "grad", "iterated_softmax"])
@pytest.mark.parametrize("k", [5, 7, -1])
def test_the_limit_of_k_is_that_of_the_scores_that_are_not_masked(key, k):
    x = np.array([3.0, 1.0, -np.inf, 2.0, -np.inf, 0.0])
    kind = "an integer" if get_operator(key).needs_integer_k else "a number"
    with pytest.raises(ArgumentError, match=rf"^k = {k} .* {kind} in \[0, 4\]: 2 of 6 scores are"):
        get_operator(key)(x, k, 1.0)
    rows = np.stack([[np.arange(6.0)], [x], [np.full(6, -np.inf)]])
    words = rf"^k = {k} .* {kind} in \[0, 4\]: 2 of the 6 scores of row x\[1, 0\] are"
    with pytest.raises(ArgumentError, match=words):
        get_operator(key)(rows, k, 1.0)


@EVERY
def test_every_row_has_its_own_mask(op):
    r = np.random.default_rng(9)
    x, g = r.standard_normal((2, 5, 12))
    x[np.arange(12) > np.arange(3, 8)[:, None] + 1] = -np.inf  # 5, 6, 7, 8, 9 scores are left
    x[2, 0], g[~np.isfinite(x)] = -np.inf, np.nan
    p, product = op(x, 5, 0.7), op.vjp(x, 5, 0.7, g)
    for row, kept in enumerate(np.isfinite(x)):
        assert_array_equal(p[row, ~kept], 0.0)
        assert_array_equal(product[row, ~kept], 0.0)
        assert_allclose(p[row, kept], op(x[row, kept], 5, 0.7), rtol=0, atol=1e-15)
        alone = op.vjp(x[row, kept], 5, 0.7, g[row, kept])
        assert_allclose(product[row, kept], alone, rtol=0, atol=1e-14 * max(1, np.abs(alone).max()))
    with pytest.raises(ArgumentError, match=r"\[0, 5\]: 7 of the 12 scores of row x\[0\] "):
        op(x, 6, 0.7)
    x[3, 1] = np.nan
    with pytest.raises(RankscopeError, match=r"nan at index \(3, 1\)"):
        op(x, 5, 0.7)


@EVERY
def test_inputs_are_never_modified_and_need_not_be_plain(op):
    x = np.random.default_rng(2).standard_normal(14)
    x.setflags(write=False)
    before = x.copy()
    p = op(x, 4, 0.6)
    op.vjp(x, 4, 0.6, x)
    op.jvp(x, 4, 0.6, x)
    op.d_tau(x, 4, 0.6)
    assert_array_equal(x, before)
    assert p is not x
    assert p.flags.writeable
    assert_array_equal(op(x[::2], 4, 0.6), op(np.ascontiguousarray(x[::2]), 4, 0.6))
    assert_array_equal(op(list(map(float, x)), 4, 0.6), p)
    assert_array_equal(op(x, np.int64(4), np.float32(0.5)), op(x, 4, 0.5))


@EVERY
def test_dtype_in_is_dtype_out(op):
    x = np.array([0.5, 0.25, -1.0, 2.0], dtype=np.float32)
    assert op(x, 2).dtype == np.float32
    assert op.vjp(x, 2, 1.0, x).dtype == np.float32
    assert op.jacobian(x, 2).dtype == np.float32
    assert_allclose(op(x, 2), op(x.astype(np.float64), 2), rtol=0, atol=1e-6)
    assert op([3, 1, 2], 2).dtype == np.float64


@EVERY
@pytest.mark.parametrize(
    ("x", "k", "tau", "named"),
    [
        ([1.0, np.nan, 2.0], 1, 1.0, r"nan at index \(1,\)"),
        ([[1.0, 2.0], [3.0, np.inf]], 1, 1.0, r"inf at index \(1, 1\)"),
        ([1.0, 2.0], 3, 1.0, r"k = 3 .*\[0, 2\]"),
        ([1.0, 2.0], -1, 1.0, r"k = -1 .*\[0, 2\]"),
        ([1.0, 2.0], np.nan, 1.0, r"k = nan .*\[0, 2\]"),
        ([1.0, 2.0], "1", 1.0, "k = '1'"),
        ([1.0, 2.0], True, 1.0, "k = True"),
        ([1.0, 2.0], 1, 0.0, r"tau = 0.0 .*positive"),
        ([1.0, 2.0], 1, -1.0, r"tau = -1.0 .*positive"),
        ([1.0, 2.0], 1, np.nan, r"tau = nan .*positive"),
        ([1.0, 2.0], 1, np.inf, r"tau = inf .*positive"),
        ([], 0, 1.0, r"x = \(0,\)"),
        (3.0, 1, 1.0, r"x = \(\)"),
        ([1.0 + 2.0j, 0.0], 1, 1.0, "complex128"),
        (np.array([1.0, None], dtype=object), 1, 1.0, "object"),
        ([[1.0, 2.0], [3.0]], 1, 1.0, "rectangular"),
    ],
)
def test_bad_arguments_are_named(op, x, k, tau, named):
    with pytest.raises(RankscopeError, match=named):
        op(x, k, tau)


@EVERY
def test_bad_directions_are_named(op):
    with pytest.raises(ArgumentError, match=r"g = \(2,\).*shape"):
        op.vjp([1.0, 2.0, 3.0], 1, 1.0, [1.0, 2.0])
    with pytest.raises(ArgumentError, match="1-D"):
        op.jacobian(np.zeros((2, 2)), 1)
    with pytest.raises(ArgumentError, match="seed"):
        op([1.0, 2.0], 1, seed=-1)


@EVERY
def test_fractional_k_is_taken_or_refused(op):
    x = [2.0, 1.0, 0.0]
    if op.needs_integer_k:
        for call in (lambda: op(x, 1.5), lambda: op.d_k(x, 1)):
            with pytest.raises(ArgumentError, match="integer"):
                call()
        return
    assert_allclose(op(x, 1.3, 0.7).sum(), 1.3, rtol=0, atol=1e-12)
    slope = (op(x, 1.3 + 1e-6, 0.7) - op(x, 1.3 - 1e-6, 0.7)) / 2e-6
    assert_allclose(op.d_k(x, 1.3, 0.7), slope, rtol=1e-7, atol=1e-8)


DIFFERENTIATED = [op for op in OPERATORS if not op.estimates_slope]


@pytest.mark.parametrize("op", DIFFERENTIATED, ids=lambda op: op.key)
@pytest.mark.parametrize(("n", "k", "tau"), [(6, 2, 0.7), (20, 7, 1.3), (5, 4, 0.2)])
def test_derivatives_agree_with_differences_and_each_other(op, n, k, tau):
    # Where p itself loses digits at low tau and large k, differences of it say nothing.
    check_derivatives(op, n, k, tau, spread=1.0 if op.accurate or tau > 0.5 else 0.25)


@pytest.mark.parametrize("op", [op for op in OPERATORS if op.saturates], ids=lambda op: op.key)
def test_derivatives_vanish_where_everything_is_saturated(op):
    x = np.array([4.0, 3.0, 1.0, 0.0])
    v = np.array([1.0, -2.0, 0.5, 1.0])
    assert_array_equal(op.jvp(x, 2, 1e-5, v), np.zeros(4))
    assert_array_equal(op.vjp(x, 2, 1e-5, v), np.zeros(4))
    assert_array_equal(op.d_tau(x, 2, 1e-5), np.zeros(4))


@pytest.mark.sample(1 / 3)
@BY_ROWS
@pytest.mark.parametrize("shape", ["normal", "sorted", "bimodal", "tied", "outlier", "periodic"])
def test_long_rows_keep_the_laws_whatever_their_order(op, shape):
    n, k = 40_000, 13_000
    normal = np.random.default_rng(5).standard_normal(n)
    x = {
        "normal": normal,
        "sorted": np.sort(normal),
        "bimodal": np.where(np.arange(n) < 15_000, 30.0, -30.0) + normal,
        "tied": np.round(normal),
        "outlier": np.where(np.arange(n) == 0, 1e8, normal),
        "periodic": np.where(np.arange(n) % 16 == 0, 5.0, normal),
    }[shape]
    for tau in (1.0, 0.01):
        p = op(x, k, tau)
        assert abs(p.sum() - k) <= 1e-12 * n
        assert p.min() >= 0.0
        assert p.max() <= 1.0
        order = np.argsort(x)
        assert np.diff(p[order]).min() >= -1e-12
        v = normal[::-1]
        assert_allclose(np.dot(v, op.jvp(x, k, tau, x)), np.dot(op.vjp(x, k, tau, v), x),
                        rtol=1e-8, atol=1e-6 + 1e-12 * np.abs(x).max())  # fmt: skip
