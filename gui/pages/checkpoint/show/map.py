"""The map of a model: one figure of every matrix, layers down, roles across."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Image, Series, empty_figure
from gui.core.figure.look import Look
from gui.core.figure.pictures import extent_of, scale_of
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.figures import (
    Board,
    Descriptor,
    Shared,
    board,
    title_of,
)
from gui.pages.checkpoint.compute.grid import Cell, Grid, grid
from gui.pages.checkpoint.show.words import nothing, state_of

_SHORT = {"embed": "emb", "unembed": "out", "position": "pos", "router": "rout"}  # at the axis
_FEW = 40  # rows or columns whose names stand at the axis, at most
_STEPS = (5, 10, 20, 50, 100, 200, 500, 1000)


class MapPlot(Plot, key="checkpoint.map", title="Map of the model", share=3):
    """Layers down, roles across; hatched: not computed yet, crossed: could not be."""

    board: Board | None = value_of(board)
    grid: Grid | None = value_of(grid)
    descriptor: Descriptor = Shared.descriptor
    relative: bool = Shared.relative
    chosen: tuple[str, ...] = Shared.chosen
    look: Look = value_of(colours("map"))

    def figure(self) -> Figure:
        """Return the picture."""
        found, grid = self.board, self.grid
        if found is None or grid is None or not grid.cells:
            return empty_figure("", "", nothing())
        values = grid.values(found.figures(self.descriptor), self.relative)
        figure = title_of(self.descriptor)
        name = tr("log₂ of {figure} over its role's median", figure=figure)
        return map_figure(
            grid,
            values,
            tr("{figure} of every matrix", figure=figure),
            name if self.relative else figure,
            diverging=self.relative,
            marks=marks_of(found, grid, self.chosen),
            note=state_of(found),
        )


def marks_of(board: Board, grid: Grid, chosen: tuple[str, ...]) -> tuple[Series, ...]:
    """Return the strokes over cells: not computed yet, not to be computed, selected."""
    waiting, broken = [], []
    for cell, places in grid.cells.items():
        rows = [board.rows[place] for place in places]
        if all(row is None for row in rows):
            waiting.append(cell)
        elif any(row is not None and row.problem for row in rows):
            broken.append(cell)
    selected = {grid.cell_of[one] for one in board.places_of(chosen) if one in grid.cell_of}
    return strokes(waiting, broken, selected)


def strokes(
    waiting: Iterable[Cell], broken: Iterable[Cell], selected: Iterable[Cell]
) -> tuple[Series, ...]:
    """Return hatched, crossed and framed cells as curves."""
    found = (
        _marked("waiting", tr("not computed yet"), waiting, _HATCH, "muted", 1.0),
        _marked("broken", tr("cannot be computed"), broken, _CROSS, "warning", 1.5, sign="x"),
        _marked("selected", tr("selected"), selected, _FRAME, "ink", 2.5),
    )
    return tuple(one for one in found if one.x.size)


def _pieces(*lines: tuple[tuple[float, float], ...]) -> Floats:
    """Return lines one after the other, broken by NaN, (points, 2)."""
    parts = [np.array((*line, (np.nan, np.nan))) for line in lines]
    return np.concatenate(parts)


_HATCH = _pieces(
    ((-0.4, -0.4), (0.4, 0.4)),
    ((-0.4, 0.0), (0.0, 0.4)),
    ((0.0, -0.4), (0.4, 0.0)),
)
_CROSS = _pieces(((-0.3, -0.3), (0.3, 0.3)), ((-0.3, 0.3), (0.3, -0.3)))
_FRAME = _pieces(((-0.47, -0.47), (0.47, -0.47), (0.47, 0.47), (-0.47, 0.47), (-0.47, -0.47)))


def _marked(
    key: str,
    name: str,
    cells: Iterable[Cell],
    shape: Floats,
    color: str,
    width: float,
    sign: str = "",
) -> Series:
    middles = np.array([(column, row) for row, column in cells], dtype=np.float64).reshape(-1, 2)
    points = (middles[:, None, :] + shape[None]).reshape(-1, 2)
    return Series(key, name, points[:, 0], points[:, 1], color, width=width, sign=sign)


def map_figure(
    grid: Grid,
    values: Floats,
    title: str,
    name: str,
    *,
    diverging: bool,
    marks: tuple[Series, ...] = (),
    note: str = "",
) -> Figure:
    """Return a map of layers and roles."""
    rows, columns = grid.shape
    levels: tuple[float, float]
    map_, levels = scale_of(values)
    if diverging:
        known = np.abs(values[np.isfinite(values)])
        reach = float(np.percentile(known, 98)) if known.size else 1.0
        map_, levels = "diverging", (-(reach or 1.0), reach or 1.0)
    image = Image("map", name, values, extent_of(values.shape, (1, 1)), map_, levels, gaps=True)
    return Figure(
        title=title,
        x=_axis(tr("role"), grid.columns, columns),
        y=_axis(tr("layer") if grid.layered else tr("matrix"), grid.rows, rows, inverted=True),
        images=(image,),
        series=marks,
        note=note,
    )


def _axis(label: str, names: tuple[str, ...], count: int, inverted: bool = False) -> Axis:
    shown = tuple(_SHORT.get(name, name) for name in names)
    is_short = max(map(len, shown), default=0) <= 12
    ticks = [(float(place), name) for place, name in enumerate(shown)] if is_short else []
    if count > _FEW:
        # Numbers of layers that are round, and what has none: "outside", next to which 0 stands.
        step = next((one for one in _STEPS if count <= one * _FEW), _STEPS[-1])
        first = step if ticks and not ticks[0][1].isdigit() else 0
        ticks = [
            one
            for one in ticks
            if not one[1].isdigit() or (int(one[1]) >= first and int(one[1]) % step == 0)
        ]
    limits = (-0.5, count - 0.5)
    return Axis(
        label, limits=limits, log_locked=True, inverted=inverted, ticks=tuple(ticks), names=names
    )
