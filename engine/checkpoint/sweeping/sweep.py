"""The sweep: every matrix of a checkpoint computed, what was computed before taken from a cache."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from engine.checkpoint.listing import Checkpoint, Matrix, Skipped, open_checkpoint
from engine.checkpoint.requests import DEFAULT_RULES, MatrixRequest, Row, Rules
from engine.checkpoint.sweeping import cluster, schedulers
from engine.checkpoint.sweeping.cache import Cache
from engine.checkpoint.sweeping.pace import Pace
from engine.checkpoint.sweeping.rows import Found, RowTask, check_rules, estimate, find
from engine.checkpoint.sweeping.ways import (
    Answers,
    at_once,
    count_of_workers,
    require_room_at_once,
)
from engine.errors import ArgumentError
from engine.jobs import Progress
from engine.sentences import say

OnRow = Callable[[Row], None]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep found.

    Attributes
    ----------
    rows : tuple of Row
        In the order of the checkpoint's matrices.
    skipped : tuple of Skipped
        The tensors that are no matrices.
    seconds : float
        From opening to the last row.
    reused : int
        Rows that were taken from the cache, or equal to one computed before.
    workers : int
        Threads or processes that computed; 0 where nothing was left to compute.
    notes : tuple of str
        What a person should know, in sentences.
    """

    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    seconds: float
    reused: int
    workers: int
    notes: tuple[str, ...]


def sweep(
    path_or_checkpoint: str | os.PathLike[str] | Checkpoint,
    include: str = "",
    exclude: str = "",
    rules: Rules = DEFAULT_RULES,
    workers: int | None = None,
    address: str | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    on_row: OnRow | None = None,
    split_above: int = 1 << 30,
) -> Sweep:
    """Compute the row of every matrix of a model.

    Parameters
    ----------
    path_or_checkpoint : str, path-like or Checkpoint
        As for `open_checkpoint`.
    include, exclude : str
        Regular expressions, searched for in the names of matrices: which are meant.
    rules : tuple of tuple
        Rank rules, each its key and its parameters.
    workers : int, optional
        How many threads or processes compute; as many as this process may use cores.
    address : str, optional
        A running scheduler of `distributed`, "tcp://host:port", whose workers compute instead.
    cache : str or path-like, optional
        File that rows are kept in and taken from; None keeps nothing.
    progress : Progress, optional
        Told the share of the estimated work that is done; asked whether to stop, at least every
        0.05 s, which ends the processes.
    on_row : callable, optional
        ``on_row(row)`` is called for every row, in the order in which they come, once it is safe in
        the cache. It and ``progress`` are called in the thread of the caller.
    split_above : int
        Bytes of a matrix from which the workers of a scheduler share it, by blocks of its longer
        side; its row is the same within its ``error_bound``.

    Returns
    -------
    Sweep

    Raises
    ------
    FileError
        When the checkpoint cannot be opened, or the cache cannot be written.
    TooLarge
        When what is computed at once needs more than a share of the free memory
        (`engine.room.permit`).
    ArgumentError
        When an expression, a rule or a number of workers is not allowed.
    ClusterError
        When no scheduler answers at ``address``, its workers cannot compute the same rows, or it
        has gone meanwhile; rows that came are in the cache.
    Cancelled
        When ``progress`` asks to stop; rows that came are in the cache.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(pathlib.Path(folder, "model.npz"), q=np.eye(3), k=np.diag([2.0, 1.0]))
    ...     found = sweep(folder, workers=1)
    >>> [(row.name, row.stable_rank) for row in found.rows]
    [('k', 1.25), ('q', 3.0)]
    """
    began = time.perf_counter()
    check_rules(rules)
    opened = path_or_checkpoint
    if not isinstance(opened, Checkpoint):
        opened = open_checkpoint(opened, progress=progress)
    chosen = matching(opened.matrices, include, exclude)
    requests = [MatrixRequest(matrix, tuple(map(tuple, rules))) for matrix in chosen]
    with ExitStack() as stack:
        kept = None
        if cache is not None:
            kept = Cache(cache)
            stack.callback(kept.close)
        job = _Job(opened.path, requests, kept, progress, on_row)
        job.take_what_is_known()
        count = 0
        if job.missing:
            if address is not None:
                count = job.compute_there(address, split_above)
            else:
                count = job.compute(count_of_workers(workers))
        notes = (*opened.notes, *(kept.notes if kept is not None else ()), *job.notes)
        rows = tuple(row for row in job.rows if row is not None)
    seconds = time.perf_counter() - began
    return Sweep(rows, opened.skipped, seconds, job.reused, count, notes)


