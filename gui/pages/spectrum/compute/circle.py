"""The unit circle through V^T, S and U of a 2 x 2 matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given
from gui.core.declare.parameter import choice, number, stored
from gui.core.declare.records import Record, Step
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.matrix import Check, Loaded

if TYPE_CHECKING:
    from engine.jobs import Progress

Matrix2 = tuple[float, float, float, float]
ENTRY_MAX = 1e6


def _within(matrix: Matrix2) -> Matrix2:
    a, b, c, d = (min(max(v, -ENTRY_MAX), ENTRY_MAX) if np.isfinite(v) else 0.0 for v in matrix)
    return a, b, c, d


class Circle(Record):
    """The matrix, (a, b, c, d) of [[a, b], [c, d]], and how far the circle is on its way.

    ``stage`` runs from 0 (unit circle) over 1 (V^T), 2 (S V^T) to 3 (U S V^T).
    """

    matrix: Matrix2 = stored((1.4, 0.9, -0.3, 1.1), "2 × 2 matrix", gesture=True, clean=_within)
    stage: float = number(
        3.0,
        (0.0, 3.0),
        "Sta&ge",
        "0: unit circle, 1: after Vᵀ, 2: after S, 3: after U",
        view="geometry",
    )


CircleOf = Literal["auto", "block", "own"]
CIRCLES: Mapping[CircleOf, str] = {
    "auto": "the array, if it is 2 × 2",
    "block": "a 2 × 2 block of the array",
    "own": "a, b, c, d as typed",
}


class Source(Record):
    """Which matrix the circle goes through."""

    circle_of: CircleOf = choice(
        "auto",
        CIRCLES,
        "M is",
        "The selected array where it is 2 × 2, two neighbouring rows and columns of it, "
        "or your own",
        view="geometry",
        undo="2 × 2 matrix",
    )


def of_array(of: CircleOf = Source.circle_of, data: Opened | None = maybe_given(Opened)) -> bool:
    """Return whether the matrix comes from the selected array."""
    if of == "own":
        return False
    return of == "block" or (data is not None and data.ref.matrix_shape == (2, 2))


def is_block(of: CircleOf = Source.circle_of) -> bool:
    """Return whether rows and columns can be chosen."""
    return of == "block"


def last_start(data: Opened | None = maybe_given(Opened)) -> int:
    """Return the last row that a block can begin with."""
    return max(data.ref.matrix_shape[0] - 2, 0) if data is not None else 0


def last_left(data: Opened | None = maybe_given(Opened)) -> int:
    """Return the last column that a block can begin with."""
    return max(data.ref.matrix_shape[1] - 2, 0) if data is not None else 0


class Corner(Record):
    """Where the block begins, counted from 0."""

    block_row: int = number(
        0,
        (0, last_start),
        "First row",
        "The block is this row and the next one, counted from 0",
        view="geometry",
        undo="2 × 2 block",
        per_array=True,
        enabled=is_block,
        why="Choose a 2 × 2 block of the array first.",
    )
    block_column: int = number(
        0,
        (0, last_left),
        "First column",
        "The block is this column and the next one, counted from 0",
        view="geometry",
        undo="2 × 2 block",
        per_array=True,
        enabled=is_block,
        why="Choose a 2 × 2 block of the array first.",
    )


class FollowCircle(Step, key="circle"):
    """Follow the unit circle."""

    loaded: Loaded | None = answer_of(Check, when=of_array)
    matrix: Matrix2 = Circle.matrix
    row: int = Corner.block_row
    column: int = Corner.block_column

    def run(self, progress: Progress | None = None) -> Any:
        """Return the engine's CircleStages.

        Raises
        ------
        engine.errors.RankscopeError
            Where the array has no 2 x 2 block, or a complex one.
        """
        from engine.spectrum import circle_stages

        return circle_stages(self.entries())

    def entries(self) -> Any:
        """Return the matrix that the circle goes through.

        Raises
        ------
        engine.errors.DataError
            Where the array has no 2 x 2 block.
        """
        from engine.errors import DataError

        if self.loaded is None:
            return np.reshape(self.matrix, (2, 2))
        if min(self.loaded.shape) < 2:
            raise DataError(tr("An array of one row or column has no 2 × 2 block."))
        return _block(self.loaded, self.row, self.column)

    def real_entries(self) -> Matrix2 | None:
        """Return a, b, c, d of the matrix; None where it has none, or none that are finite."""
        from engine.errors import DataError

        try:
            found = self.entries()
        except DataError:
            return None
        if np.iscomplexobj(found) or not np.all(np.isfinite(found)):
            return None
        a, b, c, d = map(float, found.ravel())
        return a, b, c, d


def _block(loaded: Loaded, row: int, column: int) -> Any:
    from engine.files import to_dense

    m, n = loaded.shape
    row, column = min(row, m - 2), min(column, n - 2)
    return to_dense(loaded.array[row : row + 2, column : column + 2])
