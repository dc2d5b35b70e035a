"""ID and CUR: real rows and columns, errors measured beside the floor."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, DataError
from engine.spectrum import Spectrum, cur, interpolative


def noisy_low_rank(shape, rank=4, noise=1e-3, seed=0):
    rng = np.random.default_rng(seed)
    m, n = shape
    return rng.normal(size=(m, rank)) @ rng.normal(size=(rank, n)) + noise * rng.normal(size=shape)


def approximation_of(method, a, pick):
    if method is interpolative:
        return a[:, pick.columns] @ pick.coefficients
    return a[:, pick.columns] @ pick.core @ a[pick.rows]


@pytest.mark.parametrize("method", [interpolative, cur])
@pytest.mark.parametrize("shape", [(15, 15), (30, 9), (9, 30), (1, 8), (8, 1)])
@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300])
def test_errors_are_those_of_the_approximation_and_above_the_floor(method, shape, scale):
    a = noisy_low_rank(shape)
    values = np.linalg.svd(a, compute_uv=False)
    for rank in range(min(shape) + 1):
        pick = method(a * scale, rank)
        assert len(set(pick.columns.tolist())) == rank
        if scale == 1.0:
            residual = a - approximation_of(method, a, pick)
            assert_allclose(pick.error.frobenius, np.linalg.norm(residual), atol=1e-11)
            assert_allclose(pick.error.spectral, np.linalg.norm(residual, 2), atol=1e-9)
        floor = float(np.sqrt(np.sum(values[rank:] ** 2)))
        assert_allclose(pick.error.floor_frobenius / scale, floor, rtol=1e-9, atol=1e-13)
        assert pick.error.frobenius >= pick.error.floor_frobenius * (1 - 1e-9)
        assert pick.error.frobenius / scale <= 5 * floor + 1e-10


@pytest.mark.parametrize("method", [interpolative, cur])
@pytest.mark.parametrize("rank", [0, 3, 5])
def test_rank_deficient_and_zero_matrices(method, rank):
    a = noisy_low_rank((8, 8), rank=3, noise=0.0)
    pick = method(a, rank)
    assert np.all(np.isfinite(approximation_of(method, a, pick)))
    assert pick.error.frobenius <= (1e-12 if rank >= 3 else 1.01) * np.linalg.norm(a)
    zero = method(np.zeros((4, 6)), min(rank, 4))
    assert (zero.error.frobenius, zero.error.relative, zero.error.floor_spectral) == (0, 0, 0)


def test_chosen_columns_stand_for_themselves():
    a = noisy_low_rank((10, 7))
    pick = interpolative(a, 4)
    assert_allclose(pick.coefficients[:, pick.columns], np.eye(4), atol=0)
    assert np.max(np.abs(pick.coefficients)) < 10


def test_core_is_the_best_one():
    a = noisy_low_rank((12, 10), noise=0.1)
    pick = cur(a, 3)
    c, r = a[:, pick.columns], a[pick.rows]
    best = np.linalg.pinv(c) @ a @ np.linalg.pinv(r)
    assert_allclose(pick.core, best, rtol=1e-9)


@pytest.mark.parametrize("method", [interpolative, cur])
def test_a_known_spectrum_gives_the_floor(method):
    a = noisy_low_rank((9, 9))
    values = np.linalg.svd(a, compute_uv=False)
    s = Spectrum(values, a.shape, "float64", "svd", 0.0, True, float(np.linalg.norm(a)))
    with_spectrum, without = method(a, 2, spectrum=s), method(a, 2)
    assert_allclose(with_spectrum.error.floor_frobenius, without.error.floor_frobenius)
    assert_allclose(with_spectrum.error.floor_spectral, values[2])


@pytest.mark.parametrize("method", [interpolative, cur])
def test_bad_arguments_are_refused(method):
    with pytest.raises(ArgumentError, match="rank"):
        method(np.ones((3, 4)), 4)
    with pytest.raises(DataError, match="NaN"):
        method([[np.nan]], 1)


@pytest.mark.parametrize("method", [interpolative, cur])
def test_complex_read_only_and_float32_input(method):
    rng = np.random.default_rng(6)
    a = rng.normal(size=(8, 6)) + 1j * rng.normal(size=(8, 6))
    a.setflags(write=False)
    assert method(a, 6).error.relative < 1e-12
    assert method(a.real.astype(np.float32)[::-1], 6).error.relative < 1e-12
