"""truncated_svd and svd_factors: optimal, certified, with signs one can rely on."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.spectrum import svd_factors, truncated_svd

RNG = np.random.default_rng(0)
DECAY = 0.9 ** np.arange(300.0)
U = np.linalg.qr(RNG.standard_normal((400, 300)))[0]
V = np.linalg.qr(RNG.standard_normal((300, 300)))[0]
MATRICES = {
    "decay": (U * DECAY) @ V.T,
    "wide": ((U * DECAY) @ V.T).T,
    "noise": RNG.standard_normal((350, 330)),
    "float32": ((U * DECAY) @ V.T).astype(np.float32),
    "complex": (U * DECAY) @ (V * np.exp(1j * np.arange(300))).T,
    "small": np.arange(12.0).reshape(3, 4),
}


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("method", ["auto", "svd", "randomized"])
@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("rank", [0, 1, 3, 12])
def test_remainder_is_certified_and_near_optimal(name, method, rank):
    a = MATRICES[name]
    rank = min(rank, min(a.shape))
    f = truncated_svd(a, rank, method)
    wide = a.astype(np.result_type(a, np.float64))
    truth = np.append(np.linalg.svd(wide, compute_uv=False), 0.0)
    left = wide - (f.u * f.s) @ f.vh
    rounding = 1e-13 * truth[0]
    assert (f.u.shape, f.s.shape, f.vh.shape) == ((a.shape[0], rank), (rank,), (rank, a.shape[1]))
    assert f.residual_frobenius == pytest.approx(np.linalg.norm(left), rel=1e-6, abs=rounding)
    assert np.linalg.norm(left, 2) <= f.residual_spectral + rounding
    optimum = np.linalg.norm(truth[rank:])
    assert f.residual_frobenius <= optimum * 1.02 + rounding
    np.testing.assert_allclose(f.u.conj().T @ f.u, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(f.vh @ f.vh.conj().T, np.eye(rank), atol=1e-12)
    assert f.complete == (rank == min(a.shape))


def test_spectral_bound_is_tight_where_the_spectrum_decays():
    f = truncated_svd(MATRICES["decay"], 12, "randomized")
    assert f.method == "randomized"
    assert f.residual_spectral <= 1.001 * DECAY[12]


@pytest.mark.parametrize("method", ["svd", "randomized"])
@pytest.mark.parametrize("name", ["decay", "wide", "complex"])
def test_signs_make_the_largest_entry_positive(name, method):
    f = truncated_svd(MATRICES[name], 5, method)
    for column in f.u.T:
        pivot = column[np.argmax(np.abs(column))]
        assert pivot.real > 0
        assert abs(pivot.imag) < 1e-12


def test_methods_agree_including_signs():
    one, two = (truncated_svd(MATRICES["decay"], 4, m) for m in ("svd", "randomized"))
    np.testing.assert_allclose(one.u, two.u, atol=1e-7)
    np.testing.assert_allclose(one.vh, two.vh, atol=1e-7)


def test_full_rank_reproduces_the_matrix():
    a = MATRICES["small"]
    f = truncated_svd(a, 3)
    np.testing.assert_allclose((f.u * f.s) @ f.vh, a, atol=1e-13)
    assert f.complete
    assert np.linalg.norm(a - (f.u * f.s) @ f.vh) <= f.residual_frobenius + 1e-14


@pytest.mark.parametrize("method", ["svd", "randomized"])
@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_extreme_scales_are_harmless(method, scale):
    f = truncated_svd(MATRICES["decay"] * scale, 3, method)
    np.testing.assert_allclose(f.s / scale, DECAY[:3], rtol=1e-9)


@pytest.mark.parametrize("method", ["svd", "randomized"])
def test_zero_matrix_gives_zero_values(method):
    f = truncated_svd(np.zeros((400, 300), np.float32), 2, method)
    assert f.s.tolist() == [0.0, 0.0]
    assert f.residual_frobenius == 0.0
    assert np.all(np.isfinite(f.u))


@pytest.mark.parametrize("rank", [-1, 5, 1.5, True, "1", None])
def test_rank_out_of_range_is_refused(rank):
    with pytest.raises(ArgumentError, match="rank"):
        truncated_svd(np.ones((6, 4)), rank)


def test_other_bad_arguments_are_refused():
    with pytest.raises(ArgumentError, match="method"):
        truncated_svd(np.eye(3), 1, "gram")
    with pytest.raises(DataError, match="1 of 4"):
        truncated_svd(np.array([[1.0, np.inf], [0.0, 1.0]]), 1)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(np.float32, np.float32), (np.int8, np.float32), (float, float), (complex, complex)],
)
def test_svd_factors_keep_the_size_of_the_data(dtype, expected):
    a = (10 * MATRICES["noise"]).astype(dtype)
    f = svd_factors(a)
    assert f.u.dtype == f.vh.dtype == expected
    assert f.s.dtype == np.float64
    left = np.linalg.norm(a - (f.u.astype(complex) * f.s) @ f.vh.astype(complex))
    assert left <= f.residual_frobenius
    assert f.residual_frobenius < 1e-4 * f.s[0]


def test_factors_are_read_only_and_input_untouched():
    a = MATRICES["decay"].copy()
    f = truncated_svd(a, 2)
    np.testing.assert_array_equal(a, MATRICES["decay"])
    with pytest.raises(ValueError, match="read-only"):
        f.u[0, 0] = 1.0


def test_cancel_stops_the_work():
    class Stop:
        cancelled = True

        def report(self, fraction, text):
            raise AssertionError("cancelled work reports nothing")

    for method in ("svd", "randomized"):
        with pytest.raises(Cancelled):
            truncated_svd(MATRICES["decay"], 3, method, progress=Stop())


def exact_triplets(a, digits=50):
    """Triplets of the very entries of ``a`` at so many digits, values descending."""
    with mpmath.workdps(digits):
        u, s, v = mpmath.svd_r(mpmath.matrix(a.tolist()))
        return u, s, v


def worst_angle(columns, exact, take):
    """Largest sine between each column and the exact vector ``take(exact, i)``."""
    with mpmath.workdps(50):
        sines = []
        for i, column in enumerate(columns.T):
            x = mpmath.matrix(column.tolist())
            y = take(exact, i)
            y = mpmath.matrix([y[j] for j in range(len(column))])
            left = x - y * (y.T * x)[0]
            sines.append(float(mpmath.norm(left) / mpmath.norm(x)))
    return np.array(sines)


SMALL = {
    "decay": np.random.default_rng(1).standard_normal((10, 8)) * 0.3 ** np.arange(8),
    "normal": np.random.default_rng(2).standard_normal((9, 7)),
    "near tie": np.diag([3.0, 2.0 + 1e-9, 2.0, 1.0]) + 1e-3 * np.triu(np.ones((4, 4)), 1),
    "hilbert": 1.0 / (np.arange(8)[:, None] + np.arange(8) + 1.0),
    "graded rows": np.random.default_rng(3).standard_normal((9, 6))
    * 10.0 ** -np.arange(9.0)[:, None],
}


@pytest.mark.parametrize(
    "options", [{"method": "svd"}, {"method": "randomized"}, {"tolerance": 1e-9}]
)
@pytest.mark.parametrize("name", SMALL)
def test_errors_and_angles_enclose_the_truth_at_50_digits(name, options):
    a = SMALL[name]
    u, s, v = exact_triplets(a)
    for rank in (1, 3):
        f = truncated_svd(a, rank, **options)
        for i in range(rank):
            assert abs(mpmath.mpf(float(f.s[i])) - s[i]) <= float(f.errors[i])
        rounding = 2.0**-50
        left = worst_angle(f.u, u, lambda m, i: m[:, i])
        right = worst_angle(f.vh.T, v, lambda m, i: m[i, :].T)
        assert np.all(left <= f.angles + rounding)
        assert np.all(right <= f.angles + rounding)


@pytest.mark.parametrize("method", ["svd", "randomized"])
def test_angles_say_nothing_where_there_is_no_gap(method):
    f = truncated_svd(np.eye(90, 80), 3, method)
    assert f.angles.tolist() == [1.0, 1.0, 1.0]
    g = truncated_svd(np.diag(0.5 ** np.arange(80.0)), 3, method)
    assert np.all(g.angles < 1e-6)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("name", ["decay", "wide", "noise", "float32", "complex"])
def test_a_tolerance_is_kept_for_every_value(name, tolerance):
    a = MATRICES[name]
    f = truncated_svd(a, 12, tolerance=tolerance)
    truth = np.linalg.svd(a.astype(np.result_type(a, np.float64)), compute_uv=False)
    assert f.guarantee == "modelled"
    assert np.all(np.abs(f.s - truth[:12]) <= f.errors + 1e-14 * truth[0])
    assert f.errors.max() <= tolerance * truth[0]


def test_a_tolerance_belongs_to_auto():
    with pytest.raises(ArgumentError, match="method"):
        truncated_svd(np.eye(9), 2, "svd", tolerance=1e-3)
    with pytest.raises(ArgumentError, match="tolerance"):
        truncated_svd(np.eye(9), 2, tolerance=1.0)


def test_rank_zero_keeps_nothing_and_leaves_all():
    a = MATRICES["noise"]
    f = truncated_svd(a, 0, tolerance=1e-3)
    assert (f.s.size, f.errors.size, f.angles.size) == (0, 0, 0)
    assert f.residual_spectral >= np.linalg.norm(a, 2)
    assert f.residual_frobenius == pytest.approx(np.linalg.norm(a), rel=1e-12)
