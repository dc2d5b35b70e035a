"""The view of the smallest values: what the engine says of them, in its intervals."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

from engine.errors import DataError
from engine.spectrum import smallest_singular_values
from gui.core.declare.draw import draw_plot
from gui.core.figure.scale import make_scale
from gui.core.words.numbers import format_bound
from gui.pages.spectrum.compute.ends.smallest import FindSmallest
from gui.pages.spectrum.compute.matrix import Loaded
from gui.pages.spectrum.contents import PAGE
from tests.support.every import of_array

# Graded rows of dependent columns: an SVD as a whole knows nothing of the smallest.
GRADED = np.random.default_rng(0).standard_normal((20, 10)) * np.logspace(0, -30, 10)


def drawn(key, a, count=4):
    """What a plot of the view shows of an array."""
    options = {"smallest": min(count, *np.shape(a))}
    return draw_plot(PAGE, f"spectrum.{key}", of_array(np.asarray(a)), options).drawn


def test_the_table_holds_the_intervals_of_the_engine_the_smallest_first():
    found, table = smallest_singular_values(GRADED, 4), drawn("smallest_values", GRADED)
    numbers = np.array([[cell.value for cell in row] for row in table.cells])
    assert_array_equal(numbers[:, 0], [10, 9, 8, 7])
    for column, values in enumerate((found.values, found.lower, found.upper), 1):
        assert_array_equal(numbers[:, column], values[::-1])
    assert table.meta["guarantee"] == "modelled"


def test_what_is_written_of_a_bound_is_one_for_the_true_value():
    with mpmath.workdps(60):
        found = mpmath.svd_r(mpmath.matrix(GRADED.tolist()), compute_uv=False)
        true = sorted(found[i] for i in range(10))
        for row, sigma in zip(drawn("smallest_values", GRADED).cells, true, strict=False):
            assert mpmath.mpf(row[2].text) <= sigma <= mpmath.mpf(row[3].text)
            assert abs(mpmath.mpf(row[1].text) / sigma - 1) < mpmath.mpf(row[4].text) + 1e-3


def test_the_plot_has_them_beside_the_values_of_the_method_above():
    figure = drawn("smallest", GRADED)
    curves = {one.key: one for one in figure.series}
    found = smallest_singular_values(GRADED, 4)
    assert_array_equal(curves["smallest"].numbers, found.values)
    usual = np.linalg.svd(GRADED, compute_uv=False)[-4:]
    assert np.abs(curves["usual"].numbers - usual).max() < 1e-14
    assert_array_equal(curves["smallest"].x, [7, 8, 9, 10])
    assert_array_equal(figure.bands[0].lower, found.lower)
    assert_array_equal(figure.bands[0].upper, found.upper)


def test_no_value_is_too_small_for_its_axis():
    figure = drawn("smallest", GRADED, 10)
    values = figure.series[0].y
    assert values[0] / values[-1] > 1e20  # further than an axis of its own would go
    assert make_scale(figure, "y", True).floor <= values[-1]
    low, high = figure.y.limits
    assert low < values[-1] < values[0] < high


@pytest.mark.parametrize(
    ("a", "words"),
    [
        (np.eye(3), "has full rank"),
        (GRADED, "has full rank"),
        (np.ones((5, 4)), "cannot be told from 0"),
        (np.zeros((3, 2)), "is 0: the matrix has not full rank"),
        (np.full((2, 2), 5e-324), "cannot be told from 0"),
        (np.array([[7.0]]), "has full rank"),
    ],
)
def test_the_note_says_whether_the_rank_is_full(a, words):
    table, figure = drawn("smallest_values", a), drawn("smallest", a)
    assert words in figure.note
    assert table.note == "", "it stands over the plot, once"
    lower, upper = table.cells[0][2].value, table.cells[0][3].value
    assert (lower > 0.0) == ("has full" in words)
    assert figure.y.log == (upper > 0.0)


def test_what_is_neither_written_out_nor_small_and_sparse_is_refused():
    large = scipy.sparse.eye_array(5000, 4200, format="csr")
    loaded = Loaded(of_array(np.eye(2)), large)
    with pytest.raises(DataError, match="shorter side is at most 4096"):
        FindSmallest(loaded=loaded, smallest=2).run()
    small = Loaded(of_array(np.eye(2)), scipy.sparse.eye_array(60, 40, format="csr"))
    assert_array_equal(FindSmallest(loaded=small, smallest=2).run().found.values, [1.0, 1.0])


@pytest.mark.parametrize("digits", [2, 6])
@pytest.mark.parametrize("scale", [5e-324, 1e-310, 2.2e-308, 1e-15, 1.0, 9.9999999e8, 1.7e308])
def test_a_bound_keeps_its_side_at_every_size(scale, digits):
    for value in scale * np.array([1.0, 1.0 / 3.0, 0.987654321]):
        if value == 0.0:
            continue
        low, high = (format_bound(value, digits, upper=up) for up in (False, True))
        low, high = (text.replace("\u202f", "").replace("∞", "inf") for text in (low, high))
        assert float(low) <= value <= float(high)
