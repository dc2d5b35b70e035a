"""What training changed: every matrix of a tuned model against its base."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_count
from engine.checkpoint.angles import intruder_dimensions, principal_angles
from engine.checkpoint.changes.matching import Alone, Model, Pair, match, opened
from engine.checkpoint.fused import upright
from engine.checkpoint.listing import Checkpoint
from engine.checkpoint.sweeping.pace import Pace
from engine.checkpoint.sweeping.rows import stored
from engine.checkpoint.sweeping.ways import (
    at_once,
    count_of_workers,
    in_threads,
    require_room_at_once,
)
from engine.errors import ArgumentError, RankscopeError
from engine.jobs import Cancelled, Progress
from engine.sentences import as_sentence, joined, say
from engine.spectrum import estimate_bytes, singular_values, svd_factors, truncated_svd
from engine.spectrum.linalg.checks import finite_matrix

FloatArray = npt.NDArray[np.float64]
_LEADING = 10
_OVERHEAD = 0.01  # seconds of a pair besides its decompositions
_RATE = 2e-9  # seconds of m n min(m, n): values of the change, all vectors of the base
CHANGE_COLUMNS = (
    *("relative_change", "delta_stable_rank", "angle_left", "angle_right"),
    *("intruders", "change_note"),
)


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one matrix; ``D = W_tuned - W_base`` in float64.

    Attributes
    ----------
    name : str
        Of the matrix in the base.
    layer : int or None
    role : str
    relative_change : float
        ``||D||_F / ||W_base||_F``; inf where the base is 0 and the change is not, NaN where it
        could not be computed.
    delta_stable_rank : float
        ``||D||_F^2 / ||D||_2^2``; 0 where nothing changed.
    delta_values : ndarray of shape (min(m, n),), float64
        Singular values of D, descending; all 0 where nothing changed.
    angles_left, angles_right : ndarray of shape (rank,), float64
        Principal angles between the leading left (right) singular vectors, in radians, descending;
        left is the side of the outputs.
    intruders : int
        How many of the ten leading left singular vectors of the tuned matrix resemble none of the
        base (`intruder_dimensions`).
    note : str
        What was done to make the two comparable, that nothing changed, or what went wrong.
    tuned : str
        Name of the matrix in the tuned model.
    """

    name: str
    layer: int | None
    role: str
    relative_change: float = np.nan
    delta_stable_rank: float = np.nan
    delta_values: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    angles_left: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    angles_right: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    intruders: int = 0
    note: str = ""
    tuned: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether there are figures; otherwise the note says why not."""
        return not np.isnan(self.relative_change)


def compare(
    base: Model,
    tuned: Model,
    rank: int = 8,
    include: str = "",
    progress: Progress | None = None,
    workers: int | None = None,
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
    found = changes_of(chosen, models, count, progress, workers)
    changes = dict(found)
    rows = tuple(changes[number] for number in range(len(chosen)))
    return rows, tuple(one for one in alone if wanted.search(one[0]))


def changes_of(
    pairs: Sequence[Pair],
    models: tuple[Checkpoint, Checkpoint],
    rank: int = 8,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Generator[tuple[int, Change], None, None]:
    """Compare pairs of matrices, several at once; each with its number, in the order they come.

    Processes, where there is enough to do for them, end with the generator.

    Parameters
    ----------
    pairs : sequence of Pair
        Of `match`.
    models : (Checkpoint, Checkpoint)
        Base and tuned, of which the pairs are.
    rank, progress, workers
        As for `compare`.

    Raises
    ------
    ArgumentError, TooLarge, Cancelled
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
    # Arrays in memory are in this process only.
    here = tuple(None if os.path.isfile(one.path) else one for one in models)
    require_room_at_once(models[1].path, map(_room_of, pairs), count, say("The comparison"))
    tasks = [PairTask(pair, rank, *here) for pair in pairs]
    way = at_once(tasks, count) if here == (None, None) else in_threads(tasks, count)
    with closing(way) as answers:
        for answer in answers:
            if answer is not None:
                pace.add(answer[0])
                yield answer
            pace.tell()


