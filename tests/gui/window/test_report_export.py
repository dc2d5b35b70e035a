"""File > Export report, and the report that comes back."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel

from gui.core.export.metadata import read_metadata
from gui.core.work.conductor import Conductor


def test_a_report_of_the_screen_brings_it_back(application, idle, qtbot, tmp_path, dialogs):
    folder = tmp_path / "secret"
    folder.mkdir()
    np.save(folder / "own.npy", np.random.default_rng(3).normal(size=(14, 9)))
    application.open_paths([str(folder / "own.npy")])
    qtbot.waitUntil(
        lambda: application.store["selection"].active.path.endswith("own.npy"), timeout=60_000
    )
    application.window.show_page("spectrum")
    idle()
    application.store.replace("spectrum", label="rank", rank=4)
    screen = application.window.pages["spectrum"]
    # Between an answer and the question it leads to there is a moment without work.
    qtbot.waitUntil(
        lambda: len(screen.figures()) > 1 and not screen.conductor.is_behind, timeout=60_000
    )
    idle()
    store, opened = application.store, application.store["selection"].active
    notes = store["own_notes"].with_text(
        opened.path, opened.entry, "My **own** words on $\\sigma$."
    )
    store.replace("own_notes", label="note", items=notes)
    out = folder / "r"
    dialogs.saves.append(str(out))
    application.window.report_requested.emit()
    assert dialogs.saves == [], "a place was not asked for"
    written = folder / "r.html"
    qtbot.waitUntil(written.exists, timeout=60_000)
    text = written.read_text(encoding="utf-8")
    assert "own.npy" in text
    assert str(tmp_path) not in text
    assert "My <strong>own</strong> words on <span" in text
    assert text.count("<img ") >= 1
    assert read_metadata(written)["state"]["page"] == "spectrum"
    application.store.replace("spectrum", label="rank", rank=1)
    application.window.show_page("topk")
    application.open_paths([str(written)])
    qtbot.waitUntil(lambda: application.store["spectrum"].rank == 4, timeout=60_000)
    assert application.window.page_key == "spectrum"


def test_plots_on_their_way_are_waited_for_and_no_file_is_asked_for(
    application, idle, qtbot, dialogs
):
    idle()
    window = application.window
    window.show_page("spectrum")  # its page is built, and nothing of it is computed yet
    assert application.context.arrays.selected is not None
    for ask in (window.report_requested, window.export_requested, window.copy_requested):
        ask.emit()
        labels = window.statusBar().findChildren(QLabel)
        assert any("it is being computed" in label.text() for label in labels)
    assert dialogs.asked == []
    idle()


def test_a_report_of_plots_of_before_says_so(
    application, idle, qtbot, dialogs, tmp_path, monkeypatch
):
    window = application.window
    window.show_page("spectrum")
    qtbot.waitUntil(lambda: len(window.figures()) > 1, timeout=60_000)
    idle()
    for behind in (False, True):
        monkeypatch.setattr(Conductor, "is_behind", property(lambda _, said=behind: said))
        dialogs.saves.append(str(tmp_path / f"{behind}.html"))
        window.report_requested.emit()
        qtbot.waitUntil((tmp_path / f"{behind}.html").exists, timeout=60_000)
        idle()
        shown = window.messages.bar.isVisibleTo(window)
        assert (shown and "of before" in window.messages.bar.label.text()) == behind
