"""Compiled kernels and NumPy give the same answer to 1e-13, and both the truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import DataError
from engine.topk import OPERATORS
from engine.topk.compiled.ready import without_kernels

ROWS = [op for op in OPERATORS if op.kernels]
BY_ROWS = pytest.mark.parametrize("op", ROWS, ids=lambda op: op.key)
TAUS = (1e-300, 1e-4, 0.03, 0.3, 1.0, 30.0, 1e4)


def scores() -> np.ndarray:
    """Return rows of 24 scores that are ugly each in its own way."""
    r = np.random.default_rng(0)
    normal = r.standard_normal((6, 24))
    return np.stack([
        *normal,
        np.round(normal[0]), np.zeros(24), np.full(24, -7.5), np.sort(normal[1]),
        normal[2] + 1e9, normal[3] * 1e-9, normal[4] * 1e200, np.where(normal[5] > 0, 1.0, 0.0),
        np.where(np.arange(24) == 3, 1e300, normal[0]), np.where(normal[1] > 1, -np.inf, normal[1]),
        np.where(np.arange(24) > 9, -np.inf, 0.0), np.full(24, -np.inf),
        np.cumsum(np.exp(3 * normal[2])), np.tan(normal[3]),
        np.where(np.arange(24) % 2, 5e-324, -5e-324), np.where(np.arange(24) % 2, 0.0, -0.0),
    ])  # fmt: skip


@pytest.mark.sample(1 / 3)
@BY_ROWS
@pytest.mark.parametrize("tau", TAUS)
@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_both_routes_agree(op, tau):
    x = scores()
    g = np.random.default_rng(1).standard_normal(x.shape)
    ks = [1, 3, 9, 10] if op.needs_integer_k else [0.25, 1, 3, 8.5, 10]
    for k in ks:
        compiled = op.linearize(x, k, tau)
        with without_kernels():
            plain = op.linearize(x, k, tau)
            one, two = plain.vjp(g), plain.d_tau()
        assert_allclose(compiled.p, plain.p, rtol=0, atol=1e-13, err_msg=f"k={k}")
        size = np.abs(one).max(axis=1, keepdims=True)
        assert (np.abs(compiled.vjp(g) - one) <= 1e-10 * size + 1e-13 / max(tau, 1e-3)).all()
        if tau > 1e-3:  # below, what J takes to 0 are products as large as the scores over tau
            limit = 1e-12 / min(tau, 1.0) ** 2
            assert_allclose(compiled.d_tau()[:8], two[:8], rtol=1e-9, atol=limit)


@pytest.mark.sample(1 / 8)
@BY_ROWS
def test_ugly_rows_are_solved_exactly(op, reference):
    choices = [(k, tau) for k in (1, 4 if op.needs_integer_k else 3.75) for tau in (0.05, 1.0)]
    for place, x in enumerate(scores()):
        x = x[np.isfinite(x)]
        if not x.size or np.ptp(x) > 1e150:
            continue
        k, tau = choices[place % 4]
        p = op(np.stack([x, x]), k, tau)
        truth = reference.truth(op.key, x, k, tau)
        assert_allclose(p[1], truth, rtol=0, atol=1e-12, err_msg=f"{x} {k} {tau}")


@BY_ROWS
def test_float32_is_computed_in_float64(op):
    x = np.random.default_rng(3).standard_normal((5, 40)).astype(np.float32)
    p = op(x, 7, 0.2)
    assert p.dtype == np.float32
    assert_array_equal(p, op(x.astype(np.float64), 7, 0.2).astype(np.float32))


@BY_ROWS
def test_what_is_not_finite_is_named_wherever_it_is(op):
    x = np.random.default_rng(4).standard_normal((3000, 30))
    for row, column in ((0, 0), (1500, 7), (2999, 29)):
        for value in (np.nan, np.inf):
            broken = x.copy()
            broken[row, column] = value
            broken[row, (column + 1) % 30] = -np.inf
            with pytest.raises(DataError, match=rf"{value} at index \({row}, {column}\)"):
                op(broken, 4)


def passes_of(monkeypatch) -> list[int]:
    """Return a list to which every pass over a long row adds its kind."""
    from engine.topk.threshold import long_rows

    kinds, plain = [], long_rows._Row._sweep

    def counted(self, kind, *rest):
        kinds.append(kind)
        return plain(self, kind, *rest)

    monkeypatch.setattr(long_rows._Row, "_sweep", counted)
    return kinds


# A row of any kind takes this many passes over all its scores at any tau, twice what normal scores
# take at tau = 1: once from where a sample leads astray, and once from the exact k-th place.
FULL_PASSES = 8
APART_PASSES = 14  # next to a kink, steps go by halves at first


def apart(r: np.random.Generator, n: int, gap: float) -> np.ndarray:
    """Return normal scores with a gap below the largest third."""
    x, k = np.sort(r.standard_normal(n)), n // 3
    x[-k:] += gap - (x[-k] - x[-k - 1])
    return r.permutation(x)


KINDS = {
    "normal": lambda r, n: r.standard_normal(n),
    "sorted": lambda r, n: np.sort(r.standard_normal(n)),
    "cauchy": lambda r, n: r.standard_cauchy(n),
    "constant": lambda r, n: np.full(n, 1.5),
    "two values": lambda r, n: (r.random(n) < 0.4).astype(float),
    "two values, k of one": lambda r, n: r.permutation(np.arange(n) < n // 3) * 1.0,
    "two values, k and one more": lambda r, n: r.permutation(np.arange(n) <= n // 3) * 1.0,
    "ten of a value between": lambda r, n: np.repeat(
        [0.0, 1.0, 2.0], [n - n // 3, 10, n // 3 - 10]
    ),
    "a gap of one": lambda r, n: apart(r, n, 1.0),
    "a gap of nearly one": lambda r, n: apart(r, n, 0.99),
    "a gap of 100": lambda r, n: apart(r, n, 100.0),
    "ten values": lambda r, n: np.floor(10 * r.random(n)),
    "ties": lambda r, n: np.round(r.standard_normal(n), 1),
    "periodic": lambda r, n: np.sin(2 * np.pi * np.arange(n) / 64),
    "one huge": lambda r, n: np.where(np.arange(n) == n // 2, 1e300, r.standard_normal(n)),
    "e^30x": lambda r, n: np.exp(30 * r.random(n)),
    "e^30 normal": lambda r, n: np.exp(30 * r.standard_normal(n)),
    "a gap at k": lambda r, n: np.where(np.arange(n) < n // 3, 0.7, 0.0) + 1e-9 * r.random(n),
    "far apart at k": lambda r, n: (
        np.where(np.arange(n) < n // 3, 1e3, -1e3) + r.standard_normal(n)
    ),
    "two clusters, k beyond one": lambda r, n: (
        5.0 * r.permutation(np.arange(n) < n // 3 - n // 1000) + 0.1 * r.standard_normal(n)
    ),
    "sampled places high": lambda r, n: r.standard_normal(n) + 5.0 * (np.arange(n) % 4 == 0),
}


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "op", [op for op in ROWS if op.family == "threshold"], ids=lambda op: op.key
)
@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_no_tau_is_a_cliff(op, kind, monkeypatch):
    kinds = passes_of(monkeypatch)
    n = 100_000
    x = KINDS[kind](np.random.default_rng(5), n)
    for k in (n // 3, n // 2 + 0.5):
        for tau in (100.0, 3.0, 1.0, 0.1, 0.01, 1e-4, 1e-6):
            kinds.clear()
            p = op(x, k, tau)
            most = APART_PASSES if kind.startswith("a gap of") else FULL_PASSES
            assert len(kinds) <= most, f"{len(kinds)} passes at k={k}, tau={tau}"
            assert abs(p.sum() - k) <= 1e-11 * n


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "op", [op for op in ROWS if op.family == "threshold"], ids=lambda op: op.key
)
@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_long_rows_of_any_kind_are_those_that_numpy_solves(op, kind):
    n = 40_000
    x = KINDS[kind](np.random.default_rng(6), n)
    for k in (3.5, n // 3, n - 2):
        for tau in (10.0, 0.3, 0.003):
            p = op(x, k, tau)
            with without_kernels():
                assert_allclose(p, op(x, k, tau), rtol=0, atol=1e-12, err_msg=f"{k} {tau}")


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_a_long_step_is_not_the_last_one(route):
    """Cauchy's F far from all scores: a step over a tail is no root (e^30x: 2e-12)."""
    (op,) = (op for op in ROWS if op.key == "cauchy")
    for seed in (6, 13):
        x = np.exp(30 * np.random.default_rng(seed).random(33_000))
        p = op(x, 11_000, 0.3)
        with without_kernels():
            assert_allclose(p, op(x, 11_000, 0.3), rtol=0, atol=1e-13)


