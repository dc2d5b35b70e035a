"""How many threads BLAS computes with: one in the window, more in a worker process.

With threads of its own BLAS waits for all of them: on a machine with two busy cores a 64 x 64 SVD
takes 29 ms instead of 0.46. What a person has set by the variables BLAS reads limits the workers.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from contextlib import AbstractContextManager

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)
_wish: int | None = None  # threads a person has asked for, 0 for none; None: nobody looked


def keep_to_one(environment: MutableMapping[str, str]) -> None:
    """Let BLAS compute with one thread in this process; to be called before NumPy is imported."""
    global _wish
    _wish = _wanted(environment)
    environment.update(dict.fromkeys(VARIABLES, "1"))


def cores() -> int:
    """Return how many threads a computation may have that is alone."""
    wish = _wanted(os.environ) if _wish is None else _wish
    if wish:
        return wish
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limited(threads: int) -> AbstractContextManager[object]:
    """Let BLAS compute with so many threads until the context is left."""
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own, which has to be there to be told
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(threads, user_api="blas")
    return limits


def _wanted(environment: MutableMapping[str, str]) -> int:
    said = (environment.get(name, "") for name in VARIABLES)
    return next((int(text) for text in said if text.isdigit()), 0)
