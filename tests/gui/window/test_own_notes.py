"""What a person writes of a file or an array is seen as it is read, kept, found and exported."""

import json
import threading

import pytest
from PySide6.QtGui import QKeySequence

from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.figure_state import state_of
from gui.core.state.own_notes import KEPT, LONGEST, SLICE, OwnNote, OwnNotes, own_note
from gui.core.state.session import from_json, to_json
from gui.core.words import prepared
from gui.core.words.formula import formula_svg
from gui.window.notes.own import OwnNoteDialog

pytestmark = pytest.mark.usefixtures("filed")
WORDS = "A remark on $\\sigma_1$ and zebras."


@pytest.fixture
def application(application, qtbot):
    qtbot.waitUntil(lambda: application.finder.is_ready, timeout=60000)
    return application


@pytest.fixture
def write(application):
    def open_():
        window = application.window
        (action,) = (one for one in window.actions() if one.objectName() == "own_note")
        action.trigger()
        return window.findChildren(OwnNoteDialog)[-1]

    return open_


def test_what_is_written_is_previewed_kept_and_found(application, write, qtbot):
    dialog = write()
    dialog.text.setPlainText(WORDS)
    qtbot.waitUntil(lambda: dialog.view.formula_count == 1, timeout=5000)
    assert "zebras" in dialog.view.toPlainText()
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    name = application.store["selection"].active.entry
    assert own_note(application.store.state, EXAMPLES_PATH, name) == WORDS
    qtbot.waitUntil(lambda: application.finder.is_ready, timeout=60000)
    (group,) = application.finder.groups("zebras")
    assert (group.kind, group.count) == ("own", 1)
    again = write()
    assert again.text.toPlainText() == WORDS
    with qtbot.waitSignal(again.destroyed):
        again.close()


def test_a_file_has_a_note_of_its_own_and_undo_takes_writing_back(application, write, qtbot):
    dialog = write()
    dialog.text.setPlainText("array")
    dialog.subject.setCurrentIndex(1)
    assert dialog.text.toPlainText() == ""
    dialog.text.setPlainText("file")
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    name = application.store["selection"].active.entry
    assert own_note(application.store.state, EXAMPLES_PATH, name) == "file\n\narray"
    application.store.undo()
    assert own_note(application.store.state, EXAMPLES_PATH, name) == "array"
    application.store.undo()
    assert own_note(application.store.state, EXAMPLES_PATH, name) == ""


def test_the_session_keeps_notes_and_pictures_do_not_carry_them(application):
    store = application.store
    items = store[SLICE].with_text("/home/me/a.npz", "q", WORDS)
    store.replace(SLICE, label="note", items=items)
    slices, notices = from_json(to_json(store.state), {**store.state, SLICE: OwnNotes()})
    assert slices[SLICE] == store[SLICE]
    assert notices == ()
    assert "zebras" not in json.dumps(state_of(store.state, "spectrum"))


def test_blank_notes_go_and_the_oldest_of_many():
    notes = OwnNotes((OwnNote("a", "b", "x"),))
    assert notes.with_text("a", "b", " \n") == ()
    assert len(notes.with_text("a", "b", "y" * (2 * LONGEST))[0].text) == LONGEST
    for number in range(KEPT + 3):
        notes = OwnNotes(notes.with_text("a", str(number), "x"))
    assert len(notes.items) == KEPT
    assert notes.text_of("a", "b") == ""
    assert notes.text_of("a", str(KEPT + 2)) == "x"
    assert own_note({}, "a", "b") == ""


def test_no_key_of_the_menu_is_taken_twice(application):
    keys = [one.shortcut() for one in application.window.actions() if not one.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert QKeySequence("Ctrl+K") in keys


def test_formulas_are_typeset_beside_the_window_and_only_of_the_last_words(
    application, write, qtbot, monkeypatch
):
    dialog = write()
    held, threads = threading.Event(), []

    def slow(formula):
        threads.append(threading.current_thread())
        assert held.wait(60)
        return formula_svg(formula.tex, formula.display)

    monkeypatch.setattr(prepared, "formula_picture", slow)
    dialog.text.setPlainText("first $x_{11}$")
    qtbot.waitUntil(lambda: bool(threads), timeout=60000)
    dialog.text.setPlainText("second $x_{22}$")
    held.set()
    qtbot.waitUntil(lambda: "second" in dialog.view.toPlainText(), timeout=60000)
    assert dialog.view.formula_count == 1
    assert threading.main_thread() not in threads
    dialog.text.setPlainText("third $x_{33}$")
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
