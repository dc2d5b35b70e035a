"""Number formats that scores are rounded to: where one number ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.errors import ArgumentError
from engine.sentences import one_of
from engine.topk.semantics import FloatArray

__all__ = ["FORMATS", "Rounding", "rounding_of", "spacing"]

FORMATS = ("bfloat16", "float16", "float8_e4m3fn", "float8_e5m2")


@dataclass(frozen=True, eq=False)
class Rounding:
    """Rounding to the nearest number of a format, ties to even; what lies beyond saturates.

    Parameters
    ----------
    key : str
        Name of the format.
    numbers : ndarray (count,)
        Its finite numbers, ascending, 0 once.
    lows : ndarray (count + 1,)
        The smallest float64 that rounds to each, and infinity.
    digits, least : int
        Bits behind the leading one, and the exponent of the smallest normal number.
    """

    key: str
    numbers: FloatArray
    lows: FloatArray
    digits: int
    least: int

    def bounds(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the interval ``low <= y < high`` of what rounds to the same number as x."""
        place = np.searchsorted(self.lows, x, side="right") - 1
        return self.lows[place], self.lows[np.minimum(place + 1, self.numbers.size)]

    def rounded(self, x: FloatArray) -> FloatArray:
        """Return x rounded; -inf stays.

        Examples
        --------
        >>> rounding_of("bfloat16").rounded(np.array([1.001, -np.inf])).tolist()
        [1.0, -inf]
        """
        place = np.searchsorted(self.lows, x, side="right") - 1
        return np.where(x > -np.inf, self.numbers[np.maximum(place, 0)], x)

    def spacing(self, x: FloatArray) -> FloatArray:
        """Return the distance of the numbers of the format next to x."""
        return spacing(x, self.digits, self.least)


def spacing(x: FloatArray, digits: int, least: int) -> FloatArray:
    """Return one unit in the last place of x, of so many digits and such a smallest exponent."""
    exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))[1] - 1
    exponent = np.where(x == 0.0, least, np.maximum(exponent, least))
    result: FloatArray = np.ldexp(1.0, exponent - digits)
    return result


@lru_cache(maxsize=8)
def rounding_of(key: str) -> Rounding:
    """Return the rounding to a format.

    Raises
    ------
    ArgumentError
        If there is no such format.

    Examples
    --------
    >>> low, high = rounding_of("bfloat16").bounds(np.array([1.0]))
    >>> float(low[0]), float(high[0])
    (0.998046875, 1.0039062500000002)
    """
    if key not in FORMATS:
        raise ArgumentError("formats", key, one_of(FORMATS))
    dtype, info = _dtype(key)
    patterns = np.arange(1 << 8 * dtype.itemsize, dtype=f"u{dtype.itemsize}")
    with np.errstate(invalid="ignore"):  # among them are signalling NaN
        values = patterns.view(dtype).astype(np.float64)
    usable = np.isfinite(values) & ~((values == 0.0) & np.signbit(values))
    order = np.argsort(values[usable])
    numbers, even = values[usable][order], (patterns[usable][order] & 1) == 0
    middle = 0.5 * (numbers[:-1] + numbers[1:])  # exact: the formats have few digits
    # A tie goes to the even one of its neighbours.
    lows = np.where(even[1:], middle, np.nextafter(middle, np.inf))
    ends = [-np.finfo(np.float64).max], [np.inf]
    return Rounding(
        key, numbers, np.concatenate([ends[0], lows, ends[1]]), int(info.nmant), int(info.minexp)
    )


def _dtype(key: str) -> tuple[np.dtype[Any], Any]:
    if key == "float16":
        return np.dtype(np.float16), np.finfo(np.float16)
    import ml_dtypes  # 20 ms, seldom needed

    dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, key))
    finfo: Any = ml_dtypes.finfo
    return dtype, finfo(dtype)
