"""Other data: every axis fitted anew. Another number about the same: axes and zoom stand still."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gui.core.figure.figure import Figure
from gui.core.paint.plot_view import PlotView, is_empty
from gui.pages import PAGES
from tests.support import window_widgets as seen

SHOWN = [page for page in PAGES if page.plots]
A = np.random.default_rng(1).normal(size=(24, 17))
B = 40.0 + 90.0 * np.random.default_rng(2).normal(size=(31, 12))


@pytest.fixture
def driver(start):
    made = start()
    made.open(("b", B), ("a", A))
    return made


def drawn(driver) -> dict[str, PlotView]:
    """The plots on the screen that show something."""
    plots = seen.visible(driver.window, PlotView)
    assert len(plots) >= 2
    return {p.figure().key: p for p in plots if isinstance(p.figure(), Figure)
            and not is_empty(p.figure())}  # fmt: skip


def views(driver, page, count=None):
    """Bring the lower views of a page to the front, one after the other."""
    driver.page(page.key)
    for view in tuple(page.views or ("",))[:count]:
        if view:
            driver.window.pages[page.key].conductor.show_view(view)
            driver.idle()
        yield view


def zoom(driver):
    for plot in drawn(driver).values():
        driver.qtbot.keyClick(plot.canvas, Qt.Key.Key_Plus)
        driver.qtbot.keyClick(plot.canvas, Qt.Key.Key_Plus)
        assert plot.canvas.is_zoomed


def ranges(driver):
    return {key: plot.canvas.view_ranges() for key, plot in drawn(driver).items()}


def choose(driver, name):
    driver.select(name, f"{name}.npy")
    driver.idle()


def is_same(figure, plot):
    """Whether a plot still draws the very numbers of a figure."""
    now = plot.figure()
    return figure.series is now.series and figure.images is now.images


@pytest.mark.parametrize("count", [1, pytest.param(None, marks=pytest.mark.long)])
def test_another_array_is_fitted_anew(driver, count):
    problems = []
    for page in SHOWN:
        for view in views(driver, page, count):
            for name in ("a", "b"):
                zoom(driver)
                before = {key: plot.figure() for key, plot in drawn(driver).items()}
                choose(driver, name)
                found = ranges(driver)
                for plot in drawn(driver).values():
                    plot.reset_view()
                again = ranges(driver)
                for key in found:
                    # What is not of the array at all, as the 2 x 2 geometry, is not drawn anew.
                    if found[key] != again[key] and not is_same(before[key], drawn(driver)[key]):
                        problems.append(f"{view}: {key}")
    assert problems == []


def test_another_number_about_the_same_array_leaves_the_zoom(driver):
    problems = []
    for page in SHOWN:
        next(views(driver, page))
        choose(driver, "a")
        conductor = driver.window.pages[page.key].conductor
        view, tried = conductor.view, []
        zoom(driver)
        before = ranges(driver)
        for one in page.controls_of(view):
            now = conductor.present()
            if one.kind != "number" or not (now.is_shown(one) and now.is_enabled(one)):
                continue
            value, (low, high) = now.look(one), now.bounds(one)
            fitted = page.fitted and now.look(page.fitted)
            other = min(max(type(one.default)(value * 0.7 + 1), low), high)
            conductor.edit(one.name, other)
            conductor.seal()
            driver.idle()
            tried.append(one.name)
            if page.fitted and conductor.present().look(page.fitted) != fitted:
                zoom(driver)  # a number that says how much there is, as the length of a text
                before = ranges(driver)
                continue
            after = ranges(driver)
            moved = [key for key in after if key in before and after[key] != before[key]]
            problems += [f"{one.name} {value} to {other}: {key}" for key in moved]
        assert tried
    assert problems == []


def test_axes_stand_still_while_a_number_comes_and_goes(driver):
    for page, name, values in (
        ("topk", "tau", (0.5, 3.0, 0.5)),
        ("topk", "k", (6.0, 9.0, 6.0)),
        ("topk", "position", (0, 5, 0)),
        ("spectrum", "rank", (3, 9, 3)),
    ):
        driver.page(page)
        choose(driver, "a")
        shown = []
        for value in values:
            driver.window.pages[page].conductor.edit(name, value)
            driver.window.pages[page].conductor.seal()
            driver.idle()
            shown.append(ranges(driver))
        assert shown[1] == shown[2], name
        for key, (x, y) in shown[0].items():
            grown_x, grown_y = shown[1][key]
            assert grown_x == x, (name, key)
            # Data that would be cut take the room they need; nothing ever shrinks under the hand.
            assert grown_y[0] <= y[0] < y[1] <= grown_y[1], (name, key)
