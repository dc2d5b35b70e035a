"""What a plot shows: its figure, table or read-outs, with what the house fills in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.figure.table import Table, table_of_rows
from gui.core.words.i18n import tr


@dataclass(frozen=True, eq=False)
class Picture:
    """What a plot shows of ``subject``; ``behind``: it is not of the present moment."""

    drawn: Figure | Table
    behind: bool = False
    subject: Any = None

    @property
    def figure(self) -> Figure | None:
        """The figure, None of a table."""
        return self.drawn if isinstance(self.drawn, Figure) else None

    @property
    def table(self) -> Table | None:
        """The table; read-outs are one, too."""
        return self.drawn if isinstance(self.drawn, Table) else None


def picture_of(plot: Plot, behind: bool = False, subject: Any = None) -> Picture:
    """Return what ``plot`` shows; a key and a title that it does not say are filled in."""
    kind = type(plot)
    drawn: Figure | Table
    if kind.form() == "figure":
        drawn = plot.figure()
    elif kind.form() == "table":
        drawn = plot.table()
    else:
        drawn = table_of_rows(plot.rows(), tr("Read-out"), tr("Value"))
    if kind.link and isinstance(drawn, Figure) and not drawn.link:
        drawn = replace(drawn, link=kind.link)
    if not (drawn.key and drawn.title):
        drawn = replace(drawn, key=drawn.key or kind.key, title=drawn.title or tr(kind.title))
    return Picture(drawn, behind, subject)
