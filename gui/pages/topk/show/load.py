"""What every expert receives beside the fair share; the starved are marked."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Ints
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.words.i18n import tr
from gui.pages.topk.compute.catalogue import Detail, Infos, infos
from gui.pages.topk.compute.inputs import InputSpec, Spec, has_lines, names
from gui.pages.topk.compute.load import AddUp, Load
from gui.pages.topk.compute.outputs import equal_softness
from gui.pages.topk.show.frame import FEW, nobody, own_taus, refused
from gui.pages.topk.show.sentences import input_title

LOAD = View(
    "load",
    "Load",
    "What every expert receives, added up over the rows",
    when=has_lines,
    why="Needs an array with rows: tokens x experts.",
)


class LoadPlot(Plot, key="topk.load", title="Load of every expert", view=LOAD):
    """The load of every expert with the fair share."""

    load: Load | None = answer_of(AddUp, when=has_lines)
    spec: InputSpec = value_of(Spec)
    infos: Infos = value_of(infos)
    focus: str = Detail.focus
    own_tau: bool = value_of(equal_softness)
    names: tuple[str, ...] = value_of(names)

    def figure(self) -> Figure:
        """Return the plot."""
        load = self.load
        if load is None:
            words = tr("Choose an array with rows (tokens x experts) to see the load.")
            return Figure(legend=False, note=words)
        if not (load.load or load.errors):
            return nobody()
        own = load.taus if self.own_tau else ()
        return Figure(
            title=tr("Load of every expert over {rows} rows", rows=load.rows),
            x=Axis(tr("expert (index)"), log_locked=True).named(self._names(load)),
            y=Axis(tr("load (sum of p)")),
            series=self._series(load),
            cursors=(Cursor("fair", tr("fair share"), "y", load.fair, color="muted"),),
            note=self._note(load),
            meta={"source": input_title(self.spec), **own_taus(own, self.infos)},
        )

    def _names(self, load: Load) -> tuple[str, ...]:
        return self.names if len(self.names) == load.experts else ()

    def _series(self, load: Load) -> tuple[Series, ...]:
        x = np.arange(load.experts, dtype=np.float64)
        symbol = "o" if load.experts <= FEW else ""
        curves = tuple(
            Series(
                key,
                self.infos[key].name,
                x,
                values,
                color=self.infos[key].color,
                dash=self.infos[key].dash,
                symbol=symbol if key == "hard" else "",
            )
            for key, values in load.load.items()
        )
        if self.focus not in load.load or not load.starved(self.focus).size:
            return curves
        # First in the legend, where it is not cut; points are drawn over curves anyway.
        starved = load.starved(self.focus)
        y = load.load[self.focus][starved]
        mark = Series(
            "starved", tr("starved"), x[starved], y, color="warning", symbol="d", line=False
        )
        return (mark, *curves)

    def _note(self, load: Load) -> str:
        if self.focus not in load.load:
            return refused(load.errors, self.infos)
        starved = load.starved(self.focus)
        return starved_sentence(self.infos[self.focus].name, starved, self._names(load))


def starved_sentence(name: str, starved: Ints, names: tuple[str, ...] = ()) -> str:
    """Say in words which experts get less than half of the fair share, by name or index."""
    called = [names[expert] if names else str(expert) for expert in starved.tolist()]
    if not starved.size:
        return tr("{name}: no expert is starved (below half the fair share).", name=name)
    if starved.size == 1:
        words = tr("{name}: expert {index} is starved (below half the fair share).")
        return words.format(name=name, index=called[0])
    shown = ", ".join(called[:8])
    if starved.size > 8:
        shown = tr("{list} and {count} more", list=shown, count=starved.size - 8)
    return tr(
        "{name}: {count} starved experts (below half the fair share): {list}.",
        name=name,
        count=starved.size,
        list=shown,
    )
