"""The end of the line that asks: processes are started, asked, stopped and replaced.

What is sent to a process is pickled; what comes back is only taken as plain values.
"""

from __future__ import annotations

import atexit
import json
import logging
import pickle
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol

from engine.apart.line import Frame, read, write
from engine.jobs import Cancelled, Progress, checkpoint

MOST = 4  # requests at a time: one of them may never end
STOP_TIME = 0.5  # seconds until a request that is to stop, and does not, is ended with its process
_TICK = 0.02  # seconds from one look at whether to stop to the next
_ROOM = 1 << 20  # bytes on their way
_ROOT = str(Path(__file__).resolve().parents[2])
_CODE = """
import json, sys
sys.path[:], modules = json.loads(sys.argv[1])
from engine.apart.serving import serve
serve(modules)
"""

_log = logging.getLogger(__name__)


class Request(Protocol):
    """What can be asked of a process apart: it is pickled, its answer is plain (`plain`)."""

    records: ClassVar[tuple[type, ...]]

    def run(self, progress: Progress | None = None) -> Any:
        """Return the answer, over there."""
        ...


class ReaderLost(Exception):
    """A process ended before it had answered, or what it answered is no answer."""


class Readers:
    """Has requests done in processes apart; from any thread.

    A process is started when it is needed, or by `warm`, and kept; it ends with this one.

    Parameters
    ----------
    modules : sequence of str
        What a process imports before it is asked for the first time; one that is missing is not.

    Examples
    --------
    >>> Readers(("engine.files",)).pids()
    ()
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._modules = tuple(modules)
        self._room = threading.BoundedSemaphore(MOST)
        self._lock = threading.Lock()
        self._idle: list[_Reader] = []
        self._all: set[_Reader] = set()
        atexit.register(self.close)

    def ask(self, request: Request, progress: Progress | None = None) -> Any:
        """Return what ``request.run`` returns in another process, or raise what it raises there.

        Raises
        ------
        ReaderLost
            When the process ends before it answers.
        Cancelled
            When ``progress`` asks to stop.
        RankscopeError, MemoryError
            As over there.
        RuntimeError
            For any other error, with its text; its trace is logged.
        """
        while not self._room.acquire(timeout=_TICK):
            checkpoint(progress)
        try:
            reader = self._waiting() or self._started()
            try:
                return reader.ask(request, progress)
            finally:
                self._keep(reader)
        finally:
            self._room.release()

    def warm(self) -> None:
        """Start a process where none waits; returns at once."""
        if not self._all:
            self._keep(self._started())

    def pids(self) -> tuple[int, ...]:
        """Return the ids of the processes."""
        with self._lock:
            return tuple(one.pid for one in self._all)

    def close(self) -> None:
        """End all processes; the next request starts another."""
        with self._lock:
            everyone, self._all = self._all, set()
            self._idle.clear()
        for one in everyone:
            one.end()

    def _waiting(self) -> _Reader | None:
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        if reader is None or reader.waits:
            return reader
        self._keep(reader)  # it has ended while nobody asked
        return None

    def _started(self) -> _Reader:
        reader = _Reader(self._modules)
        with self._lock:
            self._all.add(reader)
        return reader

    def _keep(self, reader: _Reader) -> None:
        with self._lock:
            if reader.waits and not self._idle and reader in self._all:
                self._idle.append(reader)
                return
            self._all.discard(reader)
        reader.end()


class _Reader:
    """One process; it is asked one thing at a time."""

    def __init__(self, modules: Sequence[str]) -> None:
        stream, theirs = _line()
        with theirs or nullcontext():
            try:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-S",
                        "-c",
                        _CODE,
                        json.dumps([[_ROOT, *map(str, sys.path)], modules]),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE if theirs is None else theirs.fileno(),
                    start_new_session=True,  # Ctrl+C is for this process to handle
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError:
                if stream is not None:
                    stream.close()
                raise
        self._free = True
        self._number = 0
        self._messages: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        threading.Thread(
            target=_listen,
            args=(stream or self._process.stdout, self._messages),
            name="apart-reader",
            daemon=True,
        ).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def waits(self) -> bool:
        """Whether it can be asked."""
        return self._free and self._process.poll() is None

    def ask(self, request: Request, progress: Progress | None) -> Any:
        from engine.apart.plain import unpacked

        self._free = False  # until it has answered: a late answer must not be taken for another
        self._number += 1
        self._send("run", self._number, request)
        stop_at = 0.0
        while True:
            if progress is not None and progress.cancelled and not stop_at:
                stop_at = time.monotonic() + STOP_TIME
                self._send("stop", self._number)
            elif stop_at and time.monotonic() > stop_at:
                raise Cancelled
            try:
                frame = self._messages.get(timeout=None if progress is None else _TICK)
            except queue.Empty:
                continue
            try:
                if frame is None:
                    raise EOFError
                kind, *content = unpacked(*frame, request.records)
                if kind == "progress":
                    _report(progress, *content)
                    continue
            except Exception as error:
                checkpoint(progress)
                raise ReaderLost(self.pid, error) from error
            self._free = True
            return _answer(kind, *content)

    def _send(self, *message: Any) -> None:
        assert self._process.stdin is not None
        try:
            write(self._process.stdin, pickle.dumps(message))
        except OSError as error:
            raise ReaderLost(self.pid, error) from error

    def end(self) -> None:
        """Kill and reap it."""
        with suppress(OSError):
            self._process.kill()
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)


def _report(progress: Progress | None, fraction: float, text: str) -> None:
    if progress is not None:
        progress.report(float(fraction), text if isinstance(text, str) else "")


def _answer(kind: str, content: Any = None, trace: str = "") -> Any:
    if kind == "done":
        return content
    if kind == "stopped":
        raise Cancelled
    if kind != "error" or not isinstance(content, Exception):
        raise ReaderLost(kind)
    if isinstance(content, RuntimeError):
        _log.warning("in the process that reads:\n%s", trace)
    raise content


def _line() -> tuple[IO[bytes] | None, socket.socket | None]:
    """Return two ends of a socket, five times as fast as a pipe; None where there is none."""
    if sys.platform == "win32":
        return None, None
    ours, theirs = socket.socketpair()
    with suppress(OSError):
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
    with ours:
        return ours.makefile("rb"), theirs


def _listen(stream: IO[bytes], messages: queue.SimpleQueue[Frame | None]) -> None:
    """Hand on what a process sends, None at its end."""
    with suppress(Exception), stream:
        while True:
            messages.put(read(stream))
    messages.put(None)
