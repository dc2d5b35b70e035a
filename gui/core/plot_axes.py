"""Axes and colour bar of a plot, in the house's number style."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsWidget

from gui.core import colormaps
from gui.core.figure import Axis, Image
from gui.core.numbers import format_value
from gui.core.palette import Scheme
from gui.core.scale import Scale

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_GRID_ALPHA = 110
_OVERHANG = 8.0


class PlotAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose numbers never change their unit silently and keep their width."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
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
        if inside != self._inside:
            self._inside = inside
            self.picture = None
        if not same_label:
            self.setLabel(_escaped(axis.label))
            self.resizeEvent()  # pyqtgraph centres a label only when the axis changes its size
        if self.logMode != scale.log:
            self.setLogMode(scale.log)
        if named != self._named:
            self.setTicks([list(named)] if named else None)
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
        if self.orientation == "bottom":
            # One line of numbers, one of label; pyqtgraph leaves a third of that empty.
            self.setHeight(round(2.0 * QFontMetricsF(font).height()) + 8)
        self.setGrid(_GRID_ALPHA)

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
        # pyqtgraph always writes its coarsest numbers, however narrow the plot is.
        levels = super().tickSpacing(minVal, maxVal, size)
        if self.logMode or self.orientation != "bottom" or not maxVal > minVal or not levels:
            return levels
        font = self.style["tickFont"] or self.label.font()
        spacing, offset = levels[0]
        decimals = max(0, -math.floor(math.log10(spacing)))
        longest = max(len(f"{value:.{decimals}f}") for value in (int(minVal), maxVal))
        needed = QFontMetricsF(font).horizontalAdvance("0" * (longest + 1))
        pixels = spacing * size / (maxVal - minVal)
        if pixels >= needed:
            return levels
        # Of the steps 2, 5 and 10 times as wide the first whose numbers stand apart.
        factor = next((f for f in (2.0, 5.0) if f * pixels >= needed), 10.0)
        return [(factor * spacing, offset), *levels]

    def boundingRect(self) -> QRectF:  # noqa: D102
        # pyqtgraph drops numbers that leave this rectangle: with a grid it allows no overhang,
        # and the numbers at the ends of a small plot, 0 and 1, would be the ones to go.
        rect: QRectF = super().boundingRect()
        if self.orientation == "left":
            return rect.adjusted(0, -_OVERHANG, 0, _OVERHANG)
        return rect.adjusted(-_OVERHANG, 0, _OVERHANG, 0)

    def paint(self, *_unused: Any) -> None:  # noqa: D102
        # Painted by the canvas into its cached background: replaying the numbers and the grid
        # takes 2 ms, as much as all curves together, and they change with the zoom only.
        pass

    def paint_into(self, painter: QPainter) -> None:
        """Paint line, grid and numbers; the painter has this item's coordinates."""
        super().paint(painter, None, None)

    def labelString(self) -> str:  # noqa: D102
        # pyqtgraph sets a colour and a size of its own in the label's HTML.
        return str(self.labelText)

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
            return [_power(value) if _mantissa(value) in shown else None for value in values]
        if not values:
            return []
        largest = max(abs(value) for value in values)
        if largest >= 1e5 or (0 < largest < 1e-3):
            return [_scientific(value, spacing) for value in values]
        places = max(0, math.ceil(-math.log10(spacing) - 1e-9))
        return [f"{value:.{places}f}".replace("-", "−") for value in values]


# Which numbers of a decade are written, densest first, and the ratio of the closest two of them.
_LOG_NUMBERS = (
    (frozenset(range(1, 10)), 10 / 9),
    (frozenset({1, 2, 3, 5, 7}), 7 / 5),
    (frozenset({1, 2, 5}), 2.0),
    (frozenset({1}), 10.0),
)


def _mantissa(exponent: float) -> int:
    """Return the first digit of 10 ** exponent for a tick at a whole multiple of a power."""
    return math.floor(math.pow(10.0, exponent - math.floor(exponent + 1e-9)) + 0.5)


def _power(exponent: float) -> str:
    """Return the tick text of 10 ** exponent."""
    whole = round(exponent)
    if abs(exponent - whole) < 1e-9:
        if -3 <= whole <= 4:
            return f"{10.0**whole:.10g}"
        return "10" + str(whole).translate(_SUPERSCRIPTS)
    value = float(f"{10.0**exponent:.2g}")
    if 1e-3 <= value < 1e5:
        return f"{value:.10g}"
    mantissa, _, power = f"{value:.1e}".partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}·10" + str(int(power)).translate(_SUPERSCRIPTS)


def _scientific(value: float, spacing: float) -> str:
    if value == 0 or abs(value) < spacing * 1e-6:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(spacing) + 1e-9))
    mantissa, _, power = f"{value:.{digits}e}".partition("e")
    if 0 <= int(power) < 7:
        return f"{value:,.0f}".replace(",", " ").replace("-", "−")
    return f"{mantissa}e{int(power)}".replace("-", "−")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class ColorBar(QGraphicsWidget):
    """The colours of a picture with their numbers; takes no room where there is none."""

    def __init__(self, scheme: Callable[[], Scheme], font: QFont) -> None:
        super().__init__()
        self._scheme, self._font = scheme, font
        self._image: Image | None = None
        self._levels = (0.0, 1.0)
        self._ticks: list[str] = []
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
        self._levels = self._image.levels or colormaps.levels_of(
            self._image.values, self._image.map
        )
        low, high = self._levels
        self._ticks = [format_value(value, 3) for value in (high, 0.5 * (low + high), low)]
        metrics = QFontMetricsF(self._font)
        words = max(metrics.horizontalAdvance(text) for text in self._ticks)
        unit = metrics.height() if self._image.unit else 0.0
        self._take_width(8 + 12 + 4 + words + 2 + unit)
        self.update()

    def paint(self, painter: QPainter, *_unused: Any) -> None:  # noqa: D102
        if self._image is None:
            return
        metrics = QFontMetricsF(self._font)
        height = self.size().height()
        bar = QRectF(8, 0, 12, height)
        gradient = QLinearGradient(QPointF(0, height), QPointF(0, 0))
        table = colormaps.table(self._image.map)
        last = colormaps.SIZE - 1
        for index in range(0, colormaps.SIZE, 2):
            gradient.setColorAt(index / last, QColor(*table[index].tolist()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRect(bar)
        painter.setFont(self._font)
        painter.setPen(QColor(self._scheme().ink))
        tall = metrics.height()
        places = zip(self._ticks, (0.0, (height - tall) / 2, height - tall), strict=True)
        for text, top in places:
            painter.drawText(QPointF(bar.right() + 4, top + metrics.ascent()), text)
        if self._image.unit:
            painter.save()
            painter.translate(self.size().width() - metrics.descent(), height / 2)
            painter.rotate(-90)
            width = metrics.horizontalAdvance(self._image.unit)
            painter.drawText(QPointF(-width / 2, 0), self._image.unit)
            painter.restore()


__all__ = ["ColorBar", "PlotAxis"]
