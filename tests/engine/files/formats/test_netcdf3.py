"""Classic netCDF files against SciPy, which wrote them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.io

from engine.errors import FileError
from engine.files import open_matrix_file

CODES = np.array([[0, 100, -200], [-32768, 50, 7]], np.int16)


def written(fill, version=1) -> bytes:
    stream = io.BytesIO()
    file = scipy.io.netcdf_file(stream, "w", version=version)
    file.createDimension("t", None)
    file.createDimension("y", 2)
    file.createDimension("x", 3)
    fill(file)
    file.flush()
    return stream.getvalue()


def packed(**attributes):
    def fill(file):
        variable = file.createVariable("t2m", "h", ("y", "x"))
        variable[:] = CODES
        for name, value in attributes.items():
            setattr(variable, name, value)

    return fill


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", ["b", "h", "i", "f", "d"])
@pytest.mark.parametrize("name", ["a.nc", "a.cdf", "noname"])
def test_netcdf3_reads_what_scipy_wrote(write, version, kind, name):
    def fill(file):
        file.createVariable("w", kind, ("y", "x"))[:] = np.arange(6).reshape(2, 3)

    source = open_matrix_file(write(name, written(fill, version)))
    entry, got = source.entry("w"), source.read("w")
    assert (entry.shape, entry.dtype, got.dtype) == ((2, 3), np.dtype(kind), np.dtype(kind))
    np.testing.assert_array_equal(got, np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(source.read("w", rows=1, cols=slice(1, 3)), [4, 5])


def test_netcdf3_packed_numbers_are_unpacked_and_said(write):
    content = written(packed(scale_factor=0.5, add_offset=280.0, _FillValue=np.int16(-32768)))
    source = open_matrix_file(write("era.nc", content))
    expected = CODES * 0.5 + 280
    expected[1, 0] = np.nan
    np.testing.assert_array_equal(source.read("t2m"), expected)
    assert "scale_factor 0.5 plus add_offset 280" in source.entry("t2m").notes[0]


@pytest.mark.parametrize(
    "bounds",
    [
        {"valid_range": np.array([-200, 60], np.int16)},
        {"valid_min": np.int16(-200), "valid_max": np.int16(60)},
    ],
)
def test_netcdf3_what_is_not_valid_is_missing_and_said(write, bounds):
    source = open_matrix_file(write("a.nc", written(packed(**bounds))))
    expected = np.where((CODES < -200) | (CODES > 60), np.nan, CODES)
    np.testing.assert_array_equal(source.read("t2m"), expected)
    assert "outside -200 to 60" in source.entry("t2m").notes[0]


@pytest.mark.parametrize(
    ("kind", "fill"), [("h", -32767), ("i", -2147483647), ("d", 9.969209968386869e36)]
)
def test_netcdf3_what_was_never_written_is_missing_and_said(write, kind, fill):
    def content(value):
        def make(file):
            file.createVariable("w", kind, ("y", "x"))[:] = [[1, 2, 3], [4, 5, value]]

        return written(make)

    source = open_matrix_file(write("a.nc", content(fill)))
    np.testing.assert_array_equal(source.read("w"), [[1, 2, 3], [4, 5, np.nan]])
    assert "never written" in source.entry("w").notes[0]
    assert open_matrix_file(write("b.nc", content(6))).entry("w").notes == ()


def test_netcdf3_records_are_an_axis(write):
    def fill(file):
        one = file.createVariable("r", "f", ("t", "x"))
        other = file.createVariable("s", "h", ("t",))
        for step in range(4):
            one[step] = np.arange(3) + step
            other[step] = step

    source = open_matrix_file(write("a.nc", written(fill)))
    np.testing.assert_array_equal(source.read("r"), np.arange(3) + np.arange(4.0)[:, None])
    np.testing.assert_array_equal(source.read("s"), np.arange(4))


def test_netcdf3_of_wider_data_names_the_command(write):
    with pytest.raises(FileError, match=r"CDF-5.*nccopy -k nc4"):
        open_matrix_file(write("a.nc", b"CDF\x05" + bytes(40)))


@pytest.mark.parametrize("keep", [5, 30, 0.6])
def test_netcdf3_cut_short_is_a_sentence(write, keep):
    content = written(packed())
    path = write("a.nc", content[: keep if keep > 1 else int(keep * len(content))])
    with pytest.raises(FileError, match=r"cannot be read as netCDF|no array"):
        open_matrix_file(path)
