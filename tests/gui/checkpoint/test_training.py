"""The view Training: a folder that grows while a model is trained, against NumPy."""

from __future__ import annotations

import csv
import dataclasses
import os
import shutil

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.export.export import EXPORT_FORMATS, export_figure
from gui.core.state.session import from_json, to_json
from gui.draw import draw
from gui.pages.checkpoint.compute import training as training_module
from gui.pages.checkpoint.compute.training import LEADING, Growing, Training
from gui.pages.checkpoint.contents import PAGE
from gui.pages.checkpoint.screen.training import LOOK_MS
from gui.pages.checkpoint.show.training import medians
from gui.render import main as render
from gui.sweep import main as sweep
from tests.gui.checkpoint.conftest import LAYERS, open_model, tensors, write_model
from tests.gui.checkpoint.test_page import click_at

Q0 = "model.layers.0.self_attn.q_proj.weight"
COUNT = 4 * LAYERS + 1


def at_step(step):
    """The tensors of a step: q of layer 0 grows, all others stay."""
    found = tensors()
    found[Q0] = found[Q0] * np.float32(1 + step / 100)
    return found


def add_step(folder, step, found=None):
    return write_model(folder / f"checkpoint-{step}", found or at_step(step))


def sigma(step, name=Q0):
    return np.linalg.svd(at_step(step)[name].astype(float), compute_uv=False)


@pytest.fixture
def run(tmp_path):
    for step in (100, 20):
        folder = add_step(tmp_path / "run", step)
        os.utime(folder / "model.safetensors", (1e9, 1e9))
    return tmp_path / "run"


# -- without a window ---------------------------------------------------------------------------


def test_figures_of_the_selected_are_drawn_against_the_steps(run):
    figure = draw("checkpoint", "training", str(run), chosen=(Q0, "gone"))
    (curve,) = figure.series
    assert curve.x.tolist() == [20.0, 100.0]
    assert_allclose(curve.y, [sigma(20)[0], sigma(100)[0]], rtol=1e-6)
    alpha = draw("checkpoint", "training", str(run), chosen=(Q0,), followed="stable_rank")
    stable = [float((s**2).sum() / s[0] ** 2) for s in map(sigma, (20, 100))]
    assert_allclose(alpha.series[0].y, stable, rtol=1e-6)


def test_without_a_selection_it_is_the_median_of_each_role(run):
    figure = draw("checkpoint", "training", str(run))
    curves = {one.key: one for one in figure.series}
    assert set(curves) == {f"role.{role}" for role in ("embed", "q", "k", "v", "o")}
    names = [f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(LAYERS)]
    expected = [np.median([sigma(step, name)[0] for name in names]) for step in (20, 100)]
    assert_allclose(curves["role.q"].y, expected, rtol=1e-6)
    assert "Nothing is selected" in figure.note


def test_no_two_roles_look_alike_on_any_plot(tmp_path):
    rng = np.random.default_rng(0)
    roles = ("q", "k", "v", "o")
    found = {f"model.layers.0.self_attn.{one}_proj.weight": (9, 9) for one in roles}
    found |= {f"model.layers.0.mlp.{one}_proj.weight": (9, 9) for one in ("gate", "up", "down")}
    found |= {"model.embed_tokens.weight": (12, 9), "lm_head.weight": (13, 9)}
    found |= {"model.layers.0.mlp.gate.weight": (8, 9), "model.layers.0.strange.weight": (9, 9)}
    for step in (1, 2):
        made = {name: rng.normal(size=size).astype(np.float32) for name, size in found.items()}
        write_model(tmp_path / "run" / f"checkpoint-{step}", made)
    folder = str(tmp_path / "run")
    over = draw("checkpoint", "training", folder).series
    points = draw("checkpoint", "scatter", folder).series
    spectra = draw("checkpoint", "overlay", folder, chosen=tuple(found), noise=False).series
    assert len(over) == len(spectra) == len(found) > 8
    for curves in (over, points, spectra):
        looks = [(one.color, one.dash, one.symbol) for one in curves]
        assert len(set(looks)) == len(looks)
    color_of = {one.name: one.color for one in over}
    assert all(color_of[one.name] == one.color for one in points)


