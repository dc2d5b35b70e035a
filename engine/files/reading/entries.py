"""What a source says of its arrays: which can be read as numbers, and why another cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.reading.arrays import Array
from engine.files.reading.tables import TableReading
from engine.sentences import as_sentence, joined, say

AXES_MAX = 64  # NumPy has no array of more
_REFUSED = {"M": say("dates"), "m": say("time spans"), "S": say("text"), "U": say("text")}


@dataclass(frozen=True)
class Entry:
    """One array of a source, described without reading it.

    Attributes
    ----------
    name : str
        Unique within the source; what `MatrixSource.read` takes.
    shape : tuple of int
        Shape of the whole array; ``()`` where it could not be found out.
    dtype : numpy.dtype
        Element type as stored.
    bytes : int
        Size of the array in memory.
    note : str
        What a person should know: a description, missing values, why it cannot be read.
    readable : bool
        False when `MatrixSource.read` would refuse; ``note`` then says why.
    notes : tuple of str
        Sentences on the reading, each of them in ``note``, too: what was left out, replaced or
        guessed (`noting`).
    row_labels, column_labels : tuple of str
        Names found beside the numbers, one for each row and column; empty where there are none.
    views : tuple of str
        Matrices that an array of more axes can be read as: what `MatrixSource.read` takes as
        ``view``.
    axes : tuple of int
        Lengths of all axes as they are stored, where there are views.
    view : str
        The one of ``views`` that suits: a kernel of a network is unfolded; "" is the array as
        `MatrixSource.read` gives it without a view, its last two axes.
    reading : TableReading or None
        How the lines of a table were read, every choice told; None of what is no table.
    doubts : tuple of str
        Fields of ``reading`` that could as well be otherwise: another reading can be defended.
    stored : int or None
        How many entries a sparse array keeps; None for a dense one.
    channels : int
        How many pictures of equal width stand side by side in the columns: 3 for the unfolding
        [R | G | B] of a colour picture, which ``a.reshape(h, 3, w).swapaxes(1, 2)`` folds back
        to h x w x 3; 1 for everything else.
    aside : str
        Why it stands for no matrix of its own, a sentence: packed codes, their scales, one factor
        of a product. "" for everything else.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    bytes: int
    note: str = ""
    readable: bool = True
    channels: int = 1
    notes: tuple[str, ...] = ()
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    axes: tuple[int, ...] = ()
    view: str = ""
    reading: TableReading | None = None
    doubts: tuple[str, ...] = ()
    stored: int | None = None
    aside: str = ""

    def noting(self, *sentences: str) -> Entry:
        """Return the entry with more to say of its reading, in ``notes`` and in ``note``.

        Examples
        --------
        >>> entry = Entry("a", (2,), np.dtype("f4"), 8, "complex numbers").noting("Unpacked.")
        >>> entry.notes, str(entry.note)
        (('Unpacked.',), 'complex numbers Unpacked.')
        """
        note = joined(self.note, *sentences)
        return replace(self, note=note, notes=(*self.notes, *sentences))


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
    if len(shape) > AXES_MAX:
        raise BadArray(
            say("it has {count} axes, at most {limit} are read", count=len(shape), limit=AXES_MAX),
            "Reshape it.",
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
            "If they are of a type that NumPy lacks (float8), save array.astype(numpy.float32).",
        )
