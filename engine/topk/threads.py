"""How many threads an operator computes with, and how they share long rows and large batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from engine.errors import ArgumentError

__all__ = ["CHUNK", "Team", "parts_of", "set_threads", "threads"]

CHUNK = 1 << 16  # scores per call of a kernel: long sums are sums of chunks, and lose less
SHARE = 1 << 18  # scores that make another thread worth its start, if it must wait for a core, too
_MOST = 4  # beyond four the memory is what is waited for

T = TypeVar("T")

_allowed: int | None = None


def threads() -> int:
    """Return how many threads an operator computes with at most: see `set_threads`.

    Examples
    --------
    >>> threads() >= 1
    True
    """
    if _allowed is not None:
        return _allowed
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST)
    return min(os.cpu_count() or 1, _MOST)


def set_threads(count: int | None) -> None:
    """Say how many threads an operator may compute with, in the whole process.

    Parameters
    ----------
    count : int or None
        At least 1; 1 computes in the caller's thread alone, as a window should, or a process that
        is one of many.  None, as at the start: one for each core that the process may use, at most
        four.

    Raises
    ------
    ArgumentError
        If the count is no positive integer.

    Notes
    -----
    Only rows and batches of more than about half a million scores are shared at all, and the answer
    does not depend on how many threads there are.

    Examples
    --------
    >>> set_threads(1)
    >>> threads()
    1
    >>> set_threads(None)
    """
    global _allowed
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise ArgumentError("count", count, "a positive integer or None")
    _allowed = count


def parts_of(n: int, size: int = CHUNK) -> list[slice]:
    """Return the slices of ``size`` that make n."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


class Team:
    """A few threads that share the parts of one computation, for as long as it lasts.

    Kernels hold no GIL.  What a part gives is kept in its place, so that the result does not depend
    on who worked on it.

    Parameters
    ----------
    parts : list of slice
        What there is to do.
    size : int
        Scores in all of it.
    """

    def __init__(self, parts: list[slice], size: int) -> None:
        self.parts = parts
        useful = min(size // SHARE, len(parts))
        self.others = min(useful, threads()) - 1 if useful > 1 else 0
        self.pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Team:
        if self.others > 0:
            self.pool = ThreadPoolExecutor(self.others, "topk")
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool:
            self.pool.shutdown()

    def map(self, work: Callable[[slice], T]) -> list[T]:
        """Return ``work`` of every part, in order; whoever is free takes the next one."""
        if self.pool is None:
            return [work(part) for part in self.parts]
        results: dict[int, T] = {}
        todo = deque(enumerate(self.parts))

        def help_out() -> None:
            while todo:
                try:
                    place, part = todo.popleft()
                except IndexError:  # another thread was faster
                    return
                results[place] = work(part)

        helpers = [self.pool.submit(help_out) for _ in range(self.others)]
        help_out()
        for helper in helpers:
            if not helper.cancel():  # one that a busy machine has not even started is not missed
                helper.result()
        return [results[place] for place in range(len(self.parts))]
