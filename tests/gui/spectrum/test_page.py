"""The page as a person uses it: what is plotted is compared with numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from tests.support.page_driver import PageDriver


def sigma_of(a):
    return np.linalg.svd(a, compute_uv=False)


def rank_part(a, r):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return (u[:, :r] * s[:r]) @ vh[:r]


def test_page_without_data_says_what_to_do(page):
    assert "Sources" in page.figure("matrix").note
    assert page.figure("values").note == "–"  # that stands once
    assert page.page.summary() == ""


def test_spectrum_plotted_is_that_of_numpy(page, matrix):
    page.show("m", matrix)
    curve = page.curve("values", "main")
    assert_allclose(curve.y, sigma_of(matrix), rtol=0, atol=1e-15)
    assert curve.x.tolist() == list(range(1, 31))
    assert page.figure("values").y.log
    assert "40 × 30" in page.page.summary()


def test_matrix_picture_shows_the_entries(page, matrix):
    page.show("m", matrix)
    assert_allclose(page.image("matrix"), matrix)
    assert page.figure("matrix").images[0].extent == (-0.5, 29.5, -0.5, 39.5)


def test_rank_line_dragged_with_the_mouse_moves_every_rank(page, matrix):
    page.show("m", matrix)
    page.drag("values", 8, 10, 12, 15)
    assert page.state.rank == 15
    number = page.controls.numbers["rank"]
    assert (number.value(), number.slider.value()) == (15, 15)
    assert page.cursor("values", "rank").value == 15.0
    assert_allclose(page.image("approximation"), rank_part(matrix, 15), rtol=0, atol=1e-14)
    residual = matrix - rank_part(matrix, 15)
    assert_allclose(page.image("residual"), residual, rtol=0, atol=1e-14)


def test_rank_drag_is_one_step_of_undo(page, matrix):
    page.show("m", matrix)
    page.drag("values", 8, 10, 12, 15)
    page.store.undo()
    page.settle()
    assert page.state.rank == 8
    assert page.controls.numbers["rank"].value() == 8
    page.store.redo()
    page.settle()
    assert page.cursor("values", "rank").value == 15.0


def test_rank_typed_or_slid_moves_the_line_without_a_new_decomposition(page, matrix):
    page.show("m", matrix)
    asked = []
    submit = page.context.runner.submit
    page.context.runner.submit = lambda channel, *rest, **options: (
        asked.append(channel),
        submit(channel, *rest, **options),
    )
    page.type_number(page.controls.numbers["rank"], "3")
    assert page.cursor("values", "rank").value == 3.0
    number = page.controls.numbers["rank"]
    number.slider.setFocus()
    with page.qtbot.waitSignal(number.sealed):
        page.qtbot.keyClick(number.slider, Qt.Key.Key_Right)
    page.settle()
    assert page.state.rank == 4
    assert set(asked) == {"spectrum.rank"}


@pytest.mark.parametrize("text", ["abc", "-1", "31", "1.5", ""])
def test_nonsense_typed_as_rank_is_refused_in_words_and_changes_nothing(page, matrix, text):
    page.show("m", matrix)
    page.type_number(page.controls.numbers["rank"], text)
    assert page.state.rank == 8


def test_readouts_at_the_rank_are_those_of_numpy(page, matrix):
    page.show("m", matrix)
    page.type_number(page.controls.numbers["rank"], "2")
    s = sigma_of(matrix)
    table = page.controls.readouts["spectrum.at_rank"]
    energy = 100 * (s[:2] ** 2).sum() / (s**2).sum()
    assert float(page.readout(table, "Energy kept").split()[0]) == pytest.approx(energy, rel=1e-3)
    assert page.readout(table, "Frobenius error") == f"{np.linalg.norm(s[2:]):.4f}"
    assert page.readout(table, "Spectral error") == f"{s[2]:.4f}"
    matrix_table = page.controls.readouts["spectrum.numbers"]
    assert page.readout(matrix_table, "Shape") == "40 × 30"
    assert page.readout(matrix_table, "Numerical rank") == "30"
    stable = (s**2).sum() / s[0] ** 2
    assert page.readout(matrix_table, "Stable rank") == f"{stable:.3f}"


def test_quantity_and_normalisation_change_the_curve(page, matrix):
    page.show("m", 3.0 * matrix)
    s = sigma_of(3.0 * matrix)
    page.choose(page.controls.choices["quantity"], "sigma2")
    assert_allclose(page.curve("values", "main").y, s**2, rtol=1e-9)
    page.click(page.controls.toggles["normalised"])
    assert_allclose(page.curve("values", "main").y, (s / s[0]) ** 2, rtol=1e-9)
    page.choose(page.controls.choices["quantity"], "energy")
    expected = np.concatenate([[0.0], np.cumsum(s**2) / (s**2).sum()])
    assert_allclose(page.curve("values", "main").y, expected, rtol=0, atol=1e-12)
    assert not page.figure("values").y.log


def test_log_buttons_of_the_plot_and_the_panel_agree(page, matrix):
    page.show("m", matrix)
    page.qtbot.mouseClick(page.plot("values").button("x"), Qt.MouseButton.LeftButton)
    assert page.state.log_x
    assert page.controls.toggles["log_x"].value()
    page.click(page.controls.toggles["log_y"])
    assert not page.figure("values").y.log
    page.store.undo()
    page.store.undo()
    page.settle()
    assert not page.state.log_x
    assert page.figure("values").y.log
    assert not page.figure("values").x.log


def test_values_at_rounding_level_are_marked_and_do_not_stretch_a_log_axis(page):
    page.show("one", np.outer(np.arange(1.0, 9.0), np.arange(1.0, 7.0)))
    main, floor = page.curve("values", "main"), page.curve("values", "main.floor")
    assert np.count_nonzero(np.isfinite(main.y)) == 1
    assert floor.x.tolist() == [2, 3, 4, 5, 6]
    assert floor.y.min() > 1e-16 * main.y[0]
    assert page.readout(page.controls.readouts["spectrum.numbers"], "Numerical rank") == "1"


def test_zero_matrix_is_named_and_drawn(page, messages):
    page.show("zero", np.zeros((6, 4)))
    assert "zero matrix" in page.figure("values").note
    assert page.curve("values", "main").y.tolist() == [0.0] * 4
    assert page.readout(page.controls.readouts["spectrum.at_rank"], "Energy kept") == "100 %"
    for key in ("error", "density", "rules", "soft", "vectors", "reconstruction"):
        page.tab(key)
    assert messages == []


def test_vector_counts_as_one_row_and_says_so(page):
    page.show("v", np.arange(1.0, 6.0))
    assert_allclose(page.curve("values", "main").y, [np.sqrt(55.0)])
    assert "1 × 5" in page.page.remark.text()
    assert page.controls.numbers["rank"].value() == 1


@pytest.mark.parametrize("scale", [1e-290, 1e300])
def test_tiny_and_huge_matrices_are_right(page, matrix, scale):
    page.show("m", scale * matrix)
    s = scale * sigma_of(matrix)
    assert_allclose(page.curve("values", "main").y, s, rtol=1e-6)
    page.tab("error")
    assert page.curve("error", "frobenius").y[0] == pytest.approx(1.0)


def test_bad_entries_are_reported_and_replaced_as_an_undoable_step(page, matrix):
    broken = matrix.copy()
    broken[7, 3], broken[9, 1] = np.nan, np.inf
    page.show("broken", broken)
    notice = page.view.notice
    assert "1 NaN, 1 +inf," in notice.label.text()
    assert "row 7, column 3" in notice.label.text()
    assert page.curve("values", "main") is None
    assert page.page.summary() == "broken.npy, 40 × 30, cannot be computed"
    page.click(notice.buttons["zero"])
    repaired = np.where(np.isfinite(broken), broken, 0.0)
    assert_allclose(page.curve("values", "main").y, sigma_of(repaired), rtol=0, atol=1e-14)
    assert "count as 0" in notice.label.text()
    page.store.undo()
    page.settle()
    assert "row 7, column 3" in notice.label.text()
    page.click(notice.buttons["column_mean"])
    finite = np.isfinite(broken)
    mean = np.where(finite, broken, 0.0).sum(axis=0) / finite.sum(axis=0)
    repaired = np.where(finite, broken, mean)
    assert_allclose(page.curve("values", "main").y, sigma_of(repaired), rtol=0, atol=1e-14)


def test_method_chosen_is_the_method_used(page, matrix):
    page.show("m", matrix.astype(np.float32))
    page.choose(page.controls.choices["method"], "svd")
    assert page.readout(page.controls.readouts["spectrum.numbers"], "Method") == "direct SVD"
    page.choose(page.controls.choices["method"], "gram")
    assert "Gram" in page.readout(page.controls.readouts["spectrum.numbers"], "Method")
    page.choose(page.controls.choices["method"], "verified")
    assert "verified" in page.readout(page.controls.readouts["spectrum.numbers"], "Method")
    assert [band.key for band in page.figure("values").bands] == ["certified"]


def test_failure_is_said_and_the_last_good_plot_stays(page, matrix, monkeypatch):
    page.show("m", matrix)
    before = page.curve("values", "main").y

    def fail(*_arguments, **_options):
        raise ValueError("LAPACK gave up")

    monkeypatch.setattr("engine.spectrum.singular_values", fail)
    page.choose(page.controls.choices["method"], "gram")
    assert "LAPACK gave up" in page.view.notice.label.text()
    assert page.curve("values", "main").y is before
    monkeypatch.undo()
    page.click(page.view.notice.buttons["again"])
    assert page.view.notice.isHidden()
    assert "Gram" in page.readout(page.controls.readouts["spectrum.numbers"], "Method")


def test_file_that_went_away_is_said(page, matrix):
    np.save(page.folder / "m.npy", matrix)
    ref = PageDriver.open_file(page, page.folder / "m.npy")
    (page.folder / "m.npy").unlink()
    page.select(ref)
    page.settle()
    assert "no such file" in page.view.notice.label.text()


def test_nothing_is_computed_while_the_page_is_hidden(page, matrix):
    page.window.hide()
    page.open("m", matrix)
    assert not page.context.runner.is_busy()
    page.window.show()
    page.settle()
    assert page.curve("values", "main").y.size == 30


def test_maximised_plot_fills_the_page_and_escape_brings_the_others_back(page, matrix):
    page.show("m", matrix)
    values, other = page.plot("values"), page.plot("matrix")
    values.maximise_toggled.emit()
    assert values.isVisible()
    assert not other.isVisible()
    assert [f.key for f in page.page.figures()] == ["spectrum.values"]
    page.qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert other.isVisible()


def test_pictures_zoom_together(page, matrix):
    page.show("m", matrix)
    assert {page.figure(k).link for k in ("original", "approximation", "residual")} == {
        "spectrum.pictures"
    }


def test_big_pictures_are_reduced_and_still_exact(page):
    rng = np.random.default_rng(3)
    a = rng.normal(size=(700, 30)) @ rng.normal(size=(30, 20))
    page.show("tall", a)
    page.type_number(page.controls.numbers["rank"], "4")
    expected = rank_part(a, 4).reshape(350, 2, 20).mean(axis=1)
    assert_allclose(page.image("approximation"), expected, rtol=0, atol=1e-12)
