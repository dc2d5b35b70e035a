"""How finely the RMS tells its position: the step to the next, and what hides it."""

from __future__ import annotations

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.table import Row, number_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.position.compute.exact import Resolve, Resolved, Telling
from gui.pages.position.compute.setting import Size
from gui.pages.position.show.frame import OverPositions, source_of

RESOLUTION = View(
    "resolution", "Resolution", "How finely the norm of the output tells its position"
)


class ResolutionPlot(OverPositions, key="position.resolution", title="Resolution", view=RESOLUTION):
    """The step from n to n + 1 falls faster than the noise: soon neighbours are one."""

    resolved: Resolved = answer_of(Resolve)
    z: float = Telling.z
    resolution_log: bool = toggle(True, undo="logarithmic axis", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        found, log = self.resolved, self.resolution_log
        noise = tr("{z} standard errors, z s/√(2dn)", z=f"{self.z:g}")
        step = tr("step s/√n − s/√(n+1)")
        series = (
            Series("step", step, found.n, found.step, "c0"),
            Series("noise", noise, found.n, self.z * found.noise, "c1", "dash"),
        )
        cursors = [self.cursor]
        if 1.0 <= found.last <= self.length:
            told = tr("told apart up to n = {n}", n=format_value(found.last, 3))
            cursors.insert(0, Cursor("last", told, "x", found.last, color="c1", dash="dot"))
        return Figure(
            title=tr("Step of the RMS against its noise"),
            x=self.axis,
            y=Axis(tr("difference of RMS"), log=log),
            series=series,
            cursors=tuple(cursors),
            meta=source_of(self.spec),
        )


class PlacesPlot(OverPositions, key="position.places", title="Places", view=RESOLUTION):
    """How many positions up to n are told apart: their number grows with ln n only."""

    resolved: Resolved = answer_of(Resolve)

    def figure(self) -> Figure:
        """Return the plot."""
        found = self.resolved
        name = tr("ln n / (z √(2/d))")
        return Figure(
            title=tr("Positions told apart among the first n"),
            x=self.axis,
            y=Axis(tr("positions told apart")),
            series=(Series("places", name, found.n, found.places, "c0"),),
            cursors=(self.cursor,),
            meta=source_of(self.spec),
        )


class ResolutionNumbers(Plot, key="position.resolved", title="Resolution", view=RESOLUTION):
    """Up to where neighbours are told apart, and how many places there are."""

    resolved: Resolved = answer_of(Resolve)
    length: int = Size.length

    def rows(self) -> list[Row]:
        """Return them."""
        found = self.resolved
        return [
            Row(
                tr("Neighbours told apart up to"),
                tr("n = {n}", n=format_value(found.last, 3)),
                tr("About √(2d) / (2z): from there on n and n + 1 are one"),
                ((found.last, "n"),),
            ),
            number_row(
                tr("Places told apart up to n = {n}", n=self.length),
                found.places_here,
                tr("ln n / (z √(2/d))"),
                digits=3,
            ),
        ]
