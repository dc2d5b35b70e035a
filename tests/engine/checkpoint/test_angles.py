"""Principal angles against SciPy and against planes turned by known angles; intruders by hand."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.linalg

from engine.checkpoint import intruder_dimensions, principal_angles
from engine.errors import ArgumentError, DataError
from engine.spectrum import svd_factors, truncated_svd


def orthonormal(rows, columns, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))[0]


@pytest.mark.parametrize(("p", "q"), [(1, 1), (3, 5), (6, 2), (8, 8)])
def test_as_scipy_computes_them(p, q):
    rng = np.random.default_rng(p * 10 + q)
    u, v = rng.standard_normal((30, p)), rng.standard_normal((30, q))
    np.testing.assert_allclose(
        principal_angles(u, v), scipy.linalg.subspace_angles(u, v), rtol=0.0, atol=1e-13
    )


def test_turned_planes_have_the_angles_they_were_turned_by():
    angles = np.array([1.5, 1.0, 0.8, 0.7, 1e-3, 1e-6, 1e-9, 1e-12])
    basis = orthonormal(40, 16, 0)
    u = basis[:, :8]
    v = basis[:, :8] * np.cos(angles) + basis[:, 8:] * np.sin(angles)
    turn = orthonormal(8, 8, 1)
    found = principal_angles(u @ turn.T, v @ turn)
    np.testing.assert_allclose(found, angles, rtol=1e-4, atol=1e-15)
    np.testing.assert_allclose(found, angles, rtol=0.0, atol=1e-14)


def test_a_small_angle_of_two_vectors_in_many_digits():
    rng = np.random.default_rng(3)
    u = rng.standard_normal(50)
    v = u + 1e-10 * rng.standard_normal(50)
    with mpmath.workdps(60):
        a, b = ([mpmath.mpf(float(one)) for one in side] for side in (u, v))
        inner, norms = mpmath.fdot(a, b), mpmath.fdot(a, a) * mpmath.fdot(b, b)
        truth = float(mpmath.acos(inner / mpmath.sqrt(norms)))
    found = principal_angles(u[:, None], v[:, None])
    np.testing.assert_allclose(found, [truth], rtol=1e-5)


def test_ugly_bases():
    u = orthonormal(10, 3, 0)
    assert principal_angles(u, np.hstack([u, u])).shape == (3,)
    np.testing.assert_allclose(principal_angles(u, u * [1e-200, 1.0, 1e200]), 0.0, atol=1e-14)
    assert principal_angles(u, np.zeros((10, 2))).shape == (0,)
    single = u.astype(np.float32)
    single.setflags(write=False)
    assert np.all(principal_angles(single[::-1], single[::-1]) < 1e-6)
    phases = np.exp(1j * np.arange(3.0))
    np.testing.assert_allclose(principal_angles(u * phases, u), 0.0, atol=1e-14)
    with pytest.raises(ArgumentError, match="rows"):
        principal_angles(u, u[:5])
    with pytest.raises(DataError):
        principal_angles(u, np.full((10, 1), np.nan))


def planted(seed=0, strength=30.0):
    rng = np.random.default_rng(seed)
    before = rng.standard_normal((24, 24))
    # A direction that leans on all left singular vectors alike resembles none of them.
    u = np.linalg.svd(before)[0]
    direction = u @ np.ones(24) / np.sqrt(24.0)
    across = rng.standard_normal(24)
    return before, before + strength * np.outer(direction, across / np.linalg.norm(across))


def test_a_planted_direction_is_the_intruder():
    before, after = planted()
    assert intruder_dimensions(before, after) == (0,)
    assert intruder_dimensions(before, before) == ()
    assert intruder_dimensions(before, before * 3.0, threshold=1.0 - 1e-9) == ()
    assert intruder_dimensions(before, after, count=0) == ()
    assert intruder_dimensions(svd_factors(before), truncated_svd(after, 5), count=5) == (0,)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_intruders_as_the_definition_says(threshold):
    before, after = planted(1, 6.0)
    mine, theirs = np.linalg.svd(before)[0], np.linalg.svd(after)[0]
    cosines = np.abs(mine.T @ theirs).max(axis=0)[:12]
    expected = tuple(np.flatnonzero(cosines < threshold).tolist())
    assert intruder_dimensions(before, after, 12, threshold) == expected


def test_vectors_of_zero_values_do_not_count():
    before = np.diag([2.0, 0.0, 0.0])
    assert intruder_dimensions(before, np.diag([2.0, 1.0, 0.0])) == (1,)
    assert intruder_dimensions(np.zeros((3, 3)), np.diag([2.0, 0.0, 0.0])) == (0,)
    assert intruder_dimensions(before, np.zeros((3, 3))) == ()


def test_shapes_and_numbers_that_do_not_fit():
    with pytest.raises(ArgumentError, match="after"):
        intruder_dimensions(np.eye(3), np.eye(4))
    with pytest.raises(ArgumentError, match="threshold"):
        intruder_dimensions(np.eye(3), np.eye(3), threshold=2.0)
    with pytest.raises(ArgumentError, match="count"):
        intruder_dimensions(np.eye(3), np.eye(3), count=-1)
