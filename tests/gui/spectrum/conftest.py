from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QSplitter

from engine.files import example_source, open_matrix_file
from gui.core.document import EXAMPLES_PATH, DataRef
from gui.pages.spectrum import PAGE


class Driver:
    """A Spectrum page on screen, with what the tests ask of it in one word each."""

    def __init__(self, qtbot, context, folder):
        self.qtbot, self.context, self.store = qtbot, context, context.store
        self.folder = folder
        self.page = PAGE.build(context)
        self.view, self.controls = self.page.widget, self.page.controls
        self.window = QSplitter()
        self.window.addWidget(self.view)
        self.window.addWidget(self.controls)
        qtbot.addWidget(self.window)
        self.window.resize(1480, 860)
        self.window.setSizes([1180, 300])
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()

    @property
    def state(self):
        return self.store["spectrum"]

    def wait(self, condition, timeout=15_000):
        self.qtbot.waitUntil(condition, timeout=timeout)

    def settle(self):
        """Wait until everything asked for has arrived."""
        self.wait(lambda: not (self.context.runner.is_busy() or self.view.is_drawing))

    def open(self, name, array):
        """Open and select an array of a .npy file, as the Sources dock does; do not wait."""
        path = str(self.folder / f"{name}.npy")
        np.save(path, array)
        return self.open_file(path)

    def open_file(self, path):
        """Open a file and select its first array; do not wait."""
        source = open_matrix_file(path)
        self.context.library.add(source.path, source)
        entry = source.entries[0]
        ref = DataRef(
            source.path, entry.name, entry.shape, entry.dtype.name, channels=entry.channels
        )
        self.store.replace("selection", label="select", active=ref)
        return ref

    def show(self, name, array):
        ref = self.open(name, array)
        self.settle()
        return ref

    def example(self, name):
        source = example_source()
        self.context.library.add(EXAMPLES_PATH, source)
        entry = source.entry(name)
        ref = DataRef(EXAMPLES_PATH, name, entry.shape, entry.dtype.name)
        self.store.replace("selection", label="select", active=ref)
        self.settle()
        return source.read(name)

    def figure(self, plot):
        return self.view.plots[plot].figure()

    def curve(self, plot, key):
        figure = self.figure(plot)
        return next((s for s in figure.series if s.key == key), None) if figure else None

    def cursor(self, plot, key):
        return next((c for c in self.figure(plot).cursors if c.key == key), None)

    def image(self, plot):
        figure = self.figure(plot)
        return figure.images[0].values if figure and figure.images else None

    def tab(self, key):
        """Click the tab of a lower view."""
        bar = self.view.tabs.tabBar()
        index = self.view.tabs.indexOf(self.view._pages[key])
        self.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
        self.settle()

    def drag(self, plot, start, *stops):
        """Drag along x with the mouse, from data coordinate ``start`` over ``stops``."""
        canvas = self.view.plots[plot].canvas
        target = canvas.viewport()
        self.qtbot.mouseMove(target, self._spot(canvas, start))
        self.qtbot.mousePress(target, Qt.MouseButton.LeftButton, pos=self._spot(canvas, start))
        for stop in stops:
            self.qtbot.mouseMove(target, self._spot(canvas, stop))
        self.qtbot.mouseRelease(
            target, Qt.MouseButton.LeftButton, pos=self._spot(canvas, stops[-1])
        )
        self.settle()

    @staticmethod
    def _spot(canvas, x) -> QPoint:
        frame = canvas.frame
        inside = QPointF(frame.px_one(x), 0.6 * frame.height)
        return canvas.mapFromScene(canvas.box.mapToScene(inside))

    def type_number(self, control, text):
        control.box.setFocus()
        control.box.selectAll()
        self.qtbot.keyClicks(control.box, text)
        self.qtbot.keyClick(control.box, Qt.Key.Key_Return)
        self.settle()

    def choose(self, control, key):
        combo = control.combo
        target, now = combo.findData(key), combo.currentIndex()
        assert target >= 0, f"no entry {key!r}"
        combo.setFocus()
        way = Qt.Key.Key_Down if target > now else Qt.Key.Key_Up
        for _ in range(abs(target - now)):
            self.qtbot.keyClick(combo, way)
        self.settle()

    def click(self, widget):
        pos = QPoint(10, widget.height() // 2)
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos)
        self.settle()

    def readout(self, table, label):
        return dict(table.rows())[label]


@pytest.fixture
def page(qtbot, context, tmp_path):
    driver = Driver(qtbot, context, tmp_path)
    driver.settle()
    yield driver
    driver.page.shutdown()
    # The runner paces its progress reports: one may be due 50 ms after the work has ended.
    pause = QTimer(singleShot=True, interval=60)
    with qtbot.waitSignal(pause.timeout):
        pause.start()


@pytest.fixture
def matrix():
    """40 x 30, singular values 2^0 ... 2^-29 between random bases."""
    rng = np.random.default_rng(5)
    u, _ = np.linalg.qr(rng.normal(size=(40, 30)))
    v, _ = np.linalg.qr(rng.normal(size=(30, 30)))
    return (u * 2.0 ** -np.arange(30.0)) @ v.T
