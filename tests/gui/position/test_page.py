"""The Position page in the window: what a person clicks and drags."""

from __future__ import annotations

from gui.core.state.document import Files
from gui.draw import _file_of, opened_from, source_of


def open_model(driver, path):
    source = source_of(path)
    driver.context.library.add(source.path, source)
    opened = opened_from(source)
    driver.store.replace("files", label="open", items=(_file_of(source),))
    assert isinstance(driver.store["files"], Files)
    driver.select(opened.ref)
    driver.settle()


def test_the_cursor_is_dragged_over_whole_positions(driver):
    driver.settle()
    before = driver.state.at
    driver.page.move_cursor("at", 64.4)
    driver.page.release()
    driver.settle()
    assert driver.cursor("rms", "at").label.startswith("n = 64 ±")
    driver.store.undo()
    driver.settle()
    assert driver.state.at == before


def test_exact_curves_follow_at_once_and_dots_afterwards(driver):
    driver.settle()
    driver.page.conductor.edit("k", 40)
    driver.settle()
    assert driver.curve("rms", "hard").y[-1] == 1 / 40**0.5
    assert abs(driver.curve("rms", "hard.measured").y[-1] * 40**0.5 - 1) < 0.2


def test_a_click_on_a_head_draws_it_and_a_button_sends_it(driver, llama, messages):
    path, _ = llama
    open_model(driver, path)
    driver.page.show_view("weights")
    driver.settle()
    table = driver.page.tables["position.heads"]
    table.chosen.emit("4")
    driver.settle()
    assert driver.state.head == 4
    assert "4" in driver.figure("head_rms").title
    driver.click(driver.page.send["spectrum"])
    active = driver.store["selection"].active
    assert (active.entry, active.view, active.index) == (
        "model.layers.0.self_attn.q_proj.weight",
        "blocks of 8 rows",
        (4,),
    )
    assert active.shape == (8, 48)
    assert ("spectrum", "page") in messages
    driver.store.undo()
    driver.settle()
    assert driver.store["selection"].active.view == ""
    driver.page.conductor.edit("side", "k")
    driver.click(driver.page.send["topk"])
    assert driver.store["selection"].active.index == (1,)
    assert ("topk", "page") in messages


def test_a_file_without_config_asks_at_the_control(driver, llama):
    path, _ = llama
    (path.parent / "config.json").unlink()
    open_model(driver, path)
    driver.page.show_view("weights")
    driver.settle()
    assert "config.json" in driver.page._said.get("head_count", "")
    assert not driver.page.send["spectrum"].isEnabled()
    driver.page.conductor.edit("head_count", 6)
    driver.settle()
    assert driver.page._said.get("head_count", "") == ""
    assert driver.page.send["spectrum"].isEnabled()
