"""Matrices as pictures: orientation, colours, and views that zoom together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.core.figure import colormaps
from gui.core.figure.figure import Image
from gui.core.figure.levels import coloured
from gui.core.figure.look import Look, Range
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


def looked(values, **look):
    figure = picture(np.asarray(values))
    return replace(figure, images=(coloured(figure.images[0], Look(**look)),))


def test_a_picture_is_painted_as_it_is_looked_at(qtbot, view):
    values = np.array([[-10.0, -1.0, 0.0, 1.0, 10.0, np.nan]])
    wanted = Range("hand", -1.0, 1.0)
    for log in (False, True):
        draw(qtbot, view, looked(values, map="purple_green", log=log, range=wanted))
        shown = [colour_at(view, pixel(view, x + 0.5, 0.5)).getRgb()[:3] for x in range(6)]
        table = colormaps.table("purple_green").tolist()
        ends, middle = (tuple(table[0]), tuple(table[-1])), tuple(table[127])
        assert shown == [ends[0], ends[0], middle, ends[1], ends[1], colormaps.NAN_COLOR]


def test_the_bar_says_what_is_clipped_and_keeps_its_width(qtbot, view):
    values = np.r_[np.zeros(996), np.full(4, 9.0)].reshape(10, 100)
    draw(qtbot, view, looked(values, range=Range("full")))
    bar = view.canvas.bar
    assert bar.said() == ("9.00", "4.50", "0")
    width = bar.minimumWidth()
    draw(qtbot, view, looked(values, range=Range("hand", 0.0, 1.0)))
    assert bar.said() == ("1.00", "0.4 % above", "0.50", "0")
    assert view.button("colours").accessibleDescription() == "1.00, 0.4 % above, 0.50, 0"
    assert bar.minimumWidth() == bar.maximumWidth() == width


def test_a_narrow_plot_leaves_its_room_to_the_picture(qtbot, view):
    values = np.r_[np.zeros(996), np.full(4, 9.0)].reshape(10, 100)
    draw(qtbot, view, looked(values, range=Range("hand", 0.0, 1.0)))
    bar, label, height = view.canvas.bar, view.canvas.axes["y"].label, view.height()
    wide = bar.minimumWidth()
    view.resize(200, height)
    qtbot.waitUntil(lambda: bar.minimumWidth() < wide)
    assert not label.isVisible()
    assert bar.toolTip().startswith("0.4 % above")
    assert bar.said() == ("1.00", "0.4 % above", "0.50", "0")
    view.resize(700, height)
    qtbot.waitUntil(lambda: bar.minimumWidth() == wide)
    assert label.isVisible()
    assert "above" not in bar.toolTip()


def test_a_logarithmic_bar_has_its_numbers_where_their_colours_are(qtbot, view):
    draw(qtbot, view, looked([[-1.0, 1.0]], log=True, range=Range("full")))
    assert view.canvas.bar.said() == ("1.0", "0.022", "0", "−0.022", "−1.0")


def test_colours_can_be_changed_only_where_a_picture_has_a_look(qtbot, view):
    draw(qtbot, view, looked([[0.0, 1.0]]))
    assert not view.button("colours").isHidden()
    for plain in (picture(), curve()):
        draw(qtbot, view, plain)
        assert view.button("colours").isHidden()
        assert not [one for one in view.context_menu().actions() if "Colours" in one.text()]


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
