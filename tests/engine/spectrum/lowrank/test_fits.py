"""Approximations from singular vectors against numpy, and their measured errors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import topk
from engine.errors import ArgumentError, DataError
from engine.spectrum import (
    Spectrum,
    best_left_factor,
    best_right_factor,
    penrose_errors,
    pseudo_inverse,
    reconstruct,
    soft_truncate,
)
from engine.spectrum.linalg.norms import frobenius_norm, spectral_norm


def matrices():
    rng = np.random.default_rng(0)
    deficient = rng.normal(size=(12, 3)) @ rng.normal(size=(3, 9))
    frozen = rng.normal(size=(6, 6))
    frozen.setflags(write=False)
    return {
        "square": frozen,
        "tall": rng.normal(size=(12, 5)),
        "wide": rng.normal(size=(5, 12)),
        "row": rng.normal(size=(1, 7)),
        "column": rng.normal(size=(7, 1)),
        "deficient": deficient,
        "constant": np.full((4, 6), 2.5),
        "zero": np.zeros((3, 4)),
        "float32": rng.normal(size=(8, 5)).astype(np.float32),
        "strided": rng.normal(size=(20, 10))[::2, ::-2],
        "integer": rng.integers(-5, 5, size=(6, 4)),
        "complex": rng.normal(size=(6, 4)) + 1j * rng.normal(size=(6, 4)),
    }


MATRICES = matrices()


@pytest.mark.parametrize("name", MATRICES)
def test_pseudo_inverse_is_numpys_and_satisfies_penrose(name):
    a = MATRICES[name]
    inverse = pseudo_inverse(a)
    wide = a.astype(complex if np.iscomplexobj(a) else float)
    assert_allclose(inverse, np.linalg.pinv(wide, rcond=1e-13), rtol=1e-9, atol=1e-12)
    assert max(penrose_errors(a, inverse)) < 1e-12


@pytest.mark.parametrize("scale", [1e300, 1e-300])
def test_pseudo_inverse_of_huge_and_tiny_matrices(scale):
    a = np.array([[3.0, 1.0], [1.0, 2.0], [0.0, 1.0]])
    inverse = pseudo_inverse(a * scale)
    assert_allclose(inverse * scale, np.linalg.pinv(a), rtol=1e-12)
    assert max(penrose_errors(a * scale, inverse)) < 1e-14


def test_cutoff_drops_small_singular_values():
    a = np.diag([1.0, 0.1, 0.001])
    assert_allclose(pseudo_inverse(a, 0.01), np.diag([1.0, 10.0, 0.0]), atol=1e-12)
    with pytest.raises(ArgumentError, match="cutoff"):
        pseudo_inverse(a, -1.0)


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("scale", [1.0, 1e250])
def test_best_factors_are_least_squares_solutions_with_measured_error(name, scale):
    a = MATRICES[name]
    m = np.random.default_rng(1).normal(size=(a.shape[0], 4)) * scale
    right = best_right_factor(a, m)
    wide = a.astype(complex if np.iscomplexobj(a) else float)
    expected = np.linalg.pinv(wide, rcond=1e-13) @ m
    assert_allclose(right.factor / scale, expected / scale, rtol=1e-8, atol=1e-11)
    residual = (m - wide @ right.factor) / scale
    assert_allclose(right.frobenius_error / scale, np.linalg.norm(residual), atol=1e-11)
    assert_allclose(right.spectral_error / scale, np.linalg.norm(residual, 2), atol=1e-7)
    assert right.rank == np.linalg.matrix_rank(wide)
    left = best_left_factor(m.T, a.T)
    assert_allclose(np.asarray(left) / scale, expected.T / scale, rtol=1e-8, atol=1e-11)
    assert left.frobenius_error == right.frobenius_error


def test_best_factor_of_singular_vectors_reaches_the_floor():
    m = np.random.default_rng(2).normal(size=(30, 20))
    u, v, _ = np.linalg.svd(m, full_matrices=False)
    fit = best_right_factor(u[:, :5], m)
    assert_allclose(fit.frobenius_error, np.linalg.norm(v[5:]), rtol=1e-12)
    assert_allclose(fit.spectral_error, v[5], rtol=1e-8)
    assert_allclose(fit.relative_error, np.linalg.norm(v[5:]) / np.linalg.norm(v), rtol=1e-12)


def test_shapes_and_nan_are_refused_by_name():
    with pytest.raises(ArgumentError, match="3 rows"):
        best_right_factor(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(ArgumentError, match="3 columns"):
        best_left_factor(np.ones((3, 3)), np.ones((2, 2)))
    with pytest.raises(DataError, match=r"2 of 4 entries .* row 0, column 1"):
        pseudo_inverse([[1.0, np.nan], [np.inf, 1.0]])
    with pytest.raises(ArgumentError, match="at least one row"):
        pseudo_inverse(np.ones((0, 3)))
    with pytest.raises(ArgumentError, match="numbers"):
        pseudo_inverse([["a", "b"]])


@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300])
def test_norms_do_not_overflow(scale):
    a = np.random.default_rng(3).normal(size=(7, 4))
    assert_allclose(frobenius_norm(a * scale), np.linalg.norm(a) * scale, rtol=1e-13)
    assert_allclose(spectral_norm(a * scale), np.linalg.norm(a, 2) * scale, rtol=1e-12)


# Truncation, hard and soft -------------------------------------------------------------------


def decomposed(shape=(8, 6)):
    a = np.random.default_rng(4).normal(size=shape)
    u, v, vh = np.linalg.svd(a, full_matrices=False)
    return a, u, Spectrum(v, shape, "float64", "svd", 0.0, True, float(np.linalg.norm(a))), vh


def hard(scores, k, tau):
    return (np.arange(scores.size) < k).astype(float)


def logistic(scores, k, tau):
    middle = 0.5 * (scores[k - 1] + scores[k])
    return 1.0 / (1.0 + np.exp(-(scores - middle) / tau))


@pytest.mark.parametrize("rank", range(7))
def test_reconstruct_is_the_truncation(rank):
    a, u, s, vh = decomposed()
    got = reconstruct(u, s.values, vh, rank)
    assert_allclose(got, (u[:, :rank] * s.values[:rank]) @ vh[:rank], atol=1e-14)
    if rank == 6:
        assert_allclose(got, a, atol=1e-13)


@pytest.mark.parametrize("rank", range(7))
def test_a_hard_operator_gives_the_eckart_young_floor(rank):
    _, u, s, vh = decomposed()
    t = soft_truncate(s, hard, rank, u=u, vh=vh)
    assert_allclose(t.frobenius_error, t.floor_frobenius, rtol=1e-13, atol=1e-15)
    assert_allclose(t.spectral_error, t.floor_spectral, rtol=1e-13, atol=1e-15)
    assert_allclose(t.matrix, reconstruct(u, s.values, vh, rank), atol=1e-14)


@pytest.mark.parametrize("tau", [0.01, 0.3, 5.0])
@pytest.mark.parametrize("k", [1, 3, 5])
def test_soft_truncation_reports_the_error_of_its_matrix(k, tau):
    a, u, s, vh = decomposed()
    t = soft_truncate(s, logistic, k, tau, u=u, vh=vh)
    assert_allclose(t.frobenius_error, np.linalg.norm(a - t.matrix), rtol=1e-12)
    assert_allclose(t.spectral_error, np.linalg.norm(a - t.matrix, 2), rtol=1e-12)
    assert t.floor_rank == k
    assert_allclose(t.values, t.filter * s.values)


@pytest.mark.parametrize("key", ["sigmoid", "exp", "clip", "hard"])
def test_soft_truncation_knows_operators_by_key(key):
    _, _, s, _ = decomposed()
    t = soft_truncate(s, key, 2, 0.5)
    assert_allclose(t.filter, topk.get_operator(key)(s.values, 2, tau=0.5))
    assert_allclose(t.filter.sum(), 2.0, rtol=1e-9)
    assert t.matrix is None


def test_relative_temperature_makes_the_unit_irrelevant():
    _, _, s, _ = decomposed()
    big = Spectrum(s.values * 1e300, s.shape, "float64", "svd", 0.0, True, s.frobenius * 1e300)
    one = soft_truncate(s, logistic, 2, 0.1, relative=True)
    two = soft_truncate(big, logistic, 2, 0.1, relative=True)
    assert_allclose(one.filter, two.filter, rtol=1e-12)
    assert_allclose(two.frobenius_error, one.frobenius_error * 1e300, rtol=1e-12)


def test_soft_truncation_counts_unknown_values_as_dropped():
    v = np.array([3.0, 2.0, 1.0, 1.0])
    norm, rest = float(np.linalg.norm(v)), 2.0**0.5
    upper = np.hypot(v[:2], rest)
    s = Spectrum(v[:2], (4, 4), "float64", "randomized", 2.0, False, norm, rest, upper)
    t = soft_truncate(s, hard, 1)
    assert_allclose(t.frobenius_error, 6.0**0.5)
    assert t.spectral_error >= 2.0


def test_soft_truncation_refuses_bad_arguments():
    _, u, s, _ = decomposed()
    with pytest.raises(ArgumentError, match="k"):
        soft_truncate(s, hard, 7)
    with pytest.raises(ArgumentError, match="vh"):
        soft_truncate(s, hard, 1, u=u)
    with pytest.raises(ArgumentError, match="operator"):
        soft_truncate(s, lambda scores, k, tau: np.ones(2), 1)


def test_soft_truncation_of_zero_is_zero():
    s = Spectrum(np.zeros(3), (3, 3), "float64", "svd", 0.0, True, 0.0)
    t = soft_truncate(s, hard, 2, relative=True, u=np.eye(3), vh=np.eye(3))
    assert (t.frobenius_error, t.spectral_error) == (0.0, 0.0)
    assert not t.matrix.any()


@pytest.mark.parametrize("unit", [1.0, 1j])
def test_results_beyond_the_largest_float_are_refused_rather_than_infinite(unit):
    with pytest.raises(DataError, match="pseudo-inverse would exceed the range"):
        pseudo_inverse(np.eye(2) * 1e-310 * unit)
    with pytest.raises(DataError, match="best factor would exceed the range"):
        best_right_factor(np.eye(2) * 1e-200 * unit, np.eye(2) * 1e200)
    with pytest.raises(DataError, match="all zeros"):
        best_right_factor(np.eye(2) * 1e200 * unit, np.eye(2) * 1e-200)


def test_soft_truncation_passes_on_that_an_operator_breaks_down():
    values = np.ones(12)
    s = Spectrum(values, (12, 12), "float64", "svd", 0.0, True, 12**0.5)
    assert np.isnan(soft_truncate(s, lambda x, k, tau: np.full(12, np.nan), 2).frobenius_error)


def test_spectral_norm_survives_a_failing_eigenvalue_driver(monkeypatch):
    def fails(*args, **kwargs):
        raise np.linalg.LinAlgError("Internal Error.")

    monkeypatch.setattr("engine.spectrum.linalg.norms.eigvalsh", fails)
    assert_allclose(spectral_norm(np.diag([3e200, 4e200])), 4e200, rtol=1e-14)
