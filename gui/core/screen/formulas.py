"""Formulas inside a text of Qt: objects that stand on the line, drawn when they are seen."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from gui.core.words.formula import Formula, FormulaPicture
from gui.core.words.latex import FormulaError
from gui.core.words.prepared import formula_picture

SCHEME = "math:"
KEPT = 600  # pictures; a long note has a hundred
_Key = tuple[int, float, float, int]


class Placed:
    """Where a formula stands with respect to its line, in pixels for a font.

    Qt puts an object with its bottom on the baseline, or in the middle of the letter x. What
    reaches no lower than the letters do is the former, as high as it is above the line, and its
    depth is painted below; anything else is the latter, tall enough for both halves.
    """

    def __init__(self, picture: FormulaPicture, font: QFont) -> None:
        metrics = QFontMetricsF(font)
        em = font_size(font)
        self.em = em
        ascent = (picture.height - picture.depth) * em
        depth = picture.depth * em
        self.width = math.ceil(picture.width * em)
        self.is_deep = depth > metrics.descent() + 1
        if self.is_deep:
            c = metrics.xHeight() / 2
            b = max(depth, metrics.descent(), ascent - c, metrics.ascent() + 1 - c)
            self.height = math.ceil(2 * b + c)
            self.baseline = (self.height + c) / 2
        else:
            self.height = math.ceil(ascent)
            self.baseline = float(self.height)


def font_size(font: QFont) -> float:
    """Return the size of a font in pixels."""
    if font.pixelSize() > 0:
        return float(font.pixelSize())
    return font.pointSizeF() * QFontMetricsF(font).fontDpi() / 72.0


class FormulaObjects(QPyTextObject):
    """The formulas of one document; registered for its images, and to be kept as long as it.

    Attributes
    ----------
    placed : list of Formula
        Those of the text, in the order in which it says them; an image ``math:3`` is the fourth.
    drawn : set of int
        Which have been painted.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.placed: list[Formula] = []
        self.drawn: set[int] = set()
        self.ink = QColor("black")
        self.font = QFont()
        self._pictures: list[FormulaPicture] = []
        self._places: list[Placed] = []
        self._images: dict[_Key, tuple[QImage, float, float]] = {}

    def forget(self) -> None:
        """Begin another text."""
        self.placed, self._pictures, self._places = [], [], []
        self.drawn = set()
        self._images.clear()

    def place(self, formula: Formula) -> str:
        """Return the HTML of a formula: an image that is asked for here, or its source."""
        try:
            picture = formula_picture(formula)
        except FormulaError:
            return f"<code>{escape(formula.tex, quote=False)}</code>"
        number = len(self.placed)
        self.placed.append(formula)
        self._pictures.append(picture)
        self._places.append(where := Placed(picture, self.font))
        align = "middle" if where.is_deep else "baseline"
        size = f'width="{where.width}" height="{where.height}"'
        return f'<img src="{SCHEME}{number}" {size} style="vertical-align:{align}">'

    def source(self, char_format: QTextFormat) -> str:
        """Return the LaTeX of an object with its dollars; "" for any other image."""
        number = self._number(char_format)
        if number is None:
            return ""
        formula = self.placed[number]
        mark = "$$" if formula.display else "$"
        return f"{mark}{formula.tex}{mark}"

    def _number(self, char_format: QTextFormat) -> int | None:
        name = char_format.toImageFormat().name()
        number = name.removeprefix(SCHEME)
        known = name.startswith(SCHEME) and number.isdecimal() and int(number) < len(self.placed)
        return int(number) if known else None

    # -- what Qt asks -------------------------------------------------------------------------

    def intrinsicSize(self, doc: QTextDocument, pos: int, form: QTextFormat) -> QSizeF:  # noqa: D102
        number = self._number(form)
        if number is None:
            return QSizeF(0, 0)
        where = self._places[number]
        return QSizeF(where.width, where.height)

    def drawObject(  # noqa: D102
        self, painter: QPainter, rect: Any, doc: QTextDocument, pos: int, form: QTextFormat
    ) -> None:
        number = self._number(form)
        if number is None:
            return
        self.drawn.add(number)
        where = self._places[number]
        # What is drawn into may say 1 where 2 is drawn: only the painter knows.
        to_device = painter.deviceTransform()
        scale = to_device.m11() or 1.0
        image, left, above = self._image(number, where.em, scale)
        point = QPointF(QRectF(rect).left(), QRectF(rect).top() + where.baseline)
        on_device = to_device.map(point)
        whole = QPointF(round(on_device.x()) - left, round(on_device.y()) - above)
        painter.save()
        shift = whole - on_device
        painter.translate(point.x() + shift.x() / scale, point.y() + shift.y() / scale)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def _image(self, number: int, em: float, scale: float) -> tuple[QImage, float, float]:
        """Return a formula as a picture, and the pixels left of it and above its baseline."""
        key = (number, em, scale, self.ink.rgba())
        if key not in self._images:
            if len(self._images) >= KEPT:
                self._images.clear()
            self._images[key] = _drawn(self._pictures[number], em * scale, scale, self.ink)
        return self._images[key]


def _drawn(
    picture: FormulaPicture, size: float, scale: float, ink: QColor
) -> tuple[QImage, float, float]:
    """Draw a formula for letters of ``size`` device pixels, its baseline between two rows."""
    above = math.ceil((picture.height - picture.depth) * size) + 1
    below = math.ceil(picture.depth * size) + 1
    image = QImage(
        math.ceil(picture.width * size) + 2,
        above + below,
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.fill(Qt.GlobalColor.transparent)
    svg = picture.svg.replace("currentColor", ink.name())
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    painter = QPainter(image)
    top = above - (picture.height - picture.depth) * size
    renderer.render(painter, QRectF(1, top, picture.width * size, picture.height * size))
    painter.end()
    image.setDevicePixelRatio(scale)
    return image, 1.0, float(above)
