"""From the slider's move to the output plot's painted frame, against what "live" means.

A frame of 16 ms is what a screen of 60 Hz shows; 1e6 scores may take four of them. The goal for 1e5
is half a frame in 95 and a frame in 99 of 100 moves. Best of a few rounds, because anything else
the machine does is no property of the page.

Run: QT_QPA_PLATFORM=offscreen python -m pytest tests/benchmarks/test_topk_page.py -s
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSplitter

from gui.core.paint.theme import Theme
from gui.core.screen.services import Context
from gui.core.state.document import Files, Selection
from gui.core.state.library import Library
from gui.core.state.scores import Override
from gui.core.state.store import Store
from gui.core.work.runner import Runner
from gui.pages.topk.contents import PAGE
from gui.window.screens import build_screen

FOUR = ("exp", "sigmoid", "laplace", "grad")
# Scores, operators, and the most milliseconds allowed: median and 95th percentile.
CASES = (
    (1_000, FOUR, 16.0, 33.0),
    (100_000, FOUR, 16.0, 33.0),
    (1_000_000, ("sigmoid",), 60.0, 120.0),
)
ROUNDS = 3
MOVES = 60
WARM_UP = 5


class Bench:
    def __init__(self, count, operators):
        self.app = QApplication.instance() or QApplication([])
        state = PAGE.state(
            override=Override(None, "normal"),
            count=count,
            operators=operators,
            k=float(count // 3),
            view="load",
        )
        self.store = Store({"files": Files(), "selection": Selection(), "topk": state}, ("files",))
        self.runner = Runner()
        theme = Theme("light")
        nothing = None, None, None
        context = Context(self.store, self.runner, Library(), theme, *nothing, print, print, print)
        self.page = build_screen(PAGE, context)
        self.output = self.page.view.plots["topk.output"]
        # The load view needs a matrix, so that nothing below competes with what is measured.
        self.window = QSplitter(Qt.Orientation.Horizontal)
        self.window.addWidget(self.page.widget)
        self.window.addWidget(self.page.controls)
        self.window.resize(1480, 760)
        self.window.show()
        self.until(lambda: not self.runner.is_busy() and self.curve() is not None)
        self.until(lambda: self.page.is_at_rest and not self.runner.is_busy())

    def curve(self):
        figure = self.output.figure()
        return figure.series[0].y if figure and figure.series else None

    @property
    def slider(self):
        return self.page.controls.numbers["tau"].slider

    def until(self, done, limit=60.0):
        loop, end = QEventLoop(), time.perf_counter() + limit
        timer = QTimer(interval=1)
        timer.timeout.connect(lambda: loop.quit() if done() or time.perf_counter() > end else None)
        timer.start()
        loop.exec()
        timer.stop()
        assert done()

    def move(self, position):
        """Move the tau slider; return the seconds until the new curves were painted."""
        before, plot, slider = self.curve(), self.output, self.slider
        loop, ends = QEventLoop(), []

        def painted():
            if self.curve() is not before:
                ends.append(time.perf_counter())
                loop.quit()

        plot.painted.connect(painted)
        start = time.perf_counter()
        slider.setValue(position)
        QTimer.singleShot(20_000, loop.quit)
        loop.exec()
        plot.painted.disconnect(painted)
        return ends[0] - start

    def close(self):
        self.page.shutdown()
        self.runner.shutdown()
        self.window.close()


def measure(count, operators):
    bench = Bench(count, operators)
    slider = bench.slider
    slider.setSliderDown(True)
    start = slider.value()
    try:
        times = [bench.move(start + 1 + i) for i in range(WARM_UP + MOVES)][WARM_UP:]
    finally:
        bench.close()
    return np.percentile(times, [50, 95, 99]) * 1000


@pytest.mark.parametrize(
    ("count", "operators", "median_limit", "p95_limit"),
    CASES,
    ids=[f"{one[0]:.0e}" for one in CASES],
)
def test_slider_to_painted_frame(qapp, count, operators, median_limit, p95_limit):
    rounds = []
    for _ in range(ROUNDS):
        rounds.append(measure(count, operators))
        words = f"\nn = {count}: {len(operators)} operators"
        print(words + ", median {:.1f}, p95 {:.1f}, p99 {:.1f} ms".format(*rounds[-1]))
    median, p95, _ = min(rounds, key=lambda one: one[1])
    assert median <= median_limit
    assert p95 <= p95_limit
