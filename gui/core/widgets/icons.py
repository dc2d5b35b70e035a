"""Icons drawn in the colours of the theme: Qt's own arrows are dark whatever lies behind them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

_SIZE = 18
_FAINT = 90  # alpha of what cannot be chosen now


def turn_icon(*, back: bool, ink: str) -> QIcon:
    """Return an arrow that bends back to the left (undo) or forth to the right (redo)."""
    icon = QIcon()
    for ratio in (1, 2):
        for mode, alpha in ((QIcon.Mode.Normal, 255), (QIcon.Mode.Disabled, _FAINT)):
            color = QColor(ink)
            color.setAlpha(alpha)
            icon.addPixmap(_turn(color, back, ratio), mode)
    return icon


def _turn(color: QColor, back: bool, ratio: int) -> QPixmap:
    pixmap = QPixmap(_SIZE * ratio, _SIZE * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not back:
        painter.translate(_SIZE, 0)
        painter.scale(-1, 1)
    pen = QPen(color, 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    # One stroke and one path: parts that overlap would be darker where they are faint.
    path = QPainterPath(QPointF(7.5, 2.5))
    path.lineTo(3.5, 6.5)
    path.lineTo(7.5, 10.5)
    path.moveTo(3.5, 6.5)
    path.lineTo(10.5, 6.5)
    path.arcTo(QRectF(6.0, 6.5, 9.0, 9.0), 90, -180)
    path.lineTo(7.0, 15.5)
    painter.strokePath(path, pen)
    painter.end()
    return pixmap
