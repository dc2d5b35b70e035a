"""Every entry of what a picture shows reduced, some rows at a time: for pictures pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from gui.core.figure.arrays import Array
from gui.core.figure.figure import Whole
from gui.pages.spectrum.compute.factors import Factors
from gui.pages.spectrum.compute.inverse import Inverse
from gui.pages.spectrum.compute.matrix import Loaded
from gui.pages.spectrum.compute.picture import Picture

Kind = Literal["original", "approximation", "residual"]


def whole_of(
    loaded: Loaded,
    picture: Picture,
    factors: Factors | None = None,
    rank: int = 0,
    kind: Kind = "original",
) -> Whole:
    """Return the matrix, its approximation of rank ``rank``, or what that leaves.

    Entries are as the picture shows them: magnitudes of complex ones, NaN where a row is left out,
    three channels of a photo in colour.
    """
    read = partial(_rows, loaded, picture, factors, rank, kind)
    return Whole(picture.size, read)


def _rows(
    loaded: Loaded,
    picture: Picture,
    factors: Factors | None,
    rank: int,
    kind: Kind,
    first: int,
    last: int,
) -> Array:
    rows, columns = slice(first, last), slice(0, picture.size[1] * picture.channels)
    if factors is None:
        return picture.fold(_stored(loaded, picture, rows))
    product = factors.entries(rank, rows, columns)
    if kind == "residual":
        product = _stored(loaded, picture, rows) - product
    return picture.fold(product)


def _stored(loaded: Loaded, picture: Picture, rows: slice) -> Array:
    from engine.files import to_dense

    down, across = picture.places
    part, width = rows, picture.size[1] * picture.channels
    if down is not None:
        low, high = np.searchsorted(down.kept, (rows.start, rows.stop))
        part = slice(int(low), int(high))
    array = loaded.array.tocsr() if loaded.form == "sparse" else loaded.array
    block = np.asarray(to_dense(array[part]))
    block = np.abs(block) if block.dtype.kind == "c" else block.astype(np.float64)
    if down is None and across is None:
        return block
    found = np.full((rows.stop - rows.start, width), np.nan)
    beside = slice(None) if across is None else across.kept
    lines = np.arange(len(block)) if down is None else down.kept[part] - rows.start
    found[lines[:, None], np.arange(width)[beside]] = block
    return found


def whole_pair(factors: Factors, index: int) -> Whole:
    """Return the outer product of pair ``index``, counted from 1, with its singular value."""
    place, size = index - 1, factors.picture.size
    pair = slice(place, place + 1)
    one = replace(factors, u=factors.u[:, pair], s=factors.s[pair], vh=factors.vh[pair])

    def read(first: int, last: int) -> Array:
        columns = slice(0, size[1] * factors.picture.channels)
        return factors.picture.fold(one.entries(1, slice(first, last), columns))

    return Whole(size, read)


def whole_inverse(inverse: Inverse) -> Whole:
    """Return every entry of a pseudo-inverse."""
    found = inverse.factors
    return Whole(found.shape, lambda first, last: found.entries(slice(first, last), slice(None)))
