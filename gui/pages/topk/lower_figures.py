"""Figures of the Top-k page's lower views: sweeps, heat map, derivatives and expert load."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.figure.figure import Axis, Cursor, Figure, Image, Series
from gui.core.words.i18n import tr
from gui.pages.topk.analysis import ExpertLoad, Gradients, HeatMap, JacobianPart
from gui.pages.topk.figures import FEW, Frame
from gui.pages.topk.requests import Sweep
from gui.pages.topk.scores import Floats
from gui.pages.topk.state import TAU_MAX, TAU_MIN, SweepQuantity

DECADES = tuple((float(e), f"{10.0**e:g}") for e in range(-3, 4))


def tau_figure(
    frame: Frame,
    sweep: Sweep,
    taus: Sequence[tuple[str, float]],
    tau: float,
    quantity: SweepQuantity,
    softness: float | None,
    log_x: bool = True,
    log_y: bool = False,
) -> Figure:
    """Return p around the boundary, or the mass moved, against tau, with a draggable tau.

    ``softness`` is the mass moved all operators are held to, None while they share ``tau``; then
    ``taus`` gives each operator's own.
    """
    cursors = [Cursor("tau", tr("tau = {tau}", tau=f"{tau:.3g}"), "x", tau, True, _tau_range())]
    if softness is not None:
        cursors = [
            Cursor(f"tau.{key}", "", "x", own, color=frame.styles[key].color)
            for key, own in taus
            if key != "hard" and TAU_MIN <= own <= TAU_MAX
        ]
        if quantity == "moved":
            label = tr("mass moved = {value}", value=f"{softness:.3g}")
            cursors.append(Cursor("softness", label, "y", softness, True, (1e-3, 2.0)))
    moved = quantity == "moved"
    return Figure(
        "topk.tau_sweep",
        tr("Mass moved against tau") if moved else _watched(frame, sweep, tr("tau")),
        Axis(tr("temperature tau (unit of the scores)"), log=log_x),
        _sweep_axis(moved, log_y),
        series=_sweep_series(frame, sweep, moved),
        cursors=tuple(cursors),
        meta=frame.meta,
    )


def k_figure(
    frame: Frame, sweep: Sweep, quantity: SweepQuantity, log_x: bool = False, log_y: bool = False
) -> Figure:
    """Return p around the boundary, or the mass moved, against k, with a draggable k."""
    moved = quantity == "moved"
    top = float(frame.scores.unmasked)
    label = tr("k = {k}", k=f"{frame.k:g}")
    return Figure(
        "topk.k_sweep",
        tr("Mass moved against k") if moved else _watched(frame, sweep, tr("k")),
        Axis(tr("k (how many are kept)"), log=log_x),
        _sweep_axis(moved, log_y),
        series=_sweep_series(frame, sweep, moved),
        cursors=(Cursor("k", label, "x", frame.k, True, (0.0, top), 1.0),),
        meta=frame.meta,
    )


def heat_figure(frame: Frame, heat: HeatMap, tau: float) -> Figure:
    """Return p over (place, tau) as a picture; the tau axis counts decades."""
    low, high = float(np.log10(heat.taus[0])), float(np.log10(heat.taus[-1]))
    half = (high - low) / max(len(heat.taus) - 1, 1) / 2
    start = float(frame.x[0]) - 0.5
    extent = (start, start + frame.scores.size, high + half, low - half)
    title = tr("p of {name} over tau", name=frame.styles[heat.key].name)
    image = Image("p", tr("p"), heat.p[::-1], extent, levels=(0.0, 1.0), unit=tr("p"))
    cursor = Cursor("log_tau", tr("tau = {tau}", tau=f"{tau:.3g}"), "y", float(np.log10(tau)), True)
    cursor = Cursor(cursor.key, cursor.label, "y", cursor.value, True, (-3.0, 3.0), color="ink")
    note = (
        "" if heat.block == 1 else tr("Each column is the mean of up to {n} scores.", n=heat.block)
    )
    return Figure(
        "topk.heat",
        title,
        frame.axis(),
        Axis(tr("temperature tau"), ticks=DECADES, log_locked=True),
        cursors=(cursor,),
        images=(image,),
        note=note,
        meta=frame.meta,
    )


def jacobian_figure(frame: Frame, part: JacobianPart) -> Figure:
    """Return the Jacobian dp_i/dx_j as a picture, or one of its columns as curves."""
    name = frame.styles[part.focus].name
    if part.matrix is not None:
        start = float(frame.x[0]) - 0.5
        end = start + frame.scores.size
        values = part.matrix[np.ix_(frame.places, frame.places)]
        extent = (start, end, start, end)
        image = Image("jacobian", "dp_i/dx_j", values, extent, "diverging", unit="dp_i/dx_j")
        axis = frame.axis()
        return Figure(
            "topk.jacobian",
            tr("Jacobian of {name}", name=name),
            Axis(tr("score moved j, by {order}", order=axis.label), log_locked=True),
            Axis(tr("output i"), log_locked=True, inverted=True),
            images=(image,),
            meta=frame.meta,
        )
    title = tr("How p changes when score {index} moves", index=part.column)
    return Figure(
        "topk.jacobian",
        title,
        frame.axis(),
        Axis(tr("dp_i / dx_j, j = {index}", index=part.column)),
        series=_curves(frame, part.columns),
        note=_refused(frame, part.errors),
        meta=frame.meta,
    )


def gradient_figure(frame: Frame, gradients: Gradients, log_y: bool = False) -> Figure:
    """Return the gradient of the chosen loss that reaches every score, per operator."""
    values = gradients.values
    if log_y:
        values = {key: np.abs(value) for key, value in values.items()}
    label = tr("|dL/dx_j|") if log_y else tr("dL/dx_j")
    return Figure(
        "topk.gradient",
        tr("Gradient that reaches each score"),
        frame.axis(),
        Axis(label, log=log_y),
        series=_curves(frame, values),
        note=_refused(frame, gradients.errors),
        meta=frame.meta,
    )


def load_figure(frame: Frame, load: ExpertLoad, focus: str) -> Figure:
    """Return the load of every expert with the fair share; starved ones are marked."""
    x = np.arange(load.experts, dtype=np.float64)
    few = load.experts <= FEW
    series = [
        Series(
            key,
            frame.styles[key].name,
            x,
            values,
            color=frame.styles[key].color,
            dash=frame.styles[key].dash,
            symbol="o" if few and key == "hard" else "",
        )
        for key, values in load.load.items()
    ]
    note = _refused(frame, load.errors)
    if focus in load.load:
        starved = load.starved(focus)
        if starved.size:
            # First in the legend, where it is not cut; points are drawn over curves anyway.
            series.insert(
                0,
                Series(
                    "starved",
                    tr("starved"),
                    x[starved],
                    load.load[focus][starved],
                    color="warning",
                    symbol="d",
                    line=False,
                ),
            )
        note = starved_sentence(frame, load, focus)
    fair = Cursor("fair", tr("fair share"), "y", load.fair, color="muted")
    return Figure(
        "topk.load",
        tr("Load of every expert over {rows} rows", rows=load.rows),
        Axis(tr("expert (index)"), log_locked=True),
        Axis(tr("load (sum of p)")),
        series=tuple(series),
        cursors=(fair,),
        note=note,
        meta=frame.meta,
    )


def starved_sentence(frame: Frame, load: ExpertLoad, focus: str) -> str:
    """Say in words which experts get less than half of the fair share."""
    starved = load.starved(focus)
    name = frame.styles[focus].name
    if not starved.size:
        return tr("{name}: no expert is starved (below half the fair share).", name=name)
    if starved.size == 1:
        words = tr("{name}: expert {index} is starved (below half the fair share).")
        return words.format(name=name, index=starved[0])
    shown = ", ".join(map(str, starved[:8]))
    if starved.size > 8:
        shown = tr("{list} and {count} more", list=shown, count=starved.size - 8)
    return tr(
        "{name}: {count} starved experts (below half the fair share): {list}.",
        name=name,
        count=starved.size,
        list=shown,
    )


def _tau_range() -> tuple[float, float]:
    return TAU_MIN, TAU_MAX


def _sweep_axis(moved: bool, log: bool) -> Axis:
    if moved:
        return Axis(tr("mass moved, sum |p - T_k| / k"), log=log)
    return Axis(tr("p"), log=log)


def _sweep_series(frame: Frame, sweep: Sweep, moved: bool) -> tuple[Series, ...]:
    series = []
    for key, values in sweep.values.items():
        style = frame.styles[key]
        if moved:
            curve = sweep.moved[key]
            series.append(Series(key, style.name, sweep.steps, curve, style.color, style.dash))
            continue
        for column, rank in enumerate(sweep.ranks):
            # One legend entry per operator; the pair next to the boundary is drawn stronger.
            near = rank in _beside_boundary(frame)
            series.append(
                Series(
                    f"{key}.{rank + 1}",
                    style.name if column == 0 else "",
                    sweep.steps,
                    values[:, column],
                    style.color,
                    style.dash,
                    width=2.0 if near else 1.0,
                )
            )
    return tuple(series)


def _beside_boundary(frame: Frame) -> tuple[int, int]:
    """Return the ranks of the last score kept and the first left out, counted from 0."""
    return round(frame.k) - 1, round(frame.k)


def _watched(frame: Frame, sweep: Sweep, against: str) -> str:
    near = _beside_boundary(frame)
    words = {"ranks": ", ".join(str(rank + 1) for rank in sweep.ranks), "what": against}
    thick = [str(rank + 1) for rank in sweep.ranks if rank in near]
    if not thick or len(thick) == len(sweep.ranks):
        return tr("p of ranks {ranks} against {what}", **words)
    return tr(
        "p of ranks {ranks} against {what}, thick: {near} at the boundary",
        near=", ".join(thick),
        **words,
    )


def _curves(frame: Frame, values: dict[str, Floats]) -> tuple[Series, ...]:
    return tuple(
        Series(
            key,
            frame.styles[key].name,
            frame.x,
            frame.arranged(value),
            color=frame.styles[key].color,
            dash=frame.styles[key].dash,
        )
        for key, value in values.items()
    )


def _refused(frame: Frame, errors: dict[str, str]) -> str:
    if not errors:
        return ""
    key, error = next(iter(errors.items()))
    return tr("{name}: {error}", name=frame.styles[key].name, error=error)
