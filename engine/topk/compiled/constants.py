"""What the solvers agree on, compiled or not: nothing here needs numba, which takes long to import.

Kinds of steps say how the sums go with lam, kinds of passes what a sweep over a long row does.
"""

from __future__ import annotations

__all__ = [
    "AGAIN",
    "APART",
    "CERTAIN",
    "CLOSE",
    "CUBIC",
    "DECIDED",
    "EXPONENTIAL",
    "FAR",
    "FINISH",
    "GENERIC",
    "HEAVY",
    "KINK",
    "LINEAR",
    "LOOK",
    "MOST",
    "NARROW",
    "NOISE",
    "ROUNDING",
    "SETTLED",
    "SHORT",
    "SQUARED",
    "TWO_SIDED",
]

# Kinds of steps, powers last.
GENERIC, EXPONENTIAL, TWO_SIDED, LINEAR, HEAVY, SQUARED, CUBIC = range(7)
LOOK, AGAIN, CLOSE, FINISH = range(4)  # kinds of passes, see `loops`

KINK = 1e-14  # what rounding may put beside a kink of F is on it: the derivative from inside
NARROW = 24.0  # range over tau up to which mean and variance tell where lam is
FAR = 16.0  # change of lam from which on scores are looked at from nearer, for the digits of z
ROUNDING = 2.0**-52
NOISE = 16.0 * ROUNDING  # of the sums of a row: a pass more would not know better
SHORT = 1e-3  # steps that the noise suggests
DECIDED = 1e-250  # sums of both tails below which no score is near the threshold
CERTAIN = 1e-30  # chance of its rare side below which a coin has no part in how many show heads
SETTLED = 1e-12  # of k: a sum of p (1 - p) that may leave nothing undecided
APART = 1.0 - 8.0 * ROUNDING  # units of t between scores of which none is in reach of the other
MOST = 200  # passes between sure bounds
