"""The broken stick: components larger than the pieces of a stick broken at random."""

from __future__ import annotations

import numpy as np

from engine.sentences import joined, say
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.rank_rules.choices import COMPONENTS, ROUNDING, count_values, open_end
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def stick_pieces(pieces: int) -> FloatArray:
    """Expected lengths of the pieces of a stick of length 1 broken at random, descending.

    Parameters
    ----------
    pieces : int
        p >= 1.

    Returns
    -------
    ndarray of shape (p,), float64
        ``(1/p) sum_{j>=i} 1/j`` for i = 1 ... p; they sum to 1.

    References
    ----------
    Jolliffe, Principal Component Analysis (2002), section 6.1.3.

    Examples
    --------
    >>> stick_pieces(2)
    array([0.75, 0.25])
    """
    inverse = 1.0 / np.arange(pieces, 0, -1)
    return np.asarray(np.cumsum(inverse)[::-1] / pieces)


def _broken_stick(s: Spectrum) -> RankChoice:
    if not s.values.size or s.values[0] == 0.0:
        return RankChoice(0, "All singular values are zero: nothing to keep.", None, 0.0)
    known = s.values.size
    limits = s.frobenius * np.sqrt(stick_pieces(s.rank_limit)[:known]) * (1.0 + ROUNDING)
    failed = np.flatnonzero(s.values <= limits)
    rank = int(failed[0]) if failed.size else known
    certain = s.complete or (bool(failed.size) and float(s.band[1][rank]) <= limits[rank])
    cut = float(limits[min(rank, known - 1)])
    reason = say(
        "{values} above ‖M‖_F times the root of its piece of a stick of length 1 broken at random "
        "into {pieces}, counted up to the first that is not.",
        values=count_values(rank),
        pieces=s.rank_limit,
    )
    reason = joined(reason, "" if certain else open_end(s), COMPONENTS)
    return RankChoice(rank, reason, cut, float(rank), certain)


BROKEN_STICK = RankRule(
    "broken_stick",
    "Broken stick",
    "first r with σ_{r+1}² / ‖M‖_F² ≤ (1/p) Σ_{j>r} 1/j, p = min(m, n)",
    "Frontier, J. Exp. Mar. Biol. Ecol. 25 (1976); Jackson, Ecology 74 (1993)",
    (),
    _broken_stick,
)
