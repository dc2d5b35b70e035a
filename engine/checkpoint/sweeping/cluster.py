"""The rows of many requests computed by the workers of a running scheduler of `distributed`.

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
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.checkpoint.requests import MatrixRequest
from engine.checkpoint.sweeping import blocks, places
from engine.checkpoint.sweeping.rows import (
    VERSION,
    Found,
    empty_row,
    estimate,
    find,
    numbers,
)
from engine.checkpoint.sweeping.ways import TICK, Answers, chunks
from engine.errors import RankscopeError
from engine.files import is_sparse
from engine.sentences import as_sentence, listed, say
from engine.spectrum import Factored

_PATIENCE = 10.0  # seconds that a scheduler or a first worker may take
_KEYS = 2000  # that are sent along with every chunk, at most
_SENT = 2  # matrices on their way to each worker, at most
Chunk = list[tuple[int, MatrixRequest]]
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


def on_cluster(
    requests: Sequence[MatrixRequest],
    client: Any,
    known: frozenset[str],
    split_above: int,
) -> Answers:
    """Compute on the workers of a scheduler; a matrix above ``split_above`` bytes by its rows.

    Raises
    ------
    ClusterError
        When the scheduler has gone.
    """
    job = _Job(requests, client, known if len(known) <= _KEYS else frozenset(), split_above)
    try:
        yield from job.answers()
    finally:
        job.cancel()


class _Job:
    """Futures by what they are for, and their answers as they come."""

    def __init__(
        self,
        requests: Sequence[MatrixRequest],
        client: Any,
        known: frozenset[str],
        split_above: int,
    ) -> None:
        self._requests, self._client, self._known = requests, client, known
        self._address = str(client.scheduler.address)
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._futures: dict[str, tuple[Any, Chunk]] = {}  # alive as long as they are held
        self._lacking: deque[int] = deque()
        self._sums: dict[int, blocks.Sum] = {}
        self._workers = max(1, len(client.nthreads()))
        self._split = [n for n, one in enumerate(requests) if _bytes(one.matrix) > split_above]
        self._split_above = split_above
        self._sending: set[int] = set()

    def answers(self) -> Answers:
        parted = set(self._split)
        here = [number for number in range(len(self._requests)) if number not in parted]
        for number in self._split:
            self._submit_parts(number)
        costs = [estimate(self._requests[number]) for number in here]
        for part in chunks(costs, self._workers):
            whole = [(here[place], self._requests[here[place]]) for place in part]
            self._submit(
                whole,
                answered,
                whole,
                places.files_of(request for _, request in whole),
                self._known,
            )
        left = len(self._requests)
        while left:
            self._send_what_is_lacking()
            try:
                future = self._done.get(timeout=TICK)
            except queue.Empty:
                self._require_scheduler()
                yield None
                continue
            held = self._futures.pop(future.key, None)
            if held is None:
                continue
            for answer in self._taken(*held):
                left -= 1
                yield answer
        self._futures.clear()

    def cancel(self) -> None:
        with suppress(Exception):
            self._client.cancel([future for future, _ in self._futures.values()], force=True)
        self._futures.clear()

    def _submit(self, chunk: Chunk, work: Any, *given: Any) -> Any:
        future = self._client.submit(work, *given, pure=False)
        self._futures[future.key] = future, chunk
        future.add_done_callback(self._done.put)
        return future

    def _submit_parts(self, number: int) -> None:
        request = self._requests[number]
        files = places.files_of([request])
        spans = blocks.spans(request.matrix, self._split_above)
        self._sums[number] = blocks.Sum(request, len(spans))
        chunk = [(number, request)]
        self._submit(chunk, blocks.key_of, request.matrix, files)
        for start, stop in spans:
            self._submit(chunk, blocks.part_of, request.matrix, files, start, stop)

    def _taken(self, future: Any, chunk: Chunk) -> list[tuple[int, Found]]:
        """Return the answers in a future that is done; what no worker could do is a problem."""
        if future.status in ("cancelled", "lost"):
            raise self._gone()
        is_part = chunk[0][0] in self._sums
        self._sending -= {number for number, _ in chunk}
        if future.status == "error":
            problem = _problem(future.exception())
            if not is_part:
                return [
                    (number, Found(replace(empty_row(request.matrix), problem=problem)))
                    for number, request in chunk
                ]
            found: Any = problem
        else:
            found = self._result(future)
        if is_part:
            return self._added(chunk[0][0], found)
        answers = []
        for number, one in found:
            if one is None:
                self._lacking.append(number)
            else:
                answers.append((number, one))
        return answers

    def _result(self, future: Any) -> Any:
        try:
            return future.result(timeout=_PATIENCE)
        except (TimeoutError, OSError, CancelledError) as error:
            raise self._gone() from error

    def _added(self, number: int, found: Any) -> list[tuple[int, Found]]:
        """Add a part of a large matrix; its row comes with the last of them."""
        total = self._sums[number]
        if found is None:
            # A worker lacks the file: the whole goes there as it is.
            del self._sums[number]
            for key, (_, chunk) in list(self._futures.items()):
                if chunk[0][0] == number:
                    del self._futures[key]
            self._lacking.append(number)
            return []
        total.add(found)
        return [(number, total.answer())] if total.is_whole else []

    def _send_what_is_lacking(self) -> None:
        """Send numbers to be computed, few at a time: they are held in memory here."""
        while self._lacking and len(self._sending) < _SENT * self._workers:
            number = self._lacking.popleft()
            request = self._requests[number]
            try:
                packed = pack(numbers(request.matrix))
            except RankscopeError as error:
                row = replace(empty_row(request.matrix), problem=error.sentence)
                self._submit([(number, request)], _answered_here, number, Found(row))
                continue
            self._sending.add(number)
            self._submit([(number, request)], answered_with, number, request, packed)

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
) -> list[tuple[int, Found | None]]:
    """Return the rows of requests; None for all of them where their files are not here."""
    if not places.has_files(files):
        return [(number, None) for number, _ in chunk]
    with _one_thread():
        return [(number, find(request, known)) for number, request in chunk]


def answered_with(number: int, request: MatrixRequest, packed: Any) -> list[tuple[int, Found]]:
    """Return the row of a matrix whose numbers came along."""
    with _one_thread():
        return [(number, find(request, array=unpack(packed)))]


def _answered_here(number: int, found: Found) -> list[tuple[int, Found]]:
    return [(number, found)]


def _one_thread() -> Any:
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own, which has to be told
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def pack(array: Any) -> Any:
    """Return an array in types that travel: those of ml_dtypes as bytes with their name."""
    if isinstance(array, Factored) or is_sparse(array) or array.dtype.kind != "V":
        return array
    return array.dtype.name, array.shape, np.ascontiguousarray(array).view(np.uint8)


def unpack(packed: Any) -> Any:
    """Return what `pack` was given."""
    if not isinstance(packed, tuple):
        return packed
    import ml_dtypes

    name, shape, data = packed
    return np.ascontiguousarray(data).view(np.dtype(getattr(ml_dtypes, name))).reshape(shape)
