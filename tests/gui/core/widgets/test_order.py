"""Operators and rank rules in the order of what a person likes, or has pinned."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def ready(application, qtbot):
    finds = application.context.finds
    finds.begin()
    qtbot.waitUntil(lambda: finds.is_ready, timeout=10_000)
    return application


def _choose(button, order: str) -> None:
    usual, liked, pinned = button.menu().actions()
    {"": usual, "liked": liked, "pinned": pinned}[order].trigger()


def test_operators_stand_by_likes_and_pins_and_keep_ticks_and_numbers(ready, idle):
    ready.window.show_page("topk")
    idle()
    several = ready.window.pages["topk"].controls.lists["operators"]
    button = several.order_button
    usual = several.names()
    ticked, said = set(several.value()), {key: several.trailing(key) for key in usual}
    ready.finder.personal.pin("operator/grad", True)
    _choose(button, "pinned")
    assert several.names() == ("grad", *(key for key in usual if key != "grad"))
    ready.finder.personal.pin("operator/exp", True)
    assert several.names()[:2] == tuple(key for key in usual if key in ("grad", "exp"))
    assert set(several.value()) == ticked
    assert {key: several.trailing(key) for key in usual} == said
    ready.finder.personal.want("sigmoid")
    _choose(button, "liked")
    assert several.names()[0] == "sigmoid"
    _choose(button, "")
    assert several.names() == usual


def test_an_operator_ticked_in_another_order_is_the_one_that_is_compared(ready, idle):
    ready.window.show_page("topk")
    idle()
    several = ready.window.pages["topk"].controls.lists["operators"]
    ready.finder.personal.pin("operator/grad", True)
    _choose(several.order_button, "pinned")
    several.box("grad").click()
    idle()
    assert "grad" not in ready.store["topk"].operators


def test_rules_stand_by_likes_and_a_click_means_the_row_that_is_seen(ready, idle, tmp_path, qtbot):
    path = tmp_path / "a.npy"
    np.save(path, np.diag(1.0 / np.arange(1, 31)))
    ready.open_paths([str(path)])
    idle()
    ready.window.show_view("spectrum", "rules")
    idle()
    table = ready.window.pages["spectrum"].tables["spectrum.rules"]
    qtbot.waitUntil(lambda: table.order_button is not None, timeout=60_000)
    usual = [line[0] for line in table.texts()]
    ready.finder.personal.pin("rule/elbow", True)
    _choose(table.order_button, "pinned")
    first = table.texts()[0]
    assert first[0] != usual[0]
    assert [line[0] for line in table.texts()[1:]] == [one for one in usual if one != first[0]]
    table.table.cellClicked.emit(0, 0)
    idle()
    assert ready.store["spectrum"].rank == int(first[1])
    assert table.texts()[0][0] == first[0]
