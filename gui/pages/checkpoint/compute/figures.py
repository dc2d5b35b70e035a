"""The figures of every matrix, as arrays over the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import Offer, choice, stored, toggle
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.core.state.listed import is_path
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.sweep import Sweeping, Swept, may_start

if TYPE_CHECKING:
    from engine.checkpoint import Matrix, Row

Descriptor = Literal[
    "stable_rank",
    "effective_rank",
    "participation_ratio",
    "numerical_rank",
    "condition_number",
    "alpha",
    "alpha_hat",
    "ks_distance",
    "spectral_norm",
    "frobenius_norm",
    "snr",
    "rank_energy",
    "rank_energy_99",
    "rank_sv_fro",
    "rank_mp_edge",
    "rank_gavish_donoho",
    "parameters",
    "error_bound",
    "seconds",
]
DESCRIPTORS: Mapping[Descriptor, str] = {
    "stable_rank": "Stable rank",
    "effective_rank": "Effective rank",
    "participation_ratio": "Participation ratio",
    "numerical_rank": "Numerical rank",
    "condition_number": "Condition number",
    "alpha": "Power-law exponent α",
    "alpha_hat": "α̂ = α log₁₀ σ₁²",
    "ks_distance": "KS distance of the fit",
    "spectral_norm": "Spectral norm σ₁",
    "frobenius_norm": "Frobenius norm",
    "snr": "Signal to noise",
    "rank_energy": "Rank: 90 % of the energy",
    "rank_energy_99": "Rank: 99 % of the energy",
    "rank_sv_fro": "Rank: sv_fro 0.9",
    "rank_mp_edge": "Rank: above the noise edge",
    "rank_gavish_donoho": "Rank: Gavish-Donoho",
    "parameters": "Parameters",
    "error_bound": "Certified bound on σ",
    "seconds": "Seconds",
}
_RANKS = {
    "rank_energy": "energy=0.9",
    "rank_energy_99": "energy=0.99",
    "rank_sv_fro": "sv_fro",
    "rank_mp_edge": "mp_edge",
    "rank_gavish_donoho": "gavish_donoho",
}
MOST_CHOSEN = 512


def _names(value: Any) -> tuple[str, ...]:
    """Return what may be the names of selected matrices."""
    return tuple(dict.fromkeys(one for one in value if is_path(one)))[:MOST_CHOSEN]


def figure_of(row: Row, key: str) -> float:
    """Return a figure of a matrix; NaN where it has none."""
    value = row.ranks.get(_RANKS[key]) if key in _RANKS else getattr(row, key)
    return math.nan if value is None or row.problem else float(value)


@dataclass(frozen=True, eq=False)
class Board:
    """All matrices of a model with what is known of each; ``rows`` has None where nothing is."""

    listing: Listing
    swept: Swept | None
    rows: tuple[Row | None, ...]
    _known: dict[str, Floats] = field(default_factory=dict)

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """In the natural order of their names."""
        return self.listing.matrices

    def figures(self, key: str) -> Floats:
        """Return a figure of every matrix, (matrices,); NaN where there is none (yet)."""
        if key not in self._known:
            found = (math.nan if row is None else figure_of(row, key) for row in self.rows)
            self._known[key] = np.fromiter(found, np.float64, len(self.rows))
        return self._known[key]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of every matrix by its name."""
        return self.listing.places

    def places_of(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the places of those of ``names`` that there are."""
        return tuple(self.places[name] for name in names if name in self.places)

    def first_with(self, names: tuple[str, ...], most: int) -> tuple[int, ...]:
        """Return the places of what is selected and computed, at most so many."""
        found = (place for place in self.places_of(names))
        return tuple(one for one in found if self.has_values(one))[:most]

    def has_values(self, place: int) -> bool:
        """Whether the spectrum of a matrix is there."""
        row = self.rows[place]
        return row is not None and bool(row.values.size)


def board(
    listing: Listing | None = answer_of(ListMatrices),
    swept: Swept | None = answer_of(Sweeping, when=may_start),
) -> Board | None:
    """Return the matrices with their rows; None where no model is open."""
    if listing is None:
        return None
    known = {} if swept is None else swept.rows
    return Board(listing, swept, tuple(known.get(one.name) for one in listing.matrices))


def stacks(listing: Listing | None = answer_of(ListMatrices)) -> tuple[Offer, ...]:
    """Return the stacks of layers that the model has."""
    found = {one.role.stack for one in listing.matrices} if listing is not None else set()
    named = (Offer(one, tr(STACKS.get(one, one))) for one in sorted(found) if one)
    return (Offer("all", tr("all stacks")), *named)


STACKS: Mapping[str, str] = {
    "encoder": "encoder",
    "decoder": "decoder",
    "vision": "vision",
    "down": "down blocks",
    "mid": "middle block",
    "up": "up blocks",
}


class Shared(Record):
    """What several views go by."""

    descriptor: Descriptor = choice(
        "stable_rank",
        DESCRIPTORS,
        "&Figure",
        "Which figure of every matrix the map shows",
        undo="figure of the map",
    )
    relative: bool = toggle(
        True,
        "Relative to its &role",
        "log₂ of the figure over the median of all matrices of the same role: shapes differ from "
        "role to role, and so do plain figures",
    )
    stack: str = choice("all", stacks, "S&tack", "Which stack of layers the map shows")
    chosen: tuple[str, ...] = stored((), "selection of matrices", clean=_names)
