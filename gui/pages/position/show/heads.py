"""The heads of a layer: a table, and the curves of the one that is chosen."""

from __future__ import annotations

import math

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Figure, Series, empty_figure
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text
from gui.pages.position.compute.heads import (
    Chosen,
    Cutting,
    DrawHead,
    HeadCurves,
    HeadRow,
    ReadLayer,
    WeighHeads,
)

WEIGHTS = View("weights", "Your weights", "Heads of an opened checkpoint: q and k by their names")


def _nothing() -> str:
    return tr(
        "No q and k here. Open a checkpoint (.safetensors, .pt, a folder) and select one of its "
        "tensors in Sources."
    )


def _no_head() -> str:
    # The table beside the curves says what to do.
    return tr("No head is chosen: there are no q and k.")


class HeadsTable(Plot, key="position.heads", title="Heads", view=WEIGHTS):
    """Every head of the layer, the sharpest first."""

    cutting: Cutting | None = answer_of(ReadLayer)
    heads: tuple[HeadRow, ...] = answer_of(WeighHeads)
    head: int = Chosen.head

    def table(self) -> Table:
        """Return a row a head."""
        if self.cutting is None:
            return Table((Column(tr("Head"), wide=True),), ((Cell(_nothing()),),))
        columns = (
            Column(tr("Head"), tr("Click a row: its curves are drawn"), number=True),
            Column(
                tr("σ"),
                tr("Spread of its scores for unit normal input"),
                number=True,
                words=tr("Spread of its scores σ"),
            ),
            Column(
                tr("Tokens lost"),
                tr("exp(σ²): by this factor fewer tokens count than are seen, for long input"),
                number=True,
                words=tr("Tokens seen over tokens that count"),
            ),
            Column(
                tr("Symmetric"),
                tr("Share of W_qᵀ W_k that is symmetric: 1/2 for unrelated weights"),
                number=True,
                words=tr("Symmetric share"),
            ),
            Column(
                tr("Keys"),
                tr("Which head of keys it shares with others"),
                number=True,
                words=tr("Head of keys"),
            ),
        )
        cells = tuple(self._cells(row) for row in sorted(self.heads, key=lambda row: -row.sigma))
        size = self.cutting.q.shape
        note = tr(
            "{layer}: {heads} heads of {size} × {width}",
            layer=self.cutting.name,
            heads=size[0],
            size=size[1],
            width=size[2],
        )
        return Table(columns, cells, note)

    def _cells(self, row: HeadRow) -> tuple[Cell, ...]:
        strong, data = row.head == self.head, str(row.head)
        factor = math.exp(row.sigma**2) if row.sigma < 26.0 else math.inf
        shown = "–" if math.isinf(factor) else format_value(factor, 3)
        share = "–" if math.isnan(row.symmetric) else share_text(row.symmetric)
        return (
            Cell(str(row.head), row.head, data=data, strong=strong),
            Cell(format_value(row.sigma, 4), row.sigma, data=data, strong=strong),
            Cell(shown, factor, data=data),
            Cell(share, row.symmetric, data=data),
            Cell(str(row.group), row.group, data=data),
        )


class HeadRms(Plot, key="position.head_rms", title="RMS of the head", view=WEIGHTS):
    """The RMS that the spread of the head predicts."""

    curves: HeadCurves | None = answer_of(DrawHead)

    def figure(self) -> Figure:
        """Return the plot."""
        curves = self.curves
        if curves is None:
            return empty_figure("", "", _no_head())
        name = tr("head {head}, σ = {sigma}", head=curves.head, sigma=f"{curves.sigma:.3g}")
        return Figure(
            title=tr("RMS that head {head} predicts", head=curves.head),
            x=Axis(tr("position n (tokens seen)"), log=True),
            y=Axis(tr("RMS / s"), log=True),
            series=(
                Series("mean", tr("1/√n"), curves.n, 1.0 / np.sqrt(curves.n), "muted", "dash"),
                Series("head", name, curves.n, curves.rms, "c1"),
            ),
        )


class HeadDistance(Plot, key="position.head_distance", title="Scores by distance", view=WEIGHTS):
    """How far the scores of the head spread, by distance under RoPE."""

    curves: HeadCurves | None = answer_of(DrawHead)

    def figure(self) -> Figure:
        """Return the plot."""
        curves = self.curves
        if curves is None:
            return empty_figure("", "", _no_head())
        name = tr("under RoPE, base {theta}", theta=format_value(curves.theta, 3))
        plain = tr("without encoding")
        x, y = curves.distance, curves.spread
        return Figure(
            title=tr("Spread of the scores of head {head}", head=curves.head),
            x=Axis(tr("distance Δ = n − m"), log=True),
            y=Axis(tr("standard deviation of the score")),
            series=(
                Series("plain", plain, x, np.full(x.shape, curves.sigma), "muted", "dash"),
                Series("rope", name, x, y, "c1"),
            ),
        )
