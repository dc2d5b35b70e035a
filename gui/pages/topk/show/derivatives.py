"""The Jacobian, or one of its columns, and the gradient that reaches each score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import toggle
from gui.core.declare.pictures import colours
from gui.core.declare.records import View
from gui.core.figure.figure import Axis, Figure, Image
from gui.core.figure.look import Look
from gui.core.words.i18n import tr
from gui.pages.topk.compute.derivatives import (
    JACOBIAN_MAX,
    Direction,
    Gradient,
    GradientParts,
    Jacobian,
    JacobianPart,
    Loss,
    is_too_large,
)
from gui.pages.topk.compute.inputs import Spec
from gui.pages.topk.compute.outputs import Comparing, Comparison, Taus, taus
from gui.pages.topk.show.frame import (
    Framed,
    by_differences,
    called,
    curves,
    nobody,
    own_taus,
    refused,
)

JACOBIAN = View("jacobian", "Jacobian", "How every output depends on every score")
GRADIENT = View("gradient", "Gradient", "The gradient of a loss that reaches each score")


class JacobianPlot(Framed, key="topk.jacobian", title="Jacobian", view=JACOBIAN):
    """dpᵢ/dxⱼ of the operator in detail as a picture, or one column of every operator's."""

    part: JacobianPart = answer_of(Jacobian)
    taus: Taus = value_of(taus)
    comparison: Comparison = Comparing.comparison
    is_too_large: bool = value_of(is_too_large)
    look: Look = value_of(colours("jacobian"))

    def figure(self) -> Figure:
        """Return the plot."""
        part = self.part
        if part.matrix is None and not (part.columns or part.errors):
            return nobody()
        return self._picture(part) if part.matrix is not None else self._column(part)

    def _picture(self, part: JacobianPart) -> Figure:
        assert part.matrix is not None
        frame, axis = self.frame, self.frame.axis()
        start = float(frame.x[0]) - 0.5
        end = start + self.scores.size
        values = part.matrix[np.ix_(frame.places, frame.places)]
        extent = (start, end, start, end)
        image = Image("jacobian", "dpᵢ/dxⱼ", values, extent, "diverging", unit="dpᵢ/dxⱼ")
        return Figure(
            title=tr("Jacobian of {name}", name=self.infos[part.focus].name),
            x=replace(axis, label=tr("score moved j, by {order}", order=axis.label)),
            y=replace(axis, label=tr("output i"), inverted=True),
            images=(image,),
            note=by_differences((part.focus,), self.infos),
            meta=self._meta(part.focus),
        )

    def _column(self, part: JacobianPart) -> Figure:
        frame, moved = self.frame, called(self.names, part.column)
        note = ""
        if self.is_too_large:
            note = tr(
                "The whole matrix is shown up to n = {limit}; this is one column.",
                limit=JACOBIAN_MAX,
            )
        return Figure(
            title=tr("How p changes when score {index} moves", index=moved),
            x=frame.axis(),
            y=Axis(tr("dp_i / dx_j, j = {index}", index=moved)),
            series=curves(frame, part.columns, self.infos),
            note=_joined(
                note, refused(part.errors, self.infos), by_differences(part.columns, self.infos)
            ),
            meta=self._meta(*part.columns),
        )

    def _meta(self, *keys: str) -> dict[str, str]:
        own = [one for one in self.taus if one[0] in keys] if self.comparison != "tau" else []
        return {**self.meta, **own_taus(own, self.infos)}


class GradientPlot(
    Framed, key="topk.gradient", title="Gradient that reaches each score", view=GRADIENT
):
    """The gradient of the chosen loss that reaches every score, per operator."""

    gradients: GradientParts = answer_of(Gradient)
    taus: Taus = value_of(taus)
    comparison: Comparison = Comparing.comparison
    direction: Direction = Loss.direction
    seed: int = Spec.seed
    gradient_log: bool = toggle(False, axis="y", undo="logarithmic axis")

    def figure(self) -> Figure:
        """Return the plot."""
        found, log = self.gradients, self.gradient_log
        if not (found.values or found.errors):
            return nobody()
        values = found.values
        if log:
            values = {key: np.abs(value) for key, value in values.items()}
        own = self.taus if self.comparison != "tau" else ()
        # The random loss has the seed of the random scores.
        drawn = {"seed": str(self.seed)} if self.direction == "random" else {}
        return Figure(
            x=self.frame.axis(),
            y=Axis(tr("|dL/dxⱼ|") if log else tr("dL/dxⱼ"), log=log),
            series=curves(self.frame, values, self.infos),
            note=_joined(refused(found.errors, self.infos), by_differences(values, self.infos)),
            meta={**self.meta, **drawn, **own_taus(own, self.infos)},
        )


def _joined(*said: str) -> str:
    return " ".join(filter(None, said))