def matching(matrices: Sequence[Matrix], include: str, exclude: str) -> list[Matrix]:
    """Return the matrices whose names an expression is found in, and another is not.

    Raises
    ------
    ArgumentError
        When one is no regular expression.
    """
    wanted, unwanted = _pattern("include", include), _pattern("exclude", exclude)
    return [
        one
        for one in matrices
        if wanted.search(one.name) and not (exclude and unwanted.search(one.name))
    ]


def _pattern(argument: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        allowed = say("a regular expression ({reason})", reason=str(error))
        raise ArgumentError(argument, text, allowed) from error


class _Job:
    """The rows of one sweep as they come."""

    def __init__(
        self,
        path: str,
        requests: list[MatrixRequest],
        cache: Cache | None,
        progress: Progress | None,
        on_row: OnRow | None,
    ) -> None:
        self._path = path
        self._requests = requests
        self._cache = cache
        self._on_row = on_row
        self._pace = Pace([estimate(one) for one in requests], progress)
        self._keys: dict[str, Found] = {}
        self.rows: list[Row | None] = [None] * len(requests)
        self.reused = 0
        self.notes: list[str] = []

    @property
    def missing(self) -> list[int]:
        """Numbers of the requests that have no row yet."""
        return [number for number, row in enumerate(self.rows) if row is None]

    def take_what_is_known(self) -> None:
        """Take the rows of matrices whose files have not changed."""
        if self._cache is None:
            return
        for number, request in enumerate(self._requests):
            row = self._cache.at_place(request)
            if row is not None:
                self.reused += 1
                self._announce(number, row, known=True)

    def compute(self, workers: int) -> int:
        """Compute what is missing in threads or processes; return how many did."""
        missing = self.missing
        tasks = [RowTask(self._requests[number]) for number in missing]
        workers = min(workers, len(missing))
        rooms = (one.room for one in tasks)
        require_room_at_once(self._path, rooms, workers, say("The sweep"))
        self._take_all(missing, at_once(tasks, workers, self._keys_of_cache))
        return workers

    def compute_there(self, address: str, split_above: int) -> int:
        """Compute what is missing on a cluster; return how many workers it has."""
        missing = self.missing
        tasks = [RowTask(self._requests[number]) for number in missing]
        client = schedulers.connect(address)
        try:
            self.notes += schedulers.compared(client)
            cluster.require_room_there(client, tasks, self._path, say("The sweep"), split_above)
            keys = self._keys_of_cache
            self._take_all(missing, cluster.on_cluster(tasks, client, keys, split_above))
            return len(client.nthreads())
        finally:
            schedulers.close(client)

    @property
    def _keys_of_cache(self) -> frozenset[str]:
        return self._cache.keys() if self._cache is not None else frozenset()

    def _take_all(self, missing: list[int], way: Answers) -> None:
        with closing(way) as answers:
            for answer in answers:
                self._pace.tell()
                if answer is not None:
                    number, found = missing[answer[0]], answer[1]
                    if not self._take(number, found):
                        # Its key was known, its row is not: what kept it was damaged meanwhile.
                        self._take(number, find(self._requests[number]))

    def _take(self, number: int, found: Found) -> bool:
        """Keep and announce an answer; False where its key alone is known."""
        request, row = self._requests[number], found.row
        if found.spectrum is None and not row.problem:
            known = self._of_key(row.key, request)
            if known is None:
                return False
            row = known
            self.reused += 1
        elif found.spectrum is not None:
            self._keys[row.key] = found
        if self._cache is not None and not row.problem:
            self._cache.keep(request, found)
        self._announce(number, row)
        return True

    def _of_key(self, key: str, request: MatrixRequest) -> Row | None:
        """Return the row of a matrix of equal contents, from this sweep or from the cache."""
        here = self._keys.get(key)
        if here is not None:
            about, own = here.row, request.matrix
            role = own.role
            return replace(
                about,
                name=own.name,
                layer=role.layer,
                stack=role.stack,
                role=role.role,
                expert=role.expert,
            )
        return self._cache.of_key(key, request) if self._cache is not None else None

    def _announce(self, number: int, row: Row, known: bool = False) -> None:
        self.rows[number] = row
        self._pace.add(number, known)
        if self._on_row is not None:
            self._on_row(row)
        self._pace.tell()
