"""Axes and colour bar of a plot, in the house's number style."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import compress
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QGraphicsWidget

from gui.core.figure import colormaps
from gui.core.figure.figure import Axis, Image
from gui.core.figure.levels import clipped_said, clipped_words, levels_in_force, two_lines
from gui.core.figure.palette import Scheme
from gui.core.figure.scale import Scale
from gui.core.figure.ticks import log_ticks
from gui.core.paint.axes.numbers import (
    OVERHANG,
    Numbers,
    first_digit,
    power_text,
    scientific_text,
)
from gui.core.paint.graphs import pg
from gui.core.words.i18n import tr
from gui.core.words.lowered import lowered_html
from gui.core.words.numbers import format_together, format_value

_GRID_ALPHA = 110
_NARROW = 240  # pixels of a plot in which a picture needs all the room there is
_BARE = 132  # pixels of one that has no room for a bar at all


class PlotAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose numbers never change their unit silently and keep their width."""

    # Of the label: whole, as it fits, as it is written; pyqtgraph asks while it makes itself.
    _words = _shown = _written = ""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        # What `paint` leaves to the canvas; else a new range would paint the curves once more.
        self.setFlag(QGraphicsWidget.GraphicsItemFlag.ItemHasNoContents)
        self.enableAutoSIPrefix(False)
        # Shrinking text space would shift the plot under the mouse while values change.
        self.setStyle(autoReduceTextSpace=False, tickLength=-4, maxTickLevel=1)
        self._axis: Axis | None = None
        self._inside: tuple[float, float] | None = None
        self._named: tuple[Any, ...] = ()
        self.showLabel(True)

    def set_axis(self, axis: Axis, scale: Scale, inside: tuple[float, float] | None = None) -> bool:
        """Show label, scale and named ticks; return whether anything changed.

        Beyond ``inside`` no tick is drawn: square entries leave room beside a picture, and there
        is no row -50.
        """
        named = tuple((scale.forward_one(value), name) for value, name in axis.ticks)
        same_label = self._axis is not None and axis.label == self._axis.label
        same_ticks = named == self._named and inside == self._inside
        if same_label and self.logMode == scale.log and same_ticks:
            return False
        self._inside = inside
        if not same_label:
            self._words = axis.label
            self.setLabel(lowered_html(axis.label))
            self.resizeEvent()  # pyqtgraph centres a label only when the axis changes its size
        if self.logMode != scale.log:
            self.setLogMode(scale.log)
        self._axis, self._named = axis, named
        return True

    def set_scheme(self, scheme: Scheme, font: QFont) -> None:
        """Take the colours of a scheme."""
        # The pen draws axis line and grid, so it is the faint one; words have their own.
        self.setPen(QPen(QColor(scheme.grid), 1))
        self.setTextPen(QPen(QColor(scheme.ink), 1))
        self.setTickPen(QPen(QColor(scheme.grid), 1))
        self.label.setDefaultTextColor(QColor(scheme.ink))
        self.label.setFont(font)
        self.setTickFont(font)
        self._adjustSize()
        if self.orientation == "bottom":
            # One line of numbers, one of label; pyqtgraph leaves a third of that empty.
            self.setHeight(round(2.0 * QFontMetricsF(font).height()) + 8)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: D102
        levels = super().tickValues(minVal, maxVal, size)
        if self.logMode and len(levels) > 1:
            # pyqtgraph lists 1, 10, 100 among the fine ticks again: written twice they look bold.
            coarse = {round(value, 9) for _, values in levels[:-1] for value in values}
            step, fine = levels[-1]
            levels[-1] = (step, [value for value in fine if round(value, 9) not in coarse])
        if self._inside is None:
            return levels
        low, high = self._inside
        return [(step, [v for v in values if low <= v <= high]) for step, values in levels]

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: D102
        # pyqtgraph always writes its coarsest numbers, however small the plot is.
        levels = super().tickSpacing(minVal, maxVal, size)
        if self.logMode or not maxVal > minVal or not levels:
            return levels
        font = QFontMetricsF(self.style["tickFont"] or self.label.font())
        spacing, offset = levels[0]
        needed = font.height()
        if self.orientation == "bottom":
            decimals = max(0, -math.floor(math.log10(spacing)))
            longest = max(len(f"{value:.{decimals}f}") for value in (int(minVal), maxVal))
            needed = font.horizontalAdvance("0" * (longest + 1))
        pixels = spacing * size / (maxVal - minVal)
        if pixels >= needed:
            return levels
        # Of the steps 2, 5 and 10 times as wide the first whose numbers stand apart.
        factor = next((f for f in (2.0, 5.0) if f * pixels >= needed), 10.0)
        return [(factor * spacing, offset), *levels]

    def paint(self, *_unused: Any) -> None:  # noqa: D102
        # Painted by the canvas into its cached background: replaying the numbers and the grid
        # takes 2 ms, as much as all curves together, and they change with the zoom only.
        pass

    def paint_into(self, painter: QPainter) -> None:
        """Paint line, grid and numbers; the painter has this item's coordinates.

        Not by pyqtgraph, whose axes take almost half the time of a repaint: that counts when a
        window changes its size and every plot in it is painted at once.
        """
        view, size = self.linkedView(), self.size()
        levels, numbers = self.lay_out()
        if view is None or not levels:
            return
        grid = view.mapRectToItem(self, view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.pen())
        if self.orientation == "bottom":
            painter.drawLine(QLineF(-1, 1, size.width() + 1, 1))
        else:
            painter.drawLine(QLineF(size.width() - 1, -1, size.width() - 1, size.height() + 1))
        for depth, places in enumerate(levels):
            self._paint_grid(painter, grid, depth, places)
        painter.setPen(self.textPen())
        numbers.paint(painter)
        self._updateMaxTextSize(numbers.across_size)

    def lay_out(self) -> tuple[list[list[float]], Numbers]:
        """Return where ticks stand along the axis, coarse ones first, and the numbers at them."""
        size, (low, high) = self.size(), self.range
        across = self.orientation == "bottom"
        length = size.width() if across else size.height()
        numbers = Numbers(self.style["tickFont"] or self.label.font(), size, across)
        if length <= 0 or not abs(high - low) > 0:
            return [], numbers
        names = dict(self._named)
        levels: list[list[float]] = []
        ticks = [(0.0, list(names))] if names else self.tickValues(low, high, length)
        for spacing, values in ticks:
            shares = [(value - low) / (high - low) for value in values]
            inside = [-1e-9 <= share <= 1.0 + 1e-9 for share in shares]
            places = [length * (share if across else 1.0 - share) for share in shares]
            texts = list(names.values()) if names else self.tickStrings(values, 1.0, spacing)
            levels.append(list(compress(places, inside)))
            found = zip(levels[-1], compress(texts, inside), strict=True)
            level = [(place, text) for place, text in found if text is not None]
            numbers.add_level(numbers.thinned(level) if names else level)
        if self.logMode and not names and numbers.differing < 2:
            return self._lay_out_narrow(size, length)
        return levels, numbers

    def _lay_out_narrow(self, size: QSizeF, length: float) -> tuple[list[list[float]], Numbers]:
        """Return ticks and numbers of a log axis on which no two round numbers stand."""
        low, high = self.range
        across = self.orientation == "bottom"
        for inset, room in ((0.0, 6), (0.0, 4), (0.0, 3), (0.0, 2), (0.15, 2), (0.25, 2)):
            inner = low + inset * (high - low), high - inset * (high - low)
            ticks = log_ticks(10.0 ** min(inner), 10.0 ** max(inner), room)
            shares = [(math.log10(value) - low) / (high - low) for value, _ in ticks]
            places = [length * (share if across else 1.0 - share) for share in shares]
            numbers = Numbers(self.style["tickFont"] or self.label.font(), size, across)
            texts = [text for _, text in ticks]
            apart = numbers.add_level(list(zip(places, texts, strict=True)), whole=True)
            if apart and numbers.differing >= 2:
                break
        return [places], numbers

    def _paint_grid(self, painter: QPainter, grid: QRectF, depth: int, places: list[float]) -> None:
        across = self.orientation == "bottom"
        length = grid.width() if across else grid.height()
        color = QColor(self.tickPen().color())
        fade = min(1.0, 0.05 * length / (len(places) + 1))
        color.setAlpha(int(_GRID_ALPHA / (depth + 1) * fade))
        painter.setPen(QPen(color, 1))
        if across:
            lines = [QLineF(place, grid.top(), place, 0.0) for place in places]
        else:
            lines = [QLineF(self.width(), place, grid.right(), place) for place in places]
        painter.drawLines(lines)

    def _updateLabel(self) -> None:
        # pyqtgraph does it at every pen and unit, a dozen times while an axis is made.
        if self.labelString() != self._written:
            self._written = self.labelString()
            super()._updateLabel()
        self.picture = None
        self.update()

    def labelString(self) -> str:  # noqa: D102
        # pyqtgraph sets a colour and a size of its own in the label's HTML.
        self._shown = self._fitting_words()
        return lowered_html(self._shown)

    def _fitting_words(self) -> str:
        """Return the label, without what explains it or cut short where room is scarce."""
        size = self.size()
        room = (size.width() if self.orientation == "bottom" else size.height()) + OVERHANG
        metrics = QFontMetricsF(self.label.font())
        brief = self._words.partition(" (")[0].rstrip(" =")
        quantity = Axis(brief).quantity or brief
        for words in (self._words, brief, quantity):
            if metrics.horizontalAdvance(words) <= room:
                return words
        return metrics.elidedText(quantity, Qt.TextElideMode.ElideRight, room)

    def resizeEvent(self, event: Any = None) -> None:  # noqa: D102
        # pyqtgraph calls it once more when the label is gone.
        if self.label is not None and self._fitting_words() != self._shown:
            self._written = self.labelString()
            self.label.setHtml(self._written)
        super().resizeEvent(event)

    def _named_mantissas(self) -> frozenset[int]:
        """Return which of 1 ... 9 have room for their number in every decade of a log axis."""
        low, high = self.range
        across = self.orientation == "bottom"
        font = QFontMetricsF(self.style["tickFont"] or self.label.font())
        needed = font.horizontalAdvance("0.0005") if across else font.height()
        decade = (self.width() if across else self.height()) / ((high - low) or 1.0)
        for mantissas, closest in _LOG_NUMBERS:
            if decade * math.log10(closest) >= needed:
                return mantissas
        return _LOG_NUMBERS[-1][0]

    def tickStrings(  # noqa: D102
        self, values: list[float], scale: float, spacing: float
    ) -> list[str | None]:
        if self.logMode:
            shown = self._named_mantissas()
            return [power_text(value) if first_digit(value) in shown else None for value in values]
        if not values:
            return []
        largest = max(abs(value) for value in values)
        if largest >= 1e5 or (0 < largest < 1e-3):
            return [scientific_text(value, spacing) for value in values]
        places = max(0, math.ceil(-math.log10(spacing) - 1e-9))
        return [f"{value:.{places}f}".replace("-", "−") for value in values]


