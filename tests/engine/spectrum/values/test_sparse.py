"""Sparse matrices: the same answers as of the dense array, for a part of its memory."""

from __future__ import annotations

import tracemalloc

import mpmath
import numpy as np
import pytest
import scipy.sparse as sp

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.spectrum import (
    leading_singular_values,
    singular_values,
    smallest_singular_values,
    svd_factors,
    truncated_svd,
)
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.linalg.sparse import products_of
from tests.support.truth import escaped, exact_singular_values
from tests.support.ugly import CancelAt

FORMATS = ["csr", "csc", "coo", "dia", "bsr", "lil", "dok"]


def scattered(shape, share=0.05, seed=0, dtype=np.float64):
    """Normal numbers at random places, some of them twice."""
    rng = np.random.default_rng(seed)
    count = max(1, int(share * shape[0] * shape[1]))
    places = rng.integers(0, shape[0], count), rng.integers(0, shape[1], count)
    values = rng.standard_normal(count) * (1 + 1j if np.dtype(dtype).kind == "c" else 1)
    return sp.coo_array((values.astype(dtype), places), shape=shape)


SMALL = {
    "scattered": scattered((14, 9), 0.3),
    "wide": scattered((9, 14), 0.3),
    "complex": scattered((10, 8), 0.4, dtype=np.complex128),
    "float32": scattered((12, 8), 0.4, dtype=np.float32),
    "graded columns": scattered((12, 7), 0.6) @ sp.diags_array(10.0 ** -np.arange(0, 28, 4.0)),
    "no entries": sp.csr_array((6, 4)),
    "zeros that are stored": sp.csr_array(
        (np.zeros(3), (np.array([0, 1, 2]), np.array([1, 0, 1]))), shape=(5, 3)
    ),
    "one entry": sp.coo_array(([-3.0], ([2], [1])), shape=(7, 5)),
    "duplicates": sp.coo_array(([1.0, 2.0, -3.0, 4.0], ([0, 0, 1, 1], [0, 0, 1, 1])), shape=(3, 2)),
    "identity": sp.eye_array(8),
    "integers": sp.csr_array(np.random.default_rng(1).integers(-3, 4, (9, 6)) // 2),
    "boolean": sp.csr_array(np.random.default_rng(2).random((9, 6)) < 0.3),
    "empty rows and columns": sp.block_diag([scattered((5, 4), 0.5), sp.csr_array((6, 3))]),
    "tiny": scattered((9, 6), 0.4) * 1e-300,
    "huge": scattered((9, 6), 0.4) * 1e300,
    "one row": scattered((1, 9), 0.5),
    "one column": scattered((9, 1), 0.5),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_truth_at_60_digits_lies_in_every_interval(name):
    a = SMALL[name]
    truth = exact_singular_values(a.toarray())
    for method in ("auto", "svd", "gram", "stream"):
        s = singular_values(a, method)
        assert escaped(*s.band, truth) == 0, method
        assert (s.shape, s.dtype, s.complete) == (a.shape, a.dtype.name, True)
    for rank in (1, min(3, min(a.shape))):
        for tolerance in (None, 1e-3, 1e-9):
            s = leading_singular_values(a, rank, tolerance=tolerance)
            assert escaped(*s.band, truth[:rank]) == 0, tolerance
        f = truncated_svd(a, rank)
        for i in range(rank):
            assert abs(mpmath.mpf(float(f.s[i])) - truth[i]) <= float(f.errors[i])
        s = smallest_singular_values(a, rank)
        assert escaped(s.lower, s.upper, truth[-rank:]) == 0


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_taken_and_stays_as_it_is(form, matrix):
    a = scattered((60, 40)).tocsr().asformat(form)
    a = sp.csr_matrix(a).asformat(form) if matrix else a
    dense = a.toarray()
    before = a.copy()
    truth = np.linalg.svd(dense, compute_uv=False)
    for s in (singular_values(a), leading_singular_values(a, 5), truncated_svd(a, 5, "svd")):
        values = s.s if hasattr(s, "s") else s.values
        np.testing.assert_allclose(values, truth[: values.size], rtol=0, atol=1e-13 * truth[0])
    assert (a.format, a.nnz, a.dtype) == (before.format, before.nnz, before.dtype)
    np.testing.assert_array_equal(a.toarray(), dense)


def test_duplicates_are_summed_and_stay_in_the_data():
    a = SMALL["duplicates"]
    assert singular_values(a).values.tolist() == [3.0, 1.0]
    assert singular_values(a).frobenius == pytest.approx(10**0.5, rel=1e-15)
    assert a.nnz == 4
    rows = sp.csr_array(a.shape)
    rows.data, rows.indices, rows.indptr = (
        np.ones(4),
        np.array([0, 0, 1, 1]),
        np.array([0, 2, 4, 4]),
    )
    assert singular_values(rows).values.tolist() == [2.0, 2.0]
    assert rows.nnz == 4


def test_memory_stays_below_a_part_of_the_dense_array():
    a = scattered((12000, 400), 0.004).tocsr()
    allowed = 0.4 * 12000 * 400 * 8
    runs = {
        "all": lambda: singular_values(a, "svd"),
        "gram": lambda: singular_values(a, "gram"),
        "leading": lambda: leading_singular_values(a, 10, tolerance=1e-6),
        "triplets": lambda: truncated_svd(a, 10),
        "fine triplets": lambda: truncated_svd(a, 10, tolerance=1e-13),
        "smallest": lambda: smallest_singular_values(a, 3),
        "captured": lambda: leading_singular_values(a, tolerance=0.9),
    }
    for name, run in runs.items():
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= allowed, name


@pytest.mark.parametrize("shape", [(900, 300), (300, 900)])
def test_triplets_are_orthonormal_and_leave_what_they_say(shape):
    a = scattered(shape, 0.02)
    dense = a.toarray()
    for f in (truncated_svd(a, 6), truncated_svd(a, 6, "svd"), truncated_svd(a, 6, "randomized")):
        np.testing.assert_allclose(f.u.T @ f.u, np.eye(6), atol=1e-12)
        left = dense - (f.u * f.s) @ f.vh
        assert np.linalg.norm(left, 2) <= f.residual_spectral * (1 + 1e-12)
        assert f.residual_frobenius == pytest.approx(np.linalg.norm(left), rel=1e-9)
    whole = svd_factors(a)
    assert whole.complete
    np.testing.assert_allclose((whole.u * whole.s) @ whole.vh, dense, atol=1e-13 * whole.s[0])
    np.testing.assert_allclose(whole.u.T @ whole.u, np.eye(300), atol=1e-12)


def test_leading_values_of_what_no_dense_array_could_hold():
    n = 60_000
    sigma = 1.0 / (1.0 + np.arange(n)) ** 0.5
    order = np.random.default_rng(0).permutation(n)
    a = sp.csr_array((sigma, (order, np.arange(n))), shape=(n, n))
    s = leading_singular_values(a, 4)
    low, high = s.band
    assert np.all((low <= sigma[:4] + 1e-15) & (sigma[:4] <= high + 1e-15))
    assert s.error_bound < 0.3
    assert s.guarantee == "probable"
    assert s.frobenius == pytest.approx(np.linalg.norm(sigma), rel=1e-13)


def test_large_products_are_those_of_the_entries(monkeypatch):
    a = scattered((500, 200), 0.05)
    products = products_of(as_matrix(a))
    x, y = np.random.default_rng(1).standard_normal((200, 3)), np.ones((500, 2))
    np.testing.assert_allclose(products.times_double(x), a @ x, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(products.adjoint(y), a.T @ y, rtol=1e-13, atol=1e-14)
    u, s, vh = np.linalg.svd(a.toarray(), full_matrices=False)
    for rank in (3, 200):
        exact = products.residual_norm(u[:, :rank], s[:rank], vh[:rank].T)
        monkeypatch.setattr("engine.spectrum.linalg.sparse._DENSE_WORK", 0)
        bound = products.residual_norm(u[:, :rank], s[:rank], vh[:rank].T)
        monkeypatch.undo()
        assert exact <= bound <= exact + 1e-6 * s[0]


def test_all_values_of_a_large_sparse_matrix_are_refused_in_words():
    a = sp.eye_array(5000)
    for run in (singular_values, svd_factors, smallest_singular_values):
        with pytest.raises(ArgumentError, match="4096"):
            run(a)
    with pytest.raises(ArgumentError, match="4096"):
        leading_singular_values(a, 4000)
    assert leading_singular_values(a, 3).values.tolist() == pytest.approx([1.0] * 3)


def test_certain_intervals_of_a_sparse_matrix_are_refused_in_words():
    with pytest.raises(ArgumentError, match="toarray"):
        singular_values(sp.eye_array(4), "verified")


def test_bad_entries_and_shapes_are_refused():
    a = scattered((50, 20)).tolil()
    a[7, 3] = np.nan
    a[9, 1] = np.inf
    for wanted, rank in (
        (singular_values, ()),
        (leading_singular_values, (2,)),
        (truncated_svd, (2,)),
    ):
        for given, first in ((a, (7, 3)), (a.T, (1, 9))):
            with pytest.raises(DataError) as refusal:
                wanted(given, *rank)
            assert (refusal.value.count, refusal.value.first) == (2, first)
    with pytest.raises(DataError, match="empty"):
        singular_values(sp.csr_array((0, 3)))
    with pytest.raises(ArgumentError, match="two-dimensional"):
        singular_values(sp.coo_array(np.ones(3)))


@pytest.mark.parametrize("method", ["svd", "gram", "randomized"])
def test_work_stops_where_asked(method):
    a = scattered((5000, 300), 0.01)
    rank = 3 if method == "randomized" else None
    whole = CancelAt()
    singular_values(a, method, rank=rank, progress=whole)
    assert whole.checks >= 3
    for at in (0, whole.checks // 2, whole.checks - 1):
        with pytest.raises(Cancelled):
            singular_values(a, method, rank=rank, progress=CancelAt(at))


@pytest.mark.parametrize("kind", ["falling", "multiple", "few", "complex", "none"])
def test_one_basis_finds_what_two_would(kind, monkeypatch):
    """The way of very long sides, on a matrix whose truth is known: copies, gaps, rank below."""
    monkeypatch.setattr("engine.spectrum.values.one_sided._BLOCK_BYTES", 0)
    # Beyond what a Gram matrix is allowed, and what is left is not compared entry by entry.
    monkeypatch.setattr("engine.spectrum.linalg.sparse._DENSE_WORK", 0)
    n, m = 4200, 4500
    sigma = {
        "falling": 1.0 / (1.0 + np.arange(n)) ** 0.5,
        "multiple": np.r_[3.0, 3.0, 3.0, 2.0, 2.0, np.linspace(1.0, 0.5, n - 5)],
        "few": np.r_[5.0, 4.0, 3.0, np.zeros(n - 3)],
        "complex": 0.9 ** np.arange(n),
        "none": np.zeros(n),
    }[kind]
    rng = np.random.default_rng(0)
    values = sigma * (1j if kind == "complex" else 1)
    a = sp.csr_array((values, (rng.permutation(m)[:n], np.arange(n))), shape=(m, n))
    for one in (a, a.T):
        s = leading_singular_values(one, 5)
        low, high = s.band
        assert np.all((low <= sigma[:5] + 1e-13) & (sigma[:5] <= high + 1e-13))
        np.testing.assert_allclose(s.values, sigma[:5], rtol=1e-6, atol=1e-13)
        f = truncated_svd(one, 5)
        np.testing.assert_allclose(np.abs(one @ f.vh.conj().T), np.abs(f.u * f.s), atol=1e-5)
        np.testing.assert_allclose(f.u.conj().T @ f.u, np.eye(5), atol=1e-12)
    assert leading_singular_values(a, 5, seed=1).method == "lanczos"
    with pytest.raises(Cancelled):
        leading_singular_values(a, 5, progress=CancelAt(20))
