"""Matrices as pictures: orientation, colours, and views that zoom together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.core.figure.figure import Image
from gui.core.paint.plot_view import PlotView
from tests.gui.core.paint.plots import LEFT, colour_at, curve, draw, picture, pixel, wheel


def test_picture_has_its_first_row_on_top_and_nan_apart(qtbot, view):
    values = np.zeros((4, 4))
    values[0] = 1.0
    values[3, 3] = np.nan
    draw(qtbot, view, picture(values))
    top, bottom, missing = (
        colour_at(view, pixel(view, x, y)) for x, y in ((1.5, 0.5), (1.5, 2.5), (3.5, 3.5))
    )
    assert top.lightness() > bottom.lightness() + 80
    assert pixel(view, 1.5, 0.5).y() < pixel(view, 1.5, 2.5).y()
    assert missing.red() > 200
    assert missing.green() < 40


def test_picture_with_equal_aspect_has_square_entries(qtbot, view):
    draw(qtbot, view, replace(picture(), equal_aspect=True))
    frame = view.canvas.frame
    wide = frame.px_one(1) - frame.px_one(0)
    tall = frame.py_one(1) - frame.py_one(0)
    assert_allclose(wide, tall, rtol=0.01)


def test_rgb_picture_has_no_colour_bar(qtbot, view):
    rgb = np.zeros((3, 3, 3), np.uint8)
    rgb[..., 0] = 255
    image = Image("m", "M", rgb, (0, 3, 0, 3), "rgb")
    draw(qtbot, view, replace(picture(), images=(image,)))
    assert view.canvas.bar.size().width() == 0
    assert colour_at(view, pixel(view, 1.5, 1.5)) == QColor(255, 0, 0)


def test_colour_bar_appears_and_goes(qtbot, view):
    draw(qtbot, view, picture())
    qtbot.waitUntil(lambda: view.canvas.bar.size().width() > 20)
    draw(qtbot, view, curve())
    qtbot.waitUntil(lambda: view.canvas.bar.size().width() == 0)


def test_linked_views_zoom_and_reset_together(qtbot, theme):
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    views = [PlotView(theme) for _ in range(3)]
    for one in views:
        row.addWidget(one)
    window.resize(900, 300)
    with qtbot.waitExposed(window):
        window.show()
    for one, link in zip(views, ("m", "m", ""), strict=True):
        draw(qtbot, one, picture(link=link))
    wheel(views[0], pixel(views[0], 2, 1.5))
    assert_allclose(views[1].canvas.view_ranges(), views[0].canvas.view_ranges())
    assert not views[2].canvas.is_zoomed
    qtbot.mouseClick(views[1].button("reset"), LEFT)
    assert not views[0].canvas.is_zoomed
