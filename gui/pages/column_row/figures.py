"""Results as figures: error against r, the norms of the pairs, and the pictures at one r."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from gui.core.figure.arrays import Floats, Ints
from gui.core.figure.figure import Axis, Band, Cursor, Dash, Figure, Series
from gui.core.figure.palette import category
from gui.core.figure.pictures import Shades, extent_of, picture_figure, whole_ticks
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text
from gui.pages.column_row.catalogue import StrategyInfo
from gui.pages.column_row.curves import Curve, Sampling
from gui.pages.column_row.detail import Detail
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.state import ColumnRowState, Order, WeightKind

LINK = "column_row.pictures"
FEW = 128  # up to here single pairs are told apart by a symbol each
ROUNDING = 1e-13  # relative errors below are rounding, and would stretch a log axis to nothing
# Sampling with few draws lies far above the product itself; the rest must stay readable.
SHOWN_ERROR = 1.5
# The curve's colour and dash say the strategy; the symbol says the weights.
SYMBOLS: Mapping[WeightKind, str] = MappingProxyType({"own": "", "diagonal": "d", "full": "s"})


@dataclass(frozen=True)
class Style:
    """How one strategy looks everywhere: on plots, in tables and exports."""

    title: str
    color: str
    dash: Dash


def strategy_styles(catalogue: Sequence[StrategyInfo]) -> dict[str, Style]:
    """Return each strategy's one style.

    Examples
    --------
    >>> info = StrategyInfo("norm", "Largest norms", "", "", False, False)
    >>> strategy_styles([info])["norm"].color
    'c0'
    """
    return {
        info.key: Style(tr(info.title), *category(index)) for index, info in enumerate(catalogue)
    }


def weight_titles() -> dict[WeightKind, str]:
    """Return what the kinds of weights are called."""
    return {
        "own": tr("own weights"),
        "diagonal": tr("best diagonal"),
        "full": tr("best full L"),
    }


def pairs_text(count: int) -> str:
    """Return how many pairs there are, in words.

    Examples
    --------
    >>> pairs_text(1), pairs_text(20)
    ('1 pair', '20 pairs')
    """
    return tr("1 pair") if count == 1 else tr("{count} pairs", count=count)


def curve_title(style: Style, kind: WeightKind) -> str:
    """Return what one curve is called: the strategy, and the weights where they are fitted."""
    if kind == "own":
        return style.title
    return tr("{strategy}, {weights}", strategy=style.title, weights=weight_titles()[kind])


def error_figure(
    prepared: Prepared,
    state: ColumnRowState,
    r: int,
    curves: Sequence[Curve],
    samplings: Sequence[Sampling],
    styles: Mapping[str, Style],
    note: str = "",
) -> Figure:
    """Return relative error against r, over the floor that no matrix of rank r goes below."""
    log_y = state.error_log and prepared.total > 0.0
    log_x = state.r_log and prepared.pairs > 1
    series = [
        _error_series(curve, styles[curve.strategy], log_x, log_y, state.weights[0])
        for curve in curves
    ]
    for sampling in samplings:
        series += _sampling_series(sampling, styles[sampling.strategy], log_y)
    ranks = np.arange(prepared.pairs + 1.0)
    series.append(
        Series(
            "floor",
            tr("rank-r SVD (floor)"),
            ranks[int(log_x) :],
            _drawn(prepared.floor, log_y)[int(log_x) :],
            "ink",
        )
    )
    return Figure(
        key="column_row.error",
        title=tr("Error against r"),
        x=Axis(
            tr("pairs kept, r of {l}", l=prepared.pairs),
            log=log_x,
            limits=_rank_limits(prepared.pairs, log_x),
            ticks=whole_ticks(prepared.pairs),
        ),
        y=Axis(
            tr("‖XY − C L R‖_F / ‖XY‖_F"),
            log=log_y,
            limits=None if log_y else (0.0, _shown_height(series)),
        ),
        series=tuple(series),
        bands=tuple(_sampling_band(one, styles[one.strategy], log_y) for one in samplings),
        cursors=(_r_cursor(r, prepared.pairs, log_x),),
        note=" ".join(text for text in (marks_note(state.weights), note) if text),
        meta=meta_of(prepared, state, r),
    )


def marks_note(weights: Sequence[WeightKind]) -> str:
    """Return which mark on a curve stands for which weights; "" without fitted weights."""
    notes = {
        ("diagonal",): tr("◆ best diagonal weights."),
        ("full",): tr("■ best full L."),
        ("diagonal", "full"): tr("◆ best diagonal weights, ■ best full L."),
    }
    return notes.get(tuple(kind for kind in weights if kind != "own"), "")


def _error_series(
    curve: Curve, style: Style, log_x: bool, log_y: bool, listed: WeightKind
) -> Series:
    shown = np.isfinite(curve.relative) & (curve.r >= int(log_x))
    return Series(
        f"{curve.strategy}.{curve.weights}",
        curve_title(style, curve.weights),
        curve.r[shown].astype(np.float64),
        _drawn(curve.relative[shown], log_y),
        style.color,
        style.dash,
        symbol=SYMBOLS[curve.weights],
        # The legend names a strategy once; the note says which mark stands for which weights.
        listed=curve.weights == listed,
    )


def _sampling_series(sampling: Sampling, style: Style, log_y: bool) -> list[Series]:
    r = sampling.r.astype(np.float64)
    key, title = sampling.strategy, style.title
    formula = tr("{strategy}, expected", strategy=title)
    mean = tr("mean and 80 % of {trials} draws", trials=sampling.trials)
    return [
        Series(f"{key}.expected", formula, r, _drawn(sampling.expected, log_y), style.color,
               style.dash),
        Series(f"{key}.mean", mean, r, _drawn(sampling.mean, log_y), style.color, style.dash,
               symbol="o", line=False),
    ]  # fmt: skip


def _sampling_band(sampling: Sampling, style: Style, log_y: bool) -> Band:
    lower = np.maximum(sampling.lower, ROUNDING) if log_y else sampling.lower
    upper = np.maximum(sampling.upper, ROUNDING) if log_y else sampling.upper
    r = sampling.r.astype(np.float64)
    return Band(f"{sampling.strategy}.band", "", r, lower, upper, style.color)


def _drawn(values: Floats, log: bool) -> Floats:
    """Errors at rounding level have no place on a log axis: they end the curve."""
    return np.where(values > ROUNDING, values, np.nan) if log else values


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


def meta_of(prepared: Prepared, state: ColumnRowState, r: int) -> Mapping[str, str]:
    """Return where a figure comes from and what it depends on, for exports."""
    entries = {
        **_multiplied(prepared),
        "r": str(r),
        "strategies": " ".join(state.strategies),
        "weights": " ".join(state.weights),
        "seed": str(state.seed),
        "operator": state.operator,
        "tau": f"{state.tau:g}",
    }
    return MappingProxyType(entries)


def _multiplied(prepared: Prepared) -> dict[str, str]:
    n, pairs, m = prepared.shape
    product = prepared.product
    return {
        "source": product.x.ref.title,
        "x": product.x.title,
        "y": product.y.title,
        "shape": f"{n} x {pairs} x {m}",
    }


# -- the norms of the pairs -------------------------------------------------------------------


def norms_figure(
    prepared: Prepared,
    state: ColumnRowState,
    detail: Detail | None,
    styles: Mapping[str, Style],
) -> Figure:
    """Return the norm of every pair, with the chosen ones marked and what their weights make."""
    places = _places(prepared, state.order)
    log_y = state.norms_log
    few = prepared.pairs <= FEW
    start = 1.0 if state.order == "norm" else 0.0
    x = np.arange(start, prepared.pairs + start)
    left_out = Series(
        "norms",
        tr("left out"),
        x,
        _positive(prepared.norms[places], log_y),
        "muted",
        width=2.0 if few else 1.0,
        symbol="o" if few else "",
        line=(not few and state.order == "norm") or not few,
        words=_PairWords(prepared.norms, places, None),
    )
    series = [left_out]
    if detail is not None and detail.indices.size and detail.strategy in styles:
        series += _chosen_series(prepared, detail, places, x, styles[detail.strategy], log_y)
    label = tr("rank by norm") if state.order == "norm" else tr("index")
    return Figure(
        key="column_row.norms",
        title=tr("Norms of the pairs"),
        x=Axis(label, log_locked=True),
        y=Axis(tr("‖xᵢ‖ ‖yᵢ‖"), log=log_y, limits=None if log_y else _from_zero(series)),
        series=tuple(series),
        meta=meta_of(prepared, state, detail.r if detail is not None else state.r),
    )


def _from_zero(series: Sequence[Series]) -> tuple[float, float]:
    """Return limits that let norms be compared by their height."""
    return 0.0, 1.06 * (max(float(np.nanmax(one.y, initial=0.0)) for one in series) or 1.0)


def _chosen_series(
    prepared: Prepared, detail: Detail, places: Ints, x: Floats, style: Style, log_y: bool
) -> list[Series]:
    weight = np.full(prepared.pairs, np.nan)
    weight[detail.indices] = detail.weights
    arranged = weight[places]
    chosen = np.isfinite(arranged)
    norms = prepared.norms[places][chosen]
    title = curve_title(style, detail.kind)
    words = _PairWords(prepared.norms, places[chosen], weight)
    series = [
        Series("chosen", title, x[chosen], _positive(norms, log_y), style.color, symbol="o",
               line=False, words=words)
    ]  # fmt: skip
    # A full L weighs pairs together: its diagonal alone is no height.
    if detail.kind != "full" and not np.allclose(detail.weights, 1.0, rtol=1e-9, atol=0.0):
        weighted = np.abs(arranged[chosen]) * norms
        name = tr("with its weight, |λᵢ| ‖xᵢ‖ ‖yᵢ‖")
        series.append(
            Series("weighted", name, x[chosen], _positive(weighted, log_y), style.color,
                   symbol="d", line=False, words=words)
        )  # fmt: skip
    return series


class _PairWords(Sequence[str]):
    """What the crosshair reads at a pair: written when it is asked for, not for a million pairs."""

    def __init__(self, norms: Floats, places: Ints, weights: Floats | None) -> None:
        self._norms, self._places, self._weights = norms, places, weights

    def __len__(self) -> int:
        return int(self._places.size)

    def __getitem__(self, position: int) -> str:  # type: ignore[override]
        index = int(self._places[position])
        norm = format_value(float(self._norms[index]))
        if self._weights is None:
            return tr("pair {i}, norm {norm}", i=index, norm=norm)
        weight = format_value(float(self._weights[index]))
        return tr("pair {i}, norm {norm}, weight {weight}", i=index, norm=norm, weight=weight)


@lru_cache(maxsize=4)
def _places(prepared: Prepared, order: Order) -> Ints:
    if order == "index":
        return np.arange(prepared.pairs)
    return np.argsort(-prepared.norms, kind="stable")


def _positive(values: Floats, log: bool) -> Floats:
    return np.where(values > 0.0, values, np.nan) if log else values


# -- the pictures at one r --------------------------------------------------------------------


def product_figure(prepared: Prepared) -> Figure:
    """Return the picture of X Y."""
    rows, columns = prepared.block
    note = tr("exact")  # all three have a line there: they stand side by side
    if (rows, columns) != (1, 1):
        note = tr("one pixel: the mean of {rows} × {columns} entries", rows=rows, columns=columns)
    return _picture(prepared, "product", tr("Product XY"), prepared.picture, note)


def approximation_figures(
    prepared: Prepared, detail: Detail, styles: Mapping[str, Style]
) -> tuple[Figure, Figure]:
    """Return C L R and the residual, on the colour scale of the product and zooming with it."""
    title = tr("{count} of {pairs}", count=detail.indices.size, pairs=pairs_text(prepared.pairs))
    made = {"r": str(detail.r), "strategy": detail.strategy, "weights": detail.kind}
    note = curve_title(styles[detail.strategy], detail.kind) if detail.strategy in styles else ""
    lost = tr("relative error {share}", share=share_text(detail.relative))
    rest = tr("Residual, same contrast")
    return (
        _picture(prepared, "approximation", title, detail.picture, note, **made),
        _picture(prepared, "residual", rest, detail.residual, lost, **made),
    )


def _picture(
    prepared: Prepared, key: str, title: str, shades: Shades, note: str, **made: str
) -> Figure:
    image = shades.image(key, title, extent_of(shades.values.shape, prepared.block))
    shape = (prepared.shape[0], prepared.shape[2])
    meta = MappingProxyType({**_multiplied(prepared), **made})
    return picture_figure(f"column_row.{key}", title, image, shape, note, LINK, meta)
