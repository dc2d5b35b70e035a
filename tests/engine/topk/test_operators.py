"""What every registered operator promises, run over the registry."""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, RankscopeError
from engine.suites import OPERATOR_CHECKS
from engine.suites.operators import check_derivatives
from engine.topk import OPERATORS, get_operator
from engine.topk.operators.gumbel_subset import gumbel_noise

EVERY = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
EXHAUSTIVE = bool(os.environ.get("RANKSCOPE_EXHAUSTIVE"))
ROWS = [op for op in OPERATORS if op.kernels]
BY_ROWS = pytest.mark.parametrize("op", ROWS, ids=lambda op: op.key)


def test_every_key_is_there_once():
    assert len({op.key for op in OPERATORS}) == len(OPERATORS)


def test_unknown_key_names_the_known_ones():
    with pytest.raises(ArgumentError, match=", ".join(op.key for op in OPERATORS)):
        get_operator("softmaxx")


@pytest.mark.sample(1 / 3)
@EVERY
@pytest.mark.parametrize("check", OPERATOR_CHECKS, ids=lambda check: check.__name__)
def test_operator_keeps_what_all_promise(op, check):
    check(op)


def _sample(op):
    cases = []
    for n in (2, 7, 24, 200) if EXHAUSTIVE else (2, 8):
        ks = range(1, n) if EXHAUSTIVE and n < 30 else sorted({1, n // 2, n - 1} - {0})
        for k in [*ks, *([] if op.needs_integer_k else [0.5, n - 0.25])]:
            taus = (1.0, 0.03, 1e-300) if EXHAUSTIVE or n == 2 else (1.0, 0.03)
            cases += [(n, k, tau) for tau in taus]
    return cases


@pytest.mark.sample(1 / 6)
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


@pytest.mark.sample(1 / 6)
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


@pytest.mark.sample(1 / 6)
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
