"""A mapped file that shrinks or vanishes: the program goes on, and says what it can."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.reading import mapped

# A process of its own: without the guard the system ends it.
SHRINKS = """
import os, sys
import numpy as np
from engine.files import check_finite, open_matrix_file
from engine.files.reading import mapped
mapped._COPY_BYTES = 1 << 16
path = sys.argv[1]
source = open_matrix_file(path)
array = source.read("m")
column = source.read("m", cols=1).copy()
os.truncate(path, 200_000)
found = check_finite(array)
kept = (200_000 - 128) // 8 // 300
print(found.nan_count > 0, found.inf_count, bool((array[:kept - 2] == 1).all()), column.sum())
try:
    source.read("m", cols=1)
except Exception as error:
    print(type(error).__name__)
os.remove(path)
print(np.isnan(array[-1]).all())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the guard is for Linux")
def test_a_mapped_file_that_shrinks_ends_no_program(tmp_path):
    path = tmp_path / "m.npy"
    np.save(path, np.ones((400, 300)))
    words = [sys.executable, "-c", SHRINKS, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stdout.split() == ["True", "0", "True", "400.0", "FileError", "True"]


FOREIGN = """
import mmap, os, sys
import numpy as np
from engine.files.reading.guard import watch
path = sys.argv[1]
watch(np.memmap(path, mode="r"))
with open(path, "rb") as file:
    other = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
os.truncate(path, 0)
print(other[100_000])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the guard is for Linux")
def test_maps_that_are_not_watched_are_none_of_its_business(tmp_path):
    path = tmp_path / "other"
    path.write_bytes(bytes(200_000))
    words = [sys.executable, "-c", FOREIGN, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize("order", ["C", "F"])
def test_small_parts_are_read_without_a_map(tmp_path, monkeypatch, order):
    array = np.asarray(np.random.default_rng(0).standard_normal((30, 40)), order=order)
    np.save(tmp_path / "m.npy", array)
    monkeypatch.setattr(mapped, "watch", lambda _: pytest.fail("a map was kept"))
    with open_matrix_file(tmp_path / "m.npy") as source:
        np.testing.assert_array_equal(source.read("m"), array)
        np.testing.assert_array_equal(source.read("m", rows=-1), array[-1])
        part = source.read("m", rows=slice(20, 3, -4), cols=slice(None, None, 7))
        np.testing.assert_array_equal(part, array[20:3:-4, ::7])
        assert source.read("m", rows=slice(5, 5)).shape == (0, 40)


def test_a_file_cut_short_between_two_looks_is_said(tmp_path, monkeypatch):
    path = tmp_path / "m.npy"
    np.save(path, np.ones((30, 40)))
    source = open_matrix_file(path)
    real = mapped.np.memmap

    def cut(*args, **kwargs):
        found = real(*args, **kwargs)
        with open(path, "r+b") as file:
            file.truncate(4000)
        return found

    monkeypatch.setattr(mapped.np, "memmap", cut)
    with pytest.raises(FileError, match="cut short while it was read"):
        source.read("m")
