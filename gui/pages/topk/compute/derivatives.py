"""How the outputs depend on the scores: the Jacobian, and the gradient that reaches each score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import choice, stored
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.topk.compute.catalogue import Detail
from gui.pages.topk.compute.following import Following
from gui.pages.topk.compute.inputs import Spec
from gui.pages.topk.compute.outputs import Kept, Taus, taus
from gui.pages.topk.compute.refused import Refused
from gui.pages.topk.compute.scores import Dragged, Scores

if TYPE_CHECKING:
    from engine.jobs import Progress

JACOBIAN_MAX = 512  # scores; up to here the whole matrix is shown

JacobianMode = Literal["matrix", "column"]
MODES: Mapping[JacobianMode, str] = {
    "matrix": "whole matrix",
    "column": "one column, all operators",
}
Direction = Literal["first_out", "last_in", "scores", "ramp", "random"]
LOSSES: Mapping[Direction, str] = {
    "first_out": "p of the first score left out",
    "last_in": "p of the last score kept",
    "scores": "sum x_i p_i, x held fixed",
    "ramp": "sum g_i p_i, g rising with the index",
    "random": "sum g_i p_i, g random",
}


def _at_least_boundary(column: int) -> int:
    return max(int(column), -1)


class Part(Record):
    """Which part of the Jacobian is shown; ``column`` -1 follows the score at the boundary."""

    jacobian_mode: JacobianMode = choice(
        "matrix", MODES, "Show", "J_ij = dp_i / dx_j", view="jacobian", undo="Jacobian view"
    )
    column: int = stored(-1, "chosen score", clean=_at_least_boundary)


def is_too_large(
    scores: Scores = value_of(Dragged), mode: JacobianMode = Part.jacobian_mode
) -> bool:
    """Return whether a whole matrix is asked for that is not shown."""
    return mode == "matrix" and scores.size > JACOBIAN_MAX


def shown_column(
    scores: Scores = value_of(Dragged),
    k: float = Kept.k,
    mode: JacobianMode = Part.jacobian_mode,
    column: int = Part.column,
) -> int | None:
    """Return the score whose column is shown, None for the whole matrix."""
    if mode == "matrix" and scores.size <= JACOBIAN_MAX:
        return None
    if 0 <= column < scores.size:
        return column
    return _at_rank(scores, round(k) - 1)


def _at_rank(scores: Scores, rank: int) -> int:
    """Return the score at a rank from 0, or at the nearest that there is."""
    return int(scores.order[min(max(rank, 0), scores.size - 1)])


@dataclass(frozen=True, eq=False)
class JacobianPart:
    """The whole Jacobian of ``focus``, or column ``column`` of several operators' Jacobians."""

    focus: str
    column: int
    matrix: Floats | None
    columns: dict[str, Floats]
    errors: dict[str, str]


class Jacobian(Following, key="jacobian"):
    """The Jacobian of the operator in detail, or one column of every operator's."""

    taus: Taus = value_of(taus)
    focus: str = Detail.focus
    column: int | None = value_of(shown_column)

    def run(self, progress: Progress | None = None) -> JacobianPart:
        """Return the matrix or the columns.

        Raises
        ------
        engine.errors.RankscopeError, Refused
            When the operator in detail refuses the whole matrix.
        """
        from engine.topk import get_operator

        if self.column is not None or not self.taus:
            column = -1 if self.column is None else self.column
            unit = np.zeros(self.scores.size)
            unit[column] = 1.0
            columns, errors = _products("jvp", self.scores, self.k, self.taus, unit, progress)
            return JacobianPart(self.focus, column, None, columns, errors)
        tau, operator = dict(self.taus).get(self.focus), get_operator(self.focus)
        if tau is None:
            name = tr(operator.title)
            raise Refused(tr("{name} does not answer at this softness.", name=name), "operator")
        matrix = operator.jacobian(self.scores.values, self.k, tau)
        return JacobianPart(self.focus, -1, np.asarray(matrix, np.float64), {}, {})


@dataclass(frozen=True, eq=False)
class GradientParts:
    """dL/dx of every operator for one loss L = sum g_i p_i."""

    direction: Floats
    values: dict[str, Floats]
    errors: dict[str, str]


class Loss(Record):
    """The loss whose gradient is shown."""

    direction: Direction = choice(
        "first_out", LOSSES, "Loss L", "dL/dx = J^T g, g = dL/dp", view="gradient", undo="loss"
    )


class Gradient(Following, key="gradient"):
    """The gradient that reaches the scores from a loss linear in p."""

    taus: Taus = value_of(taus)
    direction: Direction = Loss.direction
    seed: int = Spec.seed

    def run(self, progress: Progress | None = None) -> GradientParts:
        """Return ``J^T g`` per operator."""
        g = loss_direction(self.scores, self.k, self.direction, self.seed)
        values, errors = _products("vjp", self.scores, self.k, self.taus, g, progress)
        return GradientParts(g, values, errors)


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
    g[_at_rank(scores, rank)] = 1.0
    return g


def _products(
    kind: str,
    scores: Scores,
    k: float,
    taus: Taus,
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
