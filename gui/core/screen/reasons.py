"""Why plots are blank: of plots side by side that say the same sentence only the first does."""

from __future__ import annotations

from collections.abc import Sequence

from gui.core.declare.records import Plot
from gui.core.words.i18n import tr
from gui.core.work.conductor import Conductor

PlotKind = type[Plot]


def awaited(conductor: Conductor, plot: PlotKind) -> str:
    """Return what a plot that has nothing to show waits for."""
    step = conductor.awaited(plot)
    return tr("{step} …", step=tr(step)) if step else tr("Nothing to show yet.")


class Reasons:
    """The sentences of the blank plots of a page, whose ``plots`` are in reading order."""

    def __init__(self, plots: Sequence[PlotKind]) -> None:
        self._plots = plots
        self._notes: dict[PlotKind, str] = {}
        self._said: dict[PlotKind, str] = {}

    def told(self, plot: PlotKind, note: str | None) -> dict[PlotKind, str]:
        """Take the reason of a plot, None where it is not blank any more.

        Returns what plots have to say now in place of what they said.
        """
        if note is None:
            self._notes.pop(plot, None)
            self._said.pop(plot, None)
        else:
            self._notes[plot] = note
        row = [one for one in self._plots if one.view_key() == plot.view_key()]
        blank = {one: self._notes[one] for one in row if one in self._notes}
        first = {note: one for one, note in reversed(blank.items())}
        words = {one: note if first[note] is one else "–" for one, note in blank.items()}
        changed = {one: said for one, said in words.items() if self._said.get(one) != said}
        self._said |= changed
        return changed
