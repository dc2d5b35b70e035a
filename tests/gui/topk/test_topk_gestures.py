import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PySide6.QtCore import Qt

from engine.topk import get_operator


@pytest.mark.parametrize("order", ["rank", "index"])
def test_dragging_a_score_changes_it_and_every_curve(page, order):
    page.choose(page.controls.choices["order"], order)
    page.settle()
    scores = page.scores
    place = 30
    index = int(scores.order[place]) if order == "rank" else place
    x = place + 1 if order == "rank" else place
    page.drag_point("scores", (x, scores.values[index]), (x, 1.0))
    moved = page.scores.values
    assert abs(moved[index] - 1.0) < 0.05
    others = np.arange(64) != index
    assert_array_equal(moved[others], scores.values[others])
    expected = get_operator("grad")(moved, 8, 0.5)
    if order == "rank":
        expected = expected[np.argsort(-moved, kind="stable")]
    assert_allclose(page.curve("output", "grad").y, expected, atol=1e-14)
    page.store.undo()
    page.settle()
    assert_array_equal(page.scores.values, scores.values)


def test_moved_points_can_be_put_back(page):
    before = page.scores.values
    page.drag_point("scores", (1, before.max()), (1, 0.0))
    assert page.page.box.reset_button.isVisible()
    page.qtbot.mouseClick(page.page.box.reset_button, Qt.MouseButton.LeftButton)
    page.settle()
    assert_array_equal(page.scores.values, before)


def test_dragging_the_k_cursor_moves_slider_and_spin_box(page):
    page.drag_point("output", (8, 0.7), (20.2, 0.7))
    assert page.state.k == 20
    assert page.controls.numbers["k"].value() == 20
    assert_allclose(page.curve("output", "hard").y.sum(), 20)
    page.store.undo()
    assert page.state.k == 8, "one drag is one step"


def test_a_k_cursor_dragged_back_leaves_nothing_to_undo(page):
    page.drag_point("output", (8, 0.7), (20.2, 0.7), (8, 0.7))
    assert page.state.k == 8
    assert not page.store.can_undo


@pytest.mark.parametrize("order", ["rank", "index"])
def test_a_score_dragged_back_leaves_nothing_to_undo(page, order):
    page.choose(page.controls.choices["order"], order)
    page.settle()
    steps = page.store.undo_label
    scores = page.scores
    x, value = (1, scores.ranked[0]) if order == "rank" else (0, scores.values[0])
    page.drag_point("scores", (x, value), (x, 0.0), (x, value))
    assert_array_equal(page.scores.values, scores.values)
    assert page.store.undo_label == steps
    assert not page.page.box.reset_button.isVisible()


def test_dragging_the_tau_cursor_of_the_sweep_changes_tau(page):
    page.drag_point("tau_sweep", (0.5, 0.9), (5.0, 0.9))
    assert_allclose(page.state.tau, 5.0, rtol=0.1)
    expected = np.sort(get_operator("exp")(page.scores.values, 8, page.state.tau))
    assert_allclose(page.curve("output", "exp").y, expected[::-1], atol=1e-14)


def test_maximised_plot_fills_the_page_until_escape(page):
    plot = page.plot("output")
    page.qtbot.mouseDClick(plot.canvas.viewport(), Qt.MouseButton.LeftButton)
    assert not page.plot("scores").isVisible()
    assert not page.view.tabs.isVisible()
    page.qtbot.keyClick(plot.canvas, Qt.Key.Key_Escape)
    assert page.plot("scores").isVisible()
    assert page.view.tabs.isVisible()


def test_log_toggle_is_remembered_and_undone(page):
    page.qtbot.mouseClick(page.plot("output").button("y"), Qt.MouseButton.LeftButton)
    page.settle()
    assert page.figure("output").y.log
    page.store.undo()
    page.settle()
    assert not page.figure("output").y.log
