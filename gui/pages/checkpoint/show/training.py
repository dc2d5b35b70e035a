"""The steps of a training: a figure of the matrices, a leading spectrum, and all rows by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gui.core.declare.marks import maybe_given, value_of
from gui.core.declare.parameter import number, toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Series, empty_figure
from gui.core.figure.palette import DASHES, category
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import in_a_row, tr, tr_sentence
from gui.pages.checkpoint.compute.figures import Board, Descriptor, Shared, board, title_of
from gui.pages.checkpoint.compute.filtering import Filtering, kept
from gui.pages.checkpoint.compute.training import (
    FOLLOWED,
    LEADING,
    Following,
    Growing,
    Trained,
    followed,
    is_trained,
    training,
)
from gui.pages.checkpoint.show.lines import Lines
from gui.pages.checkpoint.show.overlay import OverlayPlot
from gui.pages.checkpoint.show.table import MatricesTable, heading
from gui.pages.checkpoint.show.words import column_of, figure_text, look_of, nothing

_NAMED = 4  # columns before the figures
TRAINING = View(
    "training",
    "Training",
    "Figures of the matrices against the steps of a training",
    when=is_trained,
    why="Needs a step of a training: a folder such as checkpoint-100 beside others.",
)


class TrainingPlot(Plot, key="checkpoint.training", title="Over training", view=TRAINING, share=3):
    """A figure of the selected matrices at every step; of no selection the median of each role."""

    trained: Trained | None = value_of(followed)
    folder: str = value_of(training)
    growing: Growing | None = maybe_given(Growing)
    board: Board | None = value_of(board)
    chosen: tuple[str, ...] = Shared.chosen
    followed: Descriptor = Following.followed
    most: int = OverlayPlot.curves
    step_log: bool = toggle(False, undo="logarithmic steps", axis="x")
    followed_log: bool = toggle(False, undo="logarithmic figure over training", axis="y")

    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the matrices that each curve is of, by its key."""
        trained = self.trained
        if trained is None:
            return {}
        rows = trained.matrices
        chosen = [name for name in self.chosen if name in rows]
        if chosen:
            places = {name: place for place, name in enumerate(rows)}
            return {f"m{places[name]}": (name,) for name in chosen[: self.most]}
        roles: dict[str, list[str]] = {}
        for name, row in rows.items():
            roles.setdefault(f"role.{row.role}", []).append(name)
        return {key: tuple(names) for key, names in roles.items()}

    def figure(self) -> Figure:
        """Return the curves."""
        trained = self.trained
        if trained is None:
            return empty_figure("", "", not_yet(self.board, self.folder, self.growing))
        groups = self.groups()
        steps = np.array(trained.steps, dtype=np.float64)
        roles = {row.role for row in trained.matrices.values()}
        curves = []
        for place, (key, names) in enumerate(groups.items()):
            known = np.array([trained.figures(name, self.followed) for name in names])
            role = key.removeprefix("role.")
            is_role = role != key
            title = role if is_role else names[0].removesuffix(".weight")
            color, dash = category(place)
            if is_role:
                color, turn = look_of(role, roles)
                dash = DASHES[turn % len(DASHES)]
            curves.append(Series(key, title, steps, medians(known), color, dash, symbol="o"))
        figure = title_of(self.followed)
        note = state_of_steps(trained, self.growing)
        if all(key.startswith("role.") for key in groups):
            words = tr(
                "Nothing is selected: the median of each role. A click selects its matrices."
            )
            note = in_a_row(note, words)
        floor = 0.0 if self.followed_log else None
        return Figure(
            title=tr("{figure} over training", figure=figure),
            x=Axis(tr("step"), log=self.step_log),
            y=Axis(figure, log=self.followed_log),
            series=tuple(one.above(floor) for one in curves),
            note=note,
        )


class LeadingPlot(
    Plot, key="checkpoint.training_spectrum", title="Leading spectrum", view=TRAINING, share=2
):
    """The leading singular values of the first selected matrix at every step."""

    trained: Trained | None = value_of(followed)
    folder: str = value_of(training)
    growing: Growing | None = maybe_given(Growing)
    board: Board | None = value_of(board)
    chosen: tuple[str, ...] = Shared.chosen
    leading: int = number(
        8,
        (1, LEADING),
        "&Leading values",
        "How many of the largest singular values are drawn against the steps",
        view="training",
        undo="leading values",
    )
    leading_step_log: bool = toggle(False, undo="logarithmic steps", axis="x")
    leading_log: bool = toggle(True, undo="logarithmic leading values", axis="y")

    def figure(self) -> Figure:
        """Return a curve a value."""
        trained = self.trained
        if trained is None:
            return empty_figure("", "", not_yet(self.board, self.folder, self.growing))
        rows = trained.matrices
        usable = [name for name, row in rows.items() if row.values.size]
        name = next((one for one in self.chosen if one in usable), next(iter(usable), ""))
        if not name:
            return empty_figure("", "", tr("No spectrum is computed yet."))
        values = trained.leading(name, self.leading)
        steps = np.array(trained.steps, dtype=np.float64)
        floor = 0.0 if self.leading_log else None
        return Figure(
            title=tr("Leading spectrum of {name}", name=name.removesuffix(".weight")),
            legend=False,
            x=Axis(tr("step"), log=self.leading_step_log),
            y=Axis(tr("σᵢ"), log=self.leading_log),
            series=tuple(
                Series(
                    f"s{place + 1}",
                    tr("σ{index}", index=place + 1),
                    steps,
                    column,
                    f"c{place % 8}",
                    symbol="o",
                    width=1.5,
                ).above(floor)
                for place, column in enumerate(values.T)
                if np.isfinite(column).any()
            ),
        )


