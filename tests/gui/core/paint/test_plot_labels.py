"""Labels of lines that have no room are numbers, and the legend says what they stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from gui.core.figure.figure import Axis, Cursor, Figure, Series
from tests.gui.core.paint.plots import curve, draw, make_view, picture, pixel

RULES = tuple(
    Cursor(f"rule.{rank}", f"a rule with a name, number {number}", "x", float(rank))
    for number, rank in enumerate((20, 22, 25, 60, 61, 62), 1)
)
HAND = Cursor("rank", "r = 90", "x", 90.0, draggable=True)


def shown(view):
    """Return the labels as painted, each with whether it has its whole room."""
    view.canvas.grab()
    places, metrics = view.canvas.overlay.label_rects, QFontMetricsF(view.canvas.small_font)
    lines = [one for one in view.canvas.state.figure.cursors if one.label]
    return {
        one.key: (one.label, metrics.horizontalAdvance(one.label) <= places[one.key].width())
        for one in lines
    }


def listed(view):
    return [name for name in view.legend_entries() if "\u00a0" in name]


def resize(qtbot, view, width, height):
    with qtbot.waitSignal(view.painted):
        view.resize(width, height)


def test_labels_that_have_room_stand_at_their_lines(qtbot, view):
    draw(qtbot, view, curve(cursors=(*RULES[:2], HAND)))
    assert [label for label, _ in shown(view).values()] == [
        *(one.label for one in RULES[:2]),
        HAND.label,
    ]
    assert listed(view) == []


def test_labels_without_room_are_numbers_that_the_legend_lists(qtbot, view):
    draw(qtbot, view, curve(cursors=(*reversed(RULES), HAND)))
    labels = shown(view)
    assert [labels[one.key][0] for one in RULES] == ["1", "2", "3", "4", "5", "6"]
    assert labels["rank"][0] == HAND.label  # what moves says where it is
    assert all(whole for _, whole in labels.values())
    assert sorted(listed(view)) == [f"{n}\u00a0{one.label}" for n, one in enumerate(RULES, 1)]


def test_a_line_of_several_names_lists_each(qtbot, theme):
    view = make_view(qtbot, theme, (300, 400))
    names = ("one of the rules", "another of the rules", "a third of them")
    draw(qtbot, view, curve(cursors=(Cursor("m", ", ".join(names), "x", 30.0, names=names),)))
    assert [label for label, _ in shown(view).values()] == ["1"]
    assert listed(view) == [f"1\u00a0{name}" for name in names]


def test_levels_are_numbered_alike(qtbot, theme):
    view = make_view(qtbot, theme, (260, 300))
    levels = [Cursor(f"l{n}", f"a level with a name {n}", "y", 0.5 + n / 100) for n in range(4)]
    draw(qtbot, view, curve(cursors=tuple(levels)))
    assert [label for label, _ in shown(view).values()] == ["1", "2", "3", "4"]
    assert len(listed(view)) == 4


def test_names_come_back_with_the_room(qtbot, theme):
    view = make_view(qtbot, theme, (300, 400))
    draw(qtbot, view, curve(cursors=RULES[:4]))
    assert [label for label, _ in shown(view).values()] == ["1", "2", "3", "4"]
    resize(qtbot, view, 1200, 400)
    assert [label for label, _ in shown(view).values()] == [one.label for one in RULES[:4]]
    assert listed(view) == []


@pytest.mark.parametrize("width", range(300, 1000, 50))
def test_the_legend_does_not_decide_what_it_lists(qtbot, theme, width):
    view = make_view(qtbot, theme, (width, 260))
    draw(qtbot, view, curve(cursors=RULES))
    before = shown(view)
    view.canvas.overlay.frame_changed()
    assert shown(view) == before
    assert all(whole for _, whole in before.values())


def test_a_drag_turns_no_name_into_a_number(qtbot, view):
    draw(qtbot, view, curve(cursors=(*RULES[:2], HAND)))
    for value in np.linspace(1.0, 190.0, 30):
        view.set_figure(curve(cursors=(*RULES[:2], replace(HAND, value=float(value)))))
        assert listed(view) == []


def test_the_figure_and_its_description_keep_the_names(qtbot, view):
    draw(qtbot, view, curve(cursors=RULES))
    assert listed(view) != []
    assert [one.label for one in view.figure().cursors] == [one.label for one in RULES]
    assert all(one.label in view.canvas.accessibleDescription() for one in RULES)


def test_a_mark_out_of_view_is_not_asked_for(qtbot, view):
    draw(qtbot, view, curve(cursors=RULES))
    assert len(listed(view)) == len(RULES)
    axis = Axis("index i", limits=(58.0, 70.0))
    x = np.arange(200.0)
    alone = Figure("other", "Other", axis, Axis("p"), (Series("s", "s", x, x),), cursors=RULES[-1:])
    draw(qtbot, view, alone)
    assert shown(view)[RULES[-1].key] == (RULES[-1].label, True)
    assert pixel(view, 62.0, 0.0).x() > 0


def under(view, key):
    """Return how many pixels of curves the label of a line hides."""
    view.canvas.grab()
    return view.canvas.layer.drawn().under(view.canvas.overlay.label_rects[key])


@pytest.mark.parametrize("value", [10.0, 45.0, 60.0, 120.0, 190.0])
def test_the_label_of_a_line_lies_over_no_curve(qtbot, view, value):
    flat = Series("flat", "flat", np.arange(200.0), np.ones(200), "c2")
    figure = curve()
    cursor = Cursor("k", "a line of some words", "x", value, draggable=True)
    draw(qtbot, view, replace(figure, series=(*figure.series, flat), cursors=(cursor,)))
    assert under(view, "k") == 0.0


def test_the_label_of_a_level_lies_over_no_point(qtbot, view):
    x = np.arange(60.0)
    points = Series("p", "p", x, np.where(x > 40, 0.52, 0.1), "c0", symbol="o", line=False)
    level = Cursor("fair", "fair share", "y", 0.5)
    figure = Figure("f", "F", Axis("i"), Axis("y", limits=(0.0, 1.0)), (points,), cursors=(level,))
    draw(qtbot, view, figure)
    assert under(view, "fair") == 0.0


def test_where_curves_are_everywhere_the_label_hides_the_least(qtbot, view):
    x = np.arange(200.0)
    rows = np.concatenate([np.linspace(0.5, 1.0, 60), np.linspace(0.0, 0.5, 20)])
    dense = [Series(f"s{n}", "", x, np.full(200, y), "c0") for n, y in enumerate(rows)]
    cursor = Cursor("k", "k = 50", "x", 50.0)
    draw(qtbot, view, replace(curve(), series=tuple(dense), cursors=(cursor,)))
    view.canvas.grab()
    overlay, drawn = view.canvas.overlay, view.canvas.layer.drawn()
    chosen = overlay.label_rects["k"]
    highest = chosen.translated(0.0, 2.0 - chosen.top())
    assert drawn.under(chosen) < drawn.under(highest)


def test_a_number_stands_on_its_own_line(qtbot, view):
    draw(qtbot, view, curve(cursors=(*RULES, HAND)))
    view.canvas.grab()
    places, frame = view.canvas.overlay.label_rects, view.canvas.frame
    for one in RULES:
        assert abs(places[one.key].center().x() - frame.px_one(one.value)) < 1.0


def test_labels_of_a_column_and_a_row_share_a_narrow_picture(qtbot, theme):
    view = make_view(qtbot, theme, (180, 300))
    moves = {"draggable": True}
    lines = Cursor("c", "column 0", "x", 0.0, **moves), Cursor("r", "row 0", "y", 0.0, **moves)
    draw(qtbot, view, replace(picture(), cursors=lines))
    view.canvas.grab()
    column, row = (view.canvas.overlay.label_rects[key] for key in "cr")
    assert not column.intersects(row)


def test_a_line_under_the_mouse_is_named(qtbot, view):
    draw(qtbot, view, curve(cursors=(*RULES, HAND)))
    spot = pixel(view, 60.0, 0.5)
    qtbot.mouseMove(view.canvas.viewport(), spot)
    assert view.canvas.state.readout.startswith(RULES[3].label)
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, 120.0, 0.5))
    assert "rule" not in view.canvas.state.readout