def test_the_leading_spectrum_over_training(run):
    figure = draw("checkpoint", "training_spectrum", str(run), chosen=(Q0,), leading=3)
    assert [one.key for one in figure.series] == ["s1", "s2", "s3"]
    values = np.stack([one.numbers for one in figure.series], axis=1)
    assert_allclose(values, [sigma(20)[:3], sigma(100)[:3]], rtol=1e-6)
    many = draw("checkpoint", "training_spectrum", str(run), chosen=(Q0,), leading=LEADING)
    assert len(many.series) == 24


def test_rows_are_those_of_the_command_line(run, tmp_path, capsys):
    out, own = tmp_path / "swept.csv", tmp_path / "own.csv"
    assert sweep([str(run), "--steps", "--out", str(out)]) == 0
    assert render([str(run), "--figure", "checkpoint.training_rows", "--figures",
                   "stable_rank,alpha,spectral_norm", "--out", str(own)]) == 0  # fmt: skip
    capsys.readouterr()
    swept = list(csv.DictReader(out.read_text().splitlines()))
    lines = [one for one in own.read_text().splitlines() if not one.startswith("#")]
    mine = list(csv.DictReader(lines))
    assert len(swept) == len(mine) == 2 * COUNT
    for theirs, one in zip(swept, mine, strict=True):
        assert (one["Step"], one["Matrix"] + ".weight") == (theirs["step"], theirs["name"])
        assert float(one["Spectral norm σ₁"]) == float(theirs["spectral_norm"])
        assert float(one["Stable rank"]) == float(theirs["stable_rank"])


def test_the_filter_and_what_cannot_be_computed(run):
    bad = at_step(300)
    bad[Q0][1, 2] = np.nan
    add_step(run, 300, bad)
    table = draw("checkpoint", "training_rows", str(run), filter="role:q layer:0")
    assert [line[0].value for line in table.cells] == [20, 100, 300]
    assert "NaN" in table.cells[2][0].tip
    figure = draw("checkpoint", "training", str(run), chosen=(Q0,))
    assert np.isnan(figure.series[0].y).tolist() == [False, False, True]
    # A step that is cut short is left out, with a sentence.
    file = run / "checkpoint-100" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-9])
    figure = draw("checkpoint", "training", str(run), chosen=(Q0,))
    assert figure.series[0].x.tolist() == [20.0, 300.0]
    assert "Step 100 is left out" in figure.note


def test_a_model_that_is_no_step_says_what_to_open(llama):
    figure = draw("checkpoint", "training", str(llama[0]))
    assert (figure.series, "no step of a training" in figure.note) == ((), True)
    assert "Open a model" in draw("checkpoint", "training").note


@pytest.mark.parametrize("key", ["training", "training_spectrum"])
def test_every_export(run, tmp_path, key):
    figure = draw("checkpoint", key, str(run), chosen=(Q0,))
    for known in EXPORT_FORMATS:
        if not known.refuses(figure):
            path = tmp_path / f"{known.key}{known.suffix}"
            export_figure(figure, path, format=known.key)
            assert path.stat().st_size > 100


def test_medians_leave_out_what_is_not_known():
    values = np.array([[1.0, np.nan, np.inf], [3.0, np.nan, 5.0], [2.0, np.nan, 7.0]])
    assert medians(values).tolist()[0] == 2.0
    assert np.isnan(medians(values)[1])
    assert medians(values)[2] == 6.0


# -- in the window ------------------------------------------------------------------------------


def note(driver):
    figure = driver.figure("training")
    return "" if figure is None else figure.note


def steps(driver):
    figure = driver.figure("training")
    return figure.series[0].x.tolist() if figure is not None and figure.series else []


def found(driver):
    return driver.page.conductor.present().look(Training)


