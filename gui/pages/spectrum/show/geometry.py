"""The unit circle on its way through V^T, S and U of a 2 x 2 matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.table import Row, number_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.spectrum.compute.circle import Circle, FollowCircle

GEOMETRY = View("geometry", "2 × 2 geometry", "The unit circle through Vᵀ, S and U", short="2 × 2")


class Start(Plot, key="spectrum.stage0", title="Unit circle", view=GEOMETRY, share=3):
    """The unit circle with the right singular vectors."""

    stages: Any = answer_of(FollowCircle)

    def figure(self) -> Figure:
        """Return the plot."""
        return _circle_figure("stage0", self.stages, 0.0, tr("Unit circle"))


class Moving(Plot, key="spectrum.geometry", title="The circle on its way", view=GEOMETRY, share=3):
    """The circle at the present stage."""

    stages: Any = answer_of(FollowCircle)
    stage: float = Circle.stage

    def figure(self) -> Figure:
        """Return the plot."""
        title = _stage_title(self.stage)
        return _circle_figure("geometry", self.stages, self.stage, title)


class AfterV(Plot, key="spectrum.stage1", title="After Vᵀ", view=GEOMETRY, share=3):
    """The circle after V^T has turned it."""

    stages: Any = answer_of(FollowCircle)

    def figure(self) -> Figure:
        """Return the plot."""
        return _circle_figure("stage1", self.stages, 1.0, tr("After Vᵀ"))


class AfterS(Plot, key="spectrum.stage2", title="After Vᵀ and S", view=GEOMETRY, share=3):
    """The circle after S has stretched it."""

    stages: Any = answer_of(FollowCircle)

    def figure(self) -> Figure:
        """Return the plot."""
        return _circle_figure("stage2", self.stages, 2.0, tr("After Vᵀ and S"))


class GeometryNumbers(Plot, key="spectrum.geometry_numbers", title="2 × 2 matrix", view=GEOMETRY):
    """Determinant, singular values, and the inverse where there is one."""

    stages: Any = answer_of(FollowCircle)

    def rows(self) -> Sequence[Row]:
        """Return them."""
        (a, b), (c, d) = matrix_of(self.stages).tolist()
        first, second = self.stages.s.tolist()
        sign = -1.0 if self.stages.u_reflects else 1.0
        given = tr("The matrix that the circle goes through")
        # A line a row: the panel of controls must not grow.
        rows = [
            Row(tr("M, row 1"), _written_pair(a, b), given, ((a, "₁₁"), (b, "₁₂"))),
            Row(tr("M, row 2"), _written_pair(c, d), given, ((c, "₂₁"), (d, "₂₂"))),
            Row("σ", _written_pair(first, second), tr("The half-axes of the ellipse"),
                ((first, "σ₁"), (second, "σ₂"))),
            number_row("det M", sign * first * second,
             tr("Area of the ellipse over that of the circle; negative where U reflects")),
        ]  # fmt: skip
        if second <= 4.0 * np.finfo(np.float64).eps * first:
            why = tr("M has no inverse: σ₂ is 0 up to rounding, the circle falls onto a line.")
            return (*rows, Row("M⁻¹", tr("none"), why))
        s = self.stages
        inverse = (s.vh.T / s.s) @ s.u.T
        tip = tr("V S⁻¹ Uᵀ: it turns the ellipse back into the circle")
        (a, b), (c, d) = inverse.tolist()
        return (
            *rows,
            Row(tr("M⁻¹, row 1"), _written_pair(a, b), tip, ((a, "₁₁"), (b, "₁₂"))),
            Row(tr("M⁻¹, row 2"), _written_pair(c, d), tip, ((c, "₂₁"), (d, "₂₂"))),
        )


def matrix_of(stages: Any) -> Floats:
    """Return M = U S V^T."""
    return np.asarray((stages.u * stages.s) @ stages.vh)


def _written(a: float, b: float, c: float, d: float) -> str:
    a, b, c, d = (float(f"{one:.4g}") for one in (a, b, c, d))
    return f"[[{a:g}, {b:g}], [{c:g}, {d:g}]]"


def _written_pair(first: float, second: float) -> str:
    return f"{format_value(first)}, {format_value(second)}"


def _circle_figure(key: str, stages: Any, stage: float, title: str) -> Figure:
    circle, axes = _between(stages, stages.circle, stage), _between(stages, stages.axes[0], stage)
    faint = stages.circle
    reach = 1.15 * max(1.0, float(np.max(np.abs(stages.image))), float(np.max(stages.s)))
    names = ("σ₁u₁", "σ₂u₂")
    # A dotted unit circle and an ellipse need no legend; which axis is which does, and it is short.
    series = [
        Series("unit", tr("unit circle"), faint[0], faint[1], "muted", "dot", 1.5, listed=False),
        Series("now", tr("its image"), circle[0], circle[1], "c0", listed=False),
    ]
    for place, color in ((0, "c1"), (1, "c2")):
        x, y = np.array([0.0, axes[0, place]]), np.array([0.0, axes[1, place]])
        series.append(Series(f"axis{place}", names[place], x, y, color, symbol="o"))
    note = ""
    if key == "geometry":
        note = tr("σ = {values}", values=_written_pair(*stages.s))
    return Figure(
        title=title,
        x=Axis(tr("x"), limits=(-reach, reach), log_locked=True),
        y=Axis(tr("y"), limits=(-reach, reach), log_locked=True),
        series=tuple(series),
        legend=key == "geometry",
        equal_aspect=True,
        note=note,
        meta={"matrix": _written(*matrix_of(stages).ravel()), "stage": f"{stage:g}"},
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
    return tr("After U: M x")


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
