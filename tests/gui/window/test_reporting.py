"""What nobody caught is in the log and told once; a crash leaves its traces in the same file."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import qWarning

from gui.app import Application
from gui.core.work.runner import Runner
from gui.window.reporting import Reporting
from gui.window.settings import Settings

PROGRAM = """
import faulthandler, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import gui.__main__ as program
import gui.app

class Broken(gui.app.Application):
    def __init__(self, *args, **kwargs):
        if "{where}" == "start":
            raise TypeError("the start is broken")
        super().__init__(*args, **kwargs)
        QTimer.singleShot(0, self.stumble)

    def stumble(self):
        if "{where}" == "crash":
            faulthandler._sigsegv()
        QTimer.singleShot(0, self._qt.quit)
        raise TypeError("the loop is broken")

gui.app.Application = Broken
sys.exit(program.main([]))
"""


def run_program(where, folder):
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    program = PROGRAM.replace("{where}", where)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    (log,) = (folder / "state").rglob("rankscope.log")
    return done, log.read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ["start", "loop"])
def test_an_exception_of_the_program_is_in_its_log_and_on_the_terminal(where, tmp_path):
    done, log = run_program(where, tmp_path)
    assert f"TypeError: the {where} is broken" in log
    assert f"TypeError: the {where} is broken" in done.stderr
    assert "Traceback" in log
    assert (done.returncode == 0) == (where == "loop")


def test_a_crash_leaves_its_traces_in_the_log(tmp_path):
    done, log = run_program("crash", tmp_path)
    assert done.returncode < 0
    assert "Segmentation fault" in log
    assert "in stumble" in log


@pytest.fixture
def reporting(qapp, tmp_path, qtlog):
    with qtlog.disabled(), Reporting(tmp_path / "state") as reporting:
        yield reporting


@pytest.fixture
def application(qapp, qtbot, tmp_path, reporting):
    settings = Settings(str(tmp_path / "settings.ini"))
    application = Application(qapp, settings=settings, autosave=False)
    reporting.caught.connect(application.tell_mistake)
    application.show()
    yield application
    application.window.close()


def caught(error):
    """Raise and hand over as the interpreter does at the top of the main thread."""
    try:
        raise error
    except Exception:
        sys.excepthook(*sys.exc_info())


def test_a_person_is_told_once_in_words(application):
    messages = application.window.messages.bar
    for _ in range(3):
        caught(KeyError("rank"))
    assert messages.isVisible()
    assert "KeyError: 'rank'" in messages.label.text()
    assert messages.severity == "error"
    messages.close_button.click()
    caught(KeyError("rank"))
    assert not messages.isVisible()
    assert messages.action_button.text() == "Copy report"


def test_the_report_to_copy_says_what_helps_to_mend_it(application, qapp, reporting):
    logging.getLogger("gui").info("opened a file")
    caught(KeyError("rank"))
    application.window.messages.bar.action_button.click()
    report = qapp.clipboard().text()
    for part in ("Rankscope ", "Python ", "numpy ", "KeyError: 'rank'", "in caught", "opened a fi"):
        assert part in report
    assert os.path.expanduser("~") not in report
    assert report.count("Traceback") == 1
    assert "KeyError: 'rank'" in reporting.path.read_text(encoding="utf-8")


def test_the_button_goes_with_its_message(application):
    caught(KeyError("rank"))
    application.context.notify("Beware.", "warning")
    assert application.window.messages.bar.action_button.isHidden()


def test_a_thread_that_dies_is_told_from_the_windows_thread(application, qtbot):
    def die():
        raise LookupError("in a thread")

    thread = threading.Thread(target=die, name="reader")
    thread.start()
    thread.join()
    messages = application.window.messages
    qtbot.waitUntil(lambda: "in a thread" in messages.text())


class Fails:
    cost = 0.0

    def __init__(self, error):
        self._error = error

    def run(self, progress):
        raise self._error


@pytest.mark.parametrize("error", [TypeError("ours"), FileNotFoundError("theirs"), MemoryError()])
def test_a_computation_that_fails_is_told_where_it_is_our_mistake(reporting, qtbot, error):
    runner, told, failed = Runner(), [], []
    reporting.caught.connect(lambda sentence, report: told.append(sentence))
    runner.submit("a", Fails(error), lambda *_: None, lambda *_: failed.append(True))
    qtbot.waitUntil(lambda: bool(failed))
    runner.shutdown()
    assert len(told) == isinstance(error, TypeError)


def test_words_of_qt_go_to_the_log(reporting):
    qWarning("a signal has no such slot")
    assert "qt: default: a signal has no such slot" in reporting.path.read_text(encoding="utf-8")


def test_a_log_that_is_full_begins_anew(reporting):
    for _ in range(12):
        logging.getLogger("gui").info("%s", "x" * 100_000)
    files = sorted(path.name for path in reporting.path.parent.iterdir())
    assert files == ["rankscope.log", "rankscope.log.1"]


def test_a_state_folder_that_cannot_be_written_costs_the_file_only(qapp, tmp_path):
    (tmp_path / "state").write_text("a file stands in the way")
    told = []
    with Reporting(tmp_path / "state") as reporting:
        reporting.caught.connect(lambda sentence, report: told.append(report))
        caught(KeyError("rank"))
    assert len(told) == 1


def test_hooks_are_given_back(qapp, tmp_path):
    before = (sys.excepthook, threading.excepthook, logging.getLogger().handlers[:])
    with Reporting(tmp_path):
        assert sys.excepthook is not before[0]
    after = (sys.__excepthook__, threading.__excepthook__, logging.getLogger().handlers)
    assert (sys.excepthook, threading.excepthook, logging.getLogger().handlers) == after
    assert logging.getLogger().handlers == before[2]
