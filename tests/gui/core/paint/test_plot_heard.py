"""A plot that is heard, not seen: names, what is drawn, and what the keys lead to."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gui.core.figure.described import described
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import Theme

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LINE = Cursor("k", "k = 3", "x", 3.0, draggable=True, bounds=(1.0, 40.0), step=1.0)
X = np.arange(40.0)


def figure(**changes):
    soft = Series("soft", "Sigmoid", X, 1 / (1 + X), draggable=True)
    hard = Series("hard", "Hard", X, np.where(X == 2, np.nan, X < 3), color="ink")
    shown = {"series": (soft, hard), "cursors": (LINE,), **changes}
    return Figure("p", "Scores", Axis("rank", log_locked=True), Axis("p"), **shown)


@pytest.fixture
def view(qtbot):
    made = PlotView(Theme("light"))
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    made.set_figure(figure())
    made.heard = []
    made.said.connect(made.heard.append)
    return made


def press(qtbot, view, key, held=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(view.canvas, key, held)


def test_a_plot_says_what_is_drawn_and_its_buttons_of_which_plot(view):
    said = view.canvas.accessibleDescription()
    assert view.canvas.accessibleName() == "Scores"
    for words in ("Sigmoid, Hard", "rank", "p", "k = 3"):
        assert words in said
    assert view.button("reset").accessibleName() == "Reset Scores"
    assert view.button("colours").accessibleName() == "Colours, Scores"
    assert view.button("y").accessibleName() == "Logarithmic y axis, Scores"
    assert "logarithmic" not in said
    view.button("y").click()
    assert "logarithmic" in view.canvas.accessibleDescription()


def test_a_line_is_moved_by_keys_as_far_as_it_goes_and_says_where_it_is(qtbot, view):
    moved = []
    view.cursor_dragged.connect(lambda key, value: moved.append((key, value)))
    view.set_figure(figure(series=(Series("s", "S", X, X),)))
    press(qtbot, view, Qt.Key.Key_Space)
    press(qtbot, view, Qt.Key.Key_Right)
    press(qtbot, view, Qt.Key.Key_Right, SHIFT)
    press(qtbot, view, Qt.Key.Key_End)
    press(qtbot, view, Qt.Key.Key_Home)
    assert moved == [("k", 4.0), ("k", 14.0), ("k", 40.0), ("k", 1.0)]
    assert view.heard == ["k = 3", "rank 4", "rank 14", "rank 40", "rank 1"]
    press(qtbot, view, Qt.Key.Key_Plus)
    assert view.canvas.is_zoomed
    press(qtbot, view, Qt.Key.Key_Escape)
    press(qtbot, view, Qt.Key.Key_Home)
    assert not view.canvas.is_zoomed
    assert len(moved) == 4


def test_shift_goes_ten_points_on_and_home_and_end_to_the_first_and_the_last(qtbot, view):
    for key, held, index in (
        (Qt.Key.Key_Space, None, 0),
        (Qt.Key.Key_Right, SHIFT, 10),
        (Qt.Key.Key_Left, None, 9),
        (Qt.Key.Key_End, None, 39),
        (Qt.Key.Key_Home, None, 0),
    ):
        press(qtbot, view, key, held or Qt.KeyboardModifier.NoModifier)
        assert view.canvas.state.active.index == index
    assert view.heard[-1] == "Sigmoid, rank 0, p 1"


def test_arrows_walk_along_a_curve_and_to_another_one(qtbot, view):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right):
        press(qtbot, view, key, CTRL)
    assert view.heard == [
        "Sigmoid, rank 0, p 1, its largest",
        "Sigmoid, rank 1, p 0.5000",
        "Hard, rank 1, p 1",
        "Hard, rank 3, p 0, its smallest, crosses Sigmoid",  # rank 2 is not drawn
    ]
    assert view.canvas.state.mouse == pytest.approx(
        (view.canvas.frame.px_one(3.0), view.canvas.frame.py_one(0.0))
    )
    assert view.canvas.state.active is None


def test_arrows_pan_where_nothing_can_be_moved(qtbot, view):
    for fixed, held in ((True, Qt.KeyboardModifier.NoModifier), (False, CTRL | SHIFT)):
        view.set_figure(figure(series=(Series("s", "S", X, X),), cursors=() if fixed else (LINE,)))
        view.reset_view()
        (low, high), _ = view.canvas.visible_limits()
        press(qtbot, view, Qt.Key.Key_Right, held)
        assert view.canvas.visible_limits()[0] == pytest.approx(
            (low + 0.05 * (high - low), high + 0.05 * (high - low))
        )


def test_names_with_commas_are_heard_apart():
    names = ("Norm sampling, expected", "floor")
    series = tuple(Series(name, name, np.zeros(2), np.zeros(2)) for name in names)
    assert "Curves: Norm sampling, expected; floor." in described(
        Figure(series=series), (0.0, 1.0), (0.0, 1.0)
    )


def test_extremes_and_crossings_are_heard_where_a_curve_is_walked(view, qtbot):
    up = Series("up", "Rising", X, X)
    wave = Series("wave", "Wave", X, np.where(X == 5, 9.0, np.where(X == 9, 1.0, 3.5)))
    view.set_figure(figure(series=(up, wave), cursors=()))
    for _ in range(6):
        press(qtbot, view, Qt.Key.Key_Right, CTRL)
    assert view.heard[0].endswith("its smallest")
    assert view.heard[4].endswith("crosses Wave")  # from 3 to 4
    assert not view.heard[2].endswith(("smallest", "Wave"))
    press(qtbot, view, Qt.Key.Key_Down, CTRL)
    assert view.heard[-1].startswith("Wave")
    assert view.heard[-1].endswith("its largest")
    for _ in range(4):
        press(qtbot, view, Qt.Key.Key_Right, CTRL)
    assert view.heard[-1].endswith("its smallest")
    for _ in range(4):
        press(qtbot, view, Qt.Key.Key_Left, CTRL)
    assert "its largest, crosses Rising" in view.heard[-1]
