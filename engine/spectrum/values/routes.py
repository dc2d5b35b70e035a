"""Which way to the leading triplets is taken, and what it is estimated to cost.

Never dearer than all values: what is tried first may cost no more than all values leave room for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import one_of
from engine.spectrum.linalg.matrix import Matrix, is_exact_in_float32
from engine.spectrum.values.costs import (
    DEFAULT_RANK,
    METHODS,
    Cost,
    block_depth,
    block_width,
    choose_method,
)

# Up to this order a Gram matrix and its factors are held; beyond it bounds may be "probable".
SETTLED_ORDER = 8192
# A Gram matrix of this order is all that is held of a sparse matrix besides its entries.
SPARSE_ORDER = 4096
# Relative errors of a Gram matrix are near 1e-13; a tolerance below this asks for more.
_FINEST = 1e-12
# Square roots of eigenvalues of a Gram matrix, small ones too, are certainly as good as this.
COARSE = 1e-6
_DEAR = 2.0
# Estimates are not exact: what is this share of another is cheaper.
_CLEARLY = 0.9
# What all values may cost where a search that was given up comes first.
_LOST = 1.07


@dataclass(frozen=True)
class Route:
    """What to do in turn.

    Parameters
    ----------
    first : {"block", "lanczos", "settle"}
        What is tried first.
    then : {"gram", "all"}
        What settles it: leading eigenvectors of the Gram matrix, or all by the usual method.
    patience : int
        How many Lanczos steps may be taken in vain.
    steps : int
        How many may be taken where they promise to lead somewhere.
    seconds : float
        Estimate where what is tried first succeeds.
    """

    first: Literal["block", "lanczos", "settle"]
    then: Literal["gram", "all"]
    seconds: float
    patience: int = 0
    steps: int = 0


def fits(columns: int, rank: int) -> bool:
    """Whether a block Krylov space for ``rank`` values is much smaller than the matrix."""
    return 4 * block_depth(rank) * block_width(rank) <= 3 * columns


def second_look(rank: int) -> int:
    """The Lanczos step at which a trend is first known."""
    return first_look(rank) + between_looks(rank)


def first_look(rank: int) -> int:
    """The Lanczos step at which it is first asked how far the wanted values are off."""
    return rank + 5


def between_looks(rank: int) -> int:
    """Lanczos steps from one look to the next."""
    return max(4, rank // 2)


def choose_route(
    cost: Cost, rank: int, tolerance: float | None, *, whole: float, vectors: bool = False
) -> Route:
    """Return the route to ``rank`` leading values or triplets.

    Parameters
    ----------
    cost : Cost
        Of the matrix.
    rank : int
        How many are wanted.
    tolerance : float, optional
        As in `leading_singular_values`.
    whole : float
        Seconds of computing all of them.
    vectors : bool
        Whether triplets are wanted, not values alone.

    Examples
    --------
    >>> square, tall = Cost(4000, 4000), Cost(20000, 150)
    >>> choose_route(square, 10, None, whole=square.svd).first
    'block'
    >>> choose_route(square, 10, 1e-6, whole=square.svd).first
    'lanczos'
    >>> choose_route(tall, 10, 1e-6, whole=tall.svd).first
    'settle'
    """
    if cost.tiny:
        return Route("settle", "all", whole)
    settled = cost.columns <= (SPARSE_ORDER if cost.stored else SETTLED_ORDER)
    fine = tolerance is not None and tolerance < _FINEST
    gram = cost.gram_part(rank) if vectors else cost.gram
    # Where values from the Gram matrix are too coarse its vectors follow.
    enough = vectors or whole <= cost.gram or (tolerance or 0.0) >= COARSE
    worst = gram if enough else cost.gram_part(rank)
    possible = settled and not fine and rank < cost.columns
    # Where all values come from the Gram matrix, too, some of them cost no more, but save nothing
    # unless they must be close; all triplets of a sparse matrix are dense: some are always better.
    same = not vectors and whole <= cost.gram and tolerance is not None
    cheap = worst <= _CLEARLY * whole or same or (vectors and cost.stored > 0)
    then: Literal["gram", "all"] = "gram" if possible and cheap else "all"
    settle = gram if then == "gram" else whole
    block = cost.block_part(rank)
    if fits(cost.columns, rank) and (
        block < 0.8 * settle if tolerance is None else not settled and not fine
    ):
        return Route("block", then, block)
    if tolerance is not None and possible and not (cost.streamed or cost.stored):
        # Where Lanczos fails, what settles it still has to stay within all values.
        steps = cost.lanczos_steps(0.95 * settle - cost.factored(rank))
        patience = cost.lanczos_steps(min(_LOST * whole - settle, 0.4 * settle))
        # A search that cannot take two looks before it must stop is a search in vain.
        if min(steps, patience) >= second_look(rank):
            seconds = cost.lanczos(2 * rank + 10) + cost.factored(rank)
            return Route("lanczos", then, min(seconds, settle), patience, steps)
    return Route("settle", then, settle)


def usual_cost(cost: Cost, usual: str) -> float:
    """Seconds of all values by what `choose_method` says."""
    return cost.svd if usual == "svd" else cost.gram


def dense_cost(shape: tuple[int, int], dtype_name: str, streamed: bool = False) -> Cost:
    """Return the costs of a dense matrix.

    Examples
    --------
    >>> dense_cost((30, 2000), "complex64")
    Cost(rows=2000, columns=30, is_complex=True, single=True, streamed=False, stored=0)
    """
    single = is_exact_in_float32(dtype_name)
    return Cost(max(shape), min(shape), dtype_name.startswith("c"), single, streamed)


def cost_of(matrix: Matrix) -> Cost:
    """Return the costs of a matrix, dense or sparse."""
    cost = dense_cost(matrix.shape, matrix.dtype_name, matrix.is_streamed)
    # A matrix without any entry is sparse all the same.
    return replace(cost, stored=max(matrix.stored, 1)) if matrix.is_sparse else cost


def usual_method(matrix: Matrix) -> str:
    """Return what ``method="auto"`` stands for: `choose_method`, but what a sparse one allows.

    Its triangle takes the products of a dense matrix. Where that takes seconds, and ten times as
    many as a Gram matrix, the digits of the small values are given up.
    """
    usual = choose_method(matrix.shape, matrix.array.dtype, matrix.is_mapped)
    cost = cost_of(matrix)
    dear = usual == "svd" and cost.stored > 0 and cost.svd > max(_DEAR, 10.0 * cost.gram)
    return "gram" if dear else usual


def estimate_seconds(
    shape: tuple[int, int],
    dtype: npt.DTypeLike,
    method: str = "auto",
    *,
    rank: int | None = None,
    tolerance: float | None = None,
    stored: int = 0,
) -> float:
    """Rough time of `singular_values` on an ordinary core, right within a factor of about 3.

    Meant for choosing between a thread and a worker process, for telling a person what to expect,
    and for not computing a part where the whole costs no more.

    Parameters
    ----------
    shape : tuple of int
        (m, n).
    dtype : dtype
        Of the data.
    method : str
        As for `singular_values`.
    rank, tolerance
        As for `leading_singular_values`; 64 leading values where ``method`` is ``"randomized"``
        and no rank is given.
    stored : int
        How many entries a sparse matrix stores; 0 for a dense one.

    Examples
    --------
    >>> estimate_seconds((4096, 4096), "float32") < estimate_seconds((4096, 4096), "float64")
    True
    >>> all_values = estimate_seconds((300, 300), "float32")
    >>> estimate_seconds((300, 300), "float32", rank=64) < 0.5 * all_values
    False
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    cost = replace(dense_cost(shape, np.dtype(dtype).name), stored=stored)
    usual = choose_method(shape, dtype)
    if method == "randomized" or rank is not None or tolerance is not None:
        wanted = min(DEFAULT_RANK if rank is None else rank, cost.columns)
        whole = usual_cost(cost, usual)
        return choose_route(cost, wanted, tolerance, whole=whole).seconds
    return (
        cost.verified
        if method == "verified"
        else usual_cost(cost, usual if method == "auto" else method)
    )


