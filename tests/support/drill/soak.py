"""Long use: ``make soak`` (an hour; SECONDS=600 for ten minutes), or

    python -m tests.support.drill.soak --seconds 3600 --seed 0

Memory, threads, descriptors and timers are looked at while a person at random works; after the
warm-up they must not grow, and nothing may go uncaught. The plateau is the memory in the last
third, by its median; the most at any moment stands beside it. Printed as one line of JSON. As in
the program BLAS has one thread here, which ``make soak`` says before NumPy is imported.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.app import Application
from gui.core.work.memory import keep_few_pools
from gui.window.reporting import Reporting
from gui.window.settings import Settings
from tests.support.drill import use

WARM = 0.3  # of the time
GROWTH = 1.02
PLATEAU_MB = 450
LOOKS = 120
MOST = "most MB since the last look"
SEGMENTS = "descriptors of shared memory"  # an array that is shown or sent has two


def resident_mb(what: str = "VmRSS") -> float:
    """Memory of this process; ``"VmHWM"``: the most since `_forget_most`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return 0.0


def _forget_most() -> None:
    """Have the system count the most memory from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:  # that of the listing itself
        return ""


def look(qt: QApplication) -> dict[str, float]:
    """What is counted now."""
    # What the collector lists may be half made by another thread: Qt is asked.
    timers = sum(len(one.findChildren(QTimer)) for one in qt.topLevelWidgets())
    most = resident_mb("VmHWM")
    _forget_most()
    held = [_target(one) for one in os.listdir("/proc/self/fd")]
    shared = sum(one.startswith("/dev/shm/") for one in held)
    return {
        "memory MB": resident_mb(),
        MOST: most,
        "threads": len(os.listdir("/proc/self/task")),
        "python threads": threading.active_count(),
        "descriptors": len(held) - shared,
        SEGMENTS: shared,
        "timers": timers,
        "widgets": len(qt.allWidgets()),
    }


def judged(looks: list[dict[str, float]]) -> dict[str, Any]:
    """Return first and last third after the warm-up, by their medians."""
    warm = looks[int(WARM * len(looks)) :]
    third = max(1, len(warm) // 3)
    return {
        name: [
            round(median(one[name] for one in warm[:third]), 1),
            round(median(one[name] for one in warm[-third:]), 1),
            round(max(one[name] for one in warm), 1),
        ]
        for name in looks[0]
    }


def main() -> int:
    """Work for the time given; the exit status says whether anything grew or went uncaught."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    looks: list[dict[str, float]] = []
    caught: list[str] = []
    # An export may be writing there still when the window has closed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        files = use.make_files(folder, options.seed)
        (folder / "out").mkdir()
        keep_few_pools()
        qt = QApplication(["rankscope"])
        with Reporting(folder / "log") as reporting:
            reporting.caught.connect(lambda _, report: caught.append(report))
            settings = Settings(str(folder / "config" / "rankscope.ini"))
            application = Application(qt, settings=settings)
            application.show()
            gc.freeze()
            application.open_paths([str(path) for path in files])
            person = use.Person(application, files, folder / "out", options.seed, tell=False)
            person.begin()
            timer = QTimer(interval=int(1000 * options.seconds / LOOKS))
            timer.timeout.connect(lambda: looks.append(look(qt)))
            timer.start()
            application.window.closing.connect(qt.quit)
            QTimer.singleShot(int(1000 * options.seconds), application.window.close)
            qt.exec()
            timer.stop()
    found = judged(looks)
    allowed = {"memory MB": (GROWTH, 0.0), SEGMENTS: (1.0, 2.0), MOST: (math.inf, 0.0)}
    grown = [
        key
        for key, (first, last, _) in found.items()
        if last > allowed.get(key, (1.0, 1.0))[0] * first + allowed.get(key, (1.0, 1.0))[1]
    ]
    print(
        json.dumps(
            {
                "seconds": options.seconds,
                "things done": person.done,
                "early, late, most": found,
                "grown": grown,
                "plateau below 450 MB": found["memory MB"][1] < PLATEAU_MB,
                "uncaught": len(caught),
            }
        )
    )
    for report in caught[:3]:
        print(report, file=sys.stderr)
    return int(bool(grown or caught))


if __name__ == "__main__":
    sys.exit(main())
