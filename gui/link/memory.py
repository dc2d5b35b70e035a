"""Arrays in a file in memory that another process may map: written here, checked there.

A file is written once, and sealed by who reads it: it can be neither cut nor changed while it is
looked at. Where it cannot be sealed it is copied.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.errors import RankscopeError
from engine.room import available_memory
from engine.sentences import say
from gui.link.arrays import SHORT, SPARSE, Array, Given, dtype_named

_ALIGNED = 64
_PIECE = 8 << 20  # bytes copied at a time of what does not lie in one run
_MOST = 1 << 30  # bytes of one call of the system
_AXES_MAX = 64
_SPARE = 64 << 20  # bytes of memory that are left to others
_SMALL = 8 << 20  # bytes for which nobody is asked: it would cost as much as they do
_KEPT_LEAST, _KEPT_MOST = 256 << 10, 32 << 20  # bytes of a file that is kept for a loop
_FILLED = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.ENOMEM, errno.EFBIG, errno.EDQUOT)


class Spare:
    """A file that has been written into and sent to nobody: the next call of a loop has it.

    Pages of memory that nobody had yet cost several times what writing into them does, at random.
    """

    def __init__(self) -> None:
        self._held: list[tuple[int, int]] = []  # at most one: its size, and the file
        self._filling: list[int] = []  # the file that is being made, by the thread that listens

    def keep(self, file: int, size: int) -> None:
        """Have a file for the next array of this size; closed where there is one, or no need."""
        if self._held or not _KEPT_LEAST <= size <= _KEPT_MOST:
            os.close(file)
        else:
            self._held.append((size, file))

    def prepare(self, size: int) -> None:
        """Make a file of this size, its pages there, where there is none."""
        if self._held or not _KEPT_LEAST <= size <= _KEPT_MOST or not _in_memory():
            return  # for a small one it would cost more than it spares
        with contextlib.suppress(OSError):
            file = _new_file("")
            self._filling.append(file)
            try:
                _fill(file, size)
            except OSError:
                os.close(file)
                raise
            finally:
                self._filling.clear()
            self.keep(file, size)

    def taken(self, size: int) -> int | None:
        """Return the file for an array of this size, whose it is now."""
        try:
            held, file = self._held.pop()
        except IndexError:
            return None
        if held == size:
            return file
        os.close(file)
        return None

    def drop(self) -> None:
        """Give its memory back."""
        while self._held:
            with contextlib.suppress(IndexError, OSError):
                os.close(self._held.pop()[1])

    def abandon(self) -> None:
        """Let go in a forked child, where nobody goes on with what was being made."""
        self._held += ((0, file) for file in self._filling)
        self._filling.clear()
        self.drop()


def size_of(arrays: Sequence[Given]) -> int:
    """Return the bytes of the file that holds them."""
    return sum(-(-part.nbytes // _ALIGNED) * _ALIGNED for one in arrays for part in one.parts)


def written(
    arrays: Sequence[Given], folder: str, spare: Spare | None = None
) -> tuple[int, list[dict[str, Any]]]:
    """Write arrays into a file in memory; return it, and what there is to say of it.

    Parameters
    ----------
    arrays : sequence of Given
    folder : str
        Where the file is made, without a name, on systems that have none in memory.
    spare : Spare, optional
        May have a file for it.

    Raises
    ------
    RankscopeError
        When there is no room.
    """
    total = size_of(arrays)
    free = available_memory() if total > _SMALL else None
    if free is not None and total + _SPARE > free:
        raise _no_room(arrays, total)
    file = spare.taken(total) if spare is not None else None
    if file is None:
        file = _new_file(folder)
    place = 0
    try:
        said = []
        for one in arrays:
            parts, place = _written(file, one, place)
            said.append(parts)
        return file, said
    except OSError as error:
        os.close(file)
        if error.errno in _NO_ROOM:
            raise _no_room(arrays, total) from error
        raise
    except BaseException:
        os.close(file)
        raise


def _in_memory() -> bool:
    return hasattr(os, "memfd_create")


def _new_file(folder: str) -> int:
    if _in_memory():
        return os.memfd_create("rankscope", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


def _fill(file: int, size: int) -> None:
    zeros, place = memoryview(bytes(min(size, _FILLED))), 0
    while place < size:
        place += os.pwrite(file, zeros[: size - place], place)


def _written(file: int, one: Given, place: int) -> tuple[dict[str, Any], int]:
    """Write an array from ``place`` on; return what there is to say of it, and where it ends."""
    parts = []
    for part in one.parts:
        across = part.ndim > 1 and part.flags.f_contiguous and not part.flags.c_contiguous
        begin = place = -(-place // _ALIGNED) * _ALIGNED
        for piece in _pieces(part.T if across else part):
            place = _write_all(file, piece, place)
        name = part.dtype.name if part.dtype.name in SHORT else part.dtype.str
        parts.append([name, list(part.shape), begin, across])
    said = {"name": one.name, "layout": one.layout, "shape": list(one.shape), "parts": parts}
    return said, place


def _pieces(array: Array) -> Iterator[Array]:
    """Yield the numbers in their order, in runs that lie in memory as they are written."""
    if array.flags.c_contiguous:
        yield array
        return
    row = array[:1].nbytes
    if row > _PIECE and array.ndim > 1:
        for one in array:
            yield from _pieces(one)
        return
    step = max(1, _PIECE // max(1, row))
    for first in range(0, len(array), step):
        yield np.ascontiguousarray(array[first : first + step])


def _write_all(file: int, array: Array, place: int) -> int:
    left = array.reshape(-1).view(np.uint8).data
    while left:  # one call of the system a piece: at each another thread may come between
        count = os.pwrite(file, left[:_MOST], place)
        left, place = left[count:], place + count
    return place


def _no_room(arrays: Sequence[Given], total: int) -> RankscopeError:
    names = ", ".join(one.name for one in arrays)
    return RankscopeError(
        say(
            "There is no room in memory for a copy of {names} ({size:.3g} GB). Show a part of it.",
            names=names,
            size=total / 1e9,
        )
    )


# -- read --------------------------------------------------------------------------------------


class BadFile(ValueError):
    """What is said of a file in memory is not so."""


def read(file: int, said: Any) -> list[Given]:
    """Return the arrays of a file from outside, read-only; the file may be closed then.

    Parameters
    ----------
    file : int
        An open file.
    said : object
        What `written` has said of it; every part of it is checked.

    Raises
    ------
    BadFile
        When a file is shorter than it says, or what is said makes no sense.
    """
    try:
        found = [_described(one) for one in _list(said)]
        if not found or len({name for name, _, _, _ in found}) < len(found):
            raise ValueError("names")
        memory = _memory(file, max(_end(part) for *_, parts in found for part in parts))
        return [
            Given(name, layout, shape, tuple(_array(memory, *part) for part in parts))
            for name, layout, shape, parts in found
        ]
    except BadFile:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, OSError, ImportError) as error:
        raise BadFile(str(error)) from error


_Part = tuple[np.dtype[Any], tuple[int, ...], int, bool]


def _described(one: Any) -> tuple[str, str, tuple[int, ...], list[_Part]]:
    name, layout = one["name"], one["layout"]
    if not isinstance(name, str) or not 0 < len(name) <= 512 or "\0" in name:
        raise ValueError("name")
    shape, parts = _shape(one["shape"]), [_part(part) for part in _list(one["parts"])]
    if layout == "dense" and [part[1] for part in parts] == [shape]:
        return name, layout, shape, parts
    if layout in SPARSE and len(shape) == 2 and len(parts) == 3:
        data, indices, starts = parts
        fits = starts[1] == (shape[SPARSE.index(layout)] + 1,) and data[1] == indices[1]
        if fits and len(data[1]) == 1 and indices[0].kind == starts[0].kind == "i":
            return name, layout, shape, parts
    raise ValueError("parts")


def _part(said: Any) -> _Part:
    name, shape, place, across = _list(said)
    if not isinstance(name, str) or type(place) is not int or place < 0 or place % _ALIGNED:
        raise ValueError("place")
    return dtype_named(name), _shape(shape, empty=True), place, bool(across)


def _shape(said: Any, *, empty: bool = False) -> tuple[int, ...]:
    shape = tuple(_list(said))
    if not 0 < len(shape) <= _AXES_MAX or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError("shape")
    if 0 in shape and not empty:
        raise ValueError("shape")
    return shape


def _list(said: Any) -> list[Any]:
    if not isinstance(said, list):
        raise TypeError("list")
    return said


def _end(part: _Part) -> int:
    dtype, shape, place, _ = part
    return place + math.prod(shape) * dtype.itemsize


def _memory(file: int, size: int) -> Any:
    """Return the first ``size`` bytes of a file: mapped where it can be sealed, or copied."""
    held = os.fstat(file).st_size
    if size > held:
        raise BadFile(f"{held} bytes, {size} are said")
    if _is_sealed(file) and size:
        return mmap.mmap(file, size, mmap.MAP_PRIVATE, mmap.PROT_READ)
    copy = np.empty(size, np.uint8)
    view, done = copy.data, 0
    while done < size:
        count = os.preadv(file, [view[done : done + _MOST]], done)
        if not count:
            raise BadFile("it is being cut")
        done += count
    return copy


def _is_sealed(file: int) -> bool:
    """Seal a file against every change; return whether it is."""
    try:
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_WRITE
        with contextlib.suppress(OSError):  # somebody may write into it, or has sealed it
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
        return fcntl.fcntl(file, fcntl.F_GET_SEALS) & seals == seals
    except (OSError, AttributeError):
        return False


def _array(
    memory: Any, dtype: np.dtype[Any], shape: tuple[int, ...], place: int, across: bool
) -> Array:
    count = math.prod(shape)
    flat = np.frombuffer(memory, dtype, count, place) if count else np.empty(0, dtype)
    found: Array = flat.reshape(shape[::-1]).T if across else flat.reshape(shape)
    found.flags.writeable = False
    return found
