import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QSplitter

from gui.core.state.document import DataRef, Selection
from gui.pages.topk import PAGE
from tests.support.page_driver import choose_by_keyboard


class Driver:
    """A Top-k page on screen, with what the tests ask of it in one word each."""

    def __init__(self, qtbot, context):
        self.qtbot = qtbot
        self.store = context.store
        self.context = context
        self.page = PAGE.build(context)
        self.view = self.page.widget
        self.controls = self.page.controls
        self.window = QSplitter()
        self.window.addWidget(self.view)
        self.window.addWidget(self.controls)
        qtbot.addWidget(self.window)
        self.window.resize(1320, 900)
        self.window.setSizes([1000, 320])
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.settle()

    @property
    def state(self):
        return self.store["topk"]

    def figure(self, key):
        return next((one for one in self.page.figures() if one.key == f"topk.{key}"), None)

    def curve(self, figure, key):
        one = self.figure(figure)
        return None if one is None else next((s for s in one.series if s.key == key), None)

    def wait(self, condition):
        self.qtbot.waitUntil(condition, timeout=30_000)

    def settle(self):
        """Wait until everything asked for has arrived and is drawn."""
        lower = self.page._lower

        def quiet():
            waiting = lower._timer.isActive() or self.page._readouts.pending
            return not waiting and not self.context.runner.is_busy()

        self.wait(lambda: quiet() and self.figure("output") is not None)

    def activate(self):
        """Make the window the one that gets the keys, shortcuts included."""
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)

    def spot(self, plot, x, y):
        """Return the pixel of a plot's canvas where the data point (x, y) is drawn."""
        canvas = plot.canvas
        inside = QPointF(canvas._frame.px_one(x), canvas._frame.py_one(y))
        return canvas.mapFromScene(canvas.box.mapToScene(inside))

    def drag(self, plot, *stations):
        """Press, move and release the left button, from data point to data point."""
        viewport = plot.canvas.viewport()
        spots = [self.spot(plot, *one) for one in stations]
        last = spots[-1]
        left = Qt.MouseButton.LeftButton
        self.qtbot.mousePress(viewport, left, pos=spots[0])
        legs = itertools.pairwise(spots)
        for place in (a + (b - a) * share for a, b in legs for share in (0.3, 0.7, 1.0)):
            event = QMouseEvent(
                QEvent.Type.MouseMove,
                QPointF(place),
                QPointF(viewport.mapToGlobal(place)),
                Qt.MouseButton.NoButton,
                left,
                Qt.KeyboardModifier.NoModifier,
            )
            QApplication.sendEvent(viewport, event)
            self.wait(lambda: not self.context.runner.is_busy("topk.outputs"))
        self.qtbot.mouseRelease(viewport, left, pos=last)
        self.settle()

    def choose(self, control, key):
        """Choose an entry of a combo box by keyboard, as a person does."""
        choose_by_keyboard(self.qtbot, control.combo, key)

    def tick(self, key):
        """Click the check box of an operator, unfolding the list where it is hidden."""
        box = self.controls.operator_box(key)
        if not box.isVisible():
            self.qtbot.mouseClick(self.controls.more_button, Qt.MouseButton.LeftButton)
        middle = QPoint(10, box.height() // 2)
        self.qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=middle)

    def slide(self, control, *positions):
        """Take a slider, move it from position to position, and let go."""
        control.slider.setSliderDown(True)
        for position in positions:
            control.slider.setValue(position)
            yield position
        control.slider.setSliderDown(False)
        self.settle()

    def type_number(self, control, text):
        control.box.setFocus()
        control.box.selectAll()
        self.qtbot.keyClicks(control.box, text)
        self.qtbot.keyClick(control.box, Qt.Key.Key_Return)

    def select(self, array, path="/data/router.npy", source=None):
        """Select an opened array, as the Sources dock does."""
        array = np.asarray(array)
        ref = DataRef(path, "router", array.shape, str(array.dtype))
        self.context.library.add(path, source or Source(array))
        self.store.replace("selection", label="select", active=ref)
        return ref


class Source:
    """An opened file, as the requests see it."""

    def __init__(self, array):
        self.array = array

    def read(self, name, rows=None, cols=None, index=None, progress=None):
        if self.array.ndim == 1:
            return self.array
        everything = slice(None)
        return self.array[
            everything if rows is None else rows, everything if cols is None else cols
        ]


@pytest.fixture
def page(qtbot, context):
    assert context.store["selection"] == Selection()
    driver = Driver(qtbot, context)
    yield driver
    driver.page.shutdown()
