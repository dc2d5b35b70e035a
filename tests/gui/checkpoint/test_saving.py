"""What leaves the page: factors, a LoRA, the table and the report, as the command writes them."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from engine.checkpoint import adapter_factors, open_checkpoint
from gui.pages.checkpoint.compute.figures import board
from tests.gui.checkpoint.conftest import LAYERS, WIDTH, open_model, tensors, write_model

Q0 = "model.layers.0.self_attn.q_proj.weight"
NORM = "model.layers.1.input_layernorm.weight"


def press(driver, button):
    widget = getattr(driver.page.saver, button)
    driver.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    # A process that has to be started first takes long on a busy machine.
    driver.wait(lambda: not driver.context.runner.is_busy(), timeout=60_000)
    driver.settle()


def test_factors_of_the_budget_reach_its_error(driver, llama, dialogs, messages, tmp_path):
    open_model(driver, llama[0])
    driver.page.conductor.edit("share", 0.4)
    driver.settle()
    now = driver.page.conductor.present().look(board)
    ranks = dict(zip(now.places, now.figures("rank_budget"), strict=True))
    dialogs.saves.append(str(tmp_path / "factors"))
    press(driver, "factors")
    saved = open_checkpoint(tmp_path / "factors")
    named = {one.name: np.asarray(saved.read(one), float) for one in saved.matrices}
    cut = sorted({name.rpartition(".")[0] for name in named})
    assert cut
    for name in cut:
        weight, a, b = llama[1][name].astype(float), named[f"{name}.a"], named[f"{name}.b"]
        assert a.shape[1] == ranks[name]
        floor = np.sqrt((np.linalg.svd(weight, compute_uv=False)[a.shape[1] :] ** 2).sum())
        assert_allclose(np.linalg.norm(weight - a @ b), floor, rtol=1e-5)
    assert f"Factors of {len(cut)} matrices" in messages[-1][0]


def test_a_lora_needs_a_base_and_says_what_it_cannot_hold(
    driver, llama, dialogs, messages, tmp_path
):
    tuned, rng = {name: one.copy() for name, one in llama[1].items()}, np.random.default_rng(3)
    change = (rng.normal(size=(WIDTH, 2)) @ rng.normal(size=(2, WIDTH))).astype(np.float32)
    tuned[Q0] += change
    tuned[NORM] += 1.0
    base = open_model(driver, llama[0])
    open_model(driver, write_model(tmp_path / "tuned", tuned))
    assert not driver.page.saver.lora.isEnabled()
    assert "Choose the base" in driver.page.saver.lora.toolTip()
    driver.page.conductor.edit("base", base)
    driver.settle()
    dialogs.saves.append(str(tmp_path / "lora"))
    press(driver, "lora")
    (factors,) = adapter_factors(tmp_path / "lora").values()
    assert_allclose(factors.u * factors.s @ factors.vh, change, atol=1e-5)
    text, severity = messages[-1]
    assert text.startswith("LoRA of 1 modules")
    assert (severity, NORM in text) == ("warning", True)
    driver.page.conductor.edit("lora_rank", 1)
    dialogs.saves.append(str(tmp_path / "one"))
    press(driver, "lora")
    (factors,) = adapter_factors(tmp_path / "one").values()
    assert factors.s.size == 1
    driver.page.conductor.edit("lora_rank", 0)
    driver.page.conductor.edit("lora_energy", 0.01)
    dialogs.saves.append(str(tmp_path / "least"))
    press(driver, "lora")
    (factors,) = adapter_factors(tmp_path / "least").values()
    assert factors.s.size == 1


@pytest.mark.parametrize("suffix", ["csv", "npz", "html"])
def test_the_table_is_what_the_command_writes(driver, llama, dialogs, messages, tmp_path, suffix):
    open_model(driver, llama[0])
    path = tmp_path / f"out.{suffix}"
    dialogs.saves.append(str(path))
    press(driver, "report" if suffix == "html" else "table")
    assert messages[-1] == (f"Saved {path}.", "info")
    if suffix == "csv":
        with path.open(newline="") as file:
            lines = {line["name"]: line for line in csv.DictReader(file)}
        assert len(lines) == 4 * LAYERS + 1
        values = np.linalg.svd(llama[1][Q0].astype(float), compute_uv=False)
        assert_allclose(float(lines[Q0]["stable_rank"]), (values**2).sum() / values[0] ** 2)
        assert 0 <= int(lines[Q0]["rank_budget"]) <= WIDTH
    elif suffix == "npz":
        with np.load(path) as found:
            assert found["offsets"][-1] == found["values"].size
    else:
        text = path.read_text("utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert "q_proj" in text


def test_what_is_there_is_not_replaced_without_asking(driver, llama, dialogs, tmp_path):
    open_model(driver, llama[0])
    target = tmp_path / "out.csv"
    target.write_text("mine")
    dialogs.saves.append(str(target))
    dialogs.confirms.append(False)
    press(driver, "table")
    assert target.read_text() == "mine"


def test_what_cannot_be_saved_is_said(driver, llama, dialogs, messages, tmp_path):
    open_model(driver, llama[0])
    (tmp_path / "file").write_text("")
    for button, place in (("table", "no/table.csv"), ("factors", "file/factors")):
        dialogs.saves.append(str(tmp_path / place))
        press(driver, button)
        assert messages[-1][0].startswith("Nothing was saved: ")
        assert messages[-1][1] == "error"


def test_buttons_wait_for_what_they_write_and_the_search_offers_the_rest(driver, llama, tmp_path):
    saver = driver.page.saver
    buttons = (saver.factors, saver.lora, saver.table, saver.report)
    assert not any(button.isEnabled() for button in buttons)
    assert "No model is open" in saver.factors.toolTip()
    open_model(driver, write_model(tmp_path / "model", tensors(2, layers=1)))
    assert [button.isEnabled() for button in buttons] == [True, False, True, True]
    offered = {entry.title for entry in driver.page.commands()}
    assert {"Save the factors of the budget", "Save the table of the model"} < offered
    assert "Save the change from the base as a LoRA" not in offered
