"""How requests and results cross to the worker process and back without copying twice.

Arrays above ``LARGE`` bytes travel in one shared memory segment per message, arrays mapped from
a file travel as (file, offset, shape) and are mapped again over there, everything else is
pickled. Both names of the segments of a job are chosen by the parent: whatever happens to the
child, the parent knows what to unlink, so nothing is left behind in memory.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from mmap import mmap
from multiprocessing.shared_memory import SharedMemory
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from gui.core.words.i18n import tr
from gui.frozen import dataclass

LARGE = 1 << 20
_ALIGNMENT = 64
_TRIES = 20


@dataclass(frozen=True)
class Parcel:
    """A packed object: its pickle, and where in which shared segment its large buffers lie."""

    data: bytes
    segment: str = ""
    spans: tuple[tuple[int, int], ...] = ()  # (offset, size)


def pack(thing: Any, segment: str) -> tuple[Parcel, SharedMemory | None]:
    """Pack ``thing``; large arrays go to a new shared segment called ``segment``.

    The caller owns the segment that comes back (None where none was needed).
    """
    data, buffers = _packed(thing)
    if not buffers:
        return Parcel(data), None
    spans, total = _layout([buffer.nbytes for buffer in buffers])
    if not _has_room(total):
        return Parcel(_dumps(thing, None)), None
    memory = SharedMemory(segment, create=True, size=total)
    try:
        for (offset, size), buffer in zip(spans, buffers, strict=True):
            _copy(buffer, memory, offset, size)
    except BaseException as error:
        error.__traceback__ = None  # its frames hold views of the segment
        memory.close()
        memory.unlink()
        raise
    return Parcel(data, segment, spans), memory


def _packed(thing: Any) -> tuple[bytes, list[memoryview]]:
    """Return a pickle and the large buffers that are not in it."""
    buffers: list[memoryview] = []

    def in_band(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < LARGE:
            return True
        buffers.append(raw)
        return False

    tries = _TRIES
    while True:
        buffers.clear()
        try:
            return _dumps(thing, in_band), buffers
        except RuntimeError as error:
            # Another thread has just kept what it computed once (`cached_property`) in there.
            tries -= 1
            if not tries or "changed size" not in str(error):
                raise


def _copy(buffer: memoryview, memory: SharedMemory, offset: int, size: int) -> None:
    # numpy copies without holding the interpreter lock, a memoryview assignment does not.
    target = np.frombuffer(_bytes(memory), np.uint8, size, offset)
    np.copyto(target, np.frombuffer(buffer, np.uint8))


class FileLost(RuntimeError):
    """A file whose numbers are needed is not there any more."""

    for_people = True


def unpack(parcel: Parcel, *, copy: bool) -> tuple[Any, SharedMemory | None]:
    """Return what was packed, its arrays read-only.

    With ``copy`` the arrays own their memory and the segment is closed again; without it they
    are views of the segment that comes back, which must outlive them.
    """
    if not parcel.segment:
        return pickle.loads(parcel.data), None
    memory = SharedMemory(parcel.segment)
    views: list[Any] = []
    for offset, size in parcel.spans:
        if copy:
            own = np.array(np.frombuffer(_bytes(memory), np.uint8, size, offset))
            own.flags.writeable = False
            views.append(own)
        else:
            views.append(_bytes(memory)[offset : offset + size].toreadonly())
    if copy:
        memory.close()
        return pickle.loads(parcel.data, buffers=views), None
    try:
        return pickle.loads(parcel.data, buffers=views), memory
    except BaseException as error:
        # Collected with views of it left, the segment would complain to the terminal.
        error.__traceback__ = None
        with suppress(BufferError):
            for view in views:
                view.release()
            memory.close()
        raise


def discard(segment: str) -> None:
    """Unlink ``segment`` if it exists; what a killed worker may have left."""
    with suppress(FileNotFoundError):
        memory = SharedMemory(segment)
        memory.close()
        memory.unlink()


def _bytes(memory: SharedMemory) -> memoryview:
    if memory.buf is None:
        raise ValueError("the shared memory is closed")
    return memory.buf


def _layout(sizes: list[int]) -> tuple[tuple[tuple[int, int], ...], int]:
    spans, offset = [], 0
    for size in sizes:
        spans.append((offset, size))
        offset += -(-size // _ALIGNMENT) * _ALIGNMENT
    return tuple(spans), offset


def _has_room(size: int) -> bool:
    # Writing past the end of a full /dev/shm (64 MB in many containers) is a bus error that
    # ends the whole application: ask first, and let the pipe carry what does not fit.
    try:
        disk = os.statvfs("/dev/shm")
    except (AttributeError, OSError):
        return True
    return disk.f_bavail * disk.f_frsize > size + (1 << 20)


class _Pickler(pickle.Pickler):
    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, np.ndarray):
            return _reduce_array(thing)
        if isinstance(thing, MappingProxyType):  # frozen records carry them; pickle refuses
            return MappingProxyType, (dict(thing),)
        return NotImplemented


def _dumps(thing: Any, in_band: Callable[[pickle.PickleBuffer], bool] | None) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, protocol=5, buffer_callback=in_band).dump(thing)
    return stream.getvalue()


def _reduce_array(array: np.ndarray[Any, Any]) -> Any:
    if array.nbytes < LARGE or array.dtype.hasobject:
        return NotImplemented
    mapped = _reduce_mapped(array)
    if mapped is not None:
        return mapped
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = np.ascontiguousarray(array)  # only contiguous memory travels out of band
    return np.asarray(array).__reduce_ex__(5)


def _reduce_mapped(array: np.ndarray[Any, Any]) -> Any | None:
    """Describe an array that views a file opened read-only; None for any other array."""
    base: Any = array
    while isinstance(base, np.ndarray) and not isinstance(base.base, mmap):
        base = base.base
    if not isinstance(base, np.memmap) or base.mode != "r" or base.filename is None:
        return None
    # `base` is the map as it was opened, so its offset is true (a view's copy of it is not).
    low, high = byte_bounds(array)
    start = low - byte_bounds(base)[0] + int(base.offset)
    path, size = os.fspath(base.filename), high - low
    try:
        status = os.stat(path)
    except OSError:
        return None
    identity = getattr(base, "identity", (status.st_dev, status.st_ino))
    if status.st_size < start + size or identity != (status.st_dev, status.st_ino):
        return None
    inside = array.__array_interface__["data"][0] - low
    return _map_again, (str(path), start, size, array.dtype, array.shape, inside, array.strides)


def _map_again(
    path: str,
    start: int,
    size: int,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    inside: int,
    strides: tuple[int, ...],
) -> np.ndarray[Any, Any]:
    try:
        data = np.memmap(path, np.uint8, "r", start, (size,))
    except (OSError, ValueError) as error:
        raise FileLost(
            tr("{path} was cut short or has gone while it was read. Open it again.", path=path)
        ) from error
    return np.ndarray(shape, dtype, data, inside, strides)
