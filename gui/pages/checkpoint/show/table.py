"""Every matrix in one table, as the filter leaves them; a row is made when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import many
from gui.core.declare.records import Plot, View
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.checkpoint.compute.figures import (
    DESCRIPTORS,
    MEANINGS,
    Board,
    Descriptor,
    board,
    title_of,
)
from gui.pages.checkpoint.compute.filtering import Filtering, kept
from gui.pages.checkpoint.show.lines import Lines
from gui.pages.checkpoint.show.words import column_of, figure_text, nothing, state_of

_NAMED = 5  # columns before the figures
TABLE = View("table", "Table", "Every matrix with its figures; the filter says which")
_COLUMNS: tuple[Descriptor, ...] = (
    *("stable_rank", "effective_rank", "alpha", "spectral_norm"),
    *("rank_energy", "rank_mp_edge", "rank_budget", "error_budget", "error_bound", "seconds"),
)


def _lines(board: Board, places: Sequence[int], columns: Sequence[Descriptor]) -> Lines:
    def make(number: int) -> tuple[Cell, ...]:
        place = places[number]
        one, row = board.matrices[place], board.rows[place]
        problem = tr_sentence(row.problem) if row is not None and row.problem else ""
        role, name = "warning" if problem else "ink", one.name
        first = (
            Cell(text, None, problem, role, name, order=None if isinstance(value, str) else value)
            for value, text in _identity(one)
        )
        figures = ((key, float(board.figures(key)[place])) for key in columns)
        rest = (Cell(figure_text(value, key), value, problem, role, name) for key, value in figures)
        return (*first, *rest)

    def values(column: int) -> Sequence[float | str | None]:
        if column >= _NAMED:
            return board.figures(columns[column - _NAMED])[list(places)].tolist()  # type: ignore[no-any-return]
        return [_identity(board.matrices[place])[column][0] for place in places]

    return Lines(len(places), make, values)


def _identity(one: Any) -> tuple[tuple[float | str | None, str], ...]:
    layer, (rows, columns) = one.role.layer, one.shape
    return (
        (one.name, one.name.removesuffix(".weight")),
        (layer, "–" if layer is None else str(layer)),
        (one.role.role, one.role.role),
        (rows * columns, f"{rows} × {columns}"),
        (one.dtype, one.dtype),
    )


class MatricesTable(Plot, key="checkpoint.table", title="Matrices", view=TABLE):
    """A row a matrix."""

    board: Board | None = value_of(board)
    filter: str = Filtering.filter
    figures: tuple[Descriptor, ...] = many(
        _COLUMNS,
        DESCRIPTORS,
        "&Columns",
        "Which figures the table lists",
        view="table training",
        undo="columns of the table",
        fold=10,
        more="More columns",
        tips=MEANINGS,
    )

    def table(self) -> Table:
        """Return the rows that the filter leaves."""
        if self.board is None:
            return Table((Column(tr("Matrix"), wide=True),), (), nothing())
        found = kept(self.board, self.filter)
        columns = (
            Column(tr("Matrix"), tr("Click: selects; double click: Spectrum"), wide=True),
            Column(tr("Layer"), number=True),
            Column(tr("Role"), tr("What it is for, by its name")),
            Column(tr("Shape"), number=True),
            Column(tr("Type"), tr("Type of its numbers in the file")),
            *(column_of(heading(key), title_of(key)) for key in self.figures),
        )
        cells: Any = _lines(self.board, found.places, self.figures)
        note = state_of(self.board)
        if found.problem:
            note = found.problem
        elif len(found.places) < len(self.board.matrices):
            words = tr("{shown} of {count} matrices", shown=len(found.places),
                       count=len(self.board.matrices))  # fmt: skip
            note = f"{note} {words}".strip()
        return Table(columns, cells, note)


def heading(key: Descriptor) -> str:
    """Return a heading as short as a column is; what it means stands in the tooltip."""
    return {
        "stable_rank": tr("Stable"),
        "effective_rank": tr("Effective"),
        "participation_ratio": tr("Participation"),
        "numerical_rank": tr("Rank"),
        "condition_number": tr("Condition"),
        "alpha": tr("α"),
        "alpha_hat": tr("α̂"),
        "ks_distance": tr("KS"),
        "spectral_norm": tr("σ₁"),
        "frobenius_norm": tr("Frobenius"),
        "snr": tr("S / N"),
        "rank_energy": tr("r (90 %)"),
        "rank_energy_99": tr("r (99 %)"),
        "rank_sv_fro": tr("r (sv_fro)"),
        "rank_mp_edge": tr("r (edge)"),
        "rank_gavish_donoho": tr("r (G-D)"),
        "parameters": tr("Parameters"),
        "error_bound": tr("Bound"),
        "rank_budget": tr("r (budget)"),
        "error_budget": tr("Error"),
        "share_budget": tr("Kept"),
        "seconds": tr("Seconds"),
    }[key]
