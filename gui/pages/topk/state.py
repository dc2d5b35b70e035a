"""What the Top-k page remembers, and what follows from it without remembering.

Only simple frozen values live here. Everything a person can see is either a field of
``TopkState`` or derived from it and the selected array by one of the functions below, so that
undo, sessions and ``render`` need nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from gui.core.state.document import DataRef

InputKind = Literal["data", "normal", "uniform", "heavy", "ties", "pasted"]
AxisKind = Literal["row", "column"]
Order = Literal["index", "rank"]
Quantity = Literal["output", "difference"]
LowerView = Literal["tau", "k", "heat", "jacobian", "gradient", "load", "laws", "claims"]
SweepQuantity = Literal["boundary", "moved"]
Comparison = Literal["tau", "mass", "entropy"]
Direction = Literal["first_out", "last_in", "scores", "ramp", "random"]
JacobianMode = Literal["matrix", "column"]

GENERATORS: tuple[InputKind, ...] = ("normal", "uniform", "heavy", "ties")
LOWER_VIEWS: tuple[LowerView, ...] = (
    "tau",
    "k",
    "heat",
    "jacobian",
    "gradient",
    "load",
    "laws",
    "claims",
)

TAU_MIN, TAU_MAX = 1e-3, 1e3
COUNT_MAX = 5_000_000
SEED_MAX = 9999
PASTE_MAX = 100_000
DRAG_MAX = 2_000
TEXT_MAX = 2_000
JACOBIAN_MAX = 512

# The field that remembers the scale of each axis a person can toggle: (figure, axis) -> field.
LOG_FIELDS: dict[tuple[str, str], str] = {
    ("topk.scores", "y"): "scores_log",
    ("topk.output", "y"): "output_log",
    ("topk.tau_sweep", "x"): "tau_log",
    ("topk.tau_sweep", "y"): "sweep_log",
    ("topk.k_sweep", "x"): "k_log",
    ("topk.k_sweep", "y"): "sweep_log",
    ("topk.gradient", "y"): "gradient_log",
}


@dataclass(frozen=True)
class Override:
    """Scores that stand in for the selected array, as long as ``ref`` is still selected.

    Choosing another array makes ``ref`` differ, and with that the override no longer counts:
    nothing has to react to the new selection.
    """

    ref: DataRef | None
    kind: InputKind
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class InputSpec:
    """Which scores are meant, before any point was dragged."""

    kind: InputKind
    ref: DataRef | None = None
    axis: AxisKind = "row"
    position: int = 0
    count: int = 0
    seed: int = 0
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Edits:
    """Dragged points ``(index, value)``, ascending by index, and the input they belong to."""

    spec: InputSpec
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class TopkState:
    """Slice "topk" of the state.

    ``k`` and ``tau`` are what the person asked for; ``effective_k`` says what is in force.
    ``column`` -1 follows the score at the boundary. ``witness`` is "operator:law" of the law
    table's chosen cell, "" for none.
    """

    override: Override | None = None
    count: int = 64
    seed: int = 0
    axis: AxisKind = "row"
    position: int = 0
    edits: Edits | None = None

    k: float = 8.0
    tau: float = 0.5
    operators: tuple[str, ...] = ("hard", "exp", "sigmoid", "laplace", "grad")
    comparison: Comparison = "tau"
    softness: float = 0.2

    order: Order = "rank"
    quantity: Quantity = "output"
    view: LowerView = "tau"
    sweep_quantity: SweepQuantity = "boundary"
    focus: str = "grad"
    jacobian_mode: JacobianMode = "matrix"
    column: int = -1
    direction: Direction = "first_out"
    witness: str = ""

    scores_log: bool = False
    output_log: bool = False
    tau_log: bool = True
    k_log: bool = False
    sweep_log: bool = False
    gradient_log: bool = False


def initial_state() -> TopkState:
    """Return the state of a first start."""
    return TopkState()


def cleaned(state: TopkState) -> TopkState:
    """Return ``state`` with numbers from a session file brought into their ranges.

    Examples
    --------
    >>> cleaned(TopkState(tau=-4.0, seed=10**9)).tau
    0.001
    """
    return replace(
        state,
        count=min(max(state.count, 1), COUNT_MAX),
        seed=min(max(state.seed, 0), SEED_MAX),
        position=max(state.position, 0),
        k=max(_finite(state.k, 8.0), 0.0),
        tau=min(max(_finite(state.tau, 0.5), TAU_MIN), TAU_MAX),
        softness=min(max(_finite(state.softness, 0.2), 1e-3), 1.0),
        column=max(state.column, -1),
    )


def _finite(value: float, default: float) -> float:
    return value if math.isfinite(value) else default


def effective_input(state: TopkState, active: DataRef | None) -> InputSpec:
    """Return which scores are in force for ``state`` while ``active`` is selected.

    Examples
    --------
    >>> effective_input(TopkState(), None).kind
    'normal'
    >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
    >>> spec = effective_input(TopkState(position=9), ref)
    >>> spec.kind, spec.position
    ('data', 2)
    """
    override = state.override
    if override is not None and override.ref != active:
        override = None
    if override is None and active is None:
        return InputSpec("normal", None, count=state.count, seed=state.seed)
    if override is None:
        lines = line_count(active, state.axis)
        position = min(max(state.position, 0), max(lines - 1, 0))
        axis: AxisKind = state.axis if lines else "row"
        return InputSpec("data", active, axis=axis, position=position)
    if override.kind == "pasted":
        return InputSpec("pasted", active, numbers=override.numbers)
    return InputSpec(override.kind, active, count=state.count, seed=state.seed)


def effective_edits(state: TopkState, spec: InputSpec) -> tuple[tuple[int, float], ...]:
    """Return the dragged points that belong to ``spec``."""
    if state.edits is None or state.edits.spec != spec:
        return ()
    return state.edits.points


def with_edit(state: TopkState, spec: InputSpec, index: int, value: float) -> Edits:
    """Return the edits after the score at ``index`` was dragged to ``value``.

    Examples
    --------
    >>> spec = InputSpec("normal", count=4)
    >>> with_edit(TopkState(), spec, 2, 0.5).points
    ((2, 0.5),)
    """
    points = dict(effective_edits(state, spec))
    points[int(index)] = float(value)
    return Edits(spec, tuple(sorted(points.items())))


def without_edit(state: TopkState, spec: InputSpec, index: int) -> Edits | None:
    """Return the edits after the score at ``index`` came back to where it was read.

    Examples
    --------
    >>> spec = InputSpec("normal", count=4)
    >>> state = TopkState(edits=with_edit(TopkState(), spec, 2, 0.5))
    >>> without_edit(state, spec, 2) is None
    True
    """
    points = tuple(point for point in effective_edits(state, spec) if point[0] != index)
    return Edits(spec, points) if points else None


def line_count(ref: DataRef | None, axis: AxisKind) -> int:
    """Return how many rows (or columns) feed the page: 0 when the array is a single vector."""
    if ref is None or len(ref.shape) < 2:
        return 0
    return ref.shape[0] if axis == "row" else ref.shape[1]


def effective_k(k: float, count: int, whole: bool) -> float:
    """Return the k in force for ``count`` unmasked scores.

    A k remembered from longer input is limited to ``count`` and, while an operator that needs a
    whole k is compared, rounded; the person's own number comes back when the limit goes.

    Examples
    --------
    >>> effective_k(8.0, 5, True), effective_k(2.6, 64, True), effective_k(2.6, 64, False)
    (5.0, 3.0, 2.6)
    """
    limited = min(max(k, 0.0), float(count))
    return float(round(limited)) if whole else limited


def chosen_focus(state: TopkState) -> str:
    """Return the operator the single-operator views show: always one of those compared.

    Examples
    --------
    >>> chosen_focus(TopkState(operators=("hard", "exp"), focus="grad"))
    'exp'
    """
    if state.focus in state.operators or not state.operators:
        return state.focus
    soft = [key for key in state.operators if key != "hard"]
    return soft[0] if soft else state.operators[0]
