import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.files import memory_source
from gui.core.state.document import DataRef, Selection
from gui.pages.topk.compute.scores import Dragged
from gui.pages.topk.contents import PAGE
from tests.support.page_driver import PageDriver


class Driver(PageDriver):
    """A Top-k page on screen, with what the tests ask of it in one word each."""

    @property
    def scores(self):
        """The scores in force."""
        return self.page.conductor.present().look(Dragged)

    def figure(self, plot):
        """Return a figure of those on the screen, None where it is not drawn."""
        found = (one for one in self.page.figures() if one.key == f"topk.{plot}")
        return next((one for one in found if one.series or one.images), None)

    def said_at(self, name):
        """Return the sentence that stands at a control."""
        return self.controls.error_of(name)

    def operator_box(self, key):
        return self.controls.lists["operators"].box(key)

    def settle(self):
        """Wait until everything asked for has arrived and is drawn."""
        super().settle()
        self.wait(lambda: self.figure("output") is not None, timeout=30_000)

    def spot(self, plot, x, y):
        """Return the pixel of a plot's canvas where the data point (x, y) is drawn."""
        canvas = plot.canvas
        inside = QPointF(canvas._frame.px_one(x), canvas._frame.py_one(y))
        return canvas.mapFromScene(canvas.box.mapToScene(inside))

    def drag_point(self, name, *stations):
        """Press, move and release the left button, from data point to data point."""
        plot = self.plot(name)
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

    def tick(self, key):
        """Click the check box of an operator, unfolding the list where it is hidden."""
        box = self.operator_box(key)
        if not box.isVisible():
            button = self.controls.lists["operators"].more_button
            self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.click(box)

    def slide(self, control, *positions):
        """Take a slider, move it from position to position, and let go."""
        control.slider.setSliderDown(True)
        for position in positions:
            control.slider.setValue(position)
            yield position
        control.slider.setSliderDown(False)
        self.settle()

    def select_array(self, array, path="/data/router.npy"):
        """Select an opened array, as the Sources dock does; do not wait."""
        array = np.asarray(array)
        ref = DataRef(path, "router", array.shape, str(array.dtype))
        self.context.library.add(path, memory_source({"router": array}))
        self.select(ref)
        return ref


@pytest.fixture
def page(qtbot, context, tmp_path):
    assert context.store["selection"] == Selection()
    driver = Driver(qtbot, context, tmp_path, PAGE)
    yield driver
    driver.close()
