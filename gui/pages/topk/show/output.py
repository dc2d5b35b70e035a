"""p of every compared operator, or its difference to the hard mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gui.core.declare.marks import answers_of, maybe_given, value_of
from gui.core.declare.parameter import choice, toggle
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.words.i18n import tr
from gui.pages.topk.compute.outputs import OperatorOutput, Outputs, equal_softness
from gui.pages.topk.show.frame import FEW, Framed, Witness, k_cursor, marks, nobody, own_taus

Quantity = Literal["output", "difference"]
QUANTITIES: Mapping[Quantity, str] = {"output": "output p", "difference": "difference to hard"}


class OutputPlot(Framed, key="topk.output", title="Soft Top-k output", share=62):
    """What the operators make of the scores."""

    outputs: Mapping[str, OperatorOutput] = answers_of(Outputs)
    own_tau: bool = value_of(equal_softness)
    quantity: Quantity = choice(
        "output",
        QUANTITIES,
        "&Quantity",
        "p, or p - T_k with T_k the hard mask",
        section="Shown",
    )
    output_log: bool = toggle(False, axis="y", undo="logarithmic axis")
    witness: Witness | None = maybe_given(Witness)

    def figure(self) -> Figure:
        """Return the plot."""
        if not (self.outputs or getattr(self.outputs, "errors", None)):
            return nobody()
        frame, difference = self.frame, self.quantity == "difference"
        series = [
            self._curve(key, output)
            for key, output in self.outputs.items()
            if not (difference and key == "hard")
        ]
        # The neutral reference is drawn last, thin, so that it hides nobody and nobody hides it.
        series.sort(key=lambda one: one.key == "hard")
        # On the curve of the operator that they are about, which need not be drawn.
        about = self.witness.operator if self.witness is not None else ""
        shown = next((marks(frame, one.y, self.witness) for one in series if one.key == about), ())
        taus = [(key, one.tau) for key, one in self.outputs.items()] if self.own_tau else []
        return Figure(
            title=tr("Difference to the hard mask") if difference else "",
            x=frame.axis(),
            y=Axis(
                tr("p - T_k") if difference else tr("weight p"),
                log=self.output_log and not difference,
                log_locked=difference,
            ),
            series=(*series, *shown),
            cursors=(k_cursor(self.k, float(self.scores.unmasked), "muted"),)
            if frame.by == "rank"
            else (),
            meta={**self.meta, **own_taus(taus, self.infos)},
        )

    def _curve(self, key: str, output: OperatorOutput) -> Series:
        frame, info, few = self.frame, self.infos[key], self.scores.size <= FEW
        values = frame.placed(output)
        if self.quantity == "difference":
            # Its own k: a curve that is still on its way is an older one.
            values = values - frame.kept(output.k)
        return Series(
            key,
            info.name,
            frame.x,
            values,
            color=info.color,
            dash=info.dash,
            symbol="o" if few and key == "hard" else "",
            # By index a line would join scores that have nothing to do with each other.
            line=frame.by == "rank" or not few or key != "hard",
        )
