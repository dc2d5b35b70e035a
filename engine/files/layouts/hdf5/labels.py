"""Names of rows and columns that lie beside a matrix: of anndata (.h5ad) and of 10x Genomics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.files.layouts.hdf5.inside import by_hard_links
from engine.files.reading.source import Entry

# More names than a plot or a table shows are left in the file.
_MOST = 20_000
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
    return replace(
        entry,
        row_labels=_fitting(rows, entry.shape[0]),
        column_labels=_fitting(cols, entry.shape[1]),
    )


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
    return by_hard_links(table, column) if isinstance(column, str) else None


def _tenx(file: Any, name: str) -> tuple[Any, Any]:
    barcodes = by_hard_links(file, f"{name}/barcodes")
    if barcodes is None:
        return None, None
    features = (by_hard_links(file, f"{name}/{one}") for one in _FEATURES)
    return next((one for one in features if one is not None), None), barcodes


def _fitting(stored: Any, count: int) -> tuple[str, ...]:
    """Return the texts of a dataset of that many, none of another."""
    if getattr(stored, "shape", None) != (count,) or count > _MOST:
        return ()
    kind = stored.dtype.kind
    if kind not in "OS" or stored.is_virtual or stored.external:
        return ()
    values = np.asarray(stored[()])
    if not all(isinstance(value, bytes | str) for value in values):
        return ()
    return tuple(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values
    )
