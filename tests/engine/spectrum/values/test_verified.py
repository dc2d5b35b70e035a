"""method="verified": the truth at 60 digits lies in every interval, and intervals are narrow."""

from __future__ import annotations

import ml_dtypes
import mpmath
import numpy as np
import pytest
from scipy.linalg import hilbert

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.spectrum import estimate_seconds, singular_values
from engine.spectrum.linalg.error_free import above, orthogonality_defect, product_defect
from tests.support.known import kahan
from tests.support.truth import escaped, exact_singular_values
from tests.support.ugly import CancelAt


def verified(a):
    s = singular_values(a, method="verified")
    assert (s.method, s.guarantee, s.complete) == ("verified", "rigorous", True)
    return s


def assert_contains(a, truth=None):
    s = verified(a)
    low, high = s.band
    assert escaped(low, high, truth or exact_singular_values(a)) == 0
    assert s.error_bound == s.errors.max()
    return s


def lauchli(n, epsilon):
    return np.vstack((np.ones(n), epsilon * np.eye(n)))


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
    "kahan": kahan(12),
    "hilbert": hilbert(12),
    "graded columns": RNG.standard_normal((10, 8)) * 10.0 ** -np.arange(0, 24, 3),
    "graded rows": (RNG.standard_normal((10, 8)) * 10.0 ** -np.arange(0, 24, 3)).T,
    "lauchli": lauchli(7, 1e-9),
    "integers": RNG.integers(-1000, 1000, (9, 9)),
    "wide integers": np.array([[2**62 + 1, 3], [5, 2**61 + 7]]),
    "float32": RNG.standard_normal((8, 6)).astype(np.float32),
    "float16": RNG.standard_normal((8, 6)).astype(np.float16),
    "complex64": (RNG.standard_normal((6, 5)) * (1 + 2j)).astype(np.complex64),
    "complex128": RNG.standard_normal((6, 6)) + 1j * RNG.standard_normal((6, 6)),
    "every scale": RNG.standard_normal((6, 6)) * 10.0 ** RNG.uniform(-290, 290, (6, 1)),
    "subnormal": np.full((3, 3), 5e-324),
    "near the top": np.array([[1e308, 0.0], [0.0, 1e-300]]),
}


@pytest.mark.parametrize("name", UGLY)
def test_the_truth_lies_in_every_interval(name):
    assert_contains(UGLY[name])


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e-30, 1e30, 1e150, 1e300])
@pytest.mark.parametrize("name", ["kahan", "hilbert", "lauchli", "graded columns", "complex128"])
def test_the_truth_lies_in_every_interval_at_any_scale(name, scale):
    assert_contains(UGLY[name] * scale)


def random_matrix(seed):
    rng = np.random.default_rng(seed)
    m, n = (int(x) for x in rng.integers(1, 10, 2))
    a = rng.standard_normal((m, n))
    kind = seed % 6
    if kind == 1:
        a = np.round(4 * a)
    elif kind == 2:
        a = a * 10.0 ** -rng.uniform(0, 14, n)
    elif kind == 3:
        a[:, n // 2 :] = a[:, : n - n // 2]
    elif kind == 4:
        a = a + 1j * rng.standard_normal((m, n))
    elif kind == 5:
        u, v = (np.linalg.qr(rng.standard_normal((k, k)))[0] for k in (m, n))
        a = u[:, : min(m, n)] @ v[: min(m, n)]
    return a * 10.0 ** rng.uniform(-100, 100)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("seed", range(240))
def test_the_truth_lies_in_every_interval_of_random_matrices(seed):
    assert_contains(random_matrix(seed))


def two_columns(rng):
    """A matrix of two columns of any kind, and its values at 80 digits, in closed form."""
    m, kind = int(rng.integers(2, 7)), int(rng.integers(6))
    a = rng.standard_normal((m, 2))
    if kind == 1:
        a = np.round(3 * a)
    elif kind == 2:
        a[:, 1] *= 10.0 ** -rng.uniform(0, 16)
    elif kind == 3:
        a[:, 1] = a[:, 0] + 10.0 ** -rng.uniform(0, 17) * a[:, 1]
    elif kind == 4:
        a = np.linalg.qr(a)[0]
    elif kind == 5:
        a = rng.choice([-1.0, 1.0], (m, 2))
    a = a * 10.0 ** rng.uniform(-100, 100)
    x, y = ([mpmath.mpf(v) for v in column] for column in a.T.tolist())
    p, q, r = (mpmath.fdot(*pair) for pair in ((x, x), (y, y), (x, y)))
    first = mpmath.sqrt((p + q + mpmath.hypot(p - q, 2 * r)) / 2)
    minors = (x[i] * y[j] - x[j] * y[i] for i in range(m) for j in range(i))  # Cauchy and Binet
    second = mpmath.sqrt(mpmath.fsum(minor**2 for minor in minors))
    return a, [first, second / first if first else first]


@pytest.mark.parametrize("count", [200, pytest.param(50_000, marks=pytest.mark.long)])
def test_the_truth_lies_in_every_one_of_a_hundred_thousand_intervals(count):
    rng = np.random.default_rng(7)
    with mpmath.workdps(80):
        for case in range(count):
            a, truth = two_columns(rng)
            low, high = verified(a if case % 2 else a.T).band
            assert escaped(low, high, truth) == 0, case


@pytest.mark.parametrize("n", [20, 30])
def test_hilbert_matrices_beyond_double_precision(n):
    s = assert_contains(hilbert(n))
    assert s.band[0][-1] == 0.0 < s.band[1][-1] < 1e-13


@pytest.mark.parametrize(("shape", "width"), [((64, 64), 4e-14), ((256, 200), 1e-13)])
def test_intervals_are_narrow_and_hold_what_lapack_says(shape, width):
    a = np.random.default_rng(1).standard_normal(shape)
    s = verified(a)
    low, high = s.band
    assert np.max(high - low) <= width * s.values[0]
    values = np.linalg.svd(a, compute_uv=False)
    assert np.all((low <= values + 1e-15) & (values - 1e-15 <= high))
    np.testing.assert_allclose(s.frobenius, np.linalg.norm(a), rtol=1e-14)


def test_factors_that_are_wrong_make_wide_intervals_not_false_ones(monkeypatch):
    a = np.random.default_rng(2).standard_normal((7, 5))
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    rng = np.random.default_rng(3)
    for size in (1e-10, 1e-3, 0.3, 3.0):
        bad = [x + size * rng.standard_normal(x.shape) for x in (u, s, vh)]
        bad[1] = np.sort(np.abs(bad[1]))[::-1]
        monkeypatch.setattr(
            "engine.spectrum.values.verified.svd_triplets", lambda a, bad=bad: (*bad, "")
        )
        found = assert_contains(a)
        assert found.error_bound > 0.1 * size


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, np.bool_, np.uint8, np.longdouble, ">f4"])
def test_every_type_is_read_as_the_numbers_it_holds(dtype):
    a = (3 * np.random.default_rng(4).standard_normal((6, 5))).astype(dtype)
    truth = exact_singular_values(a.astype(float))
    low, high = verified(a).band
    assert escaped(low, high, truth) == 0