# Passes over all scores in 35 cases: two, and one more for those that a sample leads astray.
CLUSTER_PASSES = {
    "exp": 125, "sigmoid": 90, "laplace": 100, "gaussian": 74, "clip": 98, "cauchy": 110,
    "sparse_pnorm": 80, "sparse_pnorm_3_2": 88,
}  # fmt: skip


@pytest.mark.parametrize("key", CLUSTER_PASSES)
@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_a_row_of_two_clusters_takes_few_passes_wherever_k_lies(key, monkeypatch):
    """A sample says too little about k so near to the gap; the scores around the k-th place do."""
    (op,) = (op for op in ROWS if op.key == key)
    kinds, n = passes_of(monkeypatch), 100_000
    r = np.random.default_rng(7)
    x = 5.0 * r.permutation(np.arange(n) < n // 3) + 0.1 * r.standard_normal(n)
    for tau in (1.0, 0.3, 0.1, 0.01, 1e-4):
        for k in n // 3 + np.array([-2000, -300, -100, 0, 100, 300, 2000]):
            assert abs(op(x, k, tau).sum() - k) <= 1e-11 * n
    assert len(kinds) <= CLUSTER_PASSES[key]


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_a_window_is_solved_once_where_many_equal_scores_are_rounded_alike(route, monkeypatch):
    """A thousand equal p, each rounded near 1, add up to k in fewer digits than the window has."""
    kinds = passes_of(monkeypatch)
    (op,) = (op for op in ROWS if op.key == "laplace")
    x = np.sin(2 * np.pi * np.arange(1_000_000) / 1000)
    p = op(x, 3000, 1e-6)
    assert len(kinds) == 1
    assert_allclose(p[x == x.max()], 1.0, rtol=0, atol=1e-12)
    assert abs(p.sum() - 3000) < 1e-9
