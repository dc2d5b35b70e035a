"""Results as figures: the views below the spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Cursor, Figure, Series, empty_figure
from gui.core.figure.pictures import picture_figure
from gui.core.words.i18n import tr
from gui.pages.spectrum.analysis import Analysis, Density
from gui.pages.spectrum.data import stored_share
from gui.pages.spectrum.factors import Factors, Pair
from gui.pages.spectrum.figures import meta_of, picture_meta
from gui.pages.spectrum.soft import SoftResult, SoftSweep
from gui.pages.spectrum.state import TAU_MAX, TAU_MIN, Matrix2, SpectrumState


def error_figure(analysis: Analysis, state: SpectrumState, rank: int) -> Figure:
    """Return error against rank: the Eckart-Young floor in both norms, and the stored size."""
    limit = min(analysis.shape)
    ranks = np.arange(analysis.known + 1.0)
    relative = state.error_relative
    total, top = analysis.spectrum.frobenius, analysis.sigma1
    frobenius = analysis.frobenius / total if relative and total else analysis.frobenius
    spectral = analysis.spectral / top if relative and top else analysis.spectral
    log_y = state.error_log and analysis.sigma1 > 0.0
    names = (
        (tr("Frobenius error / ‖M‖_F"), tr("spectral error / σ₁"))
        if relative
        else (tr("Frobenius error"), tr("spectral error σ_{r+1}"))
    )
    series = [
        Series("frobenius", names[0], ranks, _drawn(frobenius, log_y), "c0", "solid"),
        Series("spectral", names[1], ranks, _drawn(spectral, log_y), "c1", "dash"),
    ]
    if relative:
        stored = np.asarray(stored_share(analysis.shape, ranks))
        name = tr("stored size / (m n)")
        series.append(Series("stored", name, ranks, _drawn(stored, log_y), "c2", "dashdot"))
    note = tr("No matrix of rank r comes closer (Eckart, Young, Mirsky).")
    if not analysis.spectrum.complete:
        note = tr("Upper bounds, until all singular values are known.")
    return Figure(
        key="spectrum.error",
        title=tr("Error against rank"),
        x=Axis(tr("rank r"), limits=(0.0, limit + 1.0)),
        y=Axis(tr("share") if relative else tr("error"), log=log_y),
        series=tuple(series),
        cursors=(rank_line(rank, limit),),
        note=note,
        meta=meta_of(analysis, rank=str(rank)),
    )


def _drawn(values: Floats, log: bool) -> Floats:
    """Errors at rounding level have no place on a log axis: they end the curve."""
    if not log:
        return values
    top = float(np.max(values, initial=0.0))
    return np.where(values > max(4.0 * np.finfo(np.float64).eps * top, 1e-307), values, np.nan)


def rank_line(rank: int, limit: int) -> Cursor:
    """Return the rank line for plots over ranks."""
    return Cursor(
        "rank",
        tr("r = {rank}", rank=rank),
        "x",
        float(rank),
        draggable=True,
        bounds=(0.0, float(max(limit, 1))),
        step=1.0,
        color="accent",
        dash="solid",
    )


def density_figure(analysis: Analysis, density: Density, state: SpectrumState) -> Figure:
    """Return the histogram with the Marchenko-Pastur law of pure noise over it."""
    squared = state.quantity == "sigma2"
    symbol = "σ²" if squared else "σ"
    x = np.repeat(density.edges, 2)[1:-1]
    y = np.repeat(density.heights, 2)
    log_y = state.density_log
    positive = density.heights[density.heights > 0.0]
    floor = 0.5 * float(positive.min(initial=1.0)) if log_y else 0.0
    values = tr("1 value of {symbol}") if analysis.known == 1 else tr("{count} values of {symbol}")
    histogram = Series(
        "histogram",
        values.format(count=analysis.known, symbol=symbol),
        x,
        np.maximum(y, floor),
        "c0",
        width=1.0,
        fill_to=floor,
    )
    series = [histogram]
    cursors: tuple[Cursor, ...] = ()
    note = tr("The noise level needs all singular values.")
    if density.grid.size:
        name = tr("Marchenko-Pastur law, noise s = {noise:.3g}", noise=density.noise)
        law = np.where(density.law > floor, density.law, np.nan) if log_y else density.law
        series.append(Series("law", name, density.grid, law, "c1", "dash"))
        cursors = (Cursor("edge", tr("noise edge"), "x", density.edge, color="c1", dash="dot"),)
        above = int(np.count_nonzero(analysis.spectrum.values > _edge_sigma(density, squared)))
        note = tr("{count} values stand out of the noise.", count=above)
        if above == 1:
            note = tr("1 value stands out of the noise.")
    return Figure(
        key="spectrum.density",
        title=tr("Density of {symbol}", symbol=symbol),
        x=Axis(tr("squared singular value σ²") if squared else tr("singular value σ")),
        y=Axis(tr("density"), log=log_y),
        series=tuple(series),
        cursors=cursors,
        note=note,
        meta=meta_of(analysis, noise=f"{density.noise:.6g}"),
    )


def _edge_sigma(density: Density, squared: bool) -> float:
    return float(np.sqrt(density.edge)) if squared else density.edge


def filter_figure(analysis: Analysis, soft: SoftResult, limit: int) -> Figure:
    """Return the soft mask over the spectrum, the hard one and the scores it looks at.

    The names are short: in a narrow window the legend has one row beside two other plots.
    """
    index = np.arange(1.0, analysis.known + 1.0)
    scores = analysis.spectrum.values / (analysis.sigma1 or 1.0)
    hard = (index <= soft.k).astype(np.float64)
    symbol = "o" if analysis.known <= 64 else ""
    note = ""
    if np.isnan(soft.mask).any():
        note = tr("This construction has lost all digits here: p is not a number.")
    return Figure(
        key="spectrum.filter",
        title=tr("Filter: {operator}", operator=soft.title),
        x=Axis(tr("index i"), limits=(0.0, limit + 1.0), log_locked=True),
        y=Axis(tr("pᵢ, σᵢ / σ₁"), limits=(-0.03, 1.08), log_locked=True),
        series=(
            Series("scores", tr("σ"), index, scores, "muted", "dot", 1.5),
            Series("hard", tr("hard"), index, hard, "ink", "dash", 1.5),
            Series("soft", tr("soft"), index, soft.mask, "c0", symbol=symbol),
        ),
        cursors=(_k_line(soft.k, limit),),
        note=note,
        meta=meta_of(analysis, operator=soft.operator, k=f"{soft.k:g}", tau=f"{soft.tau:g}"),
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


def soft_k_figure(analysis: Analysis, soft: SoftResult, sweep: SoftSweep | None) -> Figure:
    """Return the relative Frobenius error along k beside the Eckart-Young floor."""
    total = analysis.spectrum.frobenius or 1.0
    ranks = np.arange(analysis.known + 1.0)
    series = [Series("floor", tr("hard"), ranks, analysis.frobenius / total, "ink", "dash")]
    if sweep is not None:
        series.append(Series("soft", tr("soft"), sweep.ks, sweep.over_k, "c0"))
    series.append(_now(soft.k, soft))
    return Figure(
        key="spectrum.soft_k",
        title=tr("By k: {operator}, τ = {tau:.3g} σ₁", operator=soft.title, tau=soft.tau),
        x=Axis(tr("k"), limits=(0.0, analysis.known + 1.0), log_locked=True),
        y=Axis(tr("error / ‖M‖_F")),
        series=tuple(series),
        cursors=(_k_line(soft.k, analysis.known),),
        meta=meta_of(analysis, operator=soft.operator, tau=f"{soft.tau:g}"),
    )


def _now(place: float, soft: SoftResult) -> Series:
    """Return the point of the present k and tau; the cursor through it says what it is."""
    x, y = np.array([place]), np.array([soft.frobenius])
    return Series("now", tr("now"), x, y, "c0", symbol="d", line=False, listed=False)


def soft_tau_figure(analysis: Analysis, soft: SoftResult, sweep: SoftSweep | None) -> Figure:
    """Return the relative Frobenius error along tau at this k."""
    floor = np.full(2, soft.floor_frobenius)
    ends = np.array([TAU_MIN, TAU_MAX])
    series = [Series("floor", tr("hard"), ends, floor, "ink", "dash")]
    if sweep is not None:
        series.append(Series("soft", tr("soft"), sweep.taus, sweep.over_tau, "c0"))
    series.append(_now(soft.tau, soft))
    cursor = Cursor(
        "tau",
        tr("τ = {tau:.3g}", tau=soft.tau),
        "x",
        soft.tau,
        draggable=True,
        bounds=(TAU_MIN, TAU_MAX),
        color="accent",
        dash="solid",
    )
    return Figure(
        key="spectrum.soft_tau",
        title=tr("By τ: {operator}, k = {k:g}", operator=soft.title, k=soft.k),
        x=Axis(tr("τ / σ₁"), log=True, log_locked=True, limits=(TAU_MIN, TAU_MAX)),
        y=Axis(tr("error / ‖M‖_F")),
        series=tuple(series),
        cursors=(cursor,),
        meta=meta_of(analysis, operator=soft.operator, k=f"{soft.k:g}"),
    )


def vector_figures(factors: Factors, pair: Pair, source: str) -> tuple[Figure, Figure, Figure]:
    """Return u_i, v_i and their outer product, on the colour scale of the matrix ``source``."""
    picture, index = factors.picture, pair.index
    meta = picture_meta(picture, source, pair=str(index), sigma=f"{pair.sigma:.6g}")

    def curve(key: str, title: str, label: str, y: Floats, color: str) -> Figure:
        x = np.arange(float(y.size))
        symbol = "o" if y.size <= 64 else ""
        return Figure(
            key=f"spectrum.{key}",
            title=title,
            x=Axis(label, limits=(-1.0, float(y.size)), log_locked=True),
            y=Axis(tr("entry"), log_locked=True),
            series=(Series(key, title, x, y, color, symbol=symbol),),
            legend=False,
            meta=meta,
        )

    title = tr("σ u vᵀ, σ = {sigma:.4g}", sigma=pair.sigma)
    if pair.outer is None:
        note = tr("Of a complex matrix no products are drawn: a picture shows magnitudes.")
        outer = empty_figure("spectrum.outer", title, note)
    else:
        image = pair.outer.image("outer", title, picture.extent)
        outer = picture_figure("spectrum.outer", title, image, picture.size, meta=meta)
    left = curve("u", tr("Left u, pair {index}", index=index), tr("row"), pair.u, "c0")
    right = curve("v", tr("Right v, pair {index}", index=index), tr("column"), pair.v, "c1")
    return left, right, outer


def geometry_figures(stages: Any, matrix: Matrix2, stage: float) -> tuple[Figure, ...]:
    """Return the circle on its way at ``stage``, and at its two stations, after V^T and after S."""
    titles = (tr("After Vᵀ"), tr("After Vᵀ and S"))
    moving = _circle_figure("geometry", stages, matrix, stage, _stage_title(stage))
    resting = (
        _circle_figure(f"stage{place}", stages, matrix, float(place), title)
        for place, title in enumerate(titles, 1)
    )
    return (moving, *resting)


def _circle_figure(key: str, stages: Any, matrix: Matrix2, stage: float, title: str) -> Figure:
    circle, axes = _between(stages, stages.circle, stage), _between(stages, stages.axes[0], stage)
    faint = stages.circle
    reach = 1.15 * max(1.0, float(np.max(np.abs(stages.image))), float(np.max(stages.s)))
    names = (tr("v₁ → σ₁u₁"), tr("v₂ → σ₂u₂"))
    # A dotted unit circle and an ellipse need no legend; which axis is which does, and it is short.
    series = [
        Series("unit", tr("unit circle"), faint[0], faint[1], "muted", "dot", 1.5, listed=False),
        Series("now", tr("its image"), circle[0], circle[1], "c0", listed=False),
    ]
    for place, color in ((0, "c1"), (1, "c2")):
        x, y = np.array([0.0, axes[0, place]]), np.array([0.0, axes[1, place]])
        series.append(Series(f"axis{place}", names[place], x, y, color, symbol="o"))
    a, b, c, d = matrix
    note = ""
    if key == "geometry":
        words = tr(
            "M = [[{a:g}, {b:g}], [{c:g}, {d:g}]], "
            "σ₁\u00a0=\u00a0{first:.4g}, σ₂\u00a0=\u00a0{second:.4g}"
        )
        first, second = stages.s
        note = words.format(a=a, b=b, c=c, d=d, first=first, second=second)
    return Figure(
        key=f"spectrum.{key}",
        title=title,
        x=Axis(tr("x"), limits=(-reach, reach), log_locked=True),
        y=Axis(tr("y"), limits=(-reach, reach), log_locked=True),
        series=tuple(series),
        legend=key == "geometry",
        equal_aspect=True,
        note=note,
        meta={"matrix": f"[[{a:g}, {b:g}], [{c:g}, {d:g}]]", "stage": f"{stage:g}"},
    )


def _stage_title(stage: float) -> str:
    if stage <= 0.0:
        return tr("Unit circle")
    if stage <= 1.0:
        return tr("Vᵀ turns")
    if stage <= 2.0:
        return tr("S stretches along the axes")
    if stage < 3.0:
        return tr("U turns")
    return tr("After Vᵀ, S and U: M x")


def _between(stages: Any, points: Floats, stage: float) -> Floats:
    """Points after the part of V^T, S and U that ``stage`` has reached: the motion in between."""
    turn, stretch, back = (min(max(stage - start, 0.0), 1.0) for start in (0.0, 1.0, 2.0))
    points = _rotation(turn * stages.angle_v) @ points
    points = (1.0 + stretch * (stages.s - 1.0))[:, None] * points
    if stages.u_reflects:
        points = np.array([1.0, 1.0 - 2.0 * back])[:, None] * points
    return np.asarray(_rotation(back * stages.angle_u) @ points)


def _rotation(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])
