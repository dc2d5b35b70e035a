"""Stamped marks look like drawn ones, wherever in a pixel they stand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gui.core.figure.palette import LIGHT
from gui.core.paint.plot_marks import paint_marks

CORNERS = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "t": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    "d": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
}
COLOR = "#104080"


def painted(draw, ratio=1.0, side=40):
    """The grey levels of a picture that ``draw(painter)`` has made."""
    image = QImage(int(side * ratio), int(side * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(LIGHT.background))
    painter = QPainter(image)
    draw(painter)
    painter.end()
    rows = image.constBits()
    pixels = np.frombuffer(rows, np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[:, :, :3].astype(float).mean(axis=2)


def one_by_one(painter, marks, symbol, size):
    half = size / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(QColor(COLOR), 2) if symbol == "x" else QPen(QColor(LIGHT.background), 1))
    painter.setBrush(QColor(COLOR))
    for x, y in marks:
        if symbol == "x":
            painter.drawLine(QLineF(x - half, y - half, x + half, y + half))
            painter.drawLine(QLineF(x - half, y + half, x + half, y - half))
        elif symbol == "o":
            painter.drawEllipse(QRectF(x - half, y - half, size, size))
        else:
            shape = QPolygonF([QPointF(half * a, half * b) for a, b in CORNERS[symbol]])
            painter.drawPolygon(shape.translated(x, y))


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("symbol", ["o", "s", "t", "d", "x"])
def test_a_stamp_is_the_symbol_where_it_belongs(symbol, ratio):
    rng = np.random.default_rng(3)
    for mark in rng.uniform(12, 28, size=(12, 2)):
        ours = painted(lambda p, m=mark: paint_marks(p, m[None], symbol, COLOR, LIGHT, 7.0), ratio)
        drawn = painted(lambda p, m=mark: one_by_one(p, m[None], symbol, 7.0), ratio)
        ink, expected = 255.0 - ours, 255.0 - drawn
        assert_allclose(ink.sum(), expected.sum(), rtol=0.03)
        rows, columns = np.indices(ink.shape)
        for place in (rows, columns):
            centre = (place * ink).sum() / ink.sum()
            assert abs(centre - (place * expected).sum() / expected.sum()) <= 0.16


@pytest.mark.usefixtures("qapp")
def test_a_mark_on_the_grid_is_drawn_to_the_pixel():
    marks = np.array([[10.0, 12.25], [11.5, 13.75], [30.25, 30.0]])
    ours = painted(lambda p: paint_marks(p, marks, "o", COLOR, LIGHT, 7.0))
    assert np.abs(ours - painted(lambda p: one_by_one(p, marks, "o", 7.0))).max() <= 3


@pytest.mark.usefixtures("qapp")
def test_the_later_mark_lies_over_the_earlier_with_a_rim():
    marks = np.array([[18.0, 20.0], [21.0, 20.0]])
    ours = painted(lambda p: paint_marks(p, marks, "o", COLOR, LIGHT, 7.0))
    assert ours[20, 17] > 150, "the rim of the second cuts the first"
    assert ours[20, 15:17].max() < ours[20, 17]


@pytest.mark.usefixtures("qapp")
def test_no_mark_draws_nothing():
    blank = painted(lambda p: paint_marks(p, np.empty((0, 2)), "o", COLOR, LIGHT, 7.0))
    assert np.ptp(blank) == 0
