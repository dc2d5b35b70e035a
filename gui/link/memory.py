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
_NO_ROOM = (errno.ENOSPC, errno.ENOMEM, errno.EFBIG, errno.EDQUOT)


def written(arrays: Sequence[Given], folder: str) -> tuple[int, list[dict[str, Any]]]:
    """Write arrays into a new file in memory; return it, and what there is to say of it.

    Parameters
    ----------
    arrays : sequence of Given
    folder : str
        Where the file is made, without a name, on systems that have none in memory.

    Raises
    ------
    RankscopeError
        When there is no room.
    """
    total = sum(-(-part.nbytes // _ALIGNED) * _ALIGNED for one in arrays for part in one.parts)
    free = available_memory() if total > _SMALL else None
    if free is not None and total + _SPARE > free:
        raise _no_room(arrays, total)
    file = _new_file(folder)
    try:
        return file, [_written(file, one) for one in arrays]
    except OSError as error:
        os.close(file)
        if error.errno in _NO_ROOM:
            raise _no_room(arrays, total) from error
        raise
    except BaseException:
        os.close(file)
        raise


def _new_file(folder: str) -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("rankscope", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


def _written(file: int, one: Given) -> dict[str, Any]:
    parts = []
    for part in one.parts:
        place = os.lseek(file, 0, os.SEEK_CUR)
        place = os.lseek(file, -(-place // _ALIGNED) * _ALIGNED, os.SEEK_SET)
        across = part.ndim > 1 and part.flags.f_contiguous and not part.flags.c_contiguous
        for piece in _pieces(part.T if across else part):
            _write_all(file, piece)
        name = part.dtype.name if part.dtype.name in SHORT else part.dtype.str
        parts.append([name, list(part.shape), place, across])
    return {"name": one.name, "layout": one.layout, "shape": list(one.shape), "parts": parts}


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


def _write_all(file: int, array: Array) -> None:
    left = array.reshape(-1).view(np.uint8).data
    while left:
        left = left[os.write(file, left[:_MOST]) :]


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
