"""Plain rows of a large table as numbers: what ``kernel.ll`` is made from.

Every number is rounded correctly, as Python's ``float`` does. A line with anything unusual (words,
quotes, comments, more digits than 19) is left to the reading beside this.
``python -m engine.files.layouts.table.compiled.make`` writes that file anew. The program loads
nothing else (`machine`), in a tenth of a second: Numba takes one to load what it has compiled
before, and five to compile it.

References
----------
Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51 (2021).
Clinger, "How to read floating point numbers accurately", PLDI 1990, for the short ones.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from engine.files.layouts.table.compiled.machine import LARGEST, SMALLEST

__all__ = ["SIGNATURE", "parse_rows"]

_to: Any = types.CPointer
_BYTES, _WORDS, _FLOATS = _to(types.uint8), _to(types.uint64), _to(types.float64)
_PLACES = _to(types.int64)
SIGNATURE = types.int64(
    _BYTES, *[types.int64] * 4, _BYTES, *[types.int64] * 3, _WORDS, _WORDS, _FLOATS, _FLOATS,
    types.int64, _PLACES, _PLACES,
)  # fmt: skip

_U1, _U2, _U10 = np.uint64(1), np.uint64(2), np.uint64(10)
_NEWLINE, _RETURN, _SPACE, _TAB, _QUOTE, _HASH = 10, 13, 32, 9, 34, 35
_MINUS, _PLUS, _ZERO, _POINT = 45, 43, 48, 46


@intrinsic
def _high(context: Any, a: Any, b: Any) -> Any:
    """Return the upper 64 bits of the product of two unsigned integers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(value, wide) for value in arguments))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def _leading_zeros(context: Any, a: Any) -> Any:
    """Return how many of the upper bits of an unsigned integer are zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def _float(context: Any, a: Any) -> Any:
    """Return the float of 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@numba.njit(error_model="numpy")
def to_float(w: Any, q: int, high: Any, low: Any, exact: Any) -> tuple[float, bool]:
    """Return w 10^q rounded correctly, and whether that could be told."""
    if w <= np.uint64(9007199254740992) and -22 <= q <= 22:
        return (float(w) / exact[-q], True) if q < 0 else (float(w) * exact[q], True)
    if q < SMALLEST or q > LARGEST:
        return 0.0, False
    zeros: Any = _leading_zeros(w)  # type: ignore[call-arg]
    w = w << zeros
    upper = _high(w, high[q - SMALLEST])
    lower = w * high[q - SMALLEST]
    if (upper & np.uint64(0x1FF)) == np.uint64(0x1FF):
        more = _high(w, low[q - SMALLEST])
        lower = lower + more
        if lower < more:
            upper = upper + _U1
        if lower == np.uint64(0xFFFFFFFFFFFFFFFF):
            return 0.0, False
    top = upper >> np.uint64(63)
    shift = top + np.uint64(9)
    mantissa = upper >> shift
    power = ((217706 * q) >> 16) + 63 + np.int64(top) - np.int64(zeros) + 1023
    if power <= 0 or power >= 2046:
        return 0.0, False
    half = lower <= _U1 and -4 <= q <= 23 and (mantissa & np.uint64(3)) == _U1
    if half and (mantissa << shift) == upper:
        # Half way between two floats: to the even one.
        mantissa = mantissa & ~_U1
    mantissa = (mantissa + (mantissa & _U1)) >> _U1
    if mantissa >= np.uint64(9007199254740992):
        mantissa = np.uint64(4503599627370496)
        power += 1
    bits = (mantissa & np.uint64(4503599627370495)) | (np.uint64(power) << np.uint64(52))
    return _float(bits), True