@pytest.fixture
def following(driver, run):
    open_model(driver, run / "checkpoint-100")
    driver.page.conductor.edit("chosen", (Q0,))
    driver.page.show_view("training")
    driver.wait(lambda: steps(driver) == [20, 100])
    driver.settle()
    return driver


def test_a_new_step_is_waited_for_until_whole_and_only_what_changed_is_computed(following, run):
    driver, known = following, found(following)
    assert known.reused == 2 * COUNT - 1  # those of the model, and what both steps share
    whole = (add_step(run.parent / "aside", 300) / "model.safetensors").read_bytes()
    part = run / "checkpoint-300" / "model.safetensors"
    part.parent.mkdir()
    part.write_bytes(whole[: len(whole) // 2])
    driver.wait(lambda: "Still written: 300" in note(driver))
    assert steps(driver) == [20, 100]
    part.write_bytes(whole)
    driver.wait(lambda: steps(driver) == [20, 100, 300])
    driver.settle()
    assert_allclose(driver.figure("training").series[0].y[2], sigma(300)[0], rtol=1e-6)
    new = found(driver)
    assert new.reused == COUNT - 1
    assert new.rows[20][Q0].key == known.rows[20][Q0].key
    assert "Still written" not in note(driver)
    assert len(driver.page.tables["checkpoint.training_rows"].texts()) == 3 * COUNT


def test_two_looks_see_a_new_step_within_3_s():
    assert 2 * LOOK_MS + 500 <= 3000


def test_a_step_that_is_gone_keeps_its_figures(following, run):
    shutil.rmtree(run / "checkpoint-20")
    following.wait(lambda: "Gone from the folder" in note(following))
    add_step(run, 300)
    following.wait(lambda: steps(following) == [20, 100, 300])


def test_nobody_looks_behind_another_view(following, run):
    watch = following.page._watch
    assert watch._again.isActive()
    following.page.show_view("budget")
    following.settle()
    assert not watch._again.isActive()
    following.page.show_view("training")
    assert watch._again.isActive()
    following.window.hide()
    watch._again.timeout.emit()
    assert not watch._again.isActive()
    following.window.show()
    following.settle()


def test_a_click_on_a_curve_selects_and_undo_takes_it_back(following):
    driver = following
    driver.page.conductor.edit("chosen", ())
    driver.settle()
    curve = next(one for one in driver.figure("training").series if one.key == "role.k")
    click_at(driver, "training", curve.x[1], curve.y[1])
    names = {f"model.layers.{layer}.self_attn.k_proj.weight" for layer in range(LAYERS)}
    assert set(driver.state.chosen) == names
    rows = driver.page.tables["checkpoint.training_rows"]
    assert set(rows.selected()) == names
    driver.store.undo()
    driver.settle()
    assert driver.state.chosen == ()
    rows.chosen.emit((Q0, Q0))
    assert driver.state.chosen == (Q0,)


def test_a_session_keeps_what_is_set_and_no_steps(following):
    following.page.conductor.edit("followed", "alpha")
    following.page.conductor.edit("leading", 4)
    text = to_json({"checkpoint": following.state})
    slices, notices = from_json(text, {"checkpoint": PAGE.state()})
    assert notices == ()
    assert dataclasses.asdict(slices["checkpoint"]) == dataclasses.asdict(following.state)
    assert "checkpoint-" not in text


def test_long_steps_say_their_estimate_and_ask(driver, run, monkeypatch):
    open_model(driver, run / "checkpoint-100")
    monkeypatch.setattr(training_module, "PATIENCE", 1e-9)
    driver.page.show_view("training")
    driver.wait(lambda: "2 steps may take" in driver.view.notice.label.text())
    assert steps(driver) == []
    driver.page.answer("follow")
    driver.wait(lambda: steps(driver) == [20, 100])
    assert driver.view.notice.label.text() == ""


def test_what_the_window_knows_makes_no_other_question():
    growing = Growing()
    assert growing == Growing(None, training_module.Trained("a"))
    assert growing.missing("a") == ()
