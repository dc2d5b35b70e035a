"""Any figure of the matrices against any other."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import choice, toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Figure, Series, empty_figure
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.figures import (
    DESCRIPTORS,
    Board,
    Descriptor,
    Shared,
    board,
    title_of,
)
from gui.pages.checkpoint.show.words import figure_text, look_of, nothing

SCATTER = View("scatter", "Scatter", "Any figure of the matrices against any other")
_SYMBOLS = ("o", "s", "t", "d")


class ScatterPlot(Plot, key="checkpoint.scatter", title="Figures of the matrices", view=SCATTER):
    """A point a matrix, a colour a role."""

    board: Board | None = value_of(board)
    chosen: tuple[str, ...] = Shared.chosen
    across: Descriptor = choice(
        "stable_rank", DESCRIPTORS, "A&cross", "Figure along x", view="scatter"
    )
    along: Descriptor = choice("alpha", DESCRIPTORS, "&Up", "Figure along y", view="scatter")
    across_log: bool = toggle(False, undo="logarithmic scatter", axis="x")
    along_log: bool = toggle(False, undo="logarithmic scatter upwards", axis="y")

    def groups(self) -> dict[str, tuple[int, ...]]:
        """Return the places of the points that are drawn, by the key of their series."""
        found = self.board
        if found is None:
            return {}
        x, y = found.figures(self.across), found.figures(self.along)
        good = np.isfinite(x) & np.isfinite(y)
        good &= (x > 0.0) | (not self.across_log)
        good &= (y > 0.0) | (not self.along_log)
        groups: dict[str, list[int]] = {}
        for place in np.flatnonzero(good).tolist():
            groups.setdefault(f"role.{found.matrices[place].role.role}", []).append(place)
        return {key: tuple(groups[key]) for key in sorted(groups)}

    def figure(self) -> Figure:
        """Return the points."""
        found, groups = self.board, self.groups()
        if found is None:
            return empty_figure("", "", nothing())
        if not groups:
            return empty_figure("", "", tr("No matrix has both figures yet."))
        x, y = found.figures(self.across), found.figures(self.along)
        roles = found.listing.roles
        series = []
        for key, places in groups.items():
            role = key.removeprefix("role.")
            color, turn = look_of(role, roles)
            here, symbol = list(places), _SYMBOLS[turn % len(_SYMBOLS)]
            words = tuple(self._said(found, place) for place in places)
            series.append(
                Series(key, role, x[here], y[here], color, symbol=symbol, line=False,
                       words=words)
            )  # fmt: skip
        drawn = {place for places in groups.values() for place in places}
        selected = [one for one in found.places_of(self.chosen) if one in drawn]
        if selected:
            name, points = tr("selected"), (x[selected], y[selected])
            mark = Series("selected", name, *points, "ink", symbol="x", line=False)
            series.append(mark)
        return Figure(
            title=tr("{up} against {across}", up=title_of(self.along),
                     across=title_of(self.across)),
            x=Axis(title_of(self.across), log=self.across_log),
            y=Axis(title_of(self.along), log=self.along_log),
            series=tuple(series),
        )  # fmt: skip

    def _said(self, found: Board, place: int) -> str:
        x, y = found.figures(self.across)[place], found.figures(self.along)[place]
        figures = f"{figure_text(float(x), self.across)}, {figure_text(float(y), self.along)}"
        return f"{found.matrices[place].name}: {figures}"