def parse_rows(
    data: Any,
    start: int,
    end: int,
    separator: int,
    decimal: int,
    keep: Any,
    width: int,
    index: int,
    trailing: int,
    high: Any,
    low: Any,
    exact: Any,
    out: Any,
    columns: int,
    labels: Any,
    stop: Any,
) -> int:
    """Parse whole lines of plain numbers until one needs a closer look.

    Parameters
    ----------
    data : uint8 array
        The text; ``data[end - 1]`` is the end of a line.
    start, end : int
        Where to begin and to end in it.
    separator, decimal : int
        Their codes; a blank separates by any run of blanks and tabs.
    keep : uint8 array, (width,)
        Which columns are numbers to be kept: not 0.
    width : int
        Number of columns.
    index : int
        How many leading columns are labels.
    trailing : int
        Whether rows may end with a separator: not 0.
    high, low, exact : arrays
        What `powers_of_ten` returns.
    out : float64 array, (at least the number of lines, columns)
        Filled row by row.
    columns : int
        Number of columns that are kept.
    labels : int64 array, (the same, 2) or (0, 2)
        Begin and end of the labels of each row, where there are any.
    stop : int64 array, (1,)
        Told where the first line begins that was not parsed.

    Returns
    -------
    int
        How many rows were filled.
    """
    row = 0
    p = start
    blank = separator == _SPACE
    while p < end:
        stop[0] = p
        while data[p] == _SPACE or (blank and data[p] == _TAB):
            p += 1
        if data[p] == _NEWLINE or (data[p] == _RETURN and data[p + 1] == _NEWLINE):
            p += 1 + (data[p] == _RETURN)
            continue
        if data[p] == _HASH:
            return row
        kept = 0
        for column in range(width):
            while data[p] == _SPACE or (blank and data[p] == _TAB):
                p += 1
            begin = p
            if keep[column] == 0:
                if data[p] == _QUOTE:
                    return row
                if blank:
                    while data[p] != _SPACE and data[p] != _TAB and data[p] != _NEWLINE:
                        p += 1
                else:
                    while data[p] != separator and data[p] != _NEWLINE:
                        p += 1
                if column < index:
                    if column == 0:
                        labels[2 * row] = begin
                    labels[2 * row + 1] = p
            else:
                negative = data[p] == _MINUS
                if negative or data[p] == _PLUS:
                    p += 1
                w, digits, fraction = np.uint64(0), 0, 0
                first = p
                while True:
                    digit = data[p] - _ZERO
                    if digit < 0 or digit > 9:
                        break
                    w = w * _U10 + np.uint64(digit)
                    p += 1
                digits = p - first
                if data[p] == decimal:
                    p += 1
                    first = p
                    while True:
                        digit = data[p] - _ZERO
                        if digit < 0 or digit > 9:
                            break
                        w = w * _U10 + np.uint64(digit)
                        p += 1
                    fraction = p - first
                    digits += fraction
                if digits == 0:
                    value, fine = np.nan, (not blank) and p == begin
                    letter = data[p] | 32
                    if p == begin and letter == 110 and (data[p + 1] | 32) == 97:
                        # NA or NaN, as R and NumPy write it.
                        p += 2 + ((data[p + 2] | 32) == 110)
                        fine = True
                    if not fine:
                        return row
                else:
                    q = -fraction
                    if (data[p] | 32) == 101:
                        p += 1
                        falls = data[p] == _MINUS
                        if falls or data[p] == _PLUS:
                            p += 1
                        power, first = 0, p
                        while True:
                            digit = data[p] - _ZERO
                            if digit < 0 or digit > 9 or p - first > 4:
                                break
                            power = power * 10 + digit
                            p += 1
                        if p == first:
                            return row
                        q += -power if falls else power
                    if digits > 19:
                        # Zeros in front are no digits of the number.
                        first = begin
                        while data[first] < 49 or data[first] > 57:
                            digits -= data[first] == _ZERO
                            first += 1
                            if first == p:
                                break
                        if digits > 19:
                            return row
                    if w == 0:
                        value = 0.0
                    else:
                        value, fine = to_float(w, q, high, low, exact)
                        if not fine:
                            return row
                    if negative:
                        value = -value
                out[row * columns + kept] = value
                kept += 1
                while data[p] == _SPACE or (blank and data[p] == _TAB):
                    p += 1
            if column + 1 < width:
                if blank:
                    if p == begin or not (
                        data[p - 1] == _SPACE or data[p - 1] == _TAB or keep[column] == 0
                    ):
                        return row
                elif data[p] == separator:
                    p += 1
                else:
                    return row
        while data[p] == _SPACE or (blank and data[p] == _TAB):
            p += 1
        if trailing != 0 and data[p] == separator:
            p += 1
        if data[p] == _RETURN:
            p += 1
        if data[p] != _NEWLINE:
            return row
        p += 1
        row += 1
    stop[0] = p
    return row
