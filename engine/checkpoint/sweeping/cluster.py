"""Many tasks done by the workers of a running scheduler of `distributed`.

Workers read the files themselves, from the same paths; one that has not got them, or other ones,
is sent the numbers. What a lost worker had is done again by the scheduler.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeGuard

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.checkpoint.requests import MatrixRequest
from engine.checkpoint.sweeping import blocks, places
from engine.checkpoint.sweeping.rows import RowTask
from engine.checkpoint.sweeping.schedulers import ClusterError, close, compared, connect, short
from engine.checkpoint.sweeping.ways import (
    TICK,
    Answers,
    TaskThere,
    chunks,
    require_room_at_once,
)
from engine.errors import RankscopeError
from engine.room import available_memory, is_permitted
from engine.sentences import say

_AGAIN = 1.0  # seconds after which a result that did not come is asked for again
_KEYS = 2000  # that are sent along with every chunk, at most
_NEVER = 1 << 62  # bytes of a matrix from which it would be split
_SENT = 2  # matrices on their way to each worker, at most
Chunk = list[tuple[int, TaskThere]]


def require_room_there(
    client: Any, tasks: Sequence[TaskThere], path: str, what: str, split_above: int = _NEVER
) -> None:
    """Ask where what the workers of one machine compute at once does not fit into its memory.

    Raises
    ------
    TooLarge
    """
    if is_permitted(path):
        return
    rooms = [_room_of(one, split_above) for one in tasks]
    # Who is lost just now computes nothing either.
    free = client.run(available_memory, on_error="ignore")
    threads = client.nthreads()
    for machine in {_machine_of(worker) for worker in free}:
        mine = [worker for worker in free if _machine_of(worker) == machine]
        known = [free[worker] for worker in mine if free[worker] is not None]
        if known:
            count = sum(threads.get(worker, 1) for worker in mine)
            require_room_at_once(path, rooms, count, what, min(known))


def _room_of(task: TaskThere, split_above: int) -> int:
    if _is_split(task, split_above):
        return blocks.room_of(task.request.matrix, split_above)
    return task.room


def _is_split(task: TaskThere, split_above: int) -> TypeGuard[RowTask]:
    return isinstance(task, RowTask) and _bytes(task.request.matrix) > split_above


def _machine_of(worker: str) -> str:
    return worker.rpartition(":")[0]


def there(tasks: Sequence[TaskThere], address: str, path: str, what: str) -> Answers:
    """Do tasks on the workers of the scheduler at ``address``.

    ``path`` and ``what`` say whom the memory is asked for, as in `engine.room.require_room`.

    Raises
    ------
    ClusterError
        As `connect`, `compared` and `on_cluster` do.
    TooLarge
        As `require_room_there` does.
    """
    client = connect(address)
    try:
        compared(client)
        require_room_there(client, tasks, path, what)
        yield from on_cluster(tasks, client)
    finally:
        close(client)


def on_cluster(
    tasks: Sequence[TaskThere],
    client: Any,
    known: frozenset[str] = frozenset(),
    split_above: int = _NEVER,
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
            if _is_split(task, self._split_above):
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
    return say(text, reason=short(error) if error is not None else "")


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
