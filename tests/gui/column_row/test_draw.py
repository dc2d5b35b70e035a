"""Every plot of the page drawn without a window: all examples, every parameter at its ends."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine.files import example_source
from gui.core.declare.draw import draw_plot, moment_of
from gui.core.declare.edits import listed
from gui.core.figure.figure import Figure
from gui.draw import given_of, opened_from
from gui.pages.column_row.compute.product import CannotMultiply
from gui.pages.column_row.contents import PAGE

SOURCE = example_source()
ARRAYS = tuple(entry.name for entry in SOURCE.entries)
PLOTS = {plot.key: plot for plot in PAGE.plots}
# Every strategy there is with all kinds of weights, none at all, and both in one.
STRATEGIES = ("norm", "drop1", "drop2", "drop3", "greedy", "exact", "uniform", "soft")


def given(name, second=None):
    other = None if second is None else opened_from(SOURCE, second)
    return given_of(opened_from(SOURCE, name), other)


def ends(one, now):
    """The values at which a parameter is tried."""
    if one.kind == "number":
        low, high = now.bounds(one)
        return (type(one.default)(low), type(one.default)(high))
    if one.kind == "toggle":
        return (False, True)
    keys = tuple(offer.key for offer in listed(now, one))
    if one.kind == "choice":
        return keys
    return (keys, keys[:1]) if one.at_least else (keys, ())


def check(drawn):
    assert drawn.key.startswith("column_row.")
    assert drawn.title
    if isinstance(drawn, Figure):
        for one in drawn.series:
            assert not np.isinf(one.y).any()
        assert drawn.series or drawn.images or drawn.key.endswith(("approximation", "residual"))
    else:
        assert drawn.columns


def cases():
    now = moment_of(PAGE, given("activations"), {"strategies": STRATEGIES})
    for plot in PAGE.plots:
        for one in PAGE.of_plot(plot):
            if one.kind != "stored":
                for value in ends(one, now):
                    yield pytest.param(
                        plot.key, one.name, value, id=f"{plot.key}-{one.name}-{value}"
                    )


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("key", PLOTS)
def test_every_plot_of_every_example(key, name):
    check(draw_plot(PAGE, key, given(name), {}).drawn)


@pytest.mark.parametrize(("key", "name", "value"), list(cases()))
def test_every_parameter_at_its_ends(key, name, value):
    values = {"strategies": STRATEGIES, name: value}
    try:
        drawn = draw_plot(PAGE, key, given("activations", "weights"), values).drawn
    except CannotMultiply:
        assert name in ("transpose_x", "transpose_y"), "the sides fit as they are"
        return
    check(drawn)


@pytest.mark.parametrize("key", PLOTS)
def test_where_they_do_not_fit_every_plot_says_so(key):
    with pytest.raises(CannotMultiply, match=r"128 × 20 and Y = .* 128 × 20.*Y transposed fits"):
        draw_plot(PAGE, key, given("activations", "activations"), {})


def test_all_of_it_is_drawn_with_qt_blocked():
    code = """
import sys
for name in ("PySide6", "pyqtgraph"):
    sys.modules[name] = None
from engine.files import example_source
from gui.core.declare.draw import draw_plot
from gui.draw import given_of, opened_from
from gui.pages.column_row.contents import PAGE
source = example_source()
given = given_of(opened_from(source, "activations"), opened_from(source, "weights"))
print(*(draw_plot(PAGE, plot.key, given, {}).drawn.key for plot in PAGE.plots))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.stderr == ""
    assert told.stdout.split() == list(PLOTS)
