"""The end of the line that answers: the body of a process apart."""

from __future__ import annotations

import importlib
import os
import pickle
import queue
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from engine.apart.confined import confine
from engine.apart.line import read, write
from engine.jobs import Cancelled

_INTERVAL = 0.05  # seconds between two reports
_NICE = 3  # a window comes first


def serve(modules: Sequence[str]) -> None:
    """Give up all rights but to read, import ``modules`` and answer until nobody asks any more."""
    requests, answers = _streams()
    confine()  # before NumPy and the libraries of formats are imported, and before any thread
    if hasattr(os, "nice"):
        os.nice(_NICE)
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)
    teller = _Teller(answers)
    asked: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, asked, teller), daemon=True).start()
    while True:
        teller.number, request = asked.get()
        _run(request, teller)


def _run(request: Any, teller: _Teller) -> None:
    message: tuple[Any, ...]
    try:
        message = "done", request.run(teller)
    except Cancelled:
        message = ("stopped",)
    except Exception as error:
        message = "error", error, traceback.format_exc()
    teller.tell(message, request.records)


def _listen(stream: IO[bytes], asked: queue.SimpleQueue[tuple[int, Any]], teller: _Teller) -> None:
    while True:
        try:
            kind, number, *content = pickle.loads(read(stream)[0])
        except (EOFError, OSError):
            os._exit(0)  # nobody asks any more, whatever is being done
        if kind == "run":
            asked.put((number, content[0]))
        else:
            teller.stopped = number


class _Teller:
    """What a request has for its progress; sends messages, one after the other."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.number = self.stopped = 0  # of the request at hand, and of the last that is to stop
        self._stream = stream
        self._lock = threading.Lock()  # libraries report from threads of theirs
        self._reported = 0.0

    @property
    def cancelled(self) -> bool:
        return self.stopped == self.number

    def report(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - self._reported >= _INTERVAL:
            self._reported = now
            self.tell(("progress", float(fraction), text))

    def tell(self, message: tuple[Any, ...], records: Sequence[type] = ()) -> None:
        from engine.apart.plain import packed

        with self._lock, suppress(OSError):
            write(self._stream, *packed(message, records))


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return the line, and put nothing where a library might read or print."""
    sys.stdout = sys.stderr
    lines = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return lines
