"""The variables of a MATLAB file of version 7.3: HDF5, with the axes reversed.

A struct is a group, a cell array a dataset of references to what lies in ``#refs#``, and so is a
field of a struct array.

References
----------
MathWorks, "MAT-File Versions": the layout of version 7.3 is described by what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.files.layouts.hdf5.datasets import Dataset, Place, entry_of, sparse_entry_of
from engine.files.reading.entries import natural_order, unreadable_entry
from engine.files.reading.source import Entry
from engine.jobs import Progress, checkpoint
from engine.sentences import say

_NO_NUMBERS = ("cell", "struct", "object", "char", "function", "function_handle", "string")
_MAX_DEPTH, _MAX_MEMBERS = 8, 2000

Found = tuple[Entry, Place | None]


def level73_entries(file: Any, progress: Progress | None) -> Iterator[Found]:
    """Yield the arrays of numbers under their path, and what else there is with the reason."""
    import h5py

    for name in sorted(file, key=natural_order):
        # Names with # belong to MATLAB; other links may lead to other files.
        if name.startswith("#") or not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        found: list[Found] = []
        for one in _entries(file, name, file[name], 0, progress):
            found.append(one)
            if len(found) >= _MAX_MEMBERS:
                break
        yield from found or [(_refused(name, file[name]), None)]


def _entries(
    file: Any, name: str, stored: Any, depth: int, progress: Progress | None
) -> Iterator[Found]:
    """Yield what a variable holds; of members only arrays of numbers."""
    checkpoint(progress)
    if depth > _MAX_DEPTH:
        return
    if hasattr(stored, "keys"):
        found = sparse_entry_of(name, stored)
        if found is not None:
            yield found
        elif "MATLAB_sparse" not in stored.attrs:
            yield from _fields(file, name, stored, depth, progress)
    elif _is_references(stored):
        for number, target in _targets(file, stored):
            yield from _entries(file, f"{name}{{{number}}}", target, depth + 1, progress)
    elif _kind(stored) in _NO_NUMBERS or "MATLAB_empty" in stored.attrs:
        if not depth:
            yield _refused(name, stored), None
    else:
        yield _numbers(name, stored)


def _fields(
    file: Any, name: str, group: Any, depth: int, progress: Progress | None
) -> Iterator[Found]:
    import h5py

    for field in sorted(group, key=natural_order):
        if not isinstance(group.get(field, getlink=True), h5py.HardLink):
            continue
        stored = group[field]
        # Of a struct array each field is a dataset of references, which has no class of its own.
        if hasattr(stored, "keys") or not _is_references(stored) or _kind(stored) == "cell":
            yield from _entries(file, f"{name}.{field}", stored, depth + 1, progress)
            continue
        for number, target in _targets(file, stored):
            yield from _entries(file, f"{name}({number}).{field}", target, depth + 1, progress)


def _targets(file: Any, stored: Any) -> Iterator[tuple[int, Any]]:
    """Yield what references lead to, counted as MATLAB does: down the columns."""
    if stored.size > _MAX_MEMBERS:
        return
    for number, reference in enumerate(np.asarray(stored[()]).reshape(-1), 1):
        if reference:
            yield number, file[reference]


def _is_references(stored: Any) -> bool:
    import h5py

    return h5py.check_ref_dtype(stored.dtype) is h5py.Reference


def _numbers(name: str, stored: Any) -> Found:
    dtype = stored.dtype
    if dtype.names == ("real", "imag"):
        dtype = np.result_type(dtype["real"], np.complex64)
    entry = entry_of(name, stored, dtype, stored.shape[::-1])
    return entry, Dataset(stored.name, is_turned=True)


def _refused(name: str, stored: Any) -> Entry:
    if "MATLAB_empty" in stored.attrs:
        return unreadable_entry(name, "it is an empty MATLAB array")
    kind = _kind(stored) or "struct"
    return unreadable_entry(name, say("it is a MATLAB {kind}, not an array of numbers", kind=kind))


def _kind(stored: Any) -> str:
    kind = stored.attrs.get("MATLAB_class", b"")
    return kind.decode("latin-1") if isinstance(kind, bytes) else str(kind)
