"""singular_values: every method against independent answers, on ordinary and ugly data."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from scipy.linalg import hilbert

from engine.errors import ArgumentError, ConvergenceError, DataError
from engine.jobs import Cancelled
from engine.spectrum import (
    best_left_factor,
    best_right_factor,
    choose_method,
    estimate_seconds,
    pseudo_inverse,
    singular_values,
    svd_factors,
    truncated_svd,
)
from engine.spectrum.linalg.matrix import as_matrix, blocks
from engine.spectrum.values.complete import accumulate_gram
from tests.support.truth import exact_singular_values

COMPLETE = ("svd", "gram", "stream")


def with_values(values, m, n, seed=0, dtype=np.float64):
    """An m x n matrix with the given singular values, up to rounding."""
    rng = np.random.default_rng(seed)
    u = np.linalg.qr(rng.standard_normal((m, len(values))))[0]
    v = np.linalg.qr(rng.standard_normal((n, len(values))))[0]
    return ((u * values) @ v.T).astype(dtype)


SMALL = {
    "hilbert": hilbert(10),
    "graded": np.random.default_rng(1).standard_normal((12, 8)) * 10.0 ** -np.arange(0, 16, 2),
    "kahan": np.triu(np.full((10, 10), -0.6) + 1.6 * np.eye(10)) * 0.8 ** np.arange(10)[:, None],
    "tiny gap": with_values([1, 1 - 1e-15, 1e-8, 1e-12], 6, 5),
    "constant": np.full((9, 7), 0.1),
    "rank two": np.outer(np.arange(8.0), np.ones(6)) + np.outer(np.ones(8), np.arange(6.0)),
}


@pytest.mark.parametrize("method", COMPLETE)
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_error_is_within_its_bound_of_the_exact_answer(method, name, dtype):
    a = SMALL[name].astype(dtype)
    s = singular_values(a, method)
    truth = np.array([float(x) for x in exact_singular_values(a)])
    assert np.all(np.abs(s.values - truth) <= s.errors)
    assert s.errors.max() == s.error_bound
    assert s.complete
    np.testing.assert_allclose(s.frobenius, np.linalg.norm(truth), rtol=1e-14)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("method", COMPLETE)
@pytest.mark.parametrize("shape", [(300, 300), (700, 90), (90, 700), (2000, 3), (1, 40), (40, 1)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8, np.complex64])
def test_error_is_within_its_bound_of_float64_svd(method, shape, dtype):
    rng = np.random.default_rng(2)
    a = (5 * rng.standard_normal(shape)).astype(dtype)
    if dtype is np.complex64:
        a = a + 1j * rng.standard_normal(shape).astype(np.float32)
    s = singular_values(a, method)
    wide = a.astype(complex if dtype is np.complex64 else float)
    truth = np.linalg.svd(wide, compute_uv=False)
    assert np.all(np.abs(s.values - truth) <= s.errors + 1e-14 * truth[0])
    assert (s.shape, s.dtype, s.method) == (shape, a.dtype.name, method)
    np.testing.assert_allclose(s.frobenius, np.linalg.norm(wide), rtol=1e-13)


def test_gram_beats_float32_svd_and_is_far_better_than_its_bound():
    a = np.random.default_rng(3).standard_normal((600, 600)).astype(np.float32)
    truth = np.linalg.svd(a.astype(float), compute_uv=False)
    s = singular_values(a, "gram")
    single = np.linalg.svd(a, compute_uv=False)
    assert np.abs(s.values - truth).max() < 1e-3 * np.abs(single - truth).max()
    assert s.error_bound < 1e-6 * truth[0]


@pytest.mark.parametrize("method", COMPLETE)
def test_known_singular_values_are_found(method):
    values = np.concatenate((np.linspace(5, 1, 40), np.zeros(10)))
    s = singular_values(with_values(values, 120, 50), method)
    assert np.all(np.abs(s.values - values) <= s.errors + 1e-14)
    assert s.values[-1] >= 0.0


@pytest.mark.parametrize("method", COMPLETE)
def test_transposition_changes_nothing(method):
    a = np.random.default_rng(4).standard_normal((130, 70))
    left, right = singular_values(a, method), singular_values(a.T, method)
    np.testing.assert_allclose(left.values, right.values, rtol=0, atol=1e-12)


LAYOUTS = {
    "fortran": np.asfortranarray,
    "reversed": lambda a: a[::-1, ::-1],
    "strided": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    "big endian": lambda a: a.astype(">f4"),
    "zero strides": lambda a: np.broadcast_to(a[:1, :40], (90, 40)),
}


@pytest.mark.parametrize("method", [*COMPLETE, "randomized"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_layout_changes_nothing_and_input_stays(method, layout):
    base = np.random.default_rng(5).standard_normal((90, 1300)).astype(np.float32)
    a = LAYOUTS[layout](base)
    a.setflags(write=False)
    before = a.copy()
    rank = 3 if method == "randomized" else None
    s = singular_values(a, method, rank=rank)
    truth = np.linalg.svd(before.astype(float), compute_uv=False)[: s.values.size]
    low, high = s.band
    assert np.all(low <= truth + 1e-14 * truth[0])
    assert np.all(truth <= high + 1e-14 * truth[0])
    assert np.all(high - low < 0.2 * truth[0])
    np.testing.assert_array_equal(a, before)


@pytest.mark.parametrize("method", COMPLETE)
@pytest.mark.parametrize("power", [-1000, -500, 500, 1000])
def test_scale_by_a_power_of_two_is_exact(method, power):
    a = np.random.default_rng(6).standard_normal((60, 40))
    plain, scaled = singular_values(a, method), singular_values(np.ldexp(a, power), method)
    np.testing.assert_allclose(np.ldexp(scaled.values, -power), plain.values, rtol=1e-10)
    np.testing.assert_allclose(np.ldexp(scaled.frobenius, -power), plain.frobenius, rtol=1e-14)
    assert scaled.error_bound <= 1.01 * np.ldexp(plain.error_bound, power) + 1e-320


@pytest.mark.parametrize("method", ["svd", "gram"])
def test_rows_of_growing_scale_are_rescaled_on_the_way(method):
    a = np.random.default_rng(7).standard_normal((1600, 30))
    a[:600] *= 1e-290
    a[1200:] *= 1e280
    top = np.linalg.svd(a[1200:] * 1e-280, compute_uv=False)
    np.testing.assert_allclose(singular_values(a, method).values * 1e-280, top, rtol=1e-12)


@pytest.mark.parametrize("method", COMPLETE)
def test_smallest_and_largest_numbers(method):
    tiny = singular_values(np.full((20, 10), 5e-324), method)
    assert tiny.values[0] == pytest.approx(14 * 5e-324, abs=5e-324)
    with pytest.raises(DataError, match="range of float64"):
        singular_values(np.full((20, 10), 1.7e308), method)


@pytest.mark.parametrize("method", [*COMPLETE, "randomized"])
def test_zero_matrix_has_zero_values_and_no_error(method):
    rank = 4 if method == "randomized" else None
    s = singular_values(np.zeros((600, 500)), method, rank=rank)
    assert not s.values.any()
    assert s.frobenius == 0.0
    assert s.error_bound <= 1e-300


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int32, np.int64, np.uint64])
def test_integers_are_exact_until_the_eigenvalues(dtype):
    a = np.random.default_rng(8).integers(0, 2, (800, 90)).astype(dtype)
    assert accumulate_gram(as_matrix(a))[2] == (dtype not in (np.int64, np.uint64))
    s = singular_values(a, "gram")
    truth = np.linalg.svd(a.astype(float), compute_uv=False)
    np.testing.assert_allclose(s.values, truth, rtol=1e-12)


def test_wide_integers_and_long_doubles_carry_their_rounding():
    a = np.array([[2**62 + 1, 3], [5, 2**61 + 7]])
    assert singular_values(a).error_bound >= 2.0**9
    long = np.ones((3, 3), np.longdouble) + np.finfo(np.longdouble).eps
    assert singular_values(long).values[0] == pytest.approx(3.0)


def test_bfloat16_is_read_as_numbers():
    a = np.random.default_rng(9).standard_normal((50, 40)).astype(ml_dtypes.bfloat16)
    truth = np.linalg.svd(a.astype(float), compute_uv=False)
    np.testing.assert_allclose(singular_values(a).values, truth, rtol=1e-12)


@pytest.mark.parametrize("method", [*COMPLETE, "randomized"])
@pytest.mark.parametrize("transposed", [False, True])
def test_nan_and_inf_are_counted_and_located(method, transposed):
    a = np.ones((1100, 60), np.float32)
    a[700, 9], a[300, 40], a[1000, 2] = np.nan, np.inf, -np.inf
    a = a.T if transposed else a
    first = (2, 1000) if transposed else (300, 40)
    with pytest.raises(DataError, match="3 of 66000") as caught:
        singular_values(a, method, rank=2 if method == "randomized" else None)
    assert (caught.value.count, caught.value.first) == (3, first)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_matrices_are_refused(shape):
    with pytest.raises(DataError, match="empty"):
        singular_values(np.zeros(shape))


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (np.ones(3), "two-dimensional"),
        (np.ones((2, 2, 2)), "two-dimensional"),
        (np.array([["a", "b"]]), "dtype"),
        (np.ones((2, 2), object), "dtype"),
        (np.zeros((2, 2), [("x", float)]), "dtype"),
        (np.zeros((2, 2), "datetime64[s]"), "dtype"),
        (None, "dtype"),
    ],
)
def test_what_is_not_a_numeric_matrix_is_refused(bad, word):
    with pytest.raises(ArgumentError, match=word):
        singular_values(bad)


def test_masked_entries_are_refused_rather_than_read():
    a = np.ma.masked_greater(np.arange(6.0).reshape(2, 3), 4)
    with pytest.raises(DataError, match="masked") as caught:
        singular_values(a)
    assert caught.value.first == (1, 2)


def test_arguments_that_contradict_each_other_are_refused():
    with pytest.raises(ArgumentError, match="method"):
        singular_values(np.eye(3), "qr")
    with pytest.raises(ArgumentError, match="randomized"):
        singular_values(np.eye(3), "gram", rank=2)


RETRIES = {
    "values": lambda: singular_values(np.diag([3.0, 2.0]), "svd").note,
    "truncation": lambda: truncated_svd(np.diag([3.0, 2.0]), 1).note,
    "all factors": lambda: svd_factors(np.diag([3.0, 2.0])).note,
    "best factor": lambda: best_right_factor(np.diag([3.0, 2.0]), np.eye(2)).note,
    "other factor": lambda: best_left_factor(np.eye(2), np.diag([3.0, 2.0])).note,
}


@pytest.mark.parametrize("name", RETRIES)
def test_gesvd_takes_over_when_gesdd_fails_and_the_result_says_so(monkeypatch, name):
    def fails(*args, **kwargs):
        raise np.linalg.LinAlgError("SVD did not converge")

    assert RETRIES[name]() == ""
    monkeypatch.setattr(np.linalg, "svd", fails)
    assert "gesvd did" in RETRIES[name]()
    np.testing.assert_allclose(singular_values(np.diag([3.0, 2.0]), "svd").values, [3.0, 2.0])
    np.testing.assert_allclose(pseudo_inverse(np.diag([4.0, 2.0])), np.diag([0.25, 0.5]))
    monkeypatch.setattr("scipy.linalg.svd", fails)
    with pytest.raises(ConvergenceError, match="gesdd nor with gesvd"):
        RETRIES[name]()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3000, 200), (200, 3000)])
def test_stream_reads_memory_maps_of_any_shape_once(tmp_path, order, shape, monkeypatch):
    a = np.random.default_rng(10).standard_normal(shape).astype(np.float32)
    np.save(tmp_path / "a.npy", np.asarray(a, order=order))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    s = singular_values(mapped, "stream")
    truth = np.linalg.svd(a.astype(float), compute_uv=False)
    assert np.all(np.abs(s.values - truth) <= s.errors + 1e-14 * truth[0])
    part = singular_values(mapped[7:, 3:], "stream")
    truth = np.linalg.svd(a[7:, 3:].astype(float), compute_uv=False)
    np.testing.assert_allclose(part.values, truth, rtol=1e-10)


def test_changes_to_a_copy_on_write_map_survive(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((600, 20)))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="c")
    mapped[:] = 2.0
    assert singular_values(mapped, "stream").values[0] == pytest.approx(2 * 12000**0.5)
    assert mapped.min() == 2.0


def test_auto_takes_the_route_that_suits_the_data():
    big = (4096, 4096)
    assert choose_method(big, "float32") == choose_method(big, "int8") == "gram"
    assert choose_method(big, "float64") == choose_method(big, "complex128") == "svd"
    assert choose_method((1 << 18, 4096), "float64", is_memmap=True) == "stream"
    assert choose_method((20, 20), "float32") == "svd"
    assert singular_values(np.eye(600), rank=2).method == "gram"
    assert singular_values(np.eye(1600, dtype=np.float32), rank=2).method == "randomized"
    assert singular_values(np.diag(0.5 ** np.arange(600)), rank=2, tolerance=1e-6).method == (
        "lanczos"
    )


def test_estimates_grow_with_the_matrix():
    times = [estimate_seconds((n, n), "float32") for n in (256, 1024, 4096)]
    assert times == sorted(times)
    assert estimate_seconds((4096, 4096), "float32", "randomized") < times[-1]
    with pytest.raises(ArgumentError, match="method"):
        estimate_seconds((3, 3), "float32", "qr")


class Stop:
    """Asks to stop after so many checks."""

    def __init__(self, checks):
        self.left = checks
        self.seen = []

    @property
    def cancelled(self):
        self.left -= 1
        return self.left < 0

    def report(self, fraction, text):
        self.seen.append((fraction, text))


@pytest.mark.parametrize("method", [*COMPLETE, "randomized"])
def test_cancel_takes_effect_between_blocks(method):
    a = np.ones((3000, 600), np.float32)
    rank = 5 if method == "randomized" else None
    with pytest.raises(Cancelled):
        singular_values(a, method, rank=rank, progress=Stop(3))


def test_progress_is_reported_in_order():
    watch = Stop(10**9)
    singular_values(np.ones((3000, 40)), "gram", progress=watch)
    fractions = [fraction for fraction, _ in watch.seen]
    assert len(fractions) > 5
    assert all(0.0 <= fraction <= 1.0 for fraction in fractions)


def test_blocks_never_hold_more_than_their_share():
    for shape in ((100_000, 8), (8, 100_000)):
        matrix = as_matrix(np.broadcast_to(np.float32(1), shape))
        assert max(block.nbytes for block in blocks(matrix)) <= 1 << 26
