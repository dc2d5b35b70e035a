"""What people have becomes the same numbers on the other side, or is refused in words."""

from __future__ import annotations

import fcntl
import mmap
import os

import ml_dtypes
import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

from engine.errors import RankscopeError
from gui.link import memory
from gui.link.arrays import given
from gui.link.memory import BadFile, Spare, read, size_of, written

A = np.arange(24.0).reshape(4, 6)


def there_and_back(value, tmp_path):
    file, said = written([given("x", value)], str(tmp_path))
    try:
        return read(file, said)[0]
    finally:
        os.close(file)


class WithArray:
    def __array__(self, dtype=None, copy=None):
        return A


class WithDlpack:
    def __dlpack__(self, **words):
        return A.__dlpack__(**words)

    def __dlpack_device__(self):
        return A.__dlpack_device__()


KINDS = {
    "plain": A,
    "float32": A.astype(np.float32),
    "big-endian": A.astype(">f4"),
    "half": A.astype(np.float16),
    "complex": A + 1j,
    "bool": A > 3,
    "int8": A.astype(np.int8),
    "bfloat16": A.astype(ml_dtypes.bfloat16),
    "float8": A.astype(ml_dtypes.float8_e4m3fn),
    "fortran": np.asfortranarray(A),
    "strided": A[::2, ::-3],
    "reversed": A[::-1],
    "vector": A[:, 1],
    "three axes": np.arange(24.0).reshape(2, 3, 4).swapaxes(0, 2),
    "one row": A[:1],
    "list": A.tolist(),
    "a vector that is sparse": scipy.sparse.coo_array(A[1]),
    "three sparse axes": scipy.sparse.coo_array(A.reshape(2, 3, 4)),
    "with __array__": WithArray(),
    "with DLPack": WithDlpack(),
    "nan and inf": np.array([[np.nan, np.inf], [-np.inf, -0.0]]),
    "matrix": np.asmatrix(A),
}


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_come_as_they_are(kind, tmp_path):
    value = KINDS[kind]
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    found = there_and_back(value, tmp_path).parts[0]
    if scipy.sparse.issparse(value):
        value = value.toarray()
    wanted = A if kind.startswith("with") else np.asarray(value)
    assert found.dtype == wanted.dtype
    assert_array_equal(found.astype(complex), wanted.astype(complex))
    assert not found.flags.writeable


def test_what_lies_in_pieces_is_copied_a_piece_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_PIECE", 64)
    wide = np.arange(600.0).reshape(20, 30)
    for value in (wide[:, ::2], wide[::3], wide.reshape(2, 10, 30)[:, :, ::7]):
        assert_array_equal(there_and_back(value, tmp_path).parts[0], value)


@pytest.mark.parametrize("layout", ["csr", "csc", "coo", "dia", "bsr", "lil", "dok"])
def test_a_sparse_matrix_stays_one(layout, tmp_path):
    dense = np.where(A % 5 == 0, A, 0.0)
    found = there_and_back(scipy.sparse.csr_array(dense).asformat(layout), tmp_path)
    assert found.layout in ("csr", "csc")
    make = scipy.sparse.csr_array if found.layout == "csr" else scipy.sparse.csc_array
    assert_array_equal(make(found.parts, shape=found.shape).toarray(), dense)


def test_a_sparse_matrix_without_entries_is_one_too(tmp_path):
    found = there_and_back(scipy.sparse.csr_array((3, 4)), tmp_path)
    assert [part.size for part in found.parts] == [0, 0, 4]


def test_masked_entries_are_missing(tmp_path):
    masked = np.ma.masked_equal(np.arange(4), 2)
    assert_array_equal(there_and_back(masked, tmp_path).parts[0], [0, 1, np.nan, 3])


@pytest.mark.parametrize("name", ["int4", "uint4", "float4_e2m1fn", "float8_e3m4"])
def test_numbers_of_few_bits_come_as_ones_of_more(name, tmp_path):
    few = np.array([0, 1, 3]).astype(getattr(ml_dtypes, name))
    found = there_and_back(few, tmp_path).parts[0]
    assert found.dtype.kind == name[0]
    assert_array_equal(found, [0, 1, 3])


class Alien:
    """Of a library whose attributes fail in ways of their own."""

    def __getattr__(self, name):
        raise RuntimeError("no such thing here.\nSee the manual.")


