"""Every plot of the window from a script or a notebook: the same declarations, no window.

Examples
--------
>>> import numpy as np
>>> draw("spectrum", "error", np.diag([3.0, 2.0, 1.0]), rank=1).title
'Error against rank'
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gui.carried import carried
from gui.core.declare.answers import Answers
from gui.core.declare.draw import draw_plot, moment_of
from gui.core.declare.page import Page
from gui.core.figure.figure import Figure
from gui.core.figure.panels import Panels, Shown
from gui.core.figure.table import Table
from gui.core.state.document import (
    EXAMPLES_PATH,
    Arrays,
    Files,
    Opened,
    Repair,
    Repaired,
    Second,
    Selection,
    TableSaid,
    every_row,
    reference,
)
from gui.core.state.listed import OpenFile, ViewInfo
from gui.core.words.i18n import tr
from gui.core.words.names import shown_name
from gui.frozen import dataclass
from gui.pages import PAGES
from gui.pages.sources.compute.missing import find_rows
from gui.pages.sources.compute.opening import entries_of
from gui.pages.sources.compute.tables import said_by

if TYPE_CHECKING:
    from engine.files import MatrixSource, TableReading


class UnknownPage(ValueError):
    """There is no page of that name; the sentence says which there are."""

    for_people = True


class TableAmongPanels(ValueError):
    """A table has no place beside figures."""

    for_people = True


@dataclass(frozen=True)
class Beside:
    """An array of a file that is open beside the one that is drawn; see `draw` for its fields."""

    path: str
    entry: str = ""
    view: str = ""
    index: tuple[int, ...] = ()
    reading: TableReading | None = None
    missing: Repair = ""

    @property
    def which(self) -> dict[str, Any]:
        """Which matrix of it is meant, and what is done about bad entries."""
        return {"view": self.view, "index": self.index, "missing": self.missing}


def draw(
    page: str,
    plot: str | Sequence[str],
    array: Any = None,
    *,
    other: Any = None,
    entry: str = "",
    view: str = "",
    index: tuple[int, ...] = (),
    other_entry: str = "",
    other_view: str = "",
    other_index: tuple[int, ...] = (),
    other_missing: Repair | None = None,
    missing: Repair = "",
    reading: TableReading | None = None,
    other_reading: TableReading | None = None,
    beside: Sequence[Beside] = (),
    name: str = "array",
    columns: int = 0,
    letters: bool = True,
    shared_legend: bool = True,
    **parameters: Any,
) -> Shown | Table:
    """Draw a plot of the window, or several as the panels of one picture.

    Parameters
    ----------
    page : str
        Key of a page: "topk", "spectrum", "column_row".
    plot : str or sequence of str
        Key of one of its plots, with or without the page before it, as ``rankscope render
        --list`` names them; several are panels, each with those parameters that it depends on.
    array : array_like, or str or path-like
        Numbers, or a file to read them from; pages that make their own scores need none.
    other : array_like, or str or path-like, optional
        A second array, where a page multiplies or compares two.
    entry : str
        Which array of the file; "" is the first that can be read.
    view : str
        Which matrix of an array with more than two axes: "0,2" for these two axes, "unfolded", or
        one of the entry's ``views``; "" is the one that suits, with ``index`` the last two axes.
    index : tuple of int
        Positions on the other axes; left out it is 0 on each.
    other_entry, other_view, other_index, other_reading, other_missing
        The same of ``other``; its bad entries are treated as those of ``array`` if nothing is said.
    missing : "", "zero", "column_mean" or "leave_rows_out"
        What is done about NaN and infinite entries; "" refuses them.
    reading : TableReading, optional
        How a table is read; what it leaves out is found from the file.
    beside : sequence of Beside
        Other arrays of files, which parameters name by their titles: inputs of a router.
    name : str
        What an array that comes from no file is called.
    columns, letters, shared_legend
        How panels are arranged (see `Panels`).
    **parameters
        Anything the window's controls set, by the name of the parameter; the rest is as at a
        first start.

    Returns
    -------
    Figure, Panels or Table
        What the window shows; both show themselves in a notebook.

    Raises
    ------
    UnknownPage, UnknownName
        When there is no such page, plot or parameter.
    ValueError
        With a sentence, when a parameter is not allowed or the numbers cannot be used.
    """
    found = page_of(page)
    at_hand = {
        one: values
        for one, values in ((name, array), ("other", other))
        if values is not None and not isinstance(values, (str, os.PathLike))
    }
    first = {"view": view, "index": index, "missing": missing}
    second_missing = missing if other_missing is None else other_missing
    second_as = {"view": other_view, "index": other_index, "missing": second_missing}
    opened = _opened(array, at_hand, name, reading, entry, **first)
    second = _opened(other, at_hand, "other", other_reading, other_entry, **second_as)
    others = [_opened(one.path, {}, name, one.reading, one.entry, **one.which) for one in beside]
    keys = [plot] if isinstance(plot, str) else list(plot)
    values = [_of_plot(found, key, parameters) for key in keys] if len(keys) > 1 else [parameters]
    drawn = draw_panels(
        *(found, keys, given_of(opened, second, *filter(None, others)), values),
        columns=columns,
        letters=letters,
        shared_legend=shared_legend,
    )
    return shown(drawn)


def _of_plot(page: Page, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a plot depends on, and those that no plot of the page does."""
    plot = page.plot(key)
    mine = () if plot is None else page.of_plot(plot)
    others = {one.name for one in page.parameters.values()} - {one.name for one in mine}
    return {name: value for name, value in values.items() if name not in others}


