"""The views below the spectrum, each against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from gui.core.declare.draw import draw_plot
from gui.core.words import i18n
from gui.pages.spectrum.compute.pins import Pinned
from gui.pages.spectrum.contents import PAGE
from tests.support.every import of_array
from tests.support.known import sigma_of
from tests.support.page_driver import PageDriver


def test_error_view_is_the_eckart_young_floor(page, matrix):
    page.show("m", matrix)
    page.tab("error")
    s = sigma_of(matrix)
    tails = [np.linalg.norm(s[r:]) / np.linalg.norm(s) for r in range(30)]
    assert_allclose(page.curve("error", "frobenius").y[:30], tails, rtol=1e-6)
    assert_allclose(page.curve("error", "spectral").y[:30], s / s[0], rtol=1e-6)
    stored = page.curve("error", "stored").y
    assert stored[12] == pytest.approx(12 * 70 / 1200)
    page.click(page.controls.toggles["error_relative"])
    assert_allclose(page.curve("error", "spectral").y[:30], s, rtol=1e-6)
    page.drag("error", 8, 9, 11)
    assert page.state.rank == 11
    assert page.cursor("values", "rank").value == 11.0


def test_density_of_one_value_is_not_called_values(page):
    page.show("m", np.array([[1.0, 2.0]]))
    page.tab("density")
    assert page.curve("density", "histogram").name == "1 value of σ"


def test_density_integrates_to_one_and_finds_the_noise(page):
    rng = np.random.default_rng(0)
    noise = 0.7 * rng.normal(size=(300, 200))
    page.show("noise", noise)
    page.tab("density")
    figure = page.figure("density")
    bars = page.curve("density", "histogram")
    widths, heights = np.diff(bars.x)[::2], bars.y[::2]
    assert np.sum(widths * heights) == pytest.approx(1.0)
    law = page.curve("density", "law")
    assert np.trapezoid(law.y, law.x) == pytest.approx(1.0, abs=0.01)
    edge = page.cursor("density", "edge").value
    assert edge == pytest.approx(0.7 * (np.sqrt(300) + np.sqrt(200)), rel=0.03)
    assert "0 values" in figure.note or "1 values" in figure.note
    page.type_number(page.controls.numbers["noise"], "0.35")
    assert page.cursor("density", "edge").value == pytest.approx(0.35 * (300**0.5 + 200**0.5))
    page.choose(page.controls.choices["quantity"], "sigma2")
    bars = page.curve("density", "histogram")
    assert bars.x[-1] == pytest.approx(sigma_of(noise)[0] ** 2)


def test_squares_beyond_all_numbers_are_refused_in_words(page):
    page.show("huge", 1e300 * np.eye(4))
    page.tab("density")
    assert page.curve("density", "histogram") is not None
    page.choose(page.controls.choices["quantity"], "sigma2")
    assert "too large for a number" in page.view.notice.label.text()
    page.choose(page.controls.choices["quantity"], "sigma")
    assert page.view.notice.isHidden()


def test_vectors_satisfy_the_definition(page, matrix):
    page.show("m", matrix)
    page.tab("vectors")
    page.type_number(page.controls.numbers["vector"], "3")
    u, v = page.curve("u", "u").y, page.curve("v", "v").y
    sigma = sigma_of(matrix)[2]
    assert_allclose(matrix @ v, sigma * u, rtol=0, atol=1e-12)
    assert_allclose(page.image("outer"), sigma * np.outer(u, v), rtol=0, atol=1e-12)


def test_geometry_shows_the_image_of_the_circle(page):
    page.tab("geometry")
    for entry, value in zip(page.page.player.entries, (2.0, 1.0, 0.5, -1.0), strict=True):
        page.type_number(entry, str(value))
    m = np.array([[2.0, 1.0], [0.5, -1.0]])
    unit, image = page.curve("geometry", "unit"), page.curve("geometry", "now")
    assert_allclose(m @ np.stack([unit.x, unit.y]), np.stack([image.x, image.y]), atol=1e-12)
    axes = [page.curve("geometry", f"axis{i}") for i in (0, 1)]
    lengths = [np.hypot(axis.x[1], axis.y[1]) for axis in axes]
    assert_allclose(lengths, sigma_of(m), rtol=1e-12)


def test_geometry_takes_a_2_x_2_array_a_block_of_a_larger_one_or_what_is_typed(page, matrix):
    small = np.array([[20.0, 3.0], [1.0, 8.0]])
    page.show("small", small)
    page.tab("geometry")

    def shown():
        unit, image = page.curve("geometry", "unit"), page.curve("geometry", "now")
        points = np.stack([unit.x, unit.y])
        return np.stack([image.x, image.y]) @ np.linalg.pinv(points)

    def typed():
        return [entry.value() for entry in page.page.player.entries]

    assert_allclose(shown(), small, atol=1e-12)
    assert typed() == [20.0, 3.0, 1.0, 8.0]  # what is drawn is what the boxes say
    lines = page.controls.readouts["spectrum.geometry_numbers"].rows()
    assert [line[1] for line in lines[-2:]] == ["0.05096, −0.01911", "−0.006369, 0.1274"]
    page.type_number(page.page.player.entries[0], "2")
    assert page.state.circle_of == "own"
    assert page.state.matrix == (2.0, 3.0, 1.0, 8.0)  # one entry of what was drawn
    page.show("m", matrix)
    page.choose(page.controls.choices["circle_of"], "block")
    page.type_number(page.controls.numbers["block_row"], "5")
    page.type_number(page.controls.numbers["block_column"], "28")
    assert_allclose(shown(), matrix[5:7, 28:], atol=1e-12)
    assert typed() == matrix[5:7, 28:].ravel().tolist()
    page.show("row", np.ones((1, 3)))
    assert "2 × 2 block" in page.figure("stage0").note


def test_geometry_stage_zero_is_the_circle_and_play_runs_to_the_end(page):
    page.tab("geometry")
    page.type_number(page.controls.numbers["stage"], "0")
    now = page.curve("geometry", "now")
    assert_allclose(np.hypot(now.x, now.y), 1.0)
    page.type_number(page.controls.numbers["stage"], "2.9")
    page.qtbot.mouseClick(page.page.player.button, Qt.MouseButton.LeftButton)
    page.wait(lambda: page.state.stage == 3.0)
    page.settle()
    assert not page.page.player.button.isChecked()
    assert not page.page.player._clock.isActive()


def test_the_player_stops_where_nobody_sees_it(page):
    page.tab("geometry")
    page.type_number(page.controls.numbers["stage"], "0")
    page.qtbot.mouseClick(page.page.player.button, Qt.MouseButton.LeftButton)
    page.wait(lambda: page.state.stage > 0.0)
    page.tab("error")
    assert not page.page.player.button.isChecked()
    stage = page.state.stage
    page.tab("geometry")
    page.qtbot.mouseClick(page.page.player.button, Qt.MouseButton.LeftButton)
    page.wait(lambda: page.state.stage > stage)
    page.window.hide()
    page.wait(lambda: not page.page.player.button.isChecked())
    assert not page.page.player._clock.isActive()
    assert page.store.undo_label == "stage"


def test_playing_from_the_end_begins_at_the_start_and_is_one_undo_step(page):
    page.tab("geometry")
    page.qtbot.mouseClick(page.page.player.button, Qt.MouseButton.LeftButton)
    page.wait(lambda: 0.0 < page.state.stage < 3.0)
    page.qtbot.mouseClick(page.page.player.button, Qt.MouseButton.LeftButton)
    page.store.undo()
    assert page.state.stage == 3.0
    assert page.store.undo_label == "lower view"


def test_pinned_spectrum_is_overlaid_with_its_name_and_survives_undo(page, matrix):
    first = page.show("first", matrix)
    page.click(page.page.pins.button)
    assert not page.page.pins.button.isEnabled()
    page.show("second", 2.0 * matrix[:, :20])
    overlay = page.curve("values", "overlay0")
    assert_allclose(overlay.y, sigma_of(matrix), rtol=0, atol=1e-14)
    assert first.title in page.plot("values").legend_entries()
    page.qtbot.mouseClick(page.page.pins.rows[0][2], Qt.MouseButton.LeftButton)
    page.settle()
    assert page.curve("values", "overlay0") is None
    page.store.undo()
    page.settle()
    assert page.curve("values", "overlay0") is not None


def test_pinned_spectrum_of_a_restored_session_is_computed_again(page, matrix):
    np.save(page.folder / "first.npy", matrix)
    ref = PageDriver.open_file(page, page.folder / "first.npy")
    page.show("second", np.eye(5))
    assert page.curve("values", "overlay0") is None
    page.store.replace("spectrum", label="session", overlays=(Pinned(ref),))
    page.settle()
    assert_allclose(page.curve("values", "overlay0").y, sigma_of(matrix), rtol=0, atol=1e-14)


@pytest.fixture(params=["en", "zh_CN"])
def language(request):
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language("en")


@pytest.mark.parametrize("view", ["error", "soft", "geometry"])
def test_legends_are_complete_in_the_smallest_window(language, page, matrix, view):
    page.window.resize(860, 590)  # what a window of 1024 x 700 leaves to the page
    page.window.setSizes([545, 300])
    page.show("m", matrix)
    page.tab(view)
    page.settle()
    for key in page.plots_of(view):
        legend = page.plot(key).legend
        assert [text for entry, _, text in legend._places if entry is None] == []
        assert len(legend._places) == len(legend.entries())


@pytest.mark.parametrize(
    ("view", "said"),
    [("reconstruction", {"rank": "8"}), ("vectors", {"pair": "1"})],
)
def test_pictures_say_where_they_come_from_when_exported(page, matrix, view, said):
    page.show("m", matrix)
    page.tab(view)
    page.settle()
    rows, columns = matrix.shape
    known = {"source": "m.npy", "shape": f"{rows} x {columns}", "dtype": "float64"}
    assert known.items() <= page.figure("matrix").meta.items()
    for key in page.plots_of(view):
        of_rank = {} if key == "original" else said
        assert (known | of_rank).items() <= page.figure(key).meta.items()


def test_factors_are_saved_with_their_origin(page, matrix, dialogs, messages, tmp_path):
    page.show("m", matrix)
    page.type_number(page.controls.numbers["rank"], "6")
    dialogs.saves.append(str(tmp_path / "factors.npz"))
    page.click(page.page.save_button)
    with np.load(tmp_path / "factors.npz") as stored:
        product = (stored["u"] * stored["s"]) @ stored["vh"]
        text = str(stored["metadata"])
    u, s, vh = np.linalg.svd(matrix, full_matrices=False)
    assert_allclose(product, (u[:, :6] * s[:6]) @ vh[:6], rtol=0, atol=1e-14)
    assert "m.npy" in text
    assert "source_sha256" in text
    assert messages[-1][1] == "info"


def test_factors_that_no_view_has_needed_are_computed_and_saved(page, matrix, dialogs, tmp_path):
    page.tab("error")
    asked = []
    submit = page.context.runner.submit
    page.context.runner.submit = lambda channel, *rest, **options: (
        asked.append(channel),
        submit(channel, *rest, **options),
    )
    page.show("m", matrix)
    assert "spectrum.factors" not in asked
    dialogs.saves.append(str(tmp_path / "factors.npz"))
    page.click(page.page.save_button)
    with np.load(tmp_path / "factors.npz") as stored:
        product = (stored["u"] * stored["s"]) @ stored["vh"]
    u, s, vh = np.linalg.svd(matrix, full_matrices=False)
    assert_allclose(product, (u[:, :8] * s[:8]) @ vh[:8], rtol=0, atol=1e-14)


def test_factors_of_rank_0_and_of_a_refused_matrix_cannot_be_saved(page, matrix):
    assert not page.page.save_button.isEnabled()
    page.show("m", matrix)
    assert page.page.save_button.isEnabled()
    page.type_number(page.controls.numbers["rank"], "0")
    assert not page.page.save_button.isEnabled()
    page.type_number(page.controls.numbers["rank"], "3")
    page.show("broken", np.full((5, 4), np.nan))
    assert not page.page.save_button.isEnabled()


def test_existing_file_is_not_overwritten_without_asking(page, matrix, dialogs, tmp_path):
    page.show("m", matrix)
    target = tmp_path / "kept.npz"
    target.write_bytes(b"mine")
    dialogs.saves.append(str(target))
    dialogs.confirms.append(False)
    page.click(page.page.save_button)
    assert target.read_bytes() == b"mine"


def test_factors_that_cannot_be_saved_are_said(page, matrix, dialogs, messages, tmp_path):
    page.show("m", matrix)
    dialogs.saves.append(str(tmp_path / "no" / "folder.npz"))
    page.click(page.page.save_button)
    assert messages[-1][1] == "error"
    assert "folder" in messages[-1][0]


@pytest.mark.parametrize("view", ["error", "density", "soft", "reconstruction", "vectors"])
def test_view_of_a_matrix_that_is_gone_is_emptied(page, matrix, view):
    page.show("m", matrix)
    page.tab(view)
    plot = page.plots_of(view)[0]
    assert page.figure(plot).series or page.figure(plot).images
    broken = matrix.copy()
    broken[0, 0] = np.nan
    page.show("broken", broken)
    said = []
    for name in page.plots_of(view):
        assert not page.figure(name).series
        if name == "original":  # the picture of the present matrix needs no spectrum
            np.testing.assert_array_equal(page.image(name), broken)
            assert page.figure(name).meta["source"] == "broken.npy"
        else:
            assert not page.figure(name).images
            said.append(page.figure(name).note)
    assert "1 NaN" in said[0]
    assert set(said[1:]) <= {"–"}  # that stands once
    page.store.undo()
    page.settle()
    assert page.figure(plot).series or page.figure(plot).images


def test_complex_matrix_has_values_and_vectors_and_says_why_no_products(page, messages):
    rng = np.random.default_rng(2)
    a = rng.normal(size=(9, 6)) + 1j * rng.normal(size=(9, 6))
    page.show("complex", a)
    assert_allclose(page.curve("values", "main").y, sigma_of(a), rtol=1e-9)
    assert_allclose(page.image("original"), np.abs(a))
    assert "complex" in page.figure("approximation").note
    page.tab("vectors")
    u = np.linalg.svd(a, full_matrices=False)[0][:, 0]
    assert_allclose(page.curve("u", "u").y, np.abs(u), rtol=0, atol=1e-9)
    assert "complex" in page.figure("outer").note
    assert messages == []


def columns_table(a, rank):
    """The table of a matrix at a rank."""
    return draw_plot(PAGE, "spectrum.columns", of_array(np.asarray(a)), {"rank": rank}).drawn


def places(text):
    return [int(one) for one in text.split(", ")]


def relative(a, fitted):
    """Both errors as the table has them."""
    return [np.linalg.norm(a - fitted, order) / np.linalg.norm(a, order) for order in ("fro", 2)]


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.complex128])
def test_errors_are_those_of_the_best_fit_by_what_is_named(kind):
    r = np.random.default_rng(0)
    a = (r.standard_normal((20, 4)) @ r.standard_normal((4, 14))).astype(kind)
    a += (0.1 * r.standard_normal(a.shape)).astype(kind)
    floor, skeleton, cur = columns_table(a, 5).cells
    s = np.linalg.svd(a.astype(np.complex128), compute_uv=False)
    assert_allclose(
        [cell.value for cell in floor[1:4]],
        [np.linalg.norm(s[5:]) / np.linalg.norm(s), s[5] / s[0], 1.0],
        rtol=1e-5,
    )
    c = a[:, places(skeleton[4].text)].astype(np.complex128)
    errors = relative(a, c @ np.linalg.lstsq(c, a, rcond=None)[0])
    assert errors[0] <= skeleton[1].value * (1 + 1e-5) <= 2.0 * errors[0]
    assert_allclose(skeleton[3].value, skeleton[2].value * s[0] / s[5], rtol=1e-5)
    columns, rows = cur[4].text.split("; ")
    c = a[:, places(columns.removeprefix("columns "))].astype(np.complex128)
    rows = a[places(rows.removeprefix("rows "))].astype(np.complex128)
    fitted = c @ np.linalg.pinv(c) @ a @ np.linalg.pinv(rows) @ rows
    assert_allclose([cell.value for cell in cur[1:3]], relative(a, fitted), rtol=1e-5)


def test_at_rank_none_and_all_nothing_is_divided_by_nothing():
    a = np.diag([3.0, 2.0, 1.0])
    none, whole = columns_table(a, 0), columns_table(a, 3)
    assert [row[1].value for row in none.cells] == [1.0, 1.0, 1.0]
    assert all(row[1].value <= 1e-14 for row in whole.cells)
    assert [row[3].text for row in whole.cells] == ["–", "–", "–"]
    assert [row[1].value for row in columns_table(np.zeros((4, 3)), 2).cells] == [0.0, 0.0, 0.0]
