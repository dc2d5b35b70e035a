"""HDF5 files against h5py, which wrote them."""

from __future__ import annotations

import os
import tracemalloc

import h5py
import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.layouts.hdf5 import datasets as hdf5_datasets
from engine.jobs import Cancelled


@pytest.fixture
def make(tmp_path):
    """Write a file of named arrays; ``more`` may add to it."""

    def _make(arrays=None, more=lambda file: None, **options):
        path = tmp_path / "model.h5"
        with h5py.File(path, "w", **options) as file:
            for name, array in (arrays or {}).items():
                file[name] = array
            more(file)
        return path

    return _make


@pytest.mark.parametrize("dtype", ["?", "i1", "<u2", ">i4", "<f2", "<f4", ">f8", "<c16"])
def test_hdf5_reads_what_h5py_wrote(make, dtype):
    stack = np.arange(24).reshape(2, 3, 4).astype(dtype)
    source = open_matrix_file(make({"encoder/layer 1/w": stack, "b": stack[0, 0]}))
    assert [e.name for e in source.entries] == ["b", "encoder/layer 1/w"]
    entry = source.entry("encoder/layer 1/w")
    assert (entry.shape, entry.bytes) == (stack.shape, stack.nbytes)
    got = source.read(entry.name)
    np.testing.assert_array_equal(got, stack)
    assert got.dtype == entry.dtype == stack.dtype
    assert not got.flags.writeable


@pytest.mark.parametrize(
    ("rows", "cols"),
    [
        (2, None),
        (-1, slice(None, None, -1)),
        (slice(6, 1, -2), 3),
        (slice(2, 2), slice(None)),
        (slice(1, 90, 3), slice(-4, None)),
        (0, -1),
    ],
)
def test_hdf5_selects_as_numpy_does(make, rows, cols, monkeypatch):
    monkeypatch.setattr(hdf5_datasets, "_BLOCK_BYTES", 100)
    a = np.arange(70.0).reshape(7, 10)
    source = open_matrix_file(make({"a": a}))
    expected = a[slice(None) if rows is None else rows, slice(None) if cols is None else cols]
    np.testing.assert_array_equal(source.read("a", rows=rows, cols=cols), expected)


def test_hdf5_reads_a_part_of_a_packed_dataset_and_no_more(make):
    def more(file):
        file.create_dataset("w", (20_000, 1000), "f8", chunks=(10, 1000), compression="gzip")
        file["w"][7] = np.arange(1000)

    path = make(more=more)
    source = open_matrix_file(path)
    tracemalloc.start()
    try:
        row = source.read("w", rows=7)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    np.testing.assert_array_equal(row, np.arange(1000))


def test_hdf5_refuses_more_than_memory_before_allocating(make, monkeypatch):
    source = open_matrix_file(
        make(more=lambda file: file.create_dataset("w", (1000, 1000), "f8", chunks=(10, 10)))
    )
    monkeypatch.setattr("engine.room.available_memory", lambda: 20_000)
    with pytest.raises(FileError, match=r"'w' takes 8 MB of memory, 20 kB are"):
        source.read("w")
    assert source.read("w", rows=3).shape == (1000,)


def test_hdf5_reading_can_be_cancelled(make, make_progress, monkeypatch):
    monkeypatch.setattr(hdf5_datasets, "_BLOCK_BYTES", 800)
    source = open_matrix_file(make({"a": np.arange(10_000.0).reshape(100, 100)}))
    progress = make_progress(stop_after=5)
    with pytest.raises(Cancelled):
        source.read("a", progress=progress)
    assert len(progress.reports) == 5
    assert source.read("a")[99, 99] == 9999


def test_hdf5_record_fields_are_entries(make):
    records = np.zeros(3, dtype=[("x", "<f4"), ("pair", "<i2", (2,)), ("name", "S3")])
    records["x"], records["pair"] = [1, 2, 3], [[1, 2], [3, 4], [5, 6]]
    source = open_matrix_file(make({"table": records}))
    np.testing.assert_array_equal(source.read("table.x"), [1, 2, 3])
    np.testing.assert_array_equal(source.read("table.pair", rows=slice(1, 3), cols=0), [3, 5])
    assert "text" in source.entry("table.name").note


def test_hdf5_lists_what_it_cannot_read_with_the_reason(make):
    def more(file):
        file["note"] = "hello"
        file["lr"] = 0.1
        file["none"] = np.zeros((0, 2))
        file["words"] = np.array(["a", "b"], h5py.string_dtype())
        file["good"] = np.ones(2)
        file["missing"] = h5py.Empty("f4")

    source = open_matrix_file(make(more=more))
    notes = {e.name: e.note for e in source.entries if not e.readable}
    assert set(notes) == {"note", "lr", "none", "words"}
    assert "text or references" in notes["words"]
    assert "single number" in notes["lr"]
    np.testing.assert_array_equal(source.read("good"), [1, 1])


def test_hdf5_never_opens_other_files(make, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as other:
        other["x"] = np.arange(4.0)

    def more(file):
        file["own"] = np.ones(3)
        file["link"] = h5py.ExternalLink("secret.h5", "/x")
        file["soft"] = h5py.SoftLink("/own")
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", shape=(4,))
        file.create_virtual_dataset("virtual", layout)
        raw = [(str(tmp_path / "secret.h5"), 0, 16)]
        file.create_dataset("raw", (2,), "f8", external=raw)

    source = open_matrix_file(make(more=more))
    readable = {e.name: e.readable for e in source.entries}
    assert readable == {"own": True, "raw": False, "virtual": False, "link": False}
    assert "other files" in source.entry("virtual").note


def test_hdf5_layers_are_listed_as_people_count(make):
    names = [f"layer_{i}/w" for i in (1, 2, 10)]
    source = open_matrix_file(make({name: np.ones(2) for name in reversed(names)}))
    assert [e.name for e in source.entries] == names


def test_hdf5_a_file_behind_a_block_of_the_user_is_known_by_its_suffix(make):
    source = open_matrix_file(make({"a": np.ones(3)}, userblock_size=512))
    np.testing.assert_array_equal(source.read("a"), [1, 1, 1])


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_hdf5_cut_short_is_a_sentence(make, keep):
    path = make({"a": np.ones((50, 50))})
    os.truncate(path, int(keep * path.stat().st_size))
    with pytest.raises(FileError, match=r"cannot be read as HDF5.*save or copy it again"):
        open_matrix_file(path)


def test_hdf5_without_arrays_is_a_sentence(make):
    with pytest.raises(FileError, match="there is no array in it"):
        open_matrix_file(make(more=lambda file: file.create_group("empty")))
