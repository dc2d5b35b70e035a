"""The numbers along the axes: readable at every size, and none where there is no data."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.core.figure.pictures import picture_figure
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import Theme


@pytest.fixture
def view(qtbot, qapp):
    shown = PlotView(Theme("light"))
    qtbot.addWidget(shown)
    return shown


def numbers(qtbot, view, name, size, figure):
    """Return (text, rectangle) of every number that an axis writes."""
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    with qtbot.waitSignal(view.painted):
        view.set_figure(figure)
        view.canvas.viewport().update()
    _, written = view.canvas.axes[name].lay_out()
    return [(text, rect) for text, rect in written.placed() if text]


def decades(low, high):
    y = np.geomspace(low, high, 40)
    series = (Series("s", "sigma", np.arange(40.0), y),)
    return Figure("spectrum", "Spectrum", Axis("i"), Axis("sigma", log=True), series)


@pytest.mark.parametrize("height", [220, 400, 800])
@pytest.mark.parametrize(("low", "high"), [(0.9, 130.0), (9.0, 150.0), (1e-3, 1.0), (1e-12, 1e3)])
def test_numbers_of_a_log_axis_do_not_run_into_each_other(qtbot, view, height, low, high):
    found = numbers(qtbot, view, "y", (500, height), decades(low, high))
    assert len(found) >= 2
    assert len({text for text, _ in found}) == len(found)
    rows = sorted((rect.top(), rect.bottom()) for _, rect in found)
    assert all(above[1] <= below[0] + 1 for above, below in pairwise(rows))


@pytest.mark.parametrize("size", [(260, 520), (700, 260)])
def test_picture_with_room_beside_it_has_no_numbers_there(qtbot, view, size):
    image = Image("m", "M", np.zeros((256, 192)), (-0.5, 191.5, -0.5, 255.5))
    figure = picture_figure("matrix", "M", image, (256, 192))
    for name, last in (("y", 255), ("x", 191)):
        found = [
            int(text.replace("−", "-")) for text, _ in numbers(qtbot, view, name, size, figure)
        ]
        assert min(found) >= 0
        assert max(found) <= last
        assert len(found) >= 2


@pytest.mark.parametrize("height", [110, 130, 160, 200, 300])
def test_rows_of_a_small_picture_do_not_run_into_each_other(qtbot, view, height):
    image = Image("m", "M", np.zeros((64, 64)), (-0.5, 63.5, -0.5, 63.5))
    found = numbers(qtbot, view, "y", (180, height), picture_figure("matrix", "M", image, (64, 64)))
    rows = sorted((rect.top(), rect.bottom()) for _, rect in found)
    assert found
    assert all(above[1] <= below[0] for above, below in pairwise(rows))


def test_named_ticks_are_written_where_they_belong(qtbot, view):
    names = ((0.0, "none"), (5.0, "half"), (10.0, "all"))
    x = np.linspace(0.0, 10.0, 11)
    figure = Figure("f", "F", Axis("kept", ticks=names), Axis("p"), (Series("a", "a", x, x),))
    found = numbers(qtbot, view, "x", (600, 300), figure)
    assert [text for text, _ in found] == ["none", "half", "all"]
    middles = [rect.center().x() for _, rect in found]
    assert middles == sorted(middles)
    assert abs(middles[0] + middles[2] - 2 * middles[1]) < 1e-6


@pytest.mark.parametrize(("width", "shown"), [(600, "rank (1 = largest score)"), (150, "rank")])
def test_a_label_is_whole_or_brief_but_never_cut_off(qtbot, view, width, shown):
    series = (Series("s", "s", np.arange(9.0), np.arange(9.0)),)
    figure = Figure("f", "F", Axis("rank (1 = largest score)"), Axis("y"), series)
    numbers(qtbot, view, "x", (width, 300), figure)
    label = view.canvas.axes["x"].label
    assert label.toPlainText().startswith(shown)
    left = label.mapToScene(label.boundingRect().topLeft()).x()
    right = label.mapToScene(label.boundingRect().bottomRight()).x()
    assert left >= 0
    assert right <= view.canvas.width()


def test_a_label_without_brackets_ends_in_an_ellipsis_where_it_must(qtbot, view):
    series = (Series("s", "s", np.arange(9.0), np.arange(9.0)),)
    words = "a label that goes on and on for want of anything shorter"
    figure = Figure("f", "F", Axis(words), Axis("y"), series)
    numbers(qtbot, view, "x", (220, 300), figure)
    assert view.canvas.axes["x"].label.toPlainText().endswith("…")
    numbers(qtbot, view, "x", (900, 300), figure)
    qtbot.waitUntil(lambda: view.canvas.axes["x"].label.toPlainText() == words)


def test_a_brief_label_leaves_no_equals_sign_behind(qtbot, view):
    series = (Series("s", "s", np.arange(9.0), np.arange(9.0)),)
    words = "g(Δ) = (2/d) Σ cos(Δ / base^(2i/d))"
    numbers(qtbot, view, "x", (200, 300), Figure("f", "F", Axis(words), Axis("y"), series))
    assert view.canvas.axes["x"].label.toPlainText() == "g(Δ)"


@pytest.mark.parametrize("width", [120, 150, 180, 210, 240, 300])
@pytest.mark.parametrize(("low", "high"), [(500.0, 4000.0), (0.2, 0.9), (2e-4, 7.0), (1.0, 99.0)])
def test_numbers_below_a_narrow_plot_stand_apart(qtbot, view, width, low, high):
    x = np.linspace(low, high, 8)
    series = (Series("s", "sigma", x, x),)
    figure = Figure("spectrum", "Spectrum", Axis("step"), Axis("sigma"), series)
    found = numbers(qtbot, view, "x", (width, 200), figure)
    rows = sorted((rect.left(), rect.right()) for _, rect in found)
    assert len(found) >= (1 if width < 180 else 2)
    assert all(before[1] + 2 <= after[0] for before, after in pairwise(rows))


@pytest.mark.parametrize(
    ("words", "brief"),
    [
        ("最大变化（取值的 RMS 为 1）", "最大变化"),
        ("largest change, values of RMS 1", "largest change"),
    ],
)
def test_a_label_leaves_out_what_explains_it_before_it_is_cut(qtbot, view, words, brief):
    series = (Series("s", "s", np.arange(9.0), np.arange(9.0)),)
    numbers(qtbot, view, "x", (160, 300), Figure("f", "F", Axis(words), Axis("y"), series))
    assert view.canvas.axes["x"].label.toPlainText() == brief
