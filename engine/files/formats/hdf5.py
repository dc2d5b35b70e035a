"""HDF5 files (.h5 .hdf5): the datasets that lie in the file itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.files.layouts.hdf5_datasets import (
    SIGNATURE,
    Dataset,
    Hdf5Source,
    entry_of,
    opened,
    walk,
)
from engine.files.reading.access import (
    fingerprint,
    require_unchanged,
)
from engine.files.reading.entries import (
    require_readable,
)
from engine.files.reading.source import Entry, Format
from engine.jobs import Progress, checkpoint


def open_hdf5(path: str, progress: Progress | None = None) -> Hdf5Source:
    """Open an HDF5 file; only its structure is read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or holds no array of numbers.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the structure")
    known = fingerprint(path)
    entries: list[Entry] = []
    datasets: dict[str, Dataset] = {}
    with opened(path) as file:
        for name, stored in walk(path, file, progress):
            for entry, dataset in _parts(name, stored):
                entries.append(entry)
                datasets[entry.name] = dataset
    require_unchanged(path, known)
    require_readable(path, entries)
    return Hdf5Source(path, FORMAT, known, tuple(entries), datasets)


FORMAT = Format(
    key="hdf5",
    title="HDF5",
    suffixes=(".h5", ".hdf5"),
    open=open_hdf5,
    matches=lambda head: head.startswith(SIGNATURE),
)


def _parts(name: str, stored: Any) -> list[tuple[Entry, Dataset]]:
    """Return what a dataset offers: itself or its record fields; nothing for a group."""
    shape = getattr(stored, "shape", None)
    if shape is None or not hasattr(stored, "dtype"):
        return []
    dtype: np.dtype[Any] = stored.dtype
    if dtype.names is None:
        return [(entry_of(name, stored, dtype, shape), Dataset(name))]
    found = []
    for field in dtype.names:
        inner = dtype[field]
        entry = entry_of(f"{name}.{field}", stored, inner.base, shape + inner.shape)
        found.append((entry, Dataset(name, field)))
    return found
