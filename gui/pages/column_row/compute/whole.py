"""Every entry of what the pictures show reduced, some rows at a time."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np

from gui.core.figure.arrays import Array
from gui.core.figure.figure import Whole
from gui.core.state.placed import entries_placed
from gui.pages.column_row.compute.detail import Detail
from gui.pages.column_row.compute.terms import Factors, Prepared

Kind = Literal["product", "approximation", "residual"]


def whole_of(
    factors: Factors, prepared: Prepared, detail: Detail | None = None, kind: Kind = "product"
) -> Whole:
    """Return the product, its approximation, or what is missing; rows left out are NaN."""
    return Whole(prepared.size, partial(_rows, factors, prepared, detail, kind))


def _rows(
    factors: Factors, prepared: Prepared, detail: Detail | None, kind: Kind, first: int, last: int
) -> Array:
    down, _, across = prepared.product.places
    part = slice(first, last), slice(0, prepared.size[1])
    return entries_placed(part, (down, across), lambda rows, _: _block(factors, detail, kind, rows))


def _block(factors: Factors, detail: Detail | None, kind: Kind, rows: slice) -> Array:
    x = _dense(factors.x[rows])
    if detail is None or kind == "product":
        return np.asarray(x @ factors.y)
    left, weights = x[:, detail.pick.indices], detail.pick.weights
    right = _dense(factors.y[detail.pick.indices])
    approximation: Array = (left @ weights if weights.ndim == 2 else left * weights) @ right
    if kind == "approximation":
        return approximation
    return np.asarray(x @ factors.y) - approximation


def _dense(part: Any) -> Array:
    from engine.files import to_dense

    return np.asarray(to_dense(part), np.float64)
