"""Classic netCDF files (.nc .cdf of version 3) by SciPy; version 4 is HDF5.

References
----------
Unidata, "NetCDF Classic Format Specification", 2011.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts.hdf5.coordinates import coordinate_names
from engine.files.layouts.hdf5.packing import Packing, default_fill, packing_of
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.entries import BadArray, array_entry, require_readable, unreadable_entry
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.files.reading.watched import WatchedFile
from engine.jobs import Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, say

_SIGNATURES = (b"CDF\x01", b"CDF\x02")
_NEWER = b"CDF\x05"


class Netcdf3Source(MatrixSource):
    """One classic netCDF file; the variable read last is kept."""

    def __init__(
        self,
        path: str,
        known: Fingerprint,
        entries: tuple[Entry, ...],
        packings: dict[str, Packing | None],
    ) -> None:
        super().__init__(path, FORMAT, entries, known)
        self._packings = packings

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        whole = self._kept.get(entry.name, lambda: self._load(entry, progress), progress)
        return whole[selection]

    def _load(self, entry: Entry, progress: Progress | None) -> Array:
        require_room(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        with _opened(self.path, progress) as file:
            codes = np.array(file.variables[entry.name].data)
        packing = self._packings[entry.name]
        numbers = codes if packing is None else packing.apply(codes)
        return numbers.astype(entry.dtype, copy=False)


def open_netcdf3(path: str, progress: Progress | None = None) -> Netcdf3Source:
    """Open a classic netCDF file; its variables are listed.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or holds no array of numbers.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Listing the variables")
    known = fingerprint(path)
    # SciPy reads all of the file to list it.
    require_room(path, 2 * known.size, say("the file"))
    entries: list[Entry] = []
    packings: dict[str, Packing | None] = {}
    with _opened(path, progress) as file:
        for name, variable in file.variables.items():
            codes = np.asarray(variable.data)
            dtype = codes.dtype
            default = default_fill(dtype)
            # All of it is read anyway: what is not there need not be said.
            occurs = default is not None and bool((codes == dtype.type(default)).any())
            unwritten = default if occurs else None
            packings[name] = packing_of(variable._attributes, dtype, unwritten)
            entry = _entry(name, dtype, tuple(variable.shape), packings[name])
            entries.append(_labelled(entry, variable.dimensions, file.variables))
    require_unchanged(path, known)
    require_readable(path, entries)
    return Netcdf3Source(path, known, tuple(entries), packings)


FORMAT = Format(
    key="netcdf3",
    title="Classic netCDF",
    suffixes=(".cdf",),
    open=open_netcdf3,
    matches=lambda head: head.startswith((*_SIGNATURES, _NEWER)),
)


def _entry(
    name: str, dtype: np.dtype[Any], shape: tuple[int, ...], packing: Packing | None
) -> Entry:
    native = dtype.newbyteorder("=")
    try:
        if packing is None:
            return array_entry(name, native, shape)
        unpacked = packing.dtype(dtype).newbyteorder("=")
        return array_entry(name, unpacked, shape).noting(*packing.notes())
    except BadArray as error:
        return unreadable_entry(name, error.sentence, shape)


def _labelled(entry: Entry, dimensions: tuple[str, ...], variables: Any) -> Entry:
    """Return a matrix with the coordinates of its axes: variables of the name of the dimension."""
    if not entry.readable or len(entry.shape) != 2:
        return entry
    names: list[tuple[str, ...]] = []
    for dimension, count in zip(dimensions, entry.shape, strict=True):
        found = variables.get(dimension)
        values = None if found is None else np.asarray(found.data)
        names.append(() if values is None else coordinate_names(values, found._attributes, count))
    return replace(entry, row_labels=names[0], column_labels=names[1])


@contextmanager
def _opened(path: str, progress: Progress | None) -> Iterator[Any]:
    """Open with SciPy; whatever it raises in here becomes a `FileError`."""
    import scipy.io

    with file_errors(path), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            with WatchedFile(path, progress, "Reading the variables") as stream:
                if stream.peek(4)[:4] == _NEWER:
                    raise FileError(
                        path,
                        "this is netCDF of 64-bit data (CDF-5), which is not read here",
                        "Save it as netCDF-4: nccopy -k nc4 IN OUT",
                    )
                with scipy.io.netcdf_file(stream, "r", mmap=False, maskandscale=False) as file:
                    yield file
        except (ValueError, TypeError, LookupError, AttributeError, struct.error) as error:
            if isinstance(error, FileError):
                raise
            raise _damaged(path, str(error).rstrip(".") or type(error).__name__) from error
        except (OverflowError, EOFError, AssertionError, RecursionError) as error:
            raise _damaged(path, str(error) or type(error).__name__) from error


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("it cannot be read as netCDF ({reason})", reason=as_sentence(reason)),
        "It may be damaged: save or copy it again.",
    )
