import json
import os

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QFont, QFontDatabase, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu

from gui.app import Application
from gui.core.paint.plot_view import PlotView
from gui.core.screen.exports.export_dialog import ExportDialog
from gui.core.state.document import EXAMPLES_PATH
from gui.core.words import i18n
from gui.window.settings import Settings
from tests.support.at_rest import bring_to_front


@pytest.fixture
def start(qapp, qtbot, tmp_path, dialogs):
    """Start applications over one settings folder, as a person starts the program again."""
    running = []

    def start_() -> Application:
        settings = Settings(str(tmp_path / "config" / "rankscope.ini"))
        application = Application(qapp, settings=settings, dialogs=dialogs)
        application.show()
        qtbot.waitExposed(application.window)
        running.append(application)
        return application

    yield start_
    for application in running:
        application.window.close()
    i18n.set_language("en")


@pytest.fixture
def application(start):
    return start()


@pytest.fixture
def idle(qtbot):
    def wait(application):
        qtbot.waitUntil(lambda: not application.context.runner.is_busy(), timeout=60000)

    return wait


@pytest.fixture
def matrix_csv(tmp_path):
    path = tmp_path / "own.csv"
    rng = np.random.default_rng(3)
    np.savetxt(path, rng.standard_normal((30, 12)), delimiter=",")
    return path


def press(qtbot, window, shortcut):
    """Trigger the one enabled action that has this shortcut, as the key would."""
    wanted = QKeySequence(shortcut)
    actions = [a for a in window.findChildren(QAction) if wanted in a.shortcuts()]
    assert len(actions) == 1, f"{shortcut}: {[a.text() for a in actions]}"
    assert actions[0].isEnabled()
    actions[0].trigger()


def has_something_to_show(figures):
    return any(figure.series or figure.images for figure in figures)


def test_first_start_shows_a_living_example(application, idle, qtbot):
    idle(application)
    assert application.store["selection"].active.path == EXAMPLES_PATH
    assert not application.store.can_undo
    for key in ("topk", "spectrum", "column_row"):
        application.window.show_page(key)
        qtbot.waitUntil(lambda: has_something_to_show(application.window.figures()), timeout=60000)
    idle(application)
    assert application.window.messages.bar.isHidden()


def test_open_by_the_dialog_path(application, idle, qtbot, dialogs, matrix_csv):
    dialogs.opens.append([str(matrix_csv)])
    press(qtbot, application.window, "Ctrl+O")
    idle(application)
    active = application.store["selection"].active
    assert (active.path, active.shape) == (str(matrix_csv), (30, 12))
    assert "own.csv" in application.window.windowTitle()


def test_cancelling_the_open_dialog_changes_nothing(application, qtbot, dialogs):
    before = application.store.state
    dialogs.opens.append([])
    press(qtbot, application.window, "Ctrl+O")
    assert application.store.state is before


def test_dropping_files_opens_them(application, idle, matrix_csv):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(matrix_csv))])
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    application.window.dropEvent(event)
    assert event.isAccepted()
    idle(application)
    assert application.store["selection"].active.path == str(matrix_csv)


def submenu_of(window, title):
    return next(menu for menu in window.findChildren(QMenu) if menu.title() == title)


def test_recent_files_open_again_and_missing_ones_are_forgotten(application, idle, matrix_csv):
    application.open_paths([str(matrix_csv)])
    idle(application)
    application.sources.close_file(str(matrix_csv))
    menu = submenu_of(application.window, "Open &recent")
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    idle(application)
    assert application.store["selection"].active.path == str(matrix_csv)
    application.sources.close_file(str(matrix_csv))
    matrix_csv.unlink()
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    idle(application)
    assert "own.csv" in application.window.messages.text()
    assert application.context.settings.recent_files() == []


