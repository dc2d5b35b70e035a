"""The worker process: computations that must end at once when a person cancels.

LAPACK cannot be interrupted, so long work runs in a process of its own and cancelling kills it.
This module holds both ends of the pipe. The child imports neither Qt nor the main module of the
application, only this file and whatever the request itself needs.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import pickle
import secrets
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection, wait
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from gui.core.words import i18n
from gui.core.words.i18n import tr
from gui.core.work import blas, job_reports
from gui.core.work.job_threads import NICE, come_after_the_window
from gui.core.work.shipping import Parcel, discard, pack, unpack

REPORT_INTERVAL = 0.05
_SIGBUS = getattr(signal, "SIGBUS", 0)  # a mapped page that the file no longer has

_log = logging.getLogger(__name__)
_spawn = multiprocessing.get_context("spawn")
# multiprocessing polls every child when one is started: two threads must not reap the same one.
_children_lock = threading.Lock()


class WorkerError(RuntimeError):
    """A computation could not be handed to the worker process or its result handed back."""


class WorkerLost(WorkerError):
    """The worker process ended in the middle of a computation."""

    for_people = True  # mostly the memory; nothing of ours to report


class Worker:
    """One child process, seen from the parent; runs one request at a time."""

    def __init__(self, preload: tuple[str, ...] = ()) -> None:
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(
            target=serve, args=(theirs, preload), name="rankscope-worker", daemon=True
        )
        with _children_lock, _main_module_hidden():
            self._process.start()
        # At once, not when it says so itself: until then it starts Python and imports NumPy, beside
        # a window that is painting what was computed first.
        come_after_the_window(self.pid, NICE)
        theirs.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    def answers(self) -> bool:
        """Whether the idle process still answers; waits for one that is just starting.

        Asking the operating system is not enough: a killed process looks alive for a moment.
        """
        try:
            self._pipe.send(("ping",))
            return bool(self._pipe.recv() == ("pong",))
        except (EOFError, OSError):
            return False

    def run(self, request: Any, progress: Any, threads: int = 1) -> Any:
        """Run ``request`` over there and return its result; blocks, so never in the GUI thread.

        BLAS computes with so many ``threads``.

        Raises
        ------
        WorkerLost
            When the process ends before it answers.
        WorkerError
            When the request or its result cannot be pickled.
        """
        # macOS allows 31 characters for the name of a segment.
        token = f"rk{os.getpid():x}-{secrets.token_hex(5)}"
        sent, answer = f"{token}q", f"{token}r"
        memory: SharedMemory | None = None
        try:
            try:
                parcel, memory = pack(request, sent)
            except Exception as error:
                raise WorkerError(
                    tr(
                        "This computation cannot be sent to the worker process ({reason}). "
                        "Please report it as a bug.",
                        reason=_sentence(error),
                    )
                ) from error
            try:
                self._pipe.send(("run", parcel, answer, i18n.language(), threads))
                del parcel
                return self._answer(progress)
            except (EOFError, OSError) as error:
                self.end()
                raise self._lost() from error
        finally:
            if memory is not None:
                memory.close()
                memory.unlink()
            discard(answer)

    def _answer(self, progress: Any) -> Any:
        while True:
            kind, *content = self._pipe.recv()
            if kind == "progress":
                progress.report(*content)
            elif kind == "done":
                result, _ = unpack(content[0], copy=True)
                self._pipe.send(("release",))
                return result
            else:
                error, trace = content
                if not job_reports.is_answer(error):
                    _log.warning("in the worker process:\n%s", trace)
                raise error

    def _lost(self) -> WorkerLost:
        if self._process.exitcode == -_SIGBUS:
            return WorkerLost(
                tr(
                    "The computation stopped because a file that it reads was cut short or has "
                    "gone. Open it again once it has been written."
                )
            )
        return WorkerLost(
            tr(
                "The computation stopped because its process ended unexpectedly (exit code "
                "{code}); the memory may have run out. Try again, or with a smaller matrix.",
                code=self._process.exitcode,
            )
        )

    def kill(self) -> None:
        """End the process at once; returns immediately."""
        with suppress(OSError, ValueError):
            self._process.kill()

    def end(self) -> None:
        """Kill, reap and close; takes a few milliseconds."""
        self.kill()
        with _children_lock:
            self._process.join(1.0)
        self._pipe.close()


class WorkerPool:
    """Idle workers, kept warm; safe to use from any thread."""

    def __init__(self, preload: tuple[str, ...] = (), spare: int = 2) -> None:
        self._preload = preload
        self._spare = spare
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._warming = False
        self._closed = False

    def acquire(self) -> Worker:
        """Return an idle worker, or start one."""
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return self._start()
            if worker.answers():
                return worker
            self.drop(worker)

    def release(self, worker: Worker) -> None:
        """Take a worker back."""
        with self._lock:
            if not self._closed and len(self._idle) < self._spare:
                self._idle.append(worker)
                return
        self.drop(worker)

    def drop(self, worker: Worker) -> None:
        """End a worker that is not wanted or cannot be used again."""
        worker.end()
        with self._lock:
            self._all.discard(worker)

    def warm_up(self) -> None:
        """Start a worker if none is idle; blocks for some milliseconds."""
        with self._lock:
            if self._idle or self._warming or self._closed:
                return
            self._warming = True
        try:
            self.release(self._start())
        finally:
            self._warming = False

    def _start(self) -> Worker:
        if self._closed:
            raise WorkerError(tr("The application is closing."))
        worker = Worker(self._preload)
        with self._lock:
            self._all.add(worker)
            closed = self._closed
        if closed:
            worker.kill()
        return worker

    def close(self) -> None:
        """Kill every worker, busy or idle, and reap the idle ones."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            everyone = list(self._all)
        for worker in everyone:
            worker.kill()
        for worker in idle:
            self.drop(worker)

    def pids(self) -> tuple[int, ...]:
        """Return the process ids of all workers."""
        with self._lock:
            return tuple(worker.pid for worker in self._all)


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    # A spawned child runs the parent's main module again, which here would import Qt and the
    # window. It leaves a package's __main__ alone, so every main module is announced as one.
    main = sys.modules["__main__"]
    spec = main.__spec__
    main.__spec__ = ModuleSpec("gui.__main__", None)
    try:
        yield
    finally:
        main.__spec__ = spec


