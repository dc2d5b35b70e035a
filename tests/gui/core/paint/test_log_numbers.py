"""The window's log axes carry numbers that differ, whatever they show, however small."""

from __future__ import annotations

import numpy as np
import pytest

from gui.core.figure.figure import Axis, Figure, Series
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import Theme


@pytest.mark.parametrize("size", [(420, 300), (220, 170)])
@pytest.mark.parametrize(
    "ends", [(1.2, 1.9), (1e7, 1e7 + 11), (2.9e6, 3.1e6), (7.3, 7.4), (1e-14, 1.0), (0.5, 30.0)]
)
@pytest.mark.parametrize("axis", ["x", "y"])
def test_two_numbers_differ(qapp, qtbot, axis, ends, size):
    view = PlotView(Theme("light"))
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    steady, spread = np.arange(9.0) + 1.0, np.geomspace(*ends, 9)
    x, y = (spread, steady) if axis == "x" else (steady, spread)
    logs = {"x": Axis("x", log=axis == "x"), "y": Axis("y", log=axis == "y")}
    view.set_figure(Figure(key="t.log", title="t", series=(Series("s", "s", x, y),), **logs))
    # The axis takes the width that its numbers need once they have been painted.
    qtbot.waitUntil(lambda: view.canvas.axes[axis].lay_out()[1].differing >= 2)
