"""The rows of a model's matrices, as far as they are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.declare.marks import answer_of
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.sweep import Sweeping, Swept, may_start

if TYPE_CHECKING:
    from engine.checkpoint import Row


@dataclass(frozen=True, eq=False)
class Rows:
    """The row of every matrix in the order of the listing, None where there is none yet."""

    listing: Listing
    swept: Swept | None
    rows: tuple[Row | None, ...]


def rows_of(
    listing: Listing | None = answer_of(ListMatrices),
    swept: Swept | None = answer_of(Sweeping, when=may_start),
) -> Rows | None:
    """Return the matrices with their rows; None where no model is open."""
    if listing is None:
        return None
    known = {} if swept is None else swept.rows
    return Rows(listing, swept, tuple(known.get(one.name) for one in listing.matrices))
