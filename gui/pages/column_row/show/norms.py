"""The norm of every pair, with the chosen ones marked and what their weights make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe, value_of
from gui.core.declare.parameter import choice, toggle
from gui.core.declare.records import Plot, Record
from gui.core.figure.arrays import Floats, Ints
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.state.document import numbers_of
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.column_row.compute.detail import ChooseDetail, Detail
from gui.pages.column_row.compute.terms import Prepare, Prepared
from gui.pages.column_row.show.frame import curve_title, meta_of

Order = Literal["norm", "index"]
ORDERS: Mapping[Order, str] = {"norm": "by norm", "index": "by index"}
Names = tuple[str, ...]
FEW = 128  # up to here single pairs are told apart by a symbol each


class Arrangement(Record):
    """In which order the pairs stand."""

    order: Order = choice(
        "norm",
        ORDERS,
        "Order",
        "Sort the pairs by norm, or leave them in the order of the array",
        section="Norms plot",
    )


def places(order: Order = Arrangement.order, prepared: Prepared = answer_of(Prepare)) -> Ints:
    """Return which pair stands at each place."""
    if order == "index":
        return np.arange(prepared.pairs)
    return np.argsort(-prepared.norms, kind="stable")


class Norms(Plot, key="column_row.norms", title="Norms of the pairs"):
    """Every pair at its norm; those in detail in the colour of their strategy."""

    prepared: Prepared = answer_of(Prepare)
    detail: Detail | None = maybe(ChooseDetail)
    places: Ints = value_of(places)
    order: Order = Arrangement.order
    norms_log: bool = toggle(False, undo="logarithmic axis", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        prepared, places, detail = self.prepared, self.places, self.detail
        few, log_y = prepared.pairs <= FEW, self.norms_log
        names = prepared.product.pair_labels
        start = 1.0 if self.order == "norm" else 0.0
        numbers = numbers_of(prepared.product.places[1], prepared.pairs)
        x = np.arange(start, prepared.pairs + start)
        if self.order == "index":
            x = numbers.astype(np.float64)
        left_out = Series(
            "norms",
            tr("left out"),
            x,
            prepared.norms[places],
            "muted",
            width=2.0 if few else 1.0,
            symbol="o" if few else "",
            line=(not few and self.order == "norm") or not few,
            words=_PairWords(prepared.norms, places, numbers, None, names),
        )
        series = [left_out]
        if detail is not None and detail.indices.size:
            series += _chosen_series(prepared, detail, places, x, names)
        at = x.astype(np.intp) if self.order == "index" else np.arange(prepared.pairs)
        arranged = _at_places(at, places, names)
        label = tr("rank by norm") if self.order == "norm" else tr("index")
        return Figure(
            x=replace(Axis(label, log_locked=True), names=arranged, first=int(start)),
            y=Axis(tr("‖xᵢ‖ ‖yᵢ‖"), log=log_y, limits=None if log_y else _from_zero(series)),
            series=tuple(one.above(0.0 if log_y else None) for one in series),
            meta=meta_of(prepared, **({} if detail is None else {"r": str(detail.r)})),
        )


def _at_places(at: Ints, places: Ints, names: Names) -> Names:
    """Return the name of the pair that stands ``at`` each place; empty where rows are left out."""
    if not names:
        return ()
    arranged = [""] * (int(at.max(initial=-1)) + 1)
    for place, pair in zip(at.tolist(), places.tolist(), strict=True):
        arranged[place] = names[pair]
    return tuple(arranged)


def _from_zero(series: Sequence[Series]) -> tuple[float, float]:
    """Return limits that let norms be compared by their height."""
    return 0.0, 1.06 * (max(float(np.nanmax(one.y, initial=0.0)) for one in series) or 1.0)


def _chosen_series(
    prepared: Prepared, detail: Detail, places: Ints, x: Floats, names: Names
) -> list[Series]:
    weight = np.full(prepared.pairs, np.nan)
    weight[detail.indices] = detail.weights
    arranged = weight[places]
    chosen = np.isfinite(arranged)
    norms, color = prepared.norms[places][chosen], detail.chosen.strategy.color
    numbers = numbers_of(prepared.product.places[1], prepared.pairs)
    words = _PairWords(prepared.norms, places[chosen], numbers, weight, names)
    series = [
        Series("chosen", curve_title(detail.chosen), x[chosen], norms, color,
               symbol="o", line=False, words=words)
    ]  # fmt: skip
    # A full L weighs pairs together: its diagonal alone is no height.
    full = detail.chosen.weights == "full"
    if not full and not np.allclose(detail.weights, 1.0, rtol=1e-9, atol=0.0):
        weighted = np.abs(arranged[chosen]) * norms
        name = tr("with its weight, |λᵢ| ‖xᵢ‖ ‖yᵢ‖")
        series.append(
            Series("weighted", name, x[chosen], weighted, color, symbol="d",
                   line=False, words=words)
        )  # fmt: skip
    return series


class _PairWords(Sequence[str]):
    """What the crosshair reads at a pair: written when it is asked for, not for a million pairs."""

    def __init__(
        self, norms: Floats, places: Ints, numbers: Ints, weights: Floats | None, names: Names
    ) -> None:
        self._norms, self._places, self._weights = norms, places, weights
        self._numbers, self._names = numbers, names

    def __len__(self) -> int:
        return int(self._places.size)

    def __getitem__(self, position: int) -> str:  # type: ignore[override]
        index = int(self._places[position])
        number, norm = int(self._numbers[index]), format_value(float(self._norms[index]))
        called = f"{self._names[index]} ({number})" if self._names else str(number)
        if self._weights is None:
            return tr("pair {i}, norm {norm}", i=called, norm=norm)
        weight = format_value(float(self._weights[index]))
        return tr("pair {i}, norm {norm}, weight {weight}", i=called, norm=norm, weight=weight)
