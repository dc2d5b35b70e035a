"""The numbers written beside an axis: as many as stand apart."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from gui.core.figure.ticks import times_power

OVERHANG = 8.0  # by how much the numbers at the ends may leave the axis
_TEXT_GAP, _SIDE_GAP = 2.0, 5.0  # between the axis and its numbers, below and beside it


class Numbers:
    """The tick texts of an axis, level by level, until they would stand too close."""

    # From so many texts on, a further level may fill at most this share of the axis.
    _LIMITS = ((0, 0.8), (2, 0.6), (4, 0.4), (6, 0.2))
    _LINE = 0.8  # of the font's height: numbers have no descenders

    def __init__(self, font: QFont, size: QSizeF, across: bool) -> None:
        self._font, self._metrics = font, QFontMetricsF(font)
        self._size, self._across = size, across
        self._length = size.width() if across else size.height()
        self._texts: list[tuple[float, str, float]] = []  # place, text, width
        self._filled = 0.0
        self._full = False
        self.across_size = 0.0  # the room they take across the axis, in pixels

    @property
    def differing(self) -> int:
        """How many different texts are written."""
        return len({text for text, _ in self.placed()})

    def add_level(self, texts: list[tuple[float, str]], *, whole: bool = False) -> bool:
        """Take the texts of a level with their places; return whether they stand apart.

        Of the first level that has any it takes every second or third where all would touch,
        but for one that is wanted ``whole``.
        """
        if self._full:
            return False
        wanted = len(texts)
        if not self._texts and not whole:
            texts = self.thinned(texts)
        tall = self._LINE * self._metrics.height()
        new = [(place, text, self._metrics.horizontalAdvance(text)) for place, text in texts]
        filled = sum(width if self._across else tall for _, _, width in new) + self._filled
        limit = min(share for count, share in self._LIMITS if len(self._texts) >= count)
        if self._texts and (filled >= limit * self._length or self._collide(self._texts + new)):
            self._full = True
            self._texts = self._at_least_two(new)
            return False
        self._filled = filled
        self._texts += new
        sizes = [tall if self._across else width for _, _, width in new]
        self.across_size = max([self.across_size, *sizes])
        return len(new) == wanted and not (whole and self._collide(new))

    def _at_least_two(self, new: list[tuple[float, str, float]]) -> list[tuple[float, str, float]]:
        """Return the texts there are; where one alone can be seen, some of both levels."""
        if self.differing >= 2:
            return self._texts
        before, wide = self._texts, sorted(self._texts + new)
        for step in range(2, len(wide)):
            for start in range(step):
                self._texts = wide[start::step]
                if self.differing >= 2 and not self._collide(self._texts):
                    return self._texts
        return before

    def thinned(self, texts: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Return every one of some texts, or every second or third, so that they stand apart."""
        wide = [(place, text, self._metrics.horizontalAdvance(text)) for place, text in texts]
        steps = range(1, len(texts) + 1)
        return texts[:: next((step for step in steps if not self._collide(wide[::step])), 1)]

    def _collide(self, texts: list[tuple[float, str, float]]) -> bool:
        """Whether any of them touch: ticks may all stand in a small part of the axis."""
        tall = self._LINE * self._metrics.height()
        # Side by side "0.001 0.01" would be one number without a blank.
        gap = 0.5 * self._metrics.horizontalAdvance("0")
        row = sorted((place, width + gap if self._across else tall) for place, _, width in texts)
        return any(b[0] - a[0] < 0.5 * (a[1] + b[1]) for a, b in pairwise(row))

    def placed(self) -> list[tuple[str, QRectF]]:
        """Return what is written, with the room it takes: nothing that would be cut off."""
        result = []
        tall = self._LINE * self._metrics.height()
        first, last = -OVERHANG, self._length + OVERHANG
        for place, text, width in self._texts:
            half = 0.5 * (width if self._across else tall)
            left = self._size.width() - _SIDE_GAP - width
            if place - half < first or place + half > last or (left < 0 and not self._across):
                continue
            corner = (
                QPointF(place - half, _TEXT_GAP) if self._across else QPointF(left, place - half)
            )
            result.append((text, QRectF(corner, QSizeF(width, tall))))
        return result

    def paint(self, painter: QPainter) -> None:
        """Write what is placed."""
        painter.setFont(self._font)
        height, ascent = self._metrics.height(), self._metrics.ascent()
        for text, room in self.placed():
            # Below the axis lines start at the top of their room, beside it they are centred.
            top = room.top() if self._across else room.center().y() - 0.5 * height
            painter.drawText(QPointF(room.left(), top + ascent), text)


def first_digit(exponent: float) -> int:
    """Return the first digit of 10 ** exponent for a tick at a whole multiple of a power."""
    return math.floor(math.pow(10.0, exponent - math.floor(exponent + 1e-9)) + 0.5)


def power_text(exponent: float) -> str:
    """Return the tick text of 10 ** exponent."""
    whole = round(exponent)
    if abs(exponent - whole) < 1e-9:
        if -3 <= whole <= 4:
            return f"{10.0**whole:.10g}"
        return times_power("1", whole)
    value = float(f"{10.0**exponent:.2g}")
    if 1e-3 <= value < 1e5:
        return f"{value:.10g}"
    mantissa, _, power = f"{value:.1e}".partition("e")
    return times_power(mantissa.removesuffix(".0"), int(power))


def scientific_text(value: float, spacing: float) -> str:
    """Return the tick text of a large or tiny value, with the digits that ``spacing`` needs."""
    if value == 0 or abs(value) < spacing * 1e-6:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(spacing) + 1e-9))
    mantissa, _, power = f"{value:.{digits}e}".partition("e")
    if 0 <= int(power) < 7:
        return f"{value:,.0f}".replace(",", " ").replace("-", "−")
    return f"{mantissa}e{int(power)}".replace("-", "−")
