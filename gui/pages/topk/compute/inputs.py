"""Which scores are meant: a line of the selected array, a generator's, or typed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from gui.core.declare.marks import maybe_given, value_of
from gui.core.declare.parameter import choice, number, stored
from gui.core.declare.records import Record, Value
from gui.core.state.document import Arrays, DataRef, Opened
from gui.core.state.scores import InputKind, Override
from gui.frozen import dataclass

AxisKind = Literal["row", "column"]

GENERATORS: tuple[InputKind, ...] = ("normal", "uniform", "heavy", "ties")
AXES: Mapping[AxisKind, str] = {"row": "rows", "column": "columns"}

COUNT_MAX = 5_000_000
SEED_MAX = 9999
PASTE_MAX = 100_000
DRAG_MAX = 2_000  # scores; up to here a point can be dragged


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

    def of(self, spec: InputSpec) -> tuple[tuple[int, float], ...]:
        """Return the points that belong to ``spec``."""
        return self.points if self.spec == spec else ()


class Replaced(Record):
    """What stands in for the selected array."""

    override: Override | None = stored(None, "scores")


def active(
    data: Opened | None = maybe_given(Opened), arrays: Arrays | None = maybe_given(Arrays)
) -> DataRef | None:
    """Return the selected array, also while its file is not open yet; None for none."""
    if data is not None:
        return data.ref
    return arrays.selection.active if arrays is not None else None


def in_force(
    active: DataRef | None = value_of(active), override: Override | None = Replaced.override
) -> Override | None:
    """Return what stands in for the selected array, None where nothing does.

    Examples
    --------
    >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
    >>> in_force(ref, Override(ref, "ties")).kind, in_force(None, Override(ref, "ties"))
    ('ties', None)
    """
    return override if override is not None and override.ref == active else None


def kind(
    active: DataRef | None = value_of(active), override: Override | None = value_of(in_force)
) -> InputKind:
    """Return where the scores come from.

    Examples
    --------
    >>> kind(None, None), kind(DataRef("a.npy", "a", (3, 4), "float64"), None)
    ('normal', 'data')
    """
    if override is not None:
        return override.kind
    return "data" if active is not None else "normal"


def generated(kind: InputKind = value_of(kind)) -> bool:
    """Return whether the scores are drawn at random."""
    return kind in GENERATORS


def has_lines(kind: InputKind = value_of(kind), active: DataRef | None = value_of(active)) -> bool:
    """Return whether there are rows and columns to choose from."""
    return kind == "data" and line_count(active, "row") > 0


def line_count(ref: DataRef | None, axis: AxisKind) -> int:
    """Return how many rows (or columns) feed the page: 0 when the array is a single vector."""
    if ref is None or len(ref.shape) < 2:
        return 0
    return ref.shape[0] if axis == "row" else ref.shape[1]


class Along(Record):
    """Whether rows or columns hold the scores."""

    axis: AxisKind = choice(
        "row",
        AXES,
        "&Along",
        "Whether a row or a column of the matrix holds the scores",
        section="Scores",
        when=has_lines,
        undo="rows or columns",
        option="-",
    )


def last_line(active: DataRef | None = value_of(active), axis: AxisKind = Along.axis) -> int:
    """Return the largest position."""
    return max(line_count(active, axis) - 1, 0)


class Spec(Value):
    """The input in force: what the page is about."""

    active: DataRef | None = value_of(active)
    override: Override | None = value_of(in_force)
    count: int = number(
        64,
        (1, COUNT_MAX),
        "&n",
        "How many scores",
        log=True,
        section="Scores",
        when=generated,
        undo="number of scores",
    )
    seed: int = number(
        0, (0, SEED_MAX), "Seed", "Seed of the random scores", section="Scores", when=generated
    )
    axis: AxisKind = Along.axis
    position: int = number(
        0,
        (0, last_line),
        "Pos&ition",
        "Which one (Alt+Up and Alt+Down step)",
        section="Scores",
        when=has_lines,
        option="-",
    )

    def value(self) -> InputSpec:
        """Return it; what does not count for its kind is left at its default."""
        ref, override = self.active, self.override
        if override is None and ref is not None:
            axis: AxisKind = self.axis if line_count(ref, self.axis) else "row"
            position = min(self.position, last_line(ref, axis))
            return InputSpec("data", ref, axis=axis, position=position)
        if override is not None and override.kind == "pasted":
            return InputSpec("pasted", ref, numbers=override.numbers)
        kind: InputKind = "normal" if override is None else override.kind
        return InputSpec(kind, ref, count=self.count, seed=self.seed)


def fitted(
    spec: InputSpec = value_of(Spec), data: Opened | None = maybe_given(Opened)
) -> tuple[InputSpec, Opened | None]:
    """Return what the axes are fitted to: another row or seed of the same scores moves none."""
    return replace(spec, position=0, seed=0), data if spec.kind == "data" else None


def names(
    spec: InputSpec = value_of(Spec), data: Opened | None = maybe_given(Opened)
) -> tuple[str, ...]:
    """Return what the file calls the scores, by index; empty where it does not."""
    if data is None or spec.kind != "data" or spec.ref != data.ref:
        return ()
    rows, columns = data.labels
    return columns if spec.axis == "row" else rows


def line_name(spec: InputSpec = value_of(Spec), data: Opened | None = maybe_given(Opened)) -> str:
    """Return what the file calls the row or column that the scores are; "" where it does not."""
    if data is None or spec.kind != "data" or spec.ref != data.ref or len(spec.ref.shape) < 2:
        return ""
    rows, columns = data.labels
    called = rows if spec.axis == "row" else columns
    return called[spec.position] if spec.position < len(called) else ""
