"""Structs, cells and sparse matrices of MATLAB: each numeric member is an entry by its path."""

from __future__ import annotations

import io
import struct

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from engine.errors import FileError
from engine.files import open_matrix_file, to_dense
from engine.files.layouts import mat_level5

A = np.arange(12.0).reshape(3, 4)
B = np.arange(6, dtype=np.int16).reshape(2, 3)


def cell(*items) -> np.ndarray:
    made = np.empty((1, len(items)), dtype=object)
    made[0, :] = items
    return made


def struct_array(*records: dict) -> np.ndarray:
    made = np.empty((1, len(records)), dtype=[(name, object) for name in records[0]])
    for place, record in enumerate(records):
        made[0, place] = tuple(record.values())
    return made


def written(arrays, **options) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, arrays, **options)
    return stream.getvalue()


NESTED = {
    "result": {"gain": A, "name": "run 7", "inner": {"z": B * 1j, "k": cell(A, "text", B)}},
    "runs": struct_array({"x": A, "y": "a"}, {"x": B, "y": A}),
    "parts": cell(B, cell(A)),
    "K": scipy.sparse.csc_array(A),
    "own": {"K": scipy.sparse.csc_array(A), "empty": np.zeros((0, 2))},
    "plain": A,
}
EXPECTED = {
    "result.gain": A,
    "result.inner.z": B * 1j,
    "result.inner.k{1}": A,
    "result.inner.k{3}": B,
    "runs(1).x": A,
    "runs(2).x": B,
    "runs(2).y": A,
    "parts{1}": B,
    "parts{2}{1}": A,
    "K": A,
    "own.K": A,
    "plain": A,
}


@pytest.mark.parametrize("packed", [False, True])
def test_mat_members_are_entries_by_their_path(write, packed):
    source = open_matrix_file(write("a.mat", written(NESTED, do_compression=packed)))
    assert [entry.name for entry in source.entries] == list(EXPECTED)
    for name, array in EXPECTED.items():
        entry, got = source.entry(name), source.read(name)
        assert (entry.shape, entry.dtype) == (got.shape, got.dtype)
        assert got.dtype == array.dtype
        np.testing.assert_array_equal(to_dense(got), array)


def test_mat_a_cell_of_very_many_is_listed_to_a_limit(write, monkeypatch):
    monkeypatch.setattr(mat_level5, "_MAX_MEMBERS", 3)
    source = open_matrix_file(write("a.mat", written({"c": cell(A, A, A, A, A), "plain": A})))
    assert [entry.name for entry in source.entries] == ["c{1}", "c{2}", "c{3}", "plain"]


def test_mat_a_struct_that_makes_no_sense_leaves_the_others(write):
    content = bytearray(written({"s": {"gain": A}, "plain": A}))
    place = content.index(b"gain")
    # How long the names are stands before them, in a small element of one number.
    tag = content.rindex(struct.pack("<HH", 5, 4), 0, place)
    content[tag + 4] += 1
    source = open_matrix_file(write("a.mat", bytes(content)))
    assert not source.entry("s").readable
    assert "names of the fields" in source.entry("s").note
    np.testing.assert_array_equal(source.read("plain"), A)


def test_mat_sparse_rows_outside_are_refused(write):
    content = bytearray(written({"K": scipy.sparse.csc_array(np.eye(3))}))
    place = content.index(struct.pack("<iii", 0, 1, 2))
    content[place + 8 : place + 12] = struct.pack("<i", 77)
    source = open_matrix_file(write("a.mat", bytes(content)))
    with pytest.raises(FileError, match="contradict each other"):
        source.read("K")


@pytest.fixture
def level73(tmp_path):
    """Write as MATLAB 7.3 keeps structs, struct arrays, cells and sparse matrices."""
    path = tmp_path / "new.mat"
    with h5py.File(path, "w", userblock_size=512) as file:

        def add(place: str, array: np.ndarray, kind: str = "double"):
            file[place] = array.T
            file[place].attrs["MATLAB_class"] = np.bytes_(kind)
            return file[place].ref

        def references(place: str, found: list, kind: str = ""):
            file[place] = np.array(found, dtype=h5py.ref_dtype).reshape(-1, 1)
            if kind:
                file[place].attrs["MATLAB_class"] = np.bytes_(kind)
            return file[place].ref

        def sparse(place: str, matrix, kind: str = "double"):
            group, csc = file.create_group(place), scipy.sparse.csc_array(matrix)
            group.attrs["MATLAB_class"] = np.bytes_(kind)
            group.attrs["MATLAB_sparse"] = np.uint64(csc.shape[0])
            group["jc"] = csc.indptr.astype("u8")
            if csc.nnz:
                data = csc.data
                if data.dtype.kind == "c":
                    data = np.rec.fromarrays([data.real, data.imag], names="real,imag")
                group["data"] = data.astype("u1") if kind == "logical" else data
                group["ir"] = csc.indices.astype("u8")

        refs = [add("#refs#/a", A), add("#refs#/b", B, "int16"), add("#refs#/c", B, "char")]
        inner = references("#refs#/d", refs[:1], "cell")
        add("result/gain", A)
        file["result"].attrs["MATLAB_class"] = np.bytes_("struct")
        references("result/k", [refs[0], refs[2], refs[1]], "cell")
        references("runs/x", refs[:2])
        file["runs"].attrs["MATLAB_class"] = np.bytes_("struct")
        references("parts", [refs[1], inner], "cell")
        for name, matrix, kind in (
            ("K", A, "double"),
            ("L", A > 5, "logical"),
            ("Z", A * (1 + 1j), "double"),
            ("none", np.zeros((2, 3)), "double"),
        ):
            sparse(name, matrix, kind)
        sparse("result/K", A)
    with open(path, "r+b") as stream:
        head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 ."
        stream.write(head.ljust(124) + struct.pack("<H", 0x0200) + b"IM")
    return path


def test_mat_level73_members_and_sparse_matrices(level73):
    expected = {
        "K": A,
        "L": A > 5,
        "Z": A * (1 + 1j),
        "none": np.zeros((2, 3)),
        "parts{1}": B,
        "parts{2}{1}": A,
        "result.K": A,
        "result.gain": A,
        "result.k{1}": A,
        "result.k{3}": B,
        "runs(1).x": A,
        "runs(2).x": B,
    }
    source = open_matrix_file(level73)
    assert [entry.name for entry in source.entries] == list(expected)
    for name, array in expected.items():
        entry, got = source.entry(name), source.read(name)
        assert (entry.shape, entry.dtype) == (got.shape, got.dtype)
        assert got.dtype == array.dtype
        np.testing.assert_array_equal(to_dense(got), array)
    assert "Sparse (CSC): 11 of 12" in source.entry("K").notes[0]
