"""The model against its base: changes, angles and intruders of every pair, and what is alone."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

import engine.checkpoint
from engine.checkpoint import compare
from engine.jobs import checkpoint as check
from gui.core.state.session import from_json, to_json
from gui.draw import draw
from gui.pages.checkpoint.compute import compare as comparing
from gui.pages.checkpoint.compute.sweep import Consent
from gui.pages.checkpoint.contents import PAGE
from gui.render import main as render
from tests.gui.checkpoint.conftest import WIDTH, open_model, tensors, write_model
from tests.gui.checkpoint.test_page import click_at

Q = "model.layers.{}.self_attn.q_proj.weight"
EXTRA = "model.layers.0.extra.weight"


@pytest.fixture
def models(tmp_path):
    """A base, and a model tuned from it: other q, wrapped names, one matrix of its own."""
    base, rng = tensors(), np.random.default_rng(7)
    tuned = {f"module.{name}": one for name, one in base.items()}
    for layer in range(2):
        change = rng.normal(size=(WIDTH, 2)) @ rng.normal(size=(2, WIDTH))
        tuned[f"module.{Q.format(layer)}"] = base[Q.format(layer)] + change.astype(np.float32)
    tuned[EXTRA] = np.eye(5, dtype=np.float32)
    return write_model(tmp_path / "base", base), write_model(tmp_path / "tuned", tuned)


def truth(models):
    return {change.name: change for change in compare(*map(str, models))[0]}


@pytest.mark.parametrize("key", comparing.CHANGE_FIGURES)
def test_the_map_shows_each_figure_of_the_change(models, key):
    figure = draw("checkpoint", "changes", str(models[1]), other=str(models[0]), change=key)
    values, known = figure.images[0].values, truth(models)
    assert "base/model.safetensors" in figure.title
    for layer in range(3):
        one = known[Q.format(layer)]
        sides = {"angle_left": one.angles_left[0], "angle_right": one.angles_right[0]}
        expected = sides.get(key, getattr(one, key, None))
        row = figure.y.names.index(str(layer))
        assert_allclose(values[row, figure.x.names.index("q")], expected)
    assert figure.note == ""
    assert not any(one.key in ("waiting", "broken") for one in figure.series)


def test_the_table_lists_pairs_and_then_what_is_alone(models):
    table = draw("checkpoint", "changes_table", str(models[1]), other=str(models[0]))
    lines = {line[0].tip: line for line in table.cells}
    first = lines[Q.format(0)]
    assert first[0].data == f"module.{Q.format(0)}"
    assert_allclose(first[3].value, truth(models)[Q.format(0)].relative_change)
    assert lines[Q.format(2)][3].value == 0.0
    assert "Unchanged" in lines[Q.format(2)][-1].text
    assert table.cells[-1][0].tip == EXTRA
    assert "only in the tuned model" in table.cells[-1][-1].text
    assert "1 have no counterpart" in table.note
    numbers = draw("checkpoint", "change_numbers", str(models[1]), other=str(models[0]))
    said = {line[0].text: line[1].text for line in numbers.cells}
    assert (said["Changed"], said["Without counterpart"]) == ("2", "1")


def test_without_a_base_it_is_said_how_there_is_one(models):
    assert "choose it as Base" in draw("checkpoint", "changes", str(models[1])).note
    table = draw("checkpoint", "changes_table", str(models[1]))
    assert (table.cells, "choose it as Base" in table.note) == ((), True)


def test_one_that_cannot_be_compared_is_crossed_and_says_why(tmp_path):
    base = tensors(layers=1)
    tuned = {name: one.copy() for name, one in base.items()}
    tuned[Q.format(0)][1, 2] = np.inf
    pair = [str(write_model(tmp_path / n, m)) for n, m in (("b", base), ("t", tuned))]
    figure = draw("checkpoint", "changes", pair[1], other=pair[0])
    (cross,) = [one for one in figure.series if one.key == "broken"]
    assert np.nanmean(cross.x).round() == figure.x.names.index("q")
    table = draw("checkpoint", "changes_table", pair[1], other=pair[0])
    (line,) = [line for line in table.cells if line[0].tip == Q.format(0)]
    assert line[3].text == "–"
    assert "infinite" in line[-1].text


def test_render_compares_with_a_base(models, tmp_path, capsys):
    out = tmp_path / "changes.csv"
    options = ["--figure", "checkpoint.changes_table", "--out", str(out)]
    assert render([str(models[1]), "--against", str(models[0]), *options]) == 0
    assert "Unchanged" in out.read_text("utf-8")
    capsys.readouterr()


# -- in the window ------------------------------------------------------------------------------


@pytest.fixture
def pair(driver, models):
    """Both models open, the tuned one selected; its path and that of the base."""
    base = open_model(driver, models[0])
    return open_model(driver, models[1]), base


def begin(driver, base):
    driver.page.show_view("compare")
    driver.page.conductor.edit("base", base)


def compared(driver):
    image = driver.image("changes")
    return 0 if image is None else int(np.isfinite(image).sum())


def test_the_examples_are_no_base(application, idle, models):
    application.open_paths([str(path) for path in models])
    application.window.show_page("checkpoint")
    idle()
    combo = application.window.pages["checkpoint"].controls.choices["base"].combo
    assert combo.count() == 2
    assert all(combo.itemText(place) for place in range(2))


def test_a_base_is_chosen_among_the_open_files_and_undone(driver, pair):
    control = driver.controls.control("base")
    driver.page.show_view("compare")
    assert [control.combo.itemData(n) for n in range(control.combo.count())] == ["", pair[1]]
    driver.choose(control, pair[1])
    assert driver.image("changes") is not None
    text = to_json({"checkpoint": driver.state})
    slices, _ = from_json(text, {"checkpoint": PAGE.state()})
    assert dataclasses.asdict(slices["checkpoint"])["base"] == pair[1]
    driver.store.undo()
    driver.settle()
    assert driver.image("changes") is None


def test_the_selection_is_the_same_here(driver, pair):
    begin(driver, pair[1])
    driver.settle()
    click_at(driver, "changes", driver.figure("changes").x.names.index("q"), 2)
    name = f"module.{Q.format(1)}"
    assert driver.state.chosen == (name,)
    tables = [driver.page.tables[f"checkpoint.{key}"] for key in ("changes_table", "table")]
    assert [table.selected() for table in tables] == [(name,), (name,)]
    view = tables[0].table
    place = view.visualRect(view.model().index(0, 0)).center()
    driver.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert driver.state.chosen == (tables[0].model.name(0),) != (name,)


class Slow:
    """A comparison that hands over a change when it is told to."""

    def __init__(self, monkeypatch):
        self.real, self.gate = engine.checkpoint.changes_of, threading.Semaphore(0)
        self.asked = []
        monkeypatch.setattr(engine.checkpoint, "changes_of", self.run)

    def run(self, pairs, models, address, **options):
        self.asked.append(len(pairs))
        self.address = address
        for change in self.real(pairs, models, **options):
            while not self.gate.acquire(timeout=0.005):
                check(options["progress"])
            yield change


def test_changes_come_one_by_one_and_a_stop_keeps_them(driver, pair, monkeypatch):
    slow = Slow(monkeypatch)
    driver.page.give(Consent(address="tcp://there:8786"))
    begin(driver, pair[1])
    slow.gate.release(3)
    driver.wait(lambda: compared(driver) == 3)
    assert "3 of 13" in driver.figure("changes").note
    driver.context.runner.cancel_all()
    driver.settle()
    assert compared(driver) == 3
    assert "3 of 13" in driver.view.notice.label.text()
    slow.gate.release(20)
    driver.page.answer("compare")
    driver.settle()
    assert slow.asked[0] == 13
    assert slow.address == "tcp://there:8786"  # where rows are computed, too
    assert slow.asked[1] <= 10  # what was on its way at the stop may have come, too
    assert compared(driver) == 13
    assert driver.view.notice.label.text() == ""


def test_a_long_comparison_says_its_estimate_and_asks(driver, pair, monkeypatch):
    monkeypatch.setattr(comparing, "PATIENCE", 1e-9)
    begin(driver, pair[1])
    driver.settle()
    assert compared(driver) == 0
    assert "Comparing 13 matrices may take" in driver.view.notice.label.text()
    driver.page.answer("compare")
    driver.settle()
    assert compared(driver) == 13
