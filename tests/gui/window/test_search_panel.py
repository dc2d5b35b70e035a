"""Ctrl+K and Ctrl+Shift+P: what is typed finds what there is, and Enter opens it."""

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox

from gui.window.finding.panel import SearchPanel
from gui.window.finding.personal import NAME
from gui.window.finding.rows import tried
from gui.window.notes.dialog import NotesDialog
from tests.support.at_rest import bring_to_front
from tests.support.window_widgets import named

pytestmark = pytest.mark.usefixtures("pages_behind")


@pytest.fixture
def application(application, qtbot):
    qtbot.waitUntil(lambda: application.finder.is_ready, timeout=60000)
    return application


@pytest.fixture
def open_panel(application):
    def open_(keys="Ctrl+K"):
        window = application.window
        (action,) = (one for one in window.actions() if one.shortcut() == QKeySequence(keys))
        action.trigger()
        return window.findChildren(SearchPanel)[-1]

    return open_


def lines(panel):
    return [(row.kind, row.title) for row in panel.model.rows if row.key]


def headings(panel):
    return [row.title for row in panel.model.rows if row.is_heading]


def run(qtbot, panel, query, modifier=Qt.KeyboardModifier.NoModifier):
    panel.line.clear()
    qtbot.keyClicks(panel.line, query)
    if modifier:
        qtbot.keyClick(panel.line, Qt.Key.Key_Return, modifier)
        return
    with qtbot.waitSignal(panel.destroyed):
        qtbot.keyClick(panel.line, Qt.Key.Key_Return)


def test_every_kind_is_offered_with_its_count(application, open_panel, qtbot):
    panel = open_panel()
    assert [title.split(" (")[0] for title in headings(panel)] == [
        "Commands",
        "Views",
        "Operators",
        "Rank rules",
        "Notes",
        "Settings",
        "Examples",
    ]
    qtbot.keyClicks(panel.line, "sigmoid")
    assert lines(panel)[0] == ("operator", "Sigmoid threshold")
    row = panel.current()
    assert row.matched == ("sigmoid",)
    assert "1 / (1 + e" in row.remark
    panel.close()


def test_the_palette_is_the_same_search_of_what_can_be_done(application, open_panel, qtbot):
    panel = open_panel("Ctrl+Shift+P")
    found = lines(panel)
    assert {kind for kind, _ in found} == {"command", "view", "operator", "control"}
    assert ("command", "Dark") in found
    shortcuts = {row.title: row.keys for row in panel.model.rows}
    assert shortcuts["Export figure"] == "Ctrl+E"
    # An operator stands there once, as itself and not again as a choice of its page.
    assert [kind for kind, title in found if title == "Sigmoid threshold"] == ["operator"]
    qtbot.keyClicks(panel.line, "hilbert")
    assert lines(panel) == []
    panel.close()


def test_what_cannot_be_done_now_says_so_and_does_nothing(application, open_panel, qtbot):
    panel = open_panel()
    qtbot.keyClicks(panel.line, "redo")
    row = panel.current()
    assert (row.title, row.usable, row.remark) == ("Redo", False, "cannot be done now")
    qtbot.keyClick(panel.line, Qt.Key.Key_Return)
    assert panel.isVisible()
    panel.close()


def test_enter_shows_a_view_of_another_page(application, open_panel, qtbot):
    application.window.show_page("topk")
    run(qtbot, open_panel(), "rank rules")
    assert application.window.page_key == "spectrum"
    assert application.store["spectrum"].view == "rules"


@pytest.mark.parametrize("query", ["2 x 2", "2x2", "2 × 2"])
def test_the_geometry_is_found_however_its_name_is_typed(application, open_panel, qtbot, query):
    run(qtbot, open_panel(), query)
    assert application.store["spectrum"].view == "geometry"


@pytest.mark.parametrize("name", ["LaTeX", "PyTorch", "NumPy", "GradTopK", "LoRA"])
def test_names_with_capitals_inside_are_found_in_small_letters(application, open_panel, name):
    panel = open_panel()
    found = {}
    for query in (name, name.lower(), name.lower()[:-1]):
        groups = application.finder.groups(query)
        found[query] = [hit.key for group in groups for hit in group.hits]
        assert found[query], query
    assert found[name.lower()][0] in found[name]
    panel.close()


def test_enter_goes_to_a_choice_and_presses_a_button(application, open_panel, qtbot, qapp):
    application.window.show_page("topk")
    panel = open_panel()
    qtbot.keyClicks(panel.line, "choose in detail")
    assert lines(panel)[0] == ("control", "Top-k: Choose In detail…")
    run(qtbot, panel, "choose in detail")
    assert application.window.focusWidget().accessibleName() == "In detail"
    run(qtbot, open_panel(), "operator code numpy")
    assert "def soft_top_k" in qapp.clipboard().text()


