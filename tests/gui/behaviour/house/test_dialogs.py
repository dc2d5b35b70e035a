"""Dialogs: where the keyboard is, is seen at once, and not while the mouse is used."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from gui.core.keys.focus import FocusRing
from gui.window.commands import COMMANDS
from tests.support.at_rest import bring_to_front

OPENING = ("export_figure", "record", "own_note", "notes", "keys", "messages", "about")


@pytest.fixture
def driver(start):
    made = start("spectrum")
    made.idle()
    return made


def opened(driver, name):
    """Open a dialog as a command does; return it, in front."""
    next(one for one in COMMANDS if one.id == name).run(driver.window)
    (dialog,) = (one for one in driver.window.findChildren(QDialog) if one.isVisible())
    bring_to_front(driver.qtbot, dialog)
    driver.wait(lambda: dialog.focusWidget() is not None and dialog.focusWidget().hasFocus())
    driver.idle()
    return dialog


def ring_around(dialog):
    """Return what the ring of a dialog lies around, None where it is not seen."""
    ring = dialog.findChild(FocusRing)
    if ring is None or not ring.isVisible():
        return None
    now = dialog.focusWidget()
    place = now.rect().translated(now.mapTo(dialog, QPoint(0, 0)))
    assert ring.geometry().intersects(place)
    return now


@pytest.mark.parametrize("name", OPENING)
def test_a_dialog_opened_by_a_key_shows_its_focus_at_once(driver, name):
    bring_to_front(driver.qtbot, driver.window)
    driver.window.tabs.tabBar().setFocus()
    driver.qtbot.keyClick(driver.window.focusWidget(), Qt.Key.Key_Tab)
    dialog = opened(driver, name)
    assert ring_around(dialog) is not None
    driver.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert ring_around(dialog) is QApplication.focusWidget()
    driver.qtbot.mouseClick(dialog.focusWidget(), Qt.MouseButton.LeftButton)
    if dialog.isVisible():  # the button was not one that closes it
        assert ring_around(dialog) is None
        dialog.close()


def test_a_dialog_opened_by_the_mouse_shows_it_from_the_first_key_on(driver):
    bring_to_front(driver.qtbot, driver.window)
    tabs = driver.window.tabs.tabBar()
    tabs.setFocus()
    driver.qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton)
    dialog = opened(driver, "about")
    assert ring_around(dialog) is None
    driver.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert ring_around(dialog) is not None
    dialog.close()


class Forgetful(QDialog):
    """As a dialog that is made in C++, that of files: Python forgets what it has put into it."""

    def findChild(self, *_):
        return FocusRing.__new__(FocusRing)


def test_the_ring_of_a_dialog_that_qt_has_made_is_kept(driver):
    dialog = Forgetful(driver.window)
    fields = [QLineEdit(dialog), QLineEdit(dialog)]
    dialog.show()
    bring_to_front(driver.qtbot, dialog)
    for field in (*fields, *fields):
        field.setFocus()
        driver.qtbot.keyClick(field, Qt.Key.Key_Shift)
    (ring,) = (one for one in dialog.children() if isinstance(one, FocusRing))
    assert ring.isVisible()
    dialog.close()
