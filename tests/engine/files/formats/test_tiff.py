"""TIFF files of numbers against tifffile, which wrote them: bit for bit."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from engine.errors import FileError
from engine.files import open_matrix_file

RNG = np.random.default_rng(4)


def saved(array, **options) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


def numbers(dtype, shape=(5, 7)) -> np.ndarray:
    """Every pattern of bits that is a number, the largest and the smallest included."""
    kind = np.dtype(dtype)
    if kind.kind == "c":
        parts = [numbers(f"f{kind.itemsize // 2}", shape) for _ in range(2)]
        return (parts[0] + 1j * parts[1]).astype(kind)
    array = RNG.integers(0, 256, (*shape, kind.itemsize), np.uint8).view(kind)[..., 0]
    limits = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    array = np.where(np.isfinite(array), array, 1).astype(kind)
    array.flat[:3] = limits.min, limits.max, 0
    return array


TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16"]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "options", [{}, {"bigtiff": True}, {"compression": "zlib"}, {"tile": (16, 16)}]
)
def test_tiff_numbers_are_bit_exact(write, dtype, order, options):
    array = numbers(dtype)
    source = open_matrix_file(write("scan.tif", saved(array, byteorder=order, **options)))
    (entry,) = source.entries
    got = source.read("scan")
    assert (entry.name, entry.shape, entry.dtype) == ("scan", array.shape, array.dtype)
    assert got.dtype == array.dtype
    assert got.tobytes() == array.tobytes()
    np.testing.assert_array_equal(source.read("scan", rows=2, cols=slice(1, 3)), array[2, 1:3])


@pytest.mark.parametrize("predictor", [True, False])
@pytest.mark.parametrize("dtype", ["i2", "u2", "u4"])
def test_tiff_differences_are_undone(write, dtype, predictor):
    array = numbers(dtype)
    content = saved(array, compression="zlib", predictor=predictor)
    assert open_matrix_file(write("a.tif", content)).read("a").tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"metadata": None}])
def test_tiff_pages_are_a_stack(write, dtype, options):
    array = numbers(dtype, (3, 5, 7))
    content = saved(array, photometric="minisblack", **options)
    source = open_matrix_file(write("a.tif", content))
    entry = source.entries[0]
    assert entry.shape == (3, 5, 7)
    np.testing.assert_array_equal(source.read("a"), array)
    np.testing.assert_array_equal(source.read("a", index=(1,)), array[1])
    got = source.read("a", view="axes (0, 2)", index=(4,))
    np.testing.assert_array_equal(got, array[:, 4])


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("bands", [3, 4])
def test_tiff_colours_of_sixteen_bits_keep_all_of_them(write, planar, bands):
    pixels = numbers("u2", (5, 7, bands))
    stored = pixels if planar == "contig" else np.moveaxis(pixels, 2, 0)
    extra = {"extrasamples": ["unassalpha"]} if bands == 4 else {}
    content = saved(stored, photometric="rgb", planarconfig=planar, **extra)
    source = open_matrix_file(write("a.tif", content))
    names = ["colour", "red", "green", "blue", "alpha"][: bands + 1]
    assert [entry.name for entry in source.entries] == names
    assert source.entry("colour").channels == 3
    expected = np.hstack([pixels[..., channel] for channel in range(3)])
    np.testing.assert_array_equal(source.read("colour"), expected)
    np.testing.assert_array_equal(source.read(names[-1]), pixels[..., bands - 1])


def test_tiff_channels_that_are_no_colours_come_before_rows(write):
    array = numbers("f4", (6, 7, 5))
    content = saved(array, photometric="minisblack", planarconfig="contig")
    source = open_matrix_file(write("a.tif", content))
    np.testing.assert_array_equal(source.read("a"), np.moveaxis(array, 2, 0))


def test_tiff_of_several_series_lists_each(write):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(numbers("f4"))
        writer.write(numbers("i2", (3, 4)))
    source = open_matrix_file(write("a.tif", stream.getvalue()))
    assert [(entry.name, entry.shape) for entry in source.entries] == [
        ("a", (5, 7)),
        ("a [2]", (3, 4)),
    ]
    assert source.read("a [2]").dtype == np.int16


def test_tiff_white_is_zero_is_said(write):
    array = numbers("u2")
    source = open_matrix_file(write("a.tif", saved(array, photometric="miniswhite")))
    np.testing.assert_array_equal(source.read("a"), array)
    assert "0 stands for white" in source.entries[0].note


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f4"])
def test_tiff_packed_as_only_pillow_unpacks_it_is_left_to_pillow(write, dtype):
    array = numbers(dtype)
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "TIFF", compression="tiff_lzw")
    np.testing.assert_array_equal(
        open_matrix_file(write("a.tif", stream.getvalue())).read("a"), array
    )


def test_tiff_packed_as_nobody_unpacks_it_names_the_package(write):
    content = bytearray(saved(numbers("f8"), compression="zlib"))
    with tifffile.TiffFile(io.BytesIO(bytes(content))) as file:
        place = file.pages[0].tags[259].valueoffset
    content[place : place + 2] = (5).to_bytes(2, "little")
    with pytest.raises(FileError, match=r"float64 packed by LZW.*pip install imagecodecs"):
        open_matrix_file(write("a.tif", bytes(content)))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"rowsperstrip": 4}])
def test_tiff_cut_short_is_a_sentence(write, keep, options):
    content = saved(numbers("f8", (64, 64)), **options)
    path = write("a.tif", content[: int(keep * len(content))])
    with pytest.raises(FileError, match=r"the picture is damaged.*cut short"):
        open_matrix_file(path).read("a")


def test_tiff_a_list_of_pages_that_breaks_off_is_said(write):
    content = saved(numbers("f8", (3, 4, 5)), photometric="minisblack", compression="zlib")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        last = file.pages[2].offset
    source = open_matrix_file(write("a.tif", content[:last]))
    assert source.notes == ("Its list of pages breaks off after 2: there may be more.",)
    assert open_matrix_file(write("a.tif", content)).notes == ()


def test_tiff_a_header_that_lies_is_refused_before_anything_is_set_aside(write):
    content = bytearray(saved(numbers("f8"), compression="zlib"))
    with tifffile.TiffFile(io.BytesIO(bytes(content))) as file:
        places = [file.pages[0].tags[tag].valueoffset for tag in (256, 257, 278)]
    for place in places:
        content[place : place + 2] = (60_000).to_bytes(2, "little")
    with pytest.raises(FileError, match="damaged"):
        open_matrix_file(write("a.tif", bytes(content))).read("a")


def test_tiff_ome_sets_open_no_other_file(tmp_path):
    tifffile.imwrite(tmp_path / "one.ome.tif", numbers("u2"), metadata={"axes": "YX"})
    source = open_matrix_file(tmp_path / "one.ome.tif")
    assert source.entries[0].shape == (5, 7)


def test_tifffile_is_imported_only_when_it_reads():
    code = "import sys, engine.files; print('tifffile' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("kind", ["?", "u1", "u2"])
@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
def test_numbers_are_as_stored_where_zero_is_white(tmp_path, kind, photometric):
    values = (np.arange(12).reshape(3, 4) % 5 * 20).astype(kind)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric=photometric, metadata=None)
    source = open_matrix_file(tmp_path / "a.tif")
    got = source.read(source.entries[0].name)
    assert got.dtype == values.dtype
    np.testing.assert_array_equal(got, values)
    assert ("0 stands for white" in source.entries[0].note) == (photometric == "miniswhite")
