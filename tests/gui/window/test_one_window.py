"""Nothing but the window is ever shown as one: what flashes by takes the keys away with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from tests.support.window_driver import WindowDriver


class Shown(QObject):
    """Names the widgets that are shown as windows."""

    def __init__(self):
        super().__init__()
        self.names = []

    def eventFilter(self, seen, event):
        if event.type() == QEvent.Type.Show and isinstance(seen, QWidget) and seen.isWindow():
            self.names.append(type(seen).__name__)
        return False


def test_no_part_of_a_page_is_shown_as_a_window(qtbot, qapp, tmp_path, dialogs):
    shown = Shown()
    qapp.installEventFilter(shown)
    driver = WindowDriver(qtbot, qapp, tmp_path, dialogs)
    try:
        window = driver.window
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        for index in range(window.tabs.count()):
            window.tabs.setCurrentIndex(index)
            driver.idle()
            assert window.isActiveWindow()
    finally:
        qapp.removeEventFilter(shown)
        driver.close()
    assert shown.names == ["MainWindow"]
