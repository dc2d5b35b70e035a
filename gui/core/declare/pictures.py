"""What a plot shows: its figure, table or read-outs, with what the house fills in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.figure.table import Table, table_of_rows
from gui.core.words.i18n import tr


@dataclass(frozen=True, eq=False)
class Picture:
    """What a plot shows of ``subject``; ``behind``: it is not of the present moment.

    The axes are those of ``fitted`` (see `Page`).
    """

    plot: Plot
    drawn: Figure | Table
    behind: bool = False
    subject: Any = None
    fitted: Any = None

    @property
    def figure(self) -> Figure | None:
        """The figure, None of a table."""
        return self.drawn if isinstance(self.drawn, Figure) else None

    @property
    def table(self) -> Table | None:
        """The table; read-outs are one, too."""
        return self.drawn if isinstance(self.drawn, Table) else None


def picture_of(plot: Plot, moment: Moment, behind: bool = False) -> Picture:
    """Return what ``plot`` shows at a moment.

    A key and a title that it does not say are filled in, and the parameters that made it.
    """
    kind = type(plot)
    drawn: Figure | Table
    if kind.form() == "figure":
        drawn = plot.figure()
    elif kind.form() == "table":
        drawn = plot.table()
    else:
        drawn = table_of_rows(plot.rows(), tr("Read-out"), tr("Value"))
    filled: dict[str, Any] = {
        "key": drawn.key or kind.key,
        "title": drawn.title or tr(kind.title),
        "meta": MappingProxyType({**meta_of(moment, kind), **drawn.meta}),
    }
    if isinstance(drawn, Figure):
        filled["link"] = drawn.link or kind.link
    fitted = moment.look(moment.page.fitted or moment.page.subject)
    return Picture(plot, replace(drawn, **filled), behind, moment.subject, fitted)


def meta_of(moment: Moment, plot: type[Plot]) -> dict[str, str]:
    """Return every parameter that a plot depends on as an export says it, in force.

    One that no session keeps (see `Parameter.saved`) is none of them, nor one that is not offered
    or greyed out now: it counts for nothing.
    """
    found: dict[str, str] = {}
    for one in moment.page.of_plot(plot):
        if one.kind == "stored" or not one.saved:
            continue
        value = moment.look(one) if moment.is_shown(one) and moment.is_enabled(one) else None
        if value is not None and not isinstance(value, Missing):
            found[one.name] = f"{in_words(value)} {moment.unit(one)}".rstrip()
    return found


def in_words(value: Any) -> str:
    """Return a value as it stands in an export or on a command line.

    Examples
    --------
    >>> in_words(0.5), in_words(True), in_words(("a", "b"))
    ('0.5', 'yes', 'a b')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
