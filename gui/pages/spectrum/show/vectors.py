"""One singular pair: its vectors and their outer product; and columns in place of vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gui.core.declare.marks import answer_of, given, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Array, Floats
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.look import Look
from gui.core.figure.pictures import picture_figure
from gui.core.figure.table import Cell, Column, Table
from gui.core.state.document import Opened, numbers_of
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.factors import (
    ChooseColumns,
    ChosenColumns,
    DrawPair,
    Factors,
    Pair,
    Vectors,
)
from gui.pages.spectrum.compute.matrix import Analyse
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


COLUMNS = View(
    "columns",
    "Chosen columns",
    "r columns of M itself, or r columns and rows, in place of singular vectors",
    short="Chosen",
)
_NAMED = 12


class ColumnsTable(Plot, key="spectrum.columns", title="Columns in place of vectors", view=COLUMNS):
    """The errors of chosen columns beside the floor of the singular vectors."""

    analysis: Analysis = answer_of(Analyse)
    chosen: ChosenColumns | None = answer_of(ChooseColumns)

    def table(self) -> Table:
        """Return a row a way to keep r."""
        columns = (
            Column(tr("Kept"), tr("What the approximation of rank r is made of")),
            Column(
                tr("Frobenius"),
                tr("‖M − approximation‖_F / ‖M‖_F, measured"),
                number=True,
                words=tr("Frobenius error / ‖M‖_F"),
            ),
            Column(
                tr("Spectral"),
                tr("‖M − approximation‖₂ / σ₁, measured"),
                number=True,
                words=tr("Spectral error / σ₁"),
            ),
            Column(
                tr("× floor"),
                tr("The spectral error in units of σ_{r+1}, below which no rank r gets"),
                number=True,
                words=tr("Times the floor"),
            ),
            Column(
                tr("Which"),
                tr("Columns and rows, counted from 0, the first chosen first"),
                wide=True,
            ),
            Column(tr("Remark"), wide=True),
        )
        if self.chosen is None:
            dash = Cell("–")
            why = tr("Columns are chosen of matrices that are written out, and this one is not.")
            return Table(columns, ((dash, dash, dash, dash, dash, Cell(why)),), why)
        return Table(columns, tuple(self._rows(self.chosen)), _note(self.chosen))

    def _rows(self, chosen: ChosenColumns) -> list[tuple[Cell, ...]]:
        floor = chosen.skeleton.error
        best = (floor.floor_frobenius, floor.floor_spectral)
        skeleton, found = chosen.skeleton, chosen.cur
        swaps = tr(
            "No column enters another more than {largest} times; {swaps} swaps after pivoted QR.",
            largest=format_value(chosen.largest),
            swaps=skeleton.swaps,
        )
        lost = tr(
            "C · core · R as float64 multiplies them leaves {error}.",
            error=format_value(self._of_norm(found.core_error)),
        )
        which = tr("columns {columns}", columns=_listed(chosen.cur_columns))
        rows = tr("rows {rows}", rows=_listed(chosen.cur_rows))
        return [
            self._row(tr("r singular pairs: the floor"), best, best[1], "", ""),
            self._row(
                tr("r columns (interpolative)"),
                (skeleton.error.frobenius, skeleton.error.spectral),
                best[1],
                _listed(chosen.columns),
                swaps,
            ),
            self._row(
                tr("r columns and r rows (CUR)"),
                (found.error.frobenius, found.error.spectral),
                best[1],
                f"{which}; {rows}" if chosen.rank else "",
                lost,
            ),
        ]

    def _row(
        self, title: str, errors: tuple[float, float], floor: float, which: str, remark: str
    ) -> tuple[Cell, ...]:
        frobenius, spectral = errors
        above = self.analysis.spectrum.error_bound < floor
        times = _number(spectral / floor) if above else Cell("–", tip=tr("The floor is rounding."))
        return (
            Cell(title),
            _number(self._of_norm(frobenius)),
            _number(spectral / (self.analysis.sigma1 or 1.0)),
            times,
            Cell(which),
            Cell(remark),
        )

    def _of_norm(self, error: float) -> float:
        return error / (self.analysis.spectrum.frobenius or 1.0)


def _number(value: float) -> Cell:
    return Cell(format_value(value), value)


def _listed(places: Array) -> str:
    shown = ", ".join(str(place) for place in places[:_NAMED].tolist())
    return f"{shown}, …" if places.size > _NAMED else shown


def _note(chosen: ChosenColumns) -> str:
    return tr(
        "Columns are data and can be read; at rank {rank} that costs what is above the floor.",
        rank=chosen.rank,
    )
