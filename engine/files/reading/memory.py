"""Arrays at hand as a source like any file: what a script or a notebook hands over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import ArgumentError
from engine.files.reading.arrays import is_sparse
from engine.files.reading.entries import BadArray, array_entry
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.files.reading.sparse import select, sparse_entry
from engine.jobs import Progress

MEMORY_PATH = "<memory>"


class MemorySource(MatrixSource):
    """Arrays by name; reading hands out read-only views."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        entries = tuple(_entry(name, array) for name, array in arrays.items())
        super().__init__(MEMORY_PATH, FORMAT, entries, None)
        self._arrays = dict(arrays)

    def __reduce__(self) -> tuple[Any, ...]:
        return MemorySource, (self._arrays,)

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        array = self._arrays[entry.name]
        return select(array, selection) if is_sparse(array) else array[selection].view()

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
        if is_sparse(array):
            layout = array.format.upper()
            return sparse_entry(name, array.dtype, array.shape, array.nnz, layout)
        return array_entry(name, array.dtype, array.shape)
    except BadArray as error:
        allowed = "an array of numbers with one axis or more"
        raise ArgumentError(name, array, allowed, error.sentence) from error


def _open_memory(path: str, progress: Progress | None) -> MatrixSource:
    raise NotImplementedError("arrays in memory are not opened by a path")


FORMAT = Format(key="memory", title="Arrays in memory", suffixes=(), open=_open_memory)
