"""What is dragged in a plot: line, box and slider are one number; a plot alone; dividers stay."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from gui.core.figure.scale import make_scale
from gui.core.paint.head.labels import Title
from gui.core.paint.plot_view import PlotView
from gui.core.screen.splitter import Splitter
from gui.pages import PAGES
from tests.support import window_widgets as seen
from tests.support.at_rest import bring_to_front
from tests.support.window_driver import WindowDriver
from tests.support.window_widgets import LEFT

SHOWN = [page for page in PAGES if page.plots]
A = np.random.default_rng(1).normal(size=(24, 17))


@pytest.fixture
def driver(start):
    made = start()
    made.open(("a", A))
    return made


def lines(driver, page):
    """Yield (figure, cursor, control) of every line that sets a number beside the plots."""
    numbers = driver.window.pages[page.key].controls.numbers
    for plot in seen.visible(driver.window, PlotView):
        for cursor in getattr(plot.figure(), "cursors", ()):
            control = numbers.get(cursor.key)
            if cursor.draggable and control is not None and control.isVisible():
                yield plot.figure(), cursor, control


def are_one(driver, page, figure, cursor, control):
    """Whether line, state, box and slider have the same number."""
    now = driver.cursor(figure.key, cursor.key).value
    at_slider = control.slider.value() == round(control._position_of(now))
    return now == getattr(driver.store[page.key], cursor.key) == control.value() and at_slider


def check_line(driver, page, figure, cursor, control):
    """Drag a line; type; pull the slider: the other two follow while the hand is still down."""
    canvas = driver.canvas(figure.key)
    figure, cursor = driver.figure(figure.key), driver.cursor(figure.key, cursor.key)
    along_x = cursor.axis == "x"
    scale = make_scale(figure, cursor.axis, (figure.x if along_x else figure.y).log)
    stops = [seen.share_of(canvas, cursor.axis, share) for share in (0.35, 0.7)]
    across = seen.share_of(canvas, "y" if along_x else "x", 0.4)
    at = scale.forward_one(cursor.value)
    where = f"{figure.key} {cursor.key}"
    found = []
    with driver.held(figure.key, *((at, across) if along_x else (across, at))) as move:
        for stop in stops:
            move(*((stop, across) if along_x else (across, stop)))
            driver.wait(lambda: are_one(driver, page, figure, cursor, control))
            found.append(control.value())
    driver.idle()
    assert len(set(found)) == 2, where
    assert are_one(driver, page, figure, cursor, control), where
    control.slider.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_PageUp):
        driver.qtbot.keyClick(control.slider, key)
        driver.wait(lambda: are_one(driver, page, figure, cursor, control))
    driver.idle()


@pytest.mark.parametrize("count", [1, pytest.param(None, marks=pytest.mark.long)])
def test_line_box_and_slider_show_one_number_at_all_times(driver, count):
    tried = set()
    for page in SHOWN:
        driver.page(page.key)
        for view in tuple(page.views)[:count]:
            driver.window.pages[page.key].conductor.show_view(view)
            driver.idle()
            for figure, cursor, control in tuple(lines(driver, page)):
                if (figure.key, cursor.key) not in tried:
                    check_line(driver, page, figure, cursor, control)
                    tried.add((figure.key, cursor.key))
    assert {key for _, key in tried} >= {"k", "tau", "rank", "r", "at"}


def test_a_double_click_on_its_title_lets_a_plot_fill_the_page_and_escape_brings_all_back(driver):
    for page in SHOWN:
        driver.page(page.key)
        before = seen.visible(driver.window, PlotView)
        sizes = [plot.size() for plot in before]
        assert len(before) > 1
        for plot in (before[0], before[-1]):
            title = next(one for one in seen.visible(plot, QLabel) if isinstance(one, Title))
            assert title.text() == plot.figure().title
            bring_to_front(driver.qtbot, driver.window)
            driver.qtbot.mouseDClick(title, LEFT, pos=QPoint(4, 4))
            driver.turns()
            assert seen.visible(driver.window, PlotView) == [plot]
            driver.qtbot.keyClick(driver.window.focusWidget(), Qt.Key.Key_Escape)
            driver.turns()
            assert seen.visible(driver.window, PlotView) == before
            assert [one.size() for one in before] == sizes


def shares(driver):
    """How the dividers of the page in front divide it."""
    found = [one.sizes() for one in seen.visible(driver.window, Splitter)]
    return [[size / sum(sizes) for size in sizes] for sizes in found]


def is_near(now, before):
    return all(np.allclose(a, b, atol=0.02) for a, b in zip(now, before, strict=True))


@pytest.mark.parametrize("pages", [SHOWN[:1], pytest.param(SHOWN, marks=pytest.mark.long)])
def test_dividers_remember_their_place_and_a_reset_puts_them_back(
    qtbot, qapp, tmp_path, dialogs, pages
):
    delivered, moved = {}, {}
    driver = WindowDriver(qtbot, qapp, tmp_path, dialogs)
    for page in pages:
        driver.page(page.key)
        delivered[page.key] = shares(driver)
        for one in seen.visible(driver.window, Splitter):
            for number in range(1, one.count()):
                for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
                    qtbot.keyClick(one.handle(number), key, Qt.KeyboardModifier.ShiftModifier)
        moved[page.key] = shares(driver)
        assert not is_near(moved[page.key], delivered[page.key])
    driver.close()
    driver = WindowDriver(qtbot, qapp, tmp_path, dialogs)
    for key, before in moved.items():
        driver.page(key)
        assert is_near(shares(driver), before), key
    driver.window.reset_layout()
    for key, before in delivered.items():
        driver.page(key)
        driver.turns()
        assert is_near(shares(driver), before), key
    driver.close()
