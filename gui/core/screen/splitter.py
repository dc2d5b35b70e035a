"""A divider that keys can move as the mouse does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gui.core.paint.theme import SPACING
from gui.core.words.i18n import tr

_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down)
_FAR = 1 << 20


class Splitter(QSplitter):
    """A splitter whose parts can be small, never gone, and whose dividers take the focus."""

    def __init__(self, direction: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(direction)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        """Return a divider that has keys."""
        return _Divider(self.orientation(), self)

    def set_shares(self, shares: Sequence[int]) -> None:
        """Divide the room."""
        # Equal size hints would win over the first sizes without stretch factors.
        for index, share in enumerate(shares):
            self.setStretchFactor(index, share)
        self.setSizes([1000 * share for share in shares])


class _Divider(QSplitterHandle):
    """Arrows move it, with Shift ten steps, Home and End as far as it goes."""

    heard_as = QAccessible.Role.Separator

    def __init__(self, direction: Qt.Orientation, splitter: QSplitter) -> None:
        super().__init__(direction, splitter)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Divider"))
        self.setAccessibleDescription(tr("Arrows move it, with Shift ten steps"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a key."""
        key, place = event.key(), self._place()
        step = SPACING * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        if key in _BACK:
            place -= step
        elif key in _ON:
            place += step
        elif key == Qt.Key.Key_Home:
            place = 0
        elif key == Qt.Key.Key_End:
            place = _FAR
        else:
            super().keyPressEvent(event)
            return
        self.moveSplitter(self.closestLegalPosition(place))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, and that it has the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            with QPainter(self) as painter:
                painter.fillRect(self.rect(), self.palette().highlight())

    def _place(self) -> int:
        return self.x() if self.orientation() == Qt.Orientation.Horizontal else self.y()
