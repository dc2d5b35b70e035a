"""MATLAB files: up to version 7 against scipy, which wrote them; 7.3 as MATLAB lays HDF5 out."""

from __future__ import annotations

import io
import struct

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from engine.errors import FileError
from engine.files import is_sparse, open_matrix_file, to_dense
from engine.files.layouts import mat_level5
from engine.jobs import Cancelled

ARRAYS = {
    "a": np.arange(12.0).reshape(3, 4),
    "much_longer_name": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "whole": np.arange(-4, 4, dtype=np.int16).reshape(2, 4),
    "wide": np.array([[2**60 + 1, 1], [2, 3]], dtype=np.uint64),
    "mask": np.array([[True, False], [False, False]]),
    "c": np.arange(4.0).reshape(2, 2) * (1 - 2j),
    "stack": np.arange(24.0).reshape(2, 3, 4),
    "few": scipy.sparse.coo_array(np.diag([1.0, 0.0, 5.0])).tocsc(),
    "few_c": scipy.sparse.coo_array(np.diag([1j, 0.0, 5.0])).tocsc(),
}


def written(arrays, **options) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, arrays, **options)
    return stream.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_mat_reads_what_scipy_wrote(write, packed):
    source = open_matrix_file(write("data.mat", written(ARRAYS, do_compression=packed)))
    assert [e.name for e in source.entries] == list(ARRAYS)
    for name, array in ARRAYS.items():
        dense = array.toarray() if scipy.sparse.issparse(array) else array
        entry = source.entry(name)
        assert (entry.shape, entry.dtype) == (dense.shape, dense.dtype)
        got = source.read(name)
        assert is_sparse(got) == scipy.sparse.issparse(array) == (entry.stored is not None)
        np.testing.assert_array_equal(to_dense(got), dense)
        assert got.dtype == dense.dtype
        assert not (got.data if is_sparse(got) else got).flags.writeable
    np.testing.assert_array_equal(source.read("stack", index=(1,), rows=2), ARRAYS["stack"][1, 2])


def test_mat_written_by_a_machine_of_the_other_byte_order(write):
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"

    def element(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    body = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 2, 2))
    body += element(1, b"x") + element(9, np.array([1.0, 2.0, 3.0, 4.0], ">f8").tobytes())
    source = open_matrix_file(write("a.mat", header + element(14, body)))
    np.testing.assert_array_equal(source.read("x"), [[1, 3], [2, 4]])


def test_mat_vectors_are_vectors(write):
    source = open_matrix_file(write("a.mat", written({"v": np.arange(5.0), "s": 3.0})))
    assert source.entry("v").shape == (5,)
    assert "1 x 5 in the file" in source.entry("v").note
    np.testing.assert_array_equal(source.read("v", rows=slice(1, 3)), [1, 2])
    assert source.read("s").tolist() == [[3.0]]


def test_mat_lists_what_it_cannot_read_with_the_reason(write):
    arrays = {
        "text": "hello",
        "cell": np.array(["a", "x"], dtype=object),
        "point": {"x": "far"},
        "none": np.zeros((0, 3)),
        "good": np.eye(2),
    }
    source = open_matrix_file(write("a.mat", written(arrays)))
    notes = {e.name: e.note for e in source.entries if not e.readable}
    assert "MATLAB char" in notes["text"]
    assert "MATLAB cell" in notes["cell"]
    assert "MATLAB struct" in notes["point"]
    assert "no elements" in notes["none"]
    np.testing.assert_array_equal(source.read("good"), np.eye(2))


def test_mat_refuses_more_than_memory_before_allocating(write, monkeypatch):
    source = open_matrix_file(write("a.mat", written({"a": np.zeros((100, 100))})))
    monkeypatch.setattr("engine.room.available_memory", lambda: 1000)
    with pytest.raises(FileError, match=r"'a' takes 160 kB of memory"):
        source.read("a")


@pytest.mark.parametrize("packed", [False, True])
def test_mat_reading_can_be_cancelled(write, make_progress, monkeypatch, packed):
    content = written({"a": np.arange(3000.0).reshape(30, 100)}, do_compression=packed)
    source = open_matrix_file(write("a.mat", content))
    monkeypatch.setattr(mat_level5, "_BLOCK_BYTES", 1000)
    progress = make_progress(stop_after=4)
    with pytest.raises(Cancelled):
        source.read("a", progress=progress)
    assert len(progress.reports) == 4
    np.testing.assert_array_equal(source.read("a"), np.arange(3000.0).reshape(30, 100))


def test_mat_of_more_numbers_than_there_are_bytes_is_refused(write):
    content = bytearray(written({"abcde": np.zeros((30, 40))}))
    place = content.index(struct.pack("<ii", 30, 40))
    content[place : place + 8] = struct.pack("<ii", 30_000, 40)
    source = open_matrix_file(write("a.mat", bytes(content)))
    with pytest.raises(FileError, match=r"'abcde': 9,600 bytes where 1,200,000 numbers should be"):
        source.read("abcde")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (written({"a": np.eye(9)})[:-20], r"20 bytes are missing at its end.*cut short"),
        (written({"a": np.eye(2)}) + b"abc", "its last variable is cut short"),
        (written({"a": np.eye(2)})[:100], "does not begin as a MATLAB file does.*-v7"),
        (written({"a": np.eye(2)}, format="4")[:-3], "version 4.*cut short"),
        (written({"a": "text"}), "none of its 1 arrays can be read; 'a': it is a MATLAB char"),
        (written({}), "there is no array in it"),
    ],
    # The contents say when they were written.
    ids=["cut", "cut tag", "cut header", "version 4", "text", "nothing"],
)
def test_mat_refuses_with_a_sentence(write, content, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write("a.mat", content))


