"""Power-law tail fit against the powerlaw package and against exhaustive search."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, DataError
from engine.spectrum import Spectrum, fit_power_law, fit_spectrum_tail, singular_values
from engine.suites.rank_rules import spectrum_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own affair
    import powerlaw


def pareto(alpha, x_min, size, seed):
    return x_min * (1.0 - np.random.default_rng(seed).random(size)) ** (-1.0 / (alpha - 1.0))


def exhaustive(x):
    """Clauset et al. (2009), equations 3.1 and 3.9, candidate by candidate."""
    x = np.sort(x)
    best = (np.inf, None, None, None)
    for x_min in np.unique(x)[:-1]:
        tail = x[x >= x_min]
        alpha = 1.0 + tail.size / np.sum(np.log(tail / x_min))
        below = np.array([np.mean(tail < value) for value in tail])
        distance = np.max(np.abs(below - (1.0 - (tail / x_min) ** (1.0 - alpha))))
        if distance < best[0]:
            best = (distance, alpha, x_min, tail.size)
    return best


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("seed", range(6))
def test_fit_equals_exhaustive_search(seed):
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.uniform(0.1, 2.0, 150), pareto(2.2, 2.0, 150, seed)])
    x[:20] = x[20:40]
    distance, alpha, x_min, size = exhaustive(x)
    fit = fit_power_law(x)
    assert_allclose(fit.ks_distance, distance, rtol=1e-9)
    assert_allclose(fit.alpha, alpha, rtol=1e-9)
    assert fit.x_min == x_min
    assert fit.tail_size == size


def peer_fit(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Its default range stops at alpha = 3 and would fit a bounded problem instead.
        return powerlaw.Fit(x, verbose=0, parameter_ranges={"alpha": [1.0, 100.0]})


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize(
    ("alpha", "x_min", "size"),
    [(2.5, 1.0, 800), (2.5, 5.0, 500), (1.8, 0.01, 400), (2.9, 1.5, 600)],
)
def test_fit_agrees_with_powerlaw_on_generated_power_laws(alpha, x_min, size):
    x = pareto(alpha, x_min, size, seed=size)
    peer, ours = peer_fit(x), fit_power_law(x)
    assert_allclose(ours.alpha, peer.alpha, rtol=0, atol=1e-3)
    assert_allclose(ours.x_min, peer.xmin, rtol=1e-9)
    assert_allclose(ours.ks_distance, peer.D, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", ["blackouts", "cities", "quakes", "flares", "words"])
def test_fit_agrees_with_powerlaw_on_its_reference_data(name):
    data = np.asarray(powerlaw.load_test_dataset(name), dtype=float)
    x = data[data > 0][:2000]
    peer, ours = peer_fit(x), fit_power_law(x)
    assert_allclose(ours.alpha, peer.alpha, rtol=0, atol=1e-3)
    assert_allclose(ours.x_min, peer.xmin, rtol=1e-9)


def test_spectrum_fit_is_the_fit_of_squared_values():
    x = np.sort(pareto(2.5, 1.0, 300, 1))[::-1]
    sigma = np.sqrt(x)
    s = Spectrum(sigma, (300, 300), "float64", "svd", 0.0, True, float(np.linalg.norm(sigma)))
    assert_allclose(fit_spectrum_tail(s).alpha, fit_power_law(x).alpha, rtol=1e-9)


def test_fit_of_leading_values_says_that_it_is_limited():
    sigma = np.sqrt(np.sort(pareto(2.5, 1.0, 300, 1))[::-1])
    s = Spectrum(
        sigma[:100], (300, 300), "float64", "randomized", 0.0, False, 1e3, 1.0, sigma[:100]
    )
    assert "only the leading 100 values" in fit_spectrum_tail(s).reason


def test_zeros_are_left_out_and_short_samples_refused_with_a_reason():
    fit = fit_power_law(np.concatenate([np.zeros(100), np.arange(1.0, 6.0)]))
    assert fit.alpha is None
    assert fit.tail_size == 0
    assert "only 5 positive values" in fit.reason


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [("float32", 1.0), ("complex64", 1e9), ("float64", 1e-200), ("complex128", 1e200)],
)
def test_orthogonal_matrices_have_no_tail(dtype, scale):
    rng = np.random.default_rng(16)
    a = rng.normal(size=(30, 16)) + (1j * rng.normal(size=(30, 16)) if dtype[0] == "c" else 0.0)
    fit = fit_spectrum_tail(singular_values((scale * np.linalg.qr(a)[0]).astype(dtype)))
    assert (fit.alpha, fit.x_min, fit.tail_size) == (None, None, 0)
    assert fit.reason in (
        "the largest value is within 1 % of the smallest: there is no tail to fit",
        "all values are equal",
    )


def test_nearly_equal_values_are_no_tail_and_a_flat_top_starts_none():
    flat = 3e6 + np.arange(12.0)[::-1]
    assert "no tail to fit" in fit_spectrum_tail(spectrum_of(flat)).reason
    below = np.concatenate([flat, 3e5 * np.linspace(1.0, 0.1, 20)])
    fit = fit_spectrum_tail(spectrum_of(below))
    assert fit.alpha is not None
    assert fit.alpha < 100.0


def test_values_that_rounding_left_are_no_tail():
    a = np.random.default_rng(5).normal(size=(24, 3)) @ np.random.default_rng(6).normal(
        size=(3, 18)
    )
    fit = fit_spectrum_tail(singular_values(a.astype(np.float32)))
    assert fit.alpha is None
    assert fit.reason.startswith("only 3 values above rounding level")


def test_small_tails_are_called_rough():
    assert "rough" in fit_power_law(pareto(2.0, 1.0, 20, 3)).reason


def test_fit_refuses_nan_with_its_place():
    with pytest.raises(DataError, match="1 values are NaN or inf, the first at 3") as caught:
        fit_power_law([1.0, 2.0, 3.0, np.nan])
    assert caught.value.first == (3,)


def test_fit_refuses_matrices():
    with pytest.raises(ArgumentError, match="one-dimensional"):
        fit_power_law(np.ones((3, 3)))
