"""On a real Wayland screen (in memory): files and arrays reach the window, and its end is told."""

from __future__ import annotations

import json
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

pytestmark = pytest.mark.long
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


@pytest.mark.skipif(not shutil.which("weston"), reason="not installed here: weston")
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


# A launcher: asks for a token as the protocol says it, prints it, and stays until its input ends.
LAUNCHER = """
import os, socket, struct, sys
line, rest = socket.socket(socket.AF_UNIX), b""
line.connect(os.environ["WAYLAND_DISPLAY"])
def say(what, number, body=b""):
    line.sendall(struct.pack("<II", what, (8 + len(body)) << 16 | number) + body)
def text(said):
    data = said.encode() + bytes(1)
    return struct.pack("<I", len(data)) + data + bytes(-len(data) % 4)
def hear():
    global rest
    while True:
        while len(rest) >= 8 and len(rest) >= (size := struct.unpack("<II", rest[:8])[1] >> 16):
            (what, kind), body, rest = struct.unpack("<II", rest[:8]), rest[8:size], rest[size:]
            yield what, kind & 0xFFFF, body
        rest += line.recv(65536)
wanted = "xdg_activation_v1"
say(1, 1, struct.pack("<I", 2))
name = next(body[:4] for what, _, body in hear() if what == 2 and wanted.encode() in body)
say(2, 0, name + text(wanted) + struct.pack("<II", 1, 3))
say(3, 1, struct.pack("<I", 4))
say(4, 3)
done = next(body for what, kind, body in hear() if (what, kind) == (4, 0))
print(done[4:].split(bytes(1))[0].decode(), flush=True)
sys.stdin.read()
"""
ANOTHER = """
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("other")
label.show()
application.exec()
"""


@pytest.fixture
def tiled(tmp_path):
    """A screen with a window manager that activates whoever brings a token; not run by root."""
    runtime, rules = tmp_path / "screen", tmp_path / "rules"
    runtime.mkdir(mode=0o700)
    rules.write_text("focus_on_window_activation focus\n")
    environment = own_environment(tmp_path, QT_QPA_PLATFORM="wayland")
    environment.pop("DISPLAY", None)
    more = {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"}
    words = ["sway", "-c", str(rules)]
    if os.getuid() == 0:
        os.chown(runtime, 65534, 65534)
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
            folder.chmod(0o755)
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
    own = {**environment, **more, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime)}
    server = subprocess.Popen(words, env=own, stderr=subprocess.DEVNULL)
    try:
        until(lambda: list(runtime.glob("wayland-?")) and list(runtime.glob("sway-ipc.*")))
        sockets = [*runtime.glob("wayland-?"), *runtime.glob("sway-ipc.*")]
        names = ("WAYLAND_DISPLAY", "SWAYSOCK")
        yield {**environment, **dict(zip(names, map(str, sockets), strict=True))}
    finally:
        server.kill()
        server.wait()


def in_front(environment):
    """Return the process of the window that has the keys, None where there is none."""
    words = ["swaymsg", "-r", "-t", "get_tree"]
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)

    def walk(node):
        yield node
        for one in (*node["nodes"], *node["floating_nodes"]):
            yield from walk(one)

    nodes = walk(json.loads(told.stdout))
    return next((one["pid"] for one in nodes if one["focused"] and "pid" in one), None)


@pytest.mark.skipif(not shutil.which("sway"), reason="not installed here: sway")
def test_a_file_that_is_handed_over_brings_the_window_to_the_front(tiled, tmp_path):
    np.save(tmp_path / "two.npy", np.eye(5))
    window = subprocess.Popen(GUI, env=tiled, cwd=tmp_path)
    processes = [window]
    try:
        until(lambda: in_front(tiled) == window.pid)
        processes.append(other := subprocess.Popen([sys.executable, "-c", ANOTHER], env=tiled))
        until(lambda: in_front(tiled) == other.pid)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        words = [sys.executable, "-c", LAUNCHER]
        processes.append(launcher := subprocess.Popen(words, env=tiled, **pipes))
        token = launcher.stdout.readline().strip()
        second = {**tiled, "XDG_ACTIVATION_TOKEN": token}
        subprocess.run([*GUI, "two.npy"], env=second, cwd=tmp_path, check=True, timeout=PATIENCE)
        until(lambda: in_front(tiled) == window.pid)
    finally:
        for one in processes:
            one.kill()
            one.communicate()
