"""Fixtures of every GUI test: a context to live in, and no thread, timer or widget left behind."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from engine.topk.compiled import ready
from gui.core.screen.services import Context
from gui.core.state.document import Files, Selection
from gui.core.state.library import Library
from gui.core.state.store import Store
from gui.core.work import drawing
from gui.core.work import runner as runner_module
from gui.window.screens import Screens
from gui.window.settings import Settings
from tests.gui.kept_workers import KeptWorkers
from tests.support.at_rest import wait_at_rest

FAILURES = Path(__file__).resolve().parents[2] / ".failures"


class FakeDialogs:
    """Answers questions as a test has set them; an unexpected question is an error."""

    def __init__(self) -> None:
        self.opens: list[list[str]] = []
        self.saves: list[str] = []
        self.confirms: list[bool] = []
        self.asked: list[str] = []

    def open_files(self, parent, title, start, filters):
        self.asked.append(title)
        return self.opens.pop(0)

    def open_folder(self, parent, title, start):
        self.asked.append(title)
        return self.opens.pop(0)

    def save_file(self, parent, title, start, filters):
        self.asked.append(title)
        return self.saves.pop(0)

    def confirm(self, parent, title, question):
        self.asked.append(question)
        return self.confirms.pop(0)


@pytest.fixture(scope="session")
def _kept_workers():
    yield
    KeptWorkers.end_all()


@pytest.fixture(autouse=True)
def worker_processes(_kept_workers, monkeypatch):
    """Programs of one test after another have the same worker processes while they are idle."""
    monkeypatch.setattr(runner_module, "WorkerPool", KeptWorkers)


@pytest.fixture(scope="session", autouse=True)
def _kernels():
    """Compiled kernels answer from the first call on: a program computes half as long."""
    assert ready.settle(tuple(ready.SOURCES))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Rows of swept models are kept in a folder of the test, not in the person's own."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def _font_as_it_was():
    """A program in another language leaves its font to the widgets of the next test."""
    before = QApplication.font() if QApplication.instance() else None
    yield
    if before is not None and QApplication.font() != before:
        QApplication.setFont(before)


@pytest.fixture
def pages_behind():
    """Ask for it where the pages behind the front one are built without being shown."""


@pytest.fixture
def filed():
    """Ask for it where all is filed for the search without anybody searching."""


@pytest.fixture(autouse=True)
def _front_page(request, monkeypatch):
    # Building four pages that a test never looks at was a quarter of the time of a program, and
    # filing what it never searches a tenth.
    if "pages_behind" in request.fixturenames:
        return
    files = "filed" in request.fixturenames
    monkeypatch.setattr(
        Screens, "_build_next", lambda self: self.all_built.emit() if files else None
    )


@pytest.fixture(autouse=True)
def _read_outs_at_once(monkeypatch):
    """A read-out waits for none before it: most of what a test waits for is its answer."""
    monkeypatch.setattr(drawing, "READ", 0.0)


@pytest.fixture(autouse=True)
def _double_clicks_let_go(monkeypatch):
    """Qt counts no release of a double click: for it, and the next test, the button stays down."""
    click = QtBot.mouseDClick

    def and_release(widget, button, *words, **named):
        click(widget, button, *words, **named)
        if shiboken6.isValid(widget) and widget.isVisible():
            QtBot.mouseRelease(widget, button, *words, **named)

    monkeypatch.setattr(QtBot, "mouseDClick", staticmethod(and_release))


@pytest.fixture
def dialogs():
    return FakeDialogs()


@pytest.fixture
def settings(tmp_path, qapp):
    return Settings(str(tmp_path / "settings.ini"))


@pytest.fixture
def messages():
    """The sentences shown in the message bar, as (text, severity)."""
    return []


@pytest.fixture
def offers():
    """What pages have offered with a button: (words, label, act)."""
    return []


@pytest.fixture
def context(settings, dialogs, messages, offers):
    """A Context over a fresh store with the slices of every registered page."""
    from gui.core.declare.settling import settling
    from gui.core.paint.theme import Theme
    from gui.core.work.runner import Runner
    from gui.pages import PAGES
    from gui.window.finding.finder import Finder

    slices = {page.key: page.state() for page in PAGES}
    initial = {"files": Files(), "selection": Selection(), **slices}
    store = Store(initial, ("files",), settling(PAGES))
    runner = Runner()
    finder = Finder(store, runner, Path(settings.path).parent)
    yield Context(
        store=store,
        runner=runner,
        library=Library(),
        theme=Theme(),
        settings=settings,
        dialogs=dialogs,
        finds=finder,
        notify=lambda text, severity: messages.append((text, severity)),
        show_page=lambda key: messages.append((key, "page")),
        offer=lambda *offer: offers.append(offer),
    )
    runner.shutdown()


@pytest.fixture
def application(qapp, qtbot, tmp_path, dialogs):
    """A program with its window up, over settings of its own; at rest and closed afterwards."""
    from gui.app import Application
    from gui.core.words import i18n

    settings = Settings(str(tmp_path / "config" / "rankscope.ini"))
    made = Application(qapp, settings=settings, dialogs=dialogs, autosave=False)
    made.show()
    qtbot.waitExposed(made.window)
    yield made
    wait_at_rest(qtbot, made)
    made.window.close()
    i18n.set_language("en")


@pytest.fixture
def idle(application, qtbot):
    """Wait until nothing is computed or read any more."""

    def wait():
        qtbot.waitUntil(lambda: not application.context.runner.is_busy(), timeout=60000)

    return wait


def _live_timers() -> list[QTimer]:
    # Those made since the test began: the collector does not list what is frozen.
    return [o for o in gc.get_objects() if type(o) is QTimer and _is_active(o)]


def _is_active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # already deleted on the C++ side
        return False


def _visible_top_levels() -> set[QWidget]:
    return {widget for widget in QApplication.topLevelWidgets() if widget.isVisible()}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    # What stands before a test cannot be left behind by it. With 5000 tests and their libraries
    # in memory, looking through all of it after each one took as long as the tests themselves.
    gc.collect()
    gc.freeze()
    item.stash[_BEFORE] = set(threading.enumerate())
    yield


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_teardown(item, nextitem):
    outcome = yield
    _look_behind(item, outcome)
    _empty_windows()


def _look_behind(item, outcome) -> None:
    """Make a test that ends well an error where it leaves something behind."""
    if item.stash.get(_FAILED, False) or not _left_behind(item):
        return
    gc.collect()  # what nobody holds any more is not left behind
    for thread in threading.enumerate():
        # On a busy machine the last step of a job may outlast the runner's own patience.
        if thread not in item.stash[_BEFORE]:
            thread.join(5.0)
    problems = _left_behind(item)
    if problems and outcome.excinfo is None:
        outcome.force_exception(AssertionError(f"{item.nodeid} leaves behind: {problems}"))


def _empty_windows() -> None:
    """Delete what is in the windows of programs that have ended.

    Their signals hold them, and a thousand widgets more after each test make every change of the
    palette or the language slower than the one before.
    """
    for window in QApplication.topLevelWidgets():
        if isinstance(window, QMainWindow):
            for kind in (QDockWidget, QTabWidget):
                for widget in window.findChildren(kind):
                    if shiboken6.isValid(widget):
                        shiboken6.delete(widget)
            shiboken6.delete(window)


def _left_behind(item) -> list[str]:
    """Return the threads, timers and windows that a test has not ended."""
    threads = [t for t in threading.enumerate() if t not in item.stash[_BEFORE]]
    # What listens to a process that reads outlives a test, as the process does.
    threads = [t for t in threads if t.name != "apart-reader"]
    problems = [f"thread {t.name!r}" for t in threads]
    problems += [f"timer {t.objectName() or t.parent()!r}" for t in _live_timers()]
    return problems + [f"widget {w!r}" for w in _visible_top_levels()]


_BEFORE = pytest.StashKey[set]()
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """After a failing GUI test keep a picture of every visible window."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        item.stash[_FAILED] = True
        FAILURES.mkdir(exist_ok=True)
        for index, widget in enumerate(_visible_top_levels() if QApplication.instance() else ()):
            widget.grab().save(str(FAILURES / f"{item.name}-{index}.png".replace("/", "_")))