def test_layout_changes_nothing_and_input_stays():
    a = np.random.default_rng(5).standard_normal((12, 9))
    truth = exact_singular_values(a[::2, ::3])
    views = (a[::2, ::3], np.asfortranarray(a[::2, ::3]), a.T[::3, ::2], a[::2, ::3].copy())
    for view in views:
        view.setflags(write=False)
        assert_contains(view, truth)
    assert verified(a[::-1, ::-1]).shape == (12, 9)


def test_bad_input_is_refused():
    with pytest.raises(DataError, match="NaN"):
        verified(np.array([[1.0, np.nan]]))
    with pytest.raises(DataError, match="infinite"):
        verified(np.array([[1.0, -np.inf]]))
    with pytest.raises(DataError, match="empty"):
        verified(np.zeros((0, 3)))
    with pytest.raises(DataError, match="range of float64"):
        verified(np.full((20, 10), 1.7e308))
    with pytest.raises(ArgumentError, match="rank"):
        singular_values(np.eye(3), "verified", rank=2)


@pytest.mark.parametrize(("rows", "products"), [(40, 8), (300, 10)])
def test_cancel_stops_between_products(rows, products):
    a = np.random.default_rng(6).standard_normal((rows, 30))
    watch = CancelAt()
    singular_values(a, "verified", progress=watch)
    assert watch.checks >= products
    for at in range(watch.checks):
        with pytest.raises(Cancelled):
            singular_values(a, "verified", progress=CancelAt(at))


def test_estimate_is_above_that_of_all_vectors():
    assert estimate_seconds((900, 900), "float64", "verified") > 2 * estimate_seconds(
        (900, 900), "float64", "svd"
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["real", "complex"])
def test_defects_bound_exact_rational_norms(seed, kind):
    """Against mpmath at 60 digits: never below the true norm, and at most ten times above."""
    rng = np.random.default_rng(seed)
    m, k, n = (int(x) for x in rng.integers(2, 7, 3))
    draws = [rng.standard_normal(shape) for shape in ((m, k), (k, n))]
    if kind == "complex":
        draws = [x + 1j * rng.standard_normal(x.shape) for x in draws]
    b, w = draws
    a = b @ w
    x = np.linalg.qr(draws[0])[0]
    with mpmath.workdps(60):
        exact = [mpmath.matrix(part.tolist()) for part in (a, b, w, x)]
        rest = exact[0] - exact[1] * exact[2]
        unit = exact[3].transpose_conj() * exact[3] - mpmath.eye(x.shape[1])
        truths = [
            mpmath.svd(part, compute_uv=False)[0] if any(part) else mpmath.mpf(0)
            for part in (rest, unit)
        ]
    bounds = (product_defect(a, b, w), orthogonality_defect(x))
    for bound, truth in zip(bounds, truths, strict=True):
        assert truth <= mpmath.mpf(bound)
        assert bound <= 10 * truth + mpmath.mpf(1e-15)


def test_a_sum_that_was_rounded_down_is_below_its_bound():
    terms = np.random.default_rng(7).uniform(0, 1, 5000)
    exact = sum((mpmath.mpf(x) for x in terms.tolist()), mpmath.mpf(0))
    assert exact <= above(float(np.cumsum(terms)[-1]), terms.size)
