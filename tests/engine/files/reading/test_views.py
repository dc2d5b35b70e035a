"""The matrices that arrays of more axes are read as: which there are, which suits, what is read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.files import memory_source, open_matrix_file, plain_view, view_layout, view_named


@pytest.mark.parametrize(
    ("name", "shape", "view"),
    [
        ("conv1.weight", (8, 3, 5, 5), "unfolded (out, in*kh*kw)"),
        ("features.0.weight", (8, 3, 5, 5), "unfolded (out, in*kh*kw)"),
        ("conv2d/kernel:0", (5, 5, 3, 8), "unfolded (out, kh*kw*in)"),
        ("block.conv1d.weight", (8, 3, 5), "unfolded (out, in*k)"),
        ("vol.weight", (8, 3, 2, 5, 5), "unfolded (out, in*kd*kh*kw)"),
        ("one.weight", (8, 3, 1, 1), ""),  # a matrix by itself
        ("experts.weight", (8, 64, 32), ""),  # a stack of matrices
        ("frames", (8, 3, 5, 5), ""),
        ("conv.weight", (8, 3, 640, 480), ""),  # no kernel is as wide
        ("conv.weight", (8, 3), ""),
        ("conv.weight", (2,) * 7, ""),
    ],
)
def test_the_view_that_suits(name, shape, view):
    source = memory_source({name: np.zeros(shape)})
    entry = source.entry(name)
    assert entry.view == view
    assert entry.view in ("", *entry.views)


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 3, 5, 2), (8, 3, 1, 1), (1, 1, 3, 8), (3, 1, 1)])
def test_layouts_are_those_of_what_is_read(shape):
    array = np.random.default_rng(0).standard_normal(shape)
    source = memory_source({"w": array})
    entry = source.entry("w")
    for view in entry.views:
        expected, fixed = view_layout(entry.axes, view)
        index = tuple(n - 1 for _, n in fixed)
        read = source.read("w", view=view, index=index or None)
        assert read.shape == expected
        if fixed:
            chosen = [slice(None)] * array.ndim
            for axis, length in fixed:
                chosen[axis] = length - 1
            np.testing.assert_array_equal(read, array[tuple(chosen)])
    plain = view_layout(entry.axes, plain_view(entry.axes))[0]
    assert source.read("w", index=(0,) * (len(entry.shape) - 2) or None).shape == plain


def test_every_two_axes_make_a_view():
    entry = memory_source({"w": np.zeros((2, 3, 4, 5, 6))}).entry("w")
    axes = [view for view in entry.views if view.startswith("axes")]
    assert axes == [f"axes ({i}, {j})" for i, j in combinations(range(5), 2)]


def test_a_view_is_named_in_short():
    views = memory_source({"w": np.zeros((8, 3, 5, 5))}).entry("w").views
    assert view_named("0,2", views) == view_named(" 2, 0 ", views) == "axes (0, 2)"
    assert view_named("unfolded", views) == views[0]
    assert [view_named(view, views) for view in views] == list(views)
    for wrong in ("0,4", "0,0", "folded", ""):
        with pytest.raises(ArgumentError, match=r"axes \(2, 3\)"):
            view_named(wrong, views)
    with pytest.raises(ArgumentError, match="None for this entry"):
        view_named("0,1", ())


@pytest.mark.parametrize("rows", [None, 1, -1, slice(1, 3), slice(None, None, -1)])
@pytest.mark.parametrize("cols", [None, 2, slice(0, 4, 2)])
@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_block_of_a_matrix_is_read_as_a_matrix(tmp_path, rows, cols, columns, place):
    array = np.arange(48.0).reshape(8, 6)
    np.save(tmp_path / "w.npy", array)
    source = open_matrix_file(tmp_path / "w.npy")
    size, view = (3, "blocks of 3 columns") if columns else (4, "blocks of 4 rows")
    whole = np.split(array, 2, axis=int(columns))[place]
    assert whole.shape[int(columns)] == size
    found = source.read("w", rows=rows, cols=cols, index=(place,), view=view)
    every = slice(None)
    np.testing.assert_array_equal(
        found, whole[every if rows is None else rows, every if cols is None else cols]
    )


@pytest.mark.parametrize(
    ("view", "index"),
    [
        ("blocks of 5 rows", (0,)),
        ("blocks of 0 rows", (0,)),
        ("blocks of 4 rows", (2,)),
        ("blocks of 4 rows", (0, 0)),
        ("blocks of 4 lines", (0,)),
    ],
)
def test_a_block_that_there_is_not_is_refused(tmp_path, view, index):
    np.save(tmp_path / "w.npy", np.zeros((8, 6)))
    with pytest.raises(ArgumentError):
        open_matrix_file(tmp_path / "w.npy").read("w", index=index, view=view)
