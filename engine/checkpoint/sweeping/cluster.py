"""Many tasks done by the workers of a running scheduler of `distributed`.

Workers read the files themselves, from the same paths; one that has not got them, or other ones,
is sent the numbers. What a lost worker had is done again by the scheduler.
"""

from __future__ import annotations

import gc
import logging
import platform
import queue
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.checkpoint.requests import MatrixRequest
from engine.checkpoint.sweeping import blocks, places
from engine.checkpoint.sweeping.rows import VERSION, RowTask
from engine.checkpoint.sweeping.ways import TICK, Answers, TaskThere, chunks
from engine.errors import RankscopeError
from engine.sentences import as_sentence, listed, say

_PATIENCE = 10.0  # seconds that a scheduler or a first worker may take
_AGAIN = 1.0  # seconds after which a result that did not come is asked for again
_KEYS = 2000  # that are sent along with every chunk, at most
_SENT = 2  # matrices on their way to each worker, at most
Chunk = list[tuple[int, TaskThere]]
_DECISIVE = ("rankscope rows", "Python")


class ClusterError(RankscopeError):
    """A scheduler does not answer, has no workers, or has gone; rows so far are kept."""


def connect(address: str) -> Any:
    """Return a client of the scheduler at ``address``.

    Raises
    ------
    ClusterError
        When `distributed` is not installed, nothing answers there, or there is no worker.
    """
    made: Any = require_distributed().Client
    _require_address(address)
    # What it would log of a scheduler that goes is said in a sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    logging.getLogger("tornado.application").setLevel(logging.CRITICAL)
    try:
        with _without_collecting():
            client = made(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        text = "No scheduler answers at {address} ({reason}). Start one: dask scheduler"
        raise ClusterError(say(text, address=address, reason=_short(error))) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (TimeoutError, OSError) as error:
        close(client)
        text = "The scheduler at {address} has no workers. Start some: dask worker {address}"
        raise ClusterError(say(text, address=address)) from error
    return client


def _require_address(address: str) -> None:
    """Refuse what names no scheduler: a client of it would be waited for when the program ends.

    Raises
    ------
    ClusterError
    """
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    try:
        scheme, place = parse_address(address)
        get_backend(scheme)
        host, port = parse_host_port(place)
        if not host or not 0 < port < 1 << 16:
            raise ValueError(say("it names no host, or no port from 1 to 65,535"))
    except (ValueError, TypeError) as error:
        text = "No scheduler answers at {address!r} ({reason}). Name one as in tcp://host:8786"
        raise ClusterError(say(text, address=address, reason=_short(error))) from error


def require_distributed() -> Any:
    """Return the package `distributed`.

    Raises
    ------
    ClusterError
        When it is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        text = "Clusters are reached by the package distributed: pip install 'rankscope[cluster]'"
        raise ClusterError(say(text)) from error
    return distributed


def close(client: Any) -> None:
    """Let go of a scheduler, whether it is still there or not."""
    with suppress(Exception), _without_collecting():
        client.close(timeout=1.0)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Collect no garbage while a client starts or ends, which it does behind a lock.

    A client that never reached its scheduler takes that lock when it is collected: by the thread
    that holds it, it would wait for itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def versions() -> dict[str, str]:
    """Return what the digits of a row depend on, in this process."""
    import scipy

    return {
        "rankscope rows": VERSION,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
    }


def compared(client: Any) -> list[str]:
    """Return how the versions of workers differ from those here, in sentences.

    Raises
    ------
    ClusterError
        When one cannot compute the same rows at all.
    """
    own = versions()
    notes: list[str] = []
    try:
        theirs = client.run(versions)
    except Exception as error:
        text = "The workers cannot run Rankscope ({reason}). Install it there, in this version."
        raise ClusterError(say(text, reason=_short(error))) from error
    for worker, found in theirs.items():
        differ = [name for name in own if found.get(name) != own[name]]
        if not differ:
            continue
        each = [
            say("{name} {theirs}, here {own}", name=name, theirs=found.get(name), own=own[name])
            for name in differ
        ]
        said = say("The worker {worker} has {what}.", worker=worker, what=listed(each))
        if any(name in _DECISIVE for name in differ):
            raise ClusterError(said)
        notes.append(said)
    return notes


def there(tasks: Sequence[TaskThere], address: str) -> Answers:
    """Do tasks on the workers of the scheduler at ``address``.

    Raises
    ------
    ClusterError
        As `connect`, `compared` and `on_cluster` do.
    """
    client = connect(address)
    try:
        compared(client)
        yield from on_cluster(tasks, client)
    finally:
        close(client)


def on_cluster(
    tasks: Sequence[TaskThere],
    client: Any,
    known: frozenset[str] = frozenset(),
    split_above: int = 1 << 62,
) -> Answers:
    """Do tasks on the workers of a scheduler; a matrix above ``split_above`` bytes by its rows.

    Raises
    ------
    ClusterError
        When the scheduler has gone.
    """
    job = _Job(tasks, client, known if len(known) <= _KEYS else frozenset(), split_above)
    try:
        yield from job.answers()
    finally:
        job.cancel()


class _Job:
    """Futures by what they are for, and their answers as they come."""

    def __init__(
        self,
        tasks: Sequence[TaskThere],
        client: Any,
        known: frozenset[str],
        split_above: int,
    ) -> None:
        self._tasks, self._client, self._known = tasks, client, known
        self._address = str(client.scheduler.address)
        self._done: queue.SimpleQueue[tuple[Any, list[Any]]] = queue.SimpleQueue()
        self._futures: dict[str, Chunk] = {}
        self._held: dict[str, Any] = {}  # a future lives as long as it is held
        self._lacking: deque[int] = deque()
        self._sums: dict[int, blocks.Sum] = {}
        self._workers = max(1, len(client.nthreads()))
        self._split_above = split_above
        self._sending: set[int] = set()

    def answers(self) -> Answers:
        here: list[int] = []
        for number, task in enumerate(self._tasks):
            if isinstance(task, RowTask) and _bytes(task.request.matrix) > self._split_above:
                self._submit_parts(number, task.request)
            elif task.paths:
                here.append(number)
            else:
                self._lacking.append(number)
        for part in chunks([self._tasks[number].seconds for number in here], self._workers):
            whole = [(here[place], self._tasks[here[place]]) for place in part]
            files = places.states_of(path for _, task in whole for path in task.paths)
            self._submit(whole, answered, whole, files, self._known)
        left = len(self._tasks)
        while left:
            self._send_what_is_lacking()
            try:
                future, results = self._done.get(timeout=TICK)
            except queue.Empty:
                self._require_scheduler()
                yield None
                continue
            self._held.pop(future.key, None)
            chunk = self._futures.pop(future.key, None)
            if chunk is None:
                continue
            for answer in self._taken(future, results, chunk):
                left -= 1
                yield answer
        self._held.clear()

    def cancel(self) -> None:
        with suppress(Exception):
            self._client.cancel(list(self._held.values()), force=True)
        self._held.clear()

    def _submit(self, chunk: Chunk, work: Any, *given: Any) -> None:
        future = self._client.submit(work, *given, pure=False)
        self._futures[future.key], self._held[future.key] = chunk, future
        future.add_done_callback(self._fetch)

    def _fetch(self, future: Any) -> None:
        """Take a result, in the thread of callbacks; what a lost worker had comes again."""
        results: list[Any] = []
        while not results and future.status not in ("error", "cancelled"):
            if self._client.status != "running":
                break
            try:
                results.append(future.result(timeout=_AGAIN))
            except TimeoutError:
                continue
            except Exception:  # the status says what it is
                if future.status == "finished":
                    break
        self._done.put((future, results))

    def _submit_parts(self, number: int, request: MatrixRequest) -> None:
        files = places.states_of(self._tasks[number].paths)
        spans = blocks.spans(request.matrix, self._split_above)
        self._sums[number] = blocks.Sum(request, len(spans))
        chunk = [(number, self._tasks[number])]
        self._submit(chunk, blocks.key_of, request.matrix, files)
        for start, stop in spans:
            self._submit(chunk, blocks.part_of, request.matrix, files, start, stop)

    def _taken(self, future: Any, results: list[Any], chunk: Chunk) -> list[tuple[int, Any]]:
        """Return the answers in a future that is done; what no worker could do is a problem."""
        is_part = chunk[0][0] in self._sums
        self._sending -= {number for number, _ in chunk}
        if results:
            found = results[0]
        elif future.status == "error":
            found = _problem(future.exception())
            if not is_part:
                return [(number, task.lost(found)) for number, task in chunk]
        else:
            raise self._gone()
        if is_part:
            return self._added(chunk[0][0], found)
        answers = []
        for number, one in found:
            if one is None:
                self._lacking.append(number)
            else:
                answers.append((number, one))
        return answers

    def _added(self, number: int, found: Any) -> list[tuple[int, Any]]:
        """Add a part of a large matrix; its row comes with the last of them."""
        total = self._sums[number]
        if found is None:
            # A worker lacks the file: the whole goes there as it is.
            del self._sums[number]
            for key, chunk in list(self._futures.items()):
                if chunk[0][0] == number:
                    del self._futures[key], self._held[key]
            self._lacking.append(number)
            return []
        total.add(found)
        return [(number, total.answer())] if total.is_whole else []

    def _send_what_is_lacking(self) -> None:
        """Send numbers to be computed, few at a time: they are held in memory here."""
        while self._lacking and len(self._sending) < _SENT * self._workers:
            number = self._lacking.popleft()
            task = self._tasks[number]
            try:
                task = task.carrying()
            except RankscopeError as error:
                lost = [(number, task.lost(error.sentence))]
                self._submit([(number, task)], _answered_here, lost)
                continue
            self._sending.add(number)
            self._submit([(number, task)], answered_with, [(number, task)])

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> ClusterError:
        text = "The scheduler at {address} has gone. Rows so far are kept: run it again to go on."
        return ClusterError(say(text, address=self._address))


def _problem(error: BaseException | None) -> str:
    text = "No worker could compute it ({reason})."
    return say(text, reason=_short(error) if error is not None else "")


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return as_sentence(lines[0][:200] if lines else type(error).__name__)


def _bytes(matrix: Matrix) -> int:
    rows, columns = matrix.shape
    try:
        size = np.dtype(matrix.dtype).itemsize
    except TypeError:
        size = 2
    return rows * columns * size


# ---------------------------------------------------------------------------- the worker's side


def answered(
    chunk: Chunk, files: places.Files, known: frozenset[str]
) -> list[tuple[int, Any | None]]:
    """Return the answers of tasks; None for all of them where their files are not here."""
    if not places.has_files(files):
        return [(number, None) for number, _ in chunk]
    return answered_with(chunk, known)


def answered_with(chunk: Chunk, known: frozenset[str] = frozenset()) -> list[tuple[int, Any]]:
    """Return the answers of tasks whose numbers are at hand."""
    with _one_thread():
        return [(number, task.run(known)) for number, task in chunk]


def _answered_here(answers: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    return answers


def _one_thread() -> Any:
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own, which has to be told
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")
