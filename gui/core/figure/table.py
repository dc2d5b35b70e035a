"""Table: what a page lists, as plain, frozen data; the screen and the exporters show the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import NamedTuple

from gui.core.figure.palette import Dash
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text
from gui.frozen import dataclass

Number = float | int


class Row(NamedTuple):
    """A read-out: what it is, its value as shown, what it means, and its numbers in full.

    ``full`` are pairs of a number and its unit, or its name where the read-out holds several. It
    is empty where no number is meant, and where only a bound is known: the words say it.
    """

    title: str
    text: str
    tip: str = ""
    full: tuple[tuple[Number, str], ...] = ()


def number_row(title: str, value: Number, tip: str = "", unit: str = "", *, digits: int = 4) -> Row:
    """Return the read-out of one number.

    Examples
    --------
    >>> number_row("Norm", 2 / 3, digits=2)
    Row(title='Norm', text='0.67', tip='', full=((0.6666666666666666, ''),))
    """
    return Row(title, format_value(value, digits), tip, ((value, unit),))


def share_row(title: str, share: float, tip: str = "", text: str = "") -> Row:
    """Return the read-out of a share, shown as a percentage.

    Examples
    --------
    >>> share_row("Kept", 0.25)
    Row(title='Kept', text='25.00 %', tip='', full=((0.25, 'share'),))
    """
    return Row(title, text or share_text(share), tip, ((share, tr("share")),))


@dataclass(frozen=True)
class Column:
    """One column: its heading in words, what it means, and whether it holds numbers.

    ``wide`` columns share what room is left, and their words wrap; those of ``elided`` ones end in
    an ellipsis where the room ends, and are whole in the tooltip. What leaves the window has
    ``words`` in place of a title that is a symbol or empty, with ``unit``. ``measure`` says what
    the numbers are where a cell says more than its number, a verdict: they get a column of their
    own where they are written in full.
    """

    title: str
    tip: str = ""
    number: bool = False
    wide: bool = False
    elided: bool = False
    words: str = ""
    unit: str = ""
    measure: str = ""

    @property
    def heading(self) -> str:
        """What stands over the column outside the window.

        Examples
        --------
        >>> Column("r", words="Rank").heading, Column("Error", unit="of ‖M‖_F").heading
        ('Rank', 'Error (of ‖M‖_F)')
        """
        name = self.words or self.title
        return f"{name} ({self.unit})" if self.unit else name


@dataclass(frozen=True)
class Cell:
    """One cell: ``text`` as shown, ``value`` in full where it is a number.

    ``order`` is what rows are sorted by where that is not the value; ``words`` stand in place of
    a text that leans on the row above.

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
    order: Number | None = None
    words: str = ""

    @property
    def said(self) -> str:
        """The words that stand for it outside the window."""
        return self.words or self.text

    @property
    def rank(self) -> Number | None:
        """The number by which rows are sorted, None for the words."""
        return self.value if self.order is None else self.order

    @property
    def in_full(self) -> str:
        """The number to its last digit; the words where there is none, or only a bound of it.

        Examples
        --------
        >>> [one.in_full for one in (Cell("0.33", 1 / 3), Cell("< 1e-9", 3e-10), Cell("yes"))]
        ['0.3333333333333333', '< 1e-9', 'yes']
        """
        value = self.value
        if value is None or math.isnan(value) or self.text.startswith(("<", ">", "≤", "≥")):
            return self.text
        if self.text == f"{value:.0f}":
            return self.text
        # repr of a Python float is the shortest text that reads back as the same 64 bits.
        return repr(value)


@dataclass(frozen=True)
class Table:
    """Everything a table shows; ``key``, ``title``, ``note`` and ``meta`` as in a Figure.

    ``hint`` says what can be done with it on the screen; exports leave it out.
    ``sort`` is the column by which its rows are sorted at first and may be sorted anew, -1 where
    their order means something. ``filed`` is the kind under which the search knows what the first
    ``data`` of a row names ("rule"): a person can have what is liked, or pinned, first. ``full``
    is what is written where numbers are wanted in full, None for the table itself. ``exporter``
    makes its text, as that of a Figure makes a picture.
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
    full: Table | None = None
    exporter: Callable[[Table], str] | None = field(default=None, repr=False, compare=False)

    def _repr_markdown_(self) -> str | None:
        """Return the table as a notebook shows it."""
        return self.exporter(self) if self.exporter is not None else None


def _whole(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the titles; those that begin with "…" with what they go on."""
    lead = ""
    for one in rows:
        if one.title.startswith("…"):
            yield tr("{title}, {more}", title=lead, more=one.title.removeprefix("…").strip())
        else:
            lead = one.title
            yield lead


def table_of_rows(rows: Sequence[Row], name: str, value: str) -> Table:
    """Return read-outs as a table of two columns with these headings.

    In full every number has a line of its own, with its unit or name beside it.
    """
    rows = [Row(*one) for one in rows]  # of plug-ins also (title, text, tip)
    whole = list(_whole(rows))
    cells: list[tuple[Cell, ...]] = []
    for one, title in zip(rows, whole, strict=True):
        words = "" if title == one.title else title
        cells.append((Cell(one.title, tip=one.tip, words=words), Cell(one.text, tip=one.tip)))
    shown = Table((Column(name), Column(value, number=True)), tuple(cells))
    lines = tuple(
        (Cell(title), Cell(one.text, number), Cell(unit))
        for one, title in zip(rows, whole, strict=True)
        for number, unit in one.full or ((None, ""),)
    )
    columns = (Column(name), Column(value, number=True), Column(tr("Unit")))
    return replace(shown, full=Table(columns, lines))
