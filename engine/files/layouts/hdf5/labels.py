"""Names of rows and columns that lie beside a matrix: of anndata, 10x Genomics and netCDF."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from engine.files.layouts.hdf5.coordinates import MOST_NAMES, coordinate_names, texts_of
from engine.files.layouts.hdf5.inside import by_hard_links
from engine.files.reading.source import Entry

_LIKE_X = {("", True), ("raw", True), ("layers", True), ("layers", False)}
# What belongs to the observations or the variables: by rows, and by columns where it is of pairs.
_BESIDE_X = {
    "obsm": ("obs", ""),
    "obsp": ("obs", "obs"),
    "varm": ("var", ""),
    "varp": ("var", "var"),
}
_FEATURES = ("features/name", "features/id", "gene_names", "genes")


def labelled(file: Any, entry: Entry) -> Entry:
    """Return the entry with the names of its rows and columns, where the file has them."""
    if not entry.readable or len(entry.shape) != 2:
        return entry
    rows, cols = _anndata(file, entry.name) or _tenx(file, entry.name)
    if rows is None and cols is None:
        # Names are no reason to refuse the numbers.
        with suppress(OSError, ValueError, LookupError, TypeError, RuntimeError, AttributeError):
            return _by_scales(file, entry)
    return replace(
        entry,
        row_labels=_fitting(rows, entry.shape[0]),
        column_labels=_fitting(cols, entry.shape[1]),
    )


def _by_scales(file: Any, entry: Entry) -> Entry:
    """Return the entry with the coordinates that netCDF attaches to its axes."""
    stored = by_hard_links(file, entry.name)
    if stored is None or stored.shape != entry.shape or "DIMENSION_LIST" not in stored.attrs:
        return entry
    row, column = (_scale_names(stored.dims[axis], stored.shape[axis]) for axis in (0, 1))
    return replace(entry, row_labels=row, column_labels=column)


def _scale_names(dimension: Any, count: int) -> tuple[str, ...]:
    """Return the names of the places along a dimension; none of one without coordinates."""
    scale = next(iter(dimension.values()), None)
    if scale is None or scale.shape != (count,) or count > MOST_NAMES:
        return ()
    if scale.is_virtual or scale.external or _is_bare(scale.attrs.get("NAME", b"")):
        return ()
    return coordinate_names(np.asarray(scale[()]), dict(scale.attrs), count)


def _is_bare(name: Any) -> bool:
    """Whether netCDF says of a dimension that it has no coordinates."""
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    return "netCDF dimension but not a netCDF variable" in text


def _anndata(file: Any, name: str) -> tuple[Any, Any] | None:
    """Return the names of observations and variables for X and what is laid out like it."""
    top, _, rest = name.rpartition("/")
    if top in _BESIDE_X:
        row, col = (_index(file, table) if table else None for table in _BESIDE_X[top])
        return None if row is None else (row, col)
    if (top, rest == "X") not in _LIKE_X:
        return None
    rows, cols = _index(file, "obs"), _index(file, "raw/var" if top == "raw" else "var")
    return None if rows is cols is None else (rows, cols)


def _index(file: Any, name: str) -> Any:
    """Return the dataset of the names of a table; its attribute says which column they are."""
    import h5py

    table = file
    for part in name.split("/"):
        if not isinstance(table.get(part, getlink=True), h5py.HardLink):
            return None
        table = table[part]
    if not isinstance(table, h5py.Group):
        return None
    column = table.attrs.get("_index", "_index")
    if not isinstance(column, str):
        return None
    # Where pandas may mark names as missing, anndata keeps a mask beside them.
    return by_hard_links(table, column) or by_hard_links(table, f"{column}/values")


def _tenx(file: Any, name: str) -> tuple[Any, Any]:
    barcodes = by_hard_links(file, f"{name}/barcodes")
    if barcodes is None:
        return None, None
    features = (by_hard_links(file, f"{name}/{one}") for one in _FEATURES)
    return next((one for one in features if one is not None), None), barcodes


def _fitting(stored: Any, count: int) -> tuple[str, ...]:
    """Return the texts of a dataset of that many, none of another."""
    if getattr(stored, "shape", None) != (count,) or count > MOST_NAMES:
        return ()
    kind = stored.dtype.kind
    if kind not in "OS" or stored.is_virtual or stored.external:
        return ()
    return texts_of(np.asarray(stored[()]))
