"""p of the operator in detail over all scores and tau."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import View
from gui.core.figure.figure import Axis, Cursor, Figure, Image
from gui.core.figure.look import Look
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed
from gui.pages.topk.compute.catalogue import compared
from gui.pages.topk.compute.heat import Heat, HeatMap
from gui.pages.topk.compute.outputs import Comparing, Comparison, Taus, taus
from gui.pages.topk.show.frame import Framed, nobody, own_taus

HEAT = View("heat", "Heat map", "p of the operator in detail over all scores and tau", short="Heat")
DECADES = tuple((float(e), f"{10.0**e:g}") for e in range(-3, 4))


class HeatPlot(Framed, key="topk.heat", title="p over tau", view=HEAT):
    """p over (place, tau) as a picture, with the operator's tau; the tau axis counts decades."""

    heat: HeatMap = answer_of(Heat)
    compared: tuple[str, ...] = value_of(compared)
    taus: Taus = value_of(taus)
    comparison: Comparison = Comparing.comparison
    look: Look = value_of(colours("heat"))

    def figure(self) -> Figure:
        """Return the plot."""
        if not self.compared:
            return nobody()
        heat, frame = self.heat, self.frame
        low, high = float(np.log10(heat.taus[0])), float(np.log10(heat.taus[-1]))
        half = (high - low) / max(len(heat.taus) - 1, 1) / 2
        start = float(frame.x[0]) - 0.5
        extent = (start, start + self.scores.size, high + half, low - half)
        own = self.taus if self.comparison != "tau" else ()
        note = ""
        if heat.block > 1:
            note = tr("Each column is the mean of up to {n} scores.", n=heat.block)
        return Figure(
            title=tr("p of {name} over tau", name=self.infos[heat.key].name),
            x=frame.axis(),
            y=Axis(tr("temperature tau"), ticks=DECADES, log_locked=True, decades=True),
            cursors=self._cursor(),
            images=(Image("p", tr("p"), heat.p[::-1], extent, levels=(0.0, 1.0), unit=tr("p")),),
            note=note,
            meta={**self.meta, **own_taus([one for one in own if one[0] == heat.key], self.infos)},
        )

    def _cursor(self) -> tuple[Cursor, ...]:
        """Return the tau in force for this operator; one of its own is not dragged."""
        tau = dict(self.taus).get(self.heat.key)
        if tau is None:
            return ()
        label = tr("tau = {tau}", tau=as_typed(tau))
        place, shared = float(np.log10(tau)), self.comparison == "tau"
        return (Cursor("log_tau", label, "y", place, shared, (-3.0, 3.0), color="ink"),)
