"""Whether the files of a matrix lie on another machine in the same state as here."""

from __future__ import annotations

import os
from collections.abc import Iterable

Files = tuple[tuple[str, int, int], ...]


def states_of(paths: Iterable[str]) -> Files:
    """Return files, each once, with its size and its time in nanoseconds; -1 where there is none.

    Examples
    --------
    >>> states_of(["/nowhere/model.safetensors"])
    (('/nowhere/model.safetensors', -1, -1),)
    """
    return tuple((path, *_state(path)) for path in dict.fromkeys(paths))


def has_files(files: Files) -> bool:
    """Return whether files lie here in the state that `states_of` found elsewhere.

    Examples
    --------
    >>> has_files((("/nowhere/model.safetensors", 9, 1),))
    False
    """
    return all(_state(path) == (size, time) for path, size, time in files)


def _state(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns
