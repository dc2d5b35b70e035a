"""One failure is one sentence in one place: what one operator cannot say, its own row says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gui.core.declare.draw import moment_of
from gui.core.declare.pictures import picture_of
from gui.pages.topk.contents import PAGE
from tests.support.every import of_array

SHOWN = [plot for plot in PAGE.plots if any("outputs" in vars(plot) or need == "outputs"
                                           for need in plot.__annotations__)]  # fmt: skip


@pytest.mark.parametrize("total", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("plot", SHOWN, ids=lambda plot: plot.key)
def test_an_operator_that_returns_no_number_stops_no_other(plot, total):
    now = moment_of(PAGE, of_array(np.arange(9.0)), {"k": 3.0})
    made = now.plot(plot)
    whole = picture_of(made, now)
    key = next(iter(made.outputs))
    bad = replace(made.outputs[key], total=total, moved=total, p=np.full(9, total))
    outputs = {**made.outputs, key: bad}
    broken = picture_of(type(made)(**{**vars(made), "outputs": outputs}), now)
    if whole.table is None:
        others = [one.key for one in whole.drawn.series if not one.key.startswith(key)]
        assert set(others) <= {one.key for one in broken.drawn.series}
        return
    before, after = (
        [(row[0].text, row[1].text) for row in one.table.cells] for one in (whole, broken)
    )
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert "not a number" in changed[0][1] or "∞" in changed[0][1]
