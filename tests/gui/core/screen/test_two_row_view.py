"""Two rows of plots: where the notice stands, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget

from gui.core.figure.figure import Figure, Series
from gui.core.paint.theme import Theme
from gui.core.screen.splitter import Splitter
from gui.core.screen.two_row_view import TwoRowView


@pytest.fixture
def view(qtbot, settings):
    made = TwoRowView(Theme("light"))
    made.upper.addWidget(made.new_plot("above", "Above"))
    tabs, pages = QTabWidget(), {}
    for key in ("one", "two"):
        pages[key] = Splitter()
        pages[key].addWidget(made.new_plot(key, key))
        tabs.addTab(pages[key], key)
    made.stack(tabs, pages, (1, 1), settings, "page")
    qtbot.addWidget(made)
    made.resize(700, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


def top_of(view, widget):
    return widget.mapTo(view, widget.rect().topLeft()).y()


def lower_edge(view, widget):
    return top_of(view, widget) + widget.height()


def test_a_notice_lies_over_the_lower_edge_and_moves_nothing(view, qtbot):
    before = {key: (top_of(view, plot), plot.size()) for key, plot in view.plots.items()}
    for text in ("Cancelled.", "Cancelled, and there is much more to say. " * 9):
        view.notice.set_notice(text, (("again", "Compute again", ""),))
        qtbot.waitUntil(lambda: lower_edge(view, view.notice) == view.height())
        assert {key: (top_of(view, p), p.size()) for key, p in view.plots.items()} == before
    view.resize(500, 500)
    qtbot.waitUntil(lambda: lower_edge(view, view.notice) == view.height() == 500)
    assert view.notice.width() == 500


@pytest.mark.parametrize("alone", ["above", "one"])
def test_a_notice_lies_over_the_plot_that_fills_the_page(view, qtbot, alone):
    view.toggle_maximised(view.plots[alone])
    view.notice.set_notice("Cancelled.", (("again", "Compute again", ""),))
    plot = view.plots[alone]
    qtbot.waitUntil(lambda: plot.height() > 400)
    assert top_of(view, plot) < top_of(view, view.notice)
    assert lower_edge(view, view.notice) == view.height()
    with qtbot.waitSignal(view.notice_chosen) as chosen:
        qtbot.mouseClick(view.notice.buttons["again"], Qt.MouseButton.LeftButton)
    assert chosen.args == ["again"]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert all(view.plots[key].isVisible() for key in ("above", "one"))
    assert view.notice.isVisible()


def test_lower_views_are_known_by_their_keys(view, qtbot):
    with qtbot.assertNotEmitted(view.view_chosen):
        view.set_lower("two")
        view.set_lower("unheard of")
    assert view.lower_key() == "two"
    with qtbot.waitSignal(view.view_chosen) as chosen:
        view.tabs.setCurrentIndex(0)
    assert chosen.args == ["one"]


def figure(key):
    x = np.arange(8.0)
    return Figure(key, key, series=(Series("a", "A", x, x),))


def drawn(view):
    return {key for key, plot in view.plots.items() if plot.figure() is not None}


@pytest.mark.parametrize(("seconds", "at_once"), [(0.005, 3), (0.007, 2), (0.1, 1)])
def test_no_more_is_drawn_in_a_turn_than_is_painted_in_a_frame(view, qtbot, seconds, at_once):
    view.new_plot("beside", "Beside")
    for plot in view.plots.values():
        plot.canvas._paints.clear()
        plot.canvas._paints.append(seconds)
    keys = list(view.plots)
    for key in keys:
        view.set_figure(key, figure(key))
    now = {key for key in keys if view.plots[key]._figure is not None}
    assert now == set(keys[:at_once])
    qtbot.waitUntil(lambda: not view.is_drawing)
    assert drawn(view) == set(keys)


def test_a_figure_that_waits_gives_way_to_a_newer_one(view, qtbot):
    for plot in view.plots.values():
        plot.canvas._paints.clear()
        plot.canvas._paints.append(0.1)
    view.set_figure("above", figure("above"))
    view.set_figure("one", figure("old"))
    view.set_figure("one", figure("new"))
    qtbot.waitUntil(lambda: not view.is_drawing)
    assert view.plots["one"].figure().title == "new"
