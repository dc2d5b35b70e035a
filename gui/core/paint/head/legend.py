"""The legend: a plain widget above the plot, so that it never covers data."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget, QWidgetAction

from gui.core.figure.figure import Figure
from gui.core.figure.palette import Dash
from gui.core.paint.head.labels import lines_of, plain_tip, write
from gui.core.paint.pens import faded, make_pen
from gui.core.paint.plot_marks import paint_marks
from gui.core.paint.theme import SPACING, Theme
from gui.core.words.i18n import tr
from gui.frozen import dataclass

# Width of a sample and gap between entries: as one likes to read them, and where room is short.
_WIDE, _TIGHT = (28, 2 * SPACING), (14, SPACING)
# Of the list of all names: entries that stand one below the other, and the widest of it.
_COLUMN, _WIDEST = 24, 560


@dataclass(frozen=True)
class Entry:
    """One line of the legend."""

    name: str
    color: str
    dash: Dash = "solid"
    width: float = 2.0
    symbol: str = ""
    line: bool = True
    area: bool = False


def entries_of(figure: Figure) -> tuple[Entry, ...]:
    """Return what the legend of a figure lists; nothing for one nameless or single curve.

    The references, in ink, come first: what has no room for all folds the entries at the end. What
    a number at a line stands for is said nowhere else, of an area its colour says something.
    """
    if not figure.legend:
        return ()
    curves = [
        Entry(
            one.name,
            one.color,
            one.dash,
            one.width,
            one.sign or one.symbol or ("" if one.line else "o"),
            one.line and not one.sign,
        )
        for one in figure.series
        if one.name and one.listed
    ]
    curves.sort(key=lambda entry: entry.color != "ink")
    areas = [Entry(one.name, one.color, area=True) for one in figure.bands if one.name]
    areas += [Entry(one.name, one.color, area=True) for one in figure.spans if one.name]
    numbered = sorted((one for one in figure.cursors if one.listed), key=lambda one: one.number)
    lines = [Entry(name, one.color, one.dash, 1.25) for one in numbered for name in one.listed]
    return tuple(dict.fromkeys((*curves, *lines, *areas)))


class Legend(QWidget):
    """Entries in rows that wrap; what does not fit is counted by a button that lists all."""

    heard_as = QAccessible.Role.Graphic

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: tuple[Entry, ...] = ()
        self._rows_allowed = 3
        self._in_column = False
        self.more = QToolButton(self, autoRaise=True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip(tr("All names of the legend"))
        self.more.clicked.connect(self.list_all)
        self.more.hide()
        self._sample, self._gap = _WIDE
        self._places: list[tuple[Entry | None, QRectF, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """List ``entries``; does nothing where they are listed already."""
        if entries != self._entries:
            self._entries = entries
            words = tr("Legend: {names}", names=", ".join(self._names()))
            self.setAccessibleName(words if entries else "")
            self.setToolTip(plain_tip("\n".join(self._names())))
            self._arrange()
            self.setVisible(bool(entries))  # Qt lays out what is around it here

    def set_rows_allowed(self, rows: int) -> None:
        """Limit the height: a small plot is worth more than a complete legend."""
        if rows != self._rows_allowed:
            self._rows_allowed = rows
            self._arrange()

    def list_all(self) -> QMenu:
        """Open and return the list of all names, each with its sample."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page, whole = QWidget(), Legend(self._theme)
        whole._in_column = len(self._entries) <= _COLUMN
        whole.set_rows_allowed(len(self._entries))
        widest = max(map(whole.fontMetrics().horizontalAdvance, self._names()), default=0)
        whole.setFixedWidth(min(_WIDEST, widest + _WIDE[0] + 8) if whole._in_column else _WIDEST)
        whole.set_entries(self._entries)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.addWidget(whole)
        action = QWidgetAction(menu)
        action.setDefaultWidget(page)
        menu.addAction(action)
        menu.setAccessibleName(self.accessibleName())
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        return menu

    def _names(self) -> list[str]:
        return [entry.name for entry in self._entries]

    def entries(self) -> tuple[Entry, ...]:
        """Return what is listed."""
        return self._entries

    def cut_names(self) -> list[str]:
        """Return the names that are listed and not written whole."""
        height = self._row_height()
        return [
            name
            for entry, place, name in self._places
            if entry is not None
            and place.width() >= self.width()
            and len(self._lines(name)) * height > place.height()
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(120, self.height())

    def _arrange(self) -> None:
        for self._sample, self._gap in (_WIDE, _TIGHT):
            places, rows = self._laid_out()
            is_one_line = all(place.height() <= self._row_height() for _, place, _ in places)
            if len(places) == len(self._entries) and (is_one_line or self._sample == _TIGHT[0]):
                break
        else:
            self._count_rest(places, len(self._entries) - len(places))
        self._places = places
        counted = next((place for entry, place, _ in places if entry is None), None)
        if counted is not None:
            self.more.setGeometry(counted.toRect())
        self.more.setVisible(counted is not None)
        self.setFixedHeight(rows * self._row_height() if self._entries else 0)
        self.update()

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _laid_out(self) -> tuple[list[tuple[Entry | None, QRectF, str]], int]:
        """Return the entries that have room, each with its place, and the rows they take."""
        metrics, height = self.fontMetrics(), self._row_height()
        x, row = 0.0, 0
        places: list[tuple[Entry | None, QRectF, str]] = []
        for entry in self._entries:
            width = self._sample + 6 + metrics.horizontalAdvance(entry.name) + 1
            lines = len(self._lines(entry.name)) if width > self.width() else 1
            width = min(width, self.width())
            if x > 0 and (self._in_column or x + width > self.width()):
                if row + 1 == self._rows_allowed:
                    break
                x, row = 0.0, row + 1
            lines = min(lines, self._rows_allowed - row)
            places.append((entry, QRectF(x, row * height, width, lines * height), entry.name))
            x, row = x + width + self._gap, row + lines - 1
        return places, row + 1

    def _lines(self, name: str) -> list[str]:
        """Return a name that is wider than the legend as lines beside its sample."""
        return lines_of(name, self.font(), self.width() - self._sample - 7)

    def _count_rest(self, places: list[tuple[Entry | None, QRectF, str]], left_out: int) -> None:
        """Put "+3" behind the last entry that leaves room for it, or where the next row began."""
        while places:
            width = self._width_of_rest(left_out)
            last = places[-1][1]
            if last.right() + self._gap + width <= self.width():
                top = last.bottom() - self._row_height()
                place = QRectF(last.right() + self._gap, top, width, self._row_height())
                places.append((None, place, ""))
                return
            _, gone, _ = places.pop()
            left_out += 1
            if gone.left() == 0.0 and places:
                width = self._width_of_rest(left_out)
                places.append((None, QRectF(0.0, gone.top(), width, self._row_height()), ""))
                return

    def _width_of_rest(self, left_out: int) -> float:
        """Say how many names have no room, and return the width that this takes."""
        self.more.setText(tr("+{count}", count=left_out))
        return float(self.more.sizeHint().width())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scheme = self._theme.scheme
        for entry, place, name in self._places:
            if entry is None:
                continue
            self._paint_sample(painter, entry, place)
            text = QRectF(place)
            text.setLeft(place.left() + self._sample + 6)
            painter.setPen(QColor(scheme.ink))
            count = round(place.height() / self._row_height())
            lines = self._lines(name) if count > 1 else [name]
            text.setHeight(self._row_height())
            for line in (*lines[: count - 1], " ".join(lines[count - 1 :])):
                elided = painter.fontMetrics().elidedText(
                    line, Qt.TextElideMode.ElideMiddle, int(text.width()) + 1
                )
                write(painter, text, elided)
                text.translate(0.0, self._row_height())

    def _paint_sample(self, painter: QPainter, entry: Entry, place: QRectF) -> None:
        scheme = self._theme.scheme
        color = scheme.color(entry.color)
        middle = place.top() + self._row_height() / 2
        left, right = place.left(), place.left() + self._sample
        if entry.area:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(color, 90))
            painter.drawRect(QRectF(left, middle - 5, self._sample, 10))
            return
        if entry.line:
            painter.setPen(make_pen(color, entry.dash, entry.width))
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        if entry.symbol:
            mark = np.array([[(left + right) / 2, middle]])
            paint_marks(painter, mark, entry.symbol, color, scheme, 8.0)
