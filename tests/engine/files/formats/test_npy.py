from __future__ import annotations

import io
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from engine.errors import ArgumentError, FileError
from engine.files import open_matrix_file
from engine.files.reading import mapped


def npy_bytes(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


def crafted(header: str | bytes, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    raw = header if isinstance(header, bytes) else header.encode("latin-1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(raw))
    return b"\x93NUMPY" + bytes(version) + length + raw + data


def header_of(descr: str = "'<f8'", shape: str = "(2, 3)", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u2", "<i4", ">i8", "<f2", "<f4", ">f4", "<f8", ">f8", "<c8", ">c16"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_reads_what_numpy_wrote(write, version, dtype, order):
    array = np.asarray(np.arange(12).reshape(3, 4) % 5, dtype=dtype, order=order)
    with open_matrix_file(write("a.npy", npy_bytes(array, version))) as source:
        entry = source.entries[0]
        got = source.read("a")
        part = source.read("a", rows=slice(0, 2), cols=1)
    assert (entry.name, entry.shape, entry.dtype, entry.bytes) == (
        "a",
        (3, 4),
        array.dtype,
        array.nbytes,
    )
    assert got.dtype == array.dtype
    assert not got.flags.writeable
    np.testing.assert_array_equal(got, array)
    np.testing.assert_array_equal(part, array[:2, 1])


@pytest.mark.parametrize("descr", [b"'|V2'", b"'<V2'"])
def test_npy_of_bfloat16_is_read_and_said(write, descr):
    array = np.linspace(-3, 3, 12).reshape(3, 4).astype(ml_dtypes.bfloat16)
    # As ml_dtypes spells it today, and as it did before.
    content = npy_bytes(array).replace(b"'|V2'", descr)
    source = open_matrix_file(write("a.npy", content))
    got = source.read("a")
    assert got.dtype == source.entry("a").dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(got, array)
    assert "read as bfloat16" in source.entry("a").notes[0]


def test_npy_complex_is_noted(write):
    path = write("z.npy", npy_bytes(np.ones((2, 2), complex)))
    assert open_matrix_file(path).entries[0].note == "complex numbers"


def test_npy_of_more_axes_gives_one_matrix_by_index(write):
    array = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    source = open_matrix_file(write("t.npy", npy_bytes(array)))
    np.testing.assert_array_equal(source.read("t"), array)
    np.testing.assert_array_equal(source.read("t", index=(1, -1)), array[1, -1])
    np.testing.assert_array_equal(source.read("t", index=(0, 2), rows=3), array[0, 2, 3])
    np.testing.assert_array_equal(
        source.read("t", cols=slice(None, None, 2)), array[..., slice(None, None, 2)]
    )


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"name": "b"}, "name"),
        ({"name": "a", "rows": 3}, "rows"),
        ({"name": "a", "cols": -5}, "cols"),
        ({"name": "a", "rows": 1.5}, "rows"),
        ({"name": "a", "rows": slice("x", None)}, "rows"),
        ({"name": "a", "rows": slice(0, 3, 0)}, "rows"),
        ({"name": "a", "index": (0,)}, "index"),
    ],
)
def test_read_refuses_parts_that_do_not_exist(write, arguments, argument):
    source = open_matrix_file(write("a.npy", npy_bytes(np.zeros((3, 4)))))
    with pytest.raises(ArgumentError) as caught:
        source.read(**arguments)
    assert caught.value.argument == argument


def test_read_of_a_vector_has_rows_only(write):
    source = open_matrix_file(write("v.npy", npy_bytes(np.arange(5.0))))
    np.testing.assert_array_equal(source.read("v", rows=slice(1, 3)), [1.0, 2.0])
    assert source.read("v", rows=-1).shape == ()
    with pytest.raises(ArgumentError, match="vector"):
        source.read("v", cols=0)


def test_npy_large_part_stays_on_disk(write, monkeypatch):
    monkeypatch.setattr(mapped, "_COPY_BYTES", 64)
    source = open_matrix_file(write("m.npy", npy_bytes(np.arange(100.0).reshape(10, 10))))
    part = source.read("m")
    base = part
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    assert not part.flags.writeable
    assert source.read("m", rows=0, cols=slice(0, 2)).base is None


def test_npy_records_list_each_numeric_field(write):
    records = np.zeros(4, dtype=[("score", "<f4"), ("place", "<i2", (3,)), ("name", "U5")])
    records["score"] = [1, 2, 3, 4]
    records["place"][2] = [7, 8, 9]
    source = open_matrix_file(write("r.npy", npy_bytes(records)))
    assert [(e.name, e.shape, e.readable) for e in source.entries] == [
        ("r.score", (4,), True),
        ("r.place", (4, 3), True),
        ("r.name", (4,), False),
    ]
    np.testing.assert_array_equal(source.read("r.score"), records["score"])
    np.testing.assert_array_equal(source.read("r.place", rows=2), [7, 8, 9])
    with pytest.raises(FileError, match="holds text"):
        source.read("r.name")


