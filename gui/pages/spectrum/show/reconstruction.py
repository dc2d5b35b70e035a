"""The matrix beside its best approximation of rank r, and what that leaves."""

from __future__ import annotations

from dataclasses import replace

from gui.core.declare.marks import answer_of, given, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Figure, Image, empty_figure
from gui.core.figure.look import Look
from gui.core.figure.pictures import Shades, picture_figure
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.factors import DrawRank, Factors, RankPicture, Vectors
from gui.pages.spectrum.compute.matrix import Check, Load, Loaded
from gui.pages.spectrum.compute.picture import DrawMatrix, Picture
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.compute.whole import Kind, whole_of
from gui.pages.spectrum.show.frame import LINK, picture_meta

RECONSTRUCTION = View(
    "reconstruction",
    "Reconstruction",
    "U_r S_r V_rᵀ beside the matrix",
    short="Pictures",
)

ORIGINAL = colours("original", several=True)


class Original(Plot, key="spectrum.original", title="Original", view=RECONSTRUCTION, link=LINK):
    """The picture that rank r and residual are compared with."""

    picture: Picture = answer_of(DrawMatrix)
    loaded: Loaded = answer_of(Load)
    data: Opened = given(Opened)
    look: Look = value_of(ORIGINAL)

    def figure(self) -> Figure:
        """Return the picture."""
        picture = self.picture
        image = replace(_original(picture), whole=whole_of(self.loaded, picture))
        meta, names = picture_meta(picture, self.data), self.data.labels
        return picture_figure("", image.name, image, picture.size, meta=meta, names=names)


def _original(picture: Picture) -> Image:
    return picture.means.image("original", tr("Original"), picture.extent)


class Approximation(
    Plot, key="spectrum.approximation", title="Rank r", view=RECONSTRUCTION, link=LINK
):
    """The best approximation of rank r, on the original's colour scale and zooming with it."""

    factors: Factors = answer_of(Vectors)
    loaded: Loaded = answer_of(Check)
    drawn: RankPicture | None = answer_of(DrawRank)
    rank: int = Shared.rank
    data: Opened = given(Opened)
    look: Look = value_of(colours("approximation", first=ORIGINAL))

    def figure(self) -> Figure:
        """Return the picture."""
        if self.drawn is None:
            return complex_figure(tr("Rank {rank}", rank=self.rank))
        known = ""
        if self.rank > self.factors.known:
            known = tr(
                "Singular vectors are known up to rank {rank}: there are no more, or they would "
                "take more than 2 GB.",
                rank=self.factors.known,
            )
        title = tr("Rank {rank}", rank=self.drawn.rank)
        return _figure(self, title, "approximation", self.drawn.approximation, known)


class Residual(Plot, key="spectrum.residual", title="Residual", view=RECONSTRUCTION, link=LINK):
    """What the approximation leaves, with the same contrast about 0."""

    factors: Factors = answer_of(Vectors)
    loaded: Loaded = answer_of(Check)
    drawn: RankPicture | None = answer_of(DrawRank)
    rank: int = Shared.rank
    data: Opened = given(Opened)
    look: Look = value_of(colours("residual", first=ORIGINAL))

    def figure(self) -> Figure:
        """Return the picture."""
        if self.drawn is None:
            return complex_figure(tr("Residual"))
        in_colour = self.factors.picture.channels == 3
        title = tr("Residual, same contrast") if self.look.shared else tr("Residual")
        title = tr("Residual, mid-grey is 0") if in_colour else title
        return _figure(self, title, "residual", self.drawn.residual)


def _figure(
    plot: Approximation | Residual, title: str, key: Kind, shades: Shades, note: str = ""
) -> Figure:
    picture, drawn = plot.factors.picture, plot.drawn
    assert drawn is not None
    image = shades.image(key, title, picture.extent, _original(picture))
    whole = whole_of(plot.loaded, picture, plot.factors, drawn.rank, key)
    image = replace(image, difference=key == "residual", whole=whole)
    meta = picture_meta(picture, plot.data, rank=str(drawn.rank))
    names = plot.data.labels
    return picture_figure("", title, image, picture.size, note, meta=meta, names=names)


def complex_figure(title: str) -> Figure:
    """Return what stands in place of a product of complex factors."""
    note = tr("Of a complex matrix no products are drawn: a picture shows magnitudes.")
    return empty_figure("", title, note)
