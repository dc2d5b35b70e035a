"""What every registered format promises, run over the registry and a sample of each."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import FORMATS, Format, MatrixSource, open_matrix_file, registry
from engine.files.formats import npy
from engine.jobs import Cancelled
from engine.plugins import Registered

SAMPLES = Path(__file__).with_name("samples")


def sample_file(key: str, folder: Path) -> str:
    """Copy the sample of a format: the numbers 0 to 11 as 3 x 4, under the name "data"."""
    (stored,) = SAMPLES.glob(f"{key}.*")
    return shutil.copyfile(stored, str(folder / f"data{stored.suffix}"))


@pytest.fixture(params=[known.key for known in FORMATS])
def sample(request, tmp_path) -> str:
    return sample_file(request.param, tmp_path)


def test_formats_are_frozen_and_ready_for_a_file_dialog():
    keys = [known.key for known in FORMATS]
    assert len(set(keys)) == len(keys)
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)
    assert all(known.title for known in FORMATS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        FORMATS[0].key = "other"


def test_every_sample_belongs_to_a_format():
    assert {stored.stem for stored in SAMPLES.iterdir()} == {known.key for known in FORMATS}


def test_what_is_said_of_the_reading_stands_in_the_note_once(sample):
    with open_matrix_file(sample) as source:
        for entry in source.entries:
            assert [str(entry.note).count(str(one)) for one in entry.notes] == [1] * len(
                entry.notes
            )


def test_every_format_opens_reads_hashes_and_closes(sample):
    with open_matrix_file(sample) as source:
        assert isinstance(source, MatrixSource)
        assert source.path == os.path.abspath(sample)
        assert source.format in FORMATS
        np.testing.assert_array_equal(source.read("data"), np.arange(12.0).reshape(3, 4))
        with open(sample, "rb") as stream:
            expected = hashlib.sha256(stream.read()).hexdigest()
        assert source.sha256() == source.sha256() == expected
    source.close()
    for use in (lambda: source.read("data"), source.sha256):
        with pytest.raises(FileError, match="this file was closed"):
            use()


def test_arrays_read_stay_valid_after_closing(sample):
    source = open_matrix_file(sample)
    array = source.read("data")
    source.close()
    os.remove(sample)
    assert array.sum() == 66


@pytest.mark.parametrize("change", ["rewritten", "shortened", "emptied", "touched", "removed"])
def test_every_format_notices_a_changed_file(sample, change):
    source = open_matrix_file(sample)
    source.read("data")
    if change == "removed":
        os.remove(sample)
    elif change == "touched":
        os.utime(sample, ns=(1, 1))
    else:
        with open(sample, "rb") as stream:
            content = stream.read()
        new = {"rewritten": content + b" ", "shortened": content[:-40], "emptied": b""}[change]
        with open(sample, "wb") as stream:
            stream.write(new)
    for use in (lambda: source.read("data"), source.sha256):
        with pytest.raises(FileError, match="changed since it was opened") as caught:
            use()
        assert "open it again" in str(caught.value)


def test_every_format_notices_a_change_while_reading(sample, monkeypatch):
    source = open_matrix_file(sample)
    take = type(source)._take

    def overwritten(self, *arguments):
        part = take(self, *arguments)
        os.utime(sample, ns=(5, 5))
        return part

    monkeypatch.setattr(type(source), "_take", overwritten)
    with pytest.raises(FileError, match="changed since it was opened"):
        source.read("data")


def test_every_format_stops_when_asked_to(sample, make_progress):
    with pytest.raises(Cancelled):
        open_matrix_file(sample, make_progress(stop_after=0))
    source = open_matrix_file(sample)
    with pytest.raises(Cancelled):
        source.read("data", progress=make_progress(stop_after=0))
    with pytest.raises(Cancelled):
        source.sha256(make_progress(stop_after=0))
    assert source.read("data").shape == (3, 4)


def test_libraries_of_formats_are_imported_only_when_they_read():
    code = "import sys, engine.files; print([m for m in sys.argv[1:] if m in sys.modules])"
    names = ["PIL", "h5py", "ml_dtypes", "safetensors", "scipy.io"]
    loaded = subprocess.run(
        [sys.executable, "-c", code, *names], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("key", "name"), [("npy", "odd.csv"), ("npz", "odd.npy"), ("npz", "odd"), ("npy", "x.PT")]
)
def test_contents_decide_before_the_suffix(tmp_path, key, name):
    path = tmp_path / name
    os.rename(sample_file(key, tmp_path), path)
    assert open_matrix_file(path).format.key == key


def test_suffix_decides_in_any_case(write):
    assert open_matrix_file(write("A.CSV", "1,2\n")).read("A").shape == (2,)


def test_unknown_format_names_the_known_ones(write):
    with pytest.raises(FileError, match="none of the formats read here") as caught:
        open_matrix_file(write("a.xyz", b"\x00\x01 something"))
    for known in FORMATS:
        assert known.title in str(caught.value)
        assert all(suffix in str(caught.value) for suffix in known.suffixes)


class Trap:
    """Runs a program when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (str(Trap.folder),)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("my scores.pkl", "numpy.save('my scores', pickle.load(open('my scores.pkl', 'rb')))"),
        ("a.pickle", "pickle.load"),
        ("a.joblib", "joblib.load('a.joblib')"),
        ("model.pt", "torch.load('model.pt', weights_only=True), 'model.safetensors')"),
        ("model.pth", "torch.load('model.pth'"),
        ("weights.bin", "torch.load('weights.bin'"),
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_pickles_are_never_opened_and_the_sentence_helps(tmp_path, name, remedy, is_zip):
    Trap.folder = tmp_path / "unpickled"
    path = tmp_path / name
    if is_zip:  # as torch.save writes them
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
            archive.writestr("archive/data/0", bytes(8))
    else:
        path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileError, match="never opened here, because opening one can run") as caught:
        open_matrix_file(path)
    assert remedy in str(caught.value)
    assert not Trap.folder.exists()


