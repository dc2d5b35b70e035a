"""The scores in force: read from a file, drawn from a generator or pasted, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.words.i18n import tr
from gui.pages.topk.state import InputSpec, Order

if TYPE_CHECKING:
    from engine.jobs import Progress

FOLLOWED = 512  # up to here sweeps keep up with a moving slider
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores in force; ``order`` lists the indices from the largest score down.

    Among ties the lower index comes first, as for the hard mask. ``ranked`` are the values in that
    order, kept so that nothing is gathered again while a slider moves. ``unmasked`` counts the
    scores that are not -inf: the largest k.
    """

    spec: InputSpec
    values: Floats
    order: Ints
    ranked: Floats
    unmasked: int

    @property
    def size(self) -> int:
        """How many scores there are, masked ones included."""
        return int(self.values.size)

    def along(self, by: Order) -> Floats:
        """Return the values by index or by rank."""
        return self.ranked if by == "rank" else self.values


@dataclass(frozen=True, eq=False)
class LoadScores:
    """Read or draw the scores of ``spec``; ``source`` is the opened file, opaque here."""

    spec: InputSpec
    source: Any = field(default=None, repr=False)

    def run(self, progress: Progress | None = None) -> Scores:
        """Return the scores with their order."""
        spec = self.spec
        if spec.kind == "data":
            values = _read(spec, self.source, progress)
        elif spec.kind == "pasted":
            values = np.array(spec.numbers, dtype=np.float64)
        else:
            values = generate(spec.kind, spec.count, spec.seed)
        check_finite(values)
        return make_scores(spec, values)


def spoken(scores: Scores, text: str) -> str:
    """Return the progress phrase ``text``, or "" for work too short to be spoken of.

    A sweep of few scores follows the slider many times a second; a report each would only cost
    the interface time.
    """
    return text if scores.size > FOLLOWED else ""


def generate(kind: str, count: int, seed: int) -> Floats:
    """Return ``count`` scores of a kind ("normal", "uniform", "heavy", "ties").

    Examples
    --------
    >>> len(np.unique(generate("ties", 100, 0))) <= 5
    True
    """
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return rng.uniform(-1.0, 1.0, count)
    if kind == "heavy":
        return rng.standard_t(2.0, count)
    if kind == "ties":
        return rng.integers(0, 5, count).astype(np.float64)
    return rng.normal(0.0, 1.0, count)


def make_scores(spec: InputSpec, values: Floats) -> Scores:
    """Return ``values`` read-only, with their descending order (ties: lower index first)."""
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    for array in (values, order, ranked):
        array.flags.writeable = False
    return Scores(spec, values, order, ranked, int(np.count_nonzero(np.isfinite(values))))


def with_points(scores: Scores, points: tuple[tuple[int, float], ...]) -> Scores:
    """Return ``scores`` with dragged points put in; indices out of range are left out."""
    if not points:
        return scores
    values = scores.values.copy()
    for index, value in points:
        if 0 <= index < values.size:
            values[index] = value
    return make_scores(scores.spec, values)


def check_finite(values: Floats) -> None:
    """Refuse scores no operator can answer, naming how many there are and where the first is.

    Raises
    ------
    engine.errors.DataError
        When a score is NaN or +inf, or when there is none.
    """
    from engine.errors import DataError

    if values.size == 0:
        raise DataError(tr("This array holds no scores."))
    bad = ~(values < np.inf)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise DataError(
            tr(
                "NaN or +inf: {count} of {total} scores, the first ({value}) at index {first}. "
                "Scores are finite, or -inf to mask one out.",
                count=int(bad.sum()),
                total=values.size,
                value=values[first],
                first=first,
            ),
            int(bad.sum()),
            (first,),
        )
    if not np.isfinite(values).any():
        raise DataError(tr("All {total} scores are -inf (masked out).", total=values.size))


def boundary_ranks(size: int, k: float, around: int = 2) -> tuple[int, ...]:
    """Return the ranks (from 0) next to the boundary, ``around`` on either side.

    Examples
    --------
    >>> boundary_ranks(10, 3)
    (1, 2, 3, 4)
    """
    middle = round(k)
    return tuple(range(max(middle - around, 0), min(middle + around, size)))


@lru_cache(maxsize=4)
def hard_mask(scores: Scores, k: float, by: Order = "index") -> Floats:
    """Return the hard mask of round(k) scores: the reference every difference is taken from.

    Remembered, because it stays the same while tau moves.
    """
    mask = np.zeros(scores.size)
    kept = slice(0, round(k)) if by == "rank" else scores.order[: round(k)]
    mask[kept] = 1.0
    mask.flags.writeable = False
    return mask


def mass_moved(p: Floats, mask: Floats, k: float) -> float:
    """Return sum |p - T_k| / round(k), 0 for an empty mask.

    Examples
    --------
    >>> mass_moved(np.array([0.75, 0.5, 0.75]), np.array([1.0, 0.0, 1.0]), 2)
    0.5
    """
    if round(k) == 0:
        return 0.0
    if p.min() >= 0.0 and p.max() <= 1.0:
        # What the kept ones lack and the others have: no array of differences, whose memory
        # would cost more than the sums. Nor BLAS, whose threads wait for one another.
        kept = float(np.einsum("i,i->", p, mask))
        return max(0.0, round(k) - kept + float(p.sum()) - kept) / round(k)
    return float(np.abs(p - mask).sum()) / round(k)


def _read(spec: InputSpec, source: Any, progress: Progress | None) -> Floats:
    from engine.errors import DataError

    ref = spec.ref
    if ref is None or source is None:
        raise DataError(tr("This file is no longer open. Open it again."))
    index = ref.index or None
    if len(ref.shape) == 1:
        part = source.read(ref.entry, index=index, progress=progress)
    elif spec.axis == "row":
        part = source.read(ref.entry, rows=spec.position, index=index, progress=progress)
    else:
        part = source.read(ref.entry, cols=spec.position, index=index, progress=progress)
    part = np.asarray(part)
    if np.iscomplexobj(part):
        raise DataError(tr("These scores are complex numbers, which have no order."))
    return np.array(part, dtype=np.float64).ravel()
