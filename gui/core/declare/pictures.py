"""What a plot shows: its figure or table and its read-outs, with what the house fills in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.figure.table import Row, Table
from gui.core.words.i18n import tr


@dataclass(frozen=True, eq=False)
class Picture:
    """What a plot shows of ``subject``; ``behind``: it is not of the present moment."""

    figure: Figure | None
    table: Table | None
    rows: Sequence[Row]
    behind: bool = False
    subject: Any = None

    @property
    def drawn(self) -> Figure | Table:
        """The figure or the table."""
        found = self.figure if self.figure is not None else self.table
        assert found is not None
        return found


def picture_of(plot: Plot, behind: bool = False, subject: Any = None) -> Picture:
    """Return what ``plot`` shows; a key and a title that it does not say are filled in."""
    kind = type(plot)
    if kind.is_table():
        table = plot.table()
        table = replace(table, key=table.key or kind.key, title=table.title or tr(kind.title))
        return Picture(None, table, plot.rows(), behind, subject)
    figure = plot.figure()
    if not (figure.key and figure.title):
        figure = replace(figure, key=figure.key or kind.key, title=figure.title or tr(kind.title))
    return Picture(figure, None, plot.rows(), behind, subject)
