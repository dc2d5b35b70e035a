"""Router formulas against mpmath and against choosing by hand."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.topk import ROUTER_FORMULAS, audit_routing, compared_scores, router_weights

INF = np.inf
ROWS = [
    [0.3, -1.2, 2.5, 2.5, 0.0],
    [700.0, -700.0, 699.5, 0.0, 1.0],
    [-INF, 0.1, -INF, 0.1, -3.0],
    [1e-30, 0.0, -1e-30, 5e-324, 0.0],
    [-40.0, -41.0, -39.0, -800.0, -45.0],
    [-801.0, -800.0, -803.0, -900.0, -800.5],  # every sigmoid underflows
    [-1e30, -1e30, -2e30, -1e300, -1e31],
]
BIAS = [0.0, 0.25, -0.5, 0.01, 0.3]


def exactly(row, k, formula, bias):
    """Compared numbers and weights of one token, with 60 digits."""
    with mpmath.workdps(60):
        x = [mpmath.mpf(value) for value in row]
        total = sum(mpmath.exp(value) for value in x if value > -mpmath.inf)
        sigmoid = [mpmath.mpf(0) if v == -mpmath.inf else 1 / (1 + mpmath.exp(-v)) for v in x]
        if formula == "topk_softmax":
            compared = x
        elif formula == "softmax_topk":
            compared = [mpmath.exp(v) / total if v > -mpmath.inf else v for v in x]
        else:
            compared = [s + b if v > -mpmath.inf else v
                        for v, s, b in zip(x, sigmoid, bias, strict=True)]  # fmt: skip
        compared = [float(one) for one in compared]
        best = sorted(range(len(x)), key=lambda i: (-compared[i], i))[:k]
        best = [i for i in best if x[i] > -mpmath.inf]
        if formula == "sigmoid_bias":
            parts = {i: sigmoid[i] for i in best}
        else:
            parts = {i: mpmath.exp(x[i]) for i in best}
        whole = total if formula == "softmax_topk" else sum(parts.values())
        weights = [float(parts[i] / whole) if i in parts else 0.0 for i in range(len(x))]
    return compared, weights


@pytest.mark.parametrize("k", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("formula", ROUTER_FORMULAS)
def test_formulas_are_what_they_say(formula, k):
    for row in ROWS:
        compared, weights = exactly(row, k, formula, BIAS)
        assert_allclose(compared_scores([row], formula, BIAS)[0], compared, 1e-14, 1e-16)
        assert_allclose(router_weights([row], k, formula, BIAS)[0], weights, rtol=1e-13)


@pytest.mark.parametrize("formula", ROUTER_FORMULAS)
def test_many_tokens_are_each_on_its_own_and_nothing_is_written_to(formula):
    x = np.random.default_rng(4).normal(size=(40, 16)).astype(np.float32)
    x.flags.writeable = False
    whole = router_weights(x.T[::2].T, 3, formula)
    rows = [router_weights(one[None, ::2], 3, formula)[0] for one in x]
    assert_array_equal(whole, rows)
    assert (np.count_nonzero(whole, axis=1) == 3).all()
    if formula != "softmax_topk":
        assert_allclose(whole.sum(axis=1), 1.0)


def rounded(x, name):
    """Rounded as a cast does, saturated before."""
    import ml_dtypes

    dtype = np.dtype(name) if name == "float16" else np.dtype(getattr(ml_dtypes, name))
    top = float(np.finfo(np.float16).max if name == "float16" else ml_dtypes.finfo(dtype).max)
    return np.clip(x.astype(np.float64), -top, top).astype(dtype).astype(np.float64)


def chosen(x, k):
    return [frozenset(np.argsort(-row, kind="stable")[:k].tolist()) for row in x]


@pytest.mark.parametrize("formula", ROUTER_FORMULAS)
def test_the_audit_of_what_is_compared_is_that_of_brute_force(formula):
    rng = np.random.default_rng(8)
    x = rng.normal(size=(300, 24)).astype(np.float32)
    compared = compared_scores(x, formula, rng.normal(size=24) / 10)
    assert compared.dtype == np.float32
    audit = audit_routing(compared, 4)
    before = chosen(compared, 4)
    for name, flags in audit.changed.items():
        after = chosen(rounded(compared, name), 4)
        assert flags.tolist() == [a != b for a, b in zip(before, after, strict=True)], name
    ordered = -np.sort(-compared.astype(np.float64), axis=1)
    ulp = np.spacing(ordered[:, 3].astype(np.float32)).astype(float)
    assert audit.within_ulp == int((ordered[:, 3] - ordered[:, 4] <= ulp).sum())


def test_types_of_what_is_compared():
    import ml_dtypes

    for dtype in (np.float16, ml_dtypes.bfloat16, np.float32):
        x = np.array([[1.0, 2.0]]).astype(dtype)
        assert compared_scores(x, "topk_softmax") is x
        assert compared_scores(x, "softmax_topk").dtype == np.float32
    assert compared_scores([[1, 2]], "sigmoid_bias").dtype == np.float64
    assert compared_scores([[-INF, -INF]], "softmax_topk").tolist() == [[-INF, -INF]]
    assert router_weights(np.zeros((0, 3)), 2, "softmax_topk").shape == (0, 3)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: compared_scores([[1.0]], "softmax"), ArgumentError, "topk_softmax"),
        (lambda: compared_scores([1.0], "topk_softmax"), ArgumentError, "tokens x experts"),
        (lambda: compared_scores([["a"]], "topk_softmax"), ArgumentError, "real numbers"),
        (lambda: compared_scores([[1.0, np.nan]], "topk_softmax"), DataError, "nan"),
        (lambda: router_weights([[1.0], [INF]], 1, "softmax_topk"), DataError, r"\(1, 0\)"),
        (lambda: router_weights([[1.0]], 2, "softmax_topk"), ArgumentError, "k"),
        (lambda: compared_scores([[1.0]], "sigmoid_bias", [1, 2]), ArgumentError, "1 finite"),
        (lambda: compared_scores([[1.0]], "sigmoid_bias", [INF]), ArgumentError, "1 finite"),
    ],
)
def test_refusals(call, error, said):
    with pytest.raises(error, match=said):
        call()
