"""How many values lie where, with the law of noise over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.table import Row, number_row
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.density import Density, Histogram
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.show.frame import meta_of

DENSITY = View("density", "Density", "Histogram with the law of pure noise over it")


class DensityPlot(Plot, key="spectrum.density", title="Density", view=DENSITY):
    """The histogram with the Marchenko-Pastur law of pure noise over it."""

    analysis: Analysis = answer_of(Analyse)
    density: Histogram = answer_of(Density)
    density_log: bool = toggle(False, undo="logarithmic density", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, density, squared = self.analysis, self.density, self.density.squared
        symbol = "σ²" if squared else "σ"
        x = np.repeat(density.edges, 2)[1:-1]
        y = np.repeat(density.heights, 2)
        log_y = self.density_log
        positive = density.heights[density.heights > 0.0]
        floor = 0.5 * float(positive.min(initial=1.0)) if log_y else 0.0
        values = (
            tr("1 value of {symbol}") if analysis.known == 1 else tr("{count} values of {symbol}")
        )
        histogram = Series(
            "histogram",
            values.format(count=analysis.known, symbol=symbol),
            x,
            np.maximum(y, floor),
            "c0",
            width=1.0,
            fill_to=floor,
            numbers=y,
        )
        series = [histogram]
        cursors: tuple[Cursor, ...] = ()
        note = tr("The noise level needs all singular values.")
        if density.grid.size:
            name = tr("Marchenko-Pastur law, noise s = {noise:.3g}", noise=density.noise)
            law = Series("law", name, density.grid, density.law, "c1", "dash")
            series.append(law.above(floor if log_y else None))
            cursors = (Cursor("edge", tr("noise edge"), "x", density.edge, color="c1", dash="dot"),)
            above = int(np.count_nonzero(analysis.spectrum.values > _edge_sigma(density, squared)))
            note = tr("{count} values stand out of the noise.", count=above)
            if above == 1:
                note = tr("1 value stands out of the noise.")
        return Figure(
            title=tr("Density of {symbol}", symbol=symbol),
            x=Axis(tr("squared singular value σ²") if squared else tr("singular value σ")),
            y=Axis(tr("density"), log=log_y),
            series=tuple(series),
            cursors=cursors,
            note=note,
            meta=meta_of(analysis, noise=f"{density.noise:.6g}"),
        )


class Noise(Plot, key="spectrum.noise", title="Noise", view=DENSITY):
    """The noise level in force and the edge it gives."""

    density: Histogram = answer_of(Density)

    def rows(self) -> Sequence[Row]:
        """Return them; none while all singular values are not known."""
        density = self.density
        if not density.grid.size:
            return ()
        return (
            number_row(tr("Noise in force"), density.noise, tr("Standard deviation per entry")),
            number_row(tr("Noise edge"), density.edge, tr("s (√m + √n), squared for σ²")),
        )


def _edge_sigma(density: Histogram, squared: bool) -> float:
    return float(np.sqrt(density.edge)) if squared else density.edge