def _lines(
    trained: Trained, pairs: Sequence[tuple[int, str]], columns: Sequence[Descriptor]
) -> Lines:
    """Return a row a step and matrix, one step after the other."""
    places = {step: place for place, step in enumerate(trained.steps)}

    def figure(step: int, name: str, key: Descriptor) -> float:
        return float(trained.figures(name, key)[places[step]])

    def values(column: int) -> Sequence[float | str | None]:
        if column >= _NAMED:
            key = columns[column - _NAMED]
            return [figure(step, name, key) for step, name in pairs]
        rows = ((step, name, trained.rows[step][name]) for step, name in pairs)
        return [(step, name, row.layer, row.role)[column] for step, name, row in rows]

    def make(number: int) -> tuple[Cell, ...]:
        step, name = pairs[number]
        row = trained.rows[step][name]
        problem = tr_sentence(row.problem) if row.problem else ""
        role = "warning" if problem else "ink"
        first = (
            Cell(str(step), step, problem, role, name),
            Cell(name.removesuffix(".weight"), None, problem, role, name),
            Cell("–" if row.layer is None else str(row.layer), row.layer, problem, role, name),
            Cell(row.role, None, problem, role, name),
        )
        figures = ((key, figure(step, name, key)) for key in columns)
        rest = (Cell(figure_text(value, key), value, problem, role, name) for key, value in figures)
        return (*first, *rest)

    return Lines(len(pairs), make, values)


class TrainingTable(Plot, key="checkpoint.training_rows", title="Steps", view=TRAINING, share=3):
    """A row a step and matrix, as the filter leaves them."""

    trained: Trained | None = value_of(followed)
    folder: str = value_of(training)
    growing: Growing | None = maybe_given(Growing)
    board: Board | None = value_of(board)
    filter: str = Filtering.filter
    figures: tuple[Descriptor, ...] = MatricesTable.figures

    def table(self) -> Table:
        """Return them."""
        trained = self.trained
        if trained is None or self.board is None:
            said = not_yet(self.board, self.folder, self.growing)
            return Table((Column(tr("Step"), wide=True),), ((Cell(said),),))
        shown = {self.board.matrices[place].name for place in kept(self.board, self.filter).places}
        known = self.board.places
        pairs = [
            (step, name)
            for step in trained.steps
            for name in trained.rows[step]
            if name in shown or name not in known
        ]
        figures = tuple(key for key in self.figures if key in FOLLOWED)
        columns = (
            Column(tr("Step"), number=True),
            Column(tr("Matrix"), tr("Click: selects; double click: Spectrum"), wide=True),
            Column(tr("Layer"), number=True),
            Column(tr("Role"), tr("What it is for, by its name")),
            *(column_of(heading(key), title_of(key)) for key in figures),
        )
        lines: Any = _lines(trained, pairs, figures)
        return Table(columns, lines)  # how many steps there are stands over the curves beside it


def medians(values: Floats) -> Floats:
    """Return the median of every column, NaN where nothing is known of it.

    Examples
    --------
    >>> medians(np.array([[1.0, np.nan], [3.0, np.nan]])).tolist()
    [2.0, nan]
    """
    found = np.full(values.shape[1], np.nan)
    known = np.isfinite(values).any(axis=0)
    finite = np.where(np.isfinite(values), values, np.nan)
    found[known] = np.nanmedian(finite[:, known], axis=0)
    return found


def not_yet(board: Board | None, folder: str, growing: Growing | None) -> str:
    """Say why there is nothing to see of a training."""
    if board is None:
        return nothing()
    if not folder:
        return tr("The model is no step of a training: open the folder that holds its steps.")
    if growing is not None and growing.look is None:
        return tr("Looking for the steps …")
    return tr("No step is computed yet.")


def state_of_steps(trained: Trained, growing: Growing | None) -> str:
    """Say how many steps there are, which are still written, gone, or left out."""
    said = [tr("{count} steps.", count=len(trained.steps))]
    if trained.problem:
        said.append(trained.problem)
    look = None if growing is None else growing.look
    if look is not None and look.folder == trained.folder:
        here = {one.step for one in look.steps} | {step for step, _ in look.waiting}
        if look.waiting:
            written = _listed([step for step, _ in look.waiting])
            said.append(tr("Still written: {steps}.", steps=written))
        if gone := [step for step in trained.steps if step not in here]:
            said.append(tr("Gone from the folder, kept here: {steps}.", steps=_listed(gone)))
    return in_a_row(*said, *map(tr_sentence, trained.notes))


def _listed(steps: Sequence[int]) -> str:
    shown = ", ".join(map(str, steps[:4]))
    return f"{shown}, …" if len(steps) > 4 else shown
