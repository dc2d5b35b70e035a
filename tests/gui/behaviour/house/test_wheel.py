"""Scrolling never changes a value: over every box, slider and tab bar of the window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QScrollBar,
    QSlider,
    QTabBar,
)

from gui.core.screen.exports.export_dialog import ExportDialog
from gui.pages import PAGES
from tests.support import window_widgets as seen
from tests.support.at_rest import bring_to_front

SHOWN = [page for page in PAGES if page.plots]
TURNED = (QComboBox, QAbstractSpinBox, QAbstractSlider, QTabBar)


def controls_of(root):
    """Everything below ``root`` that a wheel would turn, in sight or not."""
    found = [w for kind in TURNED for w in root.findChildren(kind)]
    return [w for w in found if not isinstance(w, QScrollBar)]


def shown(widget):
    """What a control holds."""
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QAbstractSpinBox):
        return widget.text()
    return widget.currentIndex() if isinstance(widget, QTabBar) else widget.value()


def turn(widget, notches=-1):
    """Turn the wheel over the middle of a widget: what is not taken goes to what lies below.

    Qt does that with the system's own events only.
    """
    while widget is not None:
        event = QWheelEvent(
            QPointF(widget.rect().center()),
            QPointF(widget.mapToGlobal(widget.rect().center())),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        if event.isAccepted() or widget.isWindow():
            return
        widget = widget.parentWidget()


def passed_over(root):
    """Turn the wheel over every control and return those that it has moved."""
    moved = []
    for widget in controls_of(root):
        widget.clearFocus()
        before, name = shown(widget), widget.accessibleName() or type(widget).__name__
        for notches in (-1, 1):
            turn(widget, notches)
            if shown(widget) != before:
                moved.append(name)
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus or widget.hasFocus():
            moved.append(f"{name} takes the focus")
    return moved


def test_a_wheel_changes_nothing_in_passing_and_scrolls_the_panel(start):
    driver = start()
    for page in SHOWN:
        driver.page(page.key)
        before = driver.store.state
        assert len(controls_of(driver.window)) > 10
        assert passed_over(driver.window) == []
        assert driver.store.state == before
        check_panel(driver, driver.window.pages[page.key].controls)


def check_panel(driver, panel):
    """The panel scrolls over what has no focus; what has it is turned, and nothing scrolls."""
    driver.window.resize(1000, 560)
    driver.turns()
    bar = panel.verticalScrollBar()
    assert bar.maximum() > 0
    boxes = [w for w in seen.visible(panel, QAbstractSpinBox) if w.isEnabled()]
    driver.window.tabs.setFocus()
    for box in (*boxes, *seen.visible(panel, QComboBox), *seen.visible(panel, QSlider)):
        bar.setValue(0)
        turn(box)
        assert bar.value() > 0, box.accessibleName()
    box = boxes[0]
    bring_to_front(driver.qtbot, driver.window)
    box.setFocus()
    driver.wait(box.hasFocus)
    before, at = box.text(), bar.value()
    for notches in (1, -1, -1):
        turn(box, notches)
    assert (box.text() != before, bar.value()) == (True, at)


def test_a_wheel_changes_nothing_in_a_dialog(start):
    driver = start("spectrum")
    driver.idle()
    driver.application.export()
    dialog = driver.window.findChild(ExportDialog)
    assert len(controls_of(dialog)) >= 5
    assert passed_over(dialog) == []
    dialog.reject()
