"""The level that parts data from rounding, the rank it gives, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import hilbert

from engine.spectrum import describe, singular_values
from engine.spectrum.description.rounding import rank_level, rank_reason, rank_tolerance
from engine.suites.rank_rules import spectrum_of

SHAPES = [(24, 18), (300, 200), (40, 400)]
SHORT = ["float16", "float32", "complex64"]


def product(shape, rank, dtype, seed=0):
    """A matrix of that rank, rounded to a type once."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(shape[0], rank)), rng.normal(size=(rank, shape[1]))
    if np.dtype(dtype).kind == "c":
        left = left + 1j * rng.normal(size=left.shape)
    return (left @ right).astype(dtype)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [*SHORT, "float64", "complex128"])
def test_rank_of_a_product_is_seen_through_the_rounding_of_its_own_type(dtype, shape, seed):
    a = product(shape, 3, dtype, seed)
    assert describe(singular_values(a)).numerical_rank == 3
    if dtype != "float16":
        assert np.linalg.matrix_rank(a) == 3


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_values_that_the_usual_tolerance_drops_are_kept_and_said(dtype):
    sigma = np.concatenate([np.ones(150), np.full(50, 1e-5)])
    rng = np.random.default_rng(1)
    u, v = (np.linalg.qr(rng.normal(size=(side, 200)))[0] for side in (2000, 200))
    s = singular_values(((u * sigma) @ v.T).astype(dtype))
    assert rank_level(s).value < 1e-5 < rank_tolerance(s)
    assert describe(s).numerical_rank == 200
    said = describe(s).remarks["numerical_rank"]
    assert f"rounding the entries to {dtype}" in said
    assert said.endswith("there would be 150.")


@pytest.mark.parametrize("dtype", SHORT)
def test_level_is_above_the_noise_of_rounding_and_not_far(dtype):
    exact = product((200, 120), 120, "complex128" if dtype == "complex64" else "float64")
    rounded = exact.astype(dtype).astype(exact.dtype)
    noise = np.linalg.norm(rounded - exact, 2)
    level = rank_level(singular_values(exact.astype(dtype))).value
    assert noise < level < 8.0 * noise


def test_double_data_keep_the_usual_tolerance():
    s = singular_values(product((30, 20), 5, "float64"))
    assert rank_level(s).value == rank_tolerance(s)
    assert rank_reason(s).startswith("Counted above")
    assert "would be" not in rank_reason(s)


def test_values_below_their_own_error_do_not_count():
    s = singular_values(product((300, 200), 10, "float64"), "gram")
    assert np.count_nonzero(s.values > rank_tolerance(s)) > 10
    assert describe(s).numerical_rank == 10
    assert "the error bound of the smallest value" in describe(s).remarks["numerical_rank"]


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16"])
def test_codes_of_eight_bits_do_not_lose_every_rank(dtype):
    values = np.sort(np.random.default_rng(0).uniform(0.5, 1.0, 100))[::-1]
    assert describe(spectrum_of(values, dtype=dtype)).numerical_rank == 100


def test_condition_number_is_bounded_by_the_errors_of_its_ends():
    a = np.random.default_rng(2).normal(size=(60, 40))
    s = singular_values(a)
    d, e = describe(s), s.errors
    low, high = d.bounds["condition_number"]
    assert_allclose(low, (s.values[0] - e[0]) / (s.values[-1] + e[-1]), rtol=1e-14)
    assert_allclose(high, (s.values[0] + e[0]) / (s.values[-1] - e[-1]), rtol=1e-14)
    assert low < d.condition_number < high < low * (1 + 1e-10)
    assert "condition_number" not in d.remarks


def test_condition_number_of_hilberts_matrix_is_what_its_error_supports():
    s = singular_values(hilbert(100))
    d = describe(s)
    low, high = d.bounds["condition_number"]
    assert d.condition_number == low
    assert 1e14 < low < 3e14
    assert high == np.inf
    assert "cannot be told from 0" in d.remarks["condition_number"]


@pytest.mark.parametrize("exponent", [-1040, -900, 900, 1000])
def test_bounds_of_the_condition_number_do_not_depend_on_the_unit(exponent):
    a = np.random.default_rng(2).normal(size=(60, 40))
    bounds = describe(singular_values(a)).bounds["condition_number"]
    scaled = describe(singular_values(np.ldexp(a, exponent))).bounds["condition_number"]
    if exponent > -1000:
        assert_allclose(scaled, bounds, rtol=1e-13)
    assert scaled[0] <= bounds[1]
    assert scaled[1] >= bounds[0]
