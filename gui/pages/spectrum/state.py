"""What the Spectrum page remembers, and what follows from it without remembering.

Simple frozen values only, so that undo, sessions and ``render`` need nothing else. ``rank`` is
what the person asked for; ``effective_rank`` says what the present matrix allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from gui.core.state.document import DataRef

Quantity = Literal["sigma", "sigma2", "energy"]
Repair = Literal["", "zero", "column_mean"]
Reduction = Literal["mean", "extreme"]
LowerView = Literal["reconstruction", "error", "density", "rules", "soft", "vectors", "geometry"]
Method = Literal["auto", "svd", "gram", "stream"]
Matrix2 = tuple[float, float, float, float]

LOWER_VIEWS: tuple[LowerView, ...] = get_args(LowerView)
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
METHODS: tuple[Method, ...] = get_args(Method)

TAU_MIN, TAU_MAX = 1e-4, 10.0
OVERLAYS_MAX = 7
ENTRY_MAX = 5.0
BINS_MAX = 400


@dataclass(frozen=True)
class Pinned:
    """A spectrum kept for comparison: which array, and how its bad entries were replaced."""

    ref: DataRef
    repair: Repair = ""


@dataclass(frozen=True)
class SpectrumState:
    """Slice "spectrum" of the state.

    ``repairs`` lists how NaN and infinite entries of an array are replaced: an explicit step, and
    one that undo takes back. ``rule_values`` holds the parameters that differ from the rule's own
    default. ``noise`` 0 means estimated from the median. ``tau`` is a share of sigma_1, so that it
    means the same for every matrix. ``matrix`` is (a, b, c, d) of [[a, b], [c, d]] and ``stage``
    runs from 0 (unit circle) over 1 (V^T), 2 (S V^T) to 3 (U S V^T).
    """

    rank: int = 8
    quantity: Quantity = "sigma"
    log_x: bool = False
    log_y: bool = True
    normalised: bool = False
    method: Method = "auto"
    reduction: Reduction = "mean"
    repairs: tuple[Pinned, ...] = ()
    overlays: tuple[Pinned, ...] = ()

    view: LowerView = "reconstruction"
    show_rules: bool = False
    rule_values: tuple[tuple[str, float], ...] = ()

    error_relative: bool = True
    error_log: bool = True
    density_log: bool = False
    bins: int = 0
    noise: float = 0.0

    operator: str = "sigmoid"
    k: float = 8.0
    k_follows: bool = True
    tau: float = 0.02

    vector: int = 1
    matrix: Matrix2 = (1.4, 0.9, -0.3, 1.1)
    stage: float = 3.0


def initial_state() -> SpectrumState:
    """Return the state of a first start."""
    return SpectrumState()


def rank_limit(ref: DataRef | None) -> int:
    """Return the largest rank the selected array can have, min(m, n); 0 without one."""
    return min(ref.matrix_shape) if ref is not None else 0


def effective_rank(state: SpectrumState, limit: int) -> int:
    """Return the rank in force: the one asked for, within what the matrix allows.

    Examples
    --------
    >>> effective_rank(SpectrumState(rank=40), 16)
    16
    """
    return min(max(state.rank, 0), limit)


def effective_vector(state: SpectrumState, limit: int) -> int:
    """Return which singular pair is looked at, counted from 1."""
    return min(max(state.vector, 1), max(limit, 1))


def effective_k(state: SpectrumState, limit: int) -> float:
    """Return the k of the soft truncation: the rank while it follows it.

    Examples
    --------
    >>> effective_k(SpectrumState(rank=5, k=2.5), 9)
    5.0
    >>> effective_k(SpectrumState(rank=5, k=2.5, k_follows=False), 9)
    2.5
    """
    if state.k_follows:
        return float(effective_rank(state, limit))
    return min(max(state.k, 0.0), float(limit))


def repair_of(state: SpectrumState, ref: DataRef) -> Repair:
    """Return how bad entries of ``ref`` are replaced, "" where they are refused."""
    return next((item.repair for item in state.repairs if item.ref == ref), "")


def with_repair(state: SpectrumState, ref: DataRef, repair: Repair) -> tuple[Pinned, ...]:
    """Return the repairs after choosing ``repair`` for ``ref``; "" takes it off the list.

    Examples
    --------
    >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
    >>> with_repair(SpectrumState(), ref, "zero")[0].repair
    'zero'
    """
    others = tuple(item for item in state.repairs if item.ref != ref)
    return (*others, Pinned(ref, repair)) if repair else others


def with_rule_value(state: SpectrumState, key: str, value: float) -> tuple[tuple[str, float], ...]:
    """Return the rule parameters after ``key`` was set to ``value``."""
    values = dict(state.rule_values)
    values[key] = value
    return tuple(sorted(values.items()))


def without_rule_value(state: SpectrumState, key: str) -> tuple[tuple[str, float], ...]:
    """Return the rule parameters after ``key`` went back to the rule's own default."""
    return tuple(item for item in state.rule_values if item[0] != key)


def rules_on_plot(state: SpectrumState) -> bool:
    """Return whether the spectrum plot shows the rules: on request, and beside their table."""
    return state.show_rules or state.view == "rules"


def cleaned(state: SpectrumState) -> SpectrumState:
    """Return ``state`` with numbers from a session file brought into their ranges."""
    return replace(
        state,
        rank=max(int(state.rank), 0),
        vector=max(int(state.vector), 1),
        tau=min(max(_finite(state.tau, 0.02), TAU_MIN), TAU_MAX),
        k=max(_finite(state.k, 8.0), 0.0),
        noise=max(_finite(state.noise, 0.0), 0.0),
        bins=min(max(int(state.bins), 0), BINS_MAX),
        stage=min(max(_finite(state.stage, 3.0), 0.0), 3.0),
        matrix=tuple(min(max(_finite(v, 0.0), -ENTRY_MAX), ENTRY_MAX) for v in state.matrix),  # type: ignore[arg-type]
        overlays=state.overlays[:OVERLAYS_MAX],
    )


def _finite(value: float, default: float) -> float:
    return float(value) if math.isfinite(value) else default
