"""Arrays at hand as a source like any file: what a script or a notebook hands over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import ArgumentError, FileError, RankscopeError
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.arrays import is_sparse
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.files.reading.sparse import select, sparse_entry
from engine.jobs import Progress
from engine.sentences import say

MEMORY_PATH = "<memory>"


class HeldSource(MatrixSource):
    """Arrays by name; reading hands out read-only views."""

    def __init__(
        self,
        arrays: Mapping[str, Any],
        entries: tuple[Entry, ...],
        path: str,
        format: Format,
        known: Fingerprint | None,
    ) -> None:
        super().__init__(path, format, entries, known)
        self._arrays = dict(arrays)

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        array = self._arrays[entry.name]
        return select(array, selection) if is_sparse(array) else array[selection].view()


class MemorySource(HeldSource):
    """What a script hands over."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        entries = tuple(_entry(name, array) for name, array in arrays.items())
        super().__init__(arrays, entries, MEMORY_PATH, FORMAT, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return MemorySource, (self._arrays,)

    def _digest(self, progress: Progress | None) -> str:
        digest = hashlib.sha256()
        for name, array in self._arrays.items():
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            sparse = is_sparse(array)
            for part in (array.data, array.indices, array.indptr) if sparse else (array,):
                digest.update(np.ascontiguousarray(part).view(np.uint8).data)
        return digest.hexdigest()


def memory_source(arrays: Mapping[str, Any]) -> MatrixSource:
    """Return arrays at hand as a source like any file.

    Parameters
    ----------
    arrays : mapping of str to array_like
        Numbers of one axis or more; they are not copied where they are arrays already. Sparse
        matrices of SciPy stay sparse.

    Raises
    ------
    ArgumentError
        When one of them holds anything but numbers, or none.

    Examples
    --------
    >>> memory_source({"a": [[1.0, 2.0]]}).read("a")
    array([[1., 2.]])
    """
    return MemorySource({name: _held(array) for name, array in arrays.items()})


class ReadSource(HeldSource):
    """What a format that reads whole files made of one."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Its format may be a plug-in's, of functions that go nowhere: the arrays do.
        plain = Format(self.format.key, self.format.title, self.format.suffixes)
        entries = tuple(self._stored.values())
        return ReadSource, (self._arrays, entries, self.path, plain, self._known)


def read_source(path: str, format: Format) -> ReadSource:
    """Return what a format's ``read`` makes of a file, as a source.

    Parameters
    ----------
    path : str
        Absolute path.
    format : Format
        One with ``read``.

    Raises
    ------
    FileError
        When it refuses the file, or gives anything but arrays of numbers by name.
    """
    assert format.read is not None
    known = fingerprint(path)
    try:
        with file_errors(path):
            found = format.read(path)
    except FileError:
        raise
    except RankscopeError as error:
        raise FileError(path, error.sentence) from error
    require_unchanged(path, known)
    if not isinstance(found, Mapping):
        what = say("its format {key} gave {found} in place of arrays by name", key=format.key,
                   found=type(found).__name__)  # fmt: skip
        raise FileError(path, what)
    arrays: dict[str, Any] = {}
    entries = []
    for name, array in found.items():
        try:
            held = _held(array)
            entries.append(_described(str(name), held))
            arrays[str(name)] = held
        except BadArray as error:
            entries.append(unreadable_entry(str(name), error.sentence))
        except (ValueError, TypeError):
            entries.append(unreadable_entry(str(name), "it is no array of numbers"))
    require_readable(path, entries)
    return ReadSource(arrays, tuple(entries), path, format, known)


def _held(array: Any) -> Any:
    """An array, or a sparse matrix by rows or columns with every place stored once."""
    if not is_sparse(array):
        return np.asarray(array)
    import scipy.sparse

    if array.ndim != 2:
        return array.toarray()
    columns = array.format == "csc"
    held = scipy.sparse.csc_array(array) if columns else scipy.sparse.csr_array(array)
    if not held.has_canonical_format:
        held = held.copy()
        held.sum_duplicates()
    return held


def _entry(name: str, array: Any) -> Entry:
    try:
        return _described(name, array)
    except BadArray as error:
        allowed = "an array of numbers with one axis or more"
        raise ArgumentError(name, array, allowed, error.sentence) from error


def _described(name: str, array: Any) -> Entry:
    if is_sparse(array):
        layout = array.format.upper()
        return sparse_entry(name, array.dtype, array.shape, array.nnz, layout)
    return array_entry(name, array.dtype, array.shape)


FORMAT = Format(key="memory", title="Arrays in memory", suffixes=())