# ---------------------------------------------------------------------------- the child's side


def serve(pipe: Connection, preload: tuple[str, ...]) -> None:
    """Answer requests until the parent is gone; the body of the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    outbox = _Outbox(pipe)
    for name in preload:
        with suppress(ImportError):
            importlib.import_module(name)
    results: list[SharedMemory] = []
    while True:
        try:
            kind, *content = pipe.recv()
        except (EOFError, OSError):
            # No clean-up on purpose: closing shared memory that an array still views is an error.
            os._exit(0)
        for memory in results:
            memory.close()
        results.clear()
        if kind == "ping":
            outbox.send(("pong",))
        elif kind == "run":
            parcel, answer, language, threads = content
            i18n.set_language(language)
            with blas.limited(threads):
                memory_or_none = _run(outbox, parcel, answer)
            if memory_or_none is not None:
                results.append(memory_or_none)


def _run(outbox: _Outbox, parcel: Parcel, answer: str) -> SharedMemory | None:
    memory: SharedMemory | None = None
    kept: SharedMemory | None = None
    request: Any = None
    result: Any = None
    with outbox.job():
        try:
            request, memory = unpack(parcel, copy=False)
            result = request.run(outbox)
            reply, kept = _pack_result(result, answer)
            message: tuple[Any, ...] = ("done", reply)
        except BaseException as error:
            message = ("error", _portable(error), traceback.format_exc())
            error.__traceback__ = None  # its frames hold the arrays, and those the segment
    outbox.send(message)
    del request, result
    if memory is not None:
        _close_or_keep(memory)
    return kept


def _pack_result(result: Any, answer: str) -> tuple[Parcel, SharedMemory | None]:
    try:
        return pack(result, answer)
    except Exception as error:
        raise WorkerError(
            tr(
                "The result cannot be sent back from the worker process ({reason}). "
                "Please report it as a bug.",
                reason=_sentence(error),
            )
        ) from error


_lingering: list[SharedMemory] = []


def _close_or_keep(memory: SharedMemory) -> None:
    _lingering.append(memory)
    for old in list(_lingering):
        # An engine cache may still view a request's array; try again after the next job.
        with suppress(BufferError):
            old.close()
            _lingering.remove(old)


class _Outbox:
    """Sends messages to the parent, progress at most every ``REPORT_INTERVAL`` seconds.

    It is what the request gets as ``progress``. Cancelling kills the process, so ``cancelled``
    stays False. A second thread sends the last report of a burst late rather than never, and
    ends the process when the parent dies in mid-computation.
    """

    cancelled = False

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._latest: tuple[float, str] | None = None
        self._sent_at = 0.0
        self._active = threading.Event()
        threading.Thread(target=self._watch, name="rankscope-watch", daemon=True).start()

    @contextmanager
    def job(self) -> Iterator[None]:
        self._active.set()
        try:
            yield
        finally:
            with self._lock:
                self._active.clear()
                self._latest = None

    def report(self, fraction: float, text: str) -> None:
        with self._lock:
            self._latest = (float(fraction), text)
        self._flush()

    def send(self, message: tuple[Any, ...]) -> None:
        with self._lock, suppress(OSError):
            self._pipe.send(message)

    def _flush(self) -> None:
        with self._lock, suppress(OSError):
            now = time.monotonic()
            if self._latest is not None and now - self._sent_at >= REPORT_INTERVAL:
                self._pipe.send(("progress", *self._latest))
                self._latest, self._sent_at = None, now

    def _watch(self) -> None:
        parent = multiprocessing.parent_process()
        while parent is not None:
            self._active.wait()
            if wait([parent.sentinel], REPORT_INTERVAL):
                os._exit(1)
            self._flush()


def _portable(error: BaseException) -> BaseException:
    """Return ``error`` if it survives pickling with its message, else one that says the same."""
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = None
    if type(copy) is type(error) and str(copy) == str(error):
        return error
    return WorkerError(_sentence(error))


def _sentence(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
