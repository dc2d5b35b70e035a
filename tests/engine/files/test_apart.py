"""Readers that cannot hurt: files that libraries parse are read in a process that may die."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.sparse
from PIL import Image

from engine.apart import Readers
from engine.checkpoint.listing import checkpoint_of
from engine.checkpoint.requests import MatrixRequest
from engine.checkpoint.sweeping.rows import run
from engine.errors import FileError
from engine.files import FORMATS, TableReading, apart, open_apart, open_matrix_file
from engine.jobs import Cancelled
from tests.engine.apart.watching import Watched, lives

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())


@pytest.fixture
def harmful(monkeypatch):
    """Readers whose library for HDF5 does harm."""
    made = Readers(("tests.engine.files.harmful_readers",))
    monkeypatch.setattr(apart, "READERS", made)
    yield made
    made.close()


def hdf5(path):
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(12.0).reshape(3, 4)
    return path


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.suffix)
def test_every_format_is_read_apart_as_it_is_here(path):
    here, found = open_matrix_file(path), open_apart(path)
    assert found.entries == here.entries
    assert found.notes == here.notes
    assert found.format is here.format
    assert found.sha256() == here.sha256()
    for entry in here.entries:
        for part in ({}, {"rows": 1}, {"rows": slice(None, None, -1)}):
            a, b = here.read(entry.name, **part), found.read(entry.name, **part)
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype
            assert not b.flags.writeable


def test_which_formats_are_read_apart_is_said_by_their_records():
    foreign = {one.key for one in FORMATS if one.foreign}
    assert foreign == {"hdf5", "image", "mat"}
    kinds = {path.suffix: isinstance(open_apart(path), apart.ApartSource) for path in SAMPLES}
    assert {suffix for suffix, is_apart in kinds.items() if is_apart} == {".h5", ".mat", ".png"}


def test_nothing_foreign_is_parsed_here(tmp_path, monkeypatch):
    path = hdf5(tmp_path / "a.h5")
    monkeypatch.setattr(h5py, "File", None)
    source = open_apart(path)
    assert source.read("a", rows=2).sum() == 38
    again = pickle.loads(pickle.dumps(source))
    assert again.entries == source.entries
    assert again.read("a").sum() == 66


def test_a_sweep_parses_nothing_foreign_here(tmp_path, monkeypatch):
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["h.0.q_proj.weight"] = np.diag([3.0, 2.0, 1.0])
    monkeypatch.setattr(h5py, "File", None)
    (matrix,) = checkpoint_of(open_apart(path)).matrices
    row = run(MatrixRequest(matrix, ()))
    assert not row.problem
    assert row.shape == (3, 3)


def test_large_and_sparse_arrays_labels_links_and_refusals_come_over(tmp_path):
    path, dense = tmp_path / "a.h5", np.random.default_rng(0).standard_normal((700, 300))
    sparse = scipy.sparse.random(50, 40, 0.1, "csr", random_state=0)
    with h5py.File(path, "w") as file:
        file["dense"] = dense
        group = file.create_group("sparse")
        group.attrs.update({"encoding-type": "csr_matrix", "shape": sparse.shape})
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(sparse, name)
        file["elsewhere"] = h5py.ExternalLink("b.h5", "/x")
        file["text"] = np.array([b"a", b"b"])
    source, here = open_apart(path), open_matrix_file(path)
    assert source.entries == here.entries
    np.testing.assert_array_equal(source.read("dense"), dense)
    assert abs(source.read("sparse") - sparse).max() == 0
    assert source.link("elsewhere") == here.link("elsewhere")
    assert source.link("dense") is None
    os.utime(path, (1, 1))
    with pytest.raises(FileError, match="changed since it was opened"):
        source.read("dense")


@pytest.mark.parametrize("cut", [9, 300])
def test_a_damaged_file_is_refused_in_the_same_words(cut, tmp_path):
    path = hdf5(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:cut])
    said = []
    for opened in (open_matrix_file, open_apart):
        with pytest.raises(FileError) as caught:
            opened(path)
        said.append((caught.value.sentence, caught.value.sentence.template, caught.value.hint))
    assert said[0] == said[1]


def test_what_is_said_of_a_table_is_refused_without_looking_into_the_file(tmp_path):
    with pytest.raises(FileError, match="this is no table but HDF5"):
        open_apart(hdf5(tmp_path / "a.h5"), reading=TableReading(skip=1))


def test_the_channels_of_a_picture_are_parts_of_one(tmp_path):
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 255, (300, 200, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    source = open_apart(path)
    np.testing.assert_array_equal(source.read("colour"), np.hstack(list(np.moveaxis(pixels, 2, 0))))
    np.testing.assert_array_equal(source.read("green", rows=7), pixels[7, :, 1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_a_reader_that_wants_to_hurt_can_do_nothing(harmful, tmp_path):
    path = hdf5(tmp_path / "harm.h5")
    before = path.read_bytes()
    entries = open_apart(path).entries
    assert [entry.name for entry in entries] == [f"{i} PermissionError" for i in range(5)]
    assert [one.name for one in tmp_path.iterdir()] == ["harm.h5"]
    assert path.read_bytes() == before


def test_a_reader_that_ends_is_one_sentence_and_other_files_go_on(harmful, tmp_path):
    good = hdf5(tmp_path / "good.h5")
    source = open_apart(good)
    with pytest.raises(FileError, match="the process that reads it ended") as caught:
        open_apart(hdf5(tmp_path / "crash.h5"))
    assert str(tmp_path / "crash.h5") in str(caught.value)
    assert source.read("a").sum() == 66
    assert open_apart(good).entries == source.entries


def test_a_reader_that_never_ends_is_ended_when_it_is_cancelled(harmful, tmp_path):
    path = hdf5(tmp_path / "loop.h5")
    with pytest.raises(Cancelled):
        open_apart(path, Watched(asks=8))
    assert not any(map(lives, harmful.pids()))


def test_where_no_process_can_be_started_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(apart, "READERS", Readers())
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(FileError, match="no process can be started"):
        open_apart(hdf5(tmp_path / "a.h5"))