def test_enter_ticks_an_operator_and_undo_takes_it_back(application, open_panel, qtbot):
    application.store.replace("topk", label="operators", operators=("hard",))
    run(qtbot, open_panel(), "gaussian thr")
    assert application.store["topk"].operators == ("hard", "gaussian")
    run(qtbot, open_panel(), "gaussian thr")  # opening it again is no reason to untick it
    assert application.store["topk"].operators == ("hard", "gaussian")
    application.store.undo()
    assert application.store["topk"].operators == ("hard",)


@pytest.mark.parametrize("query", ["sampling", "采样", "概率"])
def test_enter_opens_a_note_at_its_section(application, open_panel, qtbot, query):
    panel = open_panel()
    panel.line.setText(query)
    notes = [at for at, row in enumerate(panel.model.rows) if row.kind == "note" and row.key]
    key = panel.model.rows[notes[0]].key
    panel._select(notes[0])
    with qtbot.waitSignal(panel.destroyed):
        qtbot.keyClick(panel.line, Qt.Key.Key_Return)
    dialog = application.window.findChild(NotesDialog)
    assert dialog.isVisible()
    assert key.startswith("note/")
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_arrays_of_an_open_file_are_found_on_from_when_it_is_open(
    application, open_panel, qtbot, tmp_path
):
    np.savez(tmp_path / "net.npz", q_proj=np.eye(3), k_proj=np.eye(3))
    application.open_paths([str(tmp_path / "net.npz")])
    qtbot.waitUntil(lambda: application.finder.remark(
        f"array/{tmp_path / 'net.npz'}\0k_proj") != "", timeout=60000)  # fmt: skip
    panel = open_panel()
    qtbot.keyClicks(panel.line, "k_proj")
    assert lines(panel)[0] == ("array", "k_proj")
    assert panel.current().remark == "net.npz   3 × 3   float64"
    run(qtbot, panel, "k_proj")
    assert application.store["selection"].active.entry == "k_proj"
    application.sources.close_file(str(tmp_path / "net.npz"))
    qtbot.waitUntil(lambda: application.finder.is_ready, timeout=60000)
    panel = open_panel()
    qtbot.keyClicks(panel.line, "k_proj")
    assert "array" not in {kind for kind, _ in lines(panel)}
    panel.close()


def test_ctrl_enter_keeps_the_panel_open(application, open_panel, qtbot):
    panel = open_panel()
    run(qtbot, panel, "hilbert", Qt.KeyboardModifier.ControlModifier)
    assert application.store["selection"].active.entry == "Hilbert 32"
    assert panel.isVisible()
    run(qtbot, panel, "power law")
    assert application.store["selection"].active.entry == "power law"


