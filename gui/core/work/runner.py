"""The runner: every computation of the window, off the GUI thread.

A *channel* is a place that shows one result at a time ("spectrum.values"). Per channel at most
one request runs and at most one, the newest, waits. Each submit gets a generation number, and a
result whose generation has been overtaken is dropped, success or error.

Short requests run in a thread, long ones in a worker process that is killed on cancel; the
estimate is the request's ``cost`` in seconds and the choice is made in ``_is_long`` alone. What
hands over its answer part by part (``fed``) runs in a thread: its processes are its own.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import weakref
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gui.core.state.jobs import Done, Failed, Fed
from gui.core.work.blas import cores
from gui.core.work.job_reports import Feed, JobProgress, is_answer
from gui.core.work.job_threads import JobThreads
from gui.core.work.worker_process import (
    REPORT_INTERVAL,
    Worker,
    WorkerError,
    WorkerLost,
    WorkerPool,
)

__all__ = ["Runner", "WorkerError", "WorkerLost"]

PROCESS_COST = 0.3  # seconds; above it a request runs in a process
MAX_PROCESSES = 2
RESPAWN_COST = 1.0  # seconds; an overtaken process job that is nearly done is left to finish
SHUTDOWN_TIME = 0.8
FEED_INTERVAL = 0.1  # seconds between two deliveries of parts

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Job:
    channel: str
    generation: int
    request: Any
    done: Done
    failed: Failed | None
    live: bool
    title: str
    long: bool
    cost: float
    fed: Fed | None = None
    started: float = 0.0
    threads: int = 1  # of BLAS, in a worker process
    worker: Worker | None = None
    killed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    progress: JobProgress = field(init=False)
    feed: Feed = field(init=False)


@dataclass(eq=False)
class _Channel:
    newest: int = 0
    oldest_wanted: int = 0  # results below were cancelled or overtaken by a non-live submit
    running: _Job | None = None
    waiting: _Job | None = None
    said_at: float = 0.0
    fed_at: float = 0.0

    @property
    def busy(self) -> bool:
        return self.running is not None or self.waiting is not None


class Runner(QObject):
    """Runs requests and calls back in the GUI thread; use it from the GUI thread only.

    Parameters
    ----------
    preload : tuple of str
        Modules a worker process imports before its first request ("engine.spectrum").
    """

    progressed = Signal(str, float, object)
    busy_changed = Signal(bool)
    finished = Signal(str)
    cancelled = Signal(str, object)  # by a person: the channel, and the newest request of it

    _ended = Signal(object, object, object)
    _reported = Signal(object)
    _has_parts = Signal(object)

    def __init__(self, parent: QObject | None = None, *, preload: tuple[str, ...] = ()) -> None:
        super().__init__(parent)
        self._channels: dict[str, _Channel] = {}
        self._queue: list[str] = []  # channels with a waiting job, longest waiting first
        self._threads = JobThreads()
        self._workers = WorkerPool(preload)
        self._busy = False
        self._closed = False
        # A program that ends by an error or without shutdown must not leave shared memory behind.
        weakref.finalize(self, _end, self._workers, self._threads)
        queued = Qt.ConnectionType.QueuedConnection
        self._ended.connect(self._on_ended, queued)
        self._reported.connect(self._on_reported, queued)
        self._has_parts.connect(self._on_parts, queued)
        self._delayed: list[_Job] = []  # reports that came too soon after the last one
        self._delay = QTimer(self, singleShot=True)
        self._delay.timeout.connect(self._on_delay_over)
        # A computing Python thread keeps the interpreter for one interval before the GUI thread
        # gets it: 5 ms by default is a third of a frame.
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(min(self._switch_interval, 0.001))

    def submit(
        self,
        channel: str,
        request: Any,
        done: Done,
        failed: Failed | None = None,
        *,
        live: bool = False,
        title: str = "",
        fed: Fed | None = None,
    ) -> None:
        """Compute ``request`` for ``channel``; it overtakes all earlier ones of the channel.

        Parameters
        ----------
        done, failed : callable
            ``done(request, result)`` or ``failed(request, exception)``, in the GUI thread; neither
            is called when the request is overtaken or cancelled.
        live : bool
            A result that newer live requests have overtaken is still delivered, so that a plot
            follows a drag that is faster than the computation. Order is kept.
        title : str
            A phrase for the status line while nothing else has been reported.
        fed : callable
            ``fed(request, parts)``, in the GUI thread: what ``request.run(progress, feed)`` has
            handed to ``feed`` since the last time, at most ten times a second, and nothing after
            the request was overtaken or cancelled.
        """
        if self._closed:
            return
        state = self._channels.setdefault(channel, _Channel())
        state.newest += 1
        if not live:
            state.oldest_wanted = state.newest
            if state.running is not None:
                self._overtake(state.running)
        cost = float(getattr(request, "cost", 0.0))
        long = fed is None and _is_long(cost)
        job = _Job(channel, state.newest, request, done, failed, live, title, long, cost, fed)
        job.progress = JobProgress(partial(self._post, self._reported, job))
        job.feed = Feed(partial(self._post, self._has_parts, job))
        state.waiting = job
        if channel not in self._queue:
            self._queue.append(channel)
        self._start_waiting()
        self._tell_busy()

    def cancel(self, channel: str) -> None:
        """Drop what runs and waits on ``channel``; returns at once."""
        state = self._channels.get(channel)
        if state is None or not state.busy:
            return
        running, state.running, state.waiting = state.running, None, None
        state.newest += 1
        state.oldest_wanted = state.newest
        if channel in self._queue:
            self._queue.remove(channel)
        if running is not None:
            _abandon(running)
            if running.long:
                self.prewarm()
        self._start_waiting()
        self.finished.emit(channel)
        self._tell_busy()

    def cancel_all(self) -> None:
        """Cancel every channel: a person wants it."""
        for channel, state in list(self._channels.items()):
            job = state.waiting or state.running
            self.cancel(channel)
            if job is not None:
                self.cancelled.emit(channel, job.request)

    def is_busy(self, channel: str | None = None) -> bool:
        """Whether ``channel`` (or any, by default) has something running or waiting."""
        if channel is None:
            return any(state.busy for state in self._channels.values())
        return channel in self._channels and self._channels[channel].busy

    def prewarm(self) -> None:
        """Start a worker process in the background, so that the next long request has one."""
        self._threads.submit(self._workers.warm_up)

    def worker_pids(self) -> tuple[int, ...]:
        """Return the ids of the living worker processes (for diagnostics)."""
        return self._workers.pids()

    def shutdown(self) -> None:
        """Drop everything and end all threads and processes, within a second."""
        if self._closed:
            return
        for channel in list(self._channels):
            self.cancel(channel)
        self._closed = True
        self._delay.stop()
        _end(self._workers, self._threads)
        sys.setswitchinterval(self._switch_interval)

    # ------------------------------------------------------------------ in the GUI thread

    def _start_waiting(self) -> None:
        for channel in list(self._queue):
            state = self._channels[channel]
            job = state.waiting
            if job is None or state.running is not None:
                continue
            if job.long and self._long_running() >= MAX_PROCESSES:
                continue
            self._queue.remove(channel)
            state.running, state.waiting = job, None
            job.started = time.monotonic()
            job.threads = max(1, cores() // max(1, self._long_running()))
            self._threads.submit(partial(self._work, job))
            if job.title:
                self.progressed.emit(channel, 0.0, job.title)

    def _long_running(self) -> int:
        jobs = (state.running for state in self._channels.values())
        return sum(job is not None and job.long for job in jobs)

    def _overtake(self, job: _Job) -> None:
        job.progress.cancelled = True  # its result will be dropped: let it stop early
        if job.long:
            elapsed = time.monotonic() - job.started
            if not job.cost - RESPAWN_COST < elapsed < job.cost:
                _abandon(job)

    def _on_ended(self, job: _Job, result: Any, error: BaseException | None) -> None:
        state = self._channels[job.channel]
        if self._closed or state.running is not job:
            return  # cancelled: another job may be running on the channel already
        state.running = None
        newest = job.generation == state.newest
        wanted = job.generation >= state.oldest_wanted and (newest or job.live)
        self._start_waiting()
        try:
            if wanted and error is None:
                job.done(job.request, result)
            elif wanted and newest and error is not None:
                self._tell_failed(job, error)
        finally:
            if not state.busy:
                self.finished.emit(job.channel)
            self._tell_busy()

    def _tell_failed(self, job: _Job, error: BaseException) -> None:
        if job.progress.cancelled:
            return
        if job.failed is not None:
            job.failed(job.request, error)

    def _on_reported(self, job: _Job) -> None:
        state = self._channels[job.channel]
        if state.running is not job or job.generation < state.oldest_wanted:
            return
        wait = state.said_at + REPORT_INTERVAL - time.monotonic()
        if wait > 0:
            self._delayed.append(job)
            self._delay.start(int(1000 * wait) + 1)
            return
        latest = job.progress.take()
        if latest is not None:
            state.said_at = time.monotonic()
            self.progressed.emit(job.channel, *latest)

    def _on_parts(self, job: _Job) -> None:
        state = self._channels[job.channel]
        if state.running is not job or job.generation < state.oldest_wanted or self._closed:
            return
        wait = state.fed_at + FEED_INTERVAL - time.monotonic()
        if wait > 0:
            QTimer.singleShot(int(1000 * wait) + 1, self, partial(self._on_parts, job))
            return
        state.fed_at = time.monotonic()
        if job.fed is not None and (parts := job.feed.take()):
            job.fed(job.request, parts)

    def _on_delay_over(self) -> None:
        delayed, self._delayed = self._delayed, []
        for job in delayed:
            self._on_reported(job)

    def _tell_busy(self) -> None:
        busy = self.is_busy()
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    # ------------------------------------------------------------------ in a job's thread

    def _work(self, job: _Job) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            if not job.progress.cancelled:
                result = self._answer(job)
        except BaseException as caught:
            error = caught
            answer = job.failed is not None and is_answer(caught)
            if not (answer or job.progress.cancelled):
                name = type(job.request).__name__
                _log.error("%s on channel %s", name, job.channel, exc_info=caught)
            error.__traceback__ = None  # its frames would keep the request's arrays alive
        self._post(self._ended, job, result, error)

    def _answer(self, job: _Job) -> Any:
        if (require_room := getattr(job.request, "require_room", None)) is not None:
            require_room()
        if job.long:
            return self._in_process(job)
        more = () if job.fed is None else (job.feed,)
        return job.request.run(job.progress, *more)

    def _in_process(self, job: _Job) -> Any:
        worker = self._workers.acquire()
        with job.lock:
            if not job.progress.cancelled:
                job.worker = worker
        usable = True
        try:
            if job.worker is None:
                return None
            return worker.run(job.request, job.progress, job.threads)
        except WorkerLost:
            usable = False
            raise
        finally:
            with job.lock:
                job.worker = None  # from here on a cancel must not kill it
            # A process that has just been sent the signal may still look alive.
            if usable and not job.killed:
                self._workers.release(worker)
            else:
                self._workers.drop(worker)

    def _post(self, signal: Any, *content: Any) -> None:
        if self._closed:
            return
        try:
            signal.emit(*content)
        except RuntimeError:  # the window is gone, and the runner with it
            _log.debug("a result arrived after the end")


def _is_long(cost: float) -> bool:
    return cost > PROCESS_COST


def _end(workers: WorkerPool, threads: JobThreads) -> None:
    workers.close()
    if not threads.close(SHUTDOWN_TIME):
        _log.warning("a computation did not stop in time; it ends with the application")


def _abandon(job: _Job) -> None:
    job.progress.cancelled = True
    with job.lock:
        if job.worker is not None:
            job.killed = True
            job.worker.kill()
