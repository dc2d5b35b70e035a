"""The pseudo-inverse of what is inverted of a matrix, and what it makes of a right-hand side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import choice, number, stored
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Array, Floats
from gui.core.figure.pictures import Extent, Shades, block_means, extent_of, scale_of, shade
from gui.frozen import dataclass
from gui.pages.spectrum.compute.entries import last_column
from gui.pages.spectrum.compute.factors import Factors, Vectors
from gui.pages.spectrum.compute.matrix import Check, Loaded
from gui.pages.spectrum.compute.shared import Shared

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import LeastSquares, PseudoInverse

VIEW = "inverse"
CUT_MIN = 1e-16
TYPED_MAX = 100_000  # numbers; more are a file, not something typed

CutBy = Literal["rank", "tolerance"]
CUTS: Mapping[CutBy, str] = {"rank": "the r largest", "tolerance": "all above a tolerance"}
RightHand = Literal["ones", "column", "typed"]
RIGHT_HANDS: Mapping[RightHand, str] = {
    "ones": "all ones",
    "column": "a column of the matrix",
    "typed": "numbers of your own",
}


def _numbers(typed: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(one for one in typed[:TYPED_MAX] if np.isfinite(one))


def numbers_typed(text: str) -> tuple[float, ...] | str:
    """Return the finite numbers in ``text`` as they are pasted, or the first word that is none.

    Examples
    --------
    >>> numbers_typed("1 0,5;2"), numbers_typed("1, 2.5,3"), numbers_typed("1 x")
    ((1.0, 0.5, 2.0), (1.0, 2.5, 3.0), 'x')
    """
    from engine.files.layouts.table.pasted import numbers_in

    numbers: list[float] = []
    for item in numbers_in(text, TYPED_MAX):
        if item.value is None or not np.isfinite(item.value):
            return item.text
        numbers.append(item.value)
    return tuple(numbers)


class Choices(Record):
    """Which singular values are inverted, and what the inverse is applied to."""

    cut_by: CutBy = choice(
        "rank",
        CUTS,
        "Inverted",
        "Which singular values are inverted; the others count as 0, and so do their inverses",
        view=VIEW,
        undo="what is inverted",
    )
    b_of: RightHand = choice(
        "ones",
        RIGHT_HANDS,
        "b",
        "What M⁺ is applied to: x = M⁺ b is the shortest of all x that make ‖b − M x‖ least",
        view=VIEW,
        undo="right-hand side",
    )
    b_typed: tuple[float, ...] = stored((), "right-hand side", clean=_numbers)


def by_tolerance(by: CutBy = Choices.cut_by) -> bool:
    """Return whether a tolerance decides."""
    return by == "tolerance"


def is_column(of: RightHand = Choices.b_of) -> bool:
    """Return whether the right-hand side is a column of the matrix."""
    return of == "column"


class Numbers(Record):
    """The numbers that go with the choices."""

    cut: float = number(
        1e-10,
        (CUT_MIN, 1.0),
        "Tolerance / σ₁",
        "Singular values of at most this share of σ₁ count as 0",
        view=VIEW,
        log=True,
        undo="tolerance",
        option="tolerance",
        enabled=by_tolerance,
        why="The rank r says what is inverted.",
    )
    b_column: int = number(
        0,
        (0, last_column),
        "Column j",
        "b = M e_j, counted from 0: M⁺ M e_j is e_j where nothing is left out",
        view=VIEW,
        undo="column of b",
        per_array=True,
        enabled=is_column,
        why="b is no column of the matrix.",
    )


@dataclass(frozen=True, eq=False)
class Inverse:
    """M⁺ in factors, and as a picture of block means; None of a complex matrix.

    ``sigma`` are the known singular values, ``asked`` how many were to be inverted.
    """

    factors: PseudoInverse
    sigma: Floats
    asked: int
    dtype: str
    picture: Shades | None
    extent: Extent

    @property
    def rank(self) -> int:
        """How many singular values are inverted."""
        return self.factors.rank


class Invert(Step, key="inverse"):
    """Invert the leading singular values, cheap enough to follow a drag."""

    factors: Factors = answer_of(Vectors)
    by: CutBy = Choices.cut_by
    cut: float = Numbers.cut
    rank: int = Shared.rank

    @property
    def question(self) -> tuple[Any, ...]:
        """Of rank and tolerance one makes no difference."""
        return self.factors, self.by, self.rank if self.by == "rank" else self.cut

    def run(self, progress: Progress | None = None) -> Inverse:
        """Return the pseudo-inverse.

        Raises
        ------
        engine.errors.DataError
            When an inverse exceeds the range of numbers.
        """
        from engine.spectrum import invert_factors

        factors, error = self.factors, self.factors.error
        if self.by == "tolerance":
            found = invert_factors(factors, cutoff=self.cut, error=error)
            return _drawn(factors, found, found.rank)
        # A product has as many pairs as its factors; small ones are inverted if asked for.
        found = invert_factors(factors, min(self.rank, factors.known), error=error)
        return _drawn(factors, found, self.rank)


def _drawn(factors: Factors, found: PseudoInverse, asked: int) -> Inverse:
    picture, rows = factors.picture, factors.picture.block[1]
    drawn = None
    if factors.drawable:
        right, rank = factors.right, found.rank
        if picture.channels > 1:
            right = np.ascontiguousarray(block_means(factors.vh[:rank].T, rows).T)
        with np.errstate(over="ignore", invalid="ignore"):
            values = (right[:rank].T / factors.s[:rank]) @ factors.left[:, :rank].T
        drawn = shade(values, scale_of(values))
    pixels = (0, 0) if drawn is None else drawn.values.shape
    extent = extent_of(pixels, (rows, picture.block[0]))
    return Inverse(found, factors.s, asked, picture.dtype, drawn, extent)


Penrose = tuple[float, float, float, float]


class Measure(Step, key="penrose", title="Penrose identities"):
    """Measure how far the pseudo-inverse is from its four defining equations."""

    loaded: Loaded = answer_of(Check)
    inverse: Inverse = answer_of(Invert)

    @property
    def cost(self) -> float:
        """Seconds, about: three products with the matrix, two of factors."""
        m, n = self.loaded.shape
        return 8.0 * m * n * max(self.inverse.rank, 1) / 2e10

    @property
    def apart(self) -> bool:
        """Whether it must hold up no other: the picture follows a drag without it."""
        return True

    @property
    def rest(self) -> float:
        """For how many seconds the rank must stand still."""
        return 0.2 if self.cost > 0.05 else 0.0

    def run(self, progress: Progress | None = None) -> Penrose:
        """Return the four relative errors."""
        from engine.spectrum import penrose_errors

        return penrose_errors(self.loaded.array, self.inverse.factors, progress)


@dataclass(frozen=True, eq=False)
class Solved:
    """x = M⁺ b with its norms, and the norm of b."""

    found: LeastSquares
    b_norm: float


class Solve(Step, key="solution", title="M⁺ b"):
    """Apply the pseudo-inverse to a right-hand side."""

    loaded: Loaded = answer_of(Check)
    inverse: Inverse = answer_of(Invert)
    of: RightHand = Choices.b_of
    column: int = Numbers.b_column
    typed: tuple[float, ...] = Choices.b_typed

    @property
    def question(self) -> tuple[Any, ...]:
        """What is not b makes no difference."""
        of = {"ones": None, "column": self.column, "typed": self.typed}[self.of]
        return self.loaded, self.inverse, self.of, of

    @property
    def cost(self) -> float:
        """Seconds, about: every entry is read once."""
        m, n = self.loaded.shape
        return 2.0 * m * n / 1e9

    def run(self, progress: Progress | None = None) -> Solved:
        """Return the solution.

        Raises
        ------
        engine.errors.RankscopeError
            When b has another length than the matrix rows, or x exceeds the range of numbers.
        """
        from engine.spectrum import least_squares

        b = self._right_hand()
        found = least_squares(self.loaded.array, self.inverse.factors, b, progress)
        return Solved(found, float(np.linalg.norm(b)))

    def _right_hand(self) -> Array:
        if self.of == "ones" or (self.of == "typed" and not self.typed):  # nothing typed yet
            return np.ones(self.loaded.shape[0])
        if self.of == "column":
            return _column(self.loaded, self.column)
        return np.asarray(self.typed, dtype=np.float64)


def _column(loaded: Loaded, place: int) -> Array:
    from engine.files import to_dense

    column = to_dense(loaded.array[:, place : place + 1])
    kind = np.complex128 if column.dtype.kind == "c" else np.float64
    return np.asarray(column, dtype=kind).ravel()
