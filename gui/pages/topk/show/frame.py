"""What all plots over the scores share: scores, k, and the place of every score on the x axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from gui.core.declare.marks import maybe_given, value_of
from gui.core.declare.records import Plot
from gui.core.figure.arrays import Floats, Ints
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.state.document import Opened
from gui.core.state.missing import repair_meta
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.topk.compute.catalogue import Infos, infos
from gui.pages.topk.compute.inputs import InputSpec, line_name, names
from gui.pages.topk.compute.outputs import Kept, OperatorOutput
from gui.pages.topk.compute.scores import Dragged, Order, Scores, Shown, hard_mask
from gui.pages.topk.show.sentences import input_title

FEW = 128  # up to here single scores are told apart by a symbol each


@dataclass(frozen=True, eq=False)
class HeldOrder:
    """The order at the start of a drag: the point stays under the mouse until it is let go.

    Given by the screen; it counts for the input it was taken from, and no other.
    """

    spec: InputSpec
    order: Ints


@dataclass(frozen=True)
class Witness:
    """Given by the screen: the scores that show what a chosen cell of the law table says.

    ``operator`` is the one that the cell is about.
    """

    scores: Scores
    operator: str
    indices: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Frame:
    """What all figures of one moment share: scores, k, and the sequence they are drawn in."""

    scores: Scores
    k: float
    by: Order
    order: Ints
    names: Sequence[str] = ()

    @property
    def places(self) -> Ints:
        """Score indices in the sequence they are drawn."""
        return self.order if self.by == "rank" else _count(self.scores.size)

    @property
    def x(self) -> Floats:
        """Positions on the x axis: ranks from 1, or indices from 0."""
        return _positions(self.scores.size, 1.0 if self.by == "rank" else 0.0)

    @property
    def y(self) -> Floats:
        """The scores in drawing sequence."""
        if self.order is self.scores.order:
            return self.scores.along(self.by)
        return self.arranged(self.scores.values)

    def arranged(self, values: Floats) -> Floats:
        """Return per-score ``values`` in drawing sequence."""
        return values[self.order] if self.by == "rank" else values

    def placed(self, output: OperatorOutput) -> Floats:
        """Return p in drawing sequence; free where it was computed in that sequence."""
        if output.by == self.by and (self.by == "index" or self.order is output.scores.order):
            return output.p
        return self.arranged(output.by_index())

    def kept(self, k: float) -> Floats:
        """Return the hard mask in drawing sequence."""
        if self.order is self.scores.order:
            return hard_mask(self.scores, k, self.by)
        return self.arranged(hard_mask(self.scores, k))

    def axis(self) -> Axis:
        """Return the x axis of plots over the scores."""
        by_rank = self.by == "rank"
        axis = Axis(tr("rank (1 = largest score)") if by_rank else tr("index"), log_locked=True)
        if len(self.names) != self.scores.size:
            return axis
        if by_rank:  # many names in ever another order are looked up when they are read
            return replace(axis, names=Arranged(self.names, self.order), first=1)
        return axis.named(self.names)


class Arranged(Sequence[str]):
    """Names in another order, looked up one by one."""

    def __init__(self, names: Sequence[str], order: Ints) -> None:
        self._names, self._order = names, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> str:  # type: ignore[override]
        return self._names[int(self._order[place])]


def called(names: Sequence[str], index: int) -> str:
    """Return the number of a score and, where the file has one, its name.

    Examples
    --------
    >>> called(("a", "b"), 1), called((), 1)
    ('1 (b)', '1')
    """
    name = names[index] if index < len(names) else ""
    return f"{index} ({name})" if name else str(index)


class OverScores(Plot):
    """A plot of the scores in force."""

    scores: Scores = value_of(Dragged)
    k: float = Kept.k
    infos: Infos = value_of(infos)
    data: Opened | None = maybe_given(Opened)
    line: str = value_of(line_name)

    @property
    def meta(self) -> Mapping[str, str]:
        """Where the figure comes from, for exports."""
        spec, data = self.scores.spec, self.data
        said = repair_meta(data) if data is not None and spec.kind == "data" else {}
        return {"source": input_title(spec, self.line), **said}


class Framed(OverScores):
    """A plot with a score at every place of the x axis."""

    order: Order = Shown.order
    held: HeldOrder | None = maybe_given(HeldOrder)
    names: tuple[str, ...] = value_of(names)

    @property
    def frame(self) -> Frame:
        """Return the frame; while a point is dragged its order may lag behind that of the scores.

        The held order is compared with the scores drawn: those of a plot that lags are older.
        """
        held = self.held
        mine = held is not None and held.spec == self.scores.spec
        order = held.order if mine and held is not None else self.scores.order
        return Frame(self.scores, self.k, self.order, order, self.names)


@lru_cache(maxsize=4)
def _positions(size: int, start: float) -> Floats:
    # One array per size: the view looks at the order of x again only when it is another array.
    positions = np.arange(start, start + size)
    positions.flags.writeable = False
    return positions


@lru_cache(maxsize=4)
def _count(size: int) -> Ints:
    return np.arange(size)


def k_cursor(k: float, top: float, color: str = "ink") -> Cursor:
    """Return the line that k is dragged by, up to ``top``."""
    label = tr("k = {k}", k=f"{k:g}")
    return Cursor("k", label, "x", k, True, (0.0, top), 1.0, color=color)


def curves(frame: Frame, values: Mapping[str, Floats], infos: Infos) -> tuple[Series, ...]:
    """Return a curve for every operator in ``values``, which are by index."""
    return tuple(
        Series(
            key,
            infos[key].name,
            frame.x,
            frame.arranged(value),
            color=infos[key].color,
            dash=infos[key].dash,
        )
        for key, value in values.items()
    )


def by_differences(keys: Iterable[str], infos: Infos) -> str:
    """Return which of the derivatives shown are differences of outputs, "" where none is."""
    names = [infos[key].name for key in keys if infos[key].by_differences]
    return tr("By differences of outputs: {names}.", names=", ".join(names)) if names else ""


def refused(errors: Mapping[str, str], infos: Infos) -> str:
    """Return the first of several refusals as a sentence, "" where there is none."""
    if not errors:
        return ""
    key, error = next(iter(errors.items()))
    return tr("{name}: {error}", name=infos[key].name, error=error)


def marks(frame: Frame, y: Floats, witness: Witness | None) -> tuple[Series, ...]:
    """Return the scores that show a violation; of other scores than these they say nothing."""
    if witness is None or witness.scores is not frame.scores:
        return ()
    inside = [index for index in witness.indices if 0 <= index < frame.scores.size]
    if not inside:
        return ()
    rows = np.flatnonzero(np.isin(frame.places, inside))
    x = frame.x[rows]
    return (Series("witness", tr("witness"), x, y[rows], color="warning", symbol="d", line=False),)


def own_taus(taus: Sequence[tuple[str, float]], infos: Infos) -> dict[str, str]:
    """Return each operator's own tau as an export says it ("tau sigmoid")."""
    return {f"tau {key}": f"{tau:.6g}" for key, tau in taus if infos[key].has_tau}


def nobody() -> Figure:
    """Return what a plot says while no operator is compared."""
    return Figure(legend=False, note=tr("Tick at least one operator."))