REFUSED = {
    "nothing": (None, "NoneType"),
    "text": ("abc", "str"),
    "texts": (["a", "b"], "not numbers"),
    "ragged": ([[1, 2], [3]], "inhomogeneous"),
    "objects": (np.array([object()]), "not numbers"),
    "records": (np.zeros(2, "i4,f4"), "not numbers"),
    "dates": (np.zeros(2, "M8[s]"), "not numbers"),
    "one number": (3.0, "single number"),
    "no elements": (np.zeros((0, 3)), "no elements"),
    "no sparse elements": (scipy.sparse.csr_array((0, 3)), r"no elements \(shape \(0, 3\)\)"),
    "none among numbers": ([1, None], r"Python objects \(NoneType\)"),
    "whole numbers that are too long": ([2**70], r"Python objects \(int\)"),
    "a function": (print, "no array but builtin_function_or_method"),
    "a generator": ((one for one in "a"), "no array but generator"),
    "a sparse matrix of long doubles": (scipy.sparse.csr_array(A.astype("g")), "is longer"),
    "an alien": (Alien(), r"RuntimeError: no such thing here\.$"),
    "a dict": ({"a": 1}, "dict"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_array_of_numbers_is_refused_by_name(kind):
    value, words = REFUSED[kind]
    with pytest.raises(RankscopeError, match=words) as refused:
        given("loss", value)
    assert str(refused.value).startswith("loss cannot be shown")


def test_a_library_that_fails_is_told_in_its_words():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("the device is lost")

    with pytest.raises(RankscopeError, match="the device is lost"):
        given("w", Broken())


def test_no_room_is_said(monkeypatch, tmp_path):
    much = np.zeros(memory._SMALL)
    monkeypatch.setattr(memory, "available_memory", lambda: much.nbytes)
    with pytest.raises(RankscopeError, match="no room"):
        written([given("a", much)], str(tmp_path))


def test_a_full_memory_is_said_and_nothing_is_left_open(monkeypatch, tmp_path):
    def full(file, data, place):
        raise OSError(28, "No space left on device")

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(RankscopeError, match="no room"):
        written([given("a", A)], str(tmp_path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_is_spare_holds_the_next_array_of_its_size_alone():
    before, spare = len(os.listdir("/proc/self/fd")), Spare()
    first = [given("a", np.full(90_001, 7, "i2")), given("b", np.full((300, 400), 7.0))]
    spare.keep(written(first, "")[0], size_of(first))
    next_ = [given("a", np.arange(90_001, dtype="u2")), given("b", np.ones((400, 300)).T)]
    assert size_of(next_) == size_of(first)
    file, said = written(next_, "", spare)
    assert spare.taken(size_of(first)) is None
    for mine, other in zip(next_, read(file, said), strict=True):
        assert_array_equal(other.parts[0], mine.parts[0])
    del other
    os.close(file)
    spare.prepare(size_of(first))
    file, said = written(next_[:1], "", spare)  # of another size: it goes
    assert os.fstat(file).st_size == 180_002
    os.close(file)
    spare.prepare(size_of(first))
    spare.prepare(1 << 20)
    spare.drop()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_child_that_is_forked_while_a_file_is_made_has_it_no_more(monkeypatch):
    before, spare = len(os.listdir("/proc/self/fd")), Spare()
    left = []

    def forked_here(file, size):
        spare.abandon()  # as a forked child does at once
        left.append(len(os.listdir("/proc/self/fd")))
        raise OSError

    monkeypatch.setattr("gui.link.memory._fill", forked_here)
    spare.prepare(1 << 20)
    assert left == [before]


def test_a_file_that_is_looked_at_can_be_neither_cut_nor_changed(tmp_path):
    file, said = written([given("a", A)], str(tmp_path))
    found = read(file, said)[0].parts[0]
    for change in (lambda: os.ftruncate(file, 0), lambda: os.pwrite(file, b"x", 0)):
        with pytest.raises(PermissionError):
            change()
    os.close(file)
    assert_array_equal(found, A)


@pytest.fixture
def file(tmp_path):
    number, said = written([given("a", A)], str(tmp_path))
    yield number, said
    os.close(number)


def test_a_file_shorter_than_it_says_is_refused(file):
    number, said = file
    os.ftruncate(number, A.nbytes - 1)
    with pytest.raises(BadFile):
        read(number, said)


def test_a_file_that_somebody_may_write_into_is_copied(file):
    number, said = file
    with mmap.mmap(number, A.nbytes) as held:
        found = read(number, said)[0].parts[0]
        held[:] = bytes(A.nbytes)
    assert_array_equal(found, A)


def test_a_file_that_can_be_cut_but_not_sealed_is_copied(file):
    number, said = file
    fcntl.fcntl(number, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL)
    found = read(number, said)[0].parts[0]
    os.ftruncate(number, 0)
    assert_array_equal(found, A)


def test_what_is_no_memory_at_all_is_refused(file):
    read_end, write_end = os.pipe()
    with pytest.raises(BadFile):
        read(read_end, file[1])
    os.close(read_end)
    os.close(write_end)


MEDDLED = [
    lambda one: one.update(name=""),
    lambda one: one.update(name=7),
    lambda one: one.update(name="a\0b"),
    lambda one: one.update(layout="pickle"),
    lambda one: one.update(layout="csr"),
    lambda one: one.update(shape=[4, 7]),
    lambda one: one.update(shape=[-4, -6]),
    lambda one: one.update(shape=[4.0, 6]),
    lambda one: one.update(shape=[10**30, 10**30], parts=[["<f8", [10**30, 10**30], 0, False]]),
    lambda one: one.update(shape=[1] * 99, parts=[["<f8", [1] * 99, 0, False]]),
    lambda one: one.update(parts=[["O", [4, 6], 0, False]]),
    lambda one: one.update(parts=[["(2,)f8", [4, 6], 0, False]]),
    lambda one: one.update(parts=[["<f8", [4, 6], -64, False]]),
    lambda one: one.update(parts=[["<f8", [4, 6], 64, False]]),
    lambda one: one.update(parts=[["<f8", [4, 6], 1, False]]),
    lambda one: one.update(parts=[["<f8", [4, 6], True, False]]),
    lambda one: one.update(parts=[]),
    lambda one: one.update(parts="abcd"),
    lambda one: one.pop("parts"),
]


@pytest.mark.parametrize("number", range(len(MEDDLED)))
def test_whatever_is_said_of_a_file_is_numbers_or_refused(file, number):
    said = [dict(file[1][0])]
    MEDDLED[number](said[0])
    with pytest.raises(BadFile):
        read(file[0], said)


@pytest.mark.parametrize("said", [None, [], {}, [1], [None], "x", [[]]])
def test_what_says_nothing_is_refused(file, said):
    with pytest.raises(BadFile):
        read(file[0], said)
