"""How much larger each singular value is than the next."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Figure, Series
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse

RATIOS = View("ratios", "Ratios", "How much larger each value is than the next")
TINY = 1e-300  # in place of a value that is 0


class Ratios(Plot, key="spectrum.ratios", title="Ratios of neighbours", view=RATIOS):
    """σᵢ / σᵢ₊₁ against i."""

    analysis: Analysis = answer_of(Analyse)

    def figure(self) -> Figure:
        """Return the plot."""
        s = np.maximum(self.analysis.spectrum.values, TINY)
        place = np.arange(1, s.size)
        ratios = Series("ratios", "σᵢ / σᵢ₊₁", place, s[:-1] / s[1:], symbol="o")
        return Figure(x=Axis("i"), y=Axis("σᵢ / σᵢ₊₁", log=True), series=(ratios,))
