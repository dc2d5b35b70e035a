from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QSplitter

from engine.files import example_source, open_matrix_file
from gui.core.document import EXAMPLES_PATH, DataRef, EntryInfo, OpenFile
from gui.pages.column_row import PAGE


class Driver:
    """A Column-row page on screen, with what the tests ask of it in one word each."""

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
        self.settle()

    @property
    def state(self):
        return self.store["column_row"]

    def set(self, **fields):
        self.store.replace("column_row", label="test", **fields)
        self.settle()

    def wait(self, condition, timeout=20_000):
        self.qtbot.waitUntil(condition, timeout=timeout)

    def settle(self):
        """Wait until everything asked for has arrived."""
        self.wait(lambda: not (self.context.runner.is_busy() or self.view.is_drawing))

    def open(self, name, array):
        """Open an array of a .npy file, as the Sources dock does, and return its reference."""
        path = str(self.folder / f"{name}.npy")
        np.save(path, array)
        self.context.library.add(path, open_matrix_file(path))
        ref = DataRef(path, name, array.shape, array.dtype.name)
        file = OpenFile(path, f"{name}.npy", (EntryInfo(name, array.shape, array.dtype.name),))
        items = (*self.store["files"].items, file)
        self.store.replace("files", label="open", items=items)
        return ref

    def select(self, ref):
        self.store.replace("selection", label="select", active=ref)

    def show(self, name, array):
        ref = self.open(name, array)
        self.select(ref)
        self.settle()
        return ref

    def open_examples(self):
        source = example_source()
        self.context.library.add(EXAMPLES_PATH, source)
        entries = tuple(EntryInfo(e.name, e.shape, e.dtype.name) for e in source.entries)
        file = OpenFile(EXAMPLES_PATH, "", entries)
        self.store.replace("files", label="open", items=(*self.store["files"].items, file))
        return source

    def multiply(self, x, y):
        """Show the product of two new arrays, chosen as a person does."""
        other = self.open("y", y)
        self.show("x", x)
        self.choose(self.controls.kind, "other")
        self.choose(self.controls.other, f"{other.path}\n{other.entry}\n")

    def figure(self, plot):
        return self.view.plots[plot].figure()

    def curve(self, key, plot="error"):
        figure = self.figure(plot)
        return next((s for s in figure.series if s.key == key), None) if figure else None

    def image(self, plot):
        figure = self.figure(plot)
        return figure.images[0].values if figure and figure.images else None

    def cursor(self):
        return next(c for c in self.figure("error").cursors if c.key == "r")

    def drag(self, start, *stops):
        """Drag along x in the error plot, from data coordinate ``start`` over ``stops``."""
        canvas = self.view.plots["error"].canvas
        target = canvas.viewport()
        self.qtbot.mouseMove(target, self._spot(canvas, start))
        self.qtbot.mousePress(target, Qt.MouseButton.LeftButton, pos=self._spot(canvas, start))
        for stop in stops:
            self.qtbot.mouseMove(target, self._spot(canvas, stop))
        end = self._spot(canvas, stops[-1])
        self.qtbot.mouseRelease(target, Qt.MouseButton.LeftButton, pos=end)
        self.settle()

    @staticmethod
    def _spot(canvas, x) -> QPoint:
        frame = canvas.frame
        inside = QPointF(frame.px_one(x), 0.6 * frame.height)
        return canvas.mapFromScene(canvas.box.mapToScene(inside))

    def tick(self, key):
        box = self.controls.strategies.box(key)
        self.controls.ensureWidgetVisible(box)
        self.click(box)

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

    def tab(self, place):
        bar = self.view.tabs.tabBar()
        self.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
        self.settle()

    def readout(self, label):
        return dict(self.controls.readouts.rows())[label]


@pytest.fixture
def page(qtbot, context, tmp_path):
    driver = Driver(qtbot, context, tmp_path)
    yield driver
    driver.page.shutdown()
    # The runner paces its progress reports: one may be due 50 ms after the work has ended.
    pause = QTimer(singleShot=True, interval=60)
    with qtbot.waitSignal(pause.timeout):
        pause.start()


@pytest.fixture
def factors():
    """X (7 x 12) and Y (12 x 9) whose pairs 3 and 8 nearly cancel."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(7, 12)) * np.linspace(3.0, 0.5, 12), rng.normal(size=(12, 9))
    x[:, 8], y[8] = x[:, 3], -y[3] + 0.05 * rng.normal(size=9)
    return x, y
