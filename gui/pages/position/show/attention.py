"""The weights of one draw as a picture."""

from __future__ import annotations

from dataclasses import replace

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Figure
from gui.core.figure.look import Look
from gui.core.figure.pictures import extent_of, picture_figure
from gui.core.words.i18n import tr
from gui.pages.position.compute.attend import Attend, Pictured, Weights
from gui.pages.position.compute.setting import Kind, operator_in_force
from gui.pages.position.show.frame import kind_title

MAP = View("map", "Attention map", "The weights of one draw as a picture")


class MapPlot(Plot, key="position.map", title="Attention map", view=MAP):
    """Who looks at whom: a row a query, a column a key."""

    weights: Weights = answer_of(Attend)
    pictured: Kind = Pictured.pictured
    operator: Offer = value_of(operator_in_force)
    look: Look = value_of(colours("map"))

    def figure(self) -> Figure:
        """Return the picture."""
        size = self.weights.size
        title = tr("Weights: {kind}", kind=kind_title(self.pictured, self.operator.title))
        shades = self.weights.shades
        image = shades.image("map", title, extent_of(shades.values.shape, (1, 1)))
        figure = picture_figure(
            "", title, image, (size, size), tr("Each row over its largest weight.")
        )
        return replace(
            figure,
            x=replace(figure.x, label=tr("key m")),
            y=replace(figure.y, label=tr("query n")),
        )
