"""The matrix as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gui.core.declare.marks import answer_of, given
from gui.core.declare.parameter import choice
from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.figure.pictures import picture_figure
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.picture import DrawMatrix, Picture
from gui.pages.spectrum.show.frame import picture_meta

Reduction = Literal["mean", "extreme"]
REDUCTIONS: Mapping[Reduction, str] = {"mean": "block means", "extreme": "block extremes"}


class MatrixPicture(Plot, key="spectrum.matrix", title="Matrix picture"):
    """The picture of the matrix; blocks with a bad entry stay empty."""

    picture: Picture = answer_of(DrawMatrix)
    data: Opened = given(Opened)
    reduction: Reduction = choice(
        "mean",
        REDUCTIONS,
        "Pic&ture",
        "What one pixel of the matrix picture stands for when there are too many entries",
        undo="picture",
        section="Spectrum plot",
    )

    def figure(self) -> Figure:
        """Return the picture."""
        picture, title = self.picture, self.data.title
        shades = picture.means if self.reduction == "mean" else picture.extremes
        image = shades.image("matrix", title, picture.extent)
        meta = picture_meta(picture, self.data, reduction=self.reduction)
        return picture_figure("", title, image, picture.size, self._note(), meta=meta)

    def _note(self) -> str:
        rows, columns = self.picture.block
        if (rows, columns) == (1, 1):
            return ""
        if self.reduction == "mean":
            return tr(
                "one pixel: the mean of {rows} × {columns} entries", rows=rows, columns=columns
            )
        return tr(
            "one pixel: the largest of {rows} × {columns} entries by size",
            rows=rows,
            columns=columns,
        )
