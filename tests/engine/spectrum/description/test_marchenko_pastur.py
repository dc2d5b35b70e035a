"""The law of pure noise: mass, median, edges, and what real noise does."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from engine.errors import ArgumentError
from engine.spectrum import mp_density, mp_edges, mp_median, mp_values
from engine.spectrum.rank_rules.rules.noise import gaussian_singular_values, median_threshold

SHAPES = [(10, 10), (7, 100), (300, 200), (1, 50)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("noise", [1.0, 1e-3])
def test_density_integrates_to_one_between_the_edges(shape, noise):
    low, high = mp_edges(shape, noise)
    mass = quad(lambda x: float(mp_density(x, shape, noise)), low, high, limit=200)[0]
    assert_allclose(mass, 1.0, rtol=1e-6)
    outside = mp_density([0.99 * low - 1e-9, 1.01 * high], shape, noise)
    assert outside.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("beta", [0.01, 0.2, 0.5, 0.9, 1.0])
def test_median_halves_the_eigenvalue_density(beta):
    low, high = (1 - mpmath.sqrt(beta)) ** 2, (1 + mpmath.sqrt(beta)) ** 2

    def density(x):
        return mpmath.sqrt(abs((high - x) * (x - low))) / (2 * mpmath.pi * beta * x)

    half = mpmath.quad(density, [low, mp_median(beta)])
    assert_allclose(float(half), 0.5, rtol=1e-7)


@pytest.mark.parametrize("beta", [1e-6, 0.3, 0.5, 0.9, 1.0])
def test_median_is_exact_to_rounding(beta):
    """By the angle, where the integrand is smooth; sin(t)^2 / x(t) is (1 + cos t) / 2 at 1."""
    with mpmath.workdps(30):
        b = mpmath.mpf(beta)

        def integrand(t):
            x = 1 + b - 2 * mpmath.sqrt(b) * mpmath.cos(t)
            return mpmath.sin(t) ** 2 / x if beta < 1.0 else (1 + mpmath.cos(t)) / 2

        def miss(t):
            return mpmath.quad(integrand, [0, t / 8, t]) * 2 / mpmath.pi - 0.5

        angle = mpmath.findroot(miss, (0.9, 1.6), solver="anderson")
        median = float(1 + b - 2 * mpmath.sqrt(b) * mpmath.cos(angle))
    assert_allclose(mp_median(beta), median, rtol=2e-15)


@pytest.mark.parametrize("beta", [1e-9, 1e-4, 0.4999999, 0.5, 0.5000001, 1.0 - 1e-12, 1.0])
def test_median_is_smooth_and_silent_at_every_aspect(beta):
    near = mp_median(min(beta * (1.0 + 1e-7), 1.0))
    assert_allclose(mp_median(beta), near, rtol=1e-7)
    if beta < 1e-3:
        # A semicircle around 1 in the limit, whose median is its centre to order beta.
        assert_allclose(mp_median(beta), 1.0, atol=beta)


@pytest.mark.parametrize("shape", [(400, 400), (150, 600), (700, 300), (3, 9)])
def test_expected_values_are_quantiles_of_the_density(shape):
    values = mp_values(shape)
    k = values.size
    for i in (0, k // 3, k // 2, k - 1):
        above = quad(lambda x: float(mp_density(x, shape)), values[i], mp_edges(shape)[1])[0]
        assert_allclose(above, (i + 0.5) / k, atol=2e-4)


@pytest.mark.parametrize("shape", [(500, 500), (300, 1200)])
def test_expected_values_are_those_of_noise_within_their_spacing(shape):
    drawn = np.linalg.svd(np.random.default_rng(3).normal(size=shape), compute_uv=False)
    expected = mp_values(shape)
    inner = slice(64, -10)
    assert np.all(np.abs(drawn - expected)[inner] < 4 * np.abs(np.gradient(expected))[inner])


def test_omega_of_square_matrices_is_the_solved_value_not_the_cubic_fit():
    assert_allclose(median_threshold(1.0), 2.858, atol=5e-4)
    assert_allclose(median_threshold(0.5), 2.1711, atol=2e-3)


@pytest.mark.parametrize("shape", [(400, 400), (300, 900), (900, 300)])
def test_noise_fills_the_law(shape):
    values = np.linalg.svd(np.random.default_rng(0).normal(size=shape), compute_uv=False)
    low, high = mp_edges(shape)
    assert_allclose([values[-1], values[0]], [low, high], rtol=0.05, atol=1.0)
    median = np.median(values) ** 2 / max(shape)
    assert_allclose(median, mp_median(min(shape) / max(shape)), rtol=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (30, 30), (50, 20)])
def test_bidiagonal_draws_have_the_distribution_of_dense_ones(shape):
    rng = np.random.default_rng(5)
    k = min(shape)
    drawn = np.array([gaussian_singular_values(shape, k, rng) for _ in range(400)])
    dense = np.linalg.svd(rng.normal(size=(400, *shape)), compute_uv=False)
    spread = np.sqrt(drawn.var(axis=0) / 400 + dense.var(axis=0) / 400)
    assert np.all(np.abs(drawn.mean(axis=0) - dense.mean(axis=0)) < 5 * spread)
    assert np.all(np.diff(drawn, axis=1) <= 0)


@pytest.mark.parametrize("shape", [(90, 120), (1500, 1500), (1200, 9000), (1, 5)])
@pytest.mark.parametrize("leading", [1, 8, 60])
def test_leading_draws_are_the_leading_part_of_the_full_draw(shape, leading):
    leading = min(leading, *shape)
    full = gaussian_singular_values(shape, min(shape), np.random.default_rng(2))
    lead = gaussian_singular_values(shape, leading, np.random.default_rng(2))
    assert_allclose(lead, full[:leading], rtol=1e-13)


@pytest.mark.parametrize("noise", [0.0, -1.0, np.nan, np.inf])
def test_noise_must_be_positive(noise):
    with pytest.raises(ArgumentError, match="noise"):
        mp_edges((3, 3), noise)


def test_aspect_must_be_at_most_one():
    with pytest.raises(ArgumentError, match="beta"):
        mp_median(1.5)
