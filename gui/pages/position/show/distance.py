"""How scores and weights fall with the distance of two tokens."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed
from gui.pages.position.compute.exact import Decay, Fall
from gui.pages.position.compute.setting import Encodings

DISTANCE = View("distance", "Distance", "How the encodings weigh the distance of two tokens")
_SHOWN = 16  # slopes of heads that are drawn


class RopePlot(Plot, key="position.distance", title="RoPE and sinusoids", view=DISTANCE):
    """The score of two equal vectors under RoPE; that of two sinusoids is the same."""

    decay: Decay = answer_of(Fall)
    base: float = Encodings.base
    distance_log: bool = toggle(True, undo="logarithmic axis", axis="x")

    def figure(self) -> Figure:
        """Return the plot."""
        decay = self.decay
        smooth = tr("[Ci(Δ) − Ci(Δ/base)] / ln base")
        return Figure(
            title=tr("Score of equal vectors under RoPE, by distance"),
            x=Axis(tr("distance Δ = n − m"), log=self.distance_log),
            y=Axis(tr("g(Δ) = (2/d) Σ cos(Δ / base^(2i/d))")),
            series=(
                Series("rope", tr("g(Δ)"), decay.distance, decay.rope, "c1"),
                Series("smooth", smooth, decay.distance, decay.smooth, "muted", "dash"),
            ),
        )


class AlibiPlot(Plot, key="position.alibi", title="ALiBi", view=DISTANCE):
    """What ALiBi leaves of a weight: every head forgets at its own pace."""

    decay: Decay = answer_of(Fall)
    slope: float = Encodings.slope
    distance_log: bool = RopePlot.distance_log
    alibi_log: bool = toggle(False, undo="logarithmic axis", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        decay = self.decay
        some = np.unique(np.linspace(0, decay.slopes.size - 1, _SHOWN).round().astype(int))
        series = [
            Series(
                f"head.{place + 1}",
                tr("slopes of the heads"),
                decay.distance,
                np.exp(-slope * decay.distance),
                "muted",
                width=1.0,
                listed=not number,
                words=(),
            )
            for number, (place, slope) in enumerate((i, decay.slopes[i]) for i in some)
        ]
        own = tr("slope {slope}", slope=as_typed(self.slope))
        weight = np.exp(-self.slope * decay.distance)
        series.append(Series("own", own, decay.distance, weight, "c2"))
        return Figure(
            title=tr("Weight under ALiBi, by distance"),
            x=Axis(tr("distance Δ = n − m"), log=self.distance_log),
            y=Axis(
                tr("exp(−slope Δ)"),
                log=self.alibi_log,
                limits=(1e-6, 1.5) if self.alibi_log else (0.0, 1.05),
            ),
            series=tuple(one.above(0.0 if self.alibi_log else None) for one in series),
        )
