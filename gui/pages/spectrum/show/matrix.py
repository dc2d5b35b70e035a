"""The matrix as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from gui.core.declare.marks import answer_of, given, value_of
from gui.core.declare.parameter import choice
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot
from gui.core.figure.figure import AxisName, Cursor, Figure
from gui.core.figure.look import Look
from gui.core.figure.pictures import picture_figure
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.entries import marked
from gui.pages.spectrum.compute.matrix import Load, Loaded
from gui.pages.spectrum.compute.picture import DrawMatrix, Picture
from gui.pages.spectrum.compute.whole import whole_of
from gui.pages.spectrum.show.frame import picture_meta

Reduction = Literal["mean", "extreme"]
REDUCTIONS: Mapping[Reduction, str] = {"mean": "block means", "extreme": "block extremes"}


class MatrixPicture(Plot, key="spectrum.matrix", title="Matrix picture"):
    """The picture of the matrix; blocks with a bad entry stay empty."""

    picture: Picture = answer_of(DrawMatrix)
    loaded: Loaded = answer_of(Load)
    data: Opened = given(Opened)
    cell: tuple[int, int] | None = value_of(marked)
    look: Look = value_of(colours("matrix"))
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
        image = replace(image, whole=whole_of(self.loaded, picture))
        meta = picture_meta(picture, self.data, reduction=self.reduction)
        size, note, names = picture.size, self._note(), self.data.labels
        figure = picture_figure("", title, image, size, note, meta=meta, names=names)
        if self.cell is None:
            return figure
        return replace(figure, cursors=self._cross(figure, *self.cell))

    def _cross(self, figure: Figure, row: int, column: int) -> tuple[Cursor, Cursor]:
        rows, columns = self.picture.size
        across = tr("column {column}", column=figure.x.name_at(column) or column)
        down = tr("row {row}", row=figure.y.name_at(row) or row)
        return (
            _line("cell_column", across, "x", column, columns),
            _line("cell_row", down, "y", row, rows),
        )

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


def _line(key: str, label: str, axis: AxisName, place: int, count: int) -> Cursor:
    return Cursor(
        key,
        label,
        axis,
        float(place),
        draggable=True,
        bounds=(0.0, float(max(count - 1, 0))),
        step=1.0,
        color="accent",
        dash="solid",
    )
