"""A picture exported from here brings its state back when it is dropped on the window."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from gui.core.export.export import export_figure, read_metadata
from gui.core.figure.panels import Panels
from gui.core.screen.exports.export_dialog import ExportDialog
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.figure_state import LARGEST, state_of
from gui.core.state.scores import Override
from gui.render import main as render


@pytest.fixture
def matrix(tmp_path):
    path = tmp_path / "data" / "own.csv"
    path.parent.mkdir()
    np.savetxt(path, np.random.default_rng(3).standard_normal((30, 12)), delimiter=",")
    return path


def exported(application, path):
    """Export the first figure of the page in front as the dialog would."""
    application.export()
    dialog = application.window.findChild(ExportDialog)
    figure = dialog._figures[0]
    dialog.close()
    dialog.deleteLater()
    return export_figure(figure, path)


def said(application):
    return application.window.messages.text()


@pytest.fixture
def spectrum(application, idle, matrix, qtbot):
    """The Spectrum page with a file of one's own at rank 5."""
    application.open_paths([str(matrix)])
    idle()
    application.window.show_page("spectrum")
    qtbot.waitUntil(lambda: bool(application.window.figures()), timeout=60000)
    idle()
    application.store.replace("spectrum", label="rank", rank=5)
    application.store.seal()
    idle()
    return application


def forget(application, idle):
    """Do something else: another array, another rank, another page."""
    application.sources.select_first(EXAMPLES_PATH)
    application.store.replace("spectrum", label="rank", rank=2)
    application.window.show_page("topk")
    idle()
    application.store.forget_history()


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_dropped_picture_restores_page_array_and_rank_in_one_step(
    spectrum, idle, matrix, tmp_path, kind
):
    picture = exported(spectrum, tmp_path / f"figure.{kind}")
    forget(spectrum, idle)
    before = spectrum.store.state
    spectrum.open_paths([str(picture)])
    idle()
    assert spectrum.window.page_key == "spectrum"
    assert spectrum.store["selection"].active.path == str(matrix)
    assert spectrum.store["spectrum"].rank == 5
    assert f"figure.{kind}" in said(spectrum)
    spectrum.store.undo()
    assert dict(spectrum.store.state) == dict(before)


def test_panels_are_restored_as_a_whole(spectrum, idle, tmp_path):
    """Page, array and rank; and the dialog begins with the very panels, arranged as they were."""
    figures = [replace(one, state=state_of(spectrum.store.state, "spectrum"))
               for one in spectrum.window.figures()[:2]]  # fmt: skip
    panels = Panels(tuple(reversed(figures)), columns=1, letters=False)
    picture = export_figure(panels, tmp_path / "panels.svg", height=160.0)
    forget(spectrum, idle)
    spectrum.open_paths([str(picture)])
    idle()
    assert spectrum.store["spectrum"].rank == 5
    spectrum.export()
    dialog = spectrum.window.findChild(ExportDialog)
    idle()
    assert dialog.several.isChecked()
    assert dialog.panels.isVisible()
    shown = dialog._shown()
    assert shown.key == panels.key
    assert (shown.columns, shown.letters, shown.shared_legend) == (1, False, True)
    dialog.close()
    dialog.deleteLater()


def test_the_file_is_opened_again_where_it_lies_beside_the_picture(spectrum, idle, qtbot, matrix):
    picture = exported(spectrum, matrix.with_name("figure.png"))
    forget(spectrum, idle)
    spectrum.sources.close_file(str(matrix))
    spectrum.context.settings.remove_recent(str(matrix))
    spectrum.open_paths([str(picture)])
    qtbot.waitUntil(lambda: spectrum.store["spectrum"].rank == 5, timeout=60000)
    idle()
    assert spectrum.store["selection"].active.path == str(matrix)


def test_a_file_that_is_not_at_hand_is_asked_for_and_nothing_changes(
    spectrum, idle, matrix, tmp_path
):
    picture = exported(spectrum, tmp_path / "figure.png")
    forget(spectrum, idle)
    spectrum.sources.close_file(str(matrix))
    matrix.unlink()
    before = spectrum.store.state
    spectrum.open_paths([str(picture)])
    idle()
    assert "own.csv" in said(spectrum)
    assert "Open it" in said(spectrum)
    assert spectrum.store.state is before


def test_an_array_of_another_shape_is_not_taken_for_the_one_shown(spectrum, idle, matrix, tmp_path):
    picture = exported(spectrum, tmp_path / "figure.png")
    forget(spectrum, idle)
    np.savetxt(matrix, np.eye(4), delimiter=",")
    spectrum.open_paths([str(matrix)])
    idle()
    rank = spectrum.store["spectrum"].rank
    spectrum.open_paths([str(picture)])
    idle()
    assert "does not hold any more" in said(spectrum)
    assert spectrum.store["spectrum"].rank == rank


