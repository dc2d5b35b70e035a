"""ID and CUR: real rows and columns, errors measured beside the floor, truth at 50 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import hilbert

from engine.errors import ArgumentError, DataError
from engine.spectrum import Spectrum, cur, interpolative
from engine.spectrum.lowrank import interpolative as subject
from tests.support.truth import exact_singular_values


def noisy_low_rank(shape, rank=4, noise=1e-3, seed=0):
    rng = np.random.default_rng(seed)
    m, n = shape
    return rng.normal(size=(m, rank)) @ rng.normal(size=(rank, n)) + noise * rng.normal(size=shape)


def approximation_of(method, a, pick):
    """What the picks can do: for CUR by orthonormal bases of the columns and rows."""
    if method is interpolative:
        return a[:, pick.columns] @ pick.coefficients
    left, right = np.linalg.qr(a[:, pick.columns])[0], np.linalg.qr(a[pick.rows].conj().T)[0]
    return left @ (left.conj().T @ a @ right) @ right.conj().T


@pytest.mark.sample(1 / 3)
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
            if method is cur:
                residual = a - a[:, pick.columns] @ pick.core @ a[pick.rows]
                assert_allclose(pick.core_error, np.linalg.norm(residual), atol=1e-11)
                assert pick.core_error <= 1.01 * pick.error.frobenius + 1e-9
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


def kahan(n, theta=1.2, tilt=90e-14):
    """Pivoted QR exchanges no columns of it, though the last ones nearly follow from the rest."""
    s, c = np.sin(theta), np.cos(theta)
    upper = np.triu(np.full((n, n), -c) + (1.0 + c) * np.eye(n)) * s ** np.arange(n)[:, None]
    return upper * (1.0 - tilt * np.arange(n))


def least_singular_value(triangle):
    """sigma_n of an upper triangle at 50 digits: by its inverse, its largest by power steps."""
    n = len(triangle)
    with mpmath.workdps(50):
        t = [[mpmath.mpf(x) for x in row] for row in triangle.tolist()]

        def solve(b, transposed):
            x, order = [mpmath.mpf(0)] * n, range(n) if transposed else range(n - 1, -1, -1)
            for i in order:
                others = range(i) if transposed else range(i + 1, n)
                known = sum(((t[j][i] if transposed else t[i][j]) * x[j] for j in others), b[i])
                x[i] = (2 * b[i] - known) / t[i][i]
            return x

        x = [mpmath.mpf(1)] * n
        for _ in range(6):
            x = solve(solve(x, True), False)
            size = mpmath.sqrt(sum(y * y for y in x))
            x = [y / size for y in x]
        return float(1 / mpmath.sqrt(size))


@pytest.mark.parametrize("method", ["auto", "strong"])
def test_kahans_matrix_costs_no_digits(method):
    a, n = kahan(90), 90
    floor = least_singular_value(a)
    pick = interpolative(a, n - 1, method)
    assert 2e-15 < floor < 6e-15
    assert pick.swaps >= 1
    assert np.max(np.abs(pick.coefficients)) <= 2.0
    assert pick.error.spectral <= math.sqrt(1 + 4 * (n - 1)) * floor
    # Plain pivoted QR: coefficients of 1e11, an error 2e11 times the floor.
    assert pick.error.spectral < 1e-13


CASES = {
    "kahan": kahan(24, 0.4),
    "hilbert": hilbert(14),
    "normal": np.random.default_rng(1).standard_normal((12, 16)),
    "tall": np.random.default_rng(2).standard_normal((18, 10)) * 0.2 ** np.arange(10),
    "copies": np.repeat(np.random.default_rng(3).standard_normal((10, 5)), 3, axis=1),
    "ones above": np.triu(np.ones((14, 14))),
    "scales": np.random.default_rng(4).standard_normal((10, 10)) * 10.0 ** -np.arange(10.0),
    "constant": np.full((9, 7), 0.1),
    # Coefficients are small and what the columns leave out is not: both parts of a gain count.
    "small integers": np.random.default_rng(278).integers(-2, 3, (4, 5)).astype(float),
    "integers": np.random.default_rng(3).integers(-2, 3, (6, 8)).astype(float),
}


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("f", [1.2, 2.0])
@pytest.mark.parametrize("name", CASES)
def test_strong_choices_keep_the_three_bounds_of_gu_and_eisenstat(name, f):
    a = CASES[name]
    truth = [float(x) for x in exact_singular_values(a, 50)] + [0.0]
    n, rounding = a.shape[1], 1e-14 * truth[0] * max(a.shape)
    for rank in range(min(a.shape) + 1):
        pick = interpolative(a, rank, "strong", f)
        growth = math.sqrt(1 + f * f * rank * (n - rank))
        assert np.max(np.abs(pick.coefficients), initial=0.0) <= max(f, 1.0) * (1 + 1e-9)
        assert pick.error.spectral <= growth * truth[rank] + rounding
        if rank:
            kept = np.linalg.svd(a[:, pick.columns], compute_uv=False)[-1]
            assert kept >= truth[rank - 1] / growth - rounding


def volume(columns):
    return float(np.prod(np.linalg.svd(columns, compute_uv=False)))


EXCHANGES = [
    ("kahan", 20), ("normal", 5), ("tall", 4), ("ones above", 9), ("small integers", 2),
    ("integers", 4),
]  # fmt: skip


@pytest.mark.parametrize("f", [1.05, 3.0])
@pytest.mark.parametrize(("name", "rank"), EXCHANGES)
def test_no_exchange_of_two_columns_would_gain_more_than_f(name, rank, f):
    a = CASES[name]
    chosen = interpolative(a, rank, "strong", f).columns.tolist()
    others = sorted(set(range(a.shape[1])) - set(chosen))
    gains = [
        volume(a[:, [*chosen[:i], j, *chosen[i + 1 :]]]) / volume(a[:, chosen])
        for i in range(rank)
        for j in others
    ]
    assert max(gains) <= f * (1 + 1e-6)


def test_only_as_many_swaps_as_called_for():
    a = CASES["kahan"]
    plain, strong = interpolative(a, 20), interpolative(a, 20, "strong", 1.05)
    assert strong.swaps > 0
    assert plain.swaps == 0
    assert np.max(np.abs(plain.coefficients)) > 1.05
    assert interpolative(a, 20, "strong", 1e6).swaps == 0


def exact_projection_error(a, columns, rows):
    """``||M - C C^+ M R^+ R||_F`` at 60 digits."""
    with mpmath.workdps(60 + 2 * len(columns)):
        whole = mpmath.matrix(a.tolist())

        def project(basis):
            q = mpmath.qr(mpmath.matrix(basis.tolist()), mode="skinny")[0]
            return q * q.T

        fitted = project(a[:, columns]) * whole * project(a[rows].T)
        return float(mpmath.norm(whole - fitted))


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("name", ["kahan", "hilbert", "normal", "tall", "ones above", "scales"])
def test_the_error_of_cur_is_that_of_its_columns_and_rows_at_60_digits(name):
    a = CASES[name]
    norm = np.linalg.norm(a)
    for rank in range(1, min(a.shape) + 1, 3):
        pick = cur(a, rank)
        truth = exact_projection_error(a, pick.columns, pick.rows)
        assert_allclose(pick.error.frobenius, truth, rtol=1e-9, atol=3e-14 * norm)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(
    "a", [hilbert(60), kahan(60), *CASES.values()], ids=["hilbert 60", "kahan 60", *CASES]
)
def test_the_error_of_cur_does_not_rise_with_the_rank(a):
    norm = np.linalg.norm(a)
    picks = [cur(a, rank) for rank in range(min(a.shape) + 1)]
    errors = np.array([pick.error.frobenius for pick in picks])
    assert np.all(np.diff(errors) <= 1e-14 * norm)
    assert errors[-1] <= 1e-13 * norm
    # Multiplied as it stands it cannot be as good, but no longer loses half of what float64 has.
    assert max(pick.core_error - pick.error.frobenius for pick in picks) <= 1e-6 * norm


@pytest.mark.parametrize("bad", [1.0, 0.5, -2.0, np.nan, np.inf, "2"])
def test_f_out_of_range_is_refused(bad):
    with pytest.raises(ArgumentError, match="f"):
        interpolative(np.eye(3), 1, "strong", bad)


def test_unknown_method_is_refused():
    with pytest.raises(ArgumentError, match=subject.METHODS[1]):
        interpolative(np.eye(3), 1, "weak")
