"""Rivals of a power law: most likely, normalised, and compared as powerlaw compares them."""

from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from engine.errors import ArgumentError, DataError
from engine.spectrum import (
    TAIL_RIVALS,
    Spectrum,
    compare_spectrum_tails,
    compare_tails,
    singular_values,
)
from engine.spectrum.description.cut_off import log_integral
from engine.spectrum.description.tail_rivals import power_law_tail

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own affair
    import powerlaw

ALL = list(TAIL_RIVALS)


def sample(name, size=1500, seed=0):
    """A tail from 1 on of the law of that name."""
    rng = np.random.default_rng(seed)
    if name == "exponential":
        return 1.0 + rng.exponential(1.3, size)
    if name == "lognormal":
        x = np.exp(rng.normal(0.3, 0.9, 4 * size))
        return x[x > 1.0][:size]
    if name == "stretched_exponential":
        return (1.0 + rng.exponential(0.5, size)) ** (1.0 / 0.45)
    if name == "truncated_power_law":
        x = (1.0 - rng.random(20 * size)) ** (-1.0 / 0.8)
        return x[rng.random(x.size) < np.exp(-0.15 * (x - 1.0))][:size]
    return (1.0 - rng.random(size)) ** (-1.0 / 1.5)


def fitted(key, x):
    return TAIL_RIVALS[key].fit(np.sort(np.log(x)), 0.0)


# -- the laws ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("name", [*ALL, "power_law"])
def test_density_integrates_to_one_and_to_its_survival(key, name):
    law = fitted(key, sample(name, 400))

    def density(u):
        return float(np.exp(law.log_density(np.array([u]))[0] + u))

    for start in (0.0, 0.4, 1.5):
        mass = sum(
            integrate.quad(density, start + a, start + a + 2.0, epsabs=1e-13)[0]
            for a in range(0, 60, 2)
        )
        survival = float(np.exp(law.log_survival(np.array([start]))[0]))
        assert_allclose(mass, survival, rtol=1e-9, atol=1e-11)


def peer_density(key, x, one, two):
    """Log density over x >= 1 by SciPy or plain quadrature, at trial parameters."""
    if key == "exponential":
        return stats.expon.logpdf(x - 1.0, scale=1.0 / one)
    if key == "lognormal":
        law = stats.lognorm(two, scale=math.exp(one))
        return law.logpdf(x) - law.logsf(1.0)
    if key == "stretched_exponential":
        law = stats.weibull_min(two, scale=one ** (-1.0 / two))
        return law.logpdf(x) - law.logsf(1.0)
    total = integrate.quad(lambda y: y**-one * math.exp(-two * y), 1.0, np.inf)[0]
    return -one * np.log(x) - two * x - math.log(total)


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_parameters_are_most_likely(key, seed):
    x = sample(key, 800, seed)
    law = fitted(key, x)
    names = ["alpha", "rate"] if key == "truncated_power_law" else list(law.parameters)
    one, two = ([law.parameters[name] for name in names] + [0.0])[:2]
    ours = float(np.sum(peer_density(key, x, one, two)))
    assert_allclose(ours, float(np.sum(law.log_density(np.log(x)))), rtol=1e-9)
    best = optimize.minimize(
        lambda p: -np.sum(peer_density(key, x, *p)), (one, two), method="Nelder-Mead"
    )
    assert ours >= -best.fun - 1e-6 * abs(best.fun)
    for shift in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
        other = float(np.sum(peer_density(key, x, one + shift[0], two + shift[1])))
        assert ours >= other


@pytest.mark.parametrize("alpha", [-20.0, -3.0, 0.5, 1.0, 1.7, 3.0, 50.0])
@pytest.mark.parametrize("log_rate", [-30.0, -5.0, -1.0, 0.0, 2.0, 5.0])
def test_integral_of_the_cut_off_law_with_100_digits(alpha, log_rate):
    mp = mpmath.mp.clone()
    mp.dps = 100
    rate = mp.exp(mp.mpf(log_rate))
    exact = mp.log(mp.expint(mp.mpf(alpha), rate))
    assert_allclose(log_integral(alpha, log_rate)[0], float(exact), rtol=1e-12, atol=1e-13)
    mean = mp.expint(mp.mpf(alpha) - 1, rate) / mp.expint(mp.mpf(alpha), rate)
    assert_allclose(log_integral(alpha, log_rate)[2], float(mp.log(mean)), rtol=1e-10, atol=1e-12)


# -- the comparison ------------------------------------------------------------------------------


def peer_compare(x, key):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Its default range stops at alpha = 3.
        ranges = {"alpha": [1.0, 100.0]}
        fit = powerlaw.Fit(x, xmin=1.0, verbose=0, parameter_ranges=ranges)
        return fit.distribution_compare("power_law", key, normalized_ratio=False)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("exponential", "exponential"),
        ("exponential", "lognormal"),
        ("exponential", "stretched_exponential"),
        ("lognormal", "exponential"),
        ("lognormal", "lognormal"),
        ("lognormal", "truncated_power_law"),
        ("truncated_power_law", "truncated_power_law"),
        ("power_law", "exponential"),
        ("power_law", "truncated_power_law"),
    ],
)
def test_ratio_and_p_value_are_those_of_powerlaw(name, key):
    x = sample(name, 600)
    ratio, p_value = peer_compare(x, key)
    ours = compare_tails(x, 1.0)[key]
    assert ours.log_ratio <= ratio + 1e-3  # a rival is never fitted worse
    assert_allclose(ours.log_ratio, ratio, rtol=5e-4, atol=1e-3)
    assert_allclose(ours.p_value, p_value, rtol=2e-2, atol=1e-6)


