"""What is written is heard: values, complaints, messages and finished results."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QSplitterHandle

from gui.core.paint.theme import Theme
from gui.core.widgets import heard
from gui.core.widgets.controls import NumberControl, ReadoutTable
from gui.core.widgets.lists.check_list import CheckItem, CheckList
from gui.core.widgets.message_bar import MessageBar
from gui.core.widgets.notice import Notice
from gui.pages import PAGES
from gui.window.messages import REST_MS, Messages, StatusLine


def text(widget, kind=QAccessible.Text.Name):
    return QAccessible.queryAccessibleInterface(widget).text(kind)


@pytest.fixture
def spoken(monkeypatch):
    """What a screen reader is handed to say."""
    said = []

    class Platform:
        AnnouncementPoliteness = QAccessible.AnnouncementPoliteness

        @staticmethod
        def updateAccessibility(event):
            said.append(event.message())

    monkeypatch.setattr(heard, "QAccessible", Platform)
    return said


def test_the_text_of_a_value_holds_the_value(qtbot):
    table = ReadoutTable("At this rank")
    qtbot.addWidget(table)
    table.set_rows([("Energy kept", "90.01 %")])
    table.set_rows([("Energy kept", "90.02 %"), ("Error", "0.3")])
    values = [pair[1] for pair in table._labels]
    assert [text(one) for one in values] == ["Energy kept, 90.02 %", "Error, 0.3"]
    description = text(table, QAccessible.Text.Description)
    assert description == "Energy kept, 90.02 %\nError, 0.3"


def test_a_number_box_says_its_complaint_once(qtbot, spoken):
    control = NumberControl("&Rank r", 0, 10, 3, integer=True, tooltip="How many are kept")
    qtbot.addWidget(control)
    control.show()
    control.box.selectAll()
    qtbot.keyClicks(control.box, "99")
    control.box.lineEdit().returnPressed.emit()
    control.box.interpretText()
    sentence = "99 is not between 0 and 10."
    assert control.error() == sentence
    assert sentence in text(control.box, QAccessible.Text.Description)
    assert "How many" in text(control.box, QAccessible.Text.Description)
    assert spoken == [sentence]
    control.set_value(4)
    assert sentence not in text(control.box, QAccessible.Text.Description)


def test_a_row_says_its_tau_and_time(qtbot):
    rows = CheckList([CheckItem("sigmoid", "Sigmoid", "c0")], Theme("light"))
    qtbot.addWidget(rows)
    rows.set_value(["sigmoid"])
    rows.set_trailing("sigmoid", "tau 0.29, 0.4 ms")
    box = rows.box("sigmoid")
    assert text(box) == "Sigmoid"
    assert text(box, QAccessible.Text.Description) == "tau 0.29, 0.4 ms"
    assert QAccessible.queryAccessibleInterface(box).state().checked


def test_messages_are_said_once_and_their_text_is_the_sentence(qtbot, spoken):
    line, bar, notice = StatusLine(), MessageBar(), Notice()
    for one in (line, bar, notice):
        qtbot.addWidget(one)
    messages = Messages(bar, line)
    messages.tell("All is well.", "info")
    messages.tell("Beware.", "warning")
    messages.tell("It broke.", "error")
    bar.close_button.click()
    notice.set_notice("It holds nan.")
    notice.set_notice("It holds nan.")
    assert spoken == ["All is well.", "Beware.", "It broke.", "It holds nan."]
    assert [text(line.message), text(bar.label), text(notice.label)] == [
        "All is well.",
        "Beware.",
        "It holds nan.",
    ]
    messages.forget_information()


def test_a_finished_result_is_said_once(qtbot, spoken):
    line = StatusLine()
    qtbot.addWidget(line)
    for shown in ("weight.npy", "weight.npy", "other.npy"):
        line.heed(True)
        line.summary.set_text(shown)
        line.heed(False)
        line.heed(True)  # another part of the same
        line.heed(False)
        qtbot.waitUntil(lambda: not line._resting.isActive(), timeout=20 * REST_MS)
    assert spoken == ["Ready: weight.npy", "Ready: other.npy"]


def label_of(widget):
    """Return what a screen reader on Linux takes for the name of a box."""
    found = QAccessible.queryAccessibleInterface(widget).relations(QAccessible.RelationFlag.Label)
    return "".join(one.text(QAccessible.Text.Name) for one, _ in found)


def test_every_box_has_a_label(start, pages_behind):
    """The name of a combo box is its choice there; the accessible name is not heard."""
    driver = start()
    window = driver.window
    driver.wait(lambda: len(window.pages) == len(PAGES))
    driver.idle()
    for name in ("search", "own_note"):
        window.findChild(QAction, name).trigger()
    boxes = {one for top in QApplication.topLevelWidgets() for one in top.findChildren(QComboBox)}
    shown = [one for one in boxes if one.window() is not window or one.parentWidget() is not None]
    assert len(shown) > 30
    assert [one.itemText(0) for one in shown if not label_of(one)] == []
    for dialog in window.findChildren(QDialog):
        dialog.close()
    driver.wait(lambda: driver.application.finder.is_ready)
    driver.idle()


def test_a_plot_and_a_divider_are_heard_as_what_they_are(start):
    driver = start("topk")
    driver.idle()
    role = QAccessible.Role
    canvas = driver.canvas("topk.output")
    heard_as = QAccessible.queryAccessibleInterface(canvas)
    assert (heard_as.role(), heard_as.childCount()) == (role.Chart, 0)
    assert text(canvas) == driver.figure("topk.output").title
    roles = {
        QAccessible.queryAccessibleInterface(one).role()
        for one in driver.window.findChildren(QSplitterHandle)
    }
    assert roles == {role.Separator}
    # Where a search leads to a view, the keyboard is in its plot, not on a frame without a name.
    driver.window.show_view("topk", "k")
    driver.idle()
    assert text(driver.window.focusWidget()) == driver.figure("topk.k_sweep").title
