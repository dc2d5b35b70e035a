"""What the state lists of open files: their arrays, and the matrices these can be read as."""

from __future__ import annotations

import math
import os
import re
from dataclasses import field
from typing import ClassVar

from gui.frozen import dataclass

AXES_MAX = 64  # of an array, as NumPy has it
PROCESSES = "rankscope:process/"  # begins the path of an array that a running program shows
_PATH_MAX = 4096  # characters
_BLOCKS = re.compile(r"blocks of ([1-9]\d*) (rows|columns)")
Said = tuple[tuple[str, str], ...]  # of a table: fields of a TableReading, as they are typed
# What is found again whenever a file is opened is no part of a session.
_FOUND_AGAIN = {"saved": False}


def is_path(path: str) -> bool:
    """Whether a text from outside can be the path or the name of a file.

    Examples
    --------
    >>> is_path("a.npy"), is_path(""), is_path("a\\0b")
    (True, False, False)
    """
    return 0 < len(path) <= _PATH_MAX and "\0" not in path


def is_shown(path: str) -> bool:
    """Whether this is no file but an array that a running program shows (``rankscope.show``)."""
    return path.startswith(PROCESSES)


def as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the shape of a vector or matrix as that of a matrix."""
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def program_of(path: str) -> str:
    """Return what the paths of all arrays begin with that one running program shows.

    Examples
    --------
    >>> program_of("rankscope:process/train.py/model/weight")
    'rankscope:process/train.py'
    """
    return PROCESSES + path.removeprefix(PROCESSES).partition("/")[0]


def stamp_of(path: str) -> str:
    """Return what changes when a file does, "" where there is none (any more)."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def is_coloured(shape: tuple[int, ...], channels: int) -> bool:
    """Whether an array can hold so many pictures side by side: one, or red, green and blue."""
    return channels == 1 or (channels == 3 and len(shape) == 2 and shape[1] % 3 == 0)


@dataclass(frozen=True)
class ViewInfo:
    """A matrix that an array of more axes can be read as, of ``shape``.

    ``fixed`` lists (axis, length) of the axes that stand at an index; the view that is ``plain`` is
    what the array is without one.
    """

    name: str
    shape: tuple[int, ...]
    fixed: tuple[tuple[int, int], ...] = ()
    plain: bool = False


@dataclass(frozen=True)
class EntryInfo:
    """One array of an open file: its name, shape, dtype name and a remark ("3 missing values").

    ``readable`` is False for entries that cannot be opened; ``note`` then says why. ``channels``
    is 3 for a colour picture, kept as the matrix [R | G | B] of its three channels. ``view`` is
    the one of ``views`` that suits it, "" its last two axes; ``axes`` are the lengths of all.
    """

    MOST: ClassVar[int] = 100_000  # in a list from outside

    name: str
    shape: tuple[int, ...]
    dtype: str
    note: str = ""
    readable: bool = True
    channels: int = 1
    views: tuple[ViewInfo, ...] = field(default=(), metadata=_FOUND_AGAIN)
    view: str = field(default="", metadata=_FOUND_AGAIN)
    axes: tuple[int, ...] = field(default=(), metadata=_FOUND_AGAIN)

    @property
    def is_possible(self) -> bool:
        """Whether there can be such an array: what a session says need not be so."""
        sizes = 0 < len(self.shape) <= AXES_MAX and all(size >= 0 for size in self.shape)
        known = sizes and math.prod(self.shape) < 2**63
        return (known and is_coloured(self.shape, self.channels)) or not self.readable

    def layout(self, view: str) -> ViewInfo:
        """Return the view of that name; of one that there is not, and of "", the plain one.

        Every matrix can be cut into blocks of its rows or columns: a head of an attention layer.

        Examples
        --------
        >>> EntryInfo("q", (8, 3), "float32").layout("blocks of 4 rows")
        ViewInfo(name='blocks of 4 rows', shape=(4, 3), fixed=((0, 2),), plain=False)
        """
        if block := self._blocks(view):
            return block
        named = (one for one in self.views if one.name == view)
        plain = (one for one in self.views if one.plain)
        found = next(named, None) or next(plain, None)
        if found is not None:
            return found
        leading = self.shape[:-2] if len(self.shape) > 2 else ()
        return ViewInfo("", self.shape[len(leading) :], tuple(enumerate(leading)), True)

    def _blocks(self, view: str) -> ViewInfo | None:
        found = _BLOCKS.fullmatch(view)
        if found is None or len(self.shape) != 2:
            return None
        axis, size = int(found[2] == "columns"), int(found[1])
        if self.shape[axis] % size:
            return None
        shape = (size, self.shape[1]) if axis == 0 else (self.shape[0], size)
        return ViewInfo(view, shape, ((axis, self.shape[axis] // size),))


def blocks(size: int, columns: bool) -> str:
    """Return the name of the view that cuts a matrix into blocks.

    Examples
    --------
    >>> blocks(64, columns=False)
    'blocks of 64 rows'
    """
    return f"blocks of {size} {'columns' if columns else 'rows'}"


@dataclass(frozen=True)
class OpenFile:
    """An open file: absolute ``path`` (or EXAMPLES_PATH), display ``title`` and its arrays.

    ``stamp`` changes when the file on disk does, so that opening it again is seen as new data.
    ``notes`` say what was skipped or assumed while it was read. ``reading`` is what was said of
    a table as it was read; ``table`` whether there is anything to say.
    """

    path: str
    title: str
    entries: tuple[EntryInfo, ...]
    stamp: str = ""
    notes: tuple[str, ...] = ()
    reading: Said = ()
    table: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether there can be such a file: what a session says need not be so."""
        names = {entry.name for entry in self.entries}
        return is_path(self.path) and len(names) == len(self.entries)

    def find(self, name: str) -> EntryInfo | None:
        """Return the array of that name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)

    @property
    def version(self) -> str:
        """What changes when its arrays may: the file, or how it is read."""
        return f"{self.stamp}|{self.reading}" if self.reading else self.stamp