# Bytes besides the matrix itself, measured at orders of 1000 to 8000, in units of the matrix or of
# the square of its shorter side in double precision; the largest of what was seen.
_SVD, _CONVERTED, _SQUARES, _VERIFIED = 1.3, 0.8, 2.5, 14.0
_VECTORS = (3.0, 6.5)  # all triplets, per matrix and per square
_SPACES = 3.5  # a Krylov space of either side
_ALWAYS = 1 << 24


def estimate_bytes(
    shape: tuple[int, int],
    dtype: npt.DTypeLike,
    method: str = "auto",
    *,
    rank: int | None = None,
    vectors: bool = False,
    stored: int = 0,
    is_memmap: bool = False,
) -> int:
    """Bytes that `singular_values` takes besides the matrix, right within a factor of about 2.

    Meant for asking a person before that is more than there is (`engine.room.require_room`).

    Parameters
    ----------
    shape : tuple of int
        (m, n).
    dtype : dtype
        Of the data.
    method : str
        As for `singular_values`.
    rank : int, optional
        Leading values, or triplets: as for `leading_singular_values`.
    vectors : bool
        All triplets: as for `svd_factors`.
    stored : int
        How many entries a sparse matrix stores; 0 for a dense one.
    is_memmap : bool
        Whether the data lie in a file; what is larger than 1 GiB is read block by block.

    Examples
    --------
    >>> estimate_bytes((4096, 4096), "float64", "gram") < estimate_bytes((4096, 4096), "float64")
    False
    >>> few = estimate_bytes((100_000, 4096), "float32", rank=64)
    >>> few < 0.2 * estimate_bytes((100_000, 4096), "float32", vectors=True)
    True
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    rows, columns, kind = max(shape), min(shape), np.dtype(dtype)
    unit = 16 if kind.kind == "c" else 8
    whole, square = unit * rows * columns, unit * columns**2
    if vectors:
        return int(_VECTORS[0] * whole + _VECTORS[1] * square) + _ALWAYS
    if rank is not None or method == "randomized":
        wanted = min(DEFAULT_RANK if rank is None else rank, columns)
        size = min(block_depth(wanted) * block_width(wanted), columns)
        spaces = int(_SPACES * unit * (rows + columns) * size) + _ALWAYS
        return min(spaces, estimate_bytes(shape, dtype, stored=stored, is_memmap=is_memmap))
    usual = choose_method(shape, dtype, is_memmap) if method == "auto" else method
    if usual == "verified":
        return int(_VERIFIED * whole) + _ALWAYS
    if usual != "svd" or stored:
        return int(_SQUARES * square) + _ALWAYS
    return int((_SVD + (0.0 if kind.itemsize == unit else _CONVERTED)) * whole) + _ALWAYS
