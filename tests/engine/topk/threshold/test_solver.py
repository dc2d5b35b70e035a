"""The solver of the threshold family: NumPy's passes, compiled rows, and long rows in parts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.topk import OPERATORS, get_operator
from engine.topk.semantics import Rows
from engine.topk.threshold.solver import solve

ROWS = Rows(np.arange(3.0)[None], 1.0, 1.0)
DISTRIBUTIONS = {
    op.key: op.solve(ROWS).distribution for op in OPERATORS if op.family == "threshold"
}


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("key", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("n", "tau"), [(32_769, 1.0), (70_000, 0.3), (200_000, 0.02), (50_000, 50.0)]
)
def test_long_rows_agree_with_the_numpy_solver(key, n, tau):
    x, v = np.random.default_rng(6).standard_normal((2, n))
    k = 0.3 * n
    found = solve(DISTRIBUTIONS[key], Rows(x[None], k, tau))
    p, f = found.p[0], found.f[0]
    op = get_operator(key)
    assert_allclose(op(x, k, tau), p, rtol=0, atol=4e-15)
    product = f * (v - np.dot(f, v) / f.sum()) / tau
    assert_allclose(op.vjp(x, k, tau, v), product, rtol=0, atol=1e-11 * np.abs(product).max())
    assert_allclose(op.d_k(x, k, tau), f / f.sum(), rtol=0, atol=1e-11 * (f / f.sum()).max())


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", DISTRIBUTIONS)
@pytest.mark.parametrize("k", [10.0, 333.0, 990.5])
@pytest.mark.parametrize("tau", [0.01, 1.0, 10.0])
def test_a_thousand_scores_take_few_passes(key, k, tau, monkeypatch):
    distribution, x = DISTRIBUTIONS[key], np.random.default_rng(0).standard_normal((1, 1000))
    passes = []
    plain = type(distribution).tail

    def counted(self, t, out):
        passes.append(1)
        plain(self, t, out)

    monkeypatch.setattr(type(distribution), "tail", counted)
    solve(distribution, Rows(x, k, tau))
    assert len(passes) <= 12  # a step lost to rounding near the end used to cost 20 more


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", DISTRIBUTIONS)
def test_long_batches_are_rows_one_by_one(key):
    x = np.random.default_rng(3).standard_normal((3, 700)) * [[1.0], [1e-3], [300.0]]
    for k in (1, 233.5, 699):
        for tau in (0.05, 1.0):
            p = get_operator(key)(x, k, tau)
            for row, found in zip(x, p, strict=True):
                assert_array_equal(found, get_operator(key)(row, k, tau))


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", ["clip", "sparse_pnorm", "sparse_pnorm_3_2"])
def test_nothing_moves_where_all_is_decided_also_with_ties_at_the_cut(key, reference):
    op, r = get_operator(key), np.random.default_rng(0)
    for _ in range(60):
        n = int(r.integers(2, 9))
        k, x = int(r.integers(1, n)), np.sort(np.round(2 * r.standard_normal(n)))[::-1].copy()
        gap = x[k - 1] - x[k]
        if gap == 0.0:
            continue
        tau = float(gap / (1.0 + 10.0 ** r.uniform(-4, 1.5)))
        mask = (np.arange(n) < k).astype(float)
        assert_allclose(reference.truth(key, x, k, tau), mask, rtol=0, atol=1e-14)
        assert_allclose(reference.truth(key, x + 1e-5 * gap * r.uniform(-1, 1, n), k, tau / 1.0001),
                        mask, rtol=0, atol=1e-14)  # fmt: skip
        assert not op.jacobian(x, k, tau).any()
        assert not op.linearize(x, k, tau).d_tau().any()
        assert op.jacobian(x, k, 1.5 * gap).any()  # with the cut in reach, something does


@pytest.mark.parametrize("key", ["clip", "sparse_pnorm", "sparse_pnorm_3_2"])
@pytest.mark.parametrize("shared", [True, False])
def test_rows_of_a_batch_are_decided_each_by_itself(key, shared):
    """A batch of more than one part: what is decided, what is not, and a fractional k beside."""
    op, r = get_operator(key), np.random.default_rng(1)
    x, g = r.standard_normal((2, 1100, 64))
    k = 8.0 if shared else np.where(np.arange(1100) % 3 == 0, 7.5, np.arange(1100) % 64)
    ks = np.broadcast_to(np.asarray(k), 1100)
    found = op.linearize(x, k, 0.1)
    product, by_tau = found.vjp(g), found.d_tau()
    ordered = np.sort(x)[:, ::-1]
    decided = 0
    for row in range(0, 1100, 7):
        alone = op.linearize(x[row], float(ks[row]), 0.1)
        assert_array_equal(product[row], alone.vjp(g[row]))
        assert_array_equal(by_tau[row], alone.d_tau())
        count = int(ks[row])
        if ks[row] == count and 0 < count < 64:
            over = ordered[row, count - 1] - ordered[row, count] > 0.1
            assert product[row].any() != over
            decided += over
    assert decided > 20


@pytest.mark.parametrize("key", DISTRIBUTIONS)
@pytest.mark.parametrize("gap", [0.5, 0.9, 0.99, 1.0, 1.01, 3.0])
@pytest.mark.parametrize("noise", [0.0, 1e-12, 1e-3])
def test_rows_of_two_values_take_no_more_passes_than_others(key, gap, noise, monkeypatch):
    """Where the k largest are one tau above the rest the sum of a power has a manifold root."""
    from engine.topk.threshold import solver

    passes, plain = [0], solver._Group._step

    def counted(self, *args):
        passes[0] += 1
        return plain(self, *args)

    monkeypatch.setattr(solver._Group, "_step", counted)
    r = np.random.default_rng(0)
    x = np.where(np.arange(64) < 8, gap, 0.0) + noise * r.standard_normal((20, 64))
    found = solve(DISTRIBUTIONS[key], Rows(x, 8.0, 1.0))
    assert passes[0] <= 13
    assert_allclose(found.p.sum(axis=1), 8.0, rtol=0, atol=1e-13)
    assert_allclose(get_operator(key)(x, 8), found.p, rtol=0, atol=1e-14)


@pytest.mark.parametrize("key", ["clip", "sparse_pnorm", "sparse_pnorm_3_2"])
@pytest.mark.parametrize("tau", [1.0, 1.0 / 3.0, 3.0])
def test_nothing_moves_where_the_k_largest_are_just_one_tau_above_the_rest(key, tau):
    """Whole scores at tau = 1 are there: whoever solves them, the answer must be the same."""
    op, r = get_operator(key), np.random.default_rng(2)
    for n in (5, 17, 64):
        x = tau * np.round(1.5 * r.standard_normal((300, n)))
        g = r.standard_normal(x.shape)
        for k in (1, n // 3, n - 1):
            ordered = np.sort(x)[:, ::-1]
            at = np.abs((ordered[:, k - 1] - ordered[:, k]) / tau - 1.0) < 1e-15
            assert not op.linearize(x, k, tau).vjp(g)[at].any()
            assert not op.linearize(x, k, tau).d_tau()[at].any()


@pytest.mark.parametrize("key", DISTRIBUTIONS)
@pytest.mark.parametrize("tau", [0.05, 0.1, 0.3, 1.0, 10.0])
def test_rows_of_few_values_agree_with_the_numpy_solver_wherever_k_lies(key, tau):
    """A start in a gap without slope goes on from the k-th place, masked scores left out."""
    ranks = np.argsort(np.argsort(np.random.default_rng(3).standard_normal((12, 40)), axis=1))
    rows = [ranks >= 32, 1.5 * (ranks >= 31), np.clip(ranks - 30, 0, 2), 0.5 * (ranks // 10)]
    x = np.concatenate(rows).astype(float)
    x[::3, :4] = -np.inf
    for k in (0.5, 7.5, 8, 9, 20.25, 35.5):
        found = solve(DISTRIBUTIONS[key], Rows(x, k, tau))
        assert_allclose(get_operator(key)(x, k, tau), found.p, rtol=0, atol=1e-14)
