"""Labels of lines that have no room are numbers, and the legend says what they stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from gui.core.figure.figure import Axis, Cursor, Figure, Series
from tests.gui.core.paint.plots import curve, draw, make_view, pixel

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
