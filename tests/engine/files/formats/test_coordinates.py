"""Coordinates that netCDF attaches to axes are names of rows and columns."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import scipy.io

from engine.files import open_matrix_file
from engine.files.layouts.hdf5.coordinates import coordinate_names

DAYS = {"units": "days since 2020-02-28 00:00:00", "calendar": "proleptic_gregorian"}


def classic(path):
    file = scipy.io.netcdf_file(path, "w")
    file.createDimension("time", 3)
    file.createDimension("x", 2)
    time = file.createVariable("time", "i", ("time",))
    time[:] = [0, 1, 2]
    time.units = DAYS["units"]
    file.createVariable("x", "f", ("x",))[:] = [0.1, 20]
    file.createVariable("a", "d", ("time", "x"))[:] = np.arange(6.0).reshape(3, 2)
    file.createVariable("b", "d", ("x", "time"))[:] = np.arange(6.0).reshape(2, 3)
    file.flush()


def newer(path):
    """As the netCDF library lays it out: dimensions are scales that variables refer to."""
    with h5py.File(path, "w") as file:
        file["time"] = np.array([0, 1, 2])
        file["time"].attrs.update(DAYS)
        file["x"] = np.array([0.1, 20], "f4")
        file["bare"] = np.zeros(4, "f4")
        for name in ("time", "x"):
            file[name].make_scale(name)
        file["bare"].make_scale("This is a netCDF dimension but not a netCDF variable.         4")
        for name, axes in {"a": ("time", "x"), "b": ("x", "time"), "c": ("x", "bare")}.items():
            shape = tuple(file[axis].shape[0] for axis in axes)
            file[name] = np.arange(float(np.prod(shape))).reshape(shape)
            for place, axis in enumerate(axes):
                file[name].dims[place].attach_scale(file[axis])


@pytest.mark.parametrize("write_file", [classic, newer])
def test_coordinates_name_rows_and_columns(tmp_path, write_file):
    path = tmp_path / "a.nc"
    write_file(path)
    days, places = ("2020-02-28", "2020-02-29", "2020-03-01"), ("0.1", "20")
    with open_matrix_file(path) as source:
        found = {entry.name: entry for entry in source.entries}
    assert (found["a"].row_labels, found["a"].column_labels) == (days, places)
    assert (found["b"].row_labels, found["b"].column_labels) == (places, days)
    assert found["x"].row_labels == ()
    if write_file is newer:
        assert (found["c"].row_labels, found["c"].column_labels) == (places, ())


@pytest.mark.parametrize(
    ("values", "attributes", "names"),
    [
        (
            [0.5, 1],
            {"units": "hours since 1990-1-1"},
            ("1990-01-01 00:30:00", "1990-01-01 01:00:00"),
        ),
        (
            [0, 59],
            {"units": b"seconds since 2000-01-01T12:00:00Z"},
            ("2000-01-01 12:00:00", "2000-01-01 12:00:59"),
        ),
        ([1, 2], {"units": "days since 2000-01-01", "calendar": "noleap"}, ("1", "2")),
        ([1, 2], {"units": "days since 0001-01-01"}, ("1", "2")),
        ([1, 2], {"units": "months since 2000-01-01"}, ("1", "2")),
        ([1, 2], {"units": "days since 2000-13-01"}, ("1", "2")),
        ([1e300, 2], {"units": "days since 2000-01-01"}, ("1e+300", "2")),
        ([np.nan, 1e-9], {}, ("nan", "1e-09")),
        ([1, 2], {"scale_factor": 0.1}, ()),
        ([1, 2, 3], {}, ()),
        ([[1, 2]], {}, ()),
        ([b"a", b"b"], {}, ("a", "b")),
        ([1j, 2], {}, ()),
    ],
)
def test_coordinates_are_told_as_they_are_meant_or_not_at_all(values, attributes, names):
    assert coordinate_names(np.array(values), attributes, 2) == names


def test_more_coordinates_than_a_plot_shows_are_left_in_the_file():
    assert coordinate_names(np.arange(20_001), {}, 20_001) == ()
    assert len(coordinate_names(np.arange(20_000), {}, 20_000)) == 20_000
