"""One singular pair: its vectors and their outer product."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gui.core.declare.marks import answer_of, given, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.look import Look
from gui.core.figure.pictures import picture_figure
from gui.core.state.document import Opened, numbers_of
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.factors import DrawPair, Factors, Pair, Vectors
from gui.pages.spectrum.compute.whole import whole_pair
from gui.pages.spectrum.show.frame import picture_meta
from gui.pages.spectrum.show.reconstruction import complex_figure

VECTORS = View("vectors", "Vectors", "The singular vectors u, v of one pair")


class Left(Plot, key="spectrum.u", title="Left singular vector", view=VECTORS):
    """The left singular vector u of the pair."""

    factors: Factors = answer_of(Vectors)
    pair: Pair = answer_of(DrawPair)
    data: Opened = given(Opened)

    def figure(self) -> Figure:
        """Return the plot."""
        title = tr("Left u, pair {index}", index=self.pair.index)
        return _curve(self, 0, title, tr("row"), self.pair.u)


class Right(Plot, key="spectrum.v", title="Right singular vector", view=VECTORS):
    """The right singular vector v of the pair."""

    factors: Factors = answer_of(Vectors)
    pair: Pair = answer_of(DrawPair)
    data: Opened = given(Opened)

    def figure(self) -> Figure:
        """Return the plot."""
        title = tr("Right v, pair {index}", index=self.pair.index)
        return _curve(self, 1, title, tr("column"), self.pair.v)


class Outer(Plot, key="spectrum.outer", title="Outer product", view=VECTORS):
    """The outer product of the pair, on the colour scale of the matrix."""

    factors: Factors = answer_of(Vectors)
    pair: Pair = answer_of(DrawPair)
    data: Opened = given(Opened)
    look: Look = value_of(colours("outer"))

    def figure(self) -> Figure:
        """Return the picture."""
        pair, picture = self.pair, self.factors.picture
        title = tr("σ u vᵀ, σ = {sigma:.4g}", sigma=pair.sigma)
        if pair.outer is None:
            return complex_figure(title)
        image = pair.outer.image("outer", title, picture.extent)
        image = replace(image, whole=whole_pair(self.factors, pair.index))
        names = self.data.labels
        return picture_figure("", title, image, picture.size, meta=_meta(self), names=names)


def _curve(plot: Left | Right, side: int, title: str, label: str, y: Floats) -> Figure:
    """Return the curve of a vector: of the rows of the matrix (side 0), or of its columns (1)."""
    key, color = ("u", "c0") if side == 0 else ("v", "c1")
    places, names = plot.data.places[side], plot.data.labels[side]
    total = y.size if places is None else places.total
    x = numbers_of(places, y.size).astype(np.float64)
    symbol = "o" if y.size <= 64 else ""
    return Figure(
        title=title,
        x=Axis(label, limits=(-1.0, float(total)), log_locked=True).named(names),
        y=Axis(tr("entry"), log_locked=True),
        series=(Series(key, title, x, y, color, symbol=symbol),),
        legend=False,
        meta=_meta(plot),
    )


def _meta(plot: Left | Right | Outer) -> dict[str, str]:
    pair = plot.pair
    words = {"pair": str(pair.index), "sigma": f"{pair.sigma:.6g}"}
    return dict(picture_meta(plot.factors.picture, plot.data, **words))
