"""The title of a plot with its buttons, and all that stands above the drawing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFont, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.core.paint.head.labels import Title
from gui.core.paint.theme import SPACING

_GAP = SPACING // 2  # between the buttons of a plot
_LITTLE = 3 * SPACING  # by which heads of plots of different kinds are made level
_TITLE_LINES = 3  # of a title at most
_FEW_LETTERS = 64  # pixels of a title that are better than none


class Header(QWidget):
    """The title of a plot with its buttons beside it or, where that would cut it, below it."""

    def __init__(self, title: Title, buttons: Sequence[QAbstractButton]) -> None:
        super().__init__()
        self._title, self._buttons, self._most = title, tuple(buttons), _TITLE_LINES
        for one in (title, *buttons):
            one.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_low(self, on: bool) -> None:
        """Take one line for the title of a low plot: the curves need the rest."""
        most = 1 if on else _TITLE_LINES
        if most != self._most:
            self._most = most
            self.arrange()

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self.arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def arrange(self) -> None:
        """Place the title and the buttons that are shown."""
        shown = [one for one in self._buttons if not one.isHidden()]
        rows = self._rows(shown)
        high = max(one.sizeHint().height() for one in self._buttons)
        spacing = self._title.fontMetrics().lineSpacing()
        beside = self.width() - _length(rows[0]) - _GAP if rows else self.width()
        lines = self._lines_beside(beside) if len(rows) < 2 else 0
        width = beside if lines else self.width()
        lines = lines or min(self._most, len(self._title.lines(width)))
        # Side by side, titles begin at one height, whether their buttons stand beside or below.
        lead = max(0, (high - spacing) // 2)
        below = lead + lines * spacing if width > beside else 0
        height = max(below + len(rows) * high, lead + lines * spacing, high)
        self._title.setGeometry(0, lead, width, lines * spacing)
        for number, row in enumerate(rows):
            x = self.width() - _length(row)
            for one in row:
                one.setGeometry(QRect(QPoint(x, below + number * high), one.sizeHint()))
                x += one.width() + _GAP
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _rows(self, shown: Sequence[QAbstractButton]) -> list[list[QAbstractButton]]:
        rows: list[list[QAbstractButton]] = []
        for one in shown:
            if rows and _length([*rows[-1], one]) <= self.width():
                rows[-1].append(one)
            else:
                rows.append([one])
        return rows

    def _lines_beside(self, width: int) -> int:
        """Return how many lines the title takes beside the buttons; 0 where it goes above them."""
        metrics = self._title.fontMetrics()
        if self._most == 1:
            return int(width >= min(_FEW_LETTERS, metrics.horizontalAdvance(self._title.text())))
        words = self._title.text().split() or [""]
        if max(map(metrics.horizontalAdvance, words)) >= width:  # which is rounded down
            return 0
        lines = len(self._title.lines(width))
        return lines if lines <= 2 else 0


def _length(row: Sequence[QAbstractButton]) -> int:
    return sum(one.sizeHint().width() for one in row) + _GAP * (len(row) - 1)


def small_button(text: str, tooltip: str, checkable: bool = False) -> QToolButton:
    """Return a button beside a title, hidden until there is something it could change."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tooltip)
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    font = QFont(button.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
    button.setFont(font)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.hide()
    return button


class Head(QWidget):
    """What stands above a drawing, from top to bottom; drawings side by side begin at one height.

    ``grown``: it needs another height than before.
    """

    grown = Signal()

    def __init__(self, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self.needed = 0  # pixels
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 4)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._measure()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        # Qt drops a resize that comes while it delivers the one that waited for the head to be
        # shown: its parts would stay where they were laid out for the smaller size.
        self._column.setGeometry(self.contentsRect())
        self.grown.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        super().hideEvent(event)
        self.grown.emit()

    def _measure(self) -> None:
        needed = self._column.totalHeightForWidth(self.width())  # -1 where nothing wraps
        if needed < 0:
            needed = self._column.totalSizeHint().height()
        if needed != self.needed:
            self.needed = needed
            self.grown.emit()


def level(*kinds: Sequence[Head]) -> None:
    """Make heads side by side as high as the highest of their kind.

    Of different kinds, pictures and curves, only where they differ by a line of text: a picture
    is worth more than the order of a row.
    """
    heights = [max((head.needed for head in kind), default=0) for kind in kinds]
    most = max(heights)
    for kind, own in zip(kinds, heights, strict=True):
        height = most if most - own <= _LITTLE else own
        for head in kind:
            if head.minimumHeight() != height:
                head.setMinimumHeight(height)
