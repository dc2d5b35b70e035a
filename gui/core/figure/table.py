"""Table: what a page lists, as plain, frozen data; the screen and the exporters show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from gui.core.figure.palette import Dash

# A read-out: what it is, its value as shown, and what it means.
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Column:
    """One column: its heading in words, what it means, and whether it holds numbers.

    ``wide`` columns share what room is left, and their words wrap; those of ``elided`` ones end in
    an ellipsis where the room ends, and are whole in the tooltip.
    """

    title: str
    tip: str = ""
    number: bool = False
    wide: bool = False
    elided: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell: ``text`` as shown, ``value`` in full where it is a number.

    ``tip`` is its tooltip, ``role`` a colour ("good", "warning", "muted"), also behind the words
    where it is a ``verdict``; ``data`` what a click on it means to the page; ``strong`` is shown
    in bold; ``edits`` may be typed over. ``curve`` is the (colour, dash) of the curve it is about;
    ``shade`` the place, from -1 to 1, of the diverging colour behind it.
    """

    text: str
    value: float | int | None = None
    tip: str = ""
    role: str = "ink"
    data: str = ""
    strong: bool = False
    edits: bool = False
    verdict: bool = False
    curve: tuple[str, Dash] | None = None
    shade: float | None = None


@dataclass(frozen=True)
class Table:
    """Everything a table shows; ``key``, ``title``, ``note`` and ``meta`` as in a Figure.

    ``hint`` says what can be done with it on the screen; exports leave it out.
    ``sort`` is the column by which its rows are sorted at first and may be sorted anew, -1 where
    their order means something. ``filed`` is the kind under which the search knows what the first
    ``data`` of a row names ("rule"): a person can have what is liked, or pinned, first.
    """

    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    note: str = ""
    sort: int = -1
    hint: str = ""
    filed: str = ""
    key: str = ""
    title: str = ""
    meta: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def table_of_rows(rows: Sequence[Row], name: str, value: str) -> Table:
    """Return read-outs as a table of two columns with these headings."""
    cells = tuple((Cell(title, tip=tip), Cell(text, tip=tip)) for title, text, tip in rows)
    return Table((Column(name), Column(value, number=True)), cells)
