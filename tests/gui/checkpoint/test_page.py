"""The Checkpoint page in the window: what a person clicks, types and waits for."""

from __future__ import annotations

import dataclasses
import threading
import time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from engine.checkpoint import Sweep
from engine.jobs import checkpoint as check
from gui.core.state.session import from_json, to_json
from gui.pages.checkpoint.compute import sweep as sweeping
from gui.pages.checkpoint.contents import PAGE
from tests.gui.checkpoint.conftest import LAYERS, open_model, tensors, write_model

Q0 = "model.layers.0.self_attn.q_proj.weight"
LEFT = Qt.MouseButton.LeftButton


def click_at(driver, plot, x, y, modifier=Qt.KeyboardModifier.NoModifier):
    canvas = driver.plot(plot).canvas
    spot = QPointF(canvas.frame.px_one(x), canvas.frame.py_one(y))
    place = canvas.mapFromScene(canvas.box.mapToScene(spot))
    driver.qtbot.mouseClick(canvas.viewport(), LEFT, modifier, pos=place)
    driver.settle()


def table_of(driver):
    return driver.page.tables["checkpoint.table"]


def double_click(driver, row):
    view = table_of(driver).table
    place = view.visualRect(view.model().index(row, 0)).center()
    driver.qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    driver.qtbot.mouseDClick(view.viewport(), LEFT, pos=place)


def test_one_selection_is_that_of_map_table_scatter_and_overlay(driver, llama):
    open_model(driver, llama[0])
    columns = driver.figure("map").x.names
    click_at(driver, "map", columns.index("k"), 2)
    name = "model.layers.1.self_attn.k_proj.weight"
    assert driver.state.chosen == (name,)
    assert table_of(driver).selected() == (name,)
    curves = [one.name for one in driver.figure("overlay").series]
    assert curves == [name, "noise edge"]
    driver.page.show_view("scatter")
    driver.settle()
    (mark,) = [one for one in driver.figure("scatter").series if one.key == "selected"]
    points = next(one for one in driver.figure("scatter").series if one.key == "role.q")
    assert mark.x.size == 1
    click_at(driver, "scatter", points.x[0], points.y[0])
    assert driver.state.chosen == (Q0,)
    assert table_of(driver).selected() == (Q0,)
    driver.store.undo()
    driver.settle()
    assert table_of(driver).selected() == (name,)


def test_rows_are_selected_and_a_double_click_opens_the_matrix(driver, llama, messages):
    path = open_model(driver, llama[0])
    table = table_of(driver)
    row = [line[0] for line in table.texts()].index(Q0.removesuffix(".weight"))
    double_click(driver, row)
    active = driver.store["selection"].active
    assert (active.path, active.entry) == (path, Q0)
    assert driver.state.chosen == (Q0,)
    assert ("spectrum", "page") in messages


