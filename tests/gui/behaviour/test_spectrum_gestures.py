"""Spectrum: what one gesture is, and what undo takes back."""

from __future__ import annotations

import pytest

from tests.support.known import matrix
from tests.support.window_widgets import LEFT


@pytest.fixture
def spectrum(start):
    driver = start("spectrum")
    driver.open(("m", matrix(5, 40, 30)))
    return driver


def test_m01_unticking_k_follows_the_rank_keeps_the_k_in_force(spectrum):
    spectrum.tab("Soft truncation")
    spectrum.type("Rank r", "12")
    assert spectrum.number("k") == 12
    spectrum.tick("k follows the rank")
    assert spectrum.number("k") == 12
    assert spectrum.store["spectrum"].k == 12.0
    assert not spectrum.store["spectrum"].k_follows
    assert spectrum.cursor("spectrum.filter", "k").value == 12.0
    spectrum.type("Rank r", "3")
    assert spectrum.number("k") == 12, "it follows no longer"
    spectrum.store.undo()
    spectrum.store.undo()
    assert spectrum.store["spectrum"].k_follows
    assert spectrum.store["spectrum"].rank == 12


def test_held_setting_k_lets_it_follow_the_rank_no_longer(spectrum):
    spectrum.tab("Soft truncation")
    spectrum.type("k", "4.5")
    assert spectrum.store["spectrum"].k == 4.5
    assert not spectrum.is_on("k follows the rank")
    assert spectrum.cursor("spectrum.filter", "k").value == 4.5
    spectrum.type("Rank r", "20")
    assert spectrum.number("k") == 4.5
    spectrum.tick("k follows the rank")
    assert spectrum.number("k") == 20


def test_held_dragging_k_lets_it_follow_the_rank_no_longer(spectrum):
    spectrum.tab("Soft truncation")
    spectrum.drag_line("spectrum.filter", "k", 12.0, 16.0)
    state = spectrum.store["spectrum"]
    assert state.k == pytest.approx(16.0, abs=0.5)
    assert not state.k_follows
    assert spectrum.store.undo_label == "k"
    spectrum.store.undo()
    assert spectrum.store["spectrum"].k_follows


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize(
    ("tab", "control", "field", "label"),
    [
        pytest.param(
            "Density", "Bars (0: automatic)", "bins", "number of bars", id="m02_bars"
        ),
        pytest.param("Density", "Noise s (0: estimated)", "noise", "noise level", id="m02_noise"),
        pytest.param("Vectors", "Pair i", "vector", "singular pair", id="m03_pair"),
        pytest.param("2 × 2 geometry", "a", "matrix", "2 × 2 matrix", id="m03_entry_a"),
        pytest.param("2 × 2 geometry", "d", "matrix", "2 × 2 matrix", id="m03_entry_d"),
        pytest.param("2 × 2 geometry", "Stage", "stage", "stage", id="m03_stage"),
        pytest.param("Density", "Rank r", "rank", "rank", id="m02_rank"),
        pytest.param("Soft truncation", "τ / σ₁", "tau", "temperature", id="m02_tau"),
    ],
)  # fmt: skip
def test_a_drag_of_a_slider_is_one_undo_step(spectrum, tab, control, field, label):
    spectrum.tab(tab)
    before, earlier = spectrum.store.state, spectrum.store.undo_label
    away = -0.1 if control == "Stage" else 0.1
    values = spectrum.slide(control, away, away / 2, away)
    assert len(set(values)) == 3, "every move counts"
    assert spectrum.store.undo_label == label
    assert getattr(spectrum.store["spectrum"], field) != getattr(before["spectrum"], field)
    spectrum.slide(control, away / 2, away)
    spectrum.store.undo()
    spectrum.store.undo()
    assert spectrum.store["spectrum"] == before["spectrum"]
    assert spectrum.store.undo_label == earlier


def test_a_line_dragged_in_the_plot_is_one_undo_step(spectrum):
    before = spectrum.store.state
    spectrum.drag_line("spectrum.values", "rank", 10, 13, 11, 17)
    assert spectrum.store["spectrum"].rank == 17
    assert spectrum.number("Rank r") == 17
    assert spectrum.cursor("spectrum.values", "rank").value == 17.0
    spectrum.store.undo()
    assert spectrum.store["spectrum"] == before["spectrum"]


def rule_row(spectrum, table, avoid):
    """Return (row, rank) of a rule that chooses a rank other than those."""
    for row in range(table.rowCount()):
        text = table.item(row, 1).text()
        if text.isdigit() and int(text) not in avoid:
            return row, int(text)
    raise AssertionError("no such rule")


def test_m12_the_rank_of_a_rule_is_a_step_of_its_own(spectrum):
    spectrum.tab("Rank rules")
    table = spectrum.table("Rank rules")
    row, rank = rule_row(spectrum, table, avoid=(7, 8, 9, 10, 11))
    # An arrow key on a slider begins a gesture that only a pause would end.
    spectrum.nudge("Rank r")
    assert spectrum.store["spectrum"].rank == 9
    spectrum.click_cell(table, row, 0)
    assert spectrum.store["spectrum"].rank == rank
    spectrum.nudge("Rank r")
    moved = spectrum.store["spectrum"].rank
    assert moved == rank + 1
    spectrum.store.undo()
    assert spectrum.store["spectrum"].rank == rank, "what comes after is a step of its own"
    spectrum.store.undo()
    assert spectrum.store["spectrum"].rank == 9, "what came before is one, too"
    spectrum.store.undo()
    assert spectrum.store["spectrum"].rank == 8
    spectrum.end_gesture("Rank r")


@pytest.mark.parametrize("tab", ["Error vs rank", "Density", "Soft truncation"])
def test_m13_a_log_button_says_how_its_axis_is_drawn(spectrum, tab):
    spectrum.tab(tab)
    buttons = [
        (figure, axis)
        for figure in spectrum.figures()
        if figure != "spectrum.matrix" and spectrum.figure(figure).series
        for axis in spectrum.log_buttons(figure)
    ]
    assert buttons
    for figure, axis in buttons:
        for _ in range(2):
            spectrum.qtbot.mouseClick(spectrum.log_buttons(figure)[axis], LEFT)
            spectrum.idle()
            for one, other in buttons:
                drawn = getattr(spectrum.figure(one), other).log
                assert spectrum.log_buttons(one)[other].isChecked() == drawn, (one, other)


def test_the_log_buttons_of_plot_and_panel_agree(spectrum):
    spectrum.qtbot.mouseClick(spectrum.log_buttons("spectrum.values")["x"], LEFT)
    spectrum.idle()
    assert spectrum.is_on("Logarithmic x")
    assert spectrum.figure("spectrum.values").x.log
    spectrum.tick("Logarithmic x")
    assert not spectrum.log_buttons("spectrum.values")["x"].isChecked()
    assert not spectrum.figure("spectrum.values").x.log
