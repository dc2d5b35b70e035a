"""Krylov spaces: orthonormal bases, the recurrences they promise, and honest residuals."""

from __future__ import annotations

import numpy as np
import pytest

from engine.spectrum.linalg.krylov import KrylovSpace
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.linalg.products import Products

RNG = np.random.default_rng(5)
U = np.linalg.qr(RNG.standard_normal((80, 50)))[0]
V = np.linalg.qr(RNG.standard_normal((50, 50)))[0]
SPECTRA = {
    "decay": 0.7 ** np.arange(50.0),
    "graded": 10.0 ** -np.linspace(0, 14, 50),
    "flat": np.linspace(1.0, 0.95, 50),
    "rank three": np.where(np.arange(50) < 3, 2.0, 0.0),
    "clusters": np.repeat([3.0, 1.0], 25),
    "zero": np.zeros(50),
}


def space_of(a, width, size):
    space = KrylovSpace(Products(as_matrix(a)), width, np.random.default_rng(1))
    while space.size < size:
        space.extend()
    return space


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("name", SPECTRA)
def test_directions_are_orthonormal_and_ritz_values_are_theirs(name, dtype, width):
    a = ((U * SPECTRA[name]) @ V.T).astype(dtype)
    a = a * np.exp(1j * np.arange(50)) if dtype is np.complex128 else a
    space = space_of(a, width, 20)
    s, residuals = space.ritz()
    v = space.directions(6)
    np.testing.assert_allclose(v.conj().T @ v, np.eye(6), atol=1e-13)
    wide = a.astype(np.result_type(a, np.float64))
    truth = np.linalg.svd(wide, compute_uv=False)
    close = (1e-6 if dtype is np.float32 else 1e-13) * max(truth[0], 1e-300)
    assert np.all(s[:6] <= truth[:6] + close)
    # Directions of tied values come in any order; what they span does not.
    np.testing.assert_allclose(
        np.linalg.svd(wide @ v, compute_uv=False), s[:6], rtol=0, atol=10 * close
    )
    near = np.min(np.abs(truth - s[:, None]), axis=1)
    assert np.all(near <= residuals + 20 * close)


@pytest.mark.parametrize("width", [1, 3])
def test_a_whole_space_has_every_value(width):
    a = (U * SPECTRA["decay"]) @ V.T
    s, _ = space_of(a, width, 48).ritz()
    np.testing.assert_allclose(s[:30], SPECTRA["decay"][:30], rtol=1e-12, atol=1e-13)


def test_one_column_misses_copies_and_a_block_finds_them():
    a = np.diag(np.repeat([2.0, 1.0], [2, 48]))
    single, _ = space_of(a, 1, 2).ritz()
    block, _ = space_of(a, 2, 4).ritz()
    np.testing.assert_allclose(single, [2.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(block[:2], [2.0, 2.0], atol=1e-12)
