"""Cursors and points under the mouse and the keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import QPoint, Qt

from gui.core.figure.figure import Cursor
from tests.gui.core.paint.plots import (
    LEFT,
    curve,
    drag,
    draw,
    make_view,
    pixel,
    record,
    scores,
    spectrum,
    with_cursor,
)


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
    view.canvas.grab()
    places = list(view.canvas.overlay.label_rects.values())
    assert len(places) == 6
    room = view.canvas.box.rect()
    for index, place in enumerate(places):
        assert room.contains(place)
        assert not any(place.intersects(other) for other in places[index + 1 :])


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
