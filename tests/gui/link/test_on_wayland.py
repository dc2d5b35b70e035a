"""On a real Wayland screen (in memory): files and arrays reach the window, and its end is told."""

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

from tests.gui.link.callers import PATIENCE, Caller, Refused, own_environment

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not shutil.which("weston"), reason="not installed here: weston"),
]
GUI = [sys.executable, "-P", "-m", "gui"]
NAME = "rankscope-test"
SCREEN = ["weston", "--backend=headless-backend.so", f"--socket={NAME}", "--idle-time=0"]


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.1)


@pytest.fixture
def screen(tmp_path):
    environment = own_environment(tmp_path, WAYLAND_DISPLAY=NAME, QT_QPA_PLATFORM="wayland")
    environment.pop("DISPLAY", None)
    server = subprocess.Popen(SCREEN, env=environment, stderr=subprocess.DEVNULL)
    until(lambda: os.path.exists(os.path.join(environment["XDG_RUNTIME_DIR"], NAME)))
    yield environment, server
    server.kill()
    server.wait()


def test_files_and_arrays_reach_a_window_on_wayland(screen, tmp_path):
    environment, server = screen
    one, two, picture = tmp_path / "one.npy", tmp_path / "two.npy", tmp_path / "picture.png"
    np.save(one, np.eye(4))
    np.save(two, np.eye(5))
    words = [*GUI, "--screenshot", str(picture), str(one)]
    subprocess.run(words, env=environment, check=True, timeout=PATIENCE)
    with Image.open(picture) as found:
        assert found.width > 800
    window = subprocess.Popen([*GUI, str(one)], env=environment, cwd=tmp_path)
    caller = Caller(environment)
    try:
        place = os.path.join(environment["XDG_RUNTIME_DIR"], "rankscope", "socket")
        until(lambda: os.path.exists(place))
        subprocess.run([*GUI, str(two)], env=environment, check=True, timeout=PATIENCE)
        caller.do("import numpy as np, rankscope; h = rankscope.show(mine=np.eye(3)); h.wait(60)")
        code = "value = [one['name'] for one in h.state()['sources']]"
        until(lambda: {"one", "two", "mine"} <= set(caller.do(code)))
        server.kill()  # the screen goes, and the window with it
        window.wait(timeout=PATIENCE)
        with pytest.raises(Refused, match="RankscopeError"):
            caller.do("h.state()")
    finally:
        window.kill()
        window.wait()
        caller.end()
