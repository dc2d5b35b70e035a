"""Three jobs of a reader: to an explanation, from a note to its control, to a report for others.

By keys alone and by mouse alone, the steps counted: one more than today is a way that became
longer.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTreeWidget
from safetensors.numpy import save_file

from gui.core.export.metadata import read_metadata
from gui.core.words.i18n import set_language
from gui.window.finding.panel import SearchPanel
from gui.window.notes.dialog import NotesDialog
from tests.gui.behaviour.jobs.hands import Keys, Mouse
from tests.support import window_widgets as seen
from tests.support.window_widgets import LEFT

# Menus and boxes grab the keyboard, which a screen nobody sees does not offer.
pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)
RNG = np.random.default_rng(14)


@pytest.fixture(params=["en", "zh_CN"])
def language(request):
    yield request.param
    set_language("en")


@pytest.fixture
def program(start):
    driver = start()
    driver.idle()
    return driver


def notes(driver):
    """The notes, which lie beside the window."""
    (dialog,) = driver.window.findChildren(NotesDialog)
    return dialog


def panel(driver):
    (found,) = driver.window.findChildren(SearchPanel)
    driver.wait(lambda: bool(found.model.rows))
    return found


def find_row(hands, title, kind):
    """Return the panel and the place of a line in it."""
    found = panel(hands.driver)
    wanted = title, kind
    places = [n for n, row in enumerate(found.model.rows) if (row.title, row.kind) == wanted]
    assert places, [(row.title, row.kind) for row in found.model.rows]
    return found, places[0]


def walk_to(keys, title, kind):
    """Press Down until a line is chosen, and open it."""
    found, place = find_row(keys, title, kind)
    while found.list.currentIndex().row() != place:
        keys.press("Down")
    keys.press("Return")


def click_row(mouse, title, kind):
    found, place = find_row(mouse, title, kind)
    at = found.list.visualRect(found.model.index(place, 0)).center()
    mouse.driver.qtbot.mouseClick(found.list.viewport(), LEFT, pos=at)
    mouse.rest(title)


def choose(mouse, menu, words):
    """Click a menu and what begins so in it."""
    bar = mouse.window.menuBar()
    (title,) = (one for one in bar.actions() if seen.plain(one.text()) == menu)
    mouse.driver.qtbot.mouseClick(bar, LEFT, pos=bar.actionGeometry(title).center())
    mouse.steps.append(menu)
    found = title.menu()
    assert found.isVisible()
    (action,) = (one for one in found.actions() if seen.plain(one.text()).startswith(words))
    mouse.driver.qtbot.mouseClick(found, LEFT, pos=found.actionGeometry(action).center())
    mouse.rest(words)


def click_link(mouse, words):
    """Click a link of the note by its words; scroll to it first."""
    view = notes(mouse.driver).browser
    text = view.document().find(words)
    while not text.charFormat().isAnchor():
        text = view.document().find(words, text)
        assert not text.isNull(), f"no link {words!r}"
    place = view.cursorRect(text).center()
    place.setX(place.x() - 6)  # into its last letter
    if not view.viewport().rect().contains(place):
        bar = view.verticalScrollBar()
        bar.setValue(bar.value() + place.y() - view.viewport().height() // 2)
        mouse.steps.append("scroll")
        place.setY(view.cursorRect(text).center().y())
    mouse.driver.qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    mouse.rest(words)


# -- where GradTopK's difficulty is explained, from 概率 ------------------------------------------


def check_difficulty(driver, language):
    dialog = notes(driver)
    assert dialog.isVisible()
    assert dialog.place == ("topk", "gradtopk")
    place = dialog.browser.document().find({"en": "The difficulty", "zh_CN": "难处"}[language])
    rect = dialog.browser.cursorRect(place)
    assert dialog.browser.viewport().rect().contains(rect), "it has to be scrolled to"
    dialog.close()


def test_the_difficulty_by_keys(program, language, qtbot):
    program.application.set_language(language)
    keys = Keys(program)
    keys.press("Ctrl+K")
    found = panel(program)
    found.line.insert("概率")  # what an input method hands over
    keys.rest("“概率”")
    walk_to(keys, "GradTopK", "note")
    check_difficulty(program, language)
    assert len(keys.steps) <= 4, keys.steps


@pytest.mark.long
def test_the_difficulty_by_mouse(program, language):
    program.application.set_language(language)
    mouse = Mouse(program)
    mouse.click({"en": "Search", "zh_CN": "搜索"}[language])
    panel(program).line.insert("概率")
    mouse.rest("“概率”")
    click_row(mouse, "GradTopK", "note")
    check_difficulty(program, language)
    assert len(mouse.steps) <= 3, mouse.steps


# -- from the note of a rank rule to its control, and back ---------------------------------------


def check_rule(driver, dialog):
    table = driver.table("Rank rules")
    assert table.hasFocus()
    assert driver.window.isActiveWindow()
    assert table.item(table.currentRow(), 0).text() == "Frobenius error budget"
    # The notes went out of the way: the row is seen, not only there.
    assert not dialog.isVisible()


def test_a_rule_to_its_control_by_keys(program):
    keys = Keys(program)
    keys.press("Ctrl+K")
    keys.type("rank rules")
    walk_to(keys, "Rank rules", "note")
    walk = notes(program)
    assert walk.place == ("spectrum", "rules")
    while walk.browser.textCursor().selectedText() != "Frobenius error budget":
        keys.press("Tab")
    keys.press("Return")
    check_rule(program, walk)
    before = program.store["spectrum"].rank
    keys.press("Return")  # the rank that the rule says
    shown = program.window.pages["spectrum"].tables["spectrum.rules"].texts()
    said = next(int(row[1]) for row in shown if row[0] == "Frobenius error budget")
    assert program.store["spectrum"].rank == said != before
    keys.press("F1")
    assert walk.isVisible()
    assert walk.place == ("spectrum", "rules")
    walk.close()
    assert len(keys.steps) <= 11, keys.steps


@pytest.mark.long
def test_a_rule_to_its_control_by_mouse(program):
    mouse = Mouse(program)
    mouse.tab("Spectrum")
    mouse.tab("Rules")
    choose(mouse, "Help", "Notes")
    click_link(mouse, "Frobenius error budget")
    check_rule(program, notes(program))
    mouse.row("Rank rules", "Frobenius error budget")
    notes(program).close()
    assert len(mouse.steps) <= 6, mouse.steps


# -- a report of one layer for a colleague -------------------------------------------------------


def model(driver, dialogs):
    """A model of 36 layers, and where its report shall go."""
    tensors = {
        f"layers.{layer}.{part}.weight": RNG.normal(size=(12, 9)).astype(np.float32)
        for layer in range(12)
        for part in ("q_proj", "k_proj", "mlp")
    }
    path, target = driver.folder / "model.safetensors", driver.folder / "report.html"
    save_file(tensors, path)
    dialogs.opens.append([str(path)])
    dialogs.saves.append(str(target))
    return tensors["layers.7.q_proj.weight"], target


def check_report(driver, made, target):
    driver.wait(target.exists)
    driver.idle()
    text = target.read_text("utf-8")
    assert "layers.7.q_proj.weight" in text
    assert hashlib.sha256((driver.folder / "model.safetensors").read_bytes()).hexdigest() in text
    assert str(driver.folder) not in text
    assert read_metadata(target)["state"]["page"] == "spectrum"
    s = np.linalg.svd(made, compute_uv=False)
    assert f"{s[0]:.4g}" in text or f"{s[0]:.4f}" in text
    assert f"Saved {target}." in driver.status()


def test_a_report_of_a_layer_by_keys(program, dialogs):
    keys = Keys(program)
    made, target = model(program, dialogs)
    keys.press("Ctrl+O")
    keys.search("layers 7 q")
    keys.press("Alt+2", "Ctrl+Shift+E")
    check_report(program, made, target)
    assert len(keys.steps) <= 6, keys.steps


def open_branch(mouse, *titles):
    """Open groups of Sources at their arrows, one in the other, and click the array in the last."""
    tree = seen.named(mouse.window, QTreeWidget, "Open files and their arrays")
    inside = tree.topLevelItem(0)
    for title in titles:
        within = (inside.child(place) for place in range(inside.childCount()))
        item = inside = next(one for one in within if one.text(0) == title)
        if item.isExpanded():  # the way to the array that is shown
            continue
        if not tree.viewport().rect().contains(tree.visualItemRect(item)):
            tree.scrollToItem(item)
            mouse.steps.append("scroll")
        rect = tree.visualItemRect(item)
        place = rect.center()
        if item.childCount():
            place = QPoint(rect.left() - tree.indentation() // 2, place.y())
        mouse.driver.qtbot.mouseClick(tree.viewport(), LEFT, pos=place)
        assert item.isExpanded() == bool(item.childCount())
        mouse.rest(title)


@pytest.mark.long
def test_a_report_of_a_layer_by_mouse(program, dialogs):
    mouse = Mouse(program)
    made, target = model(program, dialogs)
    mouse.click("Open files…")
    open_branch(mouse, "layers", "7", "q_proj.weight")
    mouse.tab("Spectrum")
    choose(mouse, "File", "Export report")
    check_report(program, made, target)
    assert len(mouse.steps) <= 6, mouse.steps
