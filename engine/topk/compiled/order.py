"""What a row is asked before it is solved: its extent, and the scores at the k-th place."""

from __future__ import annotations

import math

from engine.topk.compiled.jit import bits, from_bits, part
from engine.topk.semantics import FloatArray

__all__ = ["extent", "neighbours"]

_REST = 0x7FFFFFFFFFFFFFFF  # all bits but the sign
_INFINITE = 0x7FF0000000000000
_SMALL = 600  # entries from which on a sample of them makes the first guess


@part
def extent(x: FloatArray) -> tuple[float, float, int]:
    """Return the least finite score, the largest, and how many are not -inf.

    The number is -1 where one is NaN or +inf.  As integers, scores keep their order and make
    vector instructions, which minima and maxima of floats do not.
    """
    high = low_bits = -_REST - 1
    low = _REST
    kept = ordered = 0.0
    for i in range(x.size):
        v = x[i]
        low_bits = bits(v)
        place = low_bits ^ ((low_bits >> 63) & _REST)
        here = v > -math.inf
        high = max(high, place)
        low = min(low, place if here else _REST)
        kept += 1.0 if here else 0.0
        ordered += 1.0 if v == v else 0.0
    if high >= _INFINITE or ordered < x.size:
        return math.nan, math.nan, -1
    low_bits = low ^ ((low >> 63) & _REST)
    return from_bits(low_bits), from_bits(high ^ ((high >> 63) & _REST)), int(kept)


@part
def neighbours(x: FloatArray, inner: int, outer: int, work: FloatArray) -> tuple[float, float]:
    """Return the scores at two places, counted from the largest: inner, and inner or the next.

    Entries that are -inf are left out; ``work`` has room for the others.
    """
    kept = 0
    for i in range(x.size):
        work[kept] = x[i]
        kept += 1 if x[i] > -math.inf else 0
    place = kept - outer
    _select(work, 0, kept - 1, place)
    lower = work[place]
    if inner == outer:
        return lower, lower
    upper = math.inf
    for i in range(place + 1, kept):
        upper = min(upper, work[i])
    return upper, lower


@part
def _select(a: FloatArray, left: int, right: int, place: int) -> None:
    """Put the entry that sorting would put there at a place, larger ones after it.

    Quickselect; long parts are first narrowed to where a sample expects the entry (Floyd &
    Rivest, Algorithm 489, CACM 18 (1975)).  Entries equal to the pivot are swapped like any other,
    which halves parts that are all ties.
    """
    while right > left:
        if right - left > _SMALL:
            size = float(right - left + 1)
            share = float(place - left) / size
            about = math.log(size)
            sample = 0.5 * math.exp(2.0 * about / 3.0)
            spread = 0.5 * math.sqrt(about * sample * (size - sample) / size)
            spread = -spread if share < 0.5 else spread
            first = max(left, int(place - share * sample + spread))
            last = min(right, int(place + (1.0 - share) * sample + spread))
            _select_small(a, first, last, place)
        left, right = _parted(a, left, right, place)


@part
def _select_small(a: FloatArray, left: int, right: int, place: int) -> None:
    while right > left:
        left, right = _parted(a, left, right, place)


@part
def _parted(a: FloatArray, left: int, right: int, place: int) -> tuple[int, int]:
    """Part the entries by the one at the place; return where the wanted one is now."""
    pivot = a[place]
    i, j = left, right
    while i <= j:
        while a[i] < pivot:
            i += 1
        while pivot < a[j]:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    if place <= j:
        return left, j
    if place >= i:
        return i, right
    return place, place
