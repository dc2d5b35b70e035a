"""Sparse matrices in .npz against scipy.sparse, which wrote them; none is written out dense."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import scipy.sparse

from engine.errors import DataError, FileError
from engine.files import is_sparse, open_matrix_file, to_dense


@pytest.fixture
def dense() -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.where(rng.random((6, 8)) < 0.3, np.round(rng.normal(size=(6, 8)), 2), 0.0)


@pytest.mark.parametrize("layout", ["csr", "csc", "coo", "bsr", "dia"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i8", "?", "c8", "c16", "u1"])
def test_npz_reads_every_layout_of_scipy(tmp_path, dense, layout, kind, dtype):
    whole = (dense * 10).astype(dtype)
    made = getattr(scipy.sparse, f"coo_{kind}")(whole).asformat(layout)
    scipy.sparse.save_npz(tmp_path / "graph.npz", made)
    source = open_matrix_file(tmp_path / "graph.npz")
    (entry,) = source.entries
    got = source.read("graph")
    assert is_sparse(got)
    assert got.format in ("csr", "csc")
    assert (entry.name, entry.shape, entry.dtype) == ("graph", got.shape, got.dtype)
    assert f"Sparse ({layout.upper()})" in entry.notes[0]
    assert entry.stored is not None
    np.testing.assert_array_equal(got.toarray(), whole)
    assert not got.data.flags.writeable
    np.testing.assert_array_equal(source.read("graph", rows=2), whole[2])
    np.testing.assert_array_equal(source.read("graph", cols=-1), whole[:, -1])
    part = source.read("graph", rows=slice(1, 4), cols=slice(None, None, 2))
    np.testing.assert_array_equal(part.toarray(), whole[1:4, ::2])
    assert source.read("graph", rows=1, cols=1) == whole[1, 1]


def test_npz_adds_up_places_written_twice(tmp_path):
    twice = scipy.sparse.coo_array(([1.0, 2.0], ([1, 1], [2, 2])), shape=(3, 4))
    scipy.sparse.save_npz(tmp_path / "t.npz", twice)
    got = open_matrix_file(tmp_path / "t.npz").read("t")
    assert (got.nnz, got[1, 2]) == (1, 3.0)


def test_npz_of_several_matrices_and_arrays_offers_each(tmp_path, dense):
    adjacency, attributes = scipy.sparse.csr_array(dense), scipy.sparse.csc_array(dense)
    parts = {
        f"{name}_{part}": getattr(matrix, part)
        for name, matrix in (("adj", adjacency), ("attr", attributes))
        for part in ("data", "indices", "indptr", "shape")
    }
    np.savez(tmp_path / "g.npz", labels=np.arange(6), **parts)
    source = open_matrix_file(tmp_path / "g.npz")
    assert [entry.name for entry in source.entries] == ["adj", "attr", "labels"]
    for name in ("adj", "attr"):
        np.testing.assert_array_equal(source.read(name).toarray(), dense)


def test_npz_a_wide_sparse_matrix_takes_what_its_entries_take(tmp_path):
    rng = np.random.default_rng(1)
    places = rng.integers(0, 300_000, 10_000), rng.integers(0, 200_000, 10_000)
    matrix = scipy.sparse.coo_array((rng.normal(size=10_000), places), (300_000, 200_000))
    scipy.sparse.save_npz(tmp_path / "wide.npz", matrix)
    tracemalloc.start()
    try:
        got = open_matrix_file(tmp_path / "wide.npz").read("wide")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got.nnz == 10_000
    assert peak < 10_000_000
    with pytest.raises(DataError, match=r"480,000,000,000 bytes as a dense one"):
        to_dense(got)


def test_to_dense_keeps_dense_arrays_and_writes_sparse_ones_out(dense):
    assert to_dense(dense) is dense
    np.testing.assert_array_equal(to_dense(scipy.sparse.csr_array(dense)), dense)


@pytest.mark.parametrize(
    "changed",
    [
        {"indices": np.array([0, 99])},
        {"indices": np.array([0, -1])},
        {"indices": np.array([0.5, 1.5])},
        {"indptr": np.array([0, 2, 1])},
        {"indptr": np.array([0, 1, -9])},
        {"indptr": np.array([1, 2, 2])},
        {"indptr": np.array([0, 1, 9])},
        {"data": np.ones(1)},
        {"data": np.ones((2, 2))},
        {"indices": np.array([2**63, 1], np.uint64)},
        {"indices": np.array([None, 1])},
    ],
)
def test_npz_parts_that_contradict_each_other_are_refused(tmp_path, changed):
    parts = {
        "data": np.array([1.0, 2.0]),
        "indices": np.array([0, 1]),
        "indptr": np.array([0, 1, 2]),
        "shape": np.array([2, 3]),
        "format": np.array(b"csr"),
    }
    np.savez(tmp_path / "bad.npz", **(parts | changed))
    with pytest.raises(FileError, match=r"contradict each other|never unpickled"):
        open_matrix_file(tmp_path / "bad.npz").read("bad")


def test_npz_types_that_scipy_lacks_are_read_in_the_next_wider_one(tmp_path, dense):
    for dtype, expected in ((">f8", "f8"), ("f2", "f4")):
        matrix = scipy.sparse.csr_array(dense)
        parts = {name: getattr(matrix, name) for name in ("indices", "indptr", "shape")}
        np.savez(tmp_path / "m.npz", data=matrix.data.astype(dtype), **parts)
        got = open_matrix_file(tmp_path / "m.npz").read("m")
        assert got.dtype == expected
        np.testing.assert_array_equal(got.toarray(), dense.astype(dtype))