def test_an_error_is_shown_and_closed_by_its_button(application, idle, qtbot, tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("1,2\n3,banana\n")
    application.open_paths([str(path)])
    idle(application)
    messages = application.window.messages.bar
    assert messages.isVisible()
    assert "banana" in messages.label.text()
    qtbot.mouseClick(messages.close_button, Qt.MouseButton.LeftButton)
    assert messages.isHidden()


def test_undo_and_redo_by_their_shortcuts(application, idle, qtbot, matrix_csv):
    application.open_paths([str(matrix_csv)])
    idle(application)
    press(qtbot, application.window, "Ctrl+Z")
    assert application.store["selection"].active.path == EXAMPLES_PATH
    press(qtbot, application.window, "Ctrl+Shift+Z")
    assert application.store["selection"].active.path == str(matrix_csv)


def test_language_switches_without_restart_and_keeps_everything(application, idle, qtbot):
    idle(application)
    state = application.store.state
    tabs = [application.window.tabs.tabText(i) for i in range(application.window.tabs.count())]
    application.set_language("zh_CN")
    idle(application)
    chinese = [application.window.tabs.tabText(i) for i in range(application.window.tabs.count())]
    assert all(a != b for a, b in zip(tabs, chinese, strict=True))
    assert application.store.state["selection"] == state["selection"]
    application.set_language("en")
    idle(application)
    again = [application.window.tabs.tabText(i) for i in range(application.window.tabs.count())]
    assert again == tabs


def test_layout_and_session_survive_a_restart(start, idle, matrix_csv):
    first = start()
    first.open_paths([str(matrix_csv)])
    idle(first)
    first.window.show_page("spectrum")
    dock = first.window.findChild(QDockWidget, "dock.sources")
    dock.hide()
    first.window.resize(1100, 720)
    first.window.close()
    second = start()
    idle(second)
    assert second.window.page_key == "spectrum"
    assert second.window.findChild(QDockWidget, "dock.sources").isHidden()
    assert second.store["selection"].active.path == str(matrix_csv)
    assert second.context.library.get(str(matrix_csv)) is not None
    assert not second.store.can_undo


@pytest.mark.parametrize("garbage", ["", "\x00\xff", "[window\nstate=@ByteArray(", "{}"])
@pytest.mark.qt_log_ignore("Trying to construct an instance of an invalid type")
def test_broken_settings_and_session_never_prevent_a_start(start, idle, tmp_path, garbage):
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("rankscope.ini", "session.json"):
        (folder / name).write_text(garbage, encoding="utf-8")
    application = start()
    idle(application)
    assert application.window.isVisible()
    assert application.store["selection"].active is not None


def test_a_session_whose_file_has_gone_says_so(start, idle, matrix_csv):
    first = start()
    first.open_paths([str(matrix_csv)])
    idle(first)
    first.window.close()
    os.unlink(matrix_csv)
    second = start()
    idle(second)
    assert "own.csv" in second.window.messages.text()
    assert second.window.isVisible()


def test_session_file_is_plain_json(start, idle, tmp_path):
    first = start()
    idle(first)
    first.window.close()
    text = (tmp_path / "config" / "session.json").read_text(encoding="utf-8")
    assert "topk" in json.dumps(json.loads(text))


@pytest.mark.parametrize("key", ["topk", "spectrum", "column_row"])
def test_every_plot_menu_opens_the_export_dialog_with_its_figure(key, application, idle, qtbot):
    application.window.show_page(key)
    qtbot.waitUntil(lambda: bool(application.window.figures()), timeout=60000)
    idle(application)
    plots = application.window.pages[key].widget.findChildren(PlotView)
    plot = next(p for p in reversed(plots) if p.isVisible() and p.figure() is not None)
    bring_to_front(qtbot, application.window)
    # Activating the window may have given it the focus already.
    plot.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(plot.canvas.hasFocus, timeout=5000)
    menu = plot.context_menu()
    next(a for a in menu.actions() if a.objectName() == "export_figure").trigger()
    dialogs = application.window.findChildren(ExportDialog)
    assert len(dialogs) == 1
    assert dialogs[0].figure.currentText() == plot.figure().title
    dialogs[0].reject()
    menu.close()
    idle(application)


def test_a_language_without_a_font_is_said(start, monkeypatch, qtbot):
    said = "No font with Chinese characters was found."
    monkeypatch.setattr(
        "gui.app.ui_font", lambda language: (QFont(), said if language == "zh_CN" else "")
    )
    application = start()
    assert said not in application.window.messages.text()
    application.set_language("zh_CN")
    assert said in application.window.messages.text()


def test_chinese_words_have_a_font_with_their_characters(application, qapp):
    application.set_language("zh_CN")
    chinese = set(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
    assert not chinese or chinese & set(qapp.font().families())


def test_replaced_entries_are_replaced_again_after_a_restart(start, idle, tmp_path, qtbot):
    broken = np.random.default_rng(4).standard_normal((9, 5))
    broken[2, 3], broken[7, 1] = np.nan, -np.inf
    np.save(tmp_path / "broken.npy", broken)
    first = start()
    first.window.show_page("spectrum")
    first.open_paths([str(tmp_path / "broken.npy")])
    page = first.window.pages["spectrum"]
    qtbot.waitUntil(lambda: "column_mean" in page.widget.notice.buttons, timeout=60000)
    page.widget.notice.buttons["column_mean"].click()
    idle(first)
    first.window.close()

    again = start()
    idle(again)
    again.window.show_page("spectrum")
    page = again.window.pages["spectrum"]
    qtbot.waitUntil(lambda: bool(page.figures()) and bool(page.figures()[0].series), timeout=60000)
    finite = np.isfinite(broken)
    mean = np.where(finite, broken, 0.0).sum(axis=0) / finite.sum(axis=0)
    sigma = np.linalg.svd(np.where(finite, broken, mean), compute_uv=False)
    np.testing.assert_allclose(page.figures()[0].series[0].y, sigma, rtol=1e-12)
    assert "column" in page.widget.notice.label.text()
    assert again.store["spectrum"] == first.store["spectrum"]


def test_session_edited_by_hand_comes_into_range(start, tmp_path):
    start().window.close()
    path = tmp_path / "config" / "session.json"
    document = json.loads(path.read_text())
    document["state"]["spectrum"] |= {"rank": -7, "tau": 1e9, "bins": 10**9}
    path.write_text(json.dumps(document))
    state = start().store["spectrum"]
    assert (state.rank, state.tau, state.bins) == (0, 10.0, 400)


@pytest.mark.parametrize("page", ["topk", "spectrum"])
def test_page_in_front_shows_the_file_of_the_last_session(start, idle, matrix_csv, qtbot, page):
    first = start()
    first.window.show_page(page)
    first.open_paths([str(matrix_csv)])
    idle(first)
    first.window.close()

    again = start()
    assert again.window.page_key == page
    qtbot.waitUntil(
        lambda: any("own.csv" in str(f.meta.get("source", "")) for f in again.window.figures()),
        timeout=60000,
    )
