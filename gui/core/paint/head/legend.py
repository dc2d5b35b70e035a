"""The legend: a plain widget above the plot, so that it never covers data."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.figure.figure import Figure
from gui.core.figure.palette import Dash
from gui.core.paint.head.labels import lines_of, plain_tip
from gui.core.paint.pens import faded, make_pen
from gui.core.paint.plot_marks import paint_marks
from gui.core.paint.theme import SPACING, Theme
from gui.core.words.i18n import tr
from gui.core.words.lowered import DROP, SHARE, lowered
from gui.frozen import dataclass

# Width of a sample and gap between entries: as one likes to read them, and where room is short.
_WIDE, _TIGHT = (28, 2 * SPACING), (14, SPACING)


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
            one.symbol or ("" if one.line else "o"),
            one.line,
        )
        for one in figure.series
        if one.name and one.listed
    ]
    curves.sort(key=lambda entry: entry.color != "ink")
    areas = [Entry(one.name, one.color, area=True) for one in figure.bands if one.name]
    areas += [Entry(one.name, one.color, area=True) for one in figure.spans if one.name]
    lines = [
        Entry(name, one.color, one.dash, 1.25) for one in figure.cursors for name in one.listed
    ]
    return tuple(dict.fromkeys((*curves, *lines, *areas)))


class Legend(QWidget):
    """Entries in rows that wrap; what does not fit is counted, and named in the tooltip."""

    heard_as = QAccessible.Role.Graphic

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: tuple[Entry, ...] = ()
        self._rows_allowed = 3
        self._sample, self._gap = _WIDE
        self._places: list[tuple[Entry | None, QRectF, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """List ``entries``; does nothing where they are listed already."""
        if entries != self._entries:
            self._entries = entries
            self.setVisible(bool(entries))
            words = tr("Legend: {names}", names=", ".join(entry.name for entry in entries))
            self.setAccessibleName(words if entries else "")
            self.setToolTip(plain_tip("\n".join(entry.name for entry in entries)))
            self._arrange()

    def set_rows_allowed(self, rows: int) -> None:
        """Limit the height: a small plot is worth more than a complete legend."""
        if rows != self._rows_allowed:
            self._rows_allowed = rows
            self._arrange()

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
            if x > 0 and x + width > self.width():
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
        metrics = self.fontMetrics()
        while places:
            text = tr("+{count}", count=left_out)
            width = metrics.horizontalAdvance(text) + 2
            last = places[-1][1]
            if last.right() + self._gap + width <= self.width():
                place = QRectF(last.right() + self._gap, last.top(), width, last.height())
                places.append((None, place, text))
                return
            _, gone, _ = places.pop()
            left_out += 1
            if gone.left() == 0.0 and places:
                text = tr("+{count}", count=left_out)
                place = QRectF(0.0, gone.top(), self.width(), self._row_height())
                places.append((None, place, text))
                return

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scheme = self._theme.scheme
        for entry, place, name in self._places:
            text = QRectF(place)
            if entry is not None:
                self._paint_sample(painter, entry, place)
                text.setLeft(place.left() + self._sample + 6)
            painter.setPen(QColor(scheme.ink if entry else scheme.muted))
            count = round(place.height() / self._row_height())
            lines = self._lines(name) if count > 1 else [name]
            text.setHeight(self._row_height())
            for line in (*lines[: count - 1], " ".join(lines[count - 1 :])):
                elided = painter.fontMetrics().elidedText(
                    line, Qt.TextElideMode.ElideMiddle, int(text.width()) + 1
                )
                _write(painter, text, elided)
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


def _write(painter: QPainter, place: QRectF, words: str) -> None:
    """Write a line from the left of a place on, indices lowered."""
    font, drop = painter.font(), DROP * painter.fontMetrics().ascent()
    small = QFont(font)
    small.setPixelSize(max(1, round(SHARE * painter.fontInfo().pixelSize())))
    for piece, low in lowered(words):
        painter.setFont(small if low else font)
        here = place.translated(0.0, drop if low else 0.0)
        painter.drawText(here, Qt.AlignmentFlag.AlignVCenter, piece)
        place = place.adjusted(painter.fontMetrics().horizontalAdvance(piece), 0.0, 0.0, 0.0)
    painter.setFont(font)
