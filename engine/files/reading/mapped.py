"""Parts of arrays that lie in a file as they are: mapped, and copied only where that is small."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine.errors import FileError
from engine.files.reading.guard import lost_pages, watch
from engine.files.reading.source import Array, Selection
from engine.jobs import Progress, checkpoint

# Up to this size a part is copied: a file cut short later does not matter to it.
_COPY_BYTES = 64 << 20


def read_mapped(
    path: str,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    offset: int,
    selection: Selection,
    progress: Progress | None,
    *,
    order: Literal["C", "F"] = "C",
    field: str | None = None,
) -> Array:
    """Return a part of the array that begins ``offset`` bytes into a file.

    Parameters
    ----------
    field : str, optional
        Which field of a record array is meant.

    Returns
    -------
    ndarray
        A copy up to 64 MiB; beyond that a read-only memory map, which is watched: entries that
        the file loses later read as NaN.

    Raises
    ------
    FileError
        When the file is cut short while it is read.
    """
    # A map per read keeps threads apart and leaves no handle open between reads.
    with open(path, "rb") as file:
        try:
            opened = np.memmap(file, dtype=dtype, mode="r", offset=offset, shape=shape, order=order)
        except ValueError as error:  # shorter than the map: since it was opened
            raise _cut_short(path) from error
        status = os.fstat(file.fileno())
        # Which file it is of: another one may have its name by the time it is sent to a worker.
        opened.identity = status.st_dev, status.st_ino  # type: ignore[attr-defined]
    mapped: Array = opened.view(np.ndarray)
    # With "...", or a single entry would be a copy, and not lie where it does in the file.
    part: Array = (mapped if field is None else mapped[field])[(*selection, ...)]
    checkpoint(progress)
    low, high = byte_bounds(part)
    if high - low <= _COPY_BYTES:
        return _copied(path, part, offset + low - byte_bounds(mapped)[0], low, high - low)
    watch(opened)
    if part.nbytes > _COPY_BYTES:
        return part
    lost = lost_pages()
    copy = part.copy(order="K")
    if lost_pages() != lost:
        raise _cut_short(path)
    return copy


def _copied(path: str, part: Array, start: int, low: int, size: int) -> Array:
    """Return a part whose bytes lie close together, read without touching a mapped page."""
    with open(path, "rb") as file:
        file.seek(start)
        data = file.read(size)
    if len(data) < size:
        raise _cut_short(path)
    inside = part.__array_interface__["data"][0] - low
    held: Array = np.ndarray(part.shape, part.dtype, data, inside, part.strides)
    return held.copy(order="K")


def _cut_short(path: str) -> FileError:
    return FileError(
        path,
        "the file was cut short while it was read",
        "Open it again once it has been written.",
    )