@pytest.mark.parametrize("key", ALL)
def test_a_tail_of_a_rival_is_told_from_a_power_law(key):
    found = compare_tails(sample(key), 1.0, [key])[key]
    assert found.favours == key
    assert found.log_ratio < 0.0
    assert found.p_value < 1e-3


def test_a_power_law_is_told_from_an_exponential_and_never_loses():
    found = compare_tails(sample("power_law"), 1.0)
    assert found["exponential"].favours == "power_law"
    assert {one.favours for one in found.values()} <= {"power_law", "undecided"}


@pytest.mark.parametrize("key", ["lognormal", "stretched_exponential", "truncated_power_law"])
def test_a_rival_that_ends_in_the_power_law_says_so_and_is_bounded(key):
    # Heavier than any power law: every such rival runs towards its limit.
    x = np.exp(np.random.default_rng(1).pareto(1.5, 800))
    found = compare_tails(x, 1.0, [key])[key]
    assert (found.log_ratio, found.p_value, found.favours) == (0.0, 1.0, "undecided")
    assert "the power law itself" in found.reason
    if key == "lognormal":
        assert np.isfinite(list(found.parameters.values())).all()


@pytest.mark.parametrize("scale", [1e-290, 1.0, 1e290])
def test_ratios_do_not_depend_on_the_unit_and_parameters_follow_it(scale):
    x = sample("lognormal", 300)
    here, there = compare_tails(x, 1.0), compare_tails(x * scale, scale)
    for key in ALL:
        assert_allclose(there[key].log_ratio, here[key].log_ratio, rtol=1e-9)
    assert_allclose(
        there["lognormal"].parameters["mu"],
        here["lognormal"].parameters["mu"] + math.log(scale),
        rtol=1e-9,
    )
    assert_allclose(
        there["exponential"].parameters["rate"],
        here["exponential"].parameters["rate"] / scale,
        rtol=1e-9,
    )


def test_start_is_found_where_it_is_not_given_and_the_body_is_left_out():
    x = np.concatenate([np.random.default_rng(0).uniform(0.2, 1.0, 500), sample("power_law", 900)])
    found = compare_tails(x, rivals=("exponential",))
    assert list(found) == ["exponential"]
    assert found["exponential"].favours == "power_law"


def test_extreme_samples_are_compared_without_a_warning():
    x = np.geomspace(1e-300, 1e300, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare_tails(x, 1e-300)
    assert found["exponential"].favours == "power_law"


def test_ugly_input_is_refused_or_undecided_with_a_reason():
    with pytest.raises(ArgumentError, match="rivals"):
        compare_tails([1.0, 2.0], rivals=("gamma",))
    with pytest.raises(DataError, match="NaN"):
        compare_tails([1.0, np.nan])
    for x in ([], [1.0], np.ones(30), np.full(30, 1.0) + 1e-9 * np.arange(30)):
        found = compare_tails(x, 1.0)
        assert {one.favours for one in found.values()} == {"undecided"}
        assert all(one.reason for one in found.values())
    for x in (np.full(30, 2.0), 2.0 + 1e-9 * np.arange(30)):  # narrow, and far from the start
        found = compare_tails(x, 0.5)
        assert all("too close" in one.reason for one in found.values())
    humped = compare_tails(1.0 + stats.gamma(3.0).rvs(400, random_state=0), 1.0)
    assert humped["truncated_power_law"].parameters["alpha"] == 0.0
    assert "exponential law" in humped["truncated_power_law"].reason
    assert humped["truncated_power_law"].log_ratio == humped["exponential"].log_ratio
    few = compare_tails(np.arange(1.0, 13.0), 1.0)
    assert "only 12 values" in few["exponential"].reason


@pytest.mark.parametrize("x_min", [0.5, 1.9999999, 2.0])
@pytest.mark.parametrize("kind", ["next to each other", "one of many apart"])
def test_a_narrow_tail_that_is_told_apart_is_most_likely_where_it_should_be(kind, x_min):
    x = 2.0 + 1e-5 * np.random.default_rng(0).random(50) if kind == "next to each other" else None
    x = np.append(np.full(100_000, 2.0), 3.0) if x is None else np.append(x, 2.0)
    found = compare_tails(x, x_min)
    y = np.log(x / x_min)
    law = found["truncated_power_law"].parameters
    if x_min == 0.5:  # a hump: no power law falls off from 0.5
        assert law["alpha"] == 0.0
        assert_allclose(law["rate"], 1.0 / np.mean(x - x_min), rtol=1e-6)
    elif "limit" in found["truncated_power_law"].reason:
        assert_allclose(law["alpha"], 1.0 + 1.0 / y.mean(), rtol=1e-6)


def test_spectra_are_compared_by_their_squares():
    x = np.sort(sample("power_law", 300))[::-1]
    sigma = np.sqrt(x)
    s = Spectrum(sigma, (300, 300), "float64", "svd", 0.0, True, float(np.linalg.norm(sigma)))
    ours, direct = compare_spectrum_tails(s), compare_tails(x)
    for key in ALL:
        assert_allclose(ours[key].log_ratio, direct[key].log_ratio, rtol=1e-6, atol=1e-9)
    noise = singular_values(np.random.default_rng(0).normal(size=(200, 300)))
    assert all(one.favours != "power_law" for one in compare_spectrum_tails(noise).values())


def test_power_law_is_its_own_closed_form():
    u = np.sort(np.log(sample("power_law", 100)))
    law = power_law_tail(u)
    assert_allclose(law.parameters["alpha"], 1.0 + 1.0 / u.mean(), rtol=1e-14)
    assert_allclose(law.log_survival(u), -(law.parameters["alpha"] - 1.0) * u, rtol=1e-14)
