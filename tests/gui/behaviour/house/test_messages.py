"""What the program says: where it stands, how long, and that nothing moves as it comes and goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit

from gui.core.paint.plot_view import PlotView
from gui.core.widgets.over_edge import OverEdge
from gui.pages import PAGES
from gui.window.messages import INFO_MS, REMEMBERED
from tests.support import window_widgets as seen
from tests.support.window_widgets import LEFT

LONG = "A sentence that is longer than any window is wide. " * 12
SAID = {
    "information": ("All is well.", "info", None),
    "much information": (LONG, "info", None),
    "a warning": ("Beware.", "warning", None),
    "a long error": (LONG, "error", None),
    "an offer": ("It has changed.", "info", ("Read it", lambda: None)),
    "a list": ("\n".join(f"file {n} cannot be read" for n in range(20)), "error", None),
}


@pytest.fixture
def driver(start):
    return start()


def places(driver):
    """Where every plot, control and tab of the window lies, and how large it is."""
    window = driver.window
    widgets = seen.visible(window, PlotView)
    widgets += [plot.canvas for plot in widgets]
    widgets += [window.tabs, window.statusBar(), window.pages[window.page_key].controls]
    assert len(widgets) > 5
    return [(w.accessibleName(), w.mapTo(window, QPoint(0, 0)), w.size()) for w in widgets]


def lying(driver):
    return seen.visible(driver.window, OverEdge)


def test_no_message_moves_anything_by_a_pixel(driver):
    for page in PAGES:
        if page.plots:
            driver.page(page.key)
            check_places(driver, page.key)


def check_places(driver, key):
    window = driver.window
    messages, notice = window.messages, window.pages[key].widget.notice
    before = window.size(), places(driver)
    for what, said in SAID.items():
        messages.tell(*said)
        driver.turns()
        assert (window.size(), places(driver)) == before, what
    notice.set_notice("1 NaN in row 7. " + LONG, (("again", "Compute again", ""),))
    window.progress.show()
    driver.turns()
    assert (window.size(), places(driver)) == before
    lower = window.pages[key].widget.mapTo(window, QPoint(0, 0)).y()
    lower += window.pages[key].widget.height()
    rects = sorted((w.mapTo(window, QPoint(0, 0)).y(), w.height()) for w in lying(driver))
    assert len(rects) == 2
    assert rects[0][0] + rects[0][1] == rects[1][0]  # one on the other, none hidden
    assert rects[1][0] + rects[1][1] == lower
    notice.set_notice("")
    window.progress.hide()
    while messages.bar.severity:
        messages.bar.close_button.click()
    messages.forget_information()
    driver.turns()
    assert (window.size(), places(driver)) == before
    assert lying(driver) == []


def test_information_goes_with_time_and_with_the_page_and_leaves_cancel_in_sight(driver):
    messages = driver.window.messages
    driver.application.context.notify("Saved.", "info")
    assert "Saved." in driver.status()
    assert lying(driver) == []
    timer = next(t for t in driver.window.findChildren(QTimer) if t.interval() == INFO_MS == 8000)
    assert timer.isActive()
    timer.timeout.emit()
    assert "Saved." not in driver.status()
    driver.application.context.notify("Copied.", "info")
    driver.page("spectrum" if driver.window.page_key != "spectrum" else "topk")
    assert "Copied." not in driver.status()
    assert messages.text() == ""
    window, width = driver.window, 1024
    window.resize(width, 700)
    driver.application.context.notify(LONG, "info")
    window.progress._when_progressed("", 0.5, LONG)
    window.progress.show()
    driver.turns()
    assert window.width() == width
    cancel = seen.named(window.statusBar(), QAbstractButton, "Cancel")
    assert cancel.mapTo(window, QPoint(cancel.width(), 0)).x() <= width
    assert not cancel.visibleRegion().isEmpty()


def test_what_is_wrong_stays_until_it_is_closed_or_answered(driver):
    for said, severity in (("first", "error"), ("second", "warning"), ("first", "error")):
        driver.application.context.notify(said, severity)
    driver.window.tabs.setCurrentIndex(1)
    driver.idle()  # a page that is built only now comes into sight at the next turn
    bar = driver.window.messages.bar
    shown, answered = [], []
    while lying(driver):
        shown.append(driver.message())
        driver.qtbot.mouseClick(bar.close_button, LEFT)
    assert shown == ["first", "second"]
    driver.window.messages.tell("It has changed.", "info", ("Read it", lambda: answered.append(1)))
    driver.qtbot.mouseClick(bar.action_button, LEFT)
    assert answered == [1]
    assert lying(driver) == []
    notice = driver.window.pages[driver.window.page_key].widget.notice
    notice.set_notice("One.")
    driver.qtbot.mouseClick(notice.close_button, LEFT)
    notice.set_notice("One.")
    assert driver.notice() == ""
    notice.set_notice("Two.")
    assert driver.notice() == "Two."


def test_the_last_fifty_are_read_again_also_in_another_language(driver):
    for number in range(REMEMBERED + 3):
        driver.application.context.notify(f"said {number}.", ("info", "error")[number % 2])
    driver.application.set_language("zh_CN")
    driver.idle()
    driver.window.findChild(QAction, "messages").trigger()
    text = driver.window.findChild(QPlainTextEdit).toPlainText()
    lines = text.splitlines()
    assert REMEMBERED == 50 == len(lines)
    newest = next(n for n, line in enumerate(lines) if line.endswith("said 52."))
    assert newest <= 1  # a language without a font is said, too
    assert "said 1." not in text
    assert "错误：said 51." in lines[newest + 1]
    driver.qtbot.keyClick(driver.window.findChild(QPlainTextEdit), Qt.Key.Key_Escape)
