"""Damaged files: cut at every length, bits flipped, random bytes. Only a FileError may come out."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
import tifffile
from PIL import Image
from safetensors.numpy import save

from engine.errors import FileError
from engine.files import FORMATS, open_matrix_file
from engine.suites.formats import usable

# One chunk of text in its widest form, and a little.
LIMIT = 20_000_000


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.arange(30.0).reshape(5, 6))
    return stream.getvalue()


def records() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3, dtype=[("a", "<f4"), ("b", "<i2", (2,))]))
    return stream.getvalue()


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, a=np.arange(8.0), b=np.ones((3, 3), np.float32))
    return stream.getvalue()


def stored() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, a=np.arange(8.0))
    return stream.getvalue()


def table() -> bytes:
    return 'name;a;b\n# c\n"x 1";1,5;2\ny;NA;4\n\nz;5e-1;-inf\n'.encode("utf-8-sig")


def awkward_table() -> bytes:
    lines = (
        "Instrument,HX",
        "",
        ",2018,2019,kind,price",
        'DE,"1,234",50%,a,$5',
        "FR,\u22122,#DIV/0!,b,(7)",
    )
    return "\r\n".join(lines).encode()


def packed_table() -> bytes:
    return gzip.compress(table() + b"z;1;2\n" * 3, mtime=0)


def vectors() -> bytes:
    return b'3 2\nthe 0.5 1.5\n" 2.5 -1.5\n2008 1e3 1D2\n'


def complex_table() -> bytes:
    return b" (1.5e+00+2e+00j) (0.5-1j)\n (3+-4j) 2i\n"


def wide_table() -> bytes:
    return "a,b\r\n1.5,2\r\n3,4\r\n".encode("utf-16")


def hdf5() -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["layer/w"] = np.arange(12.0).reshape(3, 4)
        file.create_dataset("packed", data=np.ones((6, 5)), chunks=(2, 5), compression="gzip")
        file["records"] = np.zeros(3, dtype=[("a", "<f4"), ("b", "<i2", (2,))])
    return stream.getvalue()


def numbers_tiff(**options) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.arange(24.0).reshape(2, 3, 4), photometric="minisblack", **options)
    return stream.getvalue()


def anndata() -> bytes:
    stream = io.BytesIO()
    csr = scipy.sparse.random_array((6, 5), density=0.4, rng=1).tocsr()
    with h5py.File(stream, "w") as file:
        for name in ("data", "indices", "indptr"):
            file[f"X/{name}"] = getattr(csr, name)
        file["X"].attrs["encoding-type"], file["X"].attrs["shape"] = "csr_matrix", csr.shape
        file["t"] = np.arange(6, dtype="i2").reshape(2, 3)
        file["t"].attrs["scale_factor"], file["t"].attrs["_FillValue"] = 0.5, np.int16(3)
        # No virtual dataset: HDF5 1.14 and 2.0 themselves crash on one whose map is damaged.
    return stream.getvalue()


def sparse_archive(layout: str) -> bytes:
    stream = io.BytesIO()
    matrix = scipy.sparse.random_array((6, 5), density=0.4, rng=1)
    scipy.sparse.save_npz(stream, matrix.asformat(layout), compressed=False)
    return stream.getvalue()


def nested_matlab(**options) -> bytes:
    stream = io.BytesIO()
    inner = np.empty((1, 2), dtype=object)
    inner[0, :] = [np.eye(2), {"x": np.ones((2, 2), np.float32)}]
    sparse = scipy.sparse.csc_array(np.diag([1.0, 0.0, 2.0]))
    arrays = {"s": {"gain": np.arange(6.0).reshape(2, 3), "k": inner, "K": sparse}, "K": sparse}
    scipy.io.savemat(stream, arrays, **options)
    return stream.getvalue()


def matlab(**options) -> bytes:
    stream = io.BytesIO()
    arrays = {"a": np.arange(12.0).reshape(3, 4), "c": np.ones((2, 2)) * 1j}
    scipy.io.savemat(stream, arrays, **options)
    return stream.getvalue()


def market() -> bytes:
    stream = io.BytesIO()
    scipy.io.mmwrite(stream, scipy.sparse.random(6, 5, 0.4, random_state=1))
    return stream.getvalue()


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


VALID = {
    "npy": (npy(), "d.npy"),
    "records": (records(), "d.npy"),
    "npz": (npz(), "d.npz"),
    "stored": (stored(), "d.npz"),
    "safetensors": (save({"a": np.arange(8.0), "b": np.ones((3, 3), np.float32)}), "d.safetensors"),
    "hdf5": (hdf5(), "d.h5"),
    "mat": (matlab(do_compression=False), "d.mat"),
    "packed mat": (matlab(do_compression=True), "d.mat"),
    "mtx": (market(), "d.mtx"),
    "anndata": (anndata(), "d.h5ad"),
    "csr": (sparse_archive("csr"), "d.npz"),
    "coo": (sparse_archive("coo"), "d.npz"),
    "dia": (sparse_archive("dia"), "d.npz"),
    "mat members": (nested_matlab(), "d.mat"),
    "packed mat members": (nested_matlab(do_compression=True), "d.mat"),
    "table": (table(), "d.csv"),
    "wide table": (wide_table(), "d.txt"),
    "awkward table": (awkward_table(), "d.csv"),
    "packed table": (packed_table(), "d.csv.gz"),
    "vectors": (vectors(), "d.vec"),
    "complex table": (complex_table(), "d.tab"),
    "png": (picture("PNG"), "d.png"),
    "jpeg": (picture("JPEG"), "d.jpg"),
    "bmp": (picture("BMP"), "d.bmp"),
    "tiff": (picture("TIFF"), "d.tif"),
    "float64 tiff": (numbers_tiff(), "d.tif"),
    "packed tiff": (numbers_tiff(compression="zlib"), "d.tif"),
    "webp": (picture("WEBP"), "d.webp"),
}
# A format that has no case of its own is tried with its sample.
SAMPLED: list[str] = []
for known in FORMATS:
    if not any(name.endswith(known.suffixes) for _, name in VALID.values()):
        (stored,) = Path(__file__).with_name("samples").glob(f"{known.key}.*")
        VALID[known.key] = (stored.read_bytes(), f"d{stored.suffix}")
        SAMPLED.append(known.key)
# A cut table is a shorter table, a list of variables cut between two of them a shorter list, and a
# picture without its closing mark still has its pixels. Of the others a sample says nothing.
USABLE_WHEN_CUT = (
    *SAMPLED,
    *("table", "wide table", "awkward table", "vectors", "complex table"),
    *("mtx", "mat", "packed mat", "mat members", "packed mat members"),
    *("float64 tiff", "packed tiff"),
    *("png", "jpeg", "bmp", "tiff", "webp"),
)


def exercise(path) -> bool:
    """Open and read all; True if it worked, and nothing but a FileError if it did not."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    worked = usable(path)
    assert tracemalloc.get_traced_memory()[1] - before < LIMIT
    return worked


