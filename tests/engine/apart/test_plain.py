"""What comes of another process is plain values, and nothing that is sent runs anything."""

from __future__ import annotations

import io
import os
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse

from engine.apart.line import read, write
from engine.apart.plain import packed, unpacked
from engine.errors import ArgumentError, DataError, FileError, RankscopeError
from engine.sentences import joined, say


@dataclass(frozen=True)
class Point:
    x: float
    name: str = ""


def there_and_back(thing, records=()):
    data, buffers = packed(thing, records)
    stream = io.BytesIO()
    write(stream, data, buffers)
    stream.seek(0)
    return unpacked(*read(stream), records)


@pytest.mark.parametrize(
    "thing",
    [
        None,
        True,
        3,
        -(10**40),
        0.5,
        float("inf"),
        "ä\ud800"[:1],
        b"\0",
        (1, ("a",)),
        [1],
        {"a": {2}},
    ],
)
def test_plain_values_come_back(thing):
    found = there_and_back(thing)
    assert found == thing
    assert type(found) is type(thing)


@pytest.mark.parametrize("dtype", ["?", "i1", ">u2", "<i8", "f2", ">f4", "f8", "c8", ">c16"])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0, 3), (3, 4), (2, 3, 4)])
def test_arrays_come_back_read_only(dtype, shape):
    whole = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    for array in (whole, np.asfortranarray(whole), whole[..., ::-1] if shape else whole):
        found = there_and_back({"a": (array, array)})["a"][1]
        np.testing.assert_array_equal(found, array, strict=True)
        assert found.dtype == array.dtype
        assert not found.flags.writeable


def test_large_arrays_are_not_copied_to_be_sent():
    array = np.arange(12.0).reshape(3, 4)
    for one in (array, array.T):
        ((buffer,),) = (packed(one)[1],)
        assert np.shares_memory(np.frombuffer(buffer), array)


def test_nan_and_longdouble_are_kept_to_the_bit():
    array = np.array([np.nan, -0.0, np.inf], np.longdouble)
    assert there_and_back(array).tobytes()[:8] == array.tobytes()[:8]
    assert np.array_equal(there_and_back(array), array, equal_nan=True)


@pytest.mark.parametrize("kind", ["csr", "csc"])
def test_sparse_arrays_come_back(kind):
    array = scipy.sparse.random_array((40, 30), density=0.1, format=kind, rng=0)
    found = there_and_back(array)
    assert type(found) is type(array)
    assert abs(found - array).max() == 0


def test_sentences_say_themselves_again_in_another_language():
    said = joined(say("row {row} holds {what}", row=np.int64(3), what=say("text")), "Save it.")
    found = there_and_back(said)
    assert found == said
    assert found.parts[0].template == "row {row} holds {what}"
    assert found.parts[0].values == {"row": 3, "what": "text"}
    assert found.parts[0].values["what"].template == "text"


def test_records_are_made_again_where_they_are_known():
    assert there_and_back([Point(1.0, "a")], (Point,)) == [Point(1.0, "a")]
    assert there_and_back(Point(1.0)) == "Point(x=1.0, name='')"
    data, buffers = packed(Point(1.0), (Point,))
    with pytest.raises(KeyError):
        unpacked(data, buffers)


def test_errors_come_back_with_their_words():
    error = FileError("/a", say("it has {n} rows", n=3), "Save it again.")
    found = there_and_back(error)
    assert type(found) is FileError
    assert (str(found), found.path, found.hint) == (str(error), "/a", "Save it again.")
    assert found.problem.template == "it has {n} rows"
    data = there_and_back(DataError(say("Nothing."), 2, (0, 1)))
    assert (type(data), str(data), data.count, data.first) == (DataError, "Nothing.", 2, (0, 1))
    argument = there_and_back(ArgumentError("k", object, "a number"))
    assert type(argument) is RankscopeError
    assert str(argument) == str(ArgumentError("k", object, "a number"))
    assert type(there_and_back(MemoryError("a"))) is MemoryError
    assert repr(there_and_back(KeyError("a"))) == "RuntimeError(\"KeyError: 'a'\")"


class Harm:
    def __reduce__(self):
        return os.mkdir, ("harm",)


class Named(pickle.Pickler):
    def persistent_id(self, thing):
        return thing if isinstance(thing, tuple) and thing and thing[0] != "args" else None


def hostile(pid):
    stream = io.BytesIO()
    Named(stream, protocol=5).dump(pid)
    return stream.getvalue()


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_runs_something_is_refused(protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for thing in (Harm(), [Harm()], print, os.system, np.dtype("f4"), Point(1.0)):
        with pytest.raises(pickle.UnpicklingError):
            unpacked(pickle.dumps(thing, protocol), [], (Point,))
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "pid",
    [
        ("array", "O", (1,), False, 0),
        ("array", "<f8", (3,), False, 0),
        ("array", "<f8", (-1,), False, 0),
        ("array", "<f8", (1,), False, 7),
        ("array", "V8", (1,), False, 0),
        ("array", "<f8,<f8", (1,), False, 0),
        ("__init__", "a"),
        ("_make", "a"),
        ("find_class", "os", "system"),
        ("persistent_load", "a"),
    ],
)
def test_what_is_no_array_of_the_memory_that_came_is_refused(pid):
    with pytest.raises((pickle.UnpicklingError, ValueError, TypeError, IndexError, KeyError)):
        unpacked(hostile(pid), [np.zeros(16, np.uint8)])


def test_positions_outside_a_sparse_array_are_refused():
    array = scipy.sparse.csr_array(np.eye(3))
    array.indices[0] = 10**6
    data, buffers = packed(array)
    with pytest.raises(ValueError, match="ind"):
        unpacked(data, buffers)


@pytest.mark.parametrize("cut", [0, 5, 16, 20, 40, -1])
def test_a_message_that_is_cut_short_is_its_end(cut):
    stream = io.BytesIO()
    write(stream, *packed(np.arange(9.0)))
    with pytest.raises(EOFError):
        read(io.BytesIO(stream.getvalue()[:cut]))


def test_lengths_that_are_none_set_nothing_aside():
    with pytest.raises(EOFError):
        read(io.BytesIO(b"\xff" * 64))
