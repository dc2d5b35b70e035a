"""The outputs around the boundary, and the mass moved, along tau and along k."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import choice
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.topk.compute.catalogue import compared
from gui.pages.topk.compute.evaluate import along_line, points, spoken, too_long
from gui.pages.topk.compute.following import Following
from gui.pages.topk.compute.outputs import TAU_MAX, TAU_MIN, Taus, taus
from gui.pages.topk.compute.scores import Scores, boundary_ranks, hard_mask, mass_moved

if TYPE_CHECKING:
    from engine.jobs import Progress

SweepQuantity = Literal["boundary", "moved"]
QUANTITIES: Mapping[SweepQuantity, str] = {
    "boundary": "p around the boundary",
    "moved": "mass moved",
}


class Quantity(Record):
    """What is drawn along tau and along k."""

    sweep_quantity: SweepQuantity = choice(
        "boundary",
        QUANTITIES,
        "Show",
        "Mass moved: sum |p - T_k| / k",
        view="tau k",
        undo="sweep quantity",
    )


@dataclass(frozen=True, eq=False)
class Sweep:
    """Outputs along a line of ``steps`` (temperatures or ks).

    ``values[key]`` is (steps, ranks): p of the scores at ``ranks``; ``moved[key]`` the mass moved.
    """

    steps: Floats
    ranks: tuple[int, ...]
    values: dict[str, Floats]
    moved: dict[str, Floats]


class SweepTau(Following, key="tau"):
    """p of the scores around the boundary, and the mass moved, against tau."""

    operators: tuple[str, ...] = value_of(compared)

    def run(self, progress: Progress | None = None) -> Sweep:
        """Return the sweep; steps that an operator refuses are NaN."""
        steps = np.geomspace(TAU_MIN, TAU_MAX, points(self.scores.size, 61))
        return sweep_tau(self.scores, self.k, self.operators, steps, progress)


class SweepK(Following, key="k"):
    """p of the scores around the boundary, and the mass moved, against k."""

    taus: Taus = value_of(taus)

    def run(self, progress: Progress | None = None) -> Sweep:
        """Return the sweep over whole k from 0 to the number of scores."""
        top = self.scores.unmasked
        count = min(points(self.scores.size, 65), top + 1)
        ks = np.unique(np.round(np.linspace(0, top, count)))
        lines = {key: [(float(k), tau) for k in ks] for key, tau in self.taus}
        return _sweep(self.scores, ks, lines, self.k, progress)


def sweep_tau(
    scores: Scores,
    k: float,
    operators: tuple[str, ...],
    steps: Floats,
    progress: Progress | None = None,
) -> Sweep:
    """Return the sweep over the temperatures ``steps``."""
    line = [(k, float(tau)) for tau in steps]
    return _sweep(scores, steps, dict.fromkeys(operators, line), k, progress)


def _sweep(
    scores: Scores,
    steps: Floats,
    lines: Mapping[str, list[tuple[float, float]]],
    k: float,
    progress: Progress | None,
) -> Sweep:
    """Return the sweep of every operator along its line of (k, tau), a pair a step."""
    from engine.jobs import checkpoint

    ranks = boundary_ranks(scores.unmasked, k)
    size = len(steps)
    operators = tuple(key for key in lines if not too_long(key, scores.size, k, times=size))
    values = {key: np.full((size, len(ranks)), np.nan) for key in operators}
    moved = {key: np.full(size, np.nan) for key in operators}
    total, done = size * len(operators), 0
    for key in operators:
        for row, p in enumerate(along_line(key, scores, lines[key], "rank")):
            checkpoint(progress, done / total, spoken(scores, tr("Sweeping")))
            done += 1
            if p is not None:
                values[key][row] = p[list(ranks)]
                step_k = lines[key][row][0]
                moved[key][row] = mass_moved(p, hard_mask(scores, step_k, "rank"), step_k)
    return Sweep(steps, ranks, values, moved)
