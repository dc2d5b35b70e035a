"""Pens and brushes made from palette colours; one look in plots, legends and lists."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from gui.core.figure.palette import DASH_PATTERNS, Dash


def make_pen(color: str, dash: Dash, width: float) -> QPen:
    """Return the pen of a line drawn in one stroke (cursors, legends)."""
    pen = QPen(QColor(color), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if DASH_PATTERNS[dash]:
        pen.setDashPattern(list(DASH_PATTERNS[dash]))
    return pen


def faded(color: str, alpha: int) -> QBrush:
    """Return a brush of a colour with an alpha of 0..255."""
    tone = QColor(color)
    tone.setAlpha(alpha)
    return QBrush(tone)