@pytest.mark.parametrize("order", "<>")
def test_mat_of_version_4_is_read_as_scipy_reads_it(write, order):
    arrays = {
        "A": np.array([[5.5, -2], [7, 8], [9, 0.25]]),
        "z": np.array([[1 + 2j, 3], [0, -4j]]),
        "v": np.arange(4.0),
        "k": np.arange(6, dtype=np.int16).reshape(2, 3),
        "S": scipy.sparse.csc_array(([2.5, -1.5], ([0, 3], [1, 2])), shape=(5, 4)),
        "word": "text",
    }
    content = written(arrays, format="4")
    if order == ">":
        # One matrix as a machine of the other order of bytes writes it.
        numbers = np.asarray(arrays["A"], ">f8").tobytes("F")
        content = struct.pack(">5i", 1000, 3, 2, 0, 2) + b"A\0" + numbers
        arrays = {"A": arrays["A"]}
    with open_matrix_file(write("a.mat", content)) as source:
        assert source.format.key == "mat"
        names = [entry.name for entry in source.entries if entry.readable]
        assert names == [name for name in arrays if name != "word"]
        for name in names:
            wanted = arrays[name].toarray() if name == "S" else arrays[name]
            np.testing.assert_array_equal(to_dense(source.read(name)), wanted)
        assert order == ">" or source.entry("S").stored == 2


def test_mat_of_version_4_with_a_size_that_damage_makes_is_refused(write, monkeypatch):
    monkeypatch.setattr("engine.room.available_memory", lambda: 1_000_000_000)
    sparse = np.array([[1, 1, 2.5], [2e9, 2e9, 0]])
    content = struct.pack("<5i", 2, 2, 3, 0, 2) + b"S\0" + sparse.tobytes("F")
    with pytest.raises(FileError, match="memory"):
        open_matrix_file(write("a.mat", content))
    content = struct.pack("<5i", 0, 2**30, 2**20, 0, 2) + b"A\0" + bytes(80)
    with pytest.raises(FileError, match="version 4"):
        open_matrix_file(write("a.mat", content))


@pytest.fixture
def level73(tmp_path):
    """Write as MATLAB 7.3 does: HDF5 behind 512 bytes, axes reversed, classes as attributes."""
    path = tmp_path / "new.mat"
    pair = np.dtype([("real", "<f8"), ("imag", "<f8")])
    with h5py.File(path, "w", userblock_size=512) as file:
        file["a"] = np.arange(12.0).reshape(3, 4).T
        file["a"].attrs["MATLAB_class"] = np.bytes_("double")
        file["stack"] = np.arange(24, dtype=np.int16).reshape(2, 3, 4).T
        file["stack"].attrs["MATLAB_class"] = np.bytes_("int16")
        z = np.zeros((2, 2), pair)
        z["real"], z["imag"] = [[1, 2], [3, 4]], [[0, -1], [1, 0]]
        file["z"] = z
        file["z"].attrs["MATLAB_class"] = np.bytes_("double")
        file["text"] = np.array([[104], [105]], np.uint16)
        file["text"].attrs["MATLAB_class"] = np.bytes_("char")
        file["none"] = np.array([0, 3], np.uint64)
        file["none"].attrs["MATLAB_class"] = np.bytes_("double")
        file["none"].attrs["MATLAB_empty"] = np.uint8(1)
        file["model/w"] = np.eye(2)
        file["model"].attrs["MATLAB_class"] = np.bytes_("struct")
        file["#refs#/b"] = np.eye(3)
        sparse = file.create_group("few")
        sparse.attrs["MATLAB_sparse"] = np.uint64(3)
        sparse["data"], sparse["ir"], sparse["jc"] = [1.0], [0], [0, 1]
    with open(path, "r+b") as stream:
        head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 ."
        stream.write(head.ljust(124) + struct.pack("<H", 0x0200) + b"IM")
    return path


def test_mat_level73_axes_are_turned_back(level73):
    source = open_matrix_file(level73)
    assert source.format.key == "mat"
    a = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(source.read("a"), a)
    np.testing.assert_array_equal(source.read("a", rows=1), a[1])
    np.testing.assert_array_equal(source.read("a", rows=slice(2, 0, -1), cols=3), a[2:0:-1, 3])
    stack = np.arange(24).reshape(2, 3, 4)
    assert source.entry("stack").shape == (2, 3, 4)
    np.testing.assert_array_equal(source.read("stack", index=(1,), cols=2), stack[1, :, 2])


def test_mat_level73_complex_numbers_and_structs(level73):
    source = open_matrix_file(level73)
    assert source.entry("z").dtype == np.complex128
    np.testing.assert_array_equal(source.read("z"), [[1, 3 + 1j], [2 - 1j, 4]])
    np.testing.assert_array_equal(source.read("model.w"), np.eye(2))


def test_mat_level73_lists_what_it_cannot_read(level73):
    source = open_matrix_file(level73)
    notes = {e.name: e.note for e in source.entries if not e.readable}
    assert set(notes) == {"text", "none"}
    assert "MATLAB char" in notes["text"]
    assert "empty" in notes["none"]


@pytest.mark.parametrize("version", ["4", "5"])
def test_mat_says_which_names_occur_twice(write, version):
    parts = []
    for value in (1.0, 2.0):
        stream = io.BytesIO()
        scipy.io.savemat(stream, {"a": np.full((2, 2), value)}, format=version)
        parts.append(stream.getvalue()[128 if parts and version == "5" else 0 :])
    for content, said in (
        (parts[0], ()),
        (b"".join(parts), ("Written twice, the last counts: a.",)),
    ):
        source = open_matrix_file(write("a.mat", content))
        assert source.notes == said
    assert source.read("a")[0, 0] == 2.0
