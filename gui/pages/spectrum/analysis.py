"""What follows from the singular values alone: curves, descriptors, rules, density, soft masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.spectrum.data import Data

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import Descriptors, Spectrum


@dataclass(frozen=True, eq=False)
class Analysis:
    """A spectrum with its curves; entry r of a curve belongs to rank r, r = 0 ... K.

    While only leading values are known the errors are upper bounds and the energy a lower one.
    """

    data: Data
    spectrum: Spectrum
    energy: Floats
    frobenius: Floats
    spectral: Floats
    descriptors: Descriptors
    facts: tuple[Fact, ...]

    @property
    def known(self) -> int:
        """How many singular values are known."""
        return int(self.spectrum.values.size)

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.spectrum.shape

    @property
    def sigma1(self) -> float:
        """The largest singular value."""
        return float(self.spectrum.values[0]) if self.known else 0.0


@dataclass(frozen=True)
class Fact:
    """One descriptor as it is shown: its name, value (None where there is none) and meaning."""

    key: str
    title: str
    value: float | None
    formula: str
    source: str
    bounds: tuple[float, float] | None = None
    remark: str = ""


def analyse(data: Data, spectrum: Spectrum) -> Analysis:
    """Return the curves and descriptors of ``spectrum``."""
    from engine.spectrum import describe, energy, frobenius_error, spectral_error

    descriptors = describe(spectrum)
    return Analysis(
        data,
        spectrum,
        energy(spectrum),
        frobenius_error(spectrum),
        spectral_error(spectrum),
        descriptors,
        _facts(descriptors),
    )


def _facts(found: Descriptors) -> tuple[Fact, ...]:
    from engine.spectrum import DESCRIPTORS

    return tuple(
        Fact(
            info.key,
            tr(info.title),
            getattr(found, info.key),
            tr_sentence(info.formula),
            tr_sentence(info.source),
            found.bounds.get(info.key),
            tr_sentence(found.alpha_reason) if info.key == "alpha" else "",
        )
        for info in DESCRIPTORS
    )


@dataclass(frozen=True, eq=False)
class Density:
    """A histogram with the law of pure noise; ``edge`` is where noise would end."""

    edges: Floats
    heights: Floats
    grid: Floats
    law: Floats
    noise: float
    edge: float


@dataclass(frozen=True, eq=False)
class ComputeDensity:
    """Histogram of sigma (or sigma^2) and the Marchenko-Pastur law; ``noise`` 0 is estimated."""

    spectrum: Spectrum = field(repr=False)
    squared: bool = False
    bins: int = 0
    noise: float = 0.0

    def run(self, progress: Progress | None = None) -> Density:
        """Return heights that integrate to 1, and the law on a grid of its support."""
        from engine.spectrum import mp_density, mp_edges, mp_median

        values = np.asarray(self.spectrum.values)
        shown = values**2 if self.squared else values
        top = float(shown.max(initial=0.0)) or 1.0
        bins = self.bins or _bins(shown, top)
        heights, edges = np.histogram(shown, bins, range=(0.0, top), density=True)
        m, n = self.spectrum.shape
        noise = self.noise
        if not noise and values.size and self.spectrum.complete:
            beta = min(m, n) / max(m, n)
            noise = float(np.median(values)) / float(np.sqrt(max(m, n) * mp_median(beta)))
        if not (noise > 0.0 and np.isfinite(noise)):
            empty = np.zeros(0)
            return Density(edges, heights, empty, empty, 0.0, float("nan"))
        low, high = mp_edges((m, n), noise)
        grid = np.linspace(low, high, 301)
        law = mp_density(grid, (m, n), noise)
        if self.squared:
            # d sigma / d lambda = 1 / (2 sigma); the density at 0 is infinite and not drawn.
            positive = grid > 0.0
            law = np.where(positive, law / np.where(positive, 2.0 * grid, 1.0), np.nan)
            grid, high = grid**2, high**2
        return Density(edges, heights, grid, law, noise, high)


def _bins(values: Floats, top: float) -> int:
    """Bars of half the Freedman-Diaconis width: a bulk beside far spikes keeps its shape."""
    if values.size < 2:
        return 8
    low, high = np.percentile(values, [25, 75])
    width = float(high - low) / values.size ** (1.0 / 3.0)
    return int(np.clip(top / width, 8, 200)) if width > 0.0 else 40


@dataclass(frozen=True)
class FollowCircle:
    """The unit circle through V^T, S and U of a 2 x 2 matrix."""

    matrix: tuple[float, float, float, float]

    def run(self, progress: Progress | None = None) -> Any:
        """Return the engine's CircleStages."""
        from engine.spectrum import circle_stages

        a, b, c, d = self.matrix
        return circle_stages(np.array([[a, b], [c, d]]))
