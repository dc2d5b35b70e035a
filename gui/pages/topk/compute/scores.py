"""The scores in force: read from a file, drawn from a generator or pasted, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import choice, stored
from gui.core.declare.records import Record, Step, Value
from gui.core.figure.arrays import Floats, Ints
from gui.core.state.document import Opened, Rows, read_part
from gui.core.state.missing import nothing_left
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.topk.compute.inputs import Edits, InputSpec, Spec

if TYPE_CHECKING:
    from engine.jobs import Progress

FOLLOWED = 512  # up to here sweeps keep up with a moving slider

Order = Literal["index", "rank"]
ORDERS: Mapping[Order, str] = {"rank": "by rank", "index": "by index"}


class Shown(Record):
    """In which order the scores are drawn; the operators answer in it."""

    order: Order = choice(
        "rank",
        ORDERS,
        "&Order",
        "Sort by score, or leave in the order of the array",
        section="Shown",
    )


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


class Load(Step, key="scores", title="Reading the scores", live=False):
    """Read the line of the array, or draw the numbers."""

    spec: InputSpec = value_of(Spec)
    data: Opened | None = maybe_given(Opened)

    def run(self, progress: Progress | None = None) -> Scores:
        """Return the scores with their order.

        Raises
        ------
        engine.errors.DataError
            When a score is NaN or +inf, or when there is none.
        """
        spec = self.spec
        if spec.kind == "data":
            values = _read(spec, self.data, progress)
        elif spec.kind == "pasted":
            values = np.array(spec.numbers, dtype=np.float64)
        else:
            values = generate(spec.kind, spec.count, spec.seed)
        check_finite(values)
        return make_scores(spec, values)


class Dragged(Value):
    """The scores with the points that a person has moved, as long as they belong to this input."""

    base: Scores = answer_of(Load)
    edits: Edits | None = stored(None, "moved points", gesture=True)

    def value(self) -> Scores:
        """Return the scores in force."""
        points = self.edits.of(self.base.spec) if self.edits is not None else ()
        return with_points(self.base, points)


def unmasked(scores: Scores = value_of(Dragged)) -> int:
    """Return the largest k: how many scores are not -inf."""
    return scores.unmasked


def why_unmasked(scores: Scores = value_of(Dragged)) -> str:
    """Return what k is limited by, in words."""
    count, masked = scores.values.size, scores.values.size - scores.unmasked
    if not masked:
        return tr("{count} scores", count=count)
    return tr("{count} scores, {masked} of them masked", count=count, masked=masked)


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


def _read(spec: InputSpec, data: Opened | None, progress: Progress | None) -> Floats:
    from engine.errors import DataError

    ref = spec.ref
    if ref is None or data is None:
        raise DataError(tr("This file is no longer open. Open it again."))
    part = line_of(data, spec.axis, spec.position, progress)
    if np.iscomplexobj(part):
        raise DataError(tr("These scores are complex numbers, which have no order."))
    return np.array(part, dtype=np.float64).ravel()


def line_of(data: Opened, axis: str, position: Any, progress: Progress | None = None) -> Any:
    """Return a row or column (several for a slice) of an array, bad entries treated as chosen.

    Of columns, and of a vector, the entries of rows that are left out are -inf: masked. A row that
    is left out cannot be returned; of several the others are.

    Raises
    ------
    engine.errors.DataError
        When the row is left out, or every row is.
    """
    from engine.errors import DataError
    from engine.files import to_dense

    rows = data.rows
    if rows is not None and not rows.kept.size:
        raise DataError(nothing_left(data), rows.left_out)
    if len(data.ref.shape) == 1:
        part = to_dense(read_part(data.ref, data.source, progress))
        return _replaced(_masked(part, rows), data, axis, progress)
    if axis == "column":
        part = to_dense(read_part(data.ref, data.source, progress, cols=position))
        return _replaced(_masked(part, rows), data, axis, progress)
    part = to_dense(read_part(data.ref, data.source, progress, rows=position))
    if rows is None:
        return _replaced(part, data, axis, progress)
    stay = rows.spread(np.ones(rows.kept.size, dtype=bool))
    if isinstance(position, slice):
        return part[stay[position]]
    if not stay[position]:
        raise DataError(
            tr(
                "Row {row} is left out: it holds NaN or infinite entries. Choose another row, or "
                "replace its bad entries.",
                row=position,
            ),
            int(np.count_nonzero(~np.isfinite(part))),
        )
    return part


def _masked(part: Any, rows: Rows | None) -> Any:
    """Return entries of all rows with those of rows that are left out masked."""
    if rows is None:
        return part
    masked = np.full(part.shape, -np.inf)
    masked[rows.kept] = part[rows.kept]
    return masked


def _replaced(part: Any, data: Opened, axis: str, progress: Progress | None) -> Any:
    """Return what was read of an array as every page sees it (see ``Opened.repair``)."""
    if data.repair not in ("zero", "column_mean") or part.dtype.kind not in "fc":
        return part
    from engine.files import replace_nonfinite

    if len(data.ref.shape) == 1:
        # A matrix of one row: the mean of a column with one bad entry is the mean of nothing.
        return replace_nonfinite(part, "zero", progress)
    if data.repair == "zero" or axis == "column":
        return replace_nonfinite(part, data.repair, progress)
    rows = np.array(part, ndmin=2)
    for column in np.flatnonzero(~np.isfinite(rows).all(axis=0)):
        whole = np.asarray(read_part(data.ref, data.source, cols=int(column))).ravel()
        mean = replace_nonfinite(whole, "column_mean", progress)[~np.isfinite(whole)][0]
        rows[~np.isfinite(rows[:, column]), column] = mean
    return rows.reshape(part.shape)
