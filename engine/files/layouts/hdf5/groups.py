"""Sparse matrices that HDF5 keeps as groups: of anndata, 10x Genomics, MATLAB and others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.files.layouts.hdf5.inside import by_hard_links, require_inside
from engine.files.reading import sparse
from engine.files.reading.arrays import Array
from engine.files.reading.entries import join_complex
from engine.files.reading.source import Entry

# The names of data, positions and beginnings; MATLAB has its own.
_COMPRESSED = ("data", "indices", "indptr")
_MATLAB = ("data", "ir", "jc")
_LAYOUT_NAMES = ("encoding-type", "h5sparse_format", "format", "sparse_format")
_PLACES = ("data", "row", "col")
# What of a group is part of its matrix and no array of its own.
SPARSE_PARTS = {*_COMPRESSED, *_MATLAB, *_PLACES, "shape", "dims", "format"}


@dataclass(frozen=True)
class SparseGroup:
    """Where a sparse matrix lies.

    Attributes
    ----------
    place : str
        Path of its group.
    layout : str
        "csr", "csc" or "coo".
    parts : tuple of str
        Names of the datasets of its values and of its positions.
    is_logical : bool
        Whether its values are true and false, which MATLAB keeps as bytes.
    """

    place: str
    layout: str
    shape: tuple[int, int]
    parts: tuple[str, ...]
    dtype: np.dtype[Any]
    stored: int
    is_logical: bool = False

    def entry(self, name: str) -> Entry:
        """Describe it.

        Raises
        ------
        BadArray
            When it holds no numbers.
        """
        return sparse.sparse_entry(name, self.dtype, self.shape, self.stored, self.layout.upper())

    def read(self, file: Any) -> Any:
        """Return the matrix.

        Raises
        ------
        BadArray
            When its parts contradict each other.
        """
        group = file[self.place]
        # MATLAB leaves the parts out of a matrix without entries.
        none: dict[str, Array] = {"data": np.zeros(0, self.dtype), "ir": np.zeros(0, np.int64)}
        data, first, second = (
            np.asarray(group[name][()]) if name in group else none[name] for name in self.parts
        )
        if data.dtype.names is not None:
            data = join_complex(*(data[part] for part in data.dtype.names))
        if self.is_logical:
            data = data.astype(bool)
        if self.layout == "coo":
            return sparse.coordinates(first, second, data, self.shape)
        return sparse.compressed(self.layout, data, first, second, self.shape)


def sparse_group(group: Any) -> SparseGroup | None:
    """Return the sparse matrix that a group is, None for others.

    Raises
    ------
    BadArray
        When its data cannot be read.
    """
    for parts in (_MATLAB, _COMPRESSED, _PLACES):
        if parts is _MATLAB and "MATLAB_sparse" in group.attrs:
            return _matlab(group)
        if all(_is_list(group, name) for name in parts):
            return _group(group, parts)
    return None


def _group(group: Any, parts: tuple[str, ...]) -> SparseGroup | None:
    shape = _shape(group)
    if shape is None:
        return None
    layout = "coo" if parts is _PLACES else _layout(group, shape)
    data = group["data"]
    for name in parts:
        require_inside(group[name])
    return SparseGroup(group.name, layout, shape, parts, data.dtype, int(data.size))


def _matlab(group: Any) -> SparseGroup | None:
    if not _is_list(group, "jc"):
        return None
    shape = int(group.attrs["MATLAB_sparse"]), int(group["jc"].size) - 1
    is_logical = _word(group.attrs.get("MATLAB_class")) == "logical"
    dtype = np.dtype(bool if is_logical else np.float64)
    stored = 0
    if _is_list(group, "data") and _is_list(group, "ir"):
        stored = int(group["data"].size)
        found = group["data"].dtype
        if found.names is not None and len(found.names) == 2:
            dtype = np.result_type(found[0], np.complex64)
        elif not is_logical:
            dtype = found
        for name in _MATLAB:
            require_inside(group[name])
    return SparseGroup(group.name, "csc", shape, _MATLAB, dtype, stored, is_logical)


def _is_list(group: Any, name: str) -> bool:
    """Return whether a dataset of one axis of that name lies in the group itself."""
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        return False
    found = group[name]
    return isinstance(found, h5py.Dataset) and found.ndim == 1


def _shape(group: Any) -> tuple[int, int] | None:
    for name in ("shape", "h5sparse_shape", "dims", "Dim", "dim"):
        found = group.attrs.get(name)
        if found is None and _is_list(group, name):
            found = group[name][:16]
        values = np.asarray(found if found is not None else ()).reshape(-1)
        if values.size == 2 and values.dtype.kind in "iuf" and (values >= 0).all():
            return int(values[0]), int(values[1])
    return None


def _layout(group: Any, shape: tuple[int, int]) -> str:
    words = [_word(group.attrs.get(name)) for name in _LAYOUT_NAMES]
    said = by_hard_links(group, "format")
    if said is not None and said.shape == ():
        words.append(_word(said[()]))
    for word in words:
        if word[:3] in ("csr", "csc"):
            return word[:3]
    starts = int(group["indptr"].size)
    if shape[0] != shape[1]:
        return "csr" if starts == shape[0] + 1 else "csc"
    # Both fit: genes by cells, a column for each cell (10x), and R's own way, are by columns.
    by_columns = (
        by_hard_links(group, "barcodes") is not None
        or "dims" in group.attrs
        or "Dim" in group.attrs
    )
    return "csc" if by_columns else "csr"


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""
