"""The figures of every matrix, as arrays over the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer, choice, stored, toggle
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.core.state.listed import is_path
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.budget import Plan, Prepare, budget_figures, is_complete, spent
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.rows import Rows, rows_of
from gui.pages.checkpoint.compute.sweep import Swept

if TYPE_CHECKING:
    from engine.checkpoint import Budget, Matrix, Row

Descriptor = Literal[
    "stable_rank",
    "effective_rank",
    "alpha",
    "spectral_norm",
    "rank_energy",
    "rank_mp_edge",
    "rank_budget",
    "error_budget",
    "error_bound",
    "seconds",
    "share_budget",
    "participation_ratio",
    "numerical_rank",
    "condition_number",
    "alpha_hat",
    "ks_distance",
    "frobenius_norm",
    "snr",
    "rank_energy_99",
    "rank_sv_fro",
    "rank_gavish_donoho",
    "parameters",
]
DESCRIPTORS: Mapping[Descriptor, str] = {
    "stable_rank": "Stable rank",
    "effective_rank": "Effective rank",
    "alpha": "Power-law exponent α",
    "spectral_norm": "Spectral norm σ₁",
    "rank_energy": "Rank: 90 % of the energy",
    "rank_mp_edge": "Rank: above the noise edge",
    "rank_budget": "Rank: budget",
    "error_budget": "Error of the budget",
    "error_bound": "Certified bound on σ",
    "seconds": "Seconds",
    "share_budget": "Share of the ranks kept",
    "participation_ratio": "Participation ratio",
    "numerical_rank": "Numerical rank",
    "condition_number": "Condition number",
    "alpha_hat": "Weighted exponent α̂",
    "ks_distance": "KS distance of the fit",
    "frobenius_norm": "Frobenius norm",
    "snr": "Signal to noise",
    "rank_energy_99": "Rank: 99 % of the energy",
    "rank_sv_fro": "Rank: sv_fro 0.9",
    "rank_gavish_donoho": "Rank: Gavish-Donoho",
    "parameters": "Parameters",
}
MEANINGS: Mapping[Descriptor, str] = {
    "stable_rank": "‖M‖_F² / σ₁²",
    "effective_rank": "exp H(σ / Σσ)",
    "alpha": "p(λ) ~ λ^-α for λ = σ² ≥ x_min",
    "spectral_norm": "‖M‖₂ = σ₁",
    "rank_energy": "The smallest r with Σ_{i≤r} σᵢ² ≥ 0.9 ‖M‖_F²",
    "rank_mp_edge": "#{σᵢ > the largest of pure noise}, by the law of Marchenko and Pastur",
    "rank_budget": "The rank that the budget leaves this matrix",
    "error_budget": "‖M − M_r‖_F / ‖M‖_F at the rank of the budget",
    "error_bound": "Every σᵢ is within this of the true one",
    "seconds": "What reading and computing took",
    "share_budget": "r / min(m, n) at the rank of the budget",
    "participation_ratio": "(Σσ²)² / Σσ⁴",
    "numerical_rank": "#{σᵢ > rounding level}",
    "condition_number": "σ₁ / σ_min(m, n)",
    "alpha_hat": "α log₁₀ σ₁², the exponent weighted by the size",
    "ks_distance": "The largest distance of the tail's distribution to the power law",
    "frobenius_norm": "√Σσ²",
    "snr": "Σ of the σᵢ above the noise edge / (Σ of those below · σ₁)",
    "rank_energy_99": "The smallest r with Σ_{i≤r} σᵢ² ≥ 0.99 ‖M‖_F²",
    "rank_sv_fro": "The smallest r with √Σ_{i≤r} σᵢ² ≥ 0.9 ‖M‖_F",
    "rank_gavish_donoho": "#{σᵢ > ω(β) median(σ)}",
    "parameters": "m n; r (m + n) of two factors",
}
_RANKS = {
    "rank_energy": "energy=0.9",
    "rank_energy_99": "energy=0.99",
    "rank_sv_fro": "sv_fro",
    "rank_mp_edge": "mp_edge",
    "rank_gavish_donoho": "gavish_donoho",
}
OF_BUDGET = ("rank_budget", "error_budget", "share_budget")
MOST_CHOSEN = 512


def _names(value: Any) -> tuple[str, ...]:
    """Return what may be the names of selected matrices."""
    return tuple(dict.fromkeys(one for one in value if is_path(one)))[:MOST_CHOSEN]


def title_of(key: Descriptor) -> str:
    """Return what a figure is called."""
    return tr(DESCRIPTORS[key])


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
    budget: Mapping[str, Floats]
    _known: dict[str, Floats] = field(default_factory=dict)

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """In the natural order of their names."""
        return self.listing.matrices

    def figures(self, key: str) -> Floats:
        """Return a figure of every matrix, (matrices,); NaN where there is none (yet)."""
        if key in OF_BUDGET:
            return self.budget.get(key, np.full(len(self.rows), np.nan))
        if key not in self._known:
            found = (math.nan if row is None else figure_of(row, key) for row in self.rows)
            self._known[key] = np.fromiter(found, np.float64, len(self.rows))
        return self._known[key]

    @property
    def places(self) -> Mapping[str, int]:
        """The place of every matrix by its name."""
        return self.listing.places

    def places_of(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the places of those of ``names`` that there are."""
        return tuple(self.places[name] for name in names if name in self.places)

    def first_with(self, names: tuple[str, ...], most: int) -> tuple[int, ...]:
        """Return the places of what is selected and computed, at most so many."""
        return tuple(one for one in self.places_of(names) if self.has_values(one))[:most]

    def has_values(self, place: int) -> bool:
        """Whether the spectrum of a matrix is there."""
        row = self.rows[place]
        return row is not None and bool(row.values.size)


