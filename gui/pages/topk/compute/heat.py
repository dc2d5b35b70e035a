"""p of one operator over all scores and temperatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.topk.compute.catalogue import Detail
from gui.pages.topk.compute.evaluate import along_line, points, spoken
from gui.pages.topk.compute.following import Following
from gui.pages.topk.compute.outputs import TAU_MAX, TAU_MIN
from gui.pages.topk.compute.scores import Order, Scores, Shown

if TYPE_CHECKING:
    from engine.jobs import Progress

COLUMNS = 512


@dataclass(frozen=True, eq=False)
class HeatMap:
    """p of operator ``key``: (taus, columns); a column is the mean of up to ``block`` scores."""

    key: str
    taus: Floats
    p: Floats
    block: int


class Heat(Following, key="heat"):
    """p over (place, tau) of the operator in detail; places as drawn, by index or by rank."""

    operator: str = Detail.focus
    order: Order = Shown.order

    def run(self, progress: Progress | None = None) -> HeatMap:
        """Return the map; temperatures that the operator refuses are NaN rows."""
        taus = np.geomspace(TAU_MIN, TAU_MAX, points(self.scores.size, 73))
        return heat_map(self.operator, self.scores, self.k, self.order, taus, progress)


def heat_map(
    key: str,
    scores: Scores,
    k: float,
    by: Order,
    taus: Floats,
    progress: Progress | None = None,
) -> HeatMap:
    """Return the map over the temperatures ``taus``."""
    from engine.jobs import checkpoint

    size = scores.size
    block = -(-size // COLUMNS)
    starts = np.arange(0, size, block)
    lengths = np.diff(np.append(starts, size))
    rows = np.full((taus.size, starts.size), np.nan)
    for row, p in enumerate(along_line(key, scores, [(k, float(tau)) for tau in taus], by)):
        checkpoint(progress, row / taus.size, spoken(scores, tr("Heat map")))
        if p is not None:
            rows[row] = np.add.reduceat(p, starts) / lengths
    return HeatMap(key, taus, rows, block)
