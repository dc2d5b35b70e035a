"""What needs more than a share of the free memory: asked in the window, refused with a way to go
on by the command line."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from engine import room
from engine.files.formats import text
from gui import render, report, sweep
from gui.core.declare.draw import DrawAlone
from gui.core.screen.exports.export_dialog import ExportDialog
from gui.core.words import i18n
from gui.draw import draw
from gui.pages.sources.contents import PAGE as SOURCES
from gui.pages.sources.screen import Screen
from gui.pages.spectrum.contents import PAGE as SPECTRUM
from tests.support.page_driver import PageDriver

LARGE = "The decomposition of big.npy takes"


@pytest.fixture(autouse=True)
def small_machine(monkeypatch):
    """50 MB are free: a 400 x 400 spectrum fits, all of its vectors do not."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("RANKSCOPE_ANY_SIZE", "")
    monkeypatch.setattr(room, "_permitted", set())
    monkeypatch.setattr(room, "available_memory", lambda: 50_000_000)
    yield
    i18n.set_language("en")


@pytest.fixture
def big(tmp_path):
    rng = np.random.default_rng(3)
    np.save(tmp_path / "big.npy", rng.standard_normal((400, 400)))
    return tmp_path / "big.npy"


@pytest.fixture
def page(qtbot, context, tmp_path):
    driver = PageDriver(qtbot, context, tmp_path, SPECTRUM)
    yield driver
    driver.close()


def notice(page):
    shown = page.page.view.notice
    return shown.label.text() if shown.isVisible() else ""


def press(page, label):
    buttons = page.page.view.notice.buttons.values()
    page.click(next(one for one in buttons if one.text() == label))
    page.settle()


def test_the_window_asks_keeps_what_is_shown_and_goes_on_when_told(page, big):
    page.show("small", np.diag([3.0, 2.0, 1.0]))
    before = page.figure("approximation")
    page.select(page.open_file(big))
    page.settle()
    assert page.curve("values", "main").y.size == 400  # what fits is there
    assert LARGE in notice(page)
    assert "50 MB are free" in notice(page)
    assert page.figure("approximation") is before
    press(page, "Cancel")
    assert "cancelled" in notice(page)
    assert page.figure("approximation") is before
    press(page, "Compute again")
    assert LARGE in notice(page)
    press(page, "Go on")
    assert notice(page) == ""
    assert page.image("approximation").shape == (400, 400)


def test_factors_that_need_more_are_offered_and_saved_when_told(
    page, big, dialogs, messages, offers
):
    page.select(page.open_file(big))
    page.settle()
    dialogs.saves.append(str(big.with_suffix(".npz")))
    page.click(page.page.save_button)
    page.settle()
    ((words, label, go_on),) = offers
    assert words.startswith("Nothing was saved: ")
    assert LARGE in words
    assert (label, messages) == ("Go on", [])
    assert not big.with_suffix(".npz").exists()
    go_on()
    page.settle()
    assert "Saved" in messages[-1][0]
    with np.load(big.with_suffix(".npz")) as saved:
        assert saved["u"].shape[0] == 400


@pytest.mark.parametrize("allowed", [False, True])
def test_a_panel_of_an_export_that_needs_more_is_asked_about(page, big, dialogs, qtbot, allowed):
    page.select(page.open_file(big))
    page.settle()
    screen = page.page
    (plot,) = (one for one in SPECTRUM.plots if one.key == "spectrum.approximation")
    alone = DrawAlone(plot, screen.conductor.present())
    dialog = ExportDialog(screen.figures()[:1], screen.context, page="spectrum", others=[alone])
    qtbot.addWidget(dialog)
    dialogs.confirms.append(allowed)
    dialog.panels.set_order([*dialog.panels.order, plot.key])
    dialog.several.setChecked(True)
    qtbot.waitUntil(lambda: bool(dialogs.asked), timeout=60_000)
    assert LARGE in dialogs.asked[-1]
    assert (plot.key in dialog.panels.order) is allowed
    assert (LARGE in dialog.error.text()) is not allowed
    qtbot.waitUntil(lambda: not screen.context.runner.is_busy(), timeout=60_000)
    assert (plot.key in dialog._drawn) is allowed
    dialog.reject()


@pytest.fixture
def sources(context, qtbot):
    screen = Screen(SOURCES, context)
    qtbot.addWidget(screen.widget)
    yield screen
    screen.shutdown()


def test_a_table_that_is_too_large_is_offered_and_opened_when_told(
    sources, context, qtbot, tmp_path, monkeypatch, offers
):
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 1000)
    monkeypatch.setattr(room, "available_memory", lambda: 100_000)
    said = []
    sources._context = replace(context, notify=lambda text, severity: said.append(text))
    path = tmp_path / "long.csv"
    path.write_text("1,2\n3,4\n" * 20_000)
    active = context.store["selection"].active
    sources.open_paths([str(path)])
    qtbot.waitUntil(lambda: not context.runner.is_busy())
    ((words, label, go_on),) = offers
    assert "the table takes" in words
    assert "100 kB are free" in words
    assert (label, said, context.store["selection"].active) == ("Go on", [], active)
    go_on()
    qtbot.waitUntil(lambda: not context.runner.is_busy())
    assert context.store["selection"].active.shape == (40_000, 2)


@pytest.mark.parametrize("command", ["render", "report"])
def test_a_command_refuses_in_one_sentence_that_names_the_option(command, big, tmp_path, capsys):
    out = tmp_path / ("out.csv" if command == "render" else "out.html")
    figure = ["--figure" if command == "render" else "--figures", "spectrum.approximation"]
    words = [str(big), *figure, "--out", str(out)]
    main = render.main if command == "render" else report.main
    assert main(words) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert LARGE in said
    assert said.endswith("With --any-size it goes on.\n")
    assert not out.exists()
    assert main([*words, "--any-size"]) == 0
    assert out.exists()


def test_a_sweep_refuses_likewise(big, tmp_path, capsys, monkeypatch):
    for name in sweep.keep_to_one.__globals__["VARIABLES"]:
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(room, "available_memory", lambda: 10_000_000)
    words = [str(big), "--no-cache", "--out", str(tmp_path / "out.csv")]
    assert sweep.main(words) == 1
    said = capsys.readouterr().err
    assert "The sweep takes" in said
    assert said.endswith("With --any-size it goes on.\n")
    assert sweep.main([*words, "--any-size"]) == 0
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        assert [row["problem"] for row in csv.DictReader(file)] == [""]


def test_a_script_is_refused_and_may_say_so_itself(big):
    with pytest.raises(room.TooLarge, match=LARGE):
        draw("spectrum", "approximation", big)
    room.permit(str(big))
    assert draw("spectrum", "approximation", big).key == "spectrum.approximation"
