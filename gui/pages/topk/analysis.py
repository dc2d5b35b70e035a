"""Heavier questions about the operators: heat map, derivatives and expert load.

Requests as in :mod:`gui.pages.topk.requests`, each computed only while its view is on screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.state.document import DataRef
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.requests import evaluate
from gui.pages.topk.scores import Floats, Ints, Scores, spoken
from gui.pages.topk.state import TAU_MAX, TAU_MIN, AxisKind, Direction, Order

if TYPE_CHECKING:
    from engine.jobs import Progress

HEAT_COLUMNS = 512
STARVED = 0.5
_ROWS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class HeatMap:
    """p of operator ``key``: (taus, columns); a column is the mean of up to ``block`` scores."""

    key: str
    taus: Floats
    p: Floats
    block: int


@dataclass(frozen=True, eq=False)
class ComputeHeat:
    """p over (place, tau) of one operator; places as drawn, by index or by rank."""

    scores: Scores
    k: float
    key: str
    by: Order
    points: int = 73

    def run(self, progress: Progress | None = None) -> HeatMap:
        """Return the map; temperatures the operator refuses are NaN rows."""
        from engine.jobs import checkpoint

        size = self.scores.size
        block = -(-size // HEAT_COLUMNS)
        starts = np.arange(0, size, block)
        lengths = np.diff(np.append(starts, size))
        taus = np.geomspace(TAU_MIN, TAU_MAX, self.points)
        rows = np.full((self.points, starts.size), np.nan)
        for row, tau in enumerate(taus):
            checkpoint(progress, row / self.points, spoken(self.scores, tr("Heat map")))
            p = evaluate(self.key, self.scores, self.k, float(tau), self.by).p
            if p is not None:
                rows[row] = np.add.reduceat(p, starts) / lengths
        return HeatMap(self.key, taus, rows, block)


@dataclass(frozen=True, eq=False)
class JacobianPart:
    """The whole Jacobian of ``focus``, or column ``column`` of several operators' Jacobians."""

    focus: str
    column: int
    matrix: Floats | None
    columns: dict[str, Floats]
    errors: dict[str, str]


@dataclass(frozen=True, eq=False)
class ComputeJacobian:
    """The Jacobian of ``focus`` (``column`` None) or one column of every operator's."""

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]
    focus: str
    column: int | None

    def run(self, progress: Progress | None = None) -> JacobianPart:
        """Return the matrix or the columns.

        Raises
        ------
        engine.errors.RankscopeError
            When the operator in focus refuses the whole matrix.
        """
        from engine.topk import get_operator

        if self.column is None:
            tau = dict(self.taus)[self.focus]
            matrix = get_operator(self.focus).jacobian(self.scores.values, self.k, tau)
            return JacobianPart(self.focus, -1, np.asarray(matrix, np.float64), {}, {})
        unit = np.zeros(self.scores.size)
        unit[self.column] = 1.0
        columns, errors = _products("jvp", self.scores, self.k, self.taus, unit, progress)
        return JacobianPart(self.focus, self.column, None, columns, errors)


@dataclass(frozen=True, eq=False)
class Gradients:
    """dL/dx of every operator for one loss L = sum g_i p_i."""

    direction: Floats
    values: dict[str, Floats]
    errors: dict[str, str]


@dataclass(frozen=True, eq=False)
class ComputeGradients:
    """The gradient that reaches the scores from a loss linear in p."""

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]
    direction: Direction
    seed: int = 0

    def run(self, progress: Progress | None = None) -> Gradients:
        """Return ``J^T g`` per operator."""
        g = loss_direction(self.scores, self.k, self.direction, self.seed)
        values, errors = _products("vjp", self.scores, self.k, self.taus, g, progress)
        return Gradients(g, values, errors)


@dataclass(frozen=True, eq=False)
class ExpertLoad:
    """Sum of p over ``rows`` rows, per expert and operator; ``fair`` is rows * k / experts."""

    rows: int
    experts: int
    fair: float
    load: dict[str, Floats]
    errors: dict[str, str]

    def starved(self, key: str) -> Ints:
        """Return the experts that get less than half of the fair share under operator ``key``."""
        return np.flatnonzero(self.load[key] < STARVED * self.fair)


@dataclass(frozen=True, eq=False)
class ComputeLoad:
    """Route every row (or column) of an array and add up what each expert receives."""

    ref: DataRef
    axis: AxisKind
    k: float
    taus: tuple[tuple[str, float], ...]
    source: Any = field(default=None, repr=False)

    def run(self, progress: Progress | None = None) -> ExpertLoad:
        """Return the load; an operator that refuses a row is left out with its reason."""
        from engine.errors import RankscopeError
        from engine.jobs import checkpoint
        from engine.topk import get_operator

        rows, experts = self.ref.shape if self.axis == "row" else self.ref.shape[::-1]
        load = {key: np.zeros(experts) for key, _ in self.taus}
        errors: dict[str, str] = {}
        for start in range(0, rows, _ROWS_AT_ONCE):
            block = self._block(start, min(start + _ROWS_AT_ONCE, rows))
            for key, tau in self.taus:
                checkpoint(progress, start / rows, tr("Adding up the load of every expert"))
                if key in errors:
                    continue
                try:
                    load[key] += get_operator(key)(block, self.k, tau).sum(axis=0)
                except RankscopeError as error:
                    errors[key] = tr_sentence(error)
        kept = {key: value for key, value in load.items() if key not in errors}
        return ExpertLoad(rows, experts, rows * self.k / experts, kept, errors)

    def _block(self, start: int, stop: int) -> Floats:
        part = slice(start, stop)
        index = self.ref.index or None
        if self.axis == "row":
            values = self.source.read(self.ref.entry, rows=part, index=index)
            return np.asarray(values, dtype=np.float64)
        values = self.source.read(self.ref.entry, cols=part, index=index)
        return np.ascontiguousarray(np.asarray(values, dtype=np.float64).T)


def loss_direction(scores: Scores, k: float, direction: Direction, seed: int = 0) -> Floats:
    """Return g of the loss L = sum g_i p_i.

    Parameters
    ----------
    direction : str
        "first_out" (the largest score left out), "last_in" (the smallest one kept), "scores"
        (the scores themselves), "ramp" (growing with the index) or "random" (normal).
    """
    size = scores.size
    if direction == "scores":
        return np.where(np.isfinite(scores.values), scores.values, 0.0)
    if direction == "ramp":
        return np.linspace(-1.0, 1.0, size)
    if direction == "random":
        return np.random.default_rng(seed).normal(size=size)
    g = np.zeros(size)
    rank = round(k) if direction == "first_out" else round(k) - 1
    g[scores.order[min(max(rank, 0), size - 1)]] = 1.0
    return g


def _products(
    kind: str,
    scores: Scores,
    k: float,
    taus: tuple[tuple[str, float], ...],
    vector: Floats,
    progress: Progress | None,
) -> tuple[dict[str, Floats], dict[str, str]]:
    from engine.errors import RankscopeError
    from engine.jobs import checkpoint
    from engine.topk import get_operator

    values: dict[str, Floats] = {}
    errors: dict[str, str] = {}
    for place, (key, tau) in enumerate(taus):
        checkpoint(progress, place / len(taus))
        try:
            product = getattr(get_operator(key), kind)(scores.values, k, tau, vector)
        except RankscopeError as error:
            errors[key] = tr_sentence(error)
        else:
            values[key] = np.asarray(product, dtype=np.float64)
    return values, errors
