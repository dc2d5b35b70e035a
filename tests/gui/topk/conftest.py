import numpy as np
import pytest

from gui.core.document import DataRef, Selection
from gui.pages.topk import PAGE


class Driver:
    """A Top-k page on screen, with what the tests ask of it in one word each."""

    def __init__(self, qtbot, context):
        self.qtbot = qtbot
        self.store = context.store
        self.context = context
        self.page = PAGE.build(context)
        self.view = self.page.widget
        self.controls = self.page.controls
        for widget in (self.view, self.controls):
            qtbot.addWidget(widget)
        self.view.resize(1000, 700)
        self.controls.resize(320, 900)
        with qtbot.waitExposed(self.view):
            self.view.show()
        self.controls.show()
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
        self.qtbot.waitUntil(condition, timeout=10_000)

    def settle(self):
        """Wait until everything asked for has arrived and is drawn."""
        lower = self.page._lower

        def quiet():
            return not self.context.runner.is_busy() and not lower._timer.isActive()

        self.wait(lambda: quiet() and self.figure("output") is not None)

    def choose(self, control, key):
        """Choose an entry of a combo box by keyboard, as a person does."""
        from PySide6.QtCore import Qt

        combo = control.combo
        target, now = combo.findData(key), combo.currentIndex()
        assert target >= 0, f"no entry {key!r}"
        combo.setFocus()
        way = Qt.Key.Key_Down if target > now else Qt.Key.Key_Up
        for _ in range(abs(target - now)):
            self.qtbot.keyClick(combo, way)

    def type_number(self, control, text):
        from PySide6.QtCore import Qt

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
