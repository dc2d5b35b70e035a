"""Make all compiled kernels before the tests begin: ``python -m tests.engine.topk.kernels``.

A fresh tree has none. Every process of tests would compile them for itself; here each core takes
those that are next, and the tests find all of them on disk.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from engine.topk.compiled.ready import SOURCES, settle


def make(name: str) -> bool:
    """Make the kernels of one name, and leave them on disk; return whether that could be done."""
    return settle([name])


def main() -> None:
    """Make all of them, and end with an error that names those that could not be made."""
    names = tuple(reversed(SOURCES))  # the short ones last
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        made = dict(zip(names, processes.map(make, names), strict=True))
    if lacking := [name for name, done in made.items() if not done]:
        raise SystemExit(f"kernels that could not be made: {', '.join(lacking)}")


if __name__ == "__main__":
    main()
