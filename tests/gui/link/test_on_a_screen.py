"""On a real screen (X11 in memory, with a window manager) and in a notebook: as people have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

from tests.gui.link.callers import PATIENCE, Caller, own_environment, window_pid

MANAGER = next(filter(shutil.which, ("openbox", "xfwm4", "metacity")), "")
LACKING = [one for one in ("Xvfb", "xprop") if not shutil.which(one)] + ["openbox"] * (not MANAGER)
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(LACKING), reason=f"not installed here: {', '.join(LACKING)}"),
]
GUI = [sys.executable, "-P", "-m", "gui"]
# Another program that a person works in.
OTHER = """
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("other")
label.resize(1500, 900)
label.show()
application.exec()
"""


class Screen:
    """What the window manager says of the screen of an environment."""

    def __init__(self, environment):
        self.environment = environment

    def said(self, *words):
        told = subprocess.run(
            ["xprop", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return told.stdout

    def owners(self, what):
        """Return the processes of windows: "_NET_ACTIVE_WINDOW" or "_NET_CLIENT_LIST"."""
        names = [one for one in self.said("-root", what).replace(",", " ").split() if "0x" in one]
        told = [self.said("-id", one, "_NET_WM_PID").split()[-1:] for one in names]
        return [int(one[0]) for one in told if one and one[0].isdigit()]

    def until(self, true):
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until
            threading.Event().wait(0.1)

    def until_active(self, pid):
        self.until(lambda: self.owners("_NET_ACTIVE_WINDOW") == [pid])


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    read, write = os.pipe()
    size = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    words = ["Xvfb", "-displayfd", str(write), *size]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with open(read) as told:
        display = f":{told.readline().strip()}"
    folder = tmp_path_factory.mktemp("home")
    environment = own_environment(folder, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    environment.pop("WAYLAND_DISPLAY", None)
    manager = subprocess.Popen([MANAGER], env=environment, stderr=subprocess.DEVNULL)
    yield Screen(environment)
    for process in (manager, server):  # windows end with their screen
        process.kill()
        process.wait()


@pytest.fixture
def running(screen):
    """Start programs on the screen that end with the test."""
    started = []

    def start(words):
        started.append(
            subprocess.Popen(words, env=screen.environment, cwd=screen.environment["HOME"])
        )
        return started[-1].pid

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_files_that_are_handed_over_bring_the_window_to_the_front(screen, running, tmp_path):
    one, two = tmp_path / "one.npy", tmp_path / "two.npy"
    np.save(one, np.eye(4))
    np.save(two, np.eye(5))
    window = running([*GUI, str(one)])
    screen.until_active(window)
    other = running([sys.executable, "-c", OTHER])
    screen.until_active(other)
    subprocess.run([*GUI, str(two)], env=screen.environment, check=True, timeout=PATIENCE)
    screen.until_active(window)
    caller = Caller(screen.environment)
    caller.do("import numpy as np, rankscope; h = rankscope.show(mine=np.eye(3)); h.wait(60)")
    code = "value = [one['name'] for one in h.state()['sources']]"
    screen.until(lambda: {"one", "two", "mine"} <= set(caller.do(code)))
    # Those that are their own leave it alone, and open windows of their own.
    picture = tmp_path / "picture.png"
    words = [*GUI, "--screenshot", str(picture), str(one)]
    subprocess.run(words, env=screen.environment, check=True, timeout=PATIENCE)
    with Image.open(picture) as found:
        assert found.width > 800
    for more in ("--new-window", "--fresh"):
        another = running([*GUI, more, str(two)])
        screen.until(lambda pid=another: pid in screen.owners("_NET_CLIENT_LIST"))
    assert caller.do(code).count("two") == 1
    caller.end()


NOTEBOOK = """
import numpy as np
from rankscope import show
a = np.random.default_rng(0).normal(size=(60, 8)) @ np.ones((8, 40)) + np.eye(60, 40)
h = show(a, page="spectrum", rank=8)
h.wait(60), h
---
h.figure("spectrum")
---
%load_ext rankscope
%show a[0], page="topk"
---
def inner():
    within = 2 * a
    %show within
    return [one["name"] for one in h.state()["sources"]][:3], h.state()["sources"][0]["from"]
inner()
---
show(
    a.T,
    "no array",
)
"""


def test_a_notebook_shows_arrays_and_has_their_pictures(screen, tmp_path, monkeypatch):
    lacks = "is not installed (no dependency: `pip install nbclient ipykernel`)"
    nbformat = pytest.importorskip("nbformat", reason=f"nbformat {lacks}")
    nbclient = pytest.importorskip("nbclient", reason=f"nbclient {lacks}")
    pytest.importorskip("ipykernel", reason=f"ipykernel {lacks}")
    for name, value in screen.environment.items():
        monkeypatch.setenv(name, value)
    cells = [nbformat.v4.new_code_cell(one.strip()) for one in NOTEBOOK.split("---")]
    book = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(book, timeout=PATIENCE, allow_errors=True)
    client.execute(cwd=str(tmp_path))
    first, drawn, line, inner, refused = (cell.outputs for cell in book.cells)
    assert first[-1]["data"]["text/plain"] == "(True, <rankscope: a>)"
    data = drawn[-1]["data"]
    assert data["image/svg+xml"].count("<path") > 5
    assert line[-1]["data"]["text/plain"] == "<rankscope: a[0]>"
    assert "within" in inner[-1]["data"]["text/plain"]
    assert "notebook (" in inner[-1]["data"]["text/plain"]
    assert refused[-1]["ename"] == "RankscopeError"
    assert "'no array' cannot be shown" in refused[-1]["evalue"]
    (pid,) = set(screen.owners("_NET_CLIENT_LIST"))
    assert pid == window_pid(os.path.join(screen.environment["XDG_RUNTIME_DIR"], "rankscope"))
