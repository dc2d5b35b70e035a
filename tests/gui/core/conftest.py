"""A plot on the screen, and figures with something of everything to export."""

from __future__ import annotations

import numpy as np
import pytest

from gui.core.figure.figure import Axis, Band, Cursor, Figure, Image, Series, Span
from gui.core.figure.palette import category
from gui.core.paint.theme import Theme
from tests.gui.core.paint.plots import make_view


@pytest.fixture
def theme(qapp):
    return Theme("light")


@pytest.fixture
def view(qtbot, theme):
    return make_view(qtbot, theme)


@pytest.fixture
def curves():
    x = np.arange(40.0)
    series = []
    for index in range(8):
        color, dash = category(index)
        y = 1 / (1 + np.exp((x - 8) / (0.5 + index)))
        series.append(Series(f"s{index}", f"operator {index}", x, y, color, dash))
    return Figure(
        "topk.output",
        "Output p by index",
        Axis("index i"),
        Axis("inclusion p"),
        tuple(series),
        note="router.npy, k = 8",
        meta={"file": "a (1)\\router.npy", "名": "值 100 %", "k": "8"},
    )


@pytest.fixture
def spectrum():
    x = np.arange(1, 101)
    y = 10.0 ** (-x / 20.0)
    y[-3:] = [1e-40, 0.0, -1.0]
    return Figure(
        "spectrum.values",
        "Singular values of $W_q$",
        Axis("index"),
        Axis("sigma", log=True),
        (Series("s", "exact", x, y, "ink"),),
        (Band("b", "certified", x, 0.5 * y, 2 * y),),
        (Span("a", "agreement", "x", 20, 40, "c2"),),
        (Cursor("r", "rank r = 30", "x", 30.0), Cursor("t", "threshold", "y", 1e-3)),
    )


@pytest.fixture
def picture():
    values = np.random.default_rng(0).standard_normal((30, 20))
    values[3, 4] = np.nan
    image = Image("m", "entry", values, (0.0, 20.0, 0.0, 30.0), "diverging", unit="mV")
    return Figure("m", "Matrix", Axis("column"), Axis("row"), images=(image,), equal_aspect=True)
