"""Rules about what a rank reaches: a share of the energy, an error within a budget, a size."""

from __future__ import annotations

import math

import numpy as np

from engine.sentences import as_sentence, joined, say
from engine.spectrum.curves import frobenius_error, scaled_squares, spectral_error
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.rank_rules.choices import (
    ROUNDING,
    first_within,
    guaranteed,
    open_end,
    share_choice,
    smallest_kept,
)
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum

# Budgets below this part of the norm would lose digits when squared.
_SMALLEST_SQUARE = 1e-120


def _energy(s: Spectrum, target: float) -> RankChoice:
    squares, rest, _ = scaled_squares(s)
    return share_choice(s, squares, rest, target, "the energy ‖M‖_F²")


def _frobenius(s: Spectrum, budget: float, relative: bool) -> RankChoice:
    errors = frobenius_error(s)
    whole = float(errors[0])
    level = budget * whole if relative else budget
    part = level / whole if whole > 0.0 else 1.0
    squares, rest, _ = scaled_squares(s)
    if part > _SMALLEST_SQUARE:
        rank = first_within(squares, rest, min(part, 2.0) ** 2 * (1.0 + ROUNDING))
    else:
        rank = _first_at_most(errors, level)
    return _error_choice(s, errors, level, rank, say("Frobenius"))


def _spectral(s: Spectrum, budget: float, relative: bool) -> RankChoice:
    # Relative to the certain lower end of sigma_1, so that the budget is met for sure.
    scale = float(s.values[0]) if relative and s.values.size else 1.0
    errors = spectral_error(s)
    return _error_choice(
        s, errors, budget * scale, _first_at_most(errors, budget * scale), say("spectral")
    )


def _first_at_most(errors: FloatArray, level: float) -> int | None:
    reached = np.flatnonzero(errors <= level * (1.0 + ROUNDING))
    return int(reached[0]) if reached.size else None


def _error_choice(
    s: Spectrum, errors: FloatArray, level: float, first: int | None, norm: str
) -> RankChoice:
    """Words for the smallest rank whose error is at most ``level``; None: no known rank is."""
    rank = s.values.size if first is None else first
    error = float(errors[rank])
    found = {"rank": rank, "norm": as_sentence(norm), "level": level, "error": error}
    if first is None:
        text = "At rank {rank} the {norm} error is up to {error:.6g}, above {level:.6g}."
        reason = joined(say(text, **found), open_end(s))
    elif rank:
        text = (
            "Rank {rank} is the smallest whose {norm} error is at most {level:.6g}: it is "
            "{error:.6g}, rank {less} has {more:.6g}."
        )
        found |= {"less": rank - 1, "more": float(errors[rank - 1])}
        reason = joined(say(text, **found), guaranteed(s))
    else:
        text = (
            "Rank {rank} is the smallest whose {norm} error is at most {level:.6g}: it is "
            "{error:.6g}."
        )
        reason = joined(say(text, **found), guaranteed(s))
    return RankChoice(rank, reason, smallest_kept(s, rank), error, first is not None)


def _stored_size(s: Spectrum, share: float) -> RankChoice:
    m, n = s.shape
    sides = max(m + n, 1)
    quotient = share * (m * n) / sides
    affordable = min(math.floor(quotient * (1.0 + ROUNDING)), s.rank_limit)
    useful = int(np.count_nonzero(s.values)) if s.complete else affordable
    rank = min(affordable, useful)
    size = rank * sides / (m * n) if m * n else 0.0
    reason = say(
        "Rank {rank} is the largest with r (m + n) = {numbers} numbers at most {share:.6g} of m n "
        "= {total}: {size:.6g} of it.",
        rank=rank,
        numbers=rank * sides,
        share=share,
        total=m * n,
        size=size,
    )
    if useful < affordable:
        more = say(
            "The budget would pay for {affordable}, but the rest of sigma is zero.",
            affordable=affordable,
        )
        reason = joined(reason, more)
    return RankChoice(rank, reason, smallest_kept(s, rank), size)


_RELATIVE = Parameter(
    "relative", "Relative", True, 0, 1, "Whether the budget is a fraction of the norm of M."
)

ENERGY = RankRule(
    "energy",
    "Energy share",
    "smallest r with Σ_{i≤r} σᵢ² ≥ t ‖M‖_F²",
    "Jolliffe, Principal Component Analysis (2002), 6.1.1",
    (
        Parameter(
            "target", "Share t", 0.9, 0.0, 1.0, "Share of the squared Frobenius norm to keep."
        ),
    ),
    _energy,
    may_exceed=True,
)
FROBENIUS = RankRule(
    "frobenius",
    "Frobenius error budget",
    "smallest r with √Σ_{i>r} σᵢ² ≤ ε ‖M‖_F",
    "Eckart & Young, Psychometrika 1 (1936)",
    (
        Parameter(
            "budget", "Budget ε", 0.1, 0.0, math.inf, "Largest Frobenius error of the truncation."
        ),
        _RELATIVE,
    ),
    _frobenius,
    may_exceed=True,
    open_above=True,
)
SPECTRAL = RankRule(
    "spectral",
    "Spectral error budget",
    "smallest r with σ_{r+1} ≤ ε σ₁",
    "Mirsky, Quart. J. Math. 11 (1960)",
    (
        Parameter(
            "budget", "Budget ε", 0.1, 0.0, math.inf, "Largest spectral error of the truncation."
        ),
        _RELATIVE,
    ),
    _spectral,
    may_exceed=True,
    open_above=True,
)
STORED_SIZE = RankRule(
    "stored_size",
    "Stored size budget",
    "largest r with r (m + n) ≤ q m n",
    "Count of the entries of two factors, m x r and r x n",
    (
        Parameter(
            "share", "Share q", 0.5, 0.0, math.inf, "Size of the two factors as a share of m n."
        ),
    ),
    _stored_size,
)
