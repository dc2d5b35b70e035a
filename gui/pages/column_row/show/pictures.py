"""The product beside what r pairs make of it, and what is missing, on one colour scale."""

from __future__ import annotations

from dataclasses import replace

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Figure, Image, empty_figure
from gui.core.figure.look import Look
from gui.core.figure.pictures import Shades, extent_of, picture_figure
from gui.core.words.i18n import tr
from gui.core.words.numbers import share_text
from gui.pages.column_row.compute.catalogue import Chosen, chosen
from gui.pages.column_row.compute.detail import ChooseDetail, Detail
from gui.pages.column_row.compute.terms import Factors, Load, Prepare, Prepared
from gui.pages.column_row.compute.whole import whole_of
from gui.pages.column_row.show.frame import LINK, curve_title, meta_of, pairs_text

PICTURES = View("pictures", "Pictures", "XY, C L R and what is missing, on one scale")

PRODUCT = colours("product", several=True)


class ProductPicture(Plot, key="column_row.product", title="Product XY", view=PICTURES, link=LINK):
    """What the approximation is compared with."""

    prepared: Prepared = answer_of(Prepare)
    factors: Factors = answer_of(Load)
    look: Look = value_of(PRODUCT)

    def figure(self) -> Figure:
        """Return the picture."""
        rows, columns = self.prepared.block
        note = tr("exact")  # all three have a line there: they stand side by side
        if (rows, columns) != (1, 1):
            note = tr(
                "one pixel: the mean of {rows} × {columns} entries", rows=rows, columns=columns
            )
        image = replace(_product(self.prepared), whole=whole_of(self.factors, self.prepared))
        return _figure(self.prepared, image, note)


def _product(prepared: Prepared) -> Image:
    return _image(prepared, "product", tr("Product XY"), prepared.picture)


class Approximation(
    Plot, key="column_row.approximation", title="Approximation C L R", view=PICTURES, link=LINK
):
    """C L R on the colour scale of the product, zooming with it."""

    prepared: Prepared = answer_of(Prepare)
    factors: Factors = answer_of(Load)
    detail: Detail | None = answer_of(ChooseDetail)
    chosen: Chosen | None = value_of(chosen)
    look: Look = value_of(colours("approximation", first=PRODUCT))

    def figure(self) -> Figure:
        """Return the picture; an empty one that says why where there is none."""
        detail, prepared = self.detail, self.prepared
        if detail is None:
            return empty_figure("", "", _nothing(self.chosen), LINK)
        pairs = pairs_text(prepared.pairs)
        title = tr("{count} of {pairs}", count=detail.indices.size, pairs=pairs)
        note, made = curve_title(detail.chosen), _made(detail)
        shares = _product(prepared)
        image = _image(prepared, "approximation", title, detail.picture, shares)
        image = replace(image, whole=whole_of(self.factors, prepared, detail, "approximation"))
        return _figure(prepared, image, note, **made)


class Residual(Plot, key="column_row.residual", title="Residual", view=PICTURES, link=LINK):
    """What the approximation leaves, with the same contrast about 0."""

    prepared: Prepared = answer_of(Prepare)
    factors: Factors = answer_of(Load)
    detail: Detail | None = answer_of(ChooseDetail)
    chosen: Chosen | None = value_of(chosen)
    look: Look = value_of(colours("residual", first=PRODUCT))

    def figure(self) -> Figure:
        """Return the picture; an empty one that says why where there is none."""
        detail, prepared = self.detail, self.prepared
        if detail is None:
            return empty_figure("", "", _nothing(self.chosen), LINK)
        title = tr("Residual, same contrast") if self.look.shared else tr("Residual")
        note = tr("relative error {share}", share=share_text(detail.relative))
        shares, whole = _product(prepared), whole_of(self.factors, prepared, detail, "residual")
        image = _image(prepared, "residual", title, detail.residual, shares)
        image = replace(image, difference=True, whole=whole)
        return _figure(prepared, image, note, **_made(detail))


def _nothing(chosen: Chosen | None) -> str:
    """Return why there is no approximation."""
    if chosen is None:
        return tr("No strategy is ticked.")
    return tr("{strategy} would compare too many sums at this r.", strategy=chosen.strategy.title)


def _made(detail: Detail) -> dict[str, str]:
    chosen = detail.chosen
    return {"r": str(detail.r), "strategy": chosen.strategy.key, "weights": chosen.weights}


def _image(
    prepared: Prepared, key: str, title: str, shades: Shades, of: Image | None = None
) -> Image:
    extent = extent_of(shades.values.shape, prepared.block)
    return shades.image(key, title, extent, of)


def _figure(prepared: Prepared, image: Image, note: str, **made: str) -> Figure:
    size, meta, names = prepared.size, meta_of(prepared, **made), prepared.product.labels
    return picture_figure("", image.name, image, size, note, meta=meta, names=names)
