"""Linear and logarithmic axes, and the range shown: what moves it and what does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import QPoint, Qt

from gui.core.figure.figure import Axis, Cursor
from tests.gui.core.paint.plots import (
    LEFT,
    colour_at,
    curve,
    drag,
    draw,
    pixel,
    record,
    scores,
    spectrum,
    wheel,
)


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


def test_range_stands_still_while_values_change(qtbot, view):
    draw(qtbot, view, curve())
    before = view.canvas.view_ranges()
    for scale in (0.9, 0.7, 0.95):
        draw(qtbot, view, curve(scale=scale))
        assert view.canvas.view_ranges() == before


def test_range_grows_with_the_data_and_is_fitted_anew_to_others(qtbot, view):
    draw(qtbot, view, curve())
    draw(qtbot, view, curve(scale=3.0))
    assert view.canvas.visible_limits()[1][1] > 3
    draw(qtbot, view, curve(scale=0.01))
    assert view.canvas.visible_limits()[1][1] > 3
    view.set_figure(curve(scale=0.01), afresh=True)
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
