"""Where every matrix stands in the map: layers down, roles across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.figures import Shared
from gui.pages.checkpoint.compute.model import Listing, ListMatrices

if TYPE_CHECKING:
    from engine.checkpoint import Matrix

Cell = tuple[int, int]  # row, column
_SHORT = {"encoder": "enc", "decoder": "dec", "vision": "vis"}


@dataclass(frozen=True, eq=False)
class Grid:
    """The map: names of rows and columns, and which matrices each cell stands for.

    A row is a layer where ``layered``, else a matrix.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[Cell, tuple[int, ...]]
    cell_of: dict[int, Cell]
    layered: bool = True

    @property
    def shape(self) -> Cell:
        """(rows, columns)."""
        return len(self.rows), len(self.columns)

    def values(self, figures: Floats, relative: bool) -> Floats:
        """Return (rows, columns): the median of each cell, NaN where nothing is known.

        ``relative``: log2 of it over the median of its column.
        """
        found = np.full(self.shape, np.nan)
        for cell, places in self.cells.items():
            if len(places) == 1:  # as most are: a median costs 30 us
                found[cell] = figures[places[0]]
                continue
            known = figures[list(places)]
            known = known[np.isfinite(known)]
            if known.size:
                found[cell] = np.median(known)
        found[~np.isfinite(found)] = np.nan
        return logarithm_over_median(found) if relative else found


def logarithm_over_median(values: Floats) -> Floats:
    """Return log2 of every value over the median of its column; NaN of what is not positive.

    Examples
    --------
    >>> logarithm_over_median(np.array([[1.0], [2.0], [4.0], [-1.0]])).ravel().tolist()
    [-1.0, 0.0, 1.0, nan]
    """
    positive = np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
    found = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        known = positive[:, column][~np.isnan(positive[:, column])]
        if known.size:
            found[:, column] = np.log2(positive[:, column]) - np.log2(np.median(known))
    return found


def grid(
    listing: Listing | None = answer_of(ListMatrices), stack: str = Shared.stack
) -> Grid | None:
    """Return the map of a model; without numbered layers every matrix has a row of its own."""
    if listing is None:
        return None
    shown = [
        (place, one)
        for place, one in enumerate(listing.matrices)
        if stack in ("all", one.role.stack)
    ]
    return grid_of(shown)


def grid_of(shown: Sequence[tuple[int, Matrix]]) -> Grid:
    """Return the map of some matrices with their places."""
    from engine.checkpoint import ROLES

    rank = {role: place for place, role in enumerate(ROLES)}
    layered = any(one.role.layer is not None for _, one in shown)
    several = len({one.role.stack for _, one in shown}) > 1

    def column(one: Matrix) -> tuple[str, int, bool, str]:
        role = one.role
        return role.stack if several else "", rank.get(role.role, len(rank)), role.cross, role.role

    columns = sorted({column(one) for _, one in shown})
    names = tuple(_title(*one) for one in columns)
    across = {one: place for place, one in enumerate(columns)}
    rows: tuple[str, ...]
    if layered:
        layers = sorted({-1 if one.role.layer is None else one.role.layer for _, one in shown})
        rows = tuple(tr("outside") if layer < 0 else str(layer) for layer in layers)
        down = {layer: place for place, layer in enumerate(layers)}
        cell_of = {
            place: (down[-1 if one.role.layer is None else one.role.layer], across[column(one)])
            for place, one in shown
        }
    else:
        rows = tuple(one.name for _, one in shown)
        cell_of = {place: (row, across[column(one)]) for row, (place, one) in enumerate(shown)}
    cells: dict[Cell, tuple[int, ...]] = {}
    for place, cell in cell_of.items():
        cells[cell] = (*cells.get(cell, ()), place)
    return Grid(rows, names, cells, cell_of, layered)


def _title(stack: str, _rank: int, cross: bool, role: str) -> str:
    before = f"{_SHORT.get(stack, stack)} " if stack else ""
    return f"{before}{'x-' if cross else ''}{role}"
