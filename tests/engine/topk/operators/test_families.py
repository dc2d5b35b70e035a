"""What single families promise beyond the shared contract."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError
from engine.suites.operators import check_derivatives
from engine.topk import get_operator, log_elementary_symmetric, perturbed_standard_error
from engine.topk.judge.recursion import recursion_breakdown

SCORES = np.array([1.3, -0.4, 0.9, 0.2, -1.1])


def test_grad_is_the_inclusion_probability_of_a_weighted_subset():
    subsets = list(itertools.combinations(range(5), 2))
    weights = np.array([np.exp(SCORES[list(s)].sum() / 0.7) for s in subsets])
    expected = [sum(w for s, w in zip(subsets, weights, strict=True) if i in s) for i in range(5)]
    assert_allclose(get_operator("grad")(SCORES, 2, 0.7), expected / weights.sum(), rtol=1e-13)
    total = log_elementary_symmetric(SCORES, 2, 0.7)
    assert_allclose(total, np.log(weights.sum()), rtol=1e-13)


def test_log_elementary_symmetric_handles_its_ends_and_offsets():
    assert log_elementary_symmetric(SCORES, 0) == 0.0
    assert_allclose(log_elementary_symmetric(SCORES, 5), SCORES.sum(), rtol=1e-14)
    shifted = log_elementary_symmetric(SCORES + 64.0, 2)
    assert_allclose(shifted - 128.0, log_elementary_symmetric(SCORES, 2), rtol=0, atol=1e-12)
    with pytest.raises(ArgumentError, match=r"k = 1\.5"):
        log_elementary_symmetric(SCORES, 1.5)


@pytest.mark.parametrize("tau", [1.0, 0.05, 0.003])
def test_grad_series_agrees_with_the_direct_sum(tau):
    from engine.topk.grad.series import Group, mean
    from engine.topk.grad.solution import GradSolution
    from engine.topk.semantics import Rows

    x = np.random.default_rng(0).standard_normal((1, 40_000))
    found = GradSolution(Rows(x, 14_000.0, tau))
    ((_, solution),) = found.parts
    p = found.value()[0]
    for group in solution.groups:
        part = slice(None, 300)
        direct = Group(part, group.q[part], group.turn, False)
        out = np.empty(direct.q.size)
        mean(direct, solution.theta, solution.mass, out)
        rare = p[group.index][part]
        assert_allclose(out if group.turn > 0 else 1.0 - out, rare, rtol=0, atol=1e-13)


def test_recursion_breaks_where_the_article_says():
    x = 10.0 * np.random.default_rng(0).standard_normal(40)
    assert np.isnan(get_operator("grad_recursive")(x, 20)).all()
    found = recursion_breakdown(x, 20)
    assert found.step is not None
    assert 1 < found.step <= 20
    assert found.nan_step is not None
    assert found.nan_step >= found.step
    assert f"step {found.step}" in found.sentence
    assert recursion_breakdown(SCORES, 2).step is None


@pytest.mark.parametrize("tau", [0.02, 1e-3, 1e-8, 1e-300])
def test_weighted_softmax_shows_its_true_limit(tau):
    p = get_operator("iterated_weighted_softmax")([2.0, 1.0, 0.5, -1.0], 2, tau)
    assert_allclose(p, [1.5, 0.5, 0.0, 0.0], rtol=0, atol=1e-10)


@pytest.mark.parametrize("key", ["iterated_softmax", "iterated_weighted_softmax", "gumbel_subset"])
def test_softmax_steps_have_their_derivatives_at_low_tau_too(key):
    check_derivatives(get_operator(key), 5, 4, 0.2)


def test_hard_mask_gives_ties_to_the_lower_index():
    assert_array_equal(get_operator("hard")([1.0, 2.0, 2.0, 2.0], 2), [0, 1, 1, 0])


@pytest.mark.parametrize("key", ["exp", "grad", "iterated_softmax", "scaled_softmax", "softsort"])
def test_one_of_n_is_softmax(key):
    e = np.exp(SCORES / 0.4)
    p = get_operator(key)(SCORES, 1, 0.4)
    if key == "softsort":  # softmax of minus the distances to the maximum: the same thing
        assert p.argmax() == SCORES.argmax()
    assert_allclose(p, e / e.sum(), rtol=1e-13)


def test_laplace_is_softmax_only_below_one_half():
    op = get_operator("laplace")
    flat, steep = np.array([0.2, 0.1, 0.0]), np.array([3.0, 0.0, -1.0])
    assert_allclose(op(flat, 1), np.exp(flat) / np.exp(flat).sum(), rtol=1e-13)
    u = np.exp(steep[1:] - steep[0]).sum()
    assert_allclose(op(steep, 1)[0], 1 - np.sqrt(u) / 2, rtol=1e-13)


def test_perturbed_lies_within_its_standard_error():
    x, k, tau = np.array([1.0, 0.6, 0.0, -0.5]), 2, 0.8
    p, error = get_operator("perturbed")(x, k, tau), perturbed_standard_error(x, k, tau)
    draws = x + tau * np.random.default_rng(123).standard_normal((400_000, 4))
    truth = (np.argsort(np.argsort(-draws, axis=1), axis=1) < k).mean(axis=0)
    assert np.abs(p - truth).max() <= 4.5 * error.max()
    assert_array_equal(p, get_operator("perturbed")(x, k, tau, seed=0))
    assert (p != get_operator("perturbed")(x, k, tau, seed=1)).any()


def test_perturbed_jacobian_estimates_the_true_derivative():
    x, k, tau, h = np.array([1.0, 0.6, 0.0, -0.5]), 2, 0.8, 0.05
    draws = tau * np.random.default_rng(7).standard_normal((400_000, 4))

    def mean_mask(y):
        return (np.argsort(np.argsort(-(y + draws), axis=1), axis=1) < k).mean(axis=0)

    v = np.array([1.0, 0.0, -1.0, 0.5])
    slope = (mean_mask(x + h * v) - mean_mask(x - h * v)) / (2 * h)
    assert_allclose(get_operator("perturbed").jvp(x, k, tau, v), slope, rtol=0, atol=0.12)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", ["exp", "sigmoid", "laplace", "clip", "gaussian", "grad"])
@pytest.mark.parametrize("product", [False, True])
def test_memory_stays_within_four_arrays(key, product, route):
    n, arrays = 400_000, 4 if route == "compiled" else 9  # what answers meanwhile takes more
    x, op = np.random.default_rng(0).standard_normal(n), get_operator(key)
    op.vjp(x, n // 3, 1.0, x)  # compiles, which takes memory of its own once
    tracemalloc.start()
    result = op.vjp(x, n // 3, 1.0, x) if product else op(x, n // 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.size == n
    assert peak <= (arrays + 1) * x.nbytes  # four, and the output
