"""The unit circle through V^T, S and U of a 2 x 2 matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.parameter import number, stored
from gui.core.declare.records import Record, Step

if TYPE_CHECKING:
    from engine.jobs import Progress

Matrix2 = tuple[float, float, float, float]
ENTRY_MAX = 5.0


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


class FollowCircle(Step, key="circle"):
    """Follow the unit circle."""

    matrix: Matrix2 = Circle.matrix

    def run(self, progress: Progress | None = None) -> Any:
        """Return the engine's CircleStages."""
        from engine.spectrum import circle_stages

        a, b, c, d = self.matrix
        return circle_stages(np.array([[a, b], [c, d]]))