def test_npy_surplus_bytes_are_noted(write):
    source = open_matrix_file(write("s.npy", npy_bytes(np.ones(3)) + b"tail"))
    assert source.notes == ("4 bytes after the data are ignored.",)
    np.testing.assert_array_equal(source.read("s"), np.ones(3))


def test_npy_python_2_shape_is_read(write):
    path = write("p.npy", crafted(header_of(shape="(2L, 1L)"), np.ones(2).tobytes()))
    assert open_matrix_file(path).entries[0].shape == (2, 1)


def test_npy_never_unpickles(write, tmp_path):
    marker = tmp_path / "ran"

    class Bomb:
        def __reduce__(self):
            return (Path.touch, (marker,))

    stream = io.BytesIO()
    np.save(stream, np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match="Python objects, which are never unpickled"):
        open_matrix_file(write("o.npy", stream.getvalue()))
    assert not marker.exists()


HUGE = 10**12
REFUSED = {
    "claims more than it holds": (
        crafted(header_of(shape="(100, 100)"), b"x" * 10),
        r"announces 80,000 bytes .* holds 10",
    ),
    "1e12 elements": (crafted(header_of(shape=f"({HUGE},)")), "announces 8,000,000,000,000 bytes"),
    "overflowing product": (
        crafted(header_of(shape=f"({2**62}, {2**62}, 16)")),
        "announces 2,7[0-9,]+ bytes",
    ),
    "negative length": (crafted(header_of(shape="(-2, 3)")), "negative length"),
    "boolean length": (crafted(header_of(shape="(True, 3)")), "not a tuple of whole numbers"),
    "shape is a list": (crafted(header_of(shape="[2, 3]")), "not a tuple of whole numbers"),
    "float length": (crafted(header_of(shape="(2.0, 3)")), "not a tuple of whole numbers"),
    "too many axes": (crafted(header_of(shape=f"({'1,' * 70})")), "70 axes"),
    "order is a number": (crafted(header_of(order="1")), "neither True nor False"),
    "unknown dtype": (crafted(header_of(descr="'<q9'")), "element type"),
    "dtype is a number": (crafted(header_of(descr="8")), "element type"),
    "missing key": (crafted("{'descr': '<f8', 'shape': (2,)}"), "should name descr"),
    "not a dictionary": (crafted("[1, 2]"), "should name descr"),
    "a program": (crafted("__import__('os').getcwd()"), "not a dictionary"),
    "deep nesting": (crafted("(" * 9000), "not a dictionary"),
    "long sum": (crafted("1" + "+1" * 4000), "not a dictionary"),
    "bad utf-8": (crafted(b"\xff\xfe{}", version=(3, 0)), "not a dictionary"),
    "header claims gigabytes": (
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1),
        "claims 4,294,967,295 bytes",
    ),
    "header cut short": (npy_bytes(np.ones(3))[:40], "cut short"),
    "nothing after the signature": (b"\x93NUMPY", "cut short"),
    "no length": (b"\x93NUMPY\x01\x00\x10", "cut short"),
    "version 9": (b"\x93NUMPY\x09\x04" + b"0" * 80, r"version is 9\.4"),
    "no signature": (b"these are no numbers", "signature"),
    "single number": (npy_bytes(np.array(3.0)), r"single number.*0 dimensions"),
    "no elements": (npy_bytes(np.zeros((3, 0))), r"no elements \(shape \(3, 0\)\)"),
    "dates": (npy_bytes(np.zeros(2, "M8[D]")), "dates"),
    "time spans": (npy_bytes(np.zeros(2, "m8[s]")), "time spans"),
    "bytes text": (npy_bytes(np.array([b"ab"])), "text"),
    "text": (npy_bytes(np.array(["ab"])), "text"),
    "raw bytes": (npy_bytes(np.zeros(2, "V3")), "raw bytes .*float8"),
    "float8": (npy_bytes(np.ones(2, ml_dtypes.float8_e4m3fn)), "raw bytes .*float8"),
    "text records": (npy_bytes(np.zeros(2, [("name", "U3")])), "text"),
    "nested records": (npy_bytes(np.zeros(2, [("a", [("b", "f4")])])), "records inside records"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_npy_refuses_with_a_sentence(write, case):
    content, sentence = REFUSED[case]
    path = write("x.npy", content)
    with pytest.raises(FileError, match=sentence) as caught:
        open_matrix_file(path)
    assert caught.value.path == str(path)
    assert caught.value.hint