# Which numbers of a decade are written, densest first, and the ratio of the closest two of them.
_LOG_NUMBERS = (
    (frozenset(range(1, 10)), 10 / 9),
    (frozenset({1, 2, 3, 5, 7}), 7 / 5),
    (frozenset({1, 2, 5}), 2.0),
    (frozenset({1}), 10.0),
)


class ColorBar(QGraphicsWidget):
    """The colours of a picture with their numbers; takes no room where there is none.

    ``clicked`` where a person can change them. What the levels clip is said at the ends.
    """

    clicked = Signal()
    _STOPS = 64  # of the gradient

    def __init__(self, scheme: Callable[[], Scheme], font: QFont) -> None:
        super().__init__()
        self._scheme, self._font = scheme, font
        self._image: Image | None = None
        self._ticks: list[str] = []
        self._ends: list[list[str]] = [[], []]  # what is clipped, a word a line
        self._colors: list[QColor] = []
        self._narrow = self._bare = False
        self._take_width(0)

    def _take_width(self, width: float) -> None:
        self.setMinimumWidth(width)
        self.setMaximumWidth(width)

    def set_image(self, image: Image | None) -> None:
        """Show the map and levels of ``image``; None and RGB pictures have no bar."""
        if image is self._image:
            return
        self._image = image if image is not None and image.map != "rgb" else None
        if self._image is None:
            self._take_width(0)
            return
        image, levels = self._image, levels_in_force(self._image)
        shares = np.linspace(1.0, 0.0, 5 if image.log else 3)
        values = colormaps.along(levels, shares, image.log).tolist()
        self._ticks = (
            [format_value(value, 2) for value in values] if image.log else format_together(values)
        )
        self._ends = [two_lines(said) for said in clipped_words(image)]
        colors = colormaps.bar_of(image.map, levels, image.log)
        last = colormaps.SIZE - 1
        stops = np.linspace(0, last, self._STOPS).round().astype(int)
        self._colors = [QColor(*color) for color in colors[stops].tolist()]
        if self._opens():
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._settle()

    def make_room(self, width: float, beside: PlotAxis) -> None:
        """Leave the picture of a narrow plot the room of words that the mouse finds, too."""
        found = self._image is not None and width < _NARROW, width < _BARE
        if found != (self._narrow, self._bare):
            self._narrow, self._bare = found
            beside.showLabel(not self._narrow)
            self._settle()

    def _settle(self) -> None:
        """Take the width of what is written."""
        if self._image is None:
            return
        ends = [" ".join(self._ends[end]) for end in (1, 0) if self._narrow and self._ends[end]]
        opens = (tr("Colours and levels…"),) if self._opens() else ()
        self.setToolTip("\n".join((*ends, *opens)))
        metrics = QFontMetricsF(self._font)
        # Also where nothing is clipped: a plot does not move as the words come and go.
        beside = (word for said in clipped_said(1e-9, 1e-9) for word in two_lines(said))
        written = (*self._ticks, *(() if self._narrow else beside))
        words = max(metrics.horizontalAdvance(text) for text in written)
        unit = metrics.height() if self._image.unit and not self._narrow else 0.0
        self._take_width(0 if self._bare else 8 + 12 + 4 + words + 2 + unit)
        self.update()

    def said(self) -> tuple[str, ...]:
        """Return what is written, from the top to the bottom, what is clipped at its end."""
        if self._image is None:
            return ()
        above, below = (" ".join(self._ends[end]) for end in (1, 0))
        words = (self._ticks[0], above, *self._ticks[1:-1], below, self._ticks[-1])
        return tuple(filter(None, words))

    def _opens(self) -> bool:
        return self._image is not None and self._image.look is not None

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:  # noqa: D102
        event.setAccepted(self._opens() and event.button() == Qt.MouseButton.LeftButton)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:  # noqa: D102
        if self.rect().contains(event.pos()):
            self.clicked.emit()

    def paint(self, painter: QPainter, *_unused: Any) -> None:  # noqa: D102
        if self._image is None or self._bare:
            return
        metrics = QFontMetricsF(self._font)
        height = self.size().height()
        bar = QRectF(8, 0, 12, height)
        gradient = QLinearGradient(QPointF(0, height), QPointF(0, 0))
        for place, color in enumerate(self._colors):
            gradient.setColorAt(place / (self._STOPS - 1), color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRect(bar)
        painter.setFont(self._font)
        painter.setPen(QColor(self._scheme().ink))
        tall, left = metrics.height(), bar.right() + 4
        above, below = ([], []) if self._narrow else (self._ends[1], self._ends[0])
        tops = np.linspace(0.0, height - tall, len(self._ticks)).tolist()
        free = tall * (1 + len(above)), height - tall * (1 + len(below))
        for place, (text, top) in enumerate(zip(self._ticks, tops, strict=True)):
            # Where what is clipped needs the room of a number between the ends, that one goes.
            if place in (0, len(tops) - 1) or (top >= free[0] and top + tall <= free[1]):
                painter.drawText(QPointF(left, top + metrics.ascent()), text)
        painter.setPen(QColor(self._scheme().muted))
        for line, text in enumerate(above, 1):
            painter.drawText(QPointF(left, line * tall + metrics.ascent()), text)
        for line, text in enumerate(reversed(below), 2):
            painter.drawText(QPointF(left, height - line * tall + metrics.ascent()), text)
        painter.setPen(QColor(self._scheme().ink))
        if self._image.unit and not self._narrow:
            painter.save()
            painter.translate(self.size().width() - metrics.descent(), height / 2)
            painter.rotate(-90)
            width = metrics.horizontalAdvance(self._image.unit)
            painter.drawText(QPointF(-width / 2, 0), self._image.unit)
            painter.restore()


__all__ = ["ColorBar", "PlotAxis"]