@dataclass(frozen=True)
class PairTask:
    """A pair as a task of `ways`; with the models whose numbers lie in no file."""

    pair: Pair
    rank: int
    base: Checkpoint | None = None
    tuned: Checkpoint | None = None

    @property
    def seconds(self) -> float:
        """About how long it takes one core."""
        return seconds_of(self.pair)

    def run(self, known: Collection[str], progress: Progress | None = None) -> Change:
        """Return the change, with a note where it cannot be computed."""
        try:
            return _change(self.pair, (self.base, self.tuned), self.rank, progress)
        except Cancelled:
            raise
        except RankscopeError as error:
            return self.lost(error.sentence)
        except MemoryError:
            return self.lost(say("There is not enough memory to compute this matrix."))
        except Exception as error:  # one pair must not end the work on all the others
            text = "An unexpected error ({kind}: {reason}). Please report it as a bug."
            return self.lost(say(text, kind=type(error).__name__, reason=str(error)))

    def learnt(self, answer: Change) -> str:
        """Return that nothing is known of other pairs from it."""
        return ""

    def lost(self, problem: str) -> Change:
        """Return the change that could not be computed."""
        return _row(self.pair, note=joined(problem, self.pair.note))


def _room_of(pair: Pair) -> int:
    """Return about how many bytes a comparison takes: three matrices, all vectors of the base."""
    rows, columns = pair.base.shape
    return 24 * rows * columns + estimate_bytes(pair.base.shape, np.float64, vectors=True)


def seconds_of(pair: Pair) -> float:
    """Return about how many seconds of one core the comparison of a pair takes.

    A decomposition takes m n min(m, n); what has not changed takes less.

    Examples
    --------
    >>> from engine.checkpoint import Matrix, role_of
    >>> q = Matrix("q", "m", "q", None, (512, 512), "float32", role_of("q"))
    >>> 0.1 < seconds_of(Pair("q", q, q)) < 2.0
    True
    """
    rows, columns = pair.base.shape
    return _OVERHEAD + _RATE * rows * columns * min(rows, columns)


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


def difference(
    pair: Pair,
    models: tuple[Checkpoint | None, Checkpoint | None],
    progress: Progress | None = None,
) -> tuple[Any, Any, bool]:
    """Return ``W_base`` and ``W_tuned`` in float64, and whether any number differs.

    A matrix is read of its model, None for the file that it names.

    Raises
    ------
    FileError
        When one cannot be read.
    DataError
        For NaN or infinite entries.
    """
    sides = zip(("base", "tuned"), models, (pair.base, pair.tuned), strict=True)
    first, second = (
        finite_matrix(name, stored(one, progress) if model is None else model.read(one, progress))
        for name, model, one in sides
    )
    return first, second, not np.array_equal(first, second)


def _change(
    pair: Pair,
    models: tuple[Checkpoint | None, Checkpoint | None],
    rank: int,
    progress: Progress | None,
) -> Change:
    # Left is the side of the outputs, however a library keeps it.
    pair = replace(pair, base=upright(pair.base), tuned=upright(pair.tuned))
    first, second, is_changed = difference(pair, models, progress)
    count = min(rank, *first.shape)
    if not is_changed:
        return _row(
            pair,
            relative_change=0.0,
            delta_stable_rank=0.0,
            delta_values=np.zeros(min(first.shape)),
            angles_left=np.zeros(count),
            angles_right=np.zeros(count),
            note=joined(say("Unchanged."), pair.note),
        )
    delta = singular_values(second - first, progress=progress)
    known = svd_factors(first, progress)
    leading = truncated_svd(second, min(max(count, _LEADING), *second.shape), progress=progress)
    size = float(np.linalg.norm(known.s))
    return _row(
        pair,
        relative_change=delta.frobenius / size if size > 0.0 else np.inf,
        delta_stable_rank=(delta.frobenius / float(delta.values[0])) ** 2,
        delta_values=delta.values,
        angles_left=_angles(known.u[:, :count], leading.u[:, :count]),
        angles_right=_angles(known.vh[:count].conj().T, leading.vh[:count].conj().T),
        intruders=len(intruder_dimensions(known, leading, _LEADING)),
        note=pair.note,
    )


def _angles(before: Any, after: Any) -> FloatArray:
    return principal_angles(before, after) if before.shape[1] else np.zeros(0)


def _row(pair: Pair, **known: Any) -> Change:
    role = pair.base.role
    return Change(pair.name, role.layer, role.role, tuned=pair.tuned.name, **known)
