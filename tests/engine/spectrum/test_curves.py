"""Energy and error curves: entry r is rank r, whatever the scale."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.spectrum import energy, frobenius_error, nuclear_error, spectral_error
from engine.suites.rank_rules import leading_part, spectrum_of

CURVES = [energy, frobenius_error, nuclear_error, spectral_error]


@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300, 1e150, 1e-160])
def test_curves_equal_high_precision_sums_at_every_scale(scale):
    values = np.sort(np.random.default_rng(1).exponential(size=40))[::-1] * scale
    s = spectrum_of(values)
    exact = [mpmath.mpf(float(v)) for v in values]
    squares = [v * v for v in exact]
    total = mpmath.fsum(squares)
    for r in range(41):
        tail = mpmath.fsum(squares[r:])
        assert_allclose(energy(s)[r], float(1 - tail / total), rtol=1e-13, atol=1e-15)
        assert_allclose(frobenius_error(s)[r], float(mpmath.sqrt(tail)), rtol=1e-13)
        assert_allclose(nuclear_error(s)[r], float(mpmath.fsum(exact[r:])), rtol=1e-13)
        assert spectral_error(s)[r] == (values[r] if r < 40 else 0.0)


def test_frobenius_error_keeps_values_whose_square_underflows():
    s = spectrum_of([1.0, 4e-200, 3e-200])
    assert_allclose(frobenius_error(s), [1.0, 5e-200, 3e-200, 0.0], rtol=1e-14)


@pytest.mark.parametrize("curve", CURVES)
def test_curves_of_the_zero_matrix_are_defined(curve):
    expected = 1.0 if curve is energy else 0.0
    assert_allclose(curve(spectrum_of(np.zeros(5))), np.full(6, expected), rtol=0, atol=0)


@pytest.mark.parametrize("curve", CURVES)
def test_curves_of_an_empty_matrix_have_one_entry(curve):
    assert curve(spectrum_of([], (0, 4))).shape == (1,)


@pytest.mark.parametrize("curve", CURVES)
def test_curves_are_monotone(curve):
    values = np.sort(np.random.default_rng(2).lognormal(0, 5, size=200))[::-1]
    steps = np.diff(curve(spectrum_of(values)))
    assert np.all(steps >= 0) if curve is energy else np.all(steps <= 0)


@pytest.mark.parametrize("known", [1, 5, 30])
@pytest.mark.parametrize("curve", CURVES)
def test_curves_of_leading_values_bound_the_true_curve(curve, known):
    values = 0.8 ** np.arange(30)
    bound = curve(leading_part(values, known))
    truth = curve(spectrum_of(values))[: known + 1]
    slack = 1e-12
    assert bound.shape == (known + 1,)
    assert np.all(bound <= truth + slack if curve is energy else bound >= truth - slack)


def test_energy_of_integers_is_exact():
    assert energy(spectrum_of([3.0, 1.0])).tolist() == [0.0, 0.9, 1.0]


def test_curves_match_truncation_of_a_matrix():
    a = np.random.default_rng(3).normal(size=(7, 12))
    u, v, vh = np.linalg.svd(a, full_matrices=False)
    s = spectrum_of(v, a.shape)
    for r in range(8):
        rest = a - (u[:, :r] * v[:r]) @ vh[:r]
        assert_allclose(frobenius_error(s)[r], np.linalg.norm(rest), rtol=1e-12, atol=1e-13)
        assert_allclose(spectral_error(s)[r], np.linalg.norm(rest, 2), rtol=1e-12, atol=1e-13)
        assert_allclose(nuclear_error(s)[r], np.linalg.norm(rest, "nuc"), rtol=1e-12, atol=1e-13)
