"""Checks by name, each run in a process of its own that may be ended by what it tries."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHECKS: dict[str, Callable[[Path], None]] = {}
SECONDS = 600.0  # a check that takes longer has failed; machines may be busy


def check(name: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Register a check; it raises AssertionError where what is promised does not hold."""

    def add(run: Callable[[Path], None]) -> Callable[[Path], None]:
        CHECKS[name] = run
        return run

    return add


def tried(name: str) -> str:
    """Run a check in a fork; return "" or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="outside-") as folder:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _run(name, Path(folder), writing)
        os.close(writing)
        told, end = b"", time.monotonic() + SECONDS
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            while (left := end - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
                more = pipe.read(1 << 16)
                if not more:
                    break
                told += more
            else:
                os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return f"ended by signal {os.WTERMSIG(status)}"
        return told.decode()


def _run(name: str, folder: Path, writing: int) -> None:
    told = ""
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(quiet, number)
        os.environ.update(XDG_CACHE_HOME=f"{folder}/cache", HOME=str(folder))
        home = folder / "tmp"
        home.mkdir()
        tempfile.tempdir = str(home)
        CHECKS[name](folder)
    except BaseException as error:
        lines = traceback.format_exception_only(error)
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{place.name}:{place.lineno} {''.join(lines).strip()[:600]}"
    os.write(writing, told.encode("utf-8", "replace")[:4000])
    os._exit(0)


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A folder on a disk of its own that is soon full; where none may be mounted, files are."""
    place = folder / "disk"
    place.mkdir()
    size = f"size={kilobytes}k"
    words = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
    mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, before[1]))
    try:
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=False)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def command(*words: str, folder: Path, **named: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program's command line in ``folder``."""
    code = "from gui.__main__ import main; raise SystemExit(main())"
    root = Path(__file__).resolve().parents[4]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        capture_output=True,
        env=environment,
        timeout=SECONDS,
        check=False,
        **named,
    )


def report(found: dict[str, str]) -> str:
    """Return the totals as a line of JSON."""
    failed = {name: why for name, why in found.items() if why}
    return json.dumps({"checks": len(found), "held": len(found) - len(failed), "failed": failed})
