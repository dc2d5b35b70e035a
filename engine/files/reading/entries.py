"""Which arrays can be read as numbers, and the sentence that says why one cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.reading.source import Array, Entry
from engine.sentences import as_sentence, joined, say

_REFUSED = {"M": say("dates"), "m": say("time spans"), "S": say("text"), "U": say("text")}


class BadArray(Exception):
    """An array that is not usable: a problem and a hint, and both in a row, without the path."""

    def __init__(self, problem: str, hint: str = "") -> None:
        self.problem = problem
        self.hint = hint
        self.sentence = joined(say("{problem}.", problem=as_sentence(problem)), hint)
        super().__init__(self.sentence)


def array_entry(name: str, dtype: np.dtype[Any], shape: tuple[int, ...], note: str = "") -> Entry:
    """Describe an array of numbers.

    Raises
    ------
    BadArray
        When it holds anything but numbers, or none at all.

    Examples
    --------
    >>> array_entry("q", np.dtype("<f4"), (2, 3)).bytes
    24
    """
    require_numbers(dtype)
    if not shape:
        raise BadArray(
            "it is a single number, not an array (0 dimensions)", "Save a vector or a matrix."
        )
    if 0 in shape:
        raise BadArray(
            say("it has no elements (shape {shape})", shape=shape), "Save an array with data in it."
        )
    if dtype.kind == "c":
        note = joined(note, "complex numbers")
    return Entry(name, shape, dtype, math.prod(shape) * dtype.itemsize, note)


def is_numeric(dtype: np.dtype[Any]) -> bool:
    """Return whether an element is a number: bool, integer, real or complex.

    Examples
    --------
    >>> is_numeric(np.dtype("<f4")), is_numeric(np.dtype("V2"))
    (True, False)
    """
    # bfloat16 and float8 come from ml_dtypes: their kind is that of raw bytes, their type is not.
    return dtype.kind in "biufc" or (dtype.kind == "V" and dtype.type is not np.void)


def join_complex(real: Array, imaginary: Array) -> Array:
    """Return complex numbers of two equal arrays; unlike a sum, infinite parts stay apart.

    Examples
    --------
    >>> join_complex(np.array([1.0]), np.array([np.inf])).real
    array([1.])
    """
    joined = np.empty(real.shape, np.result_type(real, imaginary, np.complex64))
    joined.real, joined.imag = real, imaginary
    return joined


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sorting key that counts as people do: layer 2 before layer 10.

    Examples
    --------
    >>> sorted(["w.10", "w.2", "b"], key=natural_order)
    ['b', 'w.2', 'w.10']
    """
    parts = re.split(r"0*([0-9]+)", name)
    # Longer numbers are larger; the text between them counts as of no length.
    return [(len(part) if i % 2 else 0, part) for i, part in enumerate(parts)]


def unreadable_entry(name: str, reason: str, shape: tuple[int, ...] = ()) -> Entry:
    """Describe an array that is listed, with the reason why it cannot be read."""
    return Entry(name, shape, np.dtype(object), 0, reason, readable=False)


def require_readable(path: str, entries: Sequence[Entry]) -> None:
    """Refuse a file of which no array can be read, or that has none.

    Raises
    ------
    FileError
        With the reason of the first.
    """
    if not entries:
        raise FileError(path, "there is no array in it", "Save arrays in it, or choose another.")
    if any(entry.readable for entry in entries):
        return
    first = entries[0]
    raise FileError(
        path,
        say(
            "none of its {count} arrays can be read; '{name}': {note}",
            count=len(entries),
            name=first.name,
            note=as_sentence(first.note),
        ),
    )


def require_numbers(dtype: np.dtype[Any]) -> None:
    """Refuse an element type that is no number.

    Raises
    ------
    BadArray
        Saying what it is instead.
    """
    if dtype.hasobject:
        raise BadArray(
            "it holds Python objects, which are never unpickled because that can run any program",
            "Convert it to numbers first: numpy.save(file, array.astype(float)).",
        )
    if dtype.kind in _REFUSED:
        raise BadArray(
            say("it holds {what}", what=_REFUSED[dtype.kind]), "Convert it to numbers first."
        )
    if dtype.names is not None:
        raise BadArray("it holds records inside records", "Save the columns as plain arrays.")
    if not is_numeric(dtype):
        raise BadArray(
            say("it holds raw bytes ({dtype}), not numbers", dtype=dtype),
            "If they are bfloat16, save array.astype(numpy.float32) instead.",
        )
