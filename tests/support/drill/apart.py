"""What it costs to have a file read apart: ``python -m tests.support.drill.apart``.

The same files are opened in this process and in the one that reads, in turns; printed as one line
of JSON: medians in milliseconds, and what reading apart costs more. The process waits already, as
it does in a window that has been painted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import h5py
import numpy as np
from PIL import Image

from engine.files import open_matrix_file
from engine.files.apart import open_apart

MORE_MS = 30.0


def files_in(folder: Path) -> list[Path]:
    """Write one file a format that compiled code of others parses."""
    draw = np.random.default_rng(0)
    paths = [folder / f"sample.{suffix}" for suffix in ("h5", "png", "jpg", "tif")]
    with h5py.File(paths[0], "w") as file:
        file["a"], file["b"] = draw.standard_normal((50, 40)), draw.standard_normal((60, 60))
    pixels = draw.integers(0, 255, (200, 300, 3), dtype=np.uint8)
    for path in paths[1:]:
        Image.fromarray(pixels).save(path)
    return paths


def milliseconds(open_one: Any, path: Path) -> float:
    """Return what opening takes."""
    began = time.perf_counter()
    open_one(path)
    return 1000.0 * (time.perf_counter() - began)


def main() -> int:
    """Measure; the exit status says whether the goal was met by every format."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=41)
    count = parser.parse_args().count
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in files_in(Path(folder)):
            times: dict[Any, list[float]] = {open_apart: [], open_matrix_file: []}
            for one in times:
                one(path)
            for turn in range(count):
                for one in list(times)[:: 1 if turn % 2 else -1]:
                    times[one].append(milliseconds(one, path))
            apart, here = median(times[open_apart]), median(times[open_matrix_file])
            found[path.suffix[1:]] = {
                "apart": round(apart, 2),
                "here": round(here, 2),
                "more": round(apart - here, 2),
            }
    print(json.dumps({"count": count, "ms": found, "goal": MORE_MS}))
    return int(max(one["more"] for one in found.values()) > MORE_MS)


if __name__ == "__main__":
    sys.exit(main())
