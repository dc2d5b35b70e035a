"""Kills at random moments: ``make drill``, or

    python -m tests.support.drill.kills --count 300 --seed 0

After each: the session is whole and brings back all that was done until two seconds before, every
export is whole, no worker process is left. The totals are printed as one line of JSON.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from gui.app import Application  # noqa: F401  # imported once: every try is a fork of this process
from gui.core.state.session import SCHEMA
from tests.support.drill import use

LOST_SECONDS = 2.0
TURN = 0.25  # between two things that are done, four times what is usual
ORPHAN_SECONDS = 5.0


def status_of(pid: int) -> list[str]:
    """What the system says of a process from its state on; nothing where it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return fields if fields[0] != "Z" else []


def children_of(pid: int) -> list[int]:
    """The processes that ``pid`` has started."""
    every = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [one for one in every if status_of(one)[1:2] == [str(pid)]]


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return bool(status_of(pid))


def segments(pid: int) -> list[Path]:
    """The shared memory that a process has made."""
    return list(Path("/dev/shm").glob(f"rk{pid:x}-*"))


def is_whole(path: Path) -> bool:
    """Whether an export can be read to its end."""
    try:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                picture.load()
            return True
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                return all(arrays[name] is not None for name in arrays.files)
        end = {".svg": b"</svg>", ".pdf": b"%%EOF", ".csv": b"\n"}[path.suffix]
        return path.read_bytes().endswith(end) or path.read_bytes().rstrip().endswith(end)
    except Exception:
        return False


def one_kill(folder: Path, seed: int, draw: random.Random, total: collections.Counter) -> None:
    """Start, wait a random time, kill, look."""
    (folder / "tmp").mkdir(exist_ok=True)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.dup2(writing, 1)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)
        status = 1
        try:
            tempfile.tempdir = str(folder / "tmp")
            status = use.run(folder, seed)
        finally:
            os._exit(status)
    os.close(writing)
    told = b""
    while b"begun" not in told:
        told += os.read(reading, 1 << 16) or b"begun"
    time.sleep(5.0 * draw.random())
    workers = children_of(pid)
    total["segments in use when killed"] += len(segments(pid))
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    _, status = os.waitpid(pid, 0)
    with os.fdopen(reading, "rb") as pipe:
        told += pipe.read()
    # The last line may be cut.
    lines = [line.split() for line in told.decode().rpartition("\n")[0].splitlines()]
    total["kills"] += 1
    total["ended before"] += not os.WIFSIGNALED(status)
    total["with a busy or idle worker"] += bool(workers)
    told_at = [float(line[1]) for line in lines if len(line) == 2]
    edits = [(int(line[0]), float(line[1])) for line in lines if line[0].isdigit()]
    total["edits"] += len(edits)
    # A machine that gave the program no time meanwhile has not let it save either.
    turns = list(zip(told_at, [*told_at[1:], killed], strict=True))
    total["starved for longer than 1 s"] += any(end - begin > 1.0 for begin, end in turns)

    def given(moment: float) -> float:
        """What the program was given of the seconds from ``moment`` on."""
        pauses = [end - max(begin, moment) - TURN for begin, end in turns]
        return killed - moment - sum(pause for pause in pauses if pause > 0.0)

    due = max((serial for serial, moment in edits if given(moment) > LOST_SECONDS), default=0)
    session = folder / "config" / "session.json"
    if session.exists():
        try:
            document = json.loads(session.read_text())
            total["damaged sessions"] += document["schema"] != SCHEMA
            kept = document["state"]["topk"]["count"]
        except (ValueError, KeyError, TypeError):
            total["damaged sessions"] += 1
            kept = 0
        total["lost more than 2 s"] += kept < due
    else:
        total["lost more than 2 s"] += due > 0
    for path in (folder / "out").iterdir():
        if path.name.endswith(".part"):
            total["leftovers, cleared at a later start"] += 1
            path.unlink()
        else:
            total["exports looked at"] += 1
            total["damaged exports"] += not is_whole(path)
    end = time.monotonic() + ORPHAN_SECONDS
    while any(map(lives, workers)) and time.monotonic() < end:
        time.sleep(0.02)
    total["orphans"] += sum(map(lives, workers))
    while (left := segments(pid)) and time.monotonic() < end:
        time.sleep(0.02)
    total["segments left in memory"] += len(left)
    total["temporary files left"] += sum(1 for _ in (folder / "tmp").rglob("*"))


BAD = (
    *("ended before", "damaged sessions", "lost more than 2 s", "damaged exports", "orphans"),
    "segments left in memory",
)


def main() -> int:
    """Kill as often as wanted; the exit status says whether anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after these, 0: never")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    total: collections.Counter[str] = collections.Counter()
    draw, began = random.Random(options.seed), time.monotonic()
    # Ctrl+C ends it with the totals so far.
    with tempfile.TemporaryDirectory() as name, contextlib.suppress(KeyboardInterrupt):
        for number in range(options.count):
            folder = Path(name) / f"run{number // 10}"  # ten lives of one session each
            if not folder.exists():
                folder.mkdir()
                use.make_files(folder, number)
            one_kill(folder, options.seed + number, draw, total)
            if options.seconds and time.monotonic() - began > options.seconds:
                break
    print(json.dumps({key: total[key] for key in dict.fromkeys((*sorted(total), *BAD))}))
    return int(any(total[key] for key in BAD))


if __name__ == "__main__":
    sys.exit(main())
