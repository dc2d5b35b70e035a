"""The sweep: the row of every matrix, as rows come."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from gui.core.declare.marks import answer_of, maybe_given
from gui.core.declare.records import Step
from gui.core.words.i18n import tr_sentence
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.model import Listing, ListMatrices

if TYPE_CHECKING:
    from engine.checkpoint import Row
    from engine.jobs import Progress

PATIENCE = 30.0  # seconds of estimated work above which a person is asked first
RULES: tuple[tuple[Any, ...], ...] = (
    *(("energy", 0.9), ("energy", 0.99), ("sv_fro", 0.9)),
    *(("mp_edge",), ("gavish_donoho",)),
)


@dataclass(frozen=True)
class Consent:
    """What the window knows of a person's wish, as a page is given it.

    ``models`` are the paths of those whose long sweep may begin; ``turn`` counts how often one was
    begun again. ``compared`` are (model, base) whose long comparison may begin. ``address`` is the
    scheduler whose workers compute rows, "" for this computer. A script gives none of it: what it
    draws is wanted.
    """

    models: frozenset[str] = frozenset()
    turn: int = 0
    compared: frozenset[tuple[str, str]] = frozenset()
    address: str = ""


def workers() -> int:
    """Return how many processes compute: one core is the window's."""
    own = getattr(os, "sched_getaffinity", None)
    return max(1, (len(own(0)) if own else os.cpu_count() or 1) - 1)


def waiting_time(listing: Listing) -> float:
    """Return how many seconds a sweep may take here, about."""
    return listing.seconds / workers()


def may_start(
    listing: Listing | None = answer_of(ListMatrices),
    consent: Consent | None = maybe_given(Consent),
) -> bool:
    """Return whether the sweep begins: it is short, or a person has said so."""
    if listing is None:
        return False
    return (
        consent is None or waiting_time(listing) <= PATIENCE or listing.model.path in consent.models
    )


@dataclass(frozen=True, eq=False)
class Swept:
    """The rows that there are, by name; ``problem`` says why there are no more of them."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    done: bool = False
    reused: int = 0
    workers: int = 0
    seconds: float = 0.0
    problem: str = ""
    notes: tuple[str, ...] = ()


class Sweeping(Step, key="sweep", title="Sweeping the model", feeds=True):
    """Compute every matrix; what was computed before is taken from the cache."""

    listing: Listing | None = answer_of(ListMatrices)
    consent: Consent | None = maybe_given(Consent)

    @property
    def question(self) -> tuple[Any, ...]:
        """That another model may begin, too, is no other question."""
        return self.listing, 0 if self.consent is None else self.consent.turn

    @property
    def cost(self) -> float:
        """That of a short one: it runs in a thread, its processes are the engine's."""
        return 0.2

    def run(
        self, progress: Progress | None = None, feed: Callable[[Row], None] | None = None
    ) -> Swept:
        """Return all rows, or those there are with the reason."""
        from engine.checkpoint import sweep, usual_cache
        from engine.errors import RankscopeError
        from engine.jobs import Cancelled

        if self.listing is None:
            return Swept(done=True)
        rows: dict[str, Row] = {}

        def keep(row: Row) -> None:
            rows[row.name] = row
            if feed is not None:
                feed(row)

        if not self.listing.model.is_file:
            self._at_hand(keep, progress)
            return Swept(rows, done=True)
        try:
            found = sweep(
                self.listing.checkpoint,
                rules=RULES,
                workers=workers(),
                address=(self.consent and self.consent.address) or None,
                cache=usual_cache(),
                progress=progress,
                on_row=keep,
            )
        except Cancelled:
            raise
        except RankscopeError as error:
            if getattr(error, "asks", False):
                raise
            return Swept(rows, problem=tr_sentence(error))
        return Swept(
            rows, True, found.reused, found.workers, found.seconds, notes=tuple(found.notes)
        )

    def _at_hand(self, keep: Callable[[Row], None], progress: Progress | None) -> None:
        """Compute arrays that lie in no file."""
        from engine.checkpoint import MatrixRequest
        from engine.checkpoint.sweeping.rows import find
        from engine.jobs import checkpoint

        assert self.listing is not None
        for number, matrix in enumerate(self.listing.matrices):
            checkpoint(progress, number / len(self.listing.matrices))
            array = self.listing.checkpoint.read(matrix)
            keep(find(MatrixRequest(matrix, RULES), progress=progress, array=array).row)

    def so_far(self, parts: Sequence[Row], before: Swept | None) -> Swept:
        """Return the rows there are."""
        known = before.rows if before is not None else {}
        return Swept({**known, **{row.name: row for row in parts}})
