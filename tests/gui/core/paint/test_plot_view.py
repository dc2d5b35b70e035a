"""The plot view draws a Figure and reports what hands do; it changes no data itself."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QMenu, QToolButton

from gui.core.figure.figure import Axis, Band, Cursor, Figure, Image, Series, Span
from gui.core.keys.focus import stops
from gui.core.paint.head.legend import Entry, Legend
from tests.gui.core.paint.plots import (
    LEFT,
    colour_at,
    curve,
    draw,
    make_view,
    picture,
    pixel,
    record,
    spectrum,
    with_cursor,
)


def test_set_figure_emits_nothing_and_paints(qtbot, view):
    told = []
    for name in ("cursor_dragged", "point_dragged", "log_toggled", "focused", "point_clicked"):
        told.append(record(getattr(view, name)))
    draw(qtbot, view, with_cursor())
    assert view.frames_painted > 0
    assert not any(told)


def test_set_figure_reuses_items_by_key(qtbot, view):
    draw(qtbot, view, curve())
    before = dict(view.canvas.layer.items)
    draw(qtbot, view, curve(scale=0.9))
    assert view.canvas.layer.items == before
    draw(qtbot, view, replace(curve(), series=curve().series[:1]))
    assert set(view.canvas.layer.items) == {"hard"}


def test_curves_are_drawn_in_their_colours_where_the_data_are(qtbot, view, theme):
    draw(qtbot, view, curve())
    ink = QColor(theme.scheme.ink).lightness()
    spot = pixel(view, 170, 0.0)
    column = [colour_at(view, spot + QPoint(0, d)).lightness() for d in range(-2, 3)]
    assert min(column) < ink + 30
    assert colour_at(view, pixel(view, 120, 0.5)).lightness() > 200


def test_a_theme_change_repaints(qtbot, view, theme):
    draw(qtbot, view, curve())
    spot = pixel(view, 110, 0.55)
    light = colour_at(view, spot)
    with qtbot.waitSignal(view.painted):
        theme.set_mode("dark")
    assert colour_at(view, spot).lightness() < light.lightness() - 100


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny_curves_are_drawn(qtbot, view, n):
    draw(qtbot, view, curve(max(n, 1)) if n else replace(curve(), bands=(_band(),), series=()))


def _band():
    x = np.arange(10.0)
    return Band("b", "certified", x, x - 1, x + 1)


def test_everything_at_once_is_drawn_without_complaint(qtbot, view):
    figure = replace(
        spectrum([3, 2, 1, 0, np.nan, np.inf]),
        bands=(_band(),),
        spans=(Span("n", "noise", "y", 0.5, 1.5),),
        cursors=(Cursor("r", "r", "x", 2), Cursor("c", "cut", "y", 0.0)),
        note="a note",
    )
    draw(qtbot, view, figure)


def test_empty_figure_shows_its_note_in_words(qtbot, view):
    figure = Figure("e", "Spectrum", Axis("i"), Axis("sigma"), note="Open a matrix.")
    view.set_figure(figure)
    assert view._stack.currentWidget() is view._empty
    assert view._empty.text() == "Open a matrix."
    assert view.button("reset").isHidden()
    draw(qtbot, view, curve())
    assert view._stack.currentWidget() is view.canvas


def test_legend_names_everything_outside_the_plot(qtbot, view):
    draw(qtbot, view, replace(curve(), bands=(_band(),)))
    assert view.legend_entries() == ("Hard Top-k", "Sigmoid", "certified")
    assert view.legend.geometry().bottom() <= view.canvas.geometry().top()


def test_legend_names_the_reference_before_what_may_be_folded(qtbot, view):
    figure = curve()
    first, *rest = figure.series
    draw(qtbot, view, replace(figure, series=(*rest, first)))
    assert first.color == "ink"
    assert view.legend_entries()[0] == first.name


def test_legend_of_a_small_view_counts_what_does_not_fit(qtbot, theme):
    view = make_view(qtbot, theme, (380, 220))
    series = [Series(f"{i}", f"A long operator {i}", *(2 * [np.arange(3.0)])) for i in range(9)]
    draw(qtbot, view, replace(curve(), series=tuple(series)))
    assert view.legend.more.isVisible()
    assert view.legend.more.text().startswith("+")
    assert view.canvas.height() > 100


@pytest.mark.qt_log_ignore("does not support grabbing", extend=True)
def test_what_counts_the_rest_of_a_legend_lists_all_of_it(qtbot, theme):
    view = make_view(qtbot, theme, (380, 220))
    names = [f"A long operator {i}" for i in range(9)]
    series = [Series(name, name, *(2 * [np.arange(3.0)])) for name in names]
    draw(qtbot, view, replace(curve(), series=tuple(series)))
    more = view.legend.more
    assert more in list(stops(view))  # by keys, too
    assert view.figure().title in more.accessibleName()
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    (menu,) = view.legend.findChildren(QMenu)
    (whole,) = menu.findChildren(Legend)
    assert whole.isVisible()
    assert [entry.name for entry in whole.entries()] == names
    assert not whole.more.isVisible()
    assert whole.cut_names() == []
    assert all(name in menu.accessibleName() for name in names)
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_names_as_wide_as_the_legend_stay_named_above_the_count(qtbot, theme):
    legend = Legend(theme)
    qtbot.addWidget(legend)
    legend.resize(200, 10)
    names = [f"{i} a rule of a long name, k" for i in range(9)]
    legend.set_entries(tuple(Entry(name, "ink") for name in names))
    assert [name for entry, _, name in legend._places if entry is not None] == names[:2]
    assert legend.more.text() == "+7"
    assert [place.top() for _, place, _ in legend._places] == sorted(
        {place.top() for _, place, _ in legend._places}
    )


def test_nan_breaks_a_line(qtbot, view, theme):
    y = np.ones(101)
    y[40:60] = np.nan
    series = Series("s", "s", np.arange(101.0), y, "ink", width=3)
    draw(qtbot, view, replace(curve(), series=(series,), y=Axis("y", limits=(0, 2))))
    ink = QColor(theme.scheme.ink)
    assert colour_at(view, pixel(view, 20, 1)) == ink
    assert colour_at(view, pixel(view, 53, 1)) != ink


@pytest.mark.parametrize("dash", ["solid", "dash", "dot"])
@pytest.mark.parametrize("base", ["flat", "noise"])
def test_a_spike_of_one_sample_among_many_is_drawn(qtbot, view, theme, dash, base):
    rng = np.random.default_rng(0)
    y = rng.uniform(0.0, 0.1, 100_000) if base == "noise" else np.zeros(100_000)
    y[54_321] = 1.0
    series = Series("s", "s", np.arange(100_000.0), y, "c0", dash)
    draw(qtbot, view, replace(curve(), series=(series,), cursors=()))
    image = view.canvas.viewport().grab().toImage()
    colour, spot = QColor(theme.scheme.color("c0")), pixel(view, 54_321, 0.95)
    near = [image.pixelColor(spot + QPoint(d, 0)) for d in range(-2, 3)]
    assert colour in near


def test_crosshair_tells_position_and_nearest_curve(qtbot, view):
    draw(qtbot, view, curve())
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 100, 0.05))
    words = view.canvas.state.readout
    figure = curve()
    assert words.startswith(f"{figure.x.quantity} ")
    assert f", {figure.y.quantity} " in words
    assert "Sigmoid" in words or "Hard" in words


def test_crosshair_reads_quantities_where_a_picture_has_them(qtbot, view):
    values = np.arange(12.0).reshape(3, 4)
    image = Image("p", "p", values, (0.5, 4.5, 1.5, -1.5), unit="p")
    tau = Axis("temperature tau (unit of the scores)", log_locked=True, decades=True)
    figure = Figure("heat", "p", Axis("rank (1 = largest)", log_locked=True), tau, images=(image,))
    draw(qtbot, view, figure)
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 3.0, -1.0))
    assert view.canvas.state.readout == "temperature tau 0.1000, rank 3, p 10.00"


def test_no_key_of_the_program_is_read_under_the_mouse(qtbot, view):
    x = np.arange(5.0)
    parts = (
        Series("hard.9", "", x, x, "c0", called="Hard Top-k, rank 9"),
        Series("hard.10", "", x, x + 50.0, "c0"),
    )
    draw(qtbot, view, Figure("f", "F", Axis("tau (unit)"), Axis("p"), parts))
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 2.0, 3.0))
    assert view.canvas.state.readout.endswith("   Hard Top-k, rank 9 (2, 2.000)")
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 2.0, 51.0))
    assert view.canvas.state.readout.endswith("   p (2, 52.00)")


def test_crosshair_names_row_and_column_of_a_picture(qtbot, view):
    draw(qtbot, view, picture())
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 2.5, 1.5))
    assert "row 1, column 2" in view.canvas.state.readout
    assert "6.000 weight" in view.canvas.state.readout


def test_double_click_asks_to_maximise(qtbot, view):
    draw(qtbot, view, curve())
    with qtbot.waitSignal(view.maximise_toggled):
        qtbot.mouseDClick(view.canvas.viewport(), LEFT, pos=pixel(view, 120, 0.6))


def test_focus_is_reported(qtbot, view):
    draw(qtbot, view, curve())
    view.button("reset").setFocus()
    with qtbot.waitSignal(view.focused):
        view.setFocus()


def test_context_menu_is_our_own_with_the_figure_actions_of_the_window(qtbot, view):
    draw(qtbot, view, curve())
    action = QAction("Export figure…", view.window(), objectName="export_figure")
    action.setProperty("context", "plot")
    view.window().addAction(action)
    done = record(action.triggered)
    menu = view.context_menu()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Reset view", "Logarithmic x axis", "Logarithmic y axis", "Export figure…"]
    menu.actions()[-1].trigger()
    assert len(done) == 1
    menu.close()


def test_title_and_curves_are_told_to_screen_readers(qtbot, view):
    draw(qtbot, view, curve())
    assert view.canvas.accessibleName() == "Output p"
    assert "Sigmoid" in view.canvas.accessibleDescription()


def test_line_is_drawn_from_few_points_whatever_n(qtbot, view):
    x = np.arange(1_000_000.0)
    series = Series("s", "s", x, np.random.default_rng(0).standard_normal(x.size))
    draw(qtbot, view, curve(series=(series,)))
    pieces = view.canvas.layer.items["s"].pieces(view.canvas.frame)
    assert len(pieces.segments) + len(pieces.bars) <= 4 * view.canvas.width()


def test_300_frames_leak_neither_references_nor_memory(qtbot, view):
    x = np.linspace(0, 6, 400)
    figures = [
        curve(
            series=tuple(
                Series(
                    f"{j}", f"{j}", x, np.sin(x * (j + 1) + i / 10), f"c{j}", symbol="o" * (j % 2)
                )
                for j in range(4)
            ),
            cursors=(Cursor("k", f"k = {i}", "x", i / 4, True),),
        )
        for i in range(20)
    ]
    for figure in figures:
        draw(qtbot, view, figure)
    gc.collect()
    none_before = sys.getrefcount(None)
    tracemalloc.start()
    first = tracemalloc.get_traced_memory()[0]
    for index in range(300):
        draw(qtbot, view, figures[index % len(figures)])
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    tracemalloc.stop()
    assert sys.getrefcount(None) - none_before > -60
    assert grown < 400_000


def test_an_equal_curve_is_not_cut_anew_and_another_is(qtbot, view):
    draw(qtbot, view, curve())
    items = view.canvas.layer.items
    before = {key: item.pieces(view.canvas.frame) for key, item in items.items()}
    draw(qtbot, view, curve())
    assert all(items[key].pieces(view.canvas.frame) is pieces for key, pieces in before.items())
    first, second = curve().series
    changed = (replace(first, dash="dot"), replace(second, y=second.y * 0.9))
    draw(qtbot, view, curve(series=changed))
    after = {key: item.pieces(view.canvas.frame) for key, item in items.items()}
    assert not any(after[key] is pieces for key, pieces in before.items())


def test_what_painting_costs_is_known_after_the_first_time(qtbot, theme):
    view = make_view(qtbot, theme)
    draw(qtbot, view, curve())
    assert 0 < view.canvas.paint_cost < 1


def test_the_first_curve_has_its_room_at_once(qtbot, theme):
    view = make_view(qtbot, theme, (270, 350))
    assert not any(button.isVisible() for button in view.findChildren(QToolButton))
    picture = view.canvas.grab().toImage()  # no axes of nothing
    assert all(
        picture.pixel(x, y) == picture.pixel(0, 0)
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    )
    view.set_figure(replace(curve(), title="Scores"))
    # Painted before the next layout, it would be a strip below an empty head.
    assert view.canvas.height() > 250
