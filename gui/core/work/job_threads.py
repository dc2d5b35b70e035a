"""A few threads that take work in order, grow on demand and end when told to."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# OpenBLAS keeps large work arrays on the stack; Windows gives a thread only 1 MB.
_STACK = 8 * 1024 * 1024
NICE = 5  # for what computes: on a machine with few cores the window comes first
# For Python's own threads: enough to keep the window's share of a core, so little that a thread
# which waits for a core while it holds the interpreter gets one on a busy machine, too.
SLIGHTLY_NICE = 3


def come_after_the_window(task: int, by: int) -> None:
    """Make a thread or process nicer than the main thread of this process by so much, on Unix."""
    with suppress(OSError, AttributeError):
        own = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, task, min(own + by, 19))


class JobThreads:
    """Runs callables in background threads.

    The threads are daemons: ``close`` joins them, but one that hangs in a file system call must
    not keep the closed application alive.
    """

    def __init__(self, limit: int = 16) -> None:
        self._limit = limit
        self._condition = threading.Condition()
        self._work: deque[Callable[[], None]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Run ``work`` soon; a closed pool forgets it."""
        with self._condition:
            if self._closed:
                return
            self._work.append(work)
            if self._idle < len(self._work) and len(self._threads) < self._limit:
                self._threads.append(_start(self._loop, len(self._threads)))
            self._condition.notify()

    def close(self, timeout: float) -> bool:
        """Forget waiting work and wait for the threads; return whether all of them ended."""
        with self._condition:
            self._closed = True
            self._work.clear()
            self._condition.notify_all()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        _let_the_window_lead()
        while True:
            with self._condition:
                self._idle += 1
                while not self._work and not self._closed:
                    self._condition.wait()
                self._idle -= 1
                if self._closed:
                    return
                work = self._work.popleft()
            work()
            del work  # it holds the request's arrays


def _start(target: Callable[[], None], number: int) -> threading.Thread:
    thread = threading.Thread(target=target, name=f"rankscope-job-{number}", daemon=True)
    before = threading.stack_size(_STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(before)
    return thread


def _let_the_window_lead() -> None:
    """Lower the priority of this thread a little.

    On Linux only: elsewhere a priority belongs to a process, and the number of a thread might be
    that of somebody else's.
    """
    if Path("/proc/self/task").is_dir():
        come_after_the_window(threading.get_native_id(), SLIGHTLY_NICE)
