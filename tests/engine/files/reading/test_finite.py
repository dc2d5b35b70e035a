from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ArgumentError, DataError
from engine.files import FiniteReport, check_finite, finite_rows, replace_nonfinite
from engine.files.reading import finite
from engine.jobs import Cancelled

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(finite, "_BLOCK", 16)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8", ">f8", "c8", "c16", "g"])
@pytest.mark.parametrize("shape", [(40,), (7, 9), (3, 4, 5), (1, 50), (50, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_check_finite_counts_and_finds_the_first(dtype, shape, order):
    rng = np.random.default_rng(3)
    array = np.asarray(rng.standard_normal(shape), dtype=dtype, order=order)
    assert check_finite(array) == FiniteReport(0, 0, ())
    places = rng.choice(array.size, size=5, replace=False)
    for place, value in zip(places, [NAN, INF, -INF, NAN, INF], strict=True):
        array[np.unravel_index(place, shape)] = value
    report = check_finite(array)
    first = tuple(int(axis) for axis in np.unravel_index(places.min(), shape))
    # What is infinite and complex has no sign.
    assert report == FiniteReport(2, 3, first, 0 if array.dtype.kind == "c" else 1)
    assert not report.is_finite
    assert report.bad_count == 5


def test_check_finite_reads_strided_and_read_only_views():
    base = np.zeros((20, 20))
    base[7, 5] = NAN
    view = base[1::2, ::-1][:, ::2]
    view.flags.writeable = False
    assert check_finite(view).first == (3, 7)


@pytest.mark.parametrize("dtype", ["?", "i4", "u8"])
def test_check_finite_of_whole_numbers_is_finite(dtype):
    assert check_finite(np.ones((3, 3), dtype)).is_finite


@pytest.mark.parametrize("shape", [(0,), (3, 0), ()])
def test_check_finite_of_empty_and_single(shape):
    assert check_finite(np.zeros(shape)).is_finite


def test_check_finite_counts_a_complex_entry_once():
    array = np.array([complex(NAN, INF), complex(1, -INF), complex(INF, NAN), 1])
    assert check_finite(array) == FiniteReport(2, 1, (0,))


def test_what_changes_while_it_is_counted_is_counted_once(monkeypatch):
    array = np.array([np.nan, 1.0, np.inf, 2.0])
    really = np.isfinite

    def then_lost(block):
        finite = really(block)
        array[:] = np.nan  # as a mapped file does that is cut
        return finite

    monkeypatch.setattr(np, "isfinite", then_lost)
    report = check_finite(array)
    assert (report.nan_count, report.inf_count, report.minus_count) == (2, 0, 0)


def test_report_becomes_a_data_error():
    error = check_finite(np.array([[1, 2], [NAN, INF]])).error()
    assert isinstance(error, DataError)
    assert (error.count, error.first) == (2, (1, 0))
    words = "1 NaN and 1 infinite entries (0 of them -inf), the first at (1, 0)."
    assert words in str(error)
    assert check_finite(np.ones(1)).text == "All entries are finite."


def test_check_finite_stops_when_asked_to(make_progress):
    with pytest.raises(Cancelled):
        check_finite(np.ones(1000), make_progress(stop_after=3))


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "f8", "c16"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_replace_by_zero(dtype, order):
    array = np.array([[1, NAN], [INF, 4], [-INF, 6]], dtype=dtype, order=order)
    result = replace_nonfinite(array)
    np.testing.assert_array_equal(result, [[1, 0], [0, 4], [0, 6]])
    assert result.dtype == array.dtype
    assert np.isnan(array[0, 1])


def test_replace_by_column_mean():
    array = np.array([[1, NAN, NAN], [INF, 4, NAN], [3, 6, -INF]])
    np.testing.assert_allclose(
        replace_nonfinite(array, "column_mean"), [[1, 5, 0], [2, 4, 0], [3, 6, 0]], rtol=1e-15
    )


def test_replace_by_column_mean_in_a_vector_and_a_stack():
    np.testing.assert_allclose(replace_nonfinite(np.array([1, NAN, 5]), "column_mean"), [1, 3, 5])
    stack = np.array([[[1.0, NAN], [3, 8]], [[NAN, 2], [7, 4]]])
    np.testing.assert_allclose(
        replace_nonfinite(stack, "column_mean"), [[[1, 8], [3, 8]], [[7, 2], [7, 4]]]
    )


def test_replace_by_column_mean_does_not_overflow():
    array = np.array([[1.7e308], [1.7e308], [NAN]])
    np.testing.assert_allclose(replace_nonfinite(array, "column_mean"), 1.7e308, rtol=1e-15)
    half = np.full((5000, 1), 60000, dtype=np.float16)
    half[7] = INF
    assert (replace_nonfinite(half, "column_mean") == np.float16(60000)).all()


@pytest.mark.parametrize("how", ["zero", "column_mean"])
@pytest.mark.parametrize("shape", [(0,), (3, 0), (), (4, 30), (2, 3, 4)])
def test_replace_leaves_finite_data_as_they_are(how, shape):
    array = np.random.default_rng(0).standard_normal(shape)
    array = np.asarray(array)
    result = replace_nonfinite(array, how)
    np.testing.assert_array_equal(result, array)
    assert result is not array


def test_replace_reads_memory_maps(tmp_path):
    path = tmp_path / "m.npy"
    np.save(path, np.array([[1.0, NAN], [3.0, 4.0]]))
    result = replace_nonfinite(np.load(path, mmap_mode="r"))
    np.testing.assert_array_equal(result, [[1, 0], [3, 4]])
    result[0, 0] = 2


def test_arguments_are_checked():
    with pytest.raises(ArgumentError, match="'zero' or 'column_mean'"):
        replace_nonfinite(np.ones(2), "median")
    for function in (check_finite, replace_nonfinite):
        with pytest.raises(ArgumentError, match="an array of numbers"):
            function(np.array(["a"]))


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "c16"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_finite_rows_are_those_without_a_bad_entry(dtype, order):
    array = np.asarray(np.random.default_rng(0).standard_normal((41, 7)), dtype=dtype, order=order)
    for row, value in ((0, NAN), (17, INF), (18, -INF), (40, NAN)):
        array[row, row % 7] = value
    array[5, 0] = np.finfo(array.dtype).max
    array.flags.writeable = False
    expected = [row for row in range(41) if row not in (0, 17, 18, 40)]
    assert finite_rows(array).tolist() == expected
    assert finite_rows(array[::2, ::-2]).tolist() == [
        row for row in range(21) if np.isfinite(array[2 * row, ::-2]).all()
    ]


def test_finite_rows_of_odd_shapes():
    assert finite_rows(np.array([1.0, NAN, 3.0, -INF])).tolist() == [0, 2]
    assert finite_rows(np.array([[NAN], [INF]])).tolist() == []
    assert finite_rows(np.ones((0, 3))).tolist() == []
    assert finite_rows(np.ones((3, 0))).tolist() == [0, 1, 2]
    assert finite_rows(np.ones((2, 2), "i4")).tolist() == [0, 1]
    with pytest.raises(ArgumentError, match="a vector or a matrix"):
        finite_rows(np.ones((2, 2, 2)))


def test_finite_rows_stops_when_asked_to(make_progress):
    with pytest.raises(Cancelled):
        finite_rows(np.ones((1000, 3)), make_progress(stop_after=3))
