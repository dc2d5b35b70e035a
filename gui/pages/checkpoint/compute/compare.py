"""The model against its base: which matrix is which, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import Offer, choice
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats
from gui.core.state.document import EXAMPLES_PATH, Arrays, Second
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.model import (
    Listing,
    ListMatrices,
    Model,
    checkpoint_in,
    model,
    model_title,
)
from gui.pages.checkpoint.compute.sweep import PATIENCE, Consent, workers

if TYPE_CHECKING:
    from engine.checkpoint import Change, Checkpoint, Pair
    from engine.jobs import Progress

ChangeFigure = Literal[
    "relative_change", "delta_stable_rank", "angle_left", "angle_right", "intruders"
]
CHANGE_FIGURES: Mapping[ChangeFigure, str] = {
    "relative_change": "Relative change",
    "delta_stable_rank": "Stable rank of the change",
    "angle_left": "Largest angle, outputs",
    "angle_right": "Largest angle, inputs",
    "intruders": "Intruder dimensions",
}
_PART = re.compile(r"\[[a-z]+\]$")  # a projection taken of a tensor that holds several


def bases(
    arrays: Arrays | None = maybe_given(Arrays), tuned: Model | None = value_of(model)
) -> tuple[Offer, ...]:
    """Return the open files that the model may be compared with; the examples are no model."""
    files = () if arrays is None or tuned is None else arrays.files.items
    named = (
        Offer(one.path, model_title(one.path, one.title), one.path)
        for one in files
        if tuned is not None
        and one.path not in (tuned.path, EXAMPLES_PATH)
        and any(len(entry.shape) > 1 and entry.readable for entry in one.entries)
    )
    return (Offer("", tr("no base")), *named)


class Versus(Record):
    """What the model is compared with."""

    base: str = choice(
        "",
        bases,
        "Ba&se",
        "The open file that the model was tuned from: open it, too, then come back to this model",
        section="Model",
        option="-",
    )


def base_model(
    arrays: Arrays | None = maybe_given(Arrays),
    second: Second | None = maybe_given(Second),
    tuned: Model | None = value_of(model),
    base: str = Versus.base,
) -> Model | None:
    """Return the base, None where none is chosen; a script names it as the second array."""
    if tuned is None:
        return None
    if second is not None and not base:
        data = second.data
        if data.source is None or data.source is tuned.source:
            return None
        path = data.ref.path
        return Model(path, model_title(path, data.title.partition(" > ")[0]), data.source)
    if arrays is None or base in ("", tuned.path):
        return None
    file, source = arrays.files.find(base), dict(arrays.sources).get(base)
    if file is None or source is None:
        return None
    return Model(base, model_title(base, file.title), source)


def as_chosen(base: Model | None = value_of(base_model)) -> dict[str, Any]:
    """Return the base, as it is kept where a person chooses it."""
    return {"base": "" if base is None else base.path}


def has_base(base: Model | None = value_of(base_model)) -> bool:
    """Return whether there is something to compare with."""
    return base is not None


@dataclass(frozen=True, eq=False)
class Matched:
    """Which matrix of the base is which of the model; ``seconds`` is what comparing may take.

    ``known`` are the changes found so far, by name in the base: a comparison that was stopped goes
    on from there.
    """

    listing: Listing
    base: Checkpoint
    title: str
    pairs: tuple[Pair, ...]
    alone: tuple[tuple[str, str], ...]
    seconds: float
    known: dict[str, Change] = field(default_factory=dict)


class MatchModels(Step, key="match", title="Matching the models"):
    """Pair the matrices of the two models by name and by role; nothing is read."""

    listing: Listing | None = answer_of(ListMatrices)
    base: Model | None = value_of(base_model)

    def run(self, progress: Progress | None = None) -> Matched | None:
        """Return them; None where one of the two is not there.

        Raises
        ------
        engine.errors.FileError
            When a config.json beside the base cannot be used.
        """
        from engine.checkpoint import match
        from engine.checkpoint.changes.pairs import seconds_of

        if self.listing is None or self.base is None:
            return None
        base = checkpoint_in(self.base, progress)
        pairs, alone = match(base, self.listing.checkpoint)
        seconds = sum(map(seconds_of, pairs)) / workers()
        return Matched(self.listing, base, self.base.title, pairs, alone, seconds)


def may_compare(
    matched: Matched | None = answer_of(MatchModels, when=has_base),
    consent: Consent | None = maybe_given(Consent),
) -> bool:
    """Return whether the comparison begins: it is short, or a person has said so."""
    if matched is None:
        return False
    pair = matched.listing.model.path, matched.base.path
    return consent is None or matched.seconds <= PATIENCE or pair in consent.compared


@dataclass(frozen=True, eq=False)
class Compared:
    """The changes that there are, by name in the base."""

    matched: Matched
    changes: Mapping[str, Change]

    @property
    def done(self) -> bool:
        """Whether every pair is compared."""
        return len(self.changes) == len(self.matched.pairs)


class Comparing(Step, key="compare", title="Comparing with the base", feeds=True):
    """Compare every matrix with that of the base."""

    matched: Matched | None = answer_of(MatchModels, when=has_base)
    consent: Consent | None = maybe_given(Consent)

    @property
    def question(self) -> tuple[Any, ...]:
        """Where it is computed is no other question."""
        return (self.matched,)

    @property
    def cost(self) -> float:
        """That of a short one: it runs in a thread, matrix by matrix."""
        return 0.2

    def run(
        self, progress: Progress | None = None, feed: Callable[[Change], None] | None = None
    ) -> Compared | None:
        """Return all changes; what was found before a stop is not computed again."""
        from engine.checkpoint import changes_of

        matched = self.matched
        if matched is None:
            return None
        missing = [pair for pair in matched.pairs if pair.name not in matched.known]
        models = matched.base, matched.listing.checkpoint
        address = (self.consent and self.consent.address) or None
        found = changes_of(missing, models, progress=progress, workers=workers(), address=address)
        for _, change in found:
            matched.known[change.name] = change
            if feed is not None:
                feed(change)
        return Compared(matched, dict(matched.known))

    def so_far(self, parts: Sequence[Change], before: Compared | None) -> Compared | None:
        """Return the changes there are."""
        if self.matched is None:
            return None
        known = self.matched.known if before is None else before.changes
        return Compared(self.matched, {**known, **{one.name: one for one in parts}})


@dataclass(frozen=True, eq=False)
class Comparison:
    """The changes of the model's matrices, by their places in its listing.

    ``pairs`` are (place, pair) in the order of the base, ``changes`` what is known by its name.
    """

    matched: Matched
    started: bool
    changes: Mapping[str, Change]
    pairs: tuple[tuple[int, Pair], ...]

    def figures(self, key: ChangeFigure) -> Floats:
        """Return a figure of every matrix, (matrices,); NaN where there is none (yet).

        Of a tensor that holds several projections it is the largest of theirs.
        """
        found = np.full(len(self.matched.listing.matrices), np.nan)
        for place, pair in self.pairs:
            change = self.changes.get(pair.name)
            if change is not None:
                found[place] = np.fmax(found[place], figure_of_change(change, key))
        return found

    @property
    def done(self) -> bool:
        """Whether every pair is compared."""
        return len(self.changes) == len(self.pairs)


def title_of_change(key: ChangeFigure) -> str:
    """Return what a figure of the change is called."""
    return tr(CHANGE_FIGURES[key])


def figure_of_change(change: Change, key: ChangeFigure) -> float:
    """Return a figure of a change; NaN where it could not be computed."""
    if not change.is_computed:
        return float(np.nan)
    if key in ("angle_left", "angle_right"):
        angles = change.angles_left if key == "angle_left" else change.angles_right
        return float(angles[0]) if angles.size else float(np.nan)
    return float(getattr(change, key))


@dataclass(frozen=True, eq=False)
class _Placed:
    pairs: tuple[tuple[int, Any], ...]


def placed(
    matched: Matched | None = answer_of(MatchModels, when=has_base),
) -> _Placed | None:
    """Return the pairs with the places of the model's matrices."""
    if matched is None:
        return None
    places = matched.listing.places
    found = ((places.get(_PART.sub("", one.tuned.name), -1), one) for one in matched.pairs)
    return _Placed(tuple((place, one) for place, one in found if place >= 0))


def comparison(
    matched: Matched | None = answer_of(MatchModels, when=has_base),
    pairs: _Placed | None = value_of(placed),
    compared: Compared | None = answer_of(Comparing, when=may_compare),
) -> Comparison | None:
    """Return what is known of the changes; None where there is no base."""
    if matched is None or pairs is None:
        return None
    changes = {} if compared is None else compared.changes
    return Comparison(matched, compared is not None, changes, pairs.pairs)
