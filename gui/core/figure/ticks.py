"""Numbers beside a logarithmic axis: at least two that differ, in the window and in exports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Ticks = list[tuple[float, str]]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Which numbers of every decade are written, densest first.
_MANTISSAS = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_STRIDES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)  # powers from one number to the next
_PLAIN = 1e-3, 1e5  # numbers between are written out
_LONG = 5  # digits; a number of more is not written as one times a power


def log_ticks(low: float, high: float, room: int) -> Ticks:
    """Return values between ``low`` and ``high`` with their texts, about ``room`` of them.

    Parameters
    ----------
    low, high : float
        Ends of the axis, 0 < low < high.
    room : int
        How many numbers have room; at least two are found.

    Examples
    --------
    >>> [text for _, text in log_ticks(1e-8, 1e3, 5)]
    ['10⁻⁶', '10⁻³', '1', '10³']
    >>> [text for _, text in log_ticks(1.2, 1.9, 4)]
    ['1.2', '1.4', '1.6', '1.8']
    >>> [text for _, text in log_ticks(1e7, 1e7 + 11, 4)]
    ['10000000', '10000005', '10000010']
    """
    room = max(room, 2)
    values = _powers(low, high, room) or _parts(low, high, room) or _between(low, high, room)
    return list(zip(values, tick_texts(values), strict=True))


def _powers(low: float, high: float, room: int) -> list[float]:
    first = math.ceil(math.log10(low) - 1e-9)
    last = math.floor(math.log10(high) + 1e-9)
    enough = [n for n in _STRIDES if n < (last - first + 1) / room]
    for stride in reversed(_STRIDES[: len(enough) + 1]):
        exponents = [e for e in range(first, last + 1) if e % stride == 0]
        if len(exponents) >= 2:
            break
    # Two powers with nothing between say less than their halves do.
    few = last - first < 2 and room > 2
    return [] if len(exponents) < 2 or few else [10.0**e for e in exponents]


def _parts(low: float, high: float, room: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    for mantissas in _MANTISSAS:
        values = [float(f"{m}e{e}") for e in decades for m in mantissas]
        values = [value for value in values if low <= value <= high]
        # So that they fill the axis and not one end of it.
        if 2 <= len(values) <= room and values[-1] / values[0] >= (high / low) ** 0.5:
            return values
    return []


def _between(low: float, high: float, room: int) -> list[float]:
    """Return multiples of a round step: less than a decade is as good as linear."""
    wanted = (high - low) / room
    unit = 10.0 ** math.floor(math.log10(wanted))
    steps = [s * unit for s in _STEPS if s * unit >= wanted * (1.0 - 1e-9)]
    for step in (*steps[:1], *(s * unit for s in reversed(_STEPS) if s * unit < wanted), unit / 10):
        first = math.ceil(low / step - 1e-9)
        count = math.floor(high / step + 1e-9) - first + 1
        if count >= 2:
            return [(first + i) * step for i in range(count)]
    return [low, high]


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return the texts of ticks, written in one way, with as many digits as tell them apart.

    Examples
    --------
    >>> tick_texts([1e-8, 2e-8, 1.0]), tick_texts([0.5, 100.0]), tick_texts([2.9e6, 3.1e6])
    (['10⁻⁸', '2·10⁻⁸', '1'], ['0.5', '100'], ['2.9·10⁶', '3.1·10⁶'])
    """
    if not values:
        return []
    digits = next((n for n in range(1, 17) if _told_apart(values, n)), 17)
    powers = min(values) < _PLAIN[0] or max(values) > _PLAIN[1]
    if powers and digits > _LONG and max(values) < 1e15 and min(values) > 1e-5:
        powers = False
    return [_text(value, digits, powers) for value in values]


def _told_apart(values: Sequence[float], digits: int) -> bool:
    written = [float(f"{value:.{digits}g}") for value in values]
    gap = min((b - a for a, b in pairwise(values)), default=math.inf)
    return len(set(written)) == len(values) and all(
        abs(one - value) <= min(1e-3 * gap, 1e-4 * abs(value))
        for one, value in zip(written, values, strict=True)
    )


def _text(value: float, digits: int, powers: bool) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if not powers or 1 <= value <= 10:
        return _without_zeros(f"{value:.{max(0, digits - 1 - power)}f}")
    return times_power(_without_zeros(mantissa), power)


def times_power(number: str, power: int) -> str:
    """Return how a number of one digit or more times a power of ten is written.

    Examples
    --------
    >>> times_power("1", -8), times_power("2.5", 6)
    ('10⁻⁸', '2.5·10⁶')
    """
    ten = "10" + str(power).translate(_RAISED)
    return ten if number == "1" else f"{number}·{ten}"


def _without_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