@pytest.fixture(autouse=True)
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("case", VALID)
def test_whole_file_reads(write, case):
    content, name = VALID[case]
    assert exercise(write(name, content))


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("most", [60, pytest.param(4000, marks=pytest.mark.long)])
@pytest.mark.parametrize("case", VALID)
def test_file_cut_at_any_length(write, case, most):
    content, name = VALID[case]
    lengths = range(0, len(content), max(1, len(content) // most))
    results = [exercise(write(name, content[:length])) for length in lengths]
    if case not in USABLE_WHEN_CUT:
        assert not any(results)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("tries", [25, pytest.param(240, marks=pytest.mark.long)])
@pytest.mark.parametrize("case", VALID)
def test_file_with_flipped_bits(write, case, tries):
    content, name = VALID[case]
    rng = np.random.default_rng(len(content))
    for _ in range(tries):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), size=rng.integers(1, 4)):
            damaged[place] ^= 1 << int(rng.integers(0, 8))
        exercise(write(name, bytes(damaged)))


@pytest.mark.parametrize("case", ["npy", "records", "npz", "safetensors"])
def test_file_with_overwritten_bytes(write, case):
    content, name = VALID[case]
    rng = np.random.default_rng(7)
    for _ in range(120):
        damaged = bytearray(content)
        start = int(rng.integers(0, len(content)))
        damaged[start : start + 8] = rng.bytes(8)
        exercise(write(name, bytes(damaged)))


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".csv", ".txt", ".xyz"])
@pytest.mark.parametrize("start", [b"", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\xff\xfe", b"1,"])
def test_random_bytes(write, suffix, start):
    rng = np.random.default_rng(11)
    for size in (1, 2, 3, 10, 100, 1000):
        exercise(write("g" + suffix, start + rng.bytes(size)))


def test_random_table_characters(write):
    rng = np.random.default_rng(12)
    alphabet = np.array(list('0123456789.,;|\t "#\n\r-+eExNA_\x1a\x85\u2028é%$()ijD\u2212\xa0='))
    for _ in range(100):
        content = "".join(rng.choice(alphabet, size=rng.integers(1, 60)))
        exercise(write("r.csv", content))


@pytest.mark.parametrize("suffix", [".csv", ".txt", ".tsv"])
def test_a_table_that_was_not_written_to_its_end_is_said_to_be_so(tmp_path, suffix):
    """After a full disk or a loss of power a file goes on with zeros to the size it had."""
    path = tmp_path / f"log{suffix}"
    path.write_bytes(b"1.5\t2.25\n3\t4.75\n" + bytes(40))
    with pytest.raises(FileError, match="not written to its end"):
        open_matrix_file(path)
    path.write_bytes(path.read_bytes().rstrip(b"\0"))  # as the sentence says
    np.testing.assert_array_equal(open_matrix_file(path).read("log"), [[1.5, 2.25], [3, 4.75]])
