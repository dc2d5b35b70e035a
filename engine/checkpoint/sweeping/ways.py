"""How many tasks are done at once: in threads, or in processes that end.

Both give answers as they come, in the thread that asks for them, and None at least every
`TICK` seconds, so that whoever asks can stop.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from engine.errors import ArgumentError
from engine.jobs import Cancelled, Progress
from engine.room import require_room
from engine.sentences import say

TICK = 0.05
_SMALL = 2.0  # seconds of work for which processes, which import NumPy first, do not pay
_CHUNK = 0.25  # seconds of work that are handed out at a time, at most
_CHUNKS = 8  # and so many times a worker is handed some, at least
_NICE = 5
ONE_THREAD = dict.fromkeys(
    (
        *("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"),
        *("VECLIB_MAXIMUM_THREADS", "OMP_NUM_THREADS"),
    ),
    "1",
)  # of BLAS, for what is started
_spawn = multiprocessing.get_context("spawn")
# The environment and the name of the main module belong to the whole process.
_starting = threading.Lock()

# The number of a task and its answer; None where nothing came for a while.
Answers = Generator[tuple[int, Any] | None, None, None]
Chunk = list[tuple[int, "Task"]]


class Task(Protocol):
    """One matrix, or one pair of them: picklable where it goes to a process of its own."""

    @property
    def seconds(self) -> float:
        """About how long it takes one core."""
        ...

    @property
    def room(self) -> int:
        """About how many bytes of memory it takes."""
        ...

    def run(self, known: Collection[str], progress: Progress | None = None) -> Any:
        """Return the answer; what goes wrong is part of it. ``known`` are keys of others."""
        ...

    def learnt(self, answer: Any) -> str:
        """Return the key that is known from now on, "" for none."""
        ...

    def lost(self, problem: str) -> Any:
        """Return the answer where none came, with the reason."""
        ...


class TaskThere(Task, Protocol):
    """A task that workers elsewhere can do."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that its numbers lie in; none where they are in memory here."""
        ...

    def carrying(self, progress: Progress | None = None) -> TaskThere:
        """Return the task with its numbers, for who has not got the files.

        Raises
        ------
        RankscopeError
            When they cannot be read.
        """
        ...


def count_of_workers(asked: int | None) -> int:
    """Return how many compute at once: as many as asked for, or as this process may use cores.

    Raises
    ------
    ArgumentError
        When it is no count.
    """
    if asked is None:
        own = getattr(os, "sched_getaffinity", None)
        return len(own(0)) if own else os.cpu_count() or 1
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        raise ArgumentError("workers", asked, say("an integer >= 1"))
    return asked


def require_room_at_once(
    path: str, rooms: Iterable[int], workers: int, what: str, available: int | None = None
) -> None:
    """Ask where as many of the largest as compute at once do not fit into the free memory.

    Parameters
    ----------
    path, what, available
        As for `engine.room.require_room`.
    rooms : iterable of int
        `Task.room` of every task.
    workers : int

    Raises
    ------
    TooLarge
    """
    largest = sorted(rooms, reverse=True)[:workers]
    remedy = "Compute fewer at once (workers), or leave the largest out (exclude)."
    require_room(path, sum(largest), what, remedy, available)


def at_once(tasks: Sequence[Task], workers: int, known: frozenset[str] = frozenset()) -> Answers:
    """Do tasks in threads where all of it is little, else in processes."""
    is_small = sum(one.seconds for one in tasks) < _SMALL
    return (in_threads if is_small else in_processes)(tasks, workers, known)


def chunks(costs: Sequence[float], workers: int) -> deque[list[int]]:
    """Return the numbers of tasks, the dearest first, in parts of about equal cost."""
    limit = min(_CHUNK, sum(costs) / (_CHUNKS * workers))
    found: deque[list[int]] = deque()
    left = 0.0
    for number in sorted(range(len(costs)), key=lambda i: -costs[i]):
        if not found or costs[number] > left:
            found.append([])
            left = limit
        found[-1].append(number)
        left -= costs[number]
    return found


def _shared_out(tasks: Sequence[Task], workers: int) -> deque[Chunk]:
    parts = chunks([one.seconds for one in tasks], workers)
    return deque([(number, tasks[number]) for number in part] for part in parts)


class _Stop:
    """What work in a thread is asked by: it stops at its next check."""

    cancelled = False

    def report(self, fraction: float, text: str) -> None:
        pass


