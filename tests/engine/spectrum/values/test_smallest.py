"""The smallest singular values: truth at 60 digits in every interval, relative digits if graded."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy.linalg import hilbert

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.spectrum import smallest_singular_values
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.linalg.triangle import triangle_of
from tests.support.known import kahan
from tests.support.truth import escaped, exact_singular_values
from tests.support.ugly import CancelAt

RNG = np.random.default_rng(0)
UGLY = {
    "zero": np.zeros((4, 3)),
    "one number": np.array([[-2.5]]),
    "one row": RNG.standard_normal((1, 9)),
    "one column": RNG.standard_normal((9, 1)),
    "rank one": np.outer(np.arange(1.0, 8.0), np.arange(1.0, 6.0)),
    "constant": np.full((9, 7), 0.1),
    "repeated": np.kron(np.eye(3), np.array([[2.0, 1.0], [0.0, 2.0]])),
    "identity": np.eye(8),
    "normal": RNG.standard_normal((14, 10)),
    "kahan": kahan(20),
    "hilbert": hilbert(12),
    "graded columns": RNG.standard_normal((10, 8)) * 10.0 ** -np.arange(0, 40, 5),
    "graded columns, upwards": RNG.standard_normal((10, 8)) * 10.0 ** np.arange(0, 40, 5),
    "graded rows": RNG.standard_normal((10, 8)) * 10.0 ** -np.arange(0, 20, 2.0)[:, None],
    "wide, graded": (RNG.standard_normal((10, 8)) * 10.0 ** -np.arange(0, 24, 3)).T,
    "lauchli": np.vstack((np.ones(7), 1e-9 * np.eye(7))),
    "a column of zeros": RNG.standard_normal((9, 5)) * np.array([1.0, 1.0, 0.0, 1.0, 1.0]),
    "integers": RNG.integers(-1000, 1000, (9, 9)),
    "wide integers": np.array([[2**62 + 1, 3], [5, 2**61 + 7]]),
    "float32": RNG.standard_normal((8, 6)).astype(np.float32),
    "complex128": RNG.standard_normal((6, 6)) + 1j * RNG.standard_normal((6, 6)),
    "complex, graded": (RNG.standard_normal((8, 5)) + 1j) * 10.0 ** -np.arange(0, 25, 5),
    "every scale": RNG.standard_normal((6, 6)) * 10.0 ** RNG.uniform(-290, 290, (6, 1)),
    "subnormal": np.full((3, 3), 5e-324),
    "near the top": np.array([[1e308, 0.0], [0.0, 1e-300]]),
}


@pytest.mark.parametrize("name", UGLY)
def test_the_truth_at_60_digits_lies_in_every_interval(name):
    a = UGLY[name]
    truth = exact_singular_values(a)
    for count in sorted({1, (1 + min(a.shape)) // 2, min(a.shape)}):
        s = smallest_singular_values(a, count)
        assert escaped(s.lower, s.upper, truth[-count:]) == 0
        assert np.all((s.lower <= s.values) & (s.values <= s.upper))
        assert np.all(np.diff(s.values) <= 0)
        assert (s.guarantee, s.shape) == ("modelled", a.shape)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e290])
@pytest.mark.parametrize("name", ["kahan", "hilbert", "normal", "complex128"])
def test_the_truth_lies_in_every_interval_at_any_scale(name, scale):
    a = UGLY[name] * scale
    s = smallest_singular_values(a, 3)
    assert escaped(s.lower, s.upper, exact_singular_values(a)[-3:]) == 0


@pytest.mark.parametrize("name", ["graded columns", "graded columns, upwards", "complex, graded"])
def test_digits_are_relative_where_columns_differ_in_scale(name):
    """Here a backward stable SVD has no digit of the least value right."""
    a = UGLY[name]
    truth = exact_singular_values(a)
    s = smallest_singular_values(a, 3)
    assert s.method == "inverse"
    with mpmath.workdps(50):
        errors = [float(abs(mpmath.mpf(s.values[i]) / truth[i] - 1)) for i in range(-3, 0)]
    assert errors[-1] < 1e-14
    assert max(errors) < 1e-11
    assert s.upper[-1] - s.lower[-1] < 1e-12 * s.values[-1]
    assert float(truth[-1]) < 1e-15 * float(truth[0])


@pytest.mark.parametrize("name", UGLY)
def test_intervals_are_never_wider_than_what_any_stable_method_gives(name):
    a = np.asarray(UGLY[name])
    top = float(exact_singular_values(a)[0])
    s = smallest_singular_values(a, 1)
    width = s.upper[0] - s.lower[0]
    assert width <= 4 * (10 + 4 * max(a.shape) ** 0.5) * 2.0**-53 * top + 1e-307


@pytest.mark.parametrize("shape", [(300, 300), (2000, 60), (60, 2000)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_larger_matrices_agree_with_lapack(shape, dtype):
    a = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    truth = np.linalg.svd(a.astype(np.result_type(a, float)), compute_uv=False)
    s = smallest_singular_values(a, 7)
    assert np.all(
        (s.lower <= truth[-7:] + 1e-14 * truth[0]) & (truth[-7:] <= s.upper + 1e-14 * truth[0])
    )
    np.testing.assert_allclose(s.values, truth[-7:], rtol=0, atol=1e-13 * truth[0])


@pytest.mark.parametrize("columns", [5, 40])
def test_a_triangle_read_in_blocks_is_that_of_the_whole(tmp_path, columns):
    a = np.random.default_rng(2).standard_normal((3000, columns)) * 0.5 ** np.arange(columns)
    np.save(tmp_path / "a.npy", a)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    whole, pieces = triangle_of(as_matrix(a))[0], triangle_of(as_matrix(mapped))[0]
    np.testing.assert_allclose(np.abs(pieces), np.abs(whole), rtol=1e-9, atol=1e-30)
    assert np.all(np.tril(pieces, -1) == 0)


@pytest.mark.parametrize("count", [0, -1, 5, 1.5, True, "1", None])
def test_count_out_of_range_is_refused(count):
    with pytest.raises(ArgumentError, match="count"):
        smallest_singular_values(np.ones((6, 4)), count)


def test_bad_entries_are_refused_and_work_stops_where_asked():
    with pytest.raises(DataError, match="1 of 4"):
        smallest_singular_values(np.array([[1.0, np.inf], [0.0, 1.0]]))
    a = np.random.default_rng(0).standard_normal((2000, 20))
    whole = CancelAt()
    smallest_singular_values(a, 20, progress=whole)
    for at in range(whole.checks):
        with pytest.raises(Cancelled):
            smallest_singular_values(a, 20, progress=CancelAt(at))
