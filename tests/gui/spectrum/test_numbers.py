"""What stands beside the plots: no more than the errors of the values support."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import hilbert

from engine.files import open_matrix_file
from gui.core.declare.draw import draw_plot
from gui.core.state.document import Arrays, DataRef, Files, Opened, Selection
from gui.pages.spectrum.contents import PAGE


@pytest.fixture
def rows_of(tmp_path):
    """Title -> (text, what pointing at it says) of the numbers of an array."""

    def rows(array):
        path = str(tmp_path / "m.npy")
        np.save(path, array)
        one = Opened(DataRef(path, "m", array.shape, array.dtype.name), open_matrix_file(path))
        files = Arrays(Files(), Selection(one.ref), ((path, one.source),))
        drawn = draw_plot(PAGE, "spectrum.numbers", {Opened: one, Arrays: files}, {}).plot
        return {title: (text, tip) for title, text, tip in drawn.rows()}

    return rows


def test_condition_number_is_a_lower_bound_where_no_more_is_known(rows_of):
    text, tip = rows_of(hilbert(100))["Condition number"]
    assert text == "≥ 1.801e14"
    assert "cannot be told from 0" in tip
    text, tip = rows_of(np.diag([4.0, 2.0]))["Condition number"]
    assert text == "2.000"
    assert "told" not in tip


def test_orthogonal_matrix_has_no_exponent_and_says_why(rows_of):
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 16)))[0]
    text, tip = rows_of(q)["Power-law exponent"]
    assert text == "none"
    assert "there is no tail to fit" in tip


def test_numerical_rank_says_by_which_rounding_it_was_counted(rows_of):
    rng = np.random.default_rng(5)
    a = rng.normal(size=(24, 3)) @ rng.normal(size=(3, 18))
    text, tip = rows_of(a.astype(np.complex64))["Numerical rank"]
    assert text == "3"
    assert "rounding the entries to complex64" in tip
