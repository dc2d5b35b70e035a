"""A divider moves by keys as it does by the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from gui.core.paint.theme import SPACING
from gui.core.screen.splitter import Splitter


@pytest.fixture(params=[Qt.Orientation.Horizontal, Qt.Orientation.Vertical])
def divided(request, qtbot):
    splitter = Splitter(request.param)
    for words in "ab":
        label = QLabel(words)
        label.setMinimumSize(30, 30)
        splitter.addWidget(label)
    splitter.resize(500, 500)
    splitter.set_shares([1, 1])
    qtbot.addWidget(splitter)
    splitter.show()
    return splitter


def test_keys_move_a_divider(divided, qtbot):
    handle = divided.handle(1)
    first = divided.sizes()[0]
    assert handle.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert handle.accessibleName() == "Divider"
    moved = []
    divided.splitterMoved.connect(lambda place, _: moved.append(place))
    keys = (Qt.Key.Key_Left, Qt.Key.Key_Right)
    if divided.orientation() == Qt.Orientation.Vertical:
        keys = (Qt.Key.Key_Up, Qt.Key.Key_Down)
    qtbot.keyClick(handle, keys[0])
    assert divided.sizes()[0] == first - SPACING
    qtbot.keyClick(handle, keys[1], Qt.KeyboardModifier.ShiftModifier)
    assert divided.sizes()[0] == first + 9 * SPACING
    qtbot.keyClick(handle, Qt.Key.Key_Home)
    assert divided.sizes()[0] == 30
    qtbot.keyClick(handle, Qt.Key.Key_End)
    assert divided.sizes()[1] == 30
    assert len(moved) == 4  # what remembers its place hears of it
    qtbot.keyClick(handle, Qt.Key.Key_A)
    assert divided.sizes()[1] == 30


def test_the_focus_is_seen(divided, qtbot):
    handle = divided.handle(1)
    handle.clearFocus()
    before = handle.grab().toImage()
    divided.activateWindow()
    handle.setFocus()
    qtbot.waitUntil(handle.hasFocus)
    assert handle.grab().toImage() != before
