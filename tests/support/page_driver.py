"""A page on screen, driven as a person does: what the tests of more than one page ask for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QSplitter

from engine.files import open_matrix_file
from gui.core.declare.page import Page
from gui.core.screen.page_screen import PageScreen
from gui.core.state.document import DataRef
from gui.window.screens import build_screen


def choose_by_keyboard(qtbot, combo, key):
    """Walk to an entry of a combo box with the arrow keys, as a person does."""
    target, now = combo.findData(key), combo.currentIndex()
    assert target >= 0, f"no entry {key!r}"
    combo.setFocus()
    way = Qt.Key.Key_Down if target > now else Qt.Key.Key_Up
    for _ in range(abs(target - now)):
        qtbot.keyClick(combo, way)


class PageDriver:
    """Shows the page of ``spec`` beside its controls; a page's tests derive their own words."""

    def __init__(self, qtbot, context, folder, spec):
        self.qtbot, self.context, self.store = qtbot, context, context.store
        self.folder, self.key = folder, spec.key
        declared = isinstance(spec, Page)
        self.page = build_screen(spec, context) if declared else spec.build(context)
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

    def close(self):
        self.page.shutdown()
        # The runner paces its progress reports: one may be due 50 ms after the work has ended.
        pause = QTimer(singleShot=True, interval=60)
        with self.qtbot.waitSignal(pause.timeout):
            pause.start()

    @property
    def state(self):
        return self.store[self.key]

    def wait(self, condition, timeout=20_000):
        self.qtbot.waitUntil(condition, timeout=timeout)

    def settle(self):
        """Wait until everything asked for has arrived."""
        self.wait(
            lambda: (
                not (self.context.runner.is_busy() or self.view.is_drawing)
                and getattr(self.page, "is_at_rest", True)
            )
        )

    # -- arrays -----------------------------------------------------------------------------

    def open_file(self, path):
        """Open a file and return the reference of its first array; select nothing."""
        source = open_matrix_file(path)
        self.context.library.add(source.path, source)
        entry = source.entries[0]
        return DataRef(
            source.path, entry.name, entry.shape, entry.dtype.name, channels=entry.channels
        )

    def open(self, name, array):
        """Open an array of a new .npy file and return its reference; select nothing."""
        path = str(self.folder / f"{name}.npy")
        np.save(path, array)
        return self.open_file(path)

    def select(self, ref):
        """Select an opened array, as the Sources dock does; do not wait."""
        self.store.replace("selection", label="select", active=ref)

    def show(self, name, array):
        """Open and select an array, and wait for what the page makes of it."""
        ref = self.open(name, array)
        self.select(ref)
        self.settle()
        return ref

    # -- what is on the screen --------------------------------------------------------------

    def figure(self, plot):
        return self.plot(plot).figure()

    def plot(self, name):
        """Return the widget of a plot by its name, with or without the page before it."""
        return self.view.plots.get(name) or self.view.plots[f"{self.key}.{name}"]

    def curve(self, plot, key):
        figure = self.figure(plot)
        return next((s for s in figure.series if s.key == key), None) if figure else None

    def cursor(self, plot, key):
        return next((c for c in self.figure(plot).cursors if c.key == key), None)

    def image(self, plot):
        figure = self.figure(plot)
        return figure.images[0].values if figure and figure.images else None

    def readout(self, table, label):
        """Return a number beside its name, as soon as the read-outs are written."""
        if isinstance(self.page, PageScreen):
            self.wait(lambda: self.page.is_at_rest)
        return dict(table.rows())[label]

    # -- mouse and keyboard -----------------------------------------------------------------

    def click(self, widget):
        pos = QPoint(10, widget.height() // 2)
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos)
        self.settle()

    def tab(self, key):
        """Click the tab of a lower view."""
        bar = self.view.tabs.tabBar()
        index = self.view.tabs.indexOf(self.view._pages[key])
        self.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
        self.settle()

    def type_number(self, control, text):
        control.box.setFocus()
        control.box.selectAll()
        self.qtbot.keyClicks(control.box, text)
        self.qtbot.keyClick(control.box, Qt.Key.Key_Return)
        self.settle()

    def choose(self, control, key):
        """Choose an entry of a combo box by keyboard."""
        choose_by_keyboard(self.qtbot, control.combo, key)
        self.settle()

    def drag(self, plot, start, *stops):
        """Drag along x with the mouse, from data coordinate ``start`` over ``stops``."""
        canvas = self.plot(plot).canvas
        target = canvas.viewport()
        self.qtbot.mouseMove(target, _spot(canvas, start))
        self.qtbot.mousePress(target, Qt.MouseButton.LeftButton, pos=_spot(canvas, start))
        for stop in stops:
            self.qtbot.mouseMove(target, _spot(canvas, stop))
        end = _spot(canvas, stops[-1])
        self.qtbot.mouseRelease(target, Qt.MouseButton.LeftButton, pos=end)
        self.settle()


def _spot(canvas, x) -> QPoint:
    frame = canvas.frame
    inside = QPointF(frame.px_one(x), 0.6 * frame.height)
    return canvas.mapFromScene(canvas.box.mapToScene(inside))
