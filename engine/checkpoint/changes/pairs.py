"""One matrix of a tuned model against that of its base, wherever it is computed."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.checkpoint.angles import intruder_dimensions, principal_angles
from engine.checkpoint.changes.matching import Pair
from engine.checkpoint.fused import upright
from engine.checkpoint.listing import Checkpoint, Matrix
from engine.checkpoint.sweeping.carried import Carried, pack
from engine.checkpoint.sweeping.rows import stored
from engine.errors import RankscopeError
from engine.jobs import Cancelled, Progress
from engine.sentences import joined, say
from engine.spectrum import estimate_bytes, singular_values, svd_factors, truncated_svd
from engine.spectrum.linalg.checks import finite_matrix

FloatArray = npt.NDArray[np.float64]
Read = Checkpoint | Carried  # what a matrix is read of
_LEADING = 10
_OVERHEAD = 0.01  # seconds of a pair besides its decompositions
_RATE = 2e-9  # seconds of m n min(m, n): values of the change, all vectors of the base


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


@dataclass(frozen=True)
class PairTask:
    """A pair as a task of `ways`; with the models whose numbers lie in no file."""

    pair: Pair
    rank: int
    base: Read | None = None
    tuned: Read | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of both, none where one is in memory."""
        if self.base is not None or self.tuned is not None:
            return ()
        sides = self.pair.base, self.pair.tuned
        return tuple(path for one in sides for path in (one.path, *one.files))

    def carrying(self, progress: Progress | None = None) -> PairTask:
        """Return the task with the numbers of both."""
        pair = _upright(self.pair)
        both = (pair.base, self.base), (pair.tuned, self.tuned)
        carried = (Carried(pack(_numbers(one, model, progress))) for one, model in both)
        return PairTask(pair, self.rank, *carried)

    @property
    def seconds(self) -> float:
        """About how long it takes one core."""
        return seconds_of(self.pair)

    @property
    def room(self) -> int:
        """About how many bytes it takes."""
        return room_of(self.pair)

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


def room_of(pair: Pair) -> int:
    """Return about how many bytes a pair takes: three matrices, and all triplets of one.

    Examples
    --------
    >>> from engine.checkpoint import Matrix, role_of
    >>> q = Matrix("q", "m", "q", None, (512, 512), "float32", role_of("q"))
    >>> room_of(Pair("q", q, q)) > 24 * 512 * 512
    True
    """
    shape = pair.base.shape
    return 24 * math.prod(shape) + estimate_bytes(shape, np.float64, vectors=True)


def difference(
    pair: Pair,
    models: tuple[Read | None, Read | None],
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
        finite_matrix(name, _numbers(one, model, progress)) for name, model, one in sides
    )
    return first, second, not np.array_equal(first, second)


def _numbers(one: Matrix, model: Read | None, progress: Progress | None) -> Any:
    return stored(one, progress) if model is None else model.read(one, progress)


def _upright(pair: Pair) -> Pair:
    return replace(pair, base=upright(pair.base), tuned=upright(pair.tuned))


def _change(
    pair: Pair,
    models: tuple[Read | None, Read | None],
    rank: int,
    progress: Progress | None,
) -> Change:
    # Left is the side of the outputs, however a library keeps it.
    pair = _upright(pair)
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
