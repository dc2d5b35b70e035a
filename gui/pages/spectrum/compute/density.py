"""The histogram of the values and the law of pure noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import number
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse, sigma1
from gui.pages.spectrum.compute.shared import Quantity, Shared

if TYPE_CHECKING:
    from engine.jobs import Progress


@dataclass(frozen=True, eq=False)
class Histogram:
    """Heights that integrate to 1 with the law of pure noise; ``edge`` is where noise would end."""

    squared: bool
    edges: Floats
    heights: Floats
    grid: Floats
    law: Floats
    noise: float
    edge: float


def squared(quantity: Quantity = Shared.quantity) -> bool:
    """Return whether squares are plotted."""
    return quantity == "sigma2"


class Density(Step, key="density"):
    """Histogram of sigma (or sigma^2) and the Marchenko-Pastur law; noise 0 is estimated."""

    analysis: Analysis = answer_of(Analyse)
    squared: bool = value_of(squared)
    bins: int = number(
        0,
        (0, 400),
        "&Bars (0: automatic)",
        "Bars of the histogram; 0 follows the spread of the values (Freedman, Diaconis)",
        view="density",
        undo="number of bars",
    )
    noise: float = number(
        0.0,
        (0.0, sigma1),
        "&Noise s (0: estimated)",
        "Standard deviation s of the noise in one entry; 0 estimates it from the median: "
        "median(σ) / √(max(m, n) μ_β)",
        view="density",
        undo="noise level",
    )

    def run(self, progress: Progress | None = None) -> Histogram:
        """Return heights that integrate to 1, and the law on a grid of its support.

        Raises
        ------
        engine.errors.DataError
            When the squares are larger than any number.
        """
        from engine.errors import DataError
        from engine.spectrum import mp_density, mp_edges

        spectrum = self.analysis.spectrum
        values = np.asarray(spectrum.values)
        with np.errstate(over="ignore"):
            shown = values**2 if self.squared else values
        top = float(shown.max(initial=0.0)) or 1.0
        if not np.isfinite(top):
            raise DataError(tr("The squares of these values are too large for a number: show σ."))
        bins = self.bins or _bins(shown, top)
        heights, edges = np.histogram(shown, bins, range=(0.0, top), density=True)
        noise = self.noise or self._estimated()
        if not (noise > 0.0 and np.isfinite(noise)):
            empty = np.zeros(0)
            return Histogram(self.squared, edges, heights, empty, empty, 0.0, float("nan"))
        low, high = mp_edges(spectrum.shape, noise)
        grid = np.linspace(low, high, 301)
        law = mp_density(grid, spectrum.shape, noise)
        if self.squared:
            # d sigma / d lambda = 1 / (2 sigma); the density at 0 is infinite and not drawn.
            positive = grid > 0.0
            law = np.where(positive, law / np.where(positive, 2.0 * grid, 1.0), np.nan)
            grid, high = grid**2, high**2
        return Histogram(self.squared, edges, heights, grid, law, noise, high)

    def _estimated(self) -> float:
        """Return the noise level of the median; 0 while values are missing."""
        from engine.spectrum import mp_median

        spectrum = self.analysis.spectrum
        values = np.asarray(spectrum.values)
        if not (values.size and spectrum.complete):
            return 0.0
        m, n = spectrum.shape
        beta = min(m, n) / max(m, n)
        return float(np.median(values)) / float(np.sqrt(max(m, n) * mp_median(beta)))


def _bins(values: Floats, top: float) -> int:
    """Bars of half the Freedman-Diaconis width: a bulk beside far spikes keeps its shape."""
    if values.size < 2:
        return 8
    low, high = np.percentile(values, [25, 75])
    width = float(high - low) / values.size ** (1.0 / 3.0)
    return int(np.clip(top / width, 8, 200)) if width > 0.0 else 40
