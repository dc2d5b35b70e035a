"""Other processes that show arrays: each runs code that a test sends it, a piece at a time."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from gui.link.place import Place
from gui.link.wire import Line

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0

_LOOP = """
import json, sys, traceback
space = {"__name__": "__main__"}
for line in sys.stdin:
    try:
        exec(compile(json.loads(line), "<caller>", "exec"), space)
        said = {"value": space.pop("value", None)}
    except BaseException as error:
        said = {"error": type(error).__name__, "text": str(error)}
    print(json.dumps(said), flush=True)
"""

# What every caller has.
BEGIN = """
import os, time
import numpy as np
from rankscope import show
a = np.random.default_rng(0).normal(size=(40, 30))
def sigma(x):
    return np.linalg.svd(x, compute_uv=False)
"""


class Refused(Exception):
    """The code raised: ``kind`` is the name of the error's class."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {text}")


def own_environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of the person's own is read or written."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True, parents=True)
    names = ("CONFIG", "STATE", "CACHE", "DATA")
    folders = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in names}
    return {
        **os.environ,
        **folders,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
        "OPENBLAS_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
        **more,
    }


class Caller:
    """A Python that waits for code; what it leaves in ``value`` comes back, as JSON has it."""

    def __init__(self, environment: dict[str, str], *, name: str = "caller.py") -> None:
        words = [sys.executable, "-c", f"import sys; sys.argv[0] = {name!r}\n{_LOOP}"]
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            cwd=environment["HOME"],
        )
        self.pid = self.process.pid

    def do(self, code: str) -> Any:
        """Run code there; return ``value``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(code)}\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        if "error" in said:
            raise Refused(said["error"], said["text"])
        return said["value"]

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.end()

    def end(self) -> None:
        """Let it end as a script does, and wait for that."""
        self.process.communicate(timeout=PATIENCE)


def window_pid(place: str) -> int:
    """Return which process is the window of a place (the system names who began to listen)."""
    at = Place(place)
    line = Line(at.connect())
    try:
        line.send({"do": "hello", "token": at.token()})
        waits = select.poll()
        waits.register(line, select.POLLIN)
        waits.poll(PATIENCE * 1000)
        return int(line.receive()[0]["pid"])
    finally:
        line.close()


def end_process(pid: int) -> None:
    """Kill a process that a test has started, and wait until it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        waits = select.poll()
        waits.register(handle, select.POLLIN)
        assert waits.poll(PATIENCE * 1000)
    finally:
        os.close(handle)


def begin(environment: dict[str, str], **more: str) -> Caller:
    """Return a caller that has `show`, an array, and its singular values."""
    caller = Caller(environment, **more)
    caller.do(BEGIN)
    return caller


def state(caller: Caller, name: str = "a") -> Any:
    """Show an array and return what the window says once it is drawn."""
    caller.do(f"h = show({name})\nassert h.wait(60)\nvalue = h.state()")
    return caller.do("value = h.state()")


def names(said: Any) -> list[str]:
    """Return the names of what is open."""
    return [one["name"] for one in said["sources"]]
