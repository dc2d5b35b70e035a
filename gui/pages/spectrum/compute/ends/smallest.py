"""The smallest singular values, each in an interval of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import number
from gui.core.declare.records import Step
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.spectrum.compute.matrix import Check, Loaded, limit

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import SmallestValues

VIEW = "smallest"


@dataclass(frozen=True, eq=False)
class Smallest:
    """The last ``values.size`` of the min(m, n) values of an array."""

    data: Opened
    found: SmallestValues


class FindSmallest(Step, key="smallest", title="Smallest singular values", keep=4):
    """Find them by the inverse of a triangle, or where that says less by its SVD."""

    loaded: Loaded = answer_of(Check)
    smallest: int = number(
        8,
        (1, limit),
        "How m&any",
        "The last so many of the min(m, n) singular values",
        view=VIEW,
        undo="number of smallest values",
    )

    @property
    def cost(self) -> float:
        """Seconds, about: a triangle, its inverse, and the values of one or of both."""
        return 2.0 * self.loaded.seconds("svd")

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        self.loaded.require_room("svd")

    def run(self, progress: Progress | None = None) -> Smallest:
        """Return them.

        Raises
        ------
        engine.errors.RankscopeError
            Of a sparse matrix of high order, or a product that is not written out.
        """
        from engine.errors import DataError
        from engine.spectrum import smallest_singular_values

        loaded = self.loaded
        if loaded.form == "product" or not loaded.has_all:
            raise DataError(
                tr(
                    "The smallest values need a matrix that is written out, or a sparse one whose "
                    "shorter side is at most 4096."
                )
            )
        found = smallest_singular_values(loaded.array, self.smallest, progress=progress)
        return Smallest(loaded.data, found)
