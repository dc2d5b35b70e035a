"""p around the boundary, or the mass moved, against tau and against k."""

from __future__ import annotations

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed
from gui.pages.topk.compute.catalogue import Infos
from gui.pages.topk.compute.outputs import (
    TAU_MAX,
    TAU_MIN,
    Comparing,
    Comparison,
    Kept,
    Softness,
    Taus,
    taus,
)
from gui.pages.topk.compute.sweeps import Quantity, Sweep, SweepK, SweepQuantity, SweepTau
from gui.pages.topk.show.frame import OverScores, k_cursor, nobody, own_taus

TAU = View("tau", "Tau", "How p around the boundary, or the mass moved, depends on tau")
K = View("k", "k", "How p around the boundary, or the mass moved, depends on k")


class TauPlot(OverScores, key="topk.tau_sweep", title="Output along tau", view=TAU):
    """The outputs against tau, with a draggable tau, or with each operator's own."""

    sweep: Sweep = answer_of(SweepTau)
    taus: Taus = value_of(taus)
    tau: float = Kept.tau
    comparison: Comparison = Comparing.comparison
    softness: float = Softness.softness
    sweep_quantity: SweepQuantity = Quantity.sweep_quantity
    tau_log: bool = toggle(True, axis="x", undo="logarithmic axis")
    sweep_log: bool = toggle(False, axis="y", undo="logarithmic axis")

    def figure(self) -> Figure:
        """Return the plot."""
        if not self.sweep.values:
            return nobody()
        moved = self.sweep_quantity == "moved"
        own = self.taus if self.comparison != "tau" else ()
        return Figure(
            title=tr("Mass moved against tau")
            if moved
            else _watched(self.k, self.sweep, tr("tau")),
            x=Axis(tr("temperature tau (unit of the scores)"), log=self.tau_log),
            y=_axis(moved, self.sweep_log),
            series=_series(self.k, self.sweep, moved, self.infos),
            cursors=self._cursors(moved),
            meta={**self.meta, **own_taus(own, self.infos)},
        )

    def _cursors(self, moved: bool) -> tuple[Cursor, ...]:
        if self.comparison == "tau":
            label = tr("tau = {tau}", tau=as_typed(self.tau))
            return (Cursor("tau", label, "x", self.tau, True, (TAU_MIN, TAU_MAX)),)
        cursors = [
            Cursor(f"tau.{key}", "", "x", own, color=self.infos[key].color)
            for key, own in self.taus
            if self.infos[key].has_tau and TAU_MIN <= own <= TAU_MAX
        ]
        if moved and self.comparison == "mass":
            label = tr("mass moved = {value} of k", value=as_typed(self.softness))
            cursors.append(Cursor("softness", label, "y", self.softness, True, (1e-3, 2.0)))
        return tuple(cursors)


class KPlot(OverScores, key="topk.k_sweep", title="Output along k", view=K):
    """The outputs against k, with a draggable k."""

    sweep: Sweep = answer_of(SweepK)
    taus: Taus = value_of(taus)
    comparison: Comparison = Comparing.comparison
    sweep_quantity: SweepQuantity = Quantity.sweep_quantity
    k_log: bool = toggle(False, axis="x", undo="logarithmic axis")
    sweep_log: bool = TauPlot.sweep_log

    def figure(self) -> Figure:
        """Return the plot."""
        if not self.sweep.values:
            return nobody()
        moved = self.sweep_quantity == "moved"
        own = self.taus if self.comparison != "tau" else ()
        return Figure(
            title=tr("Mass moved against k") if moved else _watched(self.k, self.sweep, tr("k")),
            x=Axis(tr("k (how many are kept)"), log=self.k_log),
            y=_axis(moved, self.sweep_log),
            series=_series(self.k, self.sweep, moved, self.infos),
            cursors=(k_cursor(self.k, float(self.scores.unmasked)),),
            meta={**self.meta, **own_taus(own, self.infos)},
        )


def _axis(moved: bool, log: bool) -> Axis:
    if moved:
        return Axis(tr("mass moved, sum |p - T_k| / k"), log=log)
    return Axis(tr("p"), log=log)


def _series(k: float, sweep: Sweep, moved: bool, infos: Infos) -> tuple[Series, ...]:
    series = []
    for key, values in sweep.values.items():
        info = infos[key]
        if moved:
            curve = sweep.moved[key]
            series.append(Series(key, info.name, sweep.steps, curve, info.color, info.dash))
            continue
        for column, rank in enumerate(sweep.ranks):
            # One legend entry per operator; the pair next to the boundary is drawn stronger.
            series.append(
                Series(
                    f"{key}.{rank + 1}",
                    info.name if column == 0 else "",
                    sweep.steps,
                    values[:, column],
                    info.color,
                    info.dash,
                    width=2.0 if rank in _beside_boundary(k) else 1.0,
                    called=tr("{name}, rank {rank}", name=info.name, rank=rank + 1),
                )
            )
    return tuple(series)


def _beside_boundary(k: float) -> tuple[int, int]:
    """Return the ranks of the last score kept and the first left out, counted from 0."""
    return round(k) - 1, round(k)


def _watched(k: float, sweep: Sweep, against: str) -> str:
    near = _beside_boundary(k)
    words = {"ranks": ", ".join(str(rank + 1) for rank in sweep.ranks), "what": against}
    thick = [str(rank + 1) for rank in sweep.ranks if rank in near]
    if not thick or len(thick) == len(sweep.ranks):
        return tr("p of ranks {ranks} against {what}", **words)
    return tr(
        "p of ranks {ranks} against {what}, thick: {near} at the boundary",
        near=", ".join(thick),
        **words,
    )
