"""Labels that show their text as it is, whole on hover where it is cut."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.core.words.lowered import DROP, SHARE, lowered
from gui.core.words.unparted import unparted


class PlainLabel(QLabel):
    """A label that shows its text as it is: a name with markup in it stays a name."""

    def __init__(self, parent: QWidget | None = None, **properties: Any) -> None:
        self._words = properties.pop("text", "")
        super().__init__(parent, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if self._words:
            self.setText(self._words)

    def setText(self, words: str) -> None:
        """Show ``words``, a number and its unit in one line."""
        self._words = words
        super().setText(unparted(words))

    def text(self) -> str:
        """Return the words as they were said."""
        words: str = self._words
        return words

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")


def plain_tip(text: str) -> str:
    """Return what a tooltip has to say to show ``text`` as it is.

    Examples
    --------
    >>> plain_tip("a > b"), plain_tip("<b>a</b>")
    ('a > b', '<span>&lt;b&gt;a&lt;/b&gt;</span>')
    """
    if "<" not in text:
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")


def write(painter: QPainter, place: QRectF, words: str) -> None:
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


class NameLabel(PlainLabel):
    """A label of a name: the index of a norm in it is set lower, and read as it is written."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        if any(low for _, low in lowered(self.text())):
            painter = QPainter(self)
            painter.setPen(self.palette().color(self.foregroundRole()))
            write(painter, QRectF(self.contentsRect()), self.text())
        else:
            super().paintEvent(event)


class ElidedLabel(PlainLabel):
    """A one-line label that shortens its text with an ellipsis and shows it whole on hover."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(24, super().minimumSizeHint().height())

    def set_text(self, text: str) -> None:
        """Show ``text``."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(plain_tip(text))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


def lines_of(text: str, font: QFont, width: float) -> list[str]:
    """Return a text broken into lines of a width, between words where that can be."""
    text = unparted(text)
    layout, option = QTextLayout(text, font), QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return found


class Title(PlainLabel):
    """A title over as many lines as it has room for; what is cut ends in an ellipsis."""

    def lines(self, width: int) -> list[str]:
        """Return the title as it is broken into lines of a width."""
        return lines_of(self.text(), self.font(), width)

    @property
    def is_cut(self) -> bool:
        """Whether it does not stand there whole."""
        return len(self.lines(self.width())) > self._count()

    def _count(self) -> int:
        return max(1, self.height() // self.fontMetrics().lineSpacing())

    def set_text(self, text: str) -> None:
        """Show ``text``."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(plain_tip(text))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter, metrics = QPainter(self), self.fontMetrics()
        count, lines = self._count(), self.lines(self.width())
        if len(lines) > count:
            rest = " ".join(lines[count - 1 :])
            cut = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, self.width())
            lines = [*lines[: count - 1], cut]
        for place, line in enumerate(lines):
            row = QRect(0, place * metrics.lineSpacing(), self.width(), metrics.lineSpacing())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, line)
