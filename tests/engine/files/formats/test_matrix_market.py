"""Matrix Market files against scipy, which wrote them."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from engine.errors import FileError
from engine.files import is_sparse, open_matrix_file, to_dense
from engine.files.formats import matrix_market
from engine.jobs import Cancelled

BANNER = "%%MatrixMarket matrix "


def written(matrix, **options) -> bytes:
    stream = io.BytesIO()
    scipy.io.mmwrite(stream, matrix, **options)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["f8", "i8", "c16"])
@pytest.mark.parametrize("sparse", [False, True])
def test_matrix_market_reads_what_scipy_wrote(write, dtype, sparse):
    rng = np.random.default_rng(1)
    dense = rng.integers(-3, 4, (5, 7)).astype(dtype)
    if dtype == "c16":
        dense += 1j * np.arange(7)
    content = written(scipy.sparse.coo_array(dense) if sparse else dense)
    source = open_matrix_file(write("steam.mtx", content))
    (entry,) = source.entries
    assert (entry.name, entry.shape, entry.dtype) == ("steam", (5, 7), dense.dtype)
    assert any("Sparse" in note for note in entry.notes) == sparse == (entry.stored is not None)
    got = source.read("steam")
    assert is_sparse(got) == sparse
    np.testing.assert_array_equal(to_dense(got), dense)
    assert not (got.data if sparse else got).flags.writeable
    np.testing.assert_array_equal(source.read("steam", rows=2, cols=slice(1, 3)), dense[2, 1:3])


@pytest.mark.parametrize("sparse", [False, True])
def test_matrix_market_symmetric_files_are_filled_in(write, sparse):
    a = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 4.0], [0.0, 4.0, 5.0]])
    content = written(scipy.sparse.coo_array(a) if sparse else a, symmetry="symmetric")
    source = open_matrix_file(write("a.mtx", content))
    np.testing.assert_array_equal(to_dense(source.read("a")), a)
    assert "symmetric" in source.entries[0].notes[-1]


@pytest.mark.parametrize("symmetry", ["skew-symmetric", "hermitian"])
@pytest.mark.parametrize("sparse", [False, True])
def test_matrix_market_other_halves_change_their_sign(write, symmetry, sparse):
    a = np.tril(np.arange(1.0, 17).reshape(4, 4), -1)
    if symmetry == "hermitian":
        a = a * (1 + 2j)
        a = a + a.conj().T + np.eye(4)
    else:
        a = a - a.T
    content = written(scipy.sparse.coo_array(a) if sparse else a, symmetry=symmetry)
    got = open_matrix_file(write("a.mtx", content)).read("a")
    np.testing.assert_array_equal(to_dense(got), a)


def test_matrix_market_entries_written_twice_add_up(write):
    content = BANNER + "coordinate integer general\n2 2 2\n1 2 3\n\n1 2 4\n"
    got = open_matrix_file(write("a.mtx", content)).read("a")
    np.testing.assert_array_equal(to_dense(got), [[0, 7], [0, 0]])


def test_matrix_market_without_entries_is_all_zero(write):
    got = open_matrix_file(write("a.mtx", BANNER + "coordinate real general\n2 3 0\n")).read("a")
    assert (got.shape, got.nnz, got.dtype) == ((2, 3), 0, np.float64)


def test_matrix_market_large_integers_stay_exact(write):
    content = BANNER + f"array integer general\n1 1\n{2**62 + 1}\n"
    assert open_matrix_file(write("a.mtx", content)).read("a")[0, 0] == 2**62 + 1


def test_matrix_market_reading_can_be_cancelled(write, make_progress, monkeypatch):
    monkeypatch.setattr(matrix_market, "_CHUNK_BYTES", 1000)
    source = open_matrix_file(write("a.mtx", written(np.arange(3000.0).reshape(30, 100))))
    progress = make_progress(stop_after=4)
    with pytest.raises(Cancelled):
        source.read("a", progress=progress)
    assert len(progress.reports) == 4
    np.testing.assert_array_equal(source.read("a"), np.arange(3000.0).reshape(30, 100))


def test_matrix_market_pattern_counts_as_ones(write):
    content = BANNER + "coordinate pattern general\n2 3 2\n1 1\n2 3\n"
    got = open_matrix_file(write("a.mtx", content)).read("a")
    np.testing.assert_array_equal(to_dense(got), [[1, 0, 0], [0, 0, 1]])


def test_matrix_market_sparse_matrix_too_large_as_dense_is_read_as_it_is(write):
    content = BANNER + "coordinate real general\n90000 9000000 1\n1 1 2\n"
    got = open_matrix_file(write("a.mtx", content)).read("a")
    assert (got.shape, got.nnz, got[0, 0]) == ((90_000, 9_000_000), 1, 2)
    content = BANNER + f"coordinate real general\n{10**14} {10**14} 1\n1 1 2\n"
    with pytest.raises(FileError, match=r"the matrix takes [\d.e+]+ TB of memory"):
        open_matrix_file(write("a.mtx", content)).read("a")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BANNER + "junk", r"its first line should be.*mmwrite"),
        (BANNER + "array real round\n1 1\n1\n", "array real round is not known"),
        (BANNER + "array real general\n% nothing more\n", "the line with its size is missing"),
        (BANNER + "array real general\n2\n", "line 2 should give its size"),
        (BANNER + "coordinate real general\n%\n2 2\n", "line 3 should give its size"),
        (BANNER + "array real symmetric\n2 3\n", "symmetric matrix cannot be 2 x 3"),
        (BANNER + "array real general\n2 1\n1\n2\n3\n", "more than the 2 entries of its size"),
        (BANNER + "array real general\n0 3\n", "it has no elements"),
        (BANNER + "coordinate real general\n3 3 90000\n1 1 1\n", "announces 90,000 entries"),
        (BANNER + "array real general\n300 300\n1\n", "announces 90,000 entries"),
        (
            BANNER + "coordinate real general\n3 3 3\n1 1 1\n2 2 2\n",
            "2 entries, its header announces 3",
        ),
        (
            BANNER + "coordinate real general\n3 3 1\n5 1 1\n",
            "entry 1 lies at row 5, column 1, the matrix is 3 x 3",
        ),
        (
            BANNER + "coordinate real general\n3 3 1\n1 1 x\n",
            "after line 2: could not convert string 'x'",
        ),
        ("%%MatrixMarket vector array real general\n3\n1\n2\n3\n", "its first line should be"),
    ],
)
def test_matrix_market_refuses_with_a_sentence(write, content, sentence):
    path = write("a.mtx", content)
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(path).read("a")


def test_what_gzip_packed_is_read(write):
    numbers = scipy.sparse.random(30, 20, 0.1, random_state=1)
    packed = gzip.compress(written(numbers))
    with open_matrix_file(write("matrix.mtx.gz", packed)) as source:
        assert source.entries[0].name == "matrix"
        assert is_sparse(source.read("matrix"))
        np.testing.assert_array_equal(to_dense(source.read("matrix")), numbers.toarray())
    with (
        pytest.raises(FileError, match="gzip packed into it is damaged"),
        open_matrix_file(write("cut.mtx.gz", packed[:-30])) as source,
    ):
        source.read("cut")


def test_what_gzip_packed_elsewhere_is_named(write):
    with pytest.raises(FileError, match=r"packed by gzip\. Unpack it first"):
        open_matrix_file(write("a.npy.gz", gzip.compress(b"\x93NUMPY" + bytes(200))))
