"""The plot view draws a Figure and reports what hands do; it changes no data itself."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from gui.core.figure import Axis, Band, Cursor, Figure, Image, Series, Span
from gui.core.plot_view import PlotView
from gui.core.theme import Theme

LEFT = Qt.MouseButton.LeftButton


def curve(n=200, scale=1.0, **changes) -> Figure:
    x = np.arange(n, dtype=float)
    series = (
        Series("hard", "Hard Top-k", x, scale * (x < n / 4), "ink"),
        Series("soft", "Sigmoid", x, scale / (1 + np.exp((x - n / 4) / 5)), "c1", "dash"),
    )
    figure = Figure("topk.output", "Output p", Axis("index i"), Axis("p"), series)
    return replace(figure, **changes) if changes else figure


def with_cursor(**changes) -> Figure:
    cursor = Cursor("k", "k = 50", "x", 50.0, True, (1.0, 150.0), 1.0)
    return curve(cursors=(replace(cursor, **changes),))


def scores() -> Figure:
    y = np.linspace(-1, 1, 11)
    points = Series(
        "x", "scores", np.arange(11.0), y, "ink", symbol="o", line=False, draggable=True
    )
    return Figure("scores", "Scores", Axis("i", log_locked=True), Axis("x"), (points,))


def spectrum(values=None) -> Figure:
    values = np.geomspace(100, 1e-6, 500) if values is None else np.asarray(values)
    index = np.arange(1.0, len(values) + 1)
    series = (Series("s", "sigma", index, values, "c0"),)
    return Figure("spectrum", "Spectrum", Axis("i", log=True), Axis("sigma", log=True), series)


def picture(values=None, link="") -> Figure:
    values = np.arange(12.0).reshape(3, 4) if values is None else values
    rows, columns = values.shape[:2]
    image = Image("m", "M", values, (0, columns, 0, rows), unit="weight")
    axes = Axis("column", log_locked=True), Axis("row", log_locked=True)
    return Figure("matrix", "M", *axes, images=(image,), link=link)


@pytest.fixture
def theme(qapp):
    return Theme("light")


@pytest.fixture
def view(qtbot, theme):
    return make_view(qtbot, theme)


def make_view(qtbot, theme, size=(640, 400)):
    view = PlotView(theme)
    qtbot.addWidget(view)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    return view


def draw(qtbot, view, figure):
    """Show a figure and wait until it is on screen."""
    with qtbot.waitSignal(view.painted):
        view.set_figure(figure)
        view.update()
        view.canvas.viewport().update()


def pixel(view, x, y) -> QPoint:
    """Return where a data point lies in the canvas viewport."""
    frame = view.canvas.frame
    spot = QPointF(frame.px_one(x), frame.py_one(y))
    return view.canvas.mapFromScene(view.canvas.box.mapToScene(spot))


def drag(qtbot, view, start, end, steps=4):
    port = view.canvas.viewport()
    qtbot.mousePress(port, LEFT, pos=start)
    for step in range(1, steps + 1):
        qtbot.mouseMove(port, start + (end - start) * step / steps)
    qtbot.mouseRelease(port, LEFT, pos=end)


def record(signal):
    told = []
    signal.connect(lambda *values: told.append(values))
    return told


def colour_at(view, point: QPoint) -> QColor:
    return view.canvas.viewport().grab().toImage().pixelColor(point)


# Drawing


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


def test_legend_of_a_small_view_counts_what_does_not_fit(qtbot, theme):
    view = make_view(qtbot, theme, (380, 220))
    series = [Series(f"{i}", f"A long operator {i}", *(2 * [np.arange(3.0)])) for i in range(9)]
    draw(qtbot, view, replace(curve(), series=tuple(series)))
    shown = [text for entry, _, text in view.legend._places if entry is None]
    assert shown
    assert shown[0].startswith("+")
    assert view.canvas.height() > 100


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


# Log axes


def test_log_axis_is_not_stretched_by_tiny_values(qtbot, view):
    draw(qtbot, view, spectrum([100.0, 1.0, 1e-3, 1e-300, 0.0]))
    (_, _), (low, high) = view.canvas.visible_limits()
    assert 1e-4 < low < 1e-3
    assert 100 < high < 1000


def test_values_below_a_log_axis_are_marked(qtbot, view):
    draw(qtbot, view, spectrum([100.0, 1.0, 1e-3, 1e-300, 0.0]))
    item = view.canvas.layer.items["s"]
    assert len(item.pieces(view.canvas.frame).clipped) >= 1


@pytest.mark.parametrize("values", [np.zeros(5), -np.ones(5), np.full(5, np.nan)])
def test_log_axis_without_positive_values_is_drawn(qtbot, view, values):
    draw(qtbot, view, spectrum(values))


def test_cursor_on_log_axis_lies_at_its_value(qtbot, view, theme):
    cursor = Cursor("r", "", "x", 100.0, color="c3", dash="solid")
    draw(qtbot, view, replace(spectrum(), cursors=(cursor,)))
    frame = view.canvas.frame
    middle = frame.px_one(10.0) - frame.px_one(1.0)
    assert_allclose(frame.px_one(100.0) - frame.px_one(10.0), middle, rtol=1e-9)
    near = [colour_at(view, pixel(view, 100.0, 1.0) + QPoint(d, 0)) for d in (-1, 0, 1)]
    assert any(c.name() != theme.scheme.background for c in near)


def test_log_buttons_toggle_and_report(qtbot, view):
    draw(qtbot, view, curve())
    told = record(view.log_toggled)
    with qtbot.waitSignal(view.painted):
        qtbot.mouseClick(view.button("y"), LEFT)
    assert told == [("y", True)]
    assert view.figure().y.log
    assert view.canvas.frame.y.log


def test_a_figure_with_another_scale_replaces_the_persons_toggle(qtbot, view):
    draw(qtbot, view, curve())
    qtbot.mouseClick(view.button("y"), LEFT)
    draw(qtbot, view, curve(y=Axis("p", log=True)))
    draw(qtbot, view, curve(y=Axis("p", log=False)))
    assert not view.figure().y.log
    assert not view.button("y").isChecked()


def test_locked_axes_have_no_log_button(qtbot, view):
    draw(qtbot, view, scores())
    assert view.button("x").isHidden()
    assert not view.button("y").isHidden()


# Ranges


def test_range_stands_still_while_values_change(qtbot, view):
    draw(qtbot, view, curve())
    before = view.canvas.view_ranges()
    for scale in (0.9, 0.7, 0.95):
        draw(qtbot, view, curve(scale=scale))
        assert view.canvas.view_ranges() == before


def test_range_grows_with_the_data_and_refits_for_much_smaller_ones(qtbot, view):
    draw(qtbot, view, curve())
    draw(qtbot, view, curve(scale=3.0))
    assert view.canvas.visible_limits()[1][1] > 3
    draw(qtbot, view, curve(scale=0.01))
    assert view.canvas.visible_limits()[1][1] < 0.02


def test_reset_refits(qtbot, view):
    draw(qtbot, view, curve())
    draw(qtbot, view, curve(scale=0.7))
    qtbot.mouseClick(view.button("reset"), LEFT)
    assert view.canvas.visible_limits()[1][1] < 0.8


def test_axis_limits_are_respected(qtbot, view):
    draw(
        qtbot, view, curve(y=Axis("p", limits=(0.0, 2.0)), x=Axis("i", limits=(1, 1000), log=True))
    )
    x, y = view.canvas.visible_limits()
    assert_allclose(y, (0, 2), atol=1e-12)
    assert_allclose(x, (1, 1000), rtol=1e-12)


def test_wheel_zooms_and_figure_tells_the_zoomed_limits(qtbot, view):
    draw(qtbot, view, curve())
    assert view.figure().x.limits is None
    wheel(view, pixel(view, 50, 0.5))
    x, _ = view.canvas.visible_limits()
    assert x[1] - x[0] < 200
    assert_allclose(view.figure().x.limits, x)
    draw(qtbot, view, curve(scale=0.8))
    assert_allclose(view.figure().x.limits, x)


def wheel(view, spot):
    port = view.canvas.viewport()
    event = QWheelEvent(
        QPointF(spot),
        QPointF(port.mapToGlobal(spot)),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)


def test_drag_on_empty_ground_pans_and_home_resets(qtbot, view):
    draw(qtbot, view, curve())
    start = pixel(view, 120, 0.6)
    drag(qtbot, view, start, start + QPoint(-60, 0), steps=8)
    assert view.canvas.is_zoomed
    assert view.canvas.visible_limits()[0][0] > 5
    qtbot.keyClick(view.canvas, Qt.Key.Key_Home)
    assert not view.canvas.is_zoomed


def test_another_figure_key_forgets_the_zoom(qtbot, view):
    draw(qtbot, view, curve())
    wheel(view, pixel(view, 50, 0.5))
    draw(qtbot, view, curve(key="other"))
    assert not view.canvas.is_zoomed


# Cursors


def test_dragging_a_cursor_reports_whole_steps_then_release(qtbot, view):
    draw(qtbot, view, with_cursor())
    moved, released = record(view.cursor_dragged), record(view.cursor_released)
    drag(qtbot, view, pixel(view, 50, 0.6), pixel(view, 80, 0.6))
    values = [value for _, value in moved]
    assert values == [float(round(v)) for v in values]
    assert values[-1] == 80.0
    assert len(set(values)) == len(values)
    assert released == [("k",)]
    assert not view.canvas.is_zoomed


def test_cursor_drag_stays_within_bounds(qtbot, view):
    draw(qtbot, view, with_cursor())
    moved = record(view.cursor_dragged)
    drag(qtbot, view, pixel(view, 50, 0.6), pixel(view, 190, 0.6))
    assert moved[-1] == ("k", 150.0)


def test_cursor_drag_on_a_log_axis(qtbot, view):
    cursor = Cursor("cut", "cut", "y", 1.0, True)
    draw(qtbot, view, replace(spectrum(), cursors=(cursor,)))
    moved = record(view.cursor_dragged)
    drag(qtbot, view, pixel(view, 3, 1.0), pixel(view, 3, 0.01))
    assert_allclose(moved[-1][1], 0.01, rtol=0.06)


def test_fixed_cursors_cannot_be_dragged(qtbot, view):
    draw(qtbot, view, with_cursor(draggable=False))
    moved = record(view.cursor_dragged)
    drag(qtbot, view, pixel(view, 50, 0.6), pixel(view, 80, 0.6))
    assert moved == []


def test_cursor_moves_by_keys_and_releases_with_the_key(qtbot, view):
    draw(qtbot, view, with_cursor())
    moved, released = record(view.cursor_dragged), record(view.cursor_released)
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert moved == [("k", 51.0), ("k", 61.0)]
    assert released == [("k",), ("k",)]


def test_the_hand_leads_while_late_figures_arrive(qtbot, view):
    draw(qtbot, view, with_cursor())
    port = view.canvas.viewport()
    qtbot.mousePress(port, LEFT, pos=pixel(view, 50, 0.6))
    qtbot.mouseMove(port, pixel(view, 80, 0.6))
    view.set_figure(with_cursor(value=55.0))
    (moved,) = view.canvas.state.moved.values()
    assert moved == 80.0
    qtbot.mouseRelease(port, LEFT, pos=pixel(view, 80, 0.6))
    view.set_figure(with_cursor(value=80.0))
    assert view.canvas.state.moved == {}


@pytest.mark.parametrize("size", [(640, 400), (380, 220)])
def test_cursor_labels_neither_collide_nor_leave_the_plot(qtbot, theme, size):
    view = make_view(qtbot, theme, size)
    cursors = [Cursor(f"c{i}", f"rule number {i}: 5{i}", "x", 50.0 + i) for i in range(4)]
    cursors.append(Cursor("end", "the very last index", "x", 199.0))
    cursors.append(Cursor("y", "a level", "y", 0.3))
    draw(qtbot, view, curve(cursors=tuple(cursors)))
    places = list(view.canvas.overlay.label_rects.values())
    assert len(places) == 6
    room = view.canvas.box.rect()
    for index, place in enumerate(places):
        assert room.contains(place)
        assert not any(place.intersects(other) for other in places[index + 1 :])


# Points


def test_dragging_a_point_reports_index_and_value(qtbot, view):
    draw(qtbot, view, scores())
    moved, released = record(view.point_dragged), record(view.point_released)
    start = pixel(view, 3, scores().series[0].y[3])
    drag(qtbot, view, start + QPoint(4, 3), pixel(view, 3, 0.8))
    assert moved[-1][:2] == ("x", 3)
    assert_allclose(moved[-1][2], 0.8, atol=0.02)
    assert released == [("x", 3)]


def test_a_point_cannot_be_dragged_beyond_the_plot(qtbot, view):
    draw(qtbot, view, scores())
    moved = record(view.point_dragged)
    before = view.canvas.view_ranges()
    drag(qtbot, view, pixel(view, 5, 0.0), pixel(view, 5, 0.0) - QPoint(0, 2000))
    assert_allclose(moved[-1][2], view.canvas.visible_limits()[1][1], rtol=1e-9)
    assert view.canvas.view_ranges() == before


def test_pressing_beside_points_does_not_grab_one(qtbot, view):
    draw(qtbot, view, scores())
    moved = record(view.point_dragged)
    drag(qtbot, view, pixel(view, 3, 0.7), pixel(view, 3, 0.2))
    assert moved == []


def test_clicking_a_point_reports_a_click_not_a_drag(qtbot, view):
    draw(qtbot, view, scores())
    clicked, moved = record(view.point_clicked), record(view.point_dragged)
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=pixel(view, 5, 0.0))
    assert clicked == [("x", 5)]
    assert moved == []


def test_points_are_reached_by_keys(qtbot, view):
    draw(qtbot, view, scores())
    moved, released = record(view.point_dragged), record(view.point_released)
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Space)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Up)
    assert [entry[:2] for entry in moved] == [("x", 2)]
    assert moved[0][2] > scores().series[0].y[2]
    assert released == [("x", 2)]


# Pictures


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


# Words, menu, keys


def test_crosshair_tells_position_and_nearest_curve(qtbot, view):
    draw(qtbot, view, curve())
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 100, 0.05))
    words = view.canvas.state.readout
    assert words.startswith("x ")
    assert "Sigmoid" in words or "Hard" in words


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


# Cost


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
