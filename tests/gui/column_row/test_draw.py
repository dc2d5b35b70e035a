"""Every plot with every strategy compared, each parameter at its ends; and of what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from engine.files import example_source
from gui.core.declare.draw import draw_plot, moment_of
from gui.core.figure.figure import Figure
from gui.draw import given_of, opened_from
from gui.pages.column_row.compute.product import CannotMultiply
from gui.pages.column_row.contents import PAGE
from tests.gui.column_row.products import INFOS
from tests.support.every import ends

SOURCE = example_source()
ALL = {"strategies": tuple(INFOS)}  # seed, operator and tau make a difference then


def given(name, second):
    return given_of(opened_from(SOURCE, name), opened_from(SOURCE, second))


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("plot", PAGE.plots, ids=lambda plot: plot.key)
def test_every_parameter_at_its_ends_with_every_strategy(plot):
    at_hand = given("activations", "weights")
    now = moment_of(PAGE, at_hand, ALL)
    turned = []
    for one in PAGE.of_plot(plot):
        for value in ends(one, now):
            try:
                drawn = draw_plot(PAGE, plot.key, at_hand, {**ALL, one.name: value}).drawn
            except CannotMultiply:
                turned.append(one.name)
                continue
            if isinstance(drawn, Figure):
                assert not any(np.isinf(series.y).any() for series in drawn.series)
            else:
                assert drawn.columns
    assert turned == ["transpose_x", "transpose_y"]


@pytest.mark.parametrize("plot", PAGE.plots, ids=lambda plot: plot.key)
def test_where_they_do_not_fit_every_plot_says_so(plot):
    with pytest.raises(CannotMultiply, match=r"128 × 20 and Y = .* 128 × 20.*Y transposed fits"):
        draw_plot(PAGE, plot.key, given("activations", "activations"), {})
