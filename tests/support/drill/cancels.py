"""How long a cancel takes while a 4096 x 4096 matrix is decomposed:

    python -m tests.support.drill.cancels --count 50

Printed as one line of JSON, in milliseconds: until the call is back, and until the process is gone.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from gui.core.work.runner import Runner
from tests.support.drill.kills import lives, status_of

COMPUTING = 1.2  # seconds of a processor; starting Python and NumPy takes less


def computed(pids: tuple[int, ...]) -> float:
    """Seconds of a processor that the worker has had."""
    ticks = max((int(one[11]) + int(one[12]) for one in map(status_of, pids) if one), default=0)
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, eq=False)
class Decompose:
    """A full decomposition, in a process of its own."""

    matrix: Any
    cost: float = 60.0

    def run(self, progress: Any) -> Any:
        """Return the singular values."""
        progress.report(0.1, "decomposing")
        return np.linalg.svd(self.matrix)


def main() -> int:
    """Cancel as often as wanted; the exit status says whether the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--size", type=int, default=4096)
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QCoreApplication([])
    runner, draw = Runner(), random.Random(0)
    matrix = np.random.default_rng(0).standard_normal((options.size, options.size))
    # By the name of its module: the worker does not know what was started here.
    request = importlib.import_module("tests.support.drill.cancels").Decompose(matrix)
    back, gone = [], []
    nothing: Any = lambda *_: None  # noqa: E731
    for _ in range(options.count):
        runner.submit("drill", request, nothing, nothing)
        end = time.monotonic() + 60
        while computed(runner.worker_pids()) < COMPUTING and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.3 * draw.random())
        workers = set(runner.worker_pids())
        began = time.perf_counter()
        runner.cancel("drill")
        back.append(1000 * (time.perf_counter() - began))
        while any(map(lives, workers)) and time.perf_counter() - began < 5:
            time.sleep(0.001)
        gone.append(1000 * (time.perf_counter() - began))
    runner.shutdown()
    del application
    found = {
        name: {"median": round(median(times), 2), "worst": round(max(times), 2)}
        for name, times in (("back", back), ("gone", gone))
    }
    print(json.dumps({"cancels": len(back), "size": options.size, **found}))
    return int(median(back) > 50 or max(back) > 200)


if __name__ == "__main__":
    sys.exit(main())
