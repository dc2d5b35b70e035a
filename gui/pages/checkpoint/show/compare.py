"""What training changed: the map, the table and the numbers of the model against its base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import choice
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Figure, empty_figure
from gui.core.figure.look import Look
from gui.core.figure.table import Cell, Column, Row, Table, number_row
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.checkpoint.compute.compare import (
    CHANGE_FIGURES,
    ChangeFigure,
    Comparison,
    comparison,
    figure_of_change,
    title_of_change,
)
from gui.pages.checkpoint.compute.figures import Shared
from gui.pages.checkpoint.compute.grid import Cell as Place
from gui.pages.checkpoint.compute.grid import Grid, grid
from gui.pages.checkpoint.show.lines import Lines
from gui.pages.checkpoint.show.map import map_figure, strokes
from gui.pages.checkpoint.show.words import column_of, figure_text, seconds_text

COMPARE = View("compare", "Compare", "What training changed: the model against its base")
_COLUMNS: tuple[ChangeFigure, ...] = (
    *("relative_change", "delta_stable_rank", "angle_left", "angle_right", "intruders"),
)
_NAMED = 3  # columns before the figures


def no_base() -> str:
    """Say how there is something to compare with."""
    return tr("Open the base, too, come back to this model, and choose it as Base (at the right).")


def state_of_comparison(found: Comparison) -> str:
    """Say how far the comparison is, "" once it is done."""
    count = len(found.pairs)
    if not count:
        return tr("No matrix of the base is one of this model.")
    if not found.started:
        time = seconds_text(found.matched.seconds)
        return tr("Comparing {count} matrices may take {time}.", count=count, time=time)
    if not found.done:
        done = len(found.changes)
        return tr("{done} of {count} matrices are compared.", done=done, count=count)
    return ""


class ChangeMap(Plot, key="checkpoint.changes", title="Map of the change", view=COMPARE, share=2):
    """Layers down, roles across, one figure of what became of every matrix."""

    found: Comparison | None = value_of(comparison)
    grid: Grid | None = value_of(grid)
    chosen: tuple[str, ...] = Shared.chosen
    change: ChangeFigure = choice(
        "relative_change",
        CHANGE_FIGURES,
        "Change",
        "Which figure of the change the map shows: ‖D‖ / ‖W‖ of the base W and D = tuned − base, "
        "‖D‖² / σ₁(D)², the largest principal angle between the 8 leading singular vectors, or how "
        "many of the 10 leading ones on the side of the outputs resemble none of the base",
        view="compare",
        undo="figure of the change",
    )
    look: Look = value_of(colours("changes"))

    def figure(self) -> Figure:
        """Return the picture; a tensor of several projections has the largest of theirs."""
        found, grid = self.found, self.grid
        if found is None or grid is None or not grid.cells:
            return empty_figure("", "", no_base())
        name = title_of_change(self.change)
        return map_figure(
            grid,
            grid.values(found.figures(self.change), relative=False),
            tr("{figure} against {base}", figure=name, base=found.matched.title),
            name,
            diverging=False,
            marks=_marks(found, grid, self.chosen),
            note=state_of_comparison(found),
        )


def _marks(found: Comparison, grid: Grid, chosen: tuple[str, ...]) -> Any:
    """Return the strokes over cells: not compared yet, not to be compared, selected."""
    waiting: set[Place] = set()
    broken: set[Place] = set()
    for place, pair in found.pairs:
        cell, change = grid.cell_of.get(place), found.changes.get(pair.name)
        if cell is not None and change is None:
            waiting.add(cell)
        elif cell is not None and change is not None and not change.is_computed:
            broken.add(cell)
    places = found.matched.listing.places
    selected = {grid.cell_of[places[one]] for one in chosen if places.get(one) in grid.cell_of}
    return strokes(sorted(waiting), sorted(broken), sorted(selected))


class ChangesTable(Plot, key="checkpoint.changes_table", title="Changes", view=COMPARE, share=3):
    """A row a pair of matrices, then what has no counterpart, and why."""

    found: Comparison | None = value_of(comparison)

    def table(self) -> Table:
        """Return them."""
        found = self.found
        if found is None:
            return Table((Column(tr("Matrix"), wide=True),), (), no_base())
        columns = (
            Column(tr("Matrix"), tr("As the base names it"), wide=True),
            Column(tr("Layer"), number=True),
            Column(tr("Role"), tr("What it is for, by its name")),
            *(column_of(_heading(key), title_of_change(key)) for key in _COLUMNS),
            Column(tr("Note"), wide=True),
        )
        alone = found.matched.alone
        cells: Any = _lines(found, alone)
        note = state_of_comparison(found)
        if alone:
            words = tr("{count} have no counterpart; they stand last.", count=len(alone))
            note = f"{note} {words}".strip()
        return Table(columns, cells, note)


def _lines(found: Comparison, alone: Sequence[tuple[str, str]]) -> Lines:
    pairs, places = found.pairs, found.matched.listing.places

    def figure(number: int, key: ChangeFigure) -> float:
        change = found.changes.get(pairs[number][1].name) if number < len(pairs) else None
        return float("nan") if change is None else figure_of_change(change, key)

    def named(number: int) -> tuple[str, int | None, str, str, str]:
        """Return name, layer, role, note, and what of this model is selected with it."""
        if number >= len(pairs):
            name, reason = alone[number - len(pairs)]
            return name, None, "–", str(reason), name if name in places else ""
        place, pair = pairs[number]
        change, role = found.changes.get(pair.name), pair.base.role
        note = pair.note if change is None else change.note
        own = found.matched.listing.matrices[place].name
        return pair.name, role.layer, role.role, str(note), own

    def make(number: int) -> tuple[Cell, ...]:
        name, layer, role, note, data = named(number)
        said = tr_sentence(note) if note else ""
        figures = ((key, figure(number, key)) for key in _COLUMNS)
        return (
            Cell(name.removesuffix(".weight"), tip=name, data=data),
            Cell("–" if layer is None else str(layer), layer, data=data),
            Cell(role, data=data),
            *(Cell(figure_text(value, key), value, said, data=data) for key, value in figures),
            Cell(said, tip=said, data=data),
        )

    def values(column: int) -> Sequence[float | str | None]:
        numbers = range(len(pairs) + len(alone))
        if _NAMED <= column < _NAMED + len(_COLUMNS):
            return [figure(number, _COLUMNS[column - _NAMED]) for number in numbers]
        place = min(column, _NAMED)
        return [named(number)[place] for number in numbers]

    return Lines(len(pairs) + len(alone), make, values)


def _heading(key: ChangeFigure) -> str:
    return {
        "relative_change": tr("‖D‖ / ‖W‖"),
        "delta_stable_rank": tr("Stable (D)"),
        "angle_left": tr("∠ out"),
        "angle_right": tr("∠ in"),
        "intruders": tr("Intruders"),
    }[key]


class ChangeNumbers(Plot, key="checkpoint.change_numbers", title="Comparison", view=COMPARE):
    """How much has changed, in numbers."""

    found: Comparison | None = value_of(comparison)

    def rows(self) -> list[Row]:
        """Return them."""
        found = self.found
        if found is None:
            return [Row(tr("Base"), "–", no_base())]
        done, count = len(found.changes), len(found.pairs)
        known = found.changes.values()
        changed = sum(one.is_computed and one.relative_change > 0.0 for one in known)
        return [
            Row(tr("Base"), found.matched.title, tr("What the model is compared with")),
            Row(
                tr("Compared"),
                str(count) if done == count else tr("{done} of {count}", done=done, count=count),
                tr("Pairs of matrices, by name and by role"),
                ((done, "" if done == count else tr("of {whole}", whole=count)),),
            ),
            number_row(tr("Changed"), changed, tr("Matrices with any number that differs")),
            number_row(
                tr("Without counterpart"),
                len(found.matched.alone),
                tr("Of either model; the table says why"),
            ),
        ]
