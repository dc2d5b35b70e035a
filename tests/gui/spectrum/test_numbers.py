"""What stands beside the plots: no more than the errors of the values support."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import hilbert

from gui.core.declare.draw import draw_plot
from gui.pages.spectrum.contents import PAGE
from tests.support.every import of_array


def draw(key, array, **values):
    """A picture of an array by the name of its plot."""
    return draw_plot(PAGE, f"spectrum.{key}", of_array(array), values)


def rows_of(array):
    """Title -> (text, what pointing at it says) of the numbers of an array."""
    return {title: (text, tip) for title, text, tip, *_ in draw("numbers", array).plot.rows()}


def test_condition_number_is_a_lower_bound_where_no_more_is_known():
    text, tip = rows_of(hilbert(100))["Condition number"]
    assert text == "> 1.8e14"
    assert "cannot be told from 0" in tip
    text, tip = rows_of(np.diag([4.0, 2.0]))["Condition number"]
    assert text == "2.000"
    assert "told" not in tip


def test_no_digit_stands_that_the_error_bound_cannot_carry():
    """The values beyond rank 20 are rounding, and so are the errors and shares made of them."""
    rng = np.random.default_rng(0)
    u, v = (np.linalg.qr(rng.normal(size=(n, 30)))[0] for n in (40, 30))
    matrix = (u * 10.0 ** -np.linspace(0.0, 20.0, 30)) @ v.T
    at = {title: text for title, text, *_ in draw("at_rank", matrix, rank=26).plot.rows()}
    assert at["Energy kept"] == "> 99.99999999 %"
    for title in ("Frobenius error", "Spectral error", "… relative"):
        assert at[title].startswith("< "), (title, at[title])
    at = {title: text for title, text, *_ in draw("at_rank", matrix, rank=20).plot.rows()}
    value, bound = float(at["Spectral error"]), float(rows_of(matrix)["Error bound"][0])
    unit = 10.0 ** np.floor(np.log10(value)) / 10 ** (len(at["Spectral error"].split("e")[0]) - 2)
    assert bound / 10 < unit
    full = {title: text for title, text, *_ in draw("at_rank", matrix, rank=30).plot.rows()}
    assert (full["Energy kept"], full["Spectral error"]) == ("100 %", "0")


@pytest.mark.parametrize(
    ("rank", "said", "color"),
    [(3, "stores 25.00 % of the matrix", "good"), (20, "saves nothing", "muted")],
)
def test_a_consensus_says_what_it_is_for(rank, said, color):
    """Where most rules agree on a rank that saves nothing, that is said and not drawn green."""
    rng = np.random.default_rng(1)
    u, v = (np.linalg.qr(rng.normal(size=(n, 20)))[0] for n in (30, 20))
    sigma = np.where(np.arange(20) < rank, 1.0, 1e-9)
    matrix = (u * sigma) @ v.T
    picture = draw("values", matrix, show_rules=True)
    (span,) = picture.figure.spans
    assert (span.color, said in span.name) == (color, True), span
    assert said in draw("rules", matrix).table.note


def test_orthogonal_matrix_has_no_exponent_and_says_why():
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 16)))[0]
    text, tip = rows_of(q)["Power-law exponent"]
    assert text == "none"
    assert "there is no tail to fit" in tip


def test_numerical_rank_says_by_which_rounding_it_was_counted():
    rng = np.random.default_rng(5)
    a = rng.normal(size=(24, 3)) @ rng.normal(size=(3, 18))
    text, tip = rows_of(a.astype(np.complex64))["Numerical rank"]
    assert text == "3"
    assert "rounding the entries to complex64" in tip


@pytest.mark.parametrize("log_y", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_equal_but_for_rounding_are_no_staircase(dtype, log_y):
    q = 3.0 * np.linalg.qr(np.random.default_rng(0).normal(size=(30, 16)))[0]
    low, high = draw("values", q.astype(dtype), log_y=log_y).figure.y.limits
    assert (low, high) == pytest.approx((2.7, 3.3), rel=1e-6)
    assert draw("values", q.astype(dtype), quantity="sigma2").figure.y.limits[1] < 10.0
    if dtype == np.float64:
        assert draw("values", 1e200 * q, quantity="sigma2").figure.y.limits is None


@pytest.mark.parametrize("sigma", [[1.0 + 1e-9, 1.0], [2.0, 1.0], [0.0, 0.0], [5.0, 5.0]])
def test_values_that_differ_or_are_the_same_have_an_axis_of_their_own(sigma):
    assert draw("values", np.diag(sigma)).figure.y.limits is None


def test_an_export_says_by_which_level_the_rank_is_counted():
    low = np.random.default_rng(0).normal(size=(40, 3)) @ np.ones((3, 30))
    meta = draw("numbers", low.astype(np.complex64)).table.meta
    assert "rounding the entries to complex64" in meta["Numerical rank"]
    assert "max(m, n)" in draw("numbers", low).table.meta["Numerical rank"]
