"""The call that "Copy as Python" gives draws what is seen, on every plot of every page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.files import TableReading, open_matrix_file
from gui.core.declare.call import call_of
from gui.core.declare.draw import moment_of, picture_at
from gui.core.figure.figure import Figure
from gui.draw import given_of, opened_from
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
    first = opened_from(open_matrix_file(str(folder / "a.csv"), reading=reading), missing="zero")
    said = (("delimiter", ";"), ("header", "0"))
    return replace(first, said=said), opened_from(open_matrix_file(str(folder / "b.npy")))


@pytest.fixture(scope="module")
def moments(opened):
    given = given_of(*opened)
    return {
        page: moment_of(page, given, {name: value for name, value in OTHER.get(page.key, {}).items()
                                      if name in page.parameters})
        for page in PAGES if page.plots
    }  # fmt: skip


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
        assert len(seen.series) == len(again.series)
        for one, other in zip(seen.series, again.series, strict=True):
            assert np.array_equal(one.y, other.y, equal_nan=True)
        for one, other in zip(seen.images, again.images, strict=True):
            assert np.array_equal(one.values, other.values, equal_nan=True)
            assert (one.map, one.levels) == (other.map, other.levels)
    else:
        timed = ("checkpoint.table", "checkpoint.model")  # they say seconds
        texts = [[cell.text for cell in row] for table in (seen, again) for row in table.cells]
        half = len(texts) // 2
        assert texts[:half] == texts[half:] or plot.key in timed