def draw_panels(
    page: Page,
    keys: Sequence[str],
    given: Mapping[type, Any],
    values: Sequence[Mapping[str, Any]],
    *,
    columns: int = 0,
    letters: bool = True,
    shared_legend: bool = True,
) -> Shown | Table:
    """Return one plot, or several as panels, each with its own ``values``.

    What they share is computed once; all carry what restores their page in the window.

    Raises
    ------
    TableAmongPanels
        When one of several is a table.
    """
    answers = Answers()
    drawn = [
        draw_plot(page, key, given, mine, answers).drawn
        for key, mine in zip(keys, values, strict=True)
    ]
    if len(drawn) == 1 and isinstance(drawn[0], Table):
        return drawn[0]
    state = _carried(page, keys, given, values, answers)
    figures = tuple(replace(one, state=state) for one in drawn if isinstance(one, Figure))
    if len(figures) < len(drawn):
        name = next(key for key, one in zip(keys, drawn, strict=True) if isinstance(one, Table))
        raise TableAmongPanels(
            tr("{name} is a table: it cannot be one panel of several.", name=name)
        )
    return Panels(figures, columns, letters, shared_legend) if len(figures) > 1 else figures[0]


def _carried(
    page: Page,
    keys: Sequence[str],
    given: Mapping[type, Any],
    values: Sequence[Mapping[str, Any]],
    answers: Answers,
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, mine in zip(keys, values, strict=True):
        said |= {**page.presets.get(key, {}), **mine}
    first = page.plot(keys[0])
    return {} if first is None else carried(moment_of(page, given, said, answers), first)


def page_of(key: str) -> Page:
    """Return the page ``key``."""
    pages = {page.key: page for page in PAGES}
    if key not in pages:
        close = difflib.get_close_matches(key, pages, 1)
        words = tr("There is no page “{name}”; there are {names}.")
        hint = tr("Did you mean “{name}”?", name=close[0]) if close else ""
        raise UnknownPage(f"{words.format(name=key, names=', '.join(pages))} {hint}".rstrip())
    return pages[key]


def _opened(
    array: Any,
    at_hand: Mapping[str, Any],
    name: str,
    reading: TableReading | None,
    entry: str,
    **which: Any,
) -> Opened | None:
    from engine.files import memory_source

    if array is None:
        return None
    if isinstance(array, (str, os.PathLike)):
        return opened_from(source_of(array, reading), entry, reading=reading, **which)
    return opened_from(memory_source(at_hand), name, **which)


def source_of(path: str | os.PathLike[str], reading: TableReading | None = None) -> MatrixSource:
    """Return a file, or the built-in examples, opened; of a table in the way that is said."""
    from engine.checkpoint.folders import model_in, weights_file
    from engine.files import example_source, open_matrix_file

    if os.path.isdir(path):
        path = model_in(path) or weights_file(path)
    if os.fspath(path) == EXAMPLES_PATH:
        return example_source()
    return open_matrix_file(path, reading=reading)


def opened_from(
    source: MatrixSource,
    entry: str = "",
    index: tuple[int, ...] = (),
    missing: Repair = "",
    view: str = "",
    reading: TableReading | None = None,
) -> Opened:
    """Return one array of an opened source as the pages are given it; ``reading`` opened it.

    Raises
    ------
    engine.errors.RankscopeError
        When none can be read, or there is no such entry, view or position.
    """
    from engine.errors import FileError
    from engine.files import view_named

    readable = [one.name for one in source.entries if one.readable]
    if not readable:
        raise FileError(source.path, "none of its arrays can be read", source.entries[0].note)
    found = source.entry(entry or readable[0])
    file = _file_of(source)
    info = next(one for one in file.entries if one.name == found.name)
    # An index alone is one of the leading axes.
    suits = "" if index else found.view
    ref = reference(file, info, index, view_named(view, found.views) if view else suits)
    _require_index(index, info.layout(ref.view))
    if missing != "leave_rows_out":
        return Opened(ref, source, missing, said_by(reading))
    rows = find_rows(ref, source)
    return Opened(ref, source, missing, said_by(reading), rows if rows.left_out else None)


def _require_index(index: tuple[int, ...], view: ViewInfo) -> None:
    from engine.errors import ArgumentError

    axes = [axis for axis, _ in view.fixed]
    if index and not axes:
        raise ArgumentError("slice", index, "left out: one matrix")
    if index and len(index) != len(axes):
        words = tr("{count} positions, on the axes {axes}", count=len(axes), axes=axes)
        raise ArgumentError("slice", index, words)
    for place, (axis, length) in zip(index, view.fixed, strict=False):
        if not 0 <= place < length:
            words = tr("from 0 to {last} on axis {axis}", last=length - 1, axis=axis)
            raise ArgumentError("slice", index, words)


def given_of(
    opened: Opened | None, second: Opened | None = None, *others: Opened
) -> Mapping[type, Any]:
    """Return what the window would give the pages with these arrays open."""
    things = [one for one in (opened, second, *others) if one is not None]
    files = Files(tuple({one.ref.path: _file_of(one.source) for one in things}.values()))
    repairs = tuple(Repaired(one.ref, one.repair) for one in things if one.repair)
    tables = tuple(TableSaid(one.ref.path, one.said) for one in things if one.said)
    selection = Selection(opened.ref if opened is not None else None, repairs, tables)
    sources = tuple((one.ref.path, one.source) for one in things)
    rows = tuple(
        (one.ref, one.rows or every_row(one.ref.shape[0]))
        for one in things
        if one.repair == "leave_rows_out"
    )
    found: dict[type, Any] = {Arrays: Arrays(files, selection, sources, rows)}
    if opened is not None:
        found[Opened] = opened
    if second is not None:
        found[Second] = Second(second)
    return found


def _file_of(source: MatrixSource) -> OpenFile:
    path = EXAMPLES_PATH if source.path == "<examples>" else source.path
    return OpenFile(path, shown_name(source.path), entries_of(source))


def shown(drawn: Shown | Table) -> Shown | Table:
    """Return a drawing that shows itself in a notebook."""
    if isinstance(drawn, Table):
        from gui.core.export.listing import markdown_text

        return replace(drawn, exporter=markdown_text)
    from gui.core.export.export import picture_bytes

    return replace(drawn, exporter=picture_bytes)