def noise_edge(row: Row) -> float:
    """Return the largest singular value that noise alone has, fitted by the median.

    NaN where the median does not tell the noise: of a matrix of low rank, or without values.

    References
    ----------
    Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), section III.
    """
    from engine.spectrum import mp_edges, mp_median

    small, large = min(row.shape), max(row.shape)
    level = float(np.median(row.values)) if row.values.size == small else 0.0
    if level <= 0.0:
        return math.nan
    noise = level / math.sqrt(large * mp_median(small / large))
    return mp_edges(row.shape, noise)[1]


def plain_board(rows: Rows | None = value_of(rows_of)) -> Board | None:
    """Return the matrices without a budget: a figure is gathered once, whatever the slider."""
    return None if rows is None else Board(rows.listing, rows.swept, rows.rows, {})


def board(
    plain: Board | None = value_of(plain_board),
    plan: Plan | None = answer_of(Prepare, when=is_complete),
    found: Budget | None = value_of(spent),
) -> Board | None:
    """Return the matrices with their rows and what the budget leaves of each."""
    if plain is None or plan is None or found is None:
        return plain
    return replace(plain, budget=budget_figures(plan, found, len(plain.rows), plain.rows))


def stacks(listing: Listing | None = answer_of(ListMatrices)) -> tuple[Offer, ...]:
    """Return the stacks of layers that the model has."""
    found = {one.role.stack for one in listing.matrices} if listing is not None else set()
    named = (Offer(one, stack_title(one)) for one in sorted(found) if one)
    return (Offer("all", tr("all stacks")), *named)


def stack_title(stack: str) -> str:
    """Return what a stack of layers is called."""
    return {
        "encoder": tr("encoder"),
        "decoder": tr("decoder"),
        "vision": tr("vision"),
        "down": tr("down blocks"),
        "mid": tr("middle block"),
        "up": tr("up blocks"),
    }[stack]


class Shared(Record):
    """What several views go by."""

    descriptor: Descriptor = choice(
        "stable_rank",
        DESCRIPTORS,
        "F&igure",
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
