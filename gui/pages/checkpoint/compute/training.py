"""The steps of a training that the model is one of: their rows, as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import choice
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr_sentence
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.figures import DESCRIPTORS, OF_BUDGET, Descriptor, figure_of
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.rows import Rows, rows_of
from gui.pages.checkpoint.compute.sweep import PATIENCE, RULES, Consent, waiting_time, workers

if TYPE_CHECKING:
    from engine.checkpoint import Look, Row, WholeStep
    from engine.jobs import Progress

LEADING = 32  # singular values of every matrix that are kept of every step
FOLLOWED: Mapping[Descriptor, str] = {
    key: title
    for key, title in DESCRIPTORS.items()
    if key not in (*OF_BUDGET, "seconds", "parameters")
}


class Following(Record):
    """What is followed over the steps."""

    followed: Descriptor = choice(
        "spectral_norm",
        FOLLOWED,
        "Over trainin&g",
        "Which figure of the matrices is drawn against the steps",
        view="training",
        undo="figure over training",
    )


@dataclass(frozen=True, eq=False)
class Trained:
    """The rows of every step by the names of its matrices; ``whole`` are the steps that are done.

    Steps that are gone from the folder meanwhile keep their rows.
    """

    folder: str
    rows: Mapping[int, Mapping[str, Row]] = field(default_factory=dict)
    whole: tuple[WholeStep, ...] = ()
    reused: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""
    _known: dict[tuple[str, str], Floats] = field(default_factory=dict)

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(sorted(self.rows))

    @cached_property
    def matrices(self) -> Mapping[str, Row]:
        """The names of the matrices of all steps, each with its last row."""
        return {name: row for step in self.steps for name, row in self.rows[step].items()}

    def figures(self, name: str, key: str) -> Floats:
        """Return a figure of a matrix at every step, (steps,); NaN where it has none."""
        if (name, key) not in self._known:
            rows = (self.rows[step].get(name) for step in self.steps)
            found = [np.nan if row is None else figure_of(row, key) for row in rows]
            self._known[name, key] = np.array(found)
        return self._known[name, key]

    def leading(self, name: str, count: int) -> Floats:
        """Return the leading singular values of a matrix, (steps, count); NaN where it has none."""
        found = np.full((len(self.rows), count), np.nan)
        for line, step in zip(found, self.steps, strict=True):
            row = self.rows[step].get(name)
            values = () if row is None else row.values[:count]
            line[: len(values)] = values
        return found

    def with_rows(self, parts: Sequence[tuple[int, Row]]) -> Trained:
        """Return what is known with more rows."""
        rows = {step: dict(known) for step, known in self.rows.items()}
        for step, row in parts:
            rows.setdefault(step, {})[row.name] = replace(row, values=row.values[:LEADING].copy())
        return replace(self, rows=rows, _known={})


@dataclass(frozen=True)
class Looking:
    """A look at the folder of a training; ``before`` is the one before."""

    folder: str
    before: Look | None = None

    def run(self, progress: Progress | None = None) -> Look:
        """Return what is seen."""
        from engine.checkpoint import look_at

        same = self.before is not None and self.before.folder == self.folder
        return look_at(self.folder, self.before if same else None)


@dataclass(frozen=True)
class Growing:
    """What the window sees of a training's folder, and what it knows of its steps already.

    A script gives none of it: all steps that there are are wanted.
    """

    look: Look | None = None
    before: Trained | None = field(default=None, compare=False)

    def known(self, folder: str) -> Trained:
        """Return what is known of a folder's steps."""
        same = self.before is not None and self.before.folder == folder
        return self.before if same and self.before is not None else Trained(folder)

    def missing(self, folder: str) -> tuple[WholeStep, ...]:
        """Return the steps that are whole and not known yet."""
        if self.look is None or self.look.folder != folder:
            return ()
        known = self.known(folder).whole
        return tuple(one for one in self.look.steps if one not in known)


def training(listing: Listing | None = answer_of(ListMatrices)) -> str:
    """Return the folder of the training that the model is a step of, "" for none."""
    return "" if listing is None else listing.training


def is_trained(folder: str = value_of(training)) -> bool:
    """Return whether the model is a step of a training."""
    return bool(folder)


def training_time(listing: Listing, growing: Growing) -> float:
    """Return how many seconds the steps may take here, about."""
    return len(growing.missing(listing.training)) * waiting_time(listing)


def may_follow(
    listing: Listing | None = answer_of(ListMatrices),
    rows: Rows | None = value_of(rows_of),
    growing: Growing | None = maybe_given(Growing),
    consent: Consent | None = maybe_given(Consent),
) -> bool:
    """Return whether the steps are computed: after the model, and if it is long, as agreed."""
    if listing is None or not listing.training:
        return False
    if growing is None:
        return True
    if growing.look is None or growing.look.folder != listing.training:
        return False
    if rows is None or rows.swept is None or not (rows.swept.done or rows.swept.problem):
        return False
    agreed = consent is None or listing.training in consent.models
    return agreed or training_time(listing, growing) <= PATIENCE


class Training(Step, key="training", title="Following the training", feeds=True):
    """Compute the matrices of every step; what did not change is taken from the cache."""

    folder: str = value_of(training)
    growing: Growing | None = maybe_given(Growing)
    consent: Consent | None = maybe_given(Consent)

    @property
    def question(self) -> tuple[Any, ...]:
        """Which steps there are; what is known of them already makes no other question."""
        look = None if self.growing is None else self.growing.look
        steps = None if look is None or look.folder != self.folder else look.steps
        return self.folder, steps, 0 if self.consent is None else self.consent.turn

    @property
    def cost(self) -> float:
        """As of a sweep: its processes are the engine's."""
        return 0.2

    @property
    def _before(self) -> Trained:
        return Trained(self.folder) if self.growing is None else self.growing.known(self.folder)

    def run(
        self,
        progress: Progress | None = None,
        feed: Callable[[tuple[int, Row]], None] | None = None,
    ) -> Trained:
        """Return the rows of all steps, or those there are with the reason."""
        from engine.checkpoint import steps_in, sweep_steps, usual_cache
        from engine.errors import RankscopeError
        from engine.jobs import Cancelled

        before = self._before
        whole = () if self.growing is None else self.growing.missing(self.folder)
        rows: list[tuple[int, Row]] = []

        def keep(step: int, row: Row) -> None:
            rows.append((step, row))
            if feed is not None:
                feed((step, row))

        try:
            places = [(one.step, one.path) for one in whole]
            found = sweep_steps(
                self.folder,
                only=steps_in(self.folder) if self.growing is None else places,
                progress=progress,
                on_row=keep,
                rules=RULES,
                workers=workers(),
                cache=usual_cache(),
            )
        except Cancelled:
            raise
        except RankscopeError as error:
            return replace(before.with_rows(rows), problem=tr_sentence(error))
        again = {one.step for one in whole}
        kept = {step: known for step, known in before.rows.items() if step not in again}
        return replace(
            replace(before, rows=kept).with_rows(rows),
            whole=(*(one for one in before.whole if one.step not in again), *whole),
            reused=sum(one.reused for one in found.sweeps),
            notes=found.notes,
            problem="",
        )

    def so_far(self, parts: Sequence[tuple[int, Row]], before: Trained | None) -> Trained:
        """Return the rows there are."""
        return (self._before if before is None else before).with_rows(parts)


def followed(
    trained: Trained | None = answer_of(Training, when=may_follow),
) -> Trained | None:
    """Return the steps as far as they are computed; None where there are none."""
    return trained if trained is not None and trained.rows else None
