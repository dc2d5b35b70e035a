"""Requests for the runner's tests, importable by name in the worker process."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LONG = 1.0


class Cancelled(Exception):
    """What an engine raises at a checkpoint."""


@dataclass(frozen=True)
class Value:
    """Returns (or raises) ``value`` at once."""

    value: Any
    cost: float = 0.0

    def run(self, progress):
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value


@dataclass(frozen=True)
class Held:
    """Freezes its thread until ``gate`` is set; ``entered`` tells that it runs."""

    value: Any
    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)
    cost: float = 0.0

    def run(self, progress):
        self.entered.set()
        assert self.gate.wait(20.0)
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value


@dataclass(frozen=True)
class Cooperative:
    """Works until it is cancelled; ``ended`` tells that it noticed."""

    entered: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, progress):
        self.entered.set()
        deadline = time.monotonic() + 20.0
        while not progress.cancelled:
            assert time.monotonic() < deadline
        self.ended.set()
        raise Cancelled


@dataclass(frozen=True)
class Svd:
    """Singular values: long, and deaf while LAPACK works."""

    matrix: Any
    cost: float = LONG

    def run(self, progress):
        progress.report(0.0, "decomposing")
        return np.linalg.svd(self.matrix, compute_uv=False)


@dataclass(frozen=True)
class Double:
    """Sends an array there and back."""

    array: Any
    cost: float = LONG

    def run(self, progress):
        return {"twice": self.array * 2, "writeable": self.array.flags.writeable}


@dataclass(frozen=True)
class WhatIsMapped:
    """Tells how the array arrived."""

    array: Any
    cost: float = LONG

    def run(self, progress):
        return type(self.array.base).__name__, float(self.array.sum()), self.array.copy()


@dataclass(frozen=True)
class Forever:
    """Says that it has started, then computes without end."""

    array: Any = None
    result: Any = None
    cost: float = 30.0

    def run(self, progress):
        progress.report(0.5, "started")
        while True:
            np.linalg.svd(np.ones((60, 60)))


@dataclass(frozen=True)
class Dies:
    """Ends its process without a word."""

    cost: float = LONG

    def run(self, progress):
        progress.report(0.5, "dying")
        os._exit(7)


@dataclass(frozen=True)
class Unsendable:
    """Its result cannot be pickled."""

    cost: float = LONG

    def run(self, progress):
        return lambda: None


@dataclass(frozen=True)
class Modules:
    """Names the imported modules that start with one of ``prefixes``."""

    prefixes: tuple[str, ...]
    cost: float = LONG

    def run(self, progress):
        return sorted(name for name in sys.modules if name.startswith(self.prefixes))


@dataclass(frozen=True)
class Chatty:
    """Reports ``count`` times in a row; the last report must not be lost."""

    count: int
    cost: float = 0.0
    gate: Any = None

    def run(self, progress):
        for index in range(self.count):
            progress.report((index + 1) / self.count, f"step {index + 1}")
        if self.gate is not None:
            assert self.gate.wait(20.0)
        else:
            deadline = time.monotonic() + 0.3
            while time.monotonic() < deadline:
                pass


class ArrayError(ValueError):
    """An error with fields, as the engine's are."""

    def __init__(self, message, first):
        self.first = first
        super().__init__(message)

    def __reduce__(self):
        return type(self), (str(self), self.first)


class Unportable(Exception):
    """An error that does not survive pickling."""

    def __init__(self, message, extra):
        super().__init__(message)
        self.extra = extra


@dataclass(frozen=True)
class RaisesUnportable:
    cost: float = LONG

    def run(self, progress):
        raise Unportable("too deep", object())


def process_exists(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@dataclass(frozen=True)
class BlasThreads:
    """Returns with how many threads each BLAS of its process computes, once ``file`` is there."""

    file: str = ""
    cost: float = LONG

    def run(self, progress):
        import scipy.linalg  # noqa: F401  # brings a BLAS of its own
        from threadpoolctl import threadpool_info

        progress.report(0.0, "started")
        deadline = time.monotonic() + 20.0
        while self.file and not os.path.exists(self.file) and time.monotonic() < deadline:
            time.sleep(0.01)
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


class Feeding:
    """Hands over what it is told to, in a thread whatever it costs, until it is let go."""

    cost = 60.0

    def __init__(self):
        self.put, self.end = threading.Event(), threading.Event()
        self.feed = None

    def run(self, progress, feed):
        self.feed = feed
        self.put.set()
        while not (self.end.wait(0.002) or progress.cancelled):
            pass
        return "all"
