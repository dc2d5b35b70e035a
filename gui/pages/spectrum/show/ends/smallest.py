"""The smallest singular values in their intervals, beside what the method above gives."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from gui.core.declare.marks import answer_of, maybe
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Band, Figure, Series
from gui.core.figure.pictures import whole_ticks
from gui.core.figure.table import Cell, Column, Table
from gui.core.state.missing import repair_meta
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_bound, format_known
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.ends.smallest import VIEW, FindSmallest, Smallest
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.show.numbers import method_title

SMALLEST = View(
    VIEW,
    "Smallest values",
    "The smallest singular values in their intervals: whether M has full rank, and how nearly not",
    short="Small",
)
_MARKED = 64
_DIGITS = 6


class SmallestPlot(Plot, key="spectrum.smallest", title="Smallest singular values", view=SMALLEST):
    """The values and their intervals, with those of the spectrum above beside them."""

    smallest: Smallest = answer_of(FindSmallest)
    analysis: Analysis | None = maybe(Analyse)

    def figure(self) -> Figure:
        """Return the plot."""
        found = self.smallest.found
        index, last = _index(found.values.size, found.shape), min(found.shape)
        floor = _floor(found.upper)
        symbol = "o" if index.size <= _MARKED else ""
        series = [
            Series("smallest", tr("smallest values"), index, found.values, "c0", symbol=symbol)
        ]
        if self.analysis is not None and self.analysis.spectrum.complete:
            usual = np.asarray(self.analysis.spectrum.values)[-index.size :]
            method = method_title(self.analysis.spectrum.method)
            name = tr("in the spectrum above ({method})", method=method)
            series.append(
                Series("usual", name, index, usual, "muted", "dot", symbol="x" if symbol else "")
            )
        lower, upper = np.maximum(found.lower, floor), np.maximum(found.upper, floor)
        band = Band("interval", tr("σᵢ lies in this band"), index, lower, upper, "c0")
        return Figure(
            x=Axis(
                tr("index i"),
                limits=(index[0] - 1.0, last + 1.0),
                log_locked=True,
                ticks=() if index[0] > 1.0 else whole_ticks(last),
            ),
            y=Axis(
                tr("singular value σᵢ"),
                log=floor > 0.0,
                # Of its own an axis ends where rounding does, far above these.
                limits=(floor, max(2.0 * float(found.upper.max()), 10.0 * floor))
                if floor
                else None,
                log_locked=True,
            ),
            series=tuple(one.above(floor if floor > 0.0 else None) for one in series),
            bands=(band,),
            note=_said(self.smallest),
            meta=_meta(self.smallest),
        )


class SmallestTable(Plot, key="spectrum.smallest_values", title="Intervals", view=SMALLEST):
    """Every value with its bounds."""

    smallest: Smallest = answer_of(FindSmallest)

    def table(self) -> Table:
        """Return a row a value, the smallest first."""
        found = self.smallest.found
        columns = (
            Column("i", tr("Place among the min(m, n) values"), number=True, words=tr("Index i")),
            Column("σᵢ", tr("With the digits that its interval carries"), number=True,
                   words=tr("Singular value")),
            Column(tr("At least"), tr("Rounded downwards"), number=True),
            Column(tr("At most"), tr("Rounded upwards"), number=True),
            Column(tr("Relative ±"), tr("Half the interval in units of the value"), number=True),
        )  # fmt: skip
        index = _index(found.values.size, found.shape)
        rows = zip(index, found.values, found.lower, found.upper, strict=True)
        cells = tuple(_cells(int(i), *map(float, rest)) for i, *rest in rows)
        return Table(columns, cells[::-1], meta=_meta(self.smallest))


def _cells(index: int, value: float, lower: float, upper: float) -> tuple[Cell, ...]:
    half = max(upper - value, value - lower)
    relative = half / value if value else 0.0
    return (
        Cell(str(index), index),
        Cell(format_known(value, half), value),
        Cell(format_bound(lower, _DIGITS, upper=False), lower),
        Cell(format_bound(upper, _DIGITS), upper),
        Cell(format_bound(relative), relative) if lower else Cell("–", tip=tr("It may be 0.")),
    )


def _index(count: int, shape: tuple[int, int]) -> Floats:
    """Return the places of the last ``count`` values, counted from 1."""
    last = min(shape)
    return np.arange(last - count + 1.0, last + 1.0)


def _floor(upper: Floats) -> float:
    """Return where a log axis ends: below half of what is known of the smallest; 0 for none."""
    known = upper[upper > 0.0]
    return max(0.5 * float(known.min()), 1e-307) if known.size else 0.0


def _said(smallest: Smallest) -> str:
    """Return what is known of the smallest value, in a sentence."""
    found = smallest.found
    value, lower, upper = (float(one[-1]) for one in (found.values, found.lower, found.upper))
    if upper == 0.0:
        return tr("The smallest value is 0: the matrix has not full rank.")
    if lower == 0.0:
        return tr(
            "The smallest value is at most {upper}: it cannot be told from 0.",
            upper=format_bound(upper),
        )
    relative = max(upper - value, value - lower) / value
    return tr(
        "The smallest value is {value}, within {relative} of itself: the matrix has full rank.",
        value=format_known(value, relative * value),
        relative=format_bound(relative),
    )


def _meta(smallest: Smallest) -> MappingProxyType[str, str]:
    """Return where the values come from, for exports."""
    data, found = smallest.data, smallest.found
    entries = {
        "source": data.ref.title,
        "shape": f"{found.shape[0]} x {found.shape[1]}",
        "dtype": found.dtype,
        "method": found.method,
        "guarantee": found.guarantee,
    }
    return MappingProxyType({**entries, **repair_meta(data)})