def in_threads(tasks: Sequence[Task], workers: int, known: frozenset[str] = frozenset()) -> Answers:
    """Compute in threads of this process, BLAS with one thread each."""
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own, which has to be told
    from threadpoolctl import threadpool_limits

    work, stop = _shared_out(tasks, workers), _Stop()
    done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    seen = set(known)

    def compute() -> None:
        with suppress(IndexError, Cancelled):
            while not stop.cancelled:
                for number, task in work.popleft():
                    answer = task.run(seen, stop)
                    done.put((number, answer))
                    if key := task.learnt(answer):  # once its answer is on its way
                        seen.add(key)

    with threadpool_limits(1, user_api="blas"):
        for _ in range(workers):
            # No daemons: a program that ends waits for the matrix at hand, for LAPACK must not be
            # torn down under a thread that is in it.
            threading.Thread(target=compute, name="rankscope-sweep").start()
        try:
            answered = 0
            while answered < len(tasks):
                try:
                    yield done.get(timeout=TICK)
                    answered += 1
                except queue.Empty:
                    yield None
        finally:
            stop.cancelled = True


def in_processes(tasks: Sequence[Task], workers: int, known: frozenset[str]) -> Answers:
    """Compute in processes of their own, which are killed when the iterator is closed.

    A process that ends by itself is replaced, and what it had not answered is done again; a task
    at which two processes ended is `Task.lost`.
    """
    work, lost = _shared_out(tasks, workers), set[int]()
    pool = [_Worker(known) for _ in range(min(workers, len(work)))]
    try:
        answered = 0
        while answered < len(tasks):
            for one in pool:
                if not one.waiting and work:
                    one.ask(work.popleft())
            ready = wait([one.pipe for one in pool if one.waiting], TICK)
            if not ready:
                yield None
            for one in [one for one in pool if one.pipe in ready]:
                answer = one.answer()
                if answer is not None:
                    answered += 1
                    yield answer
                    continue
                pool.remove(one)
                one.end()
                (number, task), rest = one.waiting[0], one.waiting[1:]
                if number in lost:
                    answered += 1
                    yield number, task.lost(_ended(one.code))
                else:
                    lost.add(number)
                    work.append([(number, task)])
                if rest:
                    work.append(rest)
                pool.append(_Worker(known))
    finally:
        for one in pool:
            one.kill()
        for one in pool:
            one.end()


def _ended(code: int | None) -> str:
    text = (
        "Its process ended unexpectedly, twice (exit code {code}); the memory may have run out. "
        "Try again with fewer workers."
    )
    return say(text, code=code)


class _Worker:
    """One process, seen from the parent; ``waiting`` is what it has not answered yet."""

    def __init__(self, known: frozenset[str]) -> None:
        self.pipe, theirs = _spawn.Pipe()
        self.waiting: Chunk = []
        self._process = _spawn.Process(
            target=serve, args=(theirs, known), name="rankscope-sweep", daemon=True
        )
        with _starting, _one_thread_each(), _main_module_hidden():
            self._process.start()
        theirs.close()

    @property
    def code(self) -> int | None:
        return self._process.exitcode

    def ask(self, chunk: Chunk) -> None:
        self.waiting = list(chunk)
        with suppress(OSError):  # it has ended: the answer says so
            self.pipe.send(chunk)

    def answer(self) -> tuple[int, Any] | None:
        """Return the next answer; None where the process has ended."""
        try:
            number, answer = self.pipe.recv()
        except (EOFError, OSError):
            return None
        self.waiting = [one for one in self.waiting if one[0] != number]
        return number, answer

    def kill(self) -> None:
        with suppress(OSError, ValueError):
            self._process.kill()

    def end(self) -> None:
        """Kill and reap it."""
        self.kill()
        with _starting:
            self._process.join(1.0)
        self.pipe.close()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let what is started compute with one BLAS thread: it is read when NumPy is imported."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    # A spawned child runs the parent's main module again, a person's script without a guard too.
    # It leaves a package's __main__ alone, so every main module is announced as one.
    main = sys.modules["__main__"]
    spec = main.__spec__
    main.__spec__ = ModuleSpec("engine.__main__", None)
    try:
        yield
    finally:
        main.__spec__ = spec


# ---------------------------------------------------------------------------- the child's side


def serve(pipe: Connection, known: frozenset[str]) -> None:
    """Do tasks until the parent is gone; the body of a child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    if hasattr(os, "nice"):
        os.nice(_NICE)
    threading.Thread(target=_end_with_parent, name="rankscope-watch", daemon=True).start()
    seen = set(known)
    with suppress(EOFError, OSError):
        while True:
            for number, task in pipe.recv():
                answer = task.run(seen)
                if key := task.learnt(answer):
                    seen.add(key)
                pipe.send((number, answer))
    os._exit(0)


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
