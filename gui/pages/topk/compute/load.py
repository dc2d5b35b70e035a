"""What every expert receives, added up over the rows of the array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import given, value_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats, Ints
from gui.core.state.document import Opened
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.topk.compute.following import REST
from gui.pages.topk.compute.inputs import Along, AxisKind
from gui.pages.topk.compute.outputs import Kept, Taus, taus
from gui.pages.topk.compute.scores import FOLLOWED, line_of

if TYPE_CHECKING:
    from engine.jobs import Progress

STARVED = 0.5
_ROWS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Load:
    """Sum of p over ``rows`` rows, per expert and operator; ``fair`` is rows * k / experts."""

    rows: int
    experts: int
    fair: float
    taus: Taus
    load: dict[str, Floats]
    errors: dict[str, str]

    def starved(self, key: str) -> Ints:
        """Return the experts that get less than half of the fair share under operator ``key``."""
        return np.flatnonzero(self.load[key] < STARVED * self.fair)


class AddUp(Step, key="load"):
    """Route every row (or column) of the array and add up what each expert receives."""

    data: Opened = given(Opened)
    axis: AxisKind = Along.axis
    k: float = Kept.k
    taus: Taus = value_of(taus)

    @property
    def live(self) -> bool:
        """Whether overtaken answers are drawn."""
        return self._shape[1] <= FOLLOWED

    @property
    def rest(self) -> float:
        """Many experts are asked about when the mouse has come to rest."""
        return 0.0 if self.live else REST

    @property
    def _shape(self) -> tuple[int, int]:
        rows, experts = self.data.ref.matrix_shape
        return (rows, experts) if self.axis == "row" else (experts, rows)

    def run(self, progress: Progress | None = None) -> Load:
        """Return the load; an operator that refuses a row is left out with its reason."""
        from engine.errors import RankscopeError
        from engine.jobs import checkpoint
        from engine.topk import get_operator

        rows, experts = self._shape
        load = {key: np.zeros(experts) for key, _ in self.taus}
        errors: dict[str, str] = {}
        for start in range(0, rows, _ROWS_AT_ONCE):
            block = self._block(slice(start, min(start + _ROWS_AT_ONCE, rows)), progress)
            if not block.shape[0]:
                continue  # all of them are left out
            for key, tau in self.taus:
                checkpoint(progress, start / rows, tr("Adding up the load of every expert"))
                if key in errors:
                    continue
                try:
                    load[key] += get_operator(key)(block, self.k, tau).sum(axis=0)
                except RankscopeError as error:
                    errors[key] = tr_sentence(error)
        kept = {key: value for key, value in load.items() if key not in errors}
        left = self.data.rows
        routed = rows if left is None or self.axis != "row" else int(left.kept.size)
        return Load(routed, experts, routed * self.k / experts, self.taus, kept, errors)

    def _block(self, part: slice, progress: Progress | None) -> Floats:
        block = np.asarray(line_of(self.data, self.axis, part, progress), dtype=np.float64)
        return block if self.axis == "row" else np.ascontiguousarray(block.T)
