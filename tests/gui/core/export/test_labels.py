"""Labels of lines in a picture stand whole, or are numbers that are listed below the plot."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from gui.core.export.export import export_figure
from gui.core.figure.figure import Axis, Cursor, Figure, Series


def marked(*cursors):
    x = np.arange(100.0)
    return Figure("f", "F", Axis("i"), Axis("y"), (Series("s", "one", x, x),), cursors=cursors)


def texts(figure, path, **options):
    written = export_figure(figure, path, width=85, height=60, **options)
    found = ElementTree.parse(written).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(one.itertext()) for one in found]


def rules(count, axis="x"):
    return [
        Cursor(f"r{n}", f"a rule with a long name {n}", axis, 50.0 + 4 * n) for n in range(count)
    ]


def test_a_few_labels_stand_at_their_lines(tmp_path):
    said = texts(marked(*rules(2)), tmp_path / "a.svg")
    assert {one.label for one in rules(2)} <= set(said)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_labels_without_room_are_numbered_and_listed(tmp_path, axis):
    hand = Cursor("k", "k = 20", "x", 20.0, draggable=True)
    said = texts(marked(*rules(5, axis), hand), tmp_path / "a.svg")
    assert {"1", "2", "3", "4", "5", "k = 20"} <= set(said)
    listed = " ".join(said).replace("\u2003", " ")
    assert all(f"{n}\u00a0{one.label}" in listed for n, one in enumerate(rules(5), 1))
    assert not {one.label for one in rules(5)} & set(said)


def test_without_a_legend_nothing_would_say_what_a_number_is(tmp_path):
    said = texts(marked(*rules(5)), tmp_path / "a.svg", legend="off")
    assert {one.label for one in rules(5)} <= set(said)
