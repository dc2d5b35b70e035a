"""Datasets of an HDF5 file by h5py: listed from their headers, and parts of them read.

Only what lies in the file itself is read: datasets that point into other files are not followed,
links are listed.

References
----------
The HDF Group, "HDF5 File Format Specification", version 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts.hdf5.groups import SparseGroup, sparse_group
from engine.files.layouts.hdf5.inside import require_inside
from engine.files.layouts.hdf5.links import Link
from engine.files.layouts.hdf5.packing import Packing
from engine.files.reading import sparse
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
)
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    join_complex,
    natural_order,
    unreadable_entry,
)
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Cancelled, Progress, checkpoint
from engine.room import require_room
from engine.sentences import say

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MAX_OBJECTS = 100_000
_BLOCK_BYTES = 1 << 24


@dataclass(frozen=True)
class Dataset:
    """Where an entry lies.

    Attributes
    ----------
    place : str
        Path inside the file.
    field : str
        The record field that is meant; "" for the whole.
    is_turned : bool
        Whether the axes lie in reverse order, as MATLAB writes them.
    packing : Packing or None
        How its codes become numbers; None where they are numbers.
    """

    place: str
    field: str = ""
    is_turned: bool = False
    packing: Packing | None = None


Place = Dataset | SparseGroup


class Hdf5Source(MatrixSource):
    """One HDF5 file; it is open only while something is read."""

    def __init__(
        self,
        path: str,
        format: Format,
        known: Fingerprint,
        entries: tuple[Entry, ...],
        places: dict[str, Place],
        links: dict[str, Link] | None = None,
    ) -> None:
        super().__init__(path, format, entries, known)
        self._places = places
        self._links = links or {}

    def link(self, name: str) -> tuple[str, str] | None:
        """Return the file that an entry links to and the place in it; None for other entries."""
        found = self._links.get(name)
        return super().link(name) if found is None else (found.path(self.path), found.place)

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        place = self._places[entry.name]
        if isinstance(place, SparseGroup):
            make = partial(self._join, entry, place)
            return sparse.select(self._kept.get(entry.name, make, progress), selection)
        with opened(self.path) as file:
            part = self._part(file[place.place], place, entry, selection, progress)
        if part.dtype.names is not None:  # MATLAB's complex numbers
            part = join_complex(part["real"], part["imag"])
        if place.packing is not None:
            part = place.packing.apply(part)
        return part.astype(entry.dtype, copy=False)

    def _join(self, entry: Entry, place: SparseGroup) -> Any:
        require_room(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        try:
            with opened(self.path) as file:
                return place.read(file)
        except BadArray as error:
            raise FileError(self.path, error.problem, error.hint) from error

    def _part(
        self,
        stored: Any,
        place: Dataset,
        entry: Entry,
        selection: Selection,
        progress: Progress | None,
    ) -> Array:
        view = stored.fields(place.field) if place.field else stored
        if stored.ndim != len(entry.shape):
            # Elements that are arrays themselves: h5py selects along the axes before them.
            require_room(self.path, entry.bytes, say("'{name}'", name=entry.name))
            return np.asarray(np.asarray(view[()])[selection])
        if place.is_turned:
            return self._read(view, entry, entry.shape[::-1], selection[::-1], progress).T
        return self._read(view, entry, entry.shape, selection, progress)

    def _read(
        self,
        view: Any,
        entry: Entry,
        shape: tuple[int, ...],
        selection: Selection,
        progress: Progress | None,
    ) -> Array:
        """Read block by block, so that it can be cancelled."""
        picks, turned = _forward(selection, shape)
        kept = tuple(len(pick) for pick in picks if isinstance(pick, range))
        needed = int(np.prod(kept, dtype=object)) * entry.dtype.itemsize
        require_room(self.path, needed, say("'{name}'", name=entry.name))
        axis = next((i for i, pick in enumerate(picks) if isinstance(pick, range)), None)
        if axis is None or not all(kept):
            return np.asarray(view[tuple(map(_as_index, picks))])
        along = picks[axis]
        assert isinstance(along, range)
        step = max(1, _BLOCK_BYTES // max(1, needed // len(along)))
        parts = []
        for start in range(0, len(along), step):
            checkpoint(progress, start / len(along), "Reading {name}", name=entry.name)
            block = [*picks[:axis], along[start : start + step], *picks[axis + 1 :]]
            parts.append(view[tuple(map(_as_index, block))])
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return np.asarray(whole[turned])


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """Open with h5py; whatever the library raises in here becomes a `FileError`."""
    # Imported here: the window must not wait for it.
    import h5py

    with file_errors(path):
        try:
            # A lock would only keep a program that still writes from going on; changes are found
            # by the state of the file.
            with h5py.File(path, "r", locking=False) as file:
                yield file
        except (FileError, Cancelled, MemoryError, FileNotFoundError, PermissionError):
            raise
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
            raise damaged(path, str(error).strip("'\" .") or type(error).__name__) from error


def walk(path: str, file: Any, progress: Progress | None) -> Iterator[tuple[str, Any]]:
    """Yield the name and the object of all that lies in the file itself, groups included."""
    names: list[str] = []

    def note(name: str) -> None:
        checkpoint(progress)
        names.append(name)
        if len(names) > _MAX_OBJECTS:
            raise FileError(
                path, say("it has more than {count:,} objects", count=_MAX_OBJECTS), "Split it."
            )

    # Soft and external links are not visited, and an object of two names only once.
    file.visit(note)
    names.sort(key=natural_order)
    for number, name in enumerate(names):
        checkpoint(progress, number / len(names), "Listing the arrays")
        yield name, file[name]


def damaged(path: str, reason: str) -> FileError:
    """Return the error for a file that the library cannot make sense of."""
    return FileError(
        path,
        say("it cannot be read as HDF5 ({reason})", reason=reason),
        "It may be damaged: save or copy it again.",
    )


def entry_of(
    name: str, stored: Any, dtype: np.dtype[Any], shape: tuple[int, ...], packing: Any = None
) -> Entry:
    """Describe a dataset as ``dtype`` and ``shape``, or say why it cannot be read."""
    try:
        require_inside(stored)
        if dtype.hasobject:
            raise BadArray("it holds text or references, not numbers")
        if packing is None:
            return array_entry(name, dtype, shape)
        return array_entry(name, packing.dtype(dtype), shape).noting(*packing.notes())
    except BadArray as error:
        return unreadable_entry(name, error.sentence, shape)


def sparse_entry_of(name: str, stored: Any) -> tuple[Entry, SparseGroup | None] | None:
    """Describe a group that is a sparse matrix, None for another."""
    try:
        found = sparse_group(stored)
        return None if found is None else (found.entry(name), found)
    except BadArray as error:
        return unreadable_entry(name, error.sentence), None


def _forward(
    selection: Selection, shape: tuple[int, ...]
) -> tuple[list[int | range], tuple[slice, ...]]:
    """Return positions that only go up, as h5py wants them, and how to turn the result then."""
    picks: list[int | range] = []
    turned: list[slice] = []
    for part, length in zip(selection, shape, strict=True):
        if not isinstance(part, slice):
            picks.append(part % length)
            continue
        places = range(*part.indices(length))
        turned.append(slice(None, None, -1 if places.step < 0 else None))
        picks.append(places[::-1] if places.step < 0 else places)
    return picks, tuple(turned)


def _as_index(pick: int | range) -> int | slice:
    if isinstance(pick, range):
        return slice(pick.start, pick.stop, pick.step) if len(pick) else slice(0, 0)
    return pick
