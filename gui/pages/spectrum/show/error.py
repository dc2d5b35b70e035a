"""Error against rank."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis, stored_share
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.show.frame import meta_of, rank_line

ERROR = View(
    "error",
    "Error vs rank",
    "‖M − M_r‖ in two norms, and the stored size",
    short="Error",
)


class Error(Plot, key="spectrum.error", title="Error against rank", view=ERROR):
    """The Eckart-Young floor in both norms, and the stored size."""

    analysis: Analysis = answer_of(Analyse)
    rank: int = Shared.rank
    error_relative: bool = toggle(
        True,
        "Relative to the norms",
        "Divide by ‖M‖_F and σ₁, and show the stored size on the same scale",
        view="error",
        undo="relative errors",
    )
    error_log: bool = toggle(True, undo="logarithmic error", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, rank = self.analysis, self.rank
        limit = min(analysis.shape)
        # A few values of a great many are no thin line at the left.
        last = limit if analysis.spectrum.complete or analysis.more else max(analysis.known, rank)
        ranks = np.arange(analysis.known + 1.0)
        relative = self.error_relative
        total, top = analysis.spectrum.frobenius, analysis.sigma1
        frobenius = analysis.frobenius / total if relative and total else analysis.frobenius
        spectral = analysis.spectral / top if relative and top else analysis.spectral
        log_y = self.error_log and analysis.sigma1 > 0.0
        names = (
            (tr("Frobenius error / ‖M‖_F"), tr("spectral error / σ₁"))
            if relative
            else (tr("Frobenius error"), tr("spectral error σ_{r+1}"))
        )
        series = [
            Series("frobenius", names[0], ranks, frobenius, "c0", "solid"),
            Series("spectral", names[1], ranks, spectral, "c1", "dash"),
        ]
        if relative:
            stored = np.asarray(stored_share(analysis.shape, ranks))
            name = tr("stored size / (m n)")
            series.append(Series("stored", name, ranks, stored, "c2", "dashdot"))
        note = tr("No matrix of rank r comes closer (Eckart, Young, Mirsky).")
        if not analysis.spectrum.complete:
            note = tr("Upper bounds, from the leading values and ‖M‖_F.")
            if analysis.more:
                note = tr("Upper bounds, until all singular values are known.")
        return Figure(
            x=Axis(tr("rank r"), limits=(0.0, last + 1.0)),
            y=Axis(tr("share") if relative else tr("error"), log=log_y),
            series=tuple(one.above(_floor(one.y) if log_y else None) for one in series),
            cursors=(rank_line(rank, limit),),
            note=note,
            meta=meta_of(analysis, rank=str(rank)),
        )


def _floor(values: Floats) -> float:
    """Errors at rounding level have no place on a log axis: they end the curve."""
    top = float(np.max(values, initial=0.0))
    return max(4.0 * np.finfo(np.float64).eps * top, 1e-307)
