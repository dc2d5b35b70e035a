"""Power laws over whole numbers and from a given start: by hand, at 100 digits, by powerlaw."""

from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, DataError
from engine.spectrum import fit_power_law
from engine.spectrum.description.discrete_power_law import (
    discrete_distance,
    discrete_exponent,
    discrete_standard_error,
    discrete_survival,
    log_zeta,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own affair
    import powerlaw

MP = mpmath.mp.clone()
MP.dps = 100


def exact_log_zeta(alpha, start):
    return MP.log(MP.zeta(MP.mpf(alpha), MP.mpf(start)))


def whole_numbers(alpha, start, size, seed):
    """Draws from the law itself, by inverting its survival up to a far end."""
    support = np.arange(start, start + 200_000, dtype=float)
    weights = support**-alpha
    return np.random.default_rng(seed).choice(support, size, p=weights / weights.sum())


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("start", [1.0, 2.0, 17.0, 400.0, 1e6])
@pytest.mark.parametrize("alpha", [1.0001, 1.5, 2.0, 3.7, 25.0, 300.0])
def test_log_zeta_and_its_derivative_with_100_digits(alpha, start):
    value, slope = log_zeta(alpha, start)
    assert_allclose(value, float(exact_log_zeta(alpha, start)), rtol=1e-13, atol=1e-14)
    if alpha < 30.0:  # mpmath's derivative of the rest takes minutes
        exact = MP.diff(lambda a: exact_log_zeta(a, start), MP.mpf(alpha), h=MP.mpf(10) ** -12)
        assert_allclose(slope, float(exact), rtol=1e-9)


@pytest.mark.parametrize(("alpha", "start"), [(1e3, 1.0), (2e5, 1.0), (5e4, 300.0), (900.0, 5e5)])
def test_log_zeta_of_steep_laws_is_a_plain_sum(alpha, start):
    terms = np.exp(-alpha * np.log1p(np.arange(2_000_000) / start))
    assert_allclose(
        log_zeta(alpha, start)[0], math.log(terms.sum()) - alpha * math.log(start), rtol=1e-12
    )


@pytest.mark.parametrize("start", [1, 2, 3, 6, 50])
def test_exponent_is_most_likely_and_the_short_cut_is_not(start):
    x = whole_numbers(2.5, start, 400, seed=start)
    alpha = fit_power_law(x, start, discrete=True).alpha

    def likelihood(a):
        return -x.size * exact_log_zeta(a, start) - a * MP.mpf(float(np.log(x).sum()))

    assert likelihood(alpha) > likelihood(alpha + 1e-5)
    assert likelihood(alpha) > likelihood(alpha - 1e-5)
    short_cut = 1.0 + x.size / np.sum(np.log(x / (start - 0.5)))
    assert abs(short_cut - alpha) > (0.3 if start == 1 else 0.0)
    assert abs(alpha - 2.5) < 5.0 * discrete_standard_error(alpha, start, x.size)


def test_standard_error_is_the_spread_of_repeated_fits():
    found = [fit_power_law(whole_numbers(2.5, 2, 300, seed), 2, True).alpha for seed in range(150)]
    assert_allclose(np.std(found), discrete_standard_error(2.5, 2, 300), rtol=0.2)


def test_distance_is_the_largest_over_every_whole_number():
    values, counts = np.array([2.0, 3.0, 9.0]), np.array([5, 4, 1])
    law = np.cumsum([float(k**-2.2) for k in range(2, 10)])
    law /= float(MP.zeta(2.2, 2))
    seen = np.cumsum([5, 4, 0, 0, 0, 0, 0, 1]) / 10
    assert_allclose(
        discrete_distance(2.2, 2.0, values, counts), np.abs(law - seen).max(), rtol=1e-12
    )


def test_survival_does_not_underflow():
    assert_allclose(
        discrete_survival(200.0, 1000.0, np.array([1000.0, 1001.0])),
        [1.0, float(MP.zeta(200, 1001) / MP.zeta(200, 1000))],
        rtol=1e-11,
    )


@pytest.mark.parametrize(("alpha", "start", "seed"), [(2.5, 1, 0), (3.2, 4, 1), (1.8, 2, 2)])
def test_discrete_fit_agrees_with_powerlaw(alpha, start, seed):
    x = whole_numbers(alpha, start, 500, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranges = {"alpha": [1.0, 100.0]}
        peer = powerlaw.Fit(x, xmin=start, discrete=True, verbose=0, parameter_ranges=ranges)
    ours = fit_power_law(x, start, discrete=True)
    assert_allclose(ours.alpha, peer.power_law.alpha, rtol=0, atol=2e-3)


def test_start_of_a_discrete_tail_is_the_best_of_all():
    body = np.repeat(np.arange(1, 6), 60)
    x = np.concatenate([body, whole_numbers(2.4, 6, 400, 3)])
    found = fit_power_law(x, discrete=True)
    tries = [fit_power_law(x, start, discrete=True) for start in np.unique(x)[:-1]]
    assert found.ks_distance == min(one.ks_distance for one in tries)
    assert found in tries
    assert found.x_min >= 6.0


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_given_start_has_a_closed_form(scale):
    x = np.array([1.0, 2.0, 3.0, 4.0, 8.0])
    fit = fit_power_law(x * scale, 1.5 * scale)
    logs = np.log(x[1:] / 1.5)
    assert_allclose(fit.alpha, 1.0 + 4.0 / logs.sum(), rtol=1e-12)
    assert (fit.x_min, fit.tail_size) == (1.5 * scale, 4)
    assert_allclose(fit.standard_error, (fit.alpha - 1.0) / 2.0, rtol=1e-12)
    law = 1.0 - np.exp(-logs * (fit.alpha - 1.0))
    assert_allclose(fit.ks_distance, np.abs(np.arange(4) / 4 - law).max(), rtol=1e-10)


def test_given_start_is_that_of_the_search_where_it_is_the_same():
    x = (1.0 - np.random.default_rng(0).random(300)) ** (-1.0 / 1.5)
    found = fit_power_law(x)
    given = fit_power_law(x, found.x_min)
    assert_allclose(given.alpha, found.alpha, rtol=1e-12)
    assert_allclose(given.ks_distance, found.ks_distance, rtol=1e-9)


@pytest.mark.parametrize("x_min", [0.0, -1.0, np.nan, np.inf])
def test_start_has_to_be_positive(x_min):
    with pytest.raises(ArgumentError, match="x_min"):
        fit_power_law([1.0, 2.0], x_min)


def test_whole_numbers_are_asked_for_by_name():
    with pytest.raises(ArgumentError, match="whole number"):
        fit_power_law([1, 2, 3], 1.5, discrete=True)
    with pytest.raises(DataError, match=r"2 values are not whole numbers, the least is 2\.5"):
        fit_power_law([1, 2.5, 3, 7.5], 1, discrete=True)


@pytest.mark.parametrize("discrete", [False, True])
@pytest.mark.parametrize("x", [[], [1], [2, 2, 2], [1, 1, 2]])
def test_no_tail_has_a_reason(x, discrete):
    fit = fit_power_law(x, 2, discrete)
    assert fit.alpha is None
    assert "no tail to fit" in fit.reason
    assert fit_power_law(x, discrete=discrete).alpha is None
    assert fit_power_law([3] * 20, discrete=discrete).reason == "all values are equal"


def test_nearly_all_at_the_start_is_steep_and_not_infinite():
    x = [1] * 100_000 + [2]
    assert_allclose(fit_power_law(x, 1, True).alpha, math.log2(100_000), rtol=1e-3)
    assert discrete_exponent(1e-300, 1.0) < 1100.0