def test_numbers_without_a_header_are_no_pickle(write):
    path = write("raw data.bin", np.array([1.5, 2.25, -3.0]).tobytes())
    with pytest.raises(FileError, match="numbers without a header") as caught:
        open_matrix_file(path)
    assert "numpy.fromfile('raw data.bin', '<f8')" in str(caught.value)
    assert "pickle" not in str(caught.value)


def test_adding_a_format_is_one_registry_line(write, monkeypatch):
    opened = []

    def open_shout(path, progress):
        opened.append(path)
        return npy.open_npy(sample, progress)

    sample = str(write("a.npy", b""))
    np.save(sample, np.ones(2))
    shout = Format("shout", "Shouted numbers", (".shout",), open_shout)
    known = Registered("none", (*FORMATS.own, shout), lambda record, plugin: record)
    monkeypatch.setattr(registry, "FORMATS", known)
    path = write("a.shout", "ONE TWO")
    open_matrix_file(path)
    assert opened == [str(path)]


@pytest.mark.parametrize("name", ["none.npy", "no/such/folder.csv"])
def test_missing_file_is_refused(tmp_path, name):
    with pytest.raises(FileError, match=r"there is no such file.*Check the name"):
        open_matrix_file(tmp_path / name)


def test_folder_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"a folder, not a file.*Choose a file"):
        open_matrix_file(tmp_path)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.csv", "a.xyz"])
def test_empty_file_is_refused(write, name):
    with pytest.raises(FileError, match=r"the file is empty \(0 bytes\).*Export"):
        open_matrix_file(write(name, b""))


def test_name_with_nul_is_refused():
    with pytest.raises(FileError, match="NUL"):
        open_matrix_file("a\0b.npy")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_refused_without_waiting_for_it(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    with pytest.raises(FileError, match="not an ordinary file"):
        open_matrix_file(path)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "permission to read the file is denied.*Change"),
        (OSError(5, "Input/output error"), r"cannot be read \(Input/output error\).*disk"),
        (IsADirectoryError(21, "Is a directory"), "a folder"),
        (MemoryError(), "not enough memory"),
    ],
)
@pytest.mark.parametrize("moment", ["open", "read"])
def test_system_errors_become_sentences(sample, monkeypatch, error, sentence, moment):
    def fail(*arguments, **options):
        raise error

    if moment == "open":
        monkeypatch.setattr("builtins.open", fail)
        with pytest.raises(FileError, match=sentence):
            open_matrix_file(sample)
        return
    source = open_matrix_file(sample)
    monkeypatch.setattr(type(source), "_take", fail)
    with pytest.raises(FileError, match=sentence):
        source.read("data")
