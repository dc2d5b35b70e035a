"""A divider that keys can move as the mouse does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gui.core.paint.theme import SPACING
from gui.core.screen.services import Remembers
from gui.core.words.i18n import tr

_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down)
_FAR = 1 << 20
_PERCENT = 100


class Splitter(QSplitter):
    """A splitter whose parts can be small, never gone, and whose dividers take the focus."""

    def __init__(self, direction: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(direction)
        self.setChildrenCollapsible(False)
        self._shares: tuple[int, ...] = ()
        self._settings: Remembers | None = None
        self._key = ""

    def createHandle(self) -> QSplitterHandle:
        """Return a divider that has keys."""
        return _Divider(self.orientation(), self)

    def remember(self, settings: Remembers, key: str) -> None:
        """Keep under ``key`` how a person divides the room; say it before `set_shares`."""
        self._settings, self._key = settings, f"splitters/{key}"
        self.splitterMoved.connect(self._keep)

    def set_shares(self, shares: Sequence[int]) -> None:
        """Divide the room: as a person did the last time, else by ``shares``."""
        self._shares = tuple(shares)
        self._divide(self._kept() or self._shares)

    def reset(self) -> None:
        """Divide the room as delivered."""
        if self._settings is not None:
            self._settings.set_value(self._key, "")
        self._divide(self._shares)

    def _divide(self, shares: Sequence[int]) -> None:
        # Equal size hints would win over the first sizes without stretch factors.
        for index, share in enumerate(shares):
            self.setStretchFactor(index, share)
        self.setSizes([1000 * share for share in shares])

    def _keep(self) -> None:
        sizes = self.sizes()
        if self._settings is not None and all(sizes):  # none is hidden behind a maximised one
            percent = [max(1, round(100 * size / sum(sizes))) for size in sizes]
            self._settings.set_value(self._key, " ".join(map(str, percent)))
            for index, share in enumerate(percent):
                self.setStretchFactor(index, share)

    def _kept(self) -> tuple[int, ...]:
        """Return the shares that were kept, none where they are not of these parts."""
        words = self._settings.value(self._key, "").split() if self._settings else []
        good = len(words) == len(self._shares) and all(
            word.isdecimal() and 1 <= int(word) <= _PERCENT for word in words
        )
        return tuple(map(int, words)) if good else ()


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
