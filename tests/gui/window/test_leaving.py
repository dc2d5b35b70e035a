"""What the system or a terminal asks for ends the program as closing its window does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")

# An edit that autosave has not written when the signal comes.
PROGRAM = """
import signal, sys
# As a terminal starts it: a run in the background has Ctrl+C ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from PySide6.QtCore import QTimer
from gui.app import Application
shown = Application.show
def show(self):
    shown(self)
    def edit():
        self.store.replace("topk", label="k", k=7.0)
        print("edited", flush=True)
    QTimer.singleShot(0, self, edit)
Application.show = show
from gui.__main__ import main
sys.exit(main(["--new-window"]))
"""


def told(name, folder):
    for part in ("config", "state", "run"):
        (folder / part).mkdir(mode=0o700)
    places = {
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    number = getattr(signal, name)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | places,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "edited\n"
        process.send_signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, process.stderr.read()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_end_saves_the_session_and_says_nothing(name, tmp_path):
    status, error = told(name, tmp_path)
    assert (status, error) == (128 + getattr(signal, name), "")
    (session,) = tmp_path.rglob("session.json")
    assert json.loads(session.read_text())["state"]["topk"]["k"] == 7.0
    assert not list(tmp_path.rglob("*.lock"))


def test_ctrl_c_in_a_command_leaves_no_trace(tmp_path):
    code = "import os, signal; from gui.command_line import printed\n"
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "raise SystemExit(printed(lambda: os.kill(os.getpid(), signal.SIGINT) or 0))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (130, "")
