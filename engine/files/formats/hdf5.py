"""HDF5 files (.h5 .h5ad .nc): the datasets and sparse matrices that lie in the file itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.files.layouts.hdf5.datasets import (
    SIGNATURE,
    Dataset,
    Hdf5Source,
    Place,
    entry_of,
    opened,
    sparse_entry_of,
    walk,
)
from engine.files.layouts.hdf5.groups import SPARSE_PARTS
from engine.files.layouts.hdf5.labels import labelled
from engine.files.layouts.hdf5.links import external_links
from engine.files.layouts.hdf5.packing import packing_of
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
    places: dict[str, Place] = {}
    parts: set[str] = set()
    with opened(path) as file:
        for name, stored in walk(path, file, progress):
            found = sparse_entry_of(name, stored) if hasattr(stored, "keys") else None
            if found is not None:
                entry, group = found
                entries.append(entry)
                parts.update(f"{name}/{part}" for part in SPARSE_PARTS)
                if group is not None:
                    places[name] = group
            elif name not in parts:
                for entry, dataset in _parts(name, stored):
                    entries.append(entry)
                    places[entry.name] = dataset
        entries = [labelled(file, entry) for entry in entries]
        links = external_links(file)
    require_unchanged(path, known)
    if not links:
        require_readable(path, entries)
    entries += [link.entry(name) for name, link in links.items()]
    return Hdf5Source(path, FORMAT, known, tuple(entries), places, links)


FORMAT = Format(
    key="hdf5",
    title="HDF5",
    suffixes=(".h5", ".hdf5", ".h5ad", ".nc", ".nc4", ".he5", ".hdf"),
    open=open_hdf5,
    matches=lambda head: head.startswith(SIGNATURE),
    foreign=True,
)


def _unwritten(stored: Any) -> Any:
    """Return what a dataset holds where nothing was written; None where it says nothing."""
    value = stored.fillvalue
    return value if isinstance(value, np.number) else None


def _parts(name: str, stored: Any) -> list[tuple[Entry, Dataset]]:
    """Return what a dataset offers: itself or its record fields; nothing for a group."""
    shape = getattr(stored, "shape", None)
    if shape is None or not hasattr(stored, "dtype"):
        return []
    dtype: np.dtype[Any] = stored.dtype
    if dtype.names is None:
        # An element may be an array itself; its axes come after those of the dataset.
        base, whole = dtype.base, shape + dtype.shape
        packing = packing_of(stored.attrs, base, _unwritten(stored))
        return [(entry_of(name, stored, base, whole, packing), Dataset(name, packing=packing))]
    found = []
    for field in dtype.names:
        inner = dtype[field]
        entry = entry_of(f"{name}.{field}", stored, inner.base, shape + inner.shape)
        found.append((entry, Dataset(name, field)))
    return found
