"""Soft truncation: the mask, and its error along k and tau."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.table import Row, number_row, share_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse, limit
from gui.pages.spectrum.compute.soft import (
    TAU_MAX,
    TAU_MIN,
    SoftCurve,
    Soften,
    SoftResult,
    SweepK,
    SweepTau,
)
from gui.pages.spectrum.show.frame import meta_of

SOFT = View("soft", "Soft truncation", "U diag(p σ) Vᵀ with p a soft Top-k of σ", short="Soft")


class Filter(Plot, key="spectrum.filter", title="Filter", view=SOFT, share=4):
    """The soft mask over the spectrum, the hard one and the scores it looks at.

    The names are short: in a narrow window the legend has one row beside two other plots.
    """

    analysis: Analysis = answer_of(Analyse)
    soft: SoftResult = answer_of(Soften)
    limit: int = value_of(limit)

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, soft, limit = self.analysis, self.soft, self.limit
        index = np.arange(1.0, analysis.known + 1.0)
        scores = analysis.spectrum.values / (analysis.sigma1 or 1.0)
        hard = (index <= soft.k).astype(np.float64)
        symbol = "o" if analysis.known <= 64 else ""
        note = ""
        if np.isnan(soft.mask).any():
            note = tr("This construction has lost all digits here: p is not a number.")
        return Figure(
            title=tr("Filter: {operator}", operator=soft.title),
            x=Axis(tr("index i"), limits=(0.0, limit + 1.0), log_locked=True),
            y=Axis(tr("pᵢ, σᵢ / σ₁"), limits=(-0.03, 1.08), log_locked=True),
            series=(
                Series("scores", tr("σ"), index, scores, "muted", "dot", 1.5),
                Series("hard", tr("hard"), index, hard, "ink", width=1.5),
                Series("soft", tr("soft"), index, soft.mask, soft.color, soft.dash, symbol=symbol),
            ),
            cursors=(_k_line(soft.k, limit),),
            note=note,
            meta=meta_of(analysis, operator=soft.operator, k=f"{soft.k:g}", tau=f"{soft.tau:g}"),
        )


class AlongK(Plot, key="spectrum.soft_k", title="Error along k", view=SOFT, share=3):
    """The relative Frobenius error along k beside the Eckart-Young floor."""

    analysis: Analysis = answer_of(Analyse)
    soft: SoftResult = answer_of(Soften)
    curve: SoftCurve = answer_of(SweepK)

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, soft = self.analysis, self.soft
        total = analysis.spectrum.frobenius or 1.0
        ranks = np.arange(analysis.known + 1.0)
        series = [Series("floor", tr("hard"), ranks, analysis.frobenius / total, "ink")]
        series.append(_curve(self.curve, soft))
        series.append(_now(soft.k, soft))
        return Figure(
            title=tr("By k: {operator}, τ = {tau} σ₁", operator=soft.title, tau=as_typed(soft.tau)),
            x=Axis(tr("k"), limits=(0.0, analysis.known + 1.0), log_locked=True),
            y=Axis(tr("error / ‖M‖_F")),
            series=tuple(series),
            cursors=(_k_line(soft.k, analysis.known),),
            meta=meta_of(analysis, operator=soft.operator, tau=f"{soft.tau:g}"),
        )


class AlongTau(Plot, key="spectrum.soft_tau", title="Error along τ", view=SOFT, share=3):
    """The relative Frobenius error along tau at this k."""

    analysis: Analysis = answer_of(Analyse)
    soft: SoftResult = answer_of(Soften)
    curve: SoftCurve = answer_of(SweepTau)

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, soft = self.analysis, self.soft
        floor = np.full(2, soft.floor_frobenius)
        ends = np.array([TAU_MIN, TAU_MAX])
        series = [Series("floor", tr("hard"), ends, floor, "ink")]
        series.append(_curve(self.curve, soft))
        series.append(_now(soft.tau, soft))
        cursor = Cursor(
            "tau",
            tr("τ = {tau}", tau=as_typed(soft.tau)),
            "x",
            soft.tau,
            draggable=True,
            bounds=(TAU_MIN, TAU_MAX),
            color="accent",
            dash="solid",
        )
        return Figure(
            title=tr("By τ: {operator}, k = {k:g}", operator=soft.title, k=soft.k),
            x=Axis(tr("τ / σ₁"), log=True, log_locked=True, limits=(TAU_MIN, TAU_MAX)),
            y=Axis(tr("error / ‖M‖_F")),
            series=tuple(series),
            cursors=(cursor,),
            meta=meta_of(analysis, operator=soft.operator, k=f"{soft.k:g}"),
        )


class SoftErrors(Plot, key="spectrum.soft_errors", title="Soft truncation", view=SOFT):
    """The errors of the soft truncation beside the hard ones."""

    soft: SoftResult = answer_of(Soften)

    def rows(self) -> Sequence[Row]:
        """Return them."""
        soft = self.soft
        return (
            number_row(tr("Σ pᵢ"), float(soft.mask.sum()), tr("How much is kept in all")),
            share_row(
                tr("Frobenius error, soft"),
                soft.frobenius,
                tr(
                    "‖M − U diag(p σ) Vᵀ‖_F / ‖M‖_F; a soft mask keeps a little of every rank, so "
                    "this may be less than hard truncation leaves"
                ),
            ),
            share_row(
                tr("… hard, at ⌊k⌋"),
                soft.floor_frobenius,
                tr("The least any matrix of this rank can have"),
            ),
            share_row(tr("Spectral error, soft"), soft.spectral, tr("max |1 − pᵢ| σᵢ / σ₁")),
            share_row(tr("… hard, at ⌊k⌋"), soft.floor_spectral, tr("σ_{r+1} / σ₁")),
        )


def _k_line(k: float, limit: int) -> Cursor:
    return Cursor(
        "k",
        tr("k = {k:g}", k=k),
        "x",
        k,
        draggable=True,
        bounds=(0.0, float(max(limit, 1))),
        color="accent",
        dash="solid",
    )


def _curve(curve: SoftCurve, soft: SoftResult) -> Series:
    return Series("soft", tr("soft"), curve.at, curve.errors, soft.color, soft.dash)


def _now(place: float, soft: SoftResult) -> Series:
    """Return the point of the present k and tau; the cursor through it says what it is."""
    x, y = np.array([place]), np.array([soft.frobenius])
    return Series("now", tr("now"), x, y, soft.color, symbol="d", line=False, listed=False)