@pytest.mark.parametrize(
    ("kind", "query"),
    [("view", "density"), ("rule", "gavish"), ("operator", "sigmoid"), ("control", "rank r"),
     ("command", "full screen"), ("note", "marchenko"), ("example", "hilbert")],
)  # fmt: skip
def test_ctrl_enter_keeps_the_panel_whatever_takes_the_keyboard(
    application, open_panel, qtbot, idle, kind, query
):
    panel = open_panel()
    qtbot.keyClicks(panel.line, query)
    place = next(n for n, row in enumerate(panel.model.rows) if row.key and row.kind == kind)
    panel.list.setCurrentIndex(panel.model.index(place, 0))
    qtbot.keyClick(panel.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle()
    assert application.window.findChildren(SearchPanel) == [panel]
    assert panel.isVisible()
    assert kind == "note" or panel.line.hasFocus()
    for dialog in application.window.findChildren(NotesDialog):
        dialog.close()
    panel.close()


def test_arrows_pass_over_headings_while_the_line_keeps_the_keyboard(open_panel, qtbot):
    panel = open_panel()
    for _ in range(6):
        qtbot.keyClick(panel.line, Qt.Key.Key_Down)
    row = panel.current()
    assert (row.kind, row.more) == ("view", False)
    qtbot.keyClick(panel.line, Qt.Key.Key_Up)
    assert panel.current().more
    qtbot.keyClick(panel.line, Qt.Key.Key_Return)  # all of this kind
    assert {kind for kind, _ in lines(panel)} == {"command"}
    assert len(lines(panel)) > 20
    qtbot.keyClick(panel.line, Qt.Key.Key_Escape)  # all kinds again
    assert panel.isVisible()
    assert len(headings(panel)) > 5
    panel.close()


def test_nothing_found_does_nothing(application, open_panel, qtbot):
    panel = open_panel()
    state = application.store.state
    qtbot.keyClicks(panel.line, "qqxxzz")
    qtbot.keyClick(panel.line, Qt.Key.Key_Return)
    assert lines(panel) == []
    assert application.store.state == state
    panel.close()


def test_recent_files_are_offered(application, open_panel, qtbot, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("1,2\n3,5\n")
    application.context.settings.add_recent(str(path))
    run(qtbot, open_panel(), "own.csv")
    qtbot.waitUntil(lambda: application.store["selection"].active.path == str(path), timeout=60000)


def test_the_panel_speaks_chinese_and_finds_english(application, open_panel, qtbot):
    application.set_language("zh_CN")
    qtbot.waitUntil(
        lambda: len(application.window.pages) >= 4 and application.finder.is_ready, timeout=60000
    )
    panel = open_panel()
    assert ("view", "软 Top-k") in lines(panel)
    qtbot.keyClicks(panel.line, "export figure")
    assert lines(panel)[0] == ("command", "导出图")
    panel.close()


def test_esc_closes_the_panel_and_nothing_else(application, open_panel, qtbot):
    before = application.window.focusWidget()
    panel = open_panel()
    with qtbot.waitSignal(panel.destroyed):
        qtbot.keyClick(panel.line, Qt.Key.Key_Escape)
    assert application.window.isVisible()
    assert application.window.focusWidget() is before


def test_related_things_leave_the_thing_itself_out(application, open_panel, qtbot):
    panel = open_panel()
    qtbot.keyClicks(panel.line, "gavish")
    assert panel.current().key == "rule/gavish_donoho"
    panel.related.click()
    assert headings(panel)[0].startswith("Related to Gavish")
    found = [row.key for row in panel.model.rows if row.key]
    assert found
    assert "rule/gavish_donoho" not in found
    qtbot.keyClick(panel.line, Qt.Key.Key_Escape)
    assert panel.isVisible()
    panel.close()


def test_interests_are_remembered_removed_and_switched_off(application, open_panel, qtbot):
    panel = open_panel()
    run(qtbot, panel, "hilbert", Qt.KeyboardModifier.ControlModifier)
    personal = application.finder.personal
    assert "hilbert" in personal.interests()
    panel.line.clear()
    assert "hilbert" in panel.interests.chips.text()
    panel.interests.chips.linkActivated.emit("drop:hilbert")
    assert "hilbert" not in personal.interests()
    panel.interests.recording.click()
    run(qtbot, panel, "hilbert", Qt.KeyboardModifier.ControlModifier)
    assert "hilbert" not in personal.interests()
    panel.line.clear()
    panel.interests.forget.click()
    assert personal.interests() == {}
    panel.close()


def test_what_is_liked_and_what_is_pinned_comes_first(application, open_panel, qtbot, tmp_path):
    panel = open_panel()
    panel._alone = "rule"
    panel.refresh()
    rules = [row.key for row in panel.model.rows if row.key]
    panel._select(len(rules))
    panel.pin.click()
    assert panel.current().pinned
    panel.order.setCurrentIndex(2)
    panel.order.activated.emit(2)
    assert next(row.key for row in panel.model.rows if row.key) == rules[-1]
    panel.interests.wanted.setText("Gavish Donoho")
    panel.interests.wanted.editingFinished.emit()
    panel.order.setCurrentIndex(1)
    panel.order.activated.emit(1)
    liked = [row.key for row in panel.model.rows if row.key]
    assert "gavish" in liked[0]
    assert sorted(liked) == sorted(rules)
    panel.close()
    saved = json.loads((tmp_path / "config" / NAME).read_text())["personal"]
    assert (saved["pins"], saved["wanted"]) == ([rules[-1]], "Gavish Donoho")


def test_a_ranking_is_a_top_k(application, open_panel, qtbot):
    panel = open_panel()
    qtbot.keyClicks(panel.line, "rank")
    expected = list(application.finder.scores("rank", None).values())
    with qtbot.waitSignal(panel.destroyed):
        panel.scores.click()
    assert application.window.page_key == "topk"
    assert list(application.store["topk"].override.numbers) == expected
    assert expected == sorted(expected, reverse=True)
    assert len(expected) > 3


def test_what_was_run_leaves_the_keyboard_where_it_was(application, open_panel, qtbot):
    window = application.window
    bring_to_front(qtbot, window)
    box = named(window, QAbstractSpinBox, "tau")
    box.setFocus()
    run(qtbot, open_panel(), "dark")
    assert window.focusWidget() is box


@pytest.mark.parametrize(
    ("spoken", "query", "wanted"),
    [
        ("en", "rank", ["load", "share"]),
        ("en", "概率", ["算子", "load", "share"]),
        ("zh_CN", "rank", ["算子", "load", "share"]),
    ],
)
def test_words_to_try_are_such_as_the_person_reads(monkeypatch, spoken, query, wanted):
    monkeypatch.setattr("gui.window.finding.rows.language", lambda: spoken)
    assert tried(["load", "算子", "share", query], query) == wanted
