"""From set_figure to the painted frame: median and 95th percentile.

Run alone on a quiet machine:
``QT_QPA_PLATFORM=offscreen python -m pytest tests/benchmarks/test_plot_speed.py -s``
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np
import pytest

from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.palette import Dash
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import Theme

FRAMES = 60
BUDGET_MS = {1_000: 4.0, 100_000: 6.0, 1_000_000: 30.0}
# Other work on the machine slows a frame several times; the CPU time of the thread less so.
SLACK = float(os.environ.get("RANKSCOPE_SPEED_SLACK", "3"))
DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Shape:
    """A family of four curves; ``make(n, frame)`` gives their y values."""

    name: str
    dashed: bool = False

    def figures(self, n: int) -> list[Figure]:
        rng = np.random.default_rng(0)
        x = np.linspace(0, 6, n)
        frames = FRAMES if n < 1_000_000 else 12
        return [self._figure(x, frame, rng) for frame in range(frames)]

    def _figure(self, x, frame, rng) -> Figure:
        series = []
        for index in range(4):
            if self.name == "noise":
                y = 0.3 * rng.standard_normal(x.size) + 2 * index
            elif self.name == "walk":
                y = np.cumsum(rng.standard_normal(x.size)) / np.sqrt(x.size)
            else:
                y = np.sin(x * (1 + index) + frame / 20)
            dash = DASHES[index] if self.dashed else "solid"
            series.append(Series(f"s{index}", f"s{index}", x, y, f"c{index}", dash))
        return Figure("bench", "Bench", Axis("x"), Axis("y"), tuple(series))


SHAPES = (Shape("smooth"), Shape("smooth", True), Shape("noise"), Shape("walk"))


@pytest.mark.parametrize("n", list(BUDGET_MS))
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.name + ("-dashed" if s.dashed else ""))
def test_four_curves_are_painted_within_the_budget(qtbot, shape, n):
    view = PlotView(Theme("light"))
    qtbot.addWidget(view)
    view.resize(1000, 600)
    with qtbot.waitExposed(view):
        view.show()
    figures = shape.figures(n)
    with qtbot.waitSignal(view.painted):
        view.set_figure(figures[0])
    wall, cpu = [], []
    for figure in figures[1:]:
        painted = view.frames_painted
        start, start_cpu = time.perf_counter(), time.thread_time()
        view.set_figure(figure)
        view.canvas.viewport().repaint()
        wall.append(1e3 * (time.perf_counter() - start))
        cpu.append(1e3 * (time.thread_time() - start_cpu))
        assert view.frames_painted > painted
    print(
        f"\n{shape.name:7s}{'dashed' if shape.dashed else 'solid':7s} n={n:8d}  "
        f"wall median {np.median(wall):6.2f}  p95 {np.percentile(wall, 95):6.2f}  "
        f"cpu median {np.median(cpu):6.2f}  best {min(wall):6.2f} ms"
    )
    assert np.median(cpu) <= SLACK * BUDGET_MS[n]
