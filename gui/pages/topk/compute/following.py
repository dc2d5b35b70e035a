"""What the steps of the lower views have in common: few scores are followed, many wait."""

from __future__ import annotations

from gui.core.declare.marks import value_of
from gui.core.declare.records import Step
from gui.pages.topk.compute.outputs import Kept
from gui.pages.topk.compute.scores import FOLLOWED, Dragged, Scores

REST = 0.15  # seconds without a newer question before long input is asked about


class Following(Step):
    """A question about the scores and k in force that a lower view asks."""

    scores: Scores = value_of(Dragged)
    k: float = Kept.k

    @property
    def live(self) -> bool:
        """Whether overtaken answers are drawn."""
        return self.scores.size <= FOLLOWED

    @property
    def rest(self) -> float:
        """Long input is asked about when the mouse has come to rest."""
        return 0.0 if self.live else REST
