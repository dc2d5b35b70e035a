"""Rules about what a rank reaches: a share of the energy, an error within a budget, a size."""

from __future__ import annotations

import math

import numpy as np

from engine.spectrum.curves import (
    FloatArray,
    frobenius_error,
    scaled_squares,
    spectral_error,
)
from engine.spectrum.rank_rules.rule import (
    Parameter,
    RankChoice,
    RankRule,
    guaranteed,
    open_end,
    smallest_kept,
)
from engine.spectrum.spectrum import Spectrum

# A target that equals a share on paper may miss it by the rounding of both; as a fraction of 1.
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
# Budgets below this part of the norm would lose digits when squared.
_SMALLEST_SQUARE = 1e-120


def first_within(terms: FloatArray, rest: float, fraction: float) -> int | None:
    """Smallest r whose tail ``sum(terms[r:]) + rest`` is at most ``fraction`` of the whole.

    A running sum of thousands of equal terms drifts by more than a share's own rounding, so its
    answer is settled with correctly rounded sums.

    Parameters
    ----------
    terms : ndarray of shape (K,)
        Descending contributions, >= 0.
    rest : float
        Contribution that no r removes.
    fraction : float
        Allowed part of the whole, tolerance for rounding included.

    Returns
    -------
    int or None
        None when not even r = K is enough.

    References
    ----------
    Shewchuk, Discrete Comput. Geom. 18 (1997): the correctly rounded sum of ``math.fsum``.

    Examples
    --------
    >>> import numpy as np
    >>> first_within(np.full(1000, 0.1), 0.0, 0.25)
    750
    """
    everything = terms.tolist()
    allowed = fraction * (math.fsum(everything) + rest)

    def fits(r: int) -> bool:
        return math.fsum(everything[r:]) + rest <= allowed

    tail = np.cumsum(np.concatenate(([rest], terms[::-1])))[::-1]
    reached = np.flatnonzero(tail <= allowed)
    rank = int(reached[0]) if reached.size else terms.size
    while rank > 0 and fits(rank - 1):
        rank -= 1
    while rank < terms.size and not fits(rank):
        rank += 1
    return rank if fits(rank) else None


def share_choice(
    s: Spectrum, terms: FloatArray, rest: float, target: float, what: str
) -> RankChoice:
    """Smallest r whose leading ``terms`` sum to at least ``target`` of the whole.

    Parameters
    ----------
    s : Spectrum
        Gives the cut and the number of known values.
    terms : ndarray of shape (K,)
        Descending contributions (squares or values).
    rest : float
        Contribution of the values that are not known.
    target : float
        In [0, 1]. A target of 1 keeps every value that is not zero.
    what : str
        The quantity in words.

    Returns
    -------
    RankChoice
        ``achieved`` is the share reached.

    References
    ----------
    Jolliffe, Principal Component Analysis (2002), section 6.1.1.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.ones(4), (4, 4), "float64", "svd", 0.0, True, 2.0)
    >>> share_choice(s, np.ones(4), 0.0, 0.75, "the energy").rank
    3
    """
    tail = np.cumsum(np.concatenate(([rest], terms[::-1])))[::-1]
    total = float(tail[0])
    # At target 1 squares of tiny values may have underflowed to 0: count the values themselves.
    if target >= 1.0:
        rank = int(np.count_nonzero(s.values)) if rest == 0.0 else None
    else:
        rank = first_within(terms, rest, 1.0 - target + ROUNDING)
    decided = rank is not None
    kept = s.values.size if rank is None else rank
    share = 1.0 - float(tail[kept]) / total if total > 0.0 else 1.0
    reason = (
        f"Rank {kept} is the smallest whose share of {what} is at least {target:.6g}: "
        f"it holds {share:.6g}{_before(tail, total, kept)}.{guaranteed(s)}"
    )
    if not decided:
        reason = f"Rank {kept} holds {share:.6g} of {what}, short of {target:.6g}. {open_end(s)}"
    return RankChoice(kept, reason, smallest_kept(s, kept), share, decided)


def _before(tail: FloatArray, total: float, rank: int) -> str:
    """What one rank less would hold, so that the off-by-one can be checked by eye."""
    if rank == 0 or total == 0.0:
        return ""
    return f", rank {rank - 1} holds {1.0 - float(tail[rank - 1]) / total:.6g}"


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
    return _error_choice(s, errors, level, rank, "Frobenius")


def _spectral(s: Spectrum, budget: float, relative: bool) -> RankChoice:
    # Relative to the certain lower end of sigma_1, so that the budget is met for sure.
    scale = float(s.values[0]) if relative and s.values.size else 1.0
    errors = spectral_error(s)
    return _error_choice(
        s, errors, budget * scale, _first_at_most(errors, budget * scale), "spectral"
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
    reason = (
        f"Rank {rank} is the smallest whose {norm} error is at most {level:.6g}: it is {error:.6g}"
    )
    reason += f", rank {rank - 1} has {float(errors[rank - 1]):.6g}." if rank else "."
    reason += guaranteed(s)
    if first is None:
        reason = f"At rank {rank} the {norm} error is up to {error:.6g}, above {level:.6g}. "
        reason += open_end(s)
    return RankChoice(rank, reason, smallest_kept(s, rank), error, first is not None)


def _stored_size(s: Spectrum, share: float) -> RankChoice:
    m, n = s.shape
    sides = max(m + n, 1)
    quotient = share * (m * n) / sides
    affordable = min(math.floor(quotient * (1.0 + ROUNDING)), s.rank_limit)
    useful = int(np.count_nonzero(s.values)) if s.complete else affordable
    rank = min(affordable, useful)
    size = rank * sides / (m * n) if m * n else 0.0
    reason = (
        f"Rank {rank} is the largest with r (m + n) = {rank * sides} numbers at most "
        f"{share:.6g} of m n = {m * n}: {size:.6g} of it."
    )
    if useful < affordable:
        reason += f" The budget would pay for {affordable}, but the rest of sigma is zero."
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
