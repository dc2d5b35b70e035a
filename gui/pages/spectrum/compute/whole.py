"""Every entry of what a picture shows reduced, some rows at a time: for pictures pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from gui.core.figure.arrays import Array
from gui.core.figure.figure import Whole
from gui.core.state.placed import entries_placed
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
    loaded: Loaded | None,
    picture: Picture,
    factors: Factors | None,
    rank: int,
    kind: Kind,
    first: int,
    last: int,
) -> Array:
    rows, columns = slice(first, last), slice(0, picture.size[1] * picture.channels)
    if factors is None:
        return picture.fold(_stored(loaded, picture, rows, columns))
    product = factors.entries(rank, rows, columns)
    if kind == "residual":
        product = _stored(loaded, picture, rows, columns) - product
    return picture.fold(product)


def _stored(loaded: Loaded | None, picture: Picture, rows: slice, columns: slice) -> Array:
    from engine.files import to_dense

    assert loaded is not None  # the product of a pair alone has no matrix
    array = loaded.array.tocsr() if loaded.form == "sparse" else loaded.array

    def read(down: slice, across: slice) -> Array:
        block = np.asarray(to_dense(array[down]))[:, across]
        return np.abs(block) if block.dtype.kind == "c" else block.astype(np.float64)

    return entries_placed((rows, columns), picture.places, read)


def whole_pair(factors: Factors, index: int) -> Whole:
    """Return the outer product of pair ``index``, counted from 1, with its singular value."""
    pair = slice(index - 1, index)
    one = replace(factors, u=factors.u[:, pair], s=factors.s[pair], vh=factors.vh[pair])
    return Whole(
        factors.picture.size, partial(_rows, None, factors.picture, one, 1, "approximation")
    )


def whole_inverse(inverse: Inverse) -> Whole:
    """Return every entry of a pseudo-inverse."""
    return Whole(inverse.factors.shape, partial(_rows_of_inverse, inverse))


def _rows_of_inverse(inverse: Inverse, first: int, last: int) -> Array:
    return inverse.factors.entries(slice(first, last), slice(None))
