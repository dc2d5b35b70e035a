"""Answers that several rules give in the same words: values above a threshold, a share held."""

from __future__ import annotations

import math

import numpy as np

from engine.sentences import as_sentence, joined, say
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.rank_rules.rule import RankChoice
from engine.spectrum.spectrum import Spectrum

# What rules of principal component analysis take for granted; a spectrum cannot tell.
COMPONENTS = say("It is meant for centred columns, a sample a row.")

# A target that equals a share on paper may miss it by the rounding of both; as a fraction of 1.
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)


def kept_above(s: Spectrum, threshold: float, what: str, times_head: float = 0.0) -> RankChoice:
    """Answer of a threshold rule: the number of values strictly above ``threshold``.

    Parameters
    ----------
    s : Spectrum
        What to count in.
    threshold : float
        In the units of the data.
    what : str
        The threshold in words.
    times_head : float
        The factor, where ``threshold`` is a multiple of sigma_1 and shares its uncertainty.

    Returns
    -------
    RankChoice
        Not ``certain`` when the bounds on leading values leave the count open.

    References
    ----------
    The rule that calls it names its own.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([3.0, 2.0, 1.0]), (3, 3), "float64", "svd", 0.0, True, 14.0**0.5)
    >>> kept_above(s, 2.0, "2").rank
    1
    """
    rank = int((s.values > threshold).sum())
    certain = s.complete
    if not certain and rank < s.values.size:
        highest = max(threshold, times_head * float(s.band[1][0]))
        certain = int((s.band[1] > threshold).sum()) == int((s.values > highest).sum())
    reason = say(
        "{values} strictly above {what} = {threshold:.6g}.",
        values=count_values(rank),
        what=as_sentence(what),
        threshold=threshold,
    )
    if not certain:
        reason = say("At least {reason} {open_end}", reason=reason, open_end=open_end(s))
    return RankChoice(rank, reason, threshold, float(rank), certain)


def smallest_kept(s: Spectrum, rank: int) -> float | None:
    """Cut of a rule without a threshold: the last kept value, None where nothing is kept."""
    return float(s.values[rank - 1]) if 0 < rank <= s.values.size else None


def count_values(count: int) -> str:
    """``count`` singular values, in words.

    Examples
    --------
    >>> count_values(1), count_values(2)
    ('1 singular value is', '2 singular values are')
    """
    return (
        say("1 singular value is")
        if count == 1
        else say("{count} singular values are", count=count)
    )


def guaranteed(s: Spectrum) -> str:
    """Sentence to add where a condition is met on the guaranteed side of leading values only."""
    return "" if s.complete else "Guaranteed by the leading values; fewer may do."


def open_end(s: Spectrum) -> str:
    """Sentence for an answer that the known values do not decide."""
    known, limit = s.values.size, s.rank_limit
    return say(
        "Only {known} of {limit} singular values are known, which does not decide it.",
        known=known,
        limit=limit,
    )


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
    reason = say(
        "Rank {rank} is the smallest whose share of {what} is at least {target:.6g}: it holds "
        "{share:.6g}{before}.",
        rank=kept,
        what=as_sentence(what),
        target=target,
        share=share,
        before=_before(tail, total, kept),
    )
    reason = joined(reason, guaranteed(s))
    if not decided:
        reason = say(
            "Rank {rank} holds {share:.6g} of {what}, short of {target:.6g}.",
            rank=kept,
            share=share,
            what=as_sentence(what),
            target=target,
        )
        reason = joined(reason, open_end(s))
    return RankChoice(kept, reason, smallest_kept(s, kept), share, decided)


def _before(tail: FloatArray, total: float, rank: int) -> str:
    """What one rank less would hold, so that the off-by-one can be checked by eye."""
    if rank == 0 or total == 0.0:
        return ""
    return say(
        ", rank {rank} holds {share:.6g}", rank=rank - 1, share=1.0 - float(tail[rank - 1]) / total
    )
