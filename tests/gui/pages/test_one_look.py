"""An operator has one colour and one dash, on every page that draws it; the hard one is the ink."""

from __future__ import annotations

import pytest

from engine.topk import OPERATORS
from gui.core.declare.draw import draw_plot
from gui.core.figure.palette import operator_looks
from tests.support.every import PLOTS, small

LOOKS = operator_looks([op.key for op in OPERATORS])
# A plot that draws the curve of one operator that can be chosen.
OF_ONE = ("spectrum.filter", "spectrum.soft_k", "spectrum.soft_tau", "position.rms")
NO_CURVE = {"position.map", "position.at_n", "spectrum.soft_errors"}  # a picture, numbers


def chosen(key):
    """Return (page, parameter, drawn series) of a plot while each of two operators is chosen."""
    page, plot = next(pair for pair in PLOTS if pair[1].key == key)
    for operator in ("laplace", "exp"):
        figure = draw_plot(page, plot.key, small(), {"operator": operator}).figure
        yield operator, figure.series


@pytest.mark.parametrize("key", OF_ONE)
def test_the_chosen_operator_has_its_own_look_and_the_hard_one_the_ink(key):
    for operator, series in chosen(key):
        soft = next(one for one in series if one.key == "soft")
        assert (soft.color, soft.dash) == LOOKS[operator]
        hard = next(one for one in series if one.key in ("hard", "floor"))
        assert (hard.color, hard.dash) == LOOKS["hard"] == ("ink", "solid")
        pairs = [(one.color, one.dash) for one in series if one.line and one.listed]
        assert len(set(pairs)) == len(pairs)


def test_no_other_plot_draws_the_curve_of_an_operator_that_is_chosen():
    """A new one belongs into the list above. On Column-row a strategy uses the operator."""
    found = {
        plot.key
        for page, plot in PLOTS
        for one in page.of_plot(plot)
        if one.name == "operator" and page.key != "column_row"
    }
    assert found - NO_CURVE == set(OF_ONE)
