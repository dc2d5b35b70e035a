"""Ctrl+Shift+P: what is typed finds what the window can do, and Enter does it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from gui.app import Application
from gui.core.screen.palette import CommandPalette
from gui.core.words import i18n
from gui.window.settings import Settings
from tests.support.at_rest import wait_at_rest


@pytest.fixture
def application(qapp, qtbot, tmp_path, dialogs):
    settings = Settings(str(tmp_path / "config" / "rankscope.ini"))
    application = Application(qapp, settings=settings, dialogs=dialogs, autosave=False)
    application.show()
    qtbot.waitExposed(application.window)
    qtbot.waitUntil(lambda: len(application.window.pages) >= 3, timeout=60000)
    yield application
    wait_at_rest(qtbot, application)
    application.window.close()
    i18n.set_language("en")


@pytest.fixture
def open_palette(application, qtbot):
    def open_():
        window = application.window
        wanted = QKeySequence("Ctrl+Shift+P")
        (action,) = (one for one in window.actions() if one.shortcut() == wanted)
        action.trigger()
        palette = window.findChildren(CommandPalette)[-1]
        return palette

    return open_


def shown(palette):
    model = palette.model
    rows = range(model.rowCount())
    return [tuple(model.index(row, column).data() for column in range(3)) for row in rows]


def run(qtbot, palette, query):
    qtbot.keyClicks(palette.line, query)
    with qtbot.waitSignal(palette.destroyed):
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)


def test_pages_views_operators_examples_and_menus_are_offered(open_palette):
    palette = open_palette()
    found = {(title.removeprefix("✓ "), group) for title, group, _ in shown(palette)}
    assert {
        ("Spectrum", "View"),
        ("Rank rules", "Spectrum"),
        ("Jacobian", "Top-k"),
        ("Sigmoid threshold", "Operators"),
        ("low rank + noise", "Examples"),
        ("Dark", "Theme"),
        ("Export figure", "File"),
    } <= found
    palette.close()


def test_shortcuts_are_shown(open_palette):
    palette = open_palette()
    shortcuts = {title: keys for title, _, keys in shown(palette)}
    assert shortcuts["Export figure"] == "Ctrl+E"
    palette.close()


def test_enter_shows_a_view_of_another_page(application, open_palette, qtbot):
    application.window.show_page("topk")
    run(qtbot, open_palette(), "rank rules")
    assert application.window.page_key == "spectrum"
    assert application.store["spectrum"].view == "rules"


def test_enter_toggles_an_operator_and_undo_takes_it_back(application, open_palette, qtbot):
    before = application.store["topk"].operators
    run(qtbot, open_palette(), "sigmoid thr")
    assert set(before) ^ set(application.store["topk"].operators) == {"sigmoid"}
    application.store.undo()
    assert application.store["topk"].operators == before


def test_enter_chooses_an_example(application, open_palette, qtbot):
    run(qtbot, open_palette(), "hilbert")
    assert application.store["selection"].active.entry == "Hilbert 32"


def test_arrows_move_through_the_list_while_the_line_keeps_the_keyboard(open_palette, qtbot):
    palette = open_palette()
    for _ in range(3):
        qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    qtbot.keyClick(palette.line, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == 2
    qtbot.keyClick(palette.line, Qt.Key.Key_PageDown)
    assert palette.list.currentIndex().row() == 14
    palette.close()


def test_nothing_found_does_nothing(application, open_palette, qtbot):
    palette = open_palette()
    state = application.store.state
    qtbot.keyClicks(palette.line, "no such thing")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert shown(palette) == []
    assert application.store.state == state
    palette.close()


def test_recent_files_are_offered(application, open_palette, qtbot, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("1,2\n3,5\n")
    application.context.settings.add_recent(str(path))
    run(qtbot, open_palette(), "own.csv")
    qtbot.waitUntil(lambda: application.store["selection"].active.path == str(path), timeout=60000)


def test_the_palette_speaks_chinese(application, open_palette):
    application.set_language("zh_CN")
    window = application.window
    window.show_command_palette()
    palette = window.findChildren(CommandPalette)[-1]
    assert ("奇异值谱", "视图", "Alt+2") in shown(palette)
    assert ("导出图", "文件", "Ctrl+E") in shown(palette)
    palette.close()


def test_esc_closes_the_palette_and_nothing_else(application, open_palette, qtbot):
    palette = open_palette()
    with qtbot.waitSignal(palette.destroyed):
        qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert application.window.isVisible()
