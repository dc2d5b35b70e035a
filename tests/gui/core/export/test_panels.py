"""Several figures in one picture: where they lie, what is said once, what travels with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gui.core.export.export import ExportError, export_figure, read_metadata
from gui.core.export.fonts import families_for
from gui.core.export.paper import ExportOptions, paper_of
from gui.core.export.picture import draw, drawing_settings, smallest_of
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.panels import Panels
from gui.draw import draw as draw_plot


def curve(key, colours=("c0", "c1"), **more):
    x = np.arange(20.0)
    parts = [Series(c, f"curve {n}", x, x * n + 1, c) for n, c in enumerate(colours)]
    return Figure(key, f"Title of {key}", Axis("index"), Axis("p"), tuple(parts), **more)


def drawn(panels, **options):
    paper = paper_of(ExportOptions(**options))
    with drawing_settings():
        picture, notices = draw(panels, "svg", paper, families_for([], "")[0])
        boxes = [axes.get_tightbbox() for axes in picture.axes]
        return picture, notices, boxes


@pytest.mark.parametrize(
    ("count", "columns", "grid"), [(2, 0, (1, 2)), (3, 1, (3, 1)), (5, 3, (2, 3))]
)
def test_panels_lie_in_their_cells_row_by_row(count, columns, grid):
    panels = Panels(tuple(curve(str(n)) for n in range(count)), columns)
    assert panels.grid == grid
    picture, notices, boxes = drawn(panels, width=174.0, height=60.0 * grid[0])
    assert notices == ()
    assert len(boxes) == count
    page = picture.bbox
    for place, box in enumerate(boxes):
        row, column = divmod(place, grid[1])
        # Within a hair: pixels of antialiasing.
        assert column * page.width / grid[1] - 2 <= box.x0
        assert box.x1 <= (column + 1) * page.width / grid[1] + 2
        assert box.y1 <= page.height * (1 - row / grid[0]) + 2


def test_letters_and_titles_are_set_in_the_size_asked_for():
    panels = Panels((curve("one"), curve("two")))
    picture, _, _ = drawn(panels, width=174.0, height=70.0, text_size=7.0)
    texts = [text.get_text() for text in picture.texts]
    assert "(a) Title of one" in texts
    assert "(b) Title of two" in texts
    assert smallest_of(picture) == pytest.approx(7.0)
    picture, _, _ = drawn(replace(panels, letters=False), width=174.0, height=70.0)
    assert "Title of one" in [text.get_text() for text in picture.texts]
    picture, _, _ = drawn(panels, width=174.0, height=70.0, title=False)
    assert {"(a)", "(b)"} <= {text.get_text() for text in picture.texts}


def names(picture):
    return [text.get_text() for legend in picture.legends for text in legend.get_texts()]


def test_one_legend_names_every_curve_once():
    panels = Panels((curve("one"), curve("two"), curve("three", ("c0", "c1", "c2"))), 3)
    picture, notices, _ = drawn(panels, width=174.0, height=60.0)
    assert names(picture) == ["curve 0", "curve 1", "curve 2"]
    assert notices == ()
    own, _, _ = drawn(replace(panels, shared_legend=False), width=174.0, height=60.0)
    assert len(names(own)) == 7
    off, _, _ = drawn(panels, width=174.0, height=60.0, legend="off")
    assert names(off) == []


def test_a_curve_that_draws_crosses_is_named_beside_a_cross():
    crossed = Series("cross", "broken", np.zeros(3), np.zeros(3), sign="x")
    figure = replace(curve("one"), series=(*curve("one").series, crossed))
    picture, _, _ = drawn(Panels((figure, figure)), width=174.0, height=60.0)
    markers = [line.get_marker() for line in picture.legends[0].get_lines()]
    assert markers[names(picture).index("broken")] == "x"


def test_one_name_for_two_things_is_not_shared():
    panels = Panels((curve("one"), curve("two", ("c3", "c1"))))
    picture, notices, _ = drawn(panels, width=174.0, height=60.0)
    assert names(picture) == ["curve 0", "curve 1"] * 2
    assert notices == ("Two panels draw “curve 0” differently: each has its own legend.",)


def test_too_little_room_is_a_sentence():
    panels = Panels(tuple(curve(str(n)) for n in range(9)))
    with pytest.raises(ExportError, match="too small for 9 panels with text of 8 points"):
        drawn(panels, width=60.0, height=40.0)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_one_block_of_metadata_restores_all(kind, tmp_path):
    state = {"schema": 1, "page": "topk"}
    one = curve("a.one", meta={"source": "x", "k": "3", "only": "here"}, state=state)
    two = curve("a.two", meta={"source": "x", "k": "4"}, state=state)
    path = export_figure(Panels((one, two), 1, letters=False), tmp_path / f"p.{kind}", height=160.0)
    found = read_metadata(path)
    assert found["figure"] == "a.one+a.two"
    assert found["state"] == state
    assert found["meta"] == {"source": "x", "a.one: k": "3", "only": "here", "a.two: k": "4"}
    assert found["panels"] == {
        "figures": ["a.one", "a.two"],
        "columns": 1,
        "letters": False,
        "shared_legend": True,
    }


@pytest.mark.parametrize("name", ["p.csv", "p.npz", "p.npy", "p.tif"])
def test_numbers_of_several_panels_are_refused(name, tmp_path):
    with pytest.raises(ExportError, match="Several panels are a drawing"):
        export_figure(Panels((curve("one"), curve("two"))), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_no_panel_and_too_many_are_sentences(tmp_path):
    with pytest.raises(ExportError, match="No panel is chosen"):
        export_figure(Panels(()), tmp_path / "p.svg")
    with pytest.raises(ExportError, match="13 panels are too many"):
        export_figure(Panels((curve("one"),) * 13), tmp_path / "p.svg")


def test_draw_makes_panels_and_gives_each_what_it_depends_on():
    matrix = np.diag([3.0, 2.0, 1.0])
    panels = draw_plot("spectrum", ("values", "error"), matrix, rank=1, log_x=True, columns=1)
    assert isinstance(panels, Panels)
    assert panels.grid == (2, 1)
    alone = draw_plot("spectrum", "error", matrix, rank=1)
    assert panels.figures[1].meta == alone.meta
    assert panels.figures[0].x.log
    assert panels._repr_svg_().startswith("<?xml")
    with pytest.raises(ValueError, match="rules is a table"):
        draw_plot("spectrum", ("values", "rules"), matrix)
    with pytest.raises(ValueError, match="no parameter 'rnk'"):
        draw_plot("spectrum", ("values", "error"), matrix, rnk=1)
