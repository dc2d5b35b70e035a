"""Products of two thin matrices that are never formed: the spectrum of the product all the same."""

from __future__ import annotations

import math
import tracemalloc

import mpmath
import numpy as np
import pytest

from engine.errors import ArgumentError, DataError
from engine.spectrum import (
    Factored,
    describe,
    leading_singular_values,
    singular_values,
    truncated_svd,
)
from tests.support.truth import escaped

RNG = np.random.default_rng(0)


def pair(m, r, n, dtype=np.float64):
    made = [RNG.standard_normal(shape) for shape in ((m, r), (r, n))]
    if np.dtype(dtype).kind == "c":
        made = [one + 1j * RNG.standard_normal(one.shape) for one in made]
    return tuple(one.astype(dtype) for one in made)


GRADES = 10.0 ** np.arange(-100.0, 101.0, 100.0)
B, A = pair(9, 3, 7)
PAIRS = {
    "tall": pair(12, 2, 5),
    "wide": pair(5, 2, 12),
    "one row": pair(1, 3, 8),
    "one column": pair(8, 1, 1),
    "rank one": pair(6, 1, 6),
    "as wide as long": pair(4, 6, 5),
    "complex": pair(8, 2, 6, np.complex128),
    "float32": pair(8, 2, 6, np.float32),
    "integers": (np.array([[1, 2], [3, 4], [5, 6]]), np.array([[1, 0, 2], [0, 1, 1]])),
    "zero": (np.zeros((5, 2)), A[:2]),
    "one factor of zeros, as a fresh adapter": (B[:, :2] * [1, 0], A[:2]),
    "repeated columns": (np.repeat(B[:, :1], 3, axis=1), A),
    "balanced by powers": (B * GRADES, A / GRADES[:, None]),
    "tiny": (B * 1e-200, A * 1e-90),
    "huge": (B * 1e150, A * 1e150),
    "read-only, by columns": tuple(np.asfortranarray(one) for one in (B, A)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_truth_at_60_digits_lies_in_every_interval(name):
    left, right = PAIRS[name]
    for one in (left, right):
        one.flags.writeable = False
    a = Factored(left, right)
    exact = exact_product(left, right)
    s = singular_values(a)
    assert (s.method, s.complete, s.shape) == ("product", True, (len(left), right.shape[1]))
    assert escaped(*s.band, exact[: a.rank]) == 0
    assert all(x <= 1e-100 * exact[0] for x in exact[a.rank :])
    assert np.all(s.values[a.rank :] == 0.0)
    columns, rows = np.abs(left).T.tolist(), np.abs(right).tolist()
    size = sum(math.hypot(*x) * math.hypot(*y) for x, y in zip(columns, rows, strict=True))
    assert s.error_bound <= 1e-12 * size
    top = leading_singular_values(a, 1)
    assert escaped(*top.band, exact[:1]) == 0
    for rank in range(a.rank + 1):
        f = truncated_svd(a, rank)
        np.testing.assert_allclose(f.u.conj().T @ f.u, np.eye(rank), atol=1e-12)
        left_out = np.sqrt(float(sum(float(x / (exact[0] or 1)) ** 2 for x in exact[rank:])))
        assert f.residual_frobenius >= (left_out - 1e-12) * float(exact[0])
    whole = truncated_svd(a, a.rank)
    formed = left.astype(whole.u.dtype) @ right
    np.testing.assert_allclose((whole.u * whole.s) @ whole.vh, formed, atol=1e-12 * s.values[0])


def exact_product(left, right):
    """Singular values of the exact product, descending, to 60 digits."""
    with mpmath.workdps(300):
        one, two = (mpmath.matrix([list(map(mpmath.mpmathify, row)) for row in x.tolist()])
                    for x in (left, right))  # fmt: skip
        svd = mpmath.svd_c if np.iscomplexobj(left) else mpmath.svd_r
        return sorted((abs(x) for x in svd(one * two, compute_uv=False)), reverse=True)


def test_a_large_product_takes_what_its_factors_take():
    left, right = RNG.standard_normal((20_000, 4)), RNG.standard_normal((4, 15_000))
    tracemalloc.start()
    s = singular_values(Factored(left, right))
    f = truncated_svd(Factored(left, right), 2)
    describe(s)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6 < 20_000 * 15_000 * 8 / 100
    truth = np.linalg.svd(np.linalg.qr(left)[1] @ np.linalg.qr(right.T)[1].T, compute_uv=False)
    np.testing.assert_allclose(s.values[:4], truth, rtol=1e-13)
    assert s.values.size == 15_000
    np.testing.assert_allclose(f.s, truth[:2], rtol=1e-13)


def test_what_cannot_be_multiplied_or_holds_no_numbers_is_refused():
    with pytest.raises(ArgumentError, match="right"):
        Factored(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(ArgumentError, match="left"):
        Factored(np.ones(3), np.ones((3, 2)))
    with pytest.raises(DataError, match="empty"):
        Factored(np.ones((3, 0)), np.ones((0, 2)))
    bad = Factored(np.array([[np.nan], [np.inf]]), np.ones((1, 2)))
    with pytest.raises(DataError, match="2 NaN or infinite"):
        singular_values(bad)
    with pytest.raises(ArgumentError, match="rank"):
        truncated_svd(Factored(B, A), 4)
    with pytest.raises(ArgumentError, match="rank"):
        leading_singular_values(Factored(B, A), 8)
    with pytest.raises(ArgumentError, match="rank"):
        singular_values(Factored(B, A), rank=8)