def test_examples_and_pasted_numbers_need_no_file(application, idle, tmp_path):
    idle()
    application.store.replace("topk", label="k", k=3.0, tau=0.25)
    idle()
    picture = exported(application, tmp_path / "scores.svg")
    application.store.replace("topk", label="k", k=9.0, tau=2.0)
    idle()
    application.open_paths([str(picture)])
    idle()
    assert (application.store["topk"].k, application.store["topk"].tau) == (3.0, 0.25)


def test_only_the_name_of_a_file_travels(spectrum, matrix, tmp_path):
    picture = exported(spectrum, tmp_path / "figure.png")
    text = json.dumps(dict(read_metadata(picture)))
    assert "own.csv" in text
    assert str(matrix.parent) not in text


def test_other_pictures_open_as_data_and_strange_drawings_say_why(application, idle, tmp_path):
    idle()
    photograph, drawing = tmp_path / "photograph.png", tmp_path / "drawing.svg"
    Pillow.fromarray(np.arange(96, dtype=np.uint8).reshape(8, 12)).save(photograph)
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    application.open_paths([str(photograph), str(drawing)])
    idle()
    assert application.store["selection"].active.path == str(photograph)
    assert "drawing.svg" in said(application)


def test_a_state_edited_by_hand_comes_into_range_and_names_what_did_not_fit(
    application, idle, tmp_path
):
    idle()
    application.export()
    dialog = application.window.findChild(ExportDialog)
    figure = dialog._figures[0]
    dialog.close()
    dialog.deleteLater()
    state = json.loads(json.dumps(dict(figure.state)))
    state["slices"]["topk"] |= {"tau": -4.0, "view": "nonsense"}
    picture = export_figure(replace(figure, state=state), tmp_path / "edited.png")
    application.open_paths([str(picture)])
    idle()
    assert application.store["topk"].tau > 0
    assert "topk.view" in said(application)


def test_a_state_too_large_for_a_picture_is_left_out(application):
    numbers = tuple(float(value) for value in np.random.default_rng(0).standard_normal(20_000))
    assert len(json.dumps(numbers)) > LARGEST
    override = Override(application.store["selection"].active, "pasted", numbers)
    application.store.replace("topk", label="paste", override=override)
    assert state_of(application.store.state, "topk") == {}


def test_a_picture_brings_back_how_its_table_was_read_and_no_folder(
    spectrum, idle, matrix, tmp_path, qtbot
):
    path, store = str(matrix), spectrum.store
    spectrum.sources.reload(path, (("skip", "10"),))
    qtbot.waitUntil(lambda: store["selection"].active.shape == (20, 12), timeout=60000)
    idle()
    picture = exported(spectrum, tmp_path / "figure.png")
    carried = json.dumps(read_metadata(picture)["state"])
    assert "skip" in carried
    assert str(matrix.parent) not in carried
    spectrum.sources.reload(path, (("columns", "0,1"),))
    qtbot.waitUntil(lambda: store["selection"].active.shape == (30, 2), timeout=60000)
    idle()
    spectrum.open_paths([str(picture)])
    qtbot.waitUntil(lambda: store["files"].find(path).entries[0].shape == (20, 12), timeout=60000)
    idle()
    told = [message.text for _, message in spectrum.window.messages.said]
    assert any("has brought its settings back" in text for text in told)
    assert "read again" in told[-1]
    assert store["selection"].active.shape == (20, 12)
    store.undo()
    qtbot.waitUntil(lambda: store["files"].find(path).entries[0].shape == (30, 2), timeout=60000)
    assert store["selection"].active.shape == (30, 2)


def test_a_picture_drawn_without_a_window_is_as_good_as_one_of_its_own(
    application, idle, matrix, tmp_path, qtbot
):
    """Page, array, second array, lower view and numbers, of files that lie beside the picture."""
    times = matrix.with_name("y.npy")
    np.save(times, np.random.default_rng(4).standard_normal((12, 5)))
    words = ["--figure", "column_row.approximation", "--pairs", "4", "--times", str(times)]
    picture = matrix.with_name("p.svg")
    assert render([str(matrix), *words, "--out", str(picture)]) == 0
    application.open_paths([str(picture)])
    qtbot.waitUntil(lambda: application.window.page_key == "column_row", timeout=60000)
    idle()
    store = application.store
    assert store["selection"].active.path == str(matrix)
    assert (store["column_row"].r, store["column_row"].view) == (4, "pictures")
    assert store["column_row"].pairings[-1].y.path == str(times)
