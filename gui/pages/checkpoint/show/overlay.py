"""The spectra of the selected matrices over each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import number, toggle
from gui.core.declare.records import Plot
from gui.core.figure.figure import Axis, Figure, Series, empty_figure
from gui.core.figure.palette import Dash
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.figures import Board, Shared, board, noise_edge
from gui.pages.checkpoint.show.words import look_of, nothing

# A third of the layers each; colours come again after the seventh role.
_DASHES: tuple[tuple[Dash, ...], ...] = (
    ("solid", "dash", "dot"),
    ("longdash", "dashdot", "sparse"),
)


class OverlayPlot(Plot, key="checkpoint.overlay", title="Spectra of the selection", share=2):
    """σᵢ / σ₁ against i / n: a colour a role, a dash a third of the layers."""

    board: Board | None = value_of(board)
    chosen: tuple[str, ...] = Shared.chosen
    curves: int = number(
        24,
        (1, 64),
        "&Most spectra",
        "How many of the selected spectra are drawn at once",
        undo="number of spectra",
    )
    noise: bool = toggle(
        True,
        "Show the &noise edge",
        "A faint line at s (√m + √n) / σ₁ for each spectrum: the largest singular value of noise "
        "with the median of its values (Marchenko-Pastur)",
        undo="noise edge of the spectra",
    )
    index_log: bool = toggle(True, undo="logarithmic index", axis="x")
    values_log: bool = toggle(True, undo="logarithmic spectra", axis="y")

    def figure(self) -> Figure:
        """Return the curves; of no selection those of the first matrices."""
        found = self.board
        if found is None:
            return empty_figure("", "", nothing())
        places = found.first_with(self.chosen, self.curves)
        note = ""
        if not places:
            computed = (one for one in range(len(found.rows)) if found.has_values(one))
            places = tuple(islice(computed, min(4, self.curves)))
            note = tr("Nothing is selected: the first matrices. Click in the map or the table.")
        elif len(found.places_of(self.chosen)) > len(places):
            note = tr("{count} of the selected spectra are drawn.", count=len(places))
        if not places:
            return empty_figure("", "", tr("No spectrum is computed yet."))
        return Figure(
            x=Axis(tr("i / n (share of the values)"), log=self.index_log),
            y=Axis(tr("σᵢ / σ₁"), log=self.values_log),
            series=(
                *(self._curve(found, place) for place in places),
                *(self._edges(found, places) if self.noise else ()),
            ),
            note=note,
        )

    def _edges(self, found: Board, places: Sequence[int]) -> tuple[Series, ...]:
        """Return the noise edges of some matrices as one curve of level pieces."""
        pieces = []
        for place in places:
            row = found.rows[place]
            assert row is not None
            edge = noise_edge(row) / row.values[0] if row.values[0] > 0.0 else np.nan
            if edge < 1.0:  # above it is nothing
                pieces.append(((1.0 / row.values.size, edge), (1.0, edge), (np.nan, np.nan)))
        if not pieces:
            return ()
        points = np.array(pieces).reshape(-1, 2)
        name = tr("noise edge")
        return (Series("edge", name, points[:, 0], points[:, 1], "muted", "dot", width=1.0),)

    def _curve(self, found: Board, place: int) -> Series:
        one, row = found.matrices[place], found.rows[place]
        assert row is not None
        values, top = row.values, row.values[0]
        y = values / top if top > 0.0 else np.zeros(values.size)
        x = (np.arange(values.size) + 1.0) / values.size
        color, turn = look_of(one.role.role, found.listing.roles)
        third = 0
        if one.role.layer is not None:
            third = min(2, 3 * one.role.layer // found.listing.layers)
        dash = _DASHES[turn % 2][third]
        curve = Series(f"m{place}", one.name, x, y, color, dash, width=1.5)
        return curve.above(1e-16 if self.values_log else None)
