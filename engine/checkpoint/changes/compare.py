"""What training changed: every matrix of a tuned model against its base."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from engine.arguments import check_count
from engine.checkpoint.changes.matching import Alone, Model, Pair, match, opened
from engine.checkpoint.changes.pairs import Change, PairTask, seconds_of
from engine.checkpoint.listing import Checkpoint
from engine.checkpoint.sweeping.cluster import there
from engine.checkpoint.sweeping.pace import Pace
from engine.checkpoint.sweeping.ways import (
    at_once,
    count_of_workers,
    in_threads,
    require_room_at_once,
)
from engine.errors import ArgumentError
from engine.jobs import Progress
from engine.sentences import as_sentence, say

CHANGE_COLUMNS = (
    *("relative_change", "delta_stable_rank", "angle_left", "angle_right"),
    *("intruders", "change_note"),
)


def compare(
    base: Model,
    tuned: Model,
    rank: int = 8,
    include: str = "",
    progress: Progress | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> tuple[tuple[Change, ...], tuple[Alone, ...]]:
    """Compare every matrix of two versions of a model.

    Parameters
    ----------
    base, tuned : Checkpoint, str or path-like
        As for `match`.
    rank : int
        Of how many leading singular vectors the spaces are compared; at most min(m, n).
    include : str
        A regular expression: only matrices in whose name it is found. "" takes all.
    progress : Progress, optional
        Told how far it is, in estimated work; asked whether to stop, at least every 0.05 s.
    workers : int, optional
        How many threads or processes compute; as many as this process may use cores.
    address : str, optional
        A running scheduler of `distributed`, "tcp://host:port", whose workers compute instead.

    Returns
    -------
    rows : tuple of Change
        In the order of the base. One that cannot be computed says why; the others go on.
    alone : tuple of (str, str)
        Name and reason of what has no counterpart.

    Raises
    ------
    ArgumentError
        When ``rank`` or ``workers`` is no count, or ``include`` no regular expression.
    FileError
        When a model cannot be opened.
    TooLarge
        When what is compared at once needs more than a share of the free memory.
    ClusterError
        When no scheduler answers at ``address``, its workers compute other rows, or it has gone.
    Cancelled
        When ``progress`` asks to stop.

    References
    ----------
    Hu et al., "LoRA", ICLR 2022, section 7: overlap of subspaces. Shuttleworth et al., arXiv
    2410.21228 (2024): intruders.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, size in (("base", 1.0), ("tuned", 1.5)):
    ...         np.savez(pathlib.Path(folder, name + ".npz"), **{"h.0.q_proj.weight": [[size]]})
    ...     rows, _ = compare(f"{folder}/base.npz", f"{folder}/tuned.npz")
    >>> rows[0].relative_change, rows[0].delta_values
    (0.5, array([0.5]))
    """
    count = check_count("rank", rank)
    wanted = pattern("include", include)
    models = opened(base), opened(tuned)
    pairs, alone = match(*models)
    chosen = [pair for pair in pairs if wanted.search(pair.name)]
    found = changes_of(chosen, models, count, progress, workers, address)
    changes = dict(found)
    rows = tuple(changes[number] for number in range(len(chosen)))
    return rows, tuple(one for one in alone if wanted.search(one[0]))


def changes_of(
    pairs: Sequence[Pair],
    models: tuple[Checkpoint, Checkpoint],
    rank: int = 8,
    progress: Progress | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> Generator[tuple[int, Change], None, None]:
    """Compare pairs of matrices, several at once; each with its number, in the order they come.

    Processes, where there is enough to do for them, end with the generator.

    Parameters
    ----------
    pairs : sequence of Pair
        Of `match`.
    models : (Checkpoint, Checkpoint)
        Base and tuned, of which the pairs are.
    rank, progress, workers, address
        As for `compare`.

    Raises
    ------
    ArgumentError, TooLarge, ClusterError, Cancelled
        As for `compare`.

    Examples
    --------
    >>> from engine.checkpoint.listing import checkpoint_of
    >>> from engine.files import memory_source
    >>> one, other = (checkpoint_of(memory_source({"q": size * np.eye(3)})) for size in (1, 2))
    >>> pairs, _ = match(one, other)
    >>> [(number, change.relative_change) for number, change in changes_of(pairs, (one, other))]
    [(0, 1.0)]
    """
    pace = Pace([seconds_of(pair) for pair in pairs], progress)
    pace.tell()
    if not pairs:
        return
    count = min(count_of_workers(workers), len(pairs))
    here = in_memory(models)
    tasks = [PairTask(pair, rank, *here) for pair in pairs]
    about = models[1].path, say("The comparison")
    if address is not None:
        way = there(tasks, address, *about)
    else:
        require_room_at_once(about[0], (one.room for one in tasks), count, about[1])
        way = at_once(tasks, count) if here == (None, None) else in_threads(tasks, count)
    with closing(way) as answers:
        for answer in answers:
            if answer is not None:
                pace.add(answer[0])
                yield answer
            pace.tell()


def in_memory(
    models: tuple[Checkpoint, Checkpoint],
) -> tuple[Checkpoint | None, Checkpoint | None]:
    """Return the models whose arrays are in this process only; None for one in files.

    Examples
    --------
    >>> from engine.checkpoint.listing import checkpoint_of
    >>> from engine.files import memory_source
    >>> one = checkpoint_of(memory_source({"q": np.eye(3)}))
    >>> in_memory((one, one)) == (one, one)
    True
    """
    base, tuned = (None if os.path.isfile(one.path) else one for one in models)
    return base, tuned


def change_columns(names: Sequence[str], changes: Iterable[Change]) -> dict[str, list[Any]]:
    """Return changes as columns of a table whose rows are matrices of the tuned model.

    Parameters
    ----------
    names : sequence of str
        Of its rows; one without a comparison has None and "".
    changes : iterable of Change

    Examples
    --------
    >>> found = change_columns(["q", "k"], [Change("q", 0, "q", 0.5, 1.0, tuned="q")])
    >>> found["relative_change"], found["angle_left"], found["change_note"]
    ([0.5, None], [None, None], ['', ''])
    """
    known = {one.tuned: one for one in changes}
    columns: dict[str, list[Any]] = {name: [] for name in CHANGE_COLUMNS}
    for name in names:
        one = known.get(name)
        cells = (None,) * 5 + ("",) if one is None else _cells(one)
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)
    return columns


def _cells(one: Change) -> tuple[Any, ...]:
    def number(value: float) -> float | None:
        return None if np.isnan(value) else value

    return (
        *(number(one.relative_change), number(one.delta_stable_rank)),
        *(float(side[0]) if side.size else None for side in (one.angles_left, one.angles_right)),
        *(one.intruders if one.is_computed else None, str(one.note)),
    )


def pattern(name: str, text: str) -> re.Pattern[str]:
    """Return the regular expression of an argument.

    Raises
    ------
    ArgumentError
        When it is none.

    Examples
    --------
    >>> pattern("include", "q_proj$").search("h.0.q_proj") is None
    False
    """
    try:
        return re.compile(text)
    except (re.error, TypeError, RecursionError) as error:
        reason = say("a regular expression ({reason})", reason=as_sentence(str(error)))
        raise ArgumentError(name, text, reason) from error
