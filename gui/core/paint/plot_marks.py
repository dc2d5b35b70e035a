"""Marks of series: a symbol is drawn once for every place in a pixel, and stamped from then on.

To draw each mark by itself takes four times as long, and a drag draws all of them in every frame.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gui.core.figure.palette import Scheme

_PLACES = 4  # in a pixel, each way: a mark is at most an eighth of a pixel from where it should be
_CORNERS = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "t": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    "d": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
}


def paint_marks(
    painter: QPainter,
    marks: NDArray[np.float64],
    symbol: str,
    color: str,
    scheme: Scheme,
    size: float,
) -> None:
    """Draw one symbol at every mark; a rim of the background keeps close ones apart.

    Parameters
    ----------
    marks : ndarray, shape (m, 2)
        Pixels.
    symbol : str
        "o", "s", "t", "d" or "x".
    size : float
        Pixels across.
    """
    ratio = painter.device().devicePixelRatioF()
    sheet = _stamps(symbol, color, scheme.background, size, ratio)
    cell = sheet.height() // _PLACES
    places = np.round(marks * ratio * _PLACES).astype(np.int64)
    pixels, part = np.divmod(places, _PLACES)
    corners = (pixels - cell // 2) / ratio
    for x, y, column, row in np.column_stack([corners, part * cell]).tolist():
        painter.drawImage(QPointF(x, y), sheet, QRectF(column, row, cell, cell))


@lru_cache(maxsize=64)
def _stamps(symbol: str, color: str, background: str, size: float, ratio: float) -> QImage:
    """Return the symbol at every place in a pixel, one cell each: rows down, columns across."""
    half = size / 2
    cell = 2 * int(np.ceil((1.25 * half + 2.0) * ratio) + 1)
    sheet = QImage(cell * _PLACES, cell * _PLACES, QImage.Format.Format_ARGB32_Premultiplied)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.scale(ratio, ratio)
    painter.setPen(QPen(QColor(color), 2) if symbol == "x" else QPen(QColor(background), 1))
    painter.setBrush(QColor(color))
    for row in range(_PLACES):
        for column in range(_PLACES):
            x = (column * cell + cell // 2 + column / _PLACES) / ratio
            y = (row * cell + cell // 2 + row / _PLACES) / ratio
            _draw_symbol(painter, symbol, QPointF(x, y), half)
    painter.end()
    sheet.setDevicePixelRatio(ratio)
    return sheet


def _draw_symbol(painter: QPainter, symbol: str, at: QPointF, half: float) -> None:
    if symbol == "x":
        for way in (-half, half):
            painter.drawLine(QLineF(at.x() - half, at.y() - way, at.x() + half, at.y() + way))
    elif symbol in _CORNERS:
        corners = [QPointF(half * x, half * y) for x, y in _CORNERS[symbol]]
        painter.drawPolygon(QPolygonF(corners).translated(at))
    else:
        painter.drawEllipse(at, half, half)