def test_the_table_is_sorted_by_a_click_on_a_heading_and_stays_so(driver, llama):
    open_model(driver, llama[0])
    table = table_of(driver)
    header = table.table.horizontalHeader()
    place = 5  # stable rank, after name, layer, role, shape and type
    spot = header.sectionViewportPosition(place) + 8
    for turn in (1, -1):
        driver.qtbot.mouseClick(header.viewport(), LEFT, pos=header.rect().center().__class__(
            spot, header.height() // 2))  # fmt: skip
        values = [float(line[place]) for line in table.texts()]
        assert values == sorted(values, reverse=turn < 0)
    driver.page.conductor.edit("share", 0.3)
    driver.settle()
    values = [float(line[place]) for line in table.texts()]
    assert values == sorted(values, reverse=True)


def test_what_is_typed_filters_and_nonsense_is_said(driver, llama):
    open_model(driver, llama[0])
    driver.qtbot.keyClicks(driver.page.filter, "role:q layer:<2")
    driver.settle()
    assert driver.state.filter == "role:q layer:<2"
    assert len(table_of(driver).texts()) == 2
    assert driver.page.filter.text() == "role:q layer:<2"
    driver.qtbot.keyClicks(driver.page.filter, " foo:1")
    driver.settle()
    assert "'foo'" in table_of(driver).note.text()
    driver.store.undo()
    driver.settle()
    assert driver.page.filter.text() == driver.state.filter == ""


def test_the_budget_is_dragged_and_moves_ranks_in_all_views(driver, llama):
    open_model(driver, llama[0])
    driver.page.conductor.edit("descriptor", "rank_budget")
    driver.page.conductor.edit("relative", False)
    driver.page.show_view("budget")
    driver.settle()
    before = driver.image("map").copy()
    driver.drag("budget", 0.5, 0.4, 0.2)
    assert driver.state.share == pytest.approx(0.2, abs=0.01)
    assert np.nansum(driver.image("map")) < np.nansum(before)
    assert driver.figure("budget").series[2].x[0] <= driver.state.share
    driver.store.undo()
    driver.settle()
    assert driver.state.share == 0.5


def test_a_session_keeps_what_is_set_and_no_numbers(driver, llama):
    open_model(driver, llama[0])
    for name, value in (("filter", "role:q"), ("descriptor", "alpha"), ("share", 0.3)):
        driver.page.conductor.edit(name, value)
    driver.page.conductor.edit("chosen", (Q0,))
    text = to_json({"checkpoint": driver.state})
    assert len(text) < 2500
    slices, notices = from_json(text, {"checkpoint": PAGE.state()})
    assert notices == ()
    assert dataclasses.asdict(slices["checkpoint"]) == dataclasses.asdict(driver.state)


# -- start, stop, go on -------------------------------------------------------------------------


class Slow:
    """A sweep that hands over a row when it is told to."""

    def __init__(self, monkeypatch):
        import engine.checkpoint

        self.real, self.gate, self.begun = engine.checkpoint.sweep, threading.Semaphore(0), 0
        monkeypatch.setattr(engine.checkpoint, "sweep", self.run)

    def run(self, *args, on_row, progress, **more):
        self.begun += 1

        def slowly(row):
            while not self.gate.acquire(timeout=0.005):
                check(progress)
            on_row(row)

        found = self.real(*args, on_row=slowly, progress=progress, **more)
        assert isinstance(found, Sweep)
        return found


@pytest.fixture
def slow(monkeypatch):
    return Slow(monkeypatch)


def rows_shown(driver):
    figure = driver.figure("map")
    return int(np.isfinite(figure.images[0].values).sum()) if figure.images else 0


def test_cells_fill_as_rows_come_and_a_pause_keeps_them(driver, llama, slow):
    open_model(driver, llama[0], settle=False)
    slow.gate.release(3)
    driver.wait(lambda: rows_shown(driver) == 3)
    assert "3 of 13" in driver.figure("map").note
    assert any(one.key == "waiting" for one in driver.figure("map").series)
    assert driver.page.start.text() == "Pause"
    assert not driver.plot("map").is_dimmed
    began = time.monotonic()
    driver.qtbot.mouseClick(driver.page.start, LEFT)
    driver.wait(lambda: not driver.context.runner.is_busy())
    assert time.monotonic() - began < 0.5
    driver.settle()
    assert rows_shown(driver) == 3
    assert driver.page.start.text() == "Go on"
    slow.gate.release(100)
    driver.click(driver.page.start)
    assert slow.begun == 2
    assert rows_shown(driver) == 4 * LAYERS + 1
    assert not driver.page.start.isEnabled()


def test_a_long_sweep_says_its_estimate_and_asks(driver, llama, monkeypatch):
    monkeypatch.setattr(sweeping, "PATIENCE", 1e-9)
    open_model(driver, llama[0])
    assert rows_shown(driver) == 0
    assert "13 matrices may take" in driver.view.notice.label.text()
    assert driver.page.start.text() == "Start"
    driver.click(driver.page.start)
    assert rows_shown(driver) == 4 * LAYERS + 1
    assert driver.view.notice.label.text() == ""


def test_another_model_is_another_sweep_and_coming_back_takes_the_cache(driver, llama, tmp_path):
    path = open_model(driver, llama[0])
    ref = driver.store["selection"].active
    open_model(driver, write_model(tmp_path / "other", tensors(5, layers=1)))
    assert driver.figure("map").images[0].values.shape[0] == 2
    driver.select(ref)
    driver.settle()
    assert driver.figure("map").images[0].values.shape[0] == LAYERS + 1
    assert ref.path == path
