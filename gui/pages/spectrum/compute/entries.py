"""The entries of the chosen array, a block at a time: as stored, of rank r, or of the residual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, given, maybe_given
from gui.core.declare.parameter import choice, number
from gui.core.declare.records import Front, Record, Step
from gui.core.figure.arrays import Array
from gui.core.state.document import Labels, Opened
from gui.frozen import dataclass
from gui.pages.spectrum.compute.factors import Factors, Vectors
from gui.pages.spectrum.compute.matrix import Load, Loaded, load
from gui.pages.spectrum.compute.shared import Shared

if TYPE_CHECKING:
    from engine.jobs import Progress

VIEW = "entries"
ROWS, COLUMNS = 25, 10  # where no window says how many there is room for

Of = Literal["stored", "approximation", "residual"]
KINDS: Mapping[Of, str] = {
    "stored": "the array, as stored",
    "approximation": "its approximation of rank r",
    "residual": "what that leaves",
}


@dataclass(frozen=True)
class Seen:
    """What a window has room for: the first row and column, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


def last_row(data: Opened = given(Opened)) -> int:
    """Return the last row of the selected array, counted from 0."""
    return max(data.ref.matrix_shape[0] - 1, 0)


def last_column(data: Opened = given(Opened)) -> int:
    """Return the last column of the selected array, counted from 0."""
    return max(data.ref.matrix_shape[1] - 1, 0)


class Place(Record):
    """The cell that is looked at."""

    cell_row: int = number(
        0,
        (0, last_row),
        "&Go to row",
        "The row of the chosen cell, counted from 0",
        view=VIEW,
        option="row",
        undo="cell",
        per_array=True,
    )
    cell_column: int = number(
        0,
        (0, last_column),
        "C&olumn",
        "The column of the chosen cell, counted from 0",
        view=VIEW,
        option="column",
        undo="cell",
        per_array=True,
    )
    of: Of = choice(
        "stored",
        KINDS,
        "Num&bers of",
        "The entries as the file holds them, NaN and infinity among them, or those of "
        "M_r = U_r S_r V_rᵀ, or of M − M_r",
        view=VIEW,
        undo="numbers shown",
    )


def is_product(of: Of = Place.of) -> bool:
    """Return whether singular vectors are needed."""
    return of != "stored"


def marked(
    row: int = Place.cell_row, column: int = Place.cell_column, front: Front = given(Front)
) -> tuple[int, int] | None:
    """Return the cell that pictures mark: the chosen one, while numbers are in front."""
    return (row, column) if front.key == VIEW else None


def is_plain(data: Opened = given(Opened)) -> bool:
    """Return whether nothing is done about bad entries: what is loaded is what is stored."""
    return not data.repair


class ReadStored(Step, key="stored", title="Reading the matrix"):
    """The array as stored: what is missing stays missing, sparse and products stay so."""

    data: Opened = given(Opened)
    loaded: Loaded | None = answer_of(Load, when=is_plain)

    @property
    def question(self) -> tuple[Any, ...]:
        """Of the file, what is done about bad entries makes no difference."""
        return (self.data.ref, self.data.source) if self.loaded is None else (self.loaded,)

    def run(self, progress: Progress | None = None) -> Any:
        """Return the array, (m, n), of the dtype it is stored in; see `Loaded.array`."""
        loaded = self.loaded or load(Opened(self.data.ref, self.data.source), progress)
        return loaded.array.tocsr() if loaded.form == "sparse" else loaded.array


@dataclass(frozen=True, eq=False)
class Block:
    """Entries from row ``row`` and column ``column`` on, counted from 0; ``values`` (r, c)."""

    row: int
    column: int
    values: Array

    def heads(self, labels: Labels) -> tuple[list[str], list[str]]:
        """Return what its rows and its columns are called: by the file, else by their numbers."""
        return tuple(
            [names[at] if names and names[at] else str(at) for at in range(first, first + count)]
            for names, first, count in zip(
                labels, (self.row, self.column), self.values.shape, strict=True
            )
        )  # type: ignore[return-value]  # two of them


class ReadBlock(Step, key=VIEW, title="Reading entries", keep=8):
    """The block of entries there is room for."""

    stored: Any = answer_of(ReadStored)
    factors: Factors | None = answer_of(Vectors, when=is_product)
    of: Of = Place.of
    rank: int = Shared.rank
    row: int = Place.cell_row
    column: int = Place.cell_column
    seen: Seen | None = maybe_given(Seen)

    @property
    def question(self) -> tuple[Any, ...]:
        """The rank counts for products alone, and the chosen cell where no window scrolls."""
        rank = self.rank if self.of != "stored" else 0
        return self.stored, self.factors, self.of, rank, self.place

    @property
    def place(self) -> Seen:
        """What a window has in sight, or the entries from the chosen cell on."""
        return self.seen or Seen(self.row, self.column, ROWS, COLUMNS)

    def run(self, progress: Progress | None = None) -> Block:
        """Return the block, cut at the end of the array."""
        place = self.place
        m, n = self.stored.shape
        row = min(max(place.row, 0), max(m - 1, 0))
        column = min(max(place.column, 0), max(n - 1, 0))
        rows = slice(row, min(row + max(place.rows, 1), m))
        columns = slice(column, min(column + max(place.columns, 1), n))
        return Block(row, column, self._values(rows, columns))

    def _values(self, rows: slice, columns: slice) -> Array:
        from engine.files import to_dense

        if self.factors is not None:
            product = self.factors.entries(self.rank, rows, columns)
            if self.of == "approximation":
                return product
        block = np.array(to_dense(self.stored[rows, columns]))
        return block - product if self.factors is not None else block
