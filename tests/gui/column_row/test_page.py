"""The page as a person uses it: what is plotted is compared with numpy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from gui.core.state.session import from_json, to_json
from gui.pages.column_row.contents import PAGE
from tests.gui.column_row.norms_by_hand import error_of, largest

STRATEGY, WEIGHTS, ERROR = range(3)  # columns of the table


def test_page_without_data_says_what_to_do(page):
    assert "Sources" in page.figure("error").note
    assert page.page.summary() == ""


def test_rows_of_the_selected_matrix_are_picked_by_default(page, matrix):
    page.show("a", matrix)
    curve = page.curve("error", "norm.own")
    expected = [error_of(matrix.T, matrix, largest(matrix.T, matrix, r)) for r in range(17)]
    assert_allclose(curve.y, expected, rtol=1e-9, atol=1e-12)
    values = np.linalg.svd(matrix.T @ matrix, compute_uv=False)
    floor = [np.linalg.norm(values[r:]) / np.linalg.norm(values) for r in range(17)]
    assert_allclose(page.curve("error", "floor").y, floor, rtol=1e-9, atol=1e-12)
    assert_allclose(page.image("product"), matrix.T @ matrix, atol=1e-12)
    assert "16 pairs" in page.page.summary()


def test_one_pair_is_not_called_pairs(page):
    page.show("a", np.array([[3.0, 4.0]]))
    assert page.page.summary() == "a.npy: Aᵀ A, r = 1 of 1 pair"
    assert page.page.pairing.shapes.text() == "X 2 × 1, Y 1 × 2: 1 pair"
    assert page.figure("approximation").title == "1 of 1 pair"
    page.tab("table")
    assert page.standings.note.text().startswith("r = 1 of 1 pair.")


def test_every_ticked_strategy_and_weight_is_drawn(page, matrix):
    page.show("a", matrix)
    keys = {one.key for one in page.figure("error").series}
    fitted = {f"{key}.full" for key in ("norm", "drop2", "greedy", "norm_sampling")}
    own = {"norm.own", "drop2.own", "greedy.own", "norm_sampling.expected", "norm_sampling.mean"}
    assert keys == fitted | own | {"floor"}


def test_r_dragged_with_the_mouse_moves_everything(page, matrix):
    page.show("a", matrix)
    page.set(detail="norm", detail_weights="own")
    page.drag("error", 8, 10, 12, 15)
    assert page.state.r == 15
    assert (page.controls.numbers["r"].value(), page.controls.numbers["r"].slider.value()) == (
        15,
        15,
    )
    assert page.cursor("error", "r").value == 15.0
    kept = largest(matrix.T, matrix, 15)
    expected = matrix.T[:, kept] @ matrix[kept]
    assert_allclose(page.image("approximation"), expected, atol=1e-12)
    assert_allclose(page.image("residual"), matrix.T @ matrix - expected, atol=1e-12)
    assert len(page.curve("norms", "chosen").x) == 15
    error, told = 100 * error_of(matrix.T, matrix, kept), page.at_r
    assert float(page.readout(told, "Error").split()[0]) == pytest.approx(error, rel=1e-3)
    assert page.readout(told, "Pairs kept") == "15 of 16 (93.75 %)"
    assert page.readout(told, "Multiplications saved") == "6.250 %"


def test_r_drag_is_one_step_of_undo(page, matrix):
    page.show("a", matrix)
    page.drag("error", 8, 10, 12, 15)
    page.store.undo()
    page.settle()
    assert page.state.r == 8
    assert page.controls.numbers["r"].value() == 8
    page.store.redo()
    page.settle()
    assert page.cursor("error", "r").value == 15.0


def test_r_larger_than_the_pairs_comes_back_with_a_larger_product(page, matrix):
    page.show("a", matrix)
    page.set(r=14)
    page.show("few", matrix[:5])
    assert page.controls.numbers["r"].value() == 5
    page.show("a", matrix)
    assert page.controls.numbers["r"].value() == 14


def test_strategy_ticked_is_drawn_and_unticked_is_gone(page, matrix):
    page.show("a", matrix)
    page.tick("drop1")
    assert page.curve("error", "drop1.own") is not None
    assert page.strategies.value()[:2] == ("norm", "drop1")
    page.tick("drop1")
    assert page.curve("error", "drop1.own") is None
    page.store.undo()
    page.settle()
    assert page.curve("error", "drop1.own") is not None


def test_last_kind_of_weights_cannot_be_unticked(page, matrix):
    page.show("a", matrix)
    page.set(weights=("own",))
    box = page.controls.lists["weights"].box("own")
    page.controls.ensureWidgetVisible(box)
    page.click(box)
    assert page.state.weights == ("own",)
    assert box.isChecked()


def test_table_has_every_strategy_and_a_click_selects(page, matrix):
    page.show("a", matrix)
    page.tab("table")
    assert page.state.view == "table"
    rows = page.standings.texts()
    assert len(rows) == 12
    errors = [float(row[ERROR].split()[0]) for row in rows]
    assert errors == sorted(errors)
    table = page.standings.table
    place = next(i for i, row in enumerate(rows) if row[STRATEGY] == "Drop pairs")
    spot = table.visualItemRect(table.item(place, STRATEGY)).center()
    page.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    page.settle()
    assert page.state.detail == "drop2"
    assert page.controls.choices["detail"].value() == "drop2"
    kind = {"own weights": "own", "best diagonal": "diagonal", "best full L": "full"}
    assert page.state.detail_weights == kind[rows[place][WEIGHTS]]
    bold = [row for row in range(len(rows)) if table.item(row, STRATEGY).font().bold()]
    assert [page.standings.texts()[row][:2] for row in bold] == [rows[place][:2]]


def test_table_does_not_scroll_sideways_in_a_narrow_page(page, matrix):
    page.show("a", matrix)
    page.tab("table")
    page.window.resize(940, 640)
    page.window.setSizes([600, 300])
    page.settle()
    page.wait(lambda: page.standings.table.horizontalScrollBar().maximum() == 0, 1000)


def test_table_sorts_by_the_column_clicked(page, matrix):
    page.show("a", matrix)
    page.tab("table")
    table = page.standings.table
    table.sortByColumn(ERROR, Qt.SortOrder.DescendingOrder)
    page.type_number(page.controls.numbers["r"], "4")
    errors = [float(row[ERROR].split()[0]) for row in page.standings.texts()]
    assert errors == sorted(errors, reverse=True)


def test_search_that_is_too_large_is_refused_beside_the_control(page):
    rng = np.random.default_rng(1)
    page.show("wide", rng.normal(size=(60, 3)))
    page.set(r=30)
    page.tick("exact")
    said = page.said_of_strategies()
    assert "1.18e17" not in page.controls.choices["detail"].toolTip()
    assert "Exact search would compare 1.18e17 sums at r = 30 of 60 pairs" in said
    page.type_number(page.controls.numbers["r"], "2")
    assert page.said_of_strategies() == ""


def test_seed_changes_the_draws_and_only_those(page, matrix):
    page.show("a", matrix)
    before = page.curve("error", "norm_sampling.mean").y
    same = page.curve("error", "norm.full")
    page.type_number(page.controls.numbers["seed"], "7")
    assert not np.array_equal(page.curve("error", "norm_sampling.mean").y, before)
    assert np.array_equal(page.curve("error", "norm.full").y, same.y)
    page.type_number(page.controls.numbers["seed"], "0")
    assert np.array_equal(page.curve("error", "norm_sampling.mean").y, before)


def test_soft_mask_has_its_operator_and_tau(page, matrix):
    page.show("a", matrix)
    assert page.controls.numbers["tau"].isHidden() or not page.controls.numbers["tau"].isVisible()
    page.tick("soft")
    assert page.controls.numbers["tau"].isVisibleTo(page.controls)
    before = page.curve("error", "soft.own").y
    page.choose(page.controls.choices["operator"], "clip")
    assert not np.allclose(page.curve("error", "soft.own").y, before)
    assert page.curve("error", "soft.full") is None


def test_log_buttons_are_remembered(page, matrix):
    page.show("a", matrix)
    page.qtbot.mouseClick(page.plot("error").button("y"), Qt.MouseButton.LeftButton)
    assert page.state.error_log
    assert page.figure("error").y.log
    page.store.undo()
    page.settle()
    assert not page.figure("error").y.log


def test_nan_is_reported_in_words_and_replaced_as_an_undoable_step(page, matrix):
    broken = matrix.copy()
    broken[3, 2] = np.nan
    page.show("broken", broken)
    notice = page.view.notice
    said = "1 NaN among 96 entries, the first at row 3, column 2 (counted from 0)"
    assert said in notice.label.text()
    assert page.curve("error", "norm.own") is None
    page.click(notice.buttons["zero"])
    repaired = np.where(np.isfinite(broken), broken, 0.0)
    assert_allclose(page.image("product"), repaired.T @ repaired, atol=1e-12)
    assert "count as 0" in notice.label.text()
    assert page.figure("product").meta["nonfinite_replaced_by"] == "zero"
    page.store.undo()
    page.settle()
    assert said in notice.label.text()
    page.click(notice.buttons["column_mean"])
    repaired[3, 2] = np.delete(broken[:, 2], 3).mean()
    assert_allclose(page.image("product"), repaired.T @ repaired, atol=1e-12)
    page.click(notice.buttons["keep"])
    assert said in notice.label.text()


def test_product_that_cannot_be_computed_leaves_no_error_of_the_one_before(page, matrix):
    page.show("a", matrix)
    shown = page.strategies.trailing("norm")
    assert float(shown) > 0.0
    page.show("broken", np.where(matrix > 1.0, np.nan, matrix))
    assert page.strategies.trailing("norm") == ""
    page.show("a", matrix)
    assert page.strategies.trailing("norm") == shown


def test_status_line_says_what_cannot_be_computed(page, matrix):
    page.show("broken", np.where(matrix > 1.0, np.inf, matrix))
    assert page.page.summary() == "broken.npy: Aᵀ A, cannot be computed"
    page.multiply(matrix, matrix)
    assert page.page.summary() == "x.npy · y.npy, cannot be computed"


def test_session_brings_the_page_back(page, factors):
    page.multiply(*factors)
    page.set(r=5, strategies=("norm", "exact"), detail="exact", detail_weights="own")
    restored, notices = from_json(to_json(page.store.state), page.store.state)
    assert notices == ()
    page.store.replace("column_row", label="reset", **vars_of(PAGE.state()))
    page.settle()
    page.store.restore(restored, label="session")
    page.settle()
    assert page.controls.choices["detail"].value() == "exact"
    assert page.controls.numbers["r"].value() == 5
    assert page.curve("error", "exact.own") is not None
    assert_allclose(page.image("product"), factors[0] @ factors[1], atol=1e-12)


def vars_of(state):
    return {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}


def test_every_control_has_a_name_and_a_tooltip(page, matrix):
    page.show("a", matrix)
    controls, pairing = page.controls, page.page.pairing
    inputs = [
        *(one.box for one in controls.numbers.values()),
        *(one.slider for one in controls.numbers.values()),
        *(one.combo for one in controls.choices.values()),
        *(pairing.kind.combo, pairing.other.combo, pairing.turn_x, pairing.turn_y),
        *(page.strategies.box(key) for key in ("norm", "soft")),
        *(controls.lists["weights"].box(key) for key in ("own", "diagonal", "full")),
    ]
    assert set(controls.numbers) == {"r", "seed", "tau"}
    assert set(controls.choices) == {"detail", "detail_weights", "operator", "order"}
    assert all(one.accessibleName() for one in inputs)
    assert all(one.toolTip() for one in inputs)
    assert pairing.example_button.toolTip()


def test_maximised_plot_fills_the_page_and_escape_brings_the_others_back(page, matrix):
    page.show("a", matrix)
    error, norms = page.plot("error"), page.plot("norms")
    error.maximise_toggled.emit()
    assert error.isVisible()
    assert not norms.isVisible()
    assert [figure.key for figure in page.page.figures()] == ["column_row.error"]
    page.qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert norms.isVisible()
