"""The two iterated constructions in as many digits as they need, for rows float64 cannot do.

``(1 - p) z`` with z = 1e11, or weights that cancel down to the e^-5000 under them, need more than
53 bits; the standard library's decimal numbers have the digits and the exponents.  Each function
works at a number of digits, follows a bound of its own error, and starts again with more where
that bound says so; it gives None where the work would be too long.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from engine.topk.semantics import FloatArray

__all__ = ["MOST_WORK", "exact_softmax", "exact_weighted", "exact_weighted_product", "growth"]

MOST_WORK = 40_000  # entries times steps
_DIGITS = 50
_MOST_DIGITS = 3200
_MOST_COST = 3e7  # entries times steps times digits: about a second
_MOST_EXP = 3e8  # exponentials times digits squared, for the same reason
_LN10 = math.log(10.0)
_WIDE = decimal.Context(
    prec=17, rounding=ROUND_HALF_EVEN, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[]
)


@contextmanager
def _digits(count: int) -> Iterator[None]:  # decimal arithmetic of that many
    with decimal.localcontext(_WIDE) as context:
        context.prec = count
        yield


def growth(share: FloatArray, height: FloatArray) -> FloatArray:
    """Return the bound lambda, (k,), for shares (k, n) and heights ``z - min z``, (n,).

    A step maps an error of p by ``I - J H``, with J the Jacobian of the softmax and H the
    heights.  That is symmetric in the norm weighted by H, its eigenvalues are 1 less those of
    ``J H``, in ``[0, lambda]``, and so errors grow by ``max(1, lambda - 1)`` at most.
    """
    spread = 2.0 * share * (1.0 - share) * height
    bound: FloatArray = np.minimum((share * height).max(axis=1), spread.max(axis=1))
    bound = np.minimum(bound, 0.5 * spread.sum(axis=1))
    return bound


def exact_softmax(x: FloatArray, k: int, tau: float) -> FloatArray | None:
    """Return p, (n,), of ``y = (1 - p) (z - min z), p += softmax(y)``, or None.

    Parameters
    ----------
    x : ndarray (n,), float64
        Scores, taken as the exact numbers they are; so is tau.
    k : int
        Number of steps.
    tau : float
        Temperature.
    """
    values, place, many = np.unique(x, return_inverse=True, return_counts=True)
    scores, temperature = [Decimal(v) for v in values.tolist()], Decimal(float(tau))
    digits, before = _DIGITS, None
    while digits <= _MOST_DIGITS and values.size * k * digits <= _MOST_COST:
        with _digits(digits):
            z = [(v - scores[0]) / temperature for v in scores]
            size = max(z[-1].adjusted(), 0)
            if size > 290:  # heights are also followed in float64
                return None
            # Both ends of the weighted norm cost a root of the largest height.
            p, certain = _softmax_steps(z, many.tolist(), k, digits, digits - 25 - 2 * size)
            if not p:
                return None
            found = np.array([float(v) for v in p])[place]
        # The bound multiplies the worst of every step; where it is far too wide, two numbers of
        # digits that give the same p settle it.
        if certain or (before is not None and float(np.abs(found - before).max()) <= 1e-15):
            return found
        digits, before = 2 * digits, found
    return None


def _softmax_steps(
    z: list[Decimal], many: list[int], k: int, digits: int, spare: int
) -> tuple[list[Decimal], bool]:
    """Return p and whether its errors stay within the spare digits; no p if it takes too long."""
    one, grown, work = Decimal(1), 0.0, 0.0
    height = np.array([float(v) for v in z])
    p = [Decimal(0)] * len(z)
    floor = Decimal(-2.4 * digits)
    for _ in range(k):
        y = [(one - a) * v for a, v in zip(p, z, strict=True)]
        top = max(y)
        # Terms below the last digit of the sum are left out: most of a wide row.
        terms = [(i, _exp(v - top, digits)) for i, v in enumerate(y) if v - top > floor]
        work += len(terms) * digits**2
        if work > _MOST_EXP:
            return [], False
        total = sum((many[i] * e for i, e in terms), Decimal(0))
        share = np.zeros((1, len(z)))
        for i, e in terms:
            part = e / total
            p[i] += part
            share[0, i] = float(part)
        grown += math.log10(max(float(growth(share, height)[0]) - 1.0, 1.0))
    return p, grown <= spare


def exact_weighted(x: FloatArray, k: int, tau: float) -> FloatArray | None:
    """Return p, (n,), of ``p += w e^z / sum(w e^z), w = 1 - p``, or None.

    Parameters
    ----------
    x, k, tau
        As in `exact_softmax`.
    """
    found = _weighted_digits(x, k, tau)
    return None if found is None else found[1]


def exact_weighted_product(
    x: FloatArray, k: int, tau: float, v: FloatArray, *, transposed: bool = False
) -> FloatArray | None:
    """Return tau J v, (n,), or tau J^T v, of what `exact_weighted` computes, or None.

    Parameters
    ----------
    x, k, tau
        As in `exact_softmax`.
    v : ndarray (n,), float64
        Direction, taken as the exact numbers it is made of.
    transposed : bool, keyword only
        Whether the product is J^T v.

    Notes
    -----
    The digits that p needs come first; a slope divides by the same sums once more, so that twice
    as many have to say the same.
    """
    found = _weighted_digits(x, k, tau)
    if found is None:
        return None
    digits, before = found[0], None
    while digits <= _MOST_DIGITS and x.size * k * digits <= _MOST_COST:
        with _digits(digits + 30):
            e, place = _exponentials(x, tau, digits)[::2]
            each = [*e, *[Decimal(0)] * (int(place.max()) + 1 - len(e))]
            steps = _product_steps([each[i] for i in place.tolist()], k)
            directions = [Decimal(a) for a in v.tolist()]
            product = (_backwards if transposed else _forwards)(steps, directions)
            after = np.array([float(a) for a in product])
        if before is not None and _agree(before, after):
            return after
        digits, before = 2 * digits, after
    return None


def _agree(a: FloatArray, b: FloatArray) -> bool:
    if not np.isfinite(b).all():  # beyond all floats: more digits change no sign
        return np.array_equal(a, b)
    return bool(np.isfinite(a).all()) and bool(
        np.abs(a - b).max(initial=0.0) <= 1e-15 * np.abs(b).max(initial=0.0)
    )


_Step = tuple[list[Decimal], list[Decimal]]


def _product_steps(e: list[Decimal], k: int) -> list[_Step]:
    """Return ``w e / D`` and ``e / D`` with ``D = sum w e``, entry by entry, of each step."""
    weight, steps = [Decimal(1)] * len(e), []
    for _ in range(k):
        total = sum((w * a for w, a in zip(weight, e, strict=True)), Decimal(0))
        scaled = [a / total for a in e] if total else [Decimal(0)] * len(e)
        share = [w * c for w, c in zip(weight, scaled, strict=True)]
        weight = [w - s for w, s in zip(weight, share, strict=True)]
        steps.append((share, scaled))
    return steps


def _forwards(steps: list[_Step], v: list[Decimal]) -> list[Decimal]:
    slope = [Decimal(0)] * len(v)
    for share, scaled in steps:
        change = [s * a - c * b for s, c, a, b in zip(share, scaled, v, slope, strict=True)]
        total = sum(change, Decimal(0))
        slope = [b + d - s * total for b, d, s in zip(slope, change, share, strict=True)]
    return slope


def _backwards(steps: list[_Step], g: list[Decimal]) -> list[Decimal]:
    back_p, back_z = g, [Decimal(0)] * len(g)
    for share, scaled in reversed(steps):
        mean = sum((s * a for s, a in zip(share, back_p, strict=True)), Decimal(0))
        centred = [a - mean for a in back_p]
        back_z = [b + s * a for b, s, a in zip(back_z, share, centred, strict=True)]
        back_p = [b - c * a for b, c, a in zip(back_p, scaled, centred, strict=True)]
    return back_z


def _weighted_digits(x: FloatArray, k: int, tau: float) -> tuple[int, FloatArray] | None:
    """Return the digits that p needs, and p, (n,)."""
    digits = _DIGITS
    while digits <= _MOST_DIGITS:
        with _digits(digits + 30):
            e, many, place = _exponentials(x, tau, digits)
            if len(e) * k * digits > _MOST_COST:
                return None
            p = _weighted_steps(e, many, k, digits)
            if p is not None:
                found = np.zeros(int(place.max()) + 1)
                found[: len(e)] = [float(v) for v in p]
                return digits, found[place]
        digits *= 2
    return None


def _exponentials(
    x: FloatArray, tau: float, digits: int
) -> tuple[list[Decimal], NDArray[np.intp], NDArray[np.intp]]:
    """Return e^z of the distinct scores from the largest on, how many each, and whose is which.

    Those that are left out at the end add less than 1e-25 of the smallest sum that is let pass.
    """
    values, place, many = np.unique(-x, return_inverse=True, return_counts=True)
    top, temperature = Decimal(-float(values[0])), Decimal(float(tau))
    floor = Decimal(-(digits + 25) * _LN10)
    e: list[Decimal] = []
    for v in values.tolist():
        below = (Decimal(-v) - top) / temperature
        if below < floor:
            break
        e.append(_exp(below, digits + 30))
    return e, many[: len(e)], place


def _weighted_steps(
    e: list[Decimal], many: NDArray[np.intp], k: int, digits: int
) -> list[Decimal] | None:
    """Return p, or None as soon as its error bound says the digits do not suffice."""
    one, count = Decimal(1), [int(m) for m in many]
    p, weight = [Decimal(0)] * len(e), [one] * len(e)
    rounding = -float(digits)
    error = np.full(len(e), rounding)  # log10 of the bound, entry by entry
    size, log_many = np.array([_log10(v) for v in e]), np.log10(many.astype(np.float64))
    for _ in range(k):
        terms = [w * v for w, v in zip(weight, e, strict=True)]
        total = sum((m * t for m, t in zip(count, terms, strict=True)), Decimal(0))
        if not total:
            return None
        scale = size - _log10(total)
        of_total = _log_sum(log_many + scale + error)
        if of_total > -3.0:
            return None
        share = [t / total for t in terms]
        # d w_i' = (1 - c_i (1 - s_i)) d w_i + s_i sum_{j != i} c_j d w_j,  c = e / total
        others = [_log10(one - s) for s in share]
        own = np.logaddexp(0.0, (scale + np.array(others)) * _LN10) / _LN10 + error
        rest = np.array([_log10(s) for s in share]) + of_total
        error = np.logaddexp(np.logaddexp(own * _LN10, rest * _LN10), rounding * _LN10) / _LN10
        p = [a + s for a, s in zip(p, share, strict=True)]
        weight = [w - s for w, s in zip(weight, share, strict=True)]
    return p if float(error.max()) < -17.0 else None


def _log10(v: Decimal) -> float:
    """Return log10 |v| whatever its exponent; far below everything for zero."""
    if not v:
        return -1e6
    short, exponent = _WIDE.plus(v), v.adjusted()
    return exponent + math.log10(abs(float(_WIDE.scaleb(short, -exponent))))


def _log_sum(v: FloatArray) -> float:
    peak = float(v.max())
    return peak + math.log10(float(np.power(10.0, v - peak).sum()))


def _exp(z: Decimal, digits: int) -> Decimal:
    """Return e^z, z at most 0; from a thousand digits on much faster than ``Decimal.exp``."""
    if digits < 150 or not z:
        return z.exp()
    halvings = max(z.adjusted() + 1, 0) * 4 + math.isqrt(digits)
    with _digits(digits + halvings):
        u = z / (1 << halvings)
        result, term, j = Decimal(1), Decimal(1), 0
        while term.adjusted() > -digits - halvings:
            j += 1
            term = term * u / j
            result += term
        for _ in range(halvings):
            result *= result
    return +result
