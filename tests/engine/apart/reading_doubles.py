"""Requests for processes that read: each does one thing, also what none should."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.apart import confine
from engine.errors import FileError
from engine.jobs import checkpoint
from engine.sentences import say


@dataclass(frozen=True)
class Asked:
    """Does what is asked by name."""

    what: str
    with_: Any = None
    records: ClassVar[tuple[type, ...]] = ()

    def run(self, progress):
        return getattr(self, f"_{self.what}")(progress)

    def _pid(self, progress):
        return os.getpid()

    def _double(self, progress):
        return 2 * self.with_

    def _confined(self, progress):
        return confine()

    def _prints(self, progress):
        print("a line")  # as a library might
        os.write(1, b"another")
        return sys.stdin.read()

    def _crash(self, progress):
        ctypes.string_at(0)

    def _exit(self, progress):
        os._exit(3)

    def _fail(self, progress):
        raise FileError("a.h5", say("it has {n} rows", n=3))

    def _mistake(self, progress):
        return {}["b"]

    def _memory(self, progress):
        raise MemoryError("much")

    def _loop(self, progress):
        while True:
            time.monotonic()

    def _talk(self, progress):
        while True:
            progress.report(0.5, "and so on")

    def _slow(self, progress):
        while True:
            checkpoint(progress, 0.5, "row {row}", row=3)

    def _lie(self, progress):
        os.write(progress._stream.fileno(), b"\xff" * 64)
        return 1
