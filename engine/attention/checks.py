"""What attention asks of its arguments: real arrays, counts, positions, a base, a slope."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import number_within, real_number
from engine.errors import ArgumentError, DataError
from engine.sentences import Sentence, one_of, say
from engine.spectrum.linalg.checks import finite_matrix
from engine.spectrum.linalg.norms import FloatArray

LARGEST = float(np.finfo(np.float64).max)
_REAL = "real numbers in an array"


def real_matrix(name: str, a: npt.ArrayLike) -> FloatArray:
    """Return a finite real matrix as float64; it may share memory with ``a``.

    Raises
    ------
    ArgumentError, DataError
        If it is no matrix of real numbers, is empty, or holds NaN or inf.

    Examples
    --------
    >>> real_matrix("values", [[1, 2]]).dtype
    dtype('float64')
    """
    matrix = finite_matrix(name, a)
    if matrix.dtype.kind == "c":
        raise ArgumentError(name, matrix.dtype.name, _REAL)
    return matrix


def real_rows(name: str, a: npt.ArrayLike) -> FloatArray:
    """Return finite real numbers of any shape with a last axis of at least 1 as float64.

    Raises
    ------
    ArgumentError, DataError
        If the numbers are not real, there is no last axis, or one is NaN or infinite.

    Examples
    --------
    >>> real_rows("weights", [1, 0]).tolist()
    [1.0, 0.0]
    """
    rows = _real(name, _array(name, a), "biufV")
    if rows.ndim == 0 or rows.shape[-1] == 0:
        raise ArgumentError(name, rows.shape, "an array whose last axis holds at least 1 number")
    bad = ~np.isfinite(rows)
    if bad.any():
        count, place = int(bad.sum()), _first(bad)
        said = say(
            "In {name}, {count} of {total} entries {verb} NaN or infinite, the first at index "
            "{place} (counted from 0). Replace them, for example by 0.",
            name=name,
            count=count,
            total=rows.size,
            verb="is" if count == 1 else "are",
            place=place,
        )
        raise DataError(said, count, place)
    return rows


def numbers(name: str, value: npt.ArrayLike, allowed: str, least: float = -LARGEST) -> FloatArray:
    """Return finite numbers of at least ``least``, of any shape, as float64.

    Raises
    ------
    ArgumentError
        If one is anything else; truth values and texts are mistakes.

    Examples
    --------
    >>> numbers("distance", [0, 2.5], "distances of at least 0", 0.0).tolist()
    [0.0, 2.5]
    """
    array = _array(name, value)
    if array.dtype.kind not in "iufOV":
        raise ArgumentError(name, value, allowed)
    x = _real(name, array, "iufOV")
    bad = ~((x >= least) & (x <= LARGEST))
    if bad.any():
        place = _first(bad)
        raise ArgumentError(name, _at(x[place], place) if place else value, allowed)
    return x


def positions(name: str, value: npt.ArrayLike) -> FloatArray:
    """Return positions, which are counted from 1, as float64.

    Examples
    --------
    >>> positions("n", [1, 4]).tolist()
    [1.0, 4.0]
    """
    return numbers(name, value, "finite positions of at least 1", 1.0)


def slopes(value: npt.ArrayLike) -> FloatArray:
    """Return slopes of ALiBi as float64.

    Examples
    --------
    >>> slopes(0.25).item()
    0.25
    """
    return numbers("slope", value, "a finite number of at least 0", 0.0)


def one_word(name: str, value: object, words: tuple[str, ...]) -> str:
    """Return a word that is one of a few.

    Examples
    --------
    >>> one_word("kind", "softmax", ("uniform", "softmax"))
    'softmax'
    """
    if not isinstance(value, str) or value not in words:
        raise ArgumentError(name, value, one_of(words))
    return value


def whole(name: str, value: object) -> int:
    """Return an integer of at least 1, of any numeric type.

    Examples
    --------
    >>> whole("k", np.float32(2.0))
    2
    """
    number = real_number(value)
    if number is None or not number >= 1.0 or not number.is_integer():
        raise ArgumentError(name, value, "an integer of at least 1")
    return int(number)


def check_base(value: object) -> float:
    """Return the base of the wavelengths of a position encoding.

    Examples
    --------
    >>> check_base(10000)
    10000.0
    """
    return number_within("base", value, 1.0, LARGEST, "a finite number of at least 1")


def check_spread(name: str, value: object) -> float:
    """Return a deviation of scores that leaves room for what is drawn.

    Examples
    --------
    >>> check_spread("score_spread", 0)
    0.0
    """
    return number_within(name, value, 0.0, 1e300, "a number from 0 to 1e300")


def _array(name: str, value: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        return np.asarray(value)
    except (ValueError, TypeError) as error:  # lists of different lengths
        raise ArgumentError(name, value, _REAL) from error


def _real(name: str, array: npt.NDArray[Any], kinds: str) -> FloatArray:
    kind, extension = array.dtype.kind, array.dtype.kind == "V"
    if kind not in kinds or (extension and not np.can_cast(array.dtype, np.float32, "unsafe")):
        raise ArgumentError(name, array.dtype.name, _REAL)
    if extension and (array.dtype.fields is not None or array.dtype.name.startswith("void")):
        raise ArgumentError(name, array.dtype.name, _REAL)
    if kind == "O":  # integers beyond 64 bits; None and texts, which are refused
        found = [real_number(value) for value in array.flat]
        if None in found:
            raise ArgumentError(name, array.flat[found.index(None)], _REAL)
        return np.array(found, dtype=np.float64).reshape(array.shape)
    with np.errstate(over="ignore"):
        return array.astype(np.float64, copy=False)


def _first(bad: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])


def _at(value: float, place: tuple[int, ...]) -> Sentence:
    return say("{value:g} at index {place}", value=float(value), place=place)
