"""Relative error against r of every strategy, over what no matrix of rank r goes below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gui.core.declare.marks import answer_of, answers_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot
from gui.core.figure.figure import Axis, Band, Cursor, Figure, Series
from gui.core.figure.pictures import whole_ticks
from gui.core.words.i18n import tr
from gui.pages.column_row.compute.catalogue import Chosen, Comparison, WeightKind
from gui.pages.column_row.compute.curves import FITTED_MAX, Curve, Curves, Sampling, Wanted
from gui.pages.column_row.compute.terms import Kept, Prepare, Prepared
from gui.pages.column_row.show.frame import ROUNDING, curve_title, meta_of

# Sampling with few draws lies far above the product itself; the rest must stay readable.
SHOWN_ERROR = 1.5
# The curve's colour and dash say the strategy; the symbol says the weights.
SYMBOLS: Mapping[WeightKind, str] = {"own": "", "diagonal": "d", "full": "s"}


class Error(Plot, key="column_row.error", title="Error against r", share=2):
    """Curves of the strategies and their draws, the floor, and the line of r."""

    prepared: Prepared = answer_of(Prepare)
    curves: Mapping[Wanted, Curve | Sampling] = answers_of(Curves)
    weights: tuple[WeightKind, ...] = Comparison.weights
    r: int = Kept.r
    error_log: bool = toggle(False, undo="logarithmic axis", axis="y")
    r_log: bool = toggle(False, undo="logarithmic axis", axis="x")

    def figure(self) -> Figure:
        """Return the plot."""
        prepared, pairs = self.prepared, self.prepared.pairs
        log_y = self.error_log and prepared.total > 0.0
        log_x = self.r_log and pairs > 1
        found = self.curves.values()
        samplings = [one for one in found if isinstance(one, Sampling)]
        series = [
            _curve_series(one, log_x, listed=one.weights == self.weights[0])
            for one in found
            if isinstance(one, Curve)
        ]
        for sampling in samplings:
            series += _sampling_series(sampling)
        series.append(_floor(prepared, log_x))
        return Figure(
            x=Axis(
                tr("pairs kept, r of {l}", l=pairs),
                log=log_x,
                limits=_rank_limits(pairs, log_x),
                ticks=whole_ticks(pairs),
            ),
            y=Axis(
                tr("‖XY − C L R‖_F / ‖XY‖_F"),
                log=log_y,
                limits=None if log_y else (0.0, _shown_height(series)),
            ),
            # Errors at rounding level have no place on a log axis: they end the curve.
            series=tuple(one.above(ROUNDING if log_y else None) for one in series),
            bands=tuple(_sampling_band(one, log_y) for one in samplings),
            cursors=(_r_cursor(self.r, pairs, log_x),),
            note=" ".join(filter(None, (marks_note(self.weights), self._limits_note()))),
            meta=meta_of(prepared),
        )

    def _limits_note(self) -> str:
        if self.prepared.pairs <= FITTED_MAX or set(self.weights) == {"own"}:
            return ""
        return tr("Fitted weights are shown up to r = {limit}.", limit=FITTED_MAX)


def marks_note(weights: Sequence[WeightKind]) -> str:
    """Return which mark on a curve stands for which weights; "" without fitted weights."""
    notes = {
        ("diagonal",): tr("◆ best diagonal weights."),
        ("full",): tr("■ best full L."),
        ("diagonal", "full"): tr("◆ best diagonal weights, ■ best full L."),
    }
    return notes.get(tuple(kind for kind in weights if kind != "own"), "")


def _curve_series(curve: Curve, log_x: bool, *, listed: bool) -> Series:
    info, known = curve.strategy, np.flatnonzero(np.isfinite(curve.relative))
    # From the first to the last that is known: a line must not run over what was refused between.
    within = slice(known[0], known[-1] + 1) if known.size else slice(0)
    r, relative = curve.r[within], curve.relative[within]
    shown = r >= int(log_x)
    return Series(
        f"{info.key}.{curve.weights}",
        curve_title(Chosen(info, curve.weights)),
        r[shown].astype(np.float64),
        relative[shown],
        info.color,
        info.dash,
        symbol=SYMBOLS[curve.weights],
        # The legend names a strategy once; the note says which mark stands for which weights.
        listed=listed,
    )


def _sampling_series(sampling: Sampling) -> list[Series]:
    r, info = sampling.r.astype(np.float64), sampling.strategy
    formula = tr("{strategy}, expected", strategy=info.title)
    mean = tr("mean and 80 % of {trials} draws", trials=sampling.trials)
    return [
        Series(f"{info.key}.expected", formula, r, sampling.expected, info.color,
               info.dash),
        Series(f"{info.key}.mean", mean, r, sampling.mean, info.color, info.dash,
               symbol="o", line=False),
    ]  # fmt: skip


def _sampling_band(sampling: Sampling, log_y: bool) -> Band:
    lower = np.maximum(sampling.lower, ROUNDING) if log_y else sampling.lower
    upper = np.maximum(sampling.upper, ROUNDING) if log_y else sampling.upper
    info = sampling.strategy
    return Band(f"{info.key}.band", "", sampling.r.astype(np.float64), lower, upper, info.color)


def _floor(prepared: Prepared, log_x: bool) -> Series:
    ranks, first = np.arange(prepared.pairs + 1.0), int(log_x)
    return Series("floor", tr("rank-r SVD (floor)"), ranks[first:], prepared.floor[first:], "ink")


def _shown_height(series: Sequence[Series]) -> float:
    highest = max(float(np.nanmax(one.y, initial=0.0)) for one in series)
    return 1.05 * min(max(highest, 1.0), SHOWN_ERROR)


def _rank_limits(pairs: int, log_x: bool) -> tuple[float, float]:
    return (0.9, 1.1 * max(pairs, 2)) if log_x else (-0.01 * pairs, 1.01 * pairs + 0.01)


def _r_cursor(r: int, pairs: int, log_x: bool) -> Cursor:
    lowest = 1.0 if log_x else 0.0
    return Cursor(
        "r",
        tr("r = {rank}", rank=r),
        "x",
        max(float(r), lowest),
        draggable=True,
        bounds=(lowest, float(max(pairs, 1))),
        step=1.0,
        color="accent",
        dash="solid",
    )
