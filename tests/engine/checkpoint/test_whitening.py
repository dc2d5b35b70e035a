"""Whitened truncation against inputs themselves, and against other factors of their covariance."""

from __future__ import annotations

import numpy as np
import pytest

from engine.checkpoint import whitened_svd
from engine.errors import ArgumentError, DataError


def case(m, n, samples, seed=0, spread=3.0):
    rng = np.random.default_rng(seed)
    sizes = np.logspace(0, -spread, n)
    return rng.standard_normal((m, n)), sizes[:, None] * rng.standard_normal((n, samples))


def formed(found):
    return (found.u * found.s) @ found.vh


@pytest.mark.parametrize(("m", "n", "samples"), [(30, 20, 50), (20, 30, 12), (7, 40, 400)])
@pytest.mark.parametrize("rank", [0, 1, 5, 7])
def test_the_error_on_the_inputs_is_the_floor(m, n, samples, rank):
    w, x = case(m, n, samples)
    found = whitened_svd(w, x @ x.T, rank)
    # Nothing of that rank is nearer to W X than its own truncation, which is within reach.
    floor = np.linalg.norm(np.linalg.svd(w @ x, compute_uv=False)[rank:])
    size = np.linalg.norm(w @ x)
    assert np.linalg.norm((w - formed(found)) @ x) == pytest.approx(floor, abs=1e-9 * size)
    assert found.residual_frobenius == pytest.approx(floor, abs=1e-9 * size)
    after = np.append(np.linalg.svd(w @ x, compute_uv=False), 0.0)[rank]
    assert found.residual_spectral == pytest.approx(after, abs=1e-9 * size)
    np.testing.assert_allclose(found.u.T @ found.u, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(found.vh @ found.vh.T, np.eye(rank), atol=1e-12)
    assert np.all(np.diff(found.s) <= 0.0)


def test_with_fewer_inputs_than_columns_nothing_is_kept_where_none_ever_was():
    w, x = case(60, 200, 50, spread=0.0)
    c = (x @ x.T).astype(np.float32)
    found = whitened_svd(w, c, 20)
    q = np.linalg.svd(x)[0]
    assert np.linalg.norm(formed(found) @ q[:, 50:]) < 1e-4 * np.linalg.norm(found.s)
    floor = np.linalg.norm(np.linalg.svd(w @ x, compute_uv=False)[20:])
    assert np.linalg.norm((w - formed(found)) @ x) == pytest.approx(floor, rel=1e-5)
    # Beyond the rank of the inputs nothing is left to be found, and the factors stay orthonormal.
    full = whitened_svd(w, x @ x.T, 60)
    assert np.linalg.norm((w - formed(full)) @ x) < 1e-9 * np.linalg.norm(w @ x)
    np.testing.assert_allclose(full.u.T @ full.u, np.eye(60), atol=1e-12)
    np.testing.assert_allclose(full.vh @ full.vh.T, np.eye(60), atol=1e-12)
    assert full.complete
    assert np.count_nonzero(full.s > 1e-9 * full.s[0]) == 50


def test_plain_truncation_is_worse_on_inputs_of_uneven_size():
    w, x = case(40, 40, 300)
    u, s, vh = np.linalg.svd(w)
    plain = np.linalg.norm((w - (u[:, :10] * s[:10]) @ vh[:10]) @ x)
    assert whitened_svd(w, x @ x.T, 10).residual_frobenius < 0.5 * plain


def test_the_unit_covariance_is_the_plain_truncation_and_a_factor_changes_the_error_only():
    w, _ = case(12, 9, 1)
    u, s, vh = np.linalg.svd(w, full_matrices=False)
    for factor in (1.0, 1e-290, 4e290):
        found = whitened_svd(w, factor * np.eye(9), 4)
        np.testing.assert_allclose(formed(found), (u[:, :4] * s[:4]) @ vh[:4], atol=1e-12)
        expected = np.sqrt(factor) * np.linalg.norm(s[4:])
        assert found.residual_frobenius == pytest.approx(expected, rel=1e-12)


def test_no_inputs_at_all_leave_nothing():
    found = whitened_svd(np.ones((3, 2)), np.zeros((2, 2)), 1)
    assert (found.s.tolist(), found.residual_frobenius) == ([0.0], 0.0)


@pytest.mark.parametrize(
    "covariance",
    [np.eye(3), -np.eye(2), np.diag([1.0, -0.5]), np.array([[1.0, 0.5], [0.0, 1.0]]), [[1.0, 2.0]]],
)
def test_what_is_no_covariance_is_refused(covariance):
    with pytest.raises(ArgumentError, match="covariance"):
        whitened_svd(np.ones((4, 2)), covariance, 1)


def test_bad_numbers_and_ranks():
    with pytest.raises(DataError):
        whitened_svd([[np.nan, 1.0]], np.eye(2), 1)
    with pytest.raises(DataError):
        whitened_svd([[1.0, 1.0]], [[np.inf, 0.0], [0.0, 1.0]], 1)
    for rank in (-1, 2, 0.5, True):
        with pytest.raises(ArgumentError, match="rank"):
            whitened_svd([[1.0, 1.0]], np.eye(2), rank)
