"""Sparse matrices in .npz archives, as scipy.sparse.save_npz and those who imitate it write them.

The parts are members of known names, with a common beginning where there are several matrices:
``adj_data``, ``adj_indices``, ``adj_indptr``, ``adj_shape``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.files.layouts.npy_header import Header
from engine.files.reading import sparse
from engine.files.reading.arrays import Array
from engine.files.reading.entries import BadArray
from engine.files.reading.source import Entry
from engine.sentences import say

# Parts by which a layout is known, beside "data" and "shape".
_PARTS = {
    "compressed": ("indices", "indptr"),
    "coo": ("row", "col"),
    "coords": ("coords",),
    "dia": ("offsets",),
}
# Members of this size are read while the file is opened.
_SMALL = 256

Load = Callable[[str], Array]


@dataclass(frozen=True)
class Group:
    """One sparse matrix: where its members begin, its layout, its shape."""

    prefix: str
    layout: str
    shape: tuple[int, ...]
    members: tuple[str, ...]

    def read(self, load: Load) -> Any:
        """Return the matrix; ``load`` gives a member by its name.

        Raises
        ------
        BadArray
            When the parts contradict each other.
        """

        def part(name: str) -> Array:
            return load(self.prefix + name)

        if self.layout == "coo":
            return sparse.coordinates(part("row"), part("col"), part("data"), self.shape)
        if self.layout == "coords":
            places = part("coords")
            if places.ndim != 2 or len(places) != 2:
                raise BadArray(say("its places are of shape {shape}", shape=places.shape))
            return sparse.coordinates(places[0], places[1], part("data"), self.shape)
        if self.layout == "dia":
            return sparse.diagonals(part("data"), part("offsets"), self.shape)
        parts = part("data"), part("indices"), part("indptr")
        return sparse.compressed(self.layout, *parts, self.shape)


def find_groups(headers: Mapping[str, Header], load: Load) -> list[Group]:
    """Return the sparse matrices that members of an archive make up."""
    found = []
    for name in headers:
        if not name.endswith("data"):
            continue
        prefix = name.removesuffix("data")
        for kind, parts in _PARTS.items():
            needed = [prefix + part for part in (*parts, "data", "shape")]
            if all(one in headers for one in needed):
                group = _group(prefix, kind, headers, needed, load)
                found += [group] if group is not None else []
                break
    return found


def group_entry(group: Group, stem: str, header: Header) -> Entry:
    """Describe a matrix; one without a beginning of its own is called as the file.

    Raises
    ------
    BadArray
        When it holds no numbers.
    """
    name = group.prefix.rstrip("_./- ") or stem
    stored = int(np.prod(header.shape, dtype=object))
    layout = "coo" if group.layout == "coords" else group.layout
    # A diagonal is stored as long as the widest: beyond the matrix, too.
    return sparse.sparse_entry(
        name, header.dtype, group.shape, stored, layout.upper(), at_most=layout == "dia"
    )


def _group(
    prefix: str, kind: str, headers: Mapping[str, Header], needed: list[str], load: Load
) -> Group | None:
    """Return the matrix with its shape and layout read, None where they make no sense."""
    shape = _small(prefix + "shape", headers, load)
    if shape is None or shape.dtype.kind not in "iu" or shape.ndim != 1 or len(shape) != 2:
        return None
    size = int(shape[0]), int(shape[1])
    layout = kind
    if kind == "compressed":
        layout = _layout(prefix, headers, size, load)
    known = [prefix + name for name in ("format", "_is_array") if prefix + name in headers]
    return Group(prefix, layout, size, (*needed, *known)) if layout else None


def _layout(prefix: str, headers: Mapping[str, Header], shape: tuple[int, int], load: Load) -> str:
    said = _small(prefix + "format", headers, load)
    if said is not None and said.dtype.kind in "SU" and said.size == 1:
        word = said.reshape(-1)[0]
        text = word.decode("latin-1") if isinstance(word, bytes) else str(word)
        return text if text in ("csr", "csc", "bsr") else ""
    starts = headers[prefix + "indptr"].shape
    if starts == (shape[0] + 1,):
        return "csr"
    return "csc" if starts == (shape[1] + 1,) else ""


def _small(name: str, headers: Mapping[str, Header], load: Load) -> Array | None:
    if name not in headers or headers[name].data_bytes > _SMALL or headers[name].dtype.hasobject:
        return None
    return load(name)
