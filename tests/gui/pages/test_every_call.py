"""The call that "Copy as Python" gives draws what is seen, on every plot of every page.

So does what a picture carries that a call or ``rankscope render`` draws, where it is dropped.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.files import TableReading, open_matrix_file
from gui.core.declare.answers import Answers
from gui.core.declare.call import call_of
from gui.core.declare.draw import WholeMoment, moment_of, picture_at
from gui.core.declare.edits import cleaned
from gui.core.figure.figure import Figure
from gui.core.state.document import Arrays, Opened, Selection
from gui.core.state.figure_state import page_of, slices_of, with_refs
from gui.draw import draw_panels, given_of, opened_from
from tests.support.every import PAGES, plots

OTHER = {
    "topk": {"k": 2.0, "tau": 0.3, "order": "index", "axis": "column", "position": 1},
    "spectrum": {"rank": 2, "log_y": False},
    "column_row": {"r": 2, "seed": 3},
    "position": {"length": 40, "at": 17},
    "checkpoint": {"share": 0.3, "per_token": 3},
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Two tables with rows without numbers, and a reading that is not the one found."""
    folder = tmp_path_factory.mktemp("calls")
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(9, 7)), rng.normal(size=(7, 5))
    a[4, 2] = np.nan
    np.savetxt(folder / "a.csv", a, delimiter=";")
    np.save(folder / "b.npy", b)
    reading = TableReading(delimiter=";", header=0)
    source = open_matrix_file(str(folder / "a.csv"), reading=reading)
    first = opened_from(source, missing="zero", reading=reading)
    assert first.said == (("delimiter", "semicolon"), ("header", "0"))
    return first, opened_from(open_matrix_file(str(folder / "b.npy")))


@pytest.fixture(scope="module")
def moments(opened):
    given = given_of(*opened)
    return {
        page: moment_of(page, given, {name: value for name, value in OTHER.get(page.key, {}).items()
                                      if name in page.parameters})
        for page in PAGES if page.plots
    }  # fmt: skip


def same_figure(one, other):
    assert len(one.series) == len(other.series)
    for first, second in zip(one.series, other.series, strict=True):
        assert np.array_equal(first.y, second.y, equal_nan=True)
    for first, second in zip(one.images, other.images, strict=True):
        assert np.array_equal(first.values, second.values, equal_nan=True)
        assert (first.map, first.levels) == (second.map, second.levels)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(("page", "plot"), plots())
def test_the_call_draws_what_is_seen(page, plot, moments):
    now = moments[page]
    seen = picture_at(plot, now).drawn
    code = call_of(plot, now)
    names: dict[str, Any] = {}
    exec(code.replace("rankscope.draw(", "drawn = rankscope.draw("), names)
    again = names["drawn"]
    assert (again.key, again.title, dict(again.meta)) == (seen.key, seen.title, dict(seen.meta))
    if isinstance(seen, Figure):
        same_figure(seen, again)
    else:
        timed = ("checkpoint.table", "checkpoint.model")  # they say seconds
        texts = [[cell.text for cell in row] for table in (seen, again) for row in table.cells]
        half = len(texts) // 2
        assert texts[:half] == texts[half:] or plot.key in timed


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(("page", "plot"), plots("figure"))
def test_what_a_drawn_picture_carries_is_the_plot_again(page, plot, opened):
    """As the window restores it: the files by their names, and no second array named beside."""
    said = {name: value for name, value in OTHER.get(page.key, {}).items()
            if name in {one.name for one in page.of_plot(plot)}}  # fmt: skip
    given = given_of(*opened)
    seen = draw_panels(page, [plot.key], given, [said])
    state = {"selection": Selection(), page.key: page.state()}
    assert page_of(seen.state, state) == page.key
    slices, lost = slices_of(json.loads(json.dumps(seen.state)), state)
    assert not lost
    places = {Path(one.ref.path).name: one.ref.path for one in opened}
    slices = with_refs(slices, lambda ref: replace(ref, path=places.get(ref.path, ref.path)))
    selection = slices["selection"]
    assert [(one.path, one.said) for one in selection.tables] == [("a.csv", opened[0].said)]
    tables = tuple(replace(one, path=places[one.path]) for one in selection.tables)
    arrays = replace(given[Arrays], selection=replace(selection, tables=tables))
    given = {Arrays: arrays, Opened: arrays.selected}
    brought = cleaned(page, slices[page.key])
    assert plot.view is None or brought.view == plot.view.key
    same_figure(seen, picture_at(plot, WholeMoment(page, brought, given, Answers())).drawn)
