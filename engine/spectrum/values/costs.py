"""What each way to singular values costs: which one is taken, and what a person is told.

Seconds of one core that multiplies about 2e10 pairs of numbers a second, right within a factor of
3; their ratios, which decide between routes, are right within a third. They follow from shape, type
and rank alone, so that the same call always takes the same route.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import one_of

METHODS = ("auto", "svd", "gram", "randomized", "stream", "verified")
DEFAULT_RANK = 64

# Below this many multiplications (about 464 x 464) a direct svd takes a tenth of a second, and
# its small values are better than those of a Gram matrix.
_SMALL_WORK = 1e8
# A mapped matrix whose float64 copy would be larger than this is streamed.
_STREAM_BYTES = 1 << 30

_CALL = 0.0005
_READ = 3e-9  # an entry checked, scaled and copied
_SYRK = 2.1e-11  # a pair of columns, per row
_EIGENVALUES = 4.6e-11  # tridiagonal form and its values, per cube of the order
_VALUES = 1.6e-10  # bidiagonal form and its values
_TALL = 1e-10  # what each row beyond the square adds to it
_VECTORS = 2.5  # all singular vectors, in units of the values alone
_BOUNDS = 2.1  # vectors and rigorous bounds, in units of the vectors


def choose_method(shape: tuple[int, int], dtype: npt.DTypeLike, is_memmap: bool = False) -> str:
    """What ``method="auto"`` stands for: ``"svd"``, ``"gram"`` or ``"stream"``.

    A memory map larger than 1 GiB as float64 is streamed. Otherwise float64 and complex128 data
    go to a direct svd, since a Gram matrix halves the digits of their small values, and so does
    whatever is small enough to take a tenth of a second. All other data go to the Gram matrix.

    Examples
    --------
    >>> choose_method((4096, 4096), "float32"), choose_method((4096, 4096), "float64")
    ('gram', 'svd')
    >>> choose_method((1 << 18, 4096), "float32", is_memmap=True), choose_method((9, 9), "int8")
    ('stream', 'svd')
    """
    kind = np.dtype(dtype)
    rows, columns = shape
    if is_memmap and 8 * rows * columns > _STREAM_BYTES:
        return "stream"
    wide = kind.kind in "fc" and kind.itemsize > (4 if kind.kind == "f" else 8)
    small = float(rows) * columns * min(rows, columns) <= _SMALL_WORK
    return "svd" if wide or small else "gram"


@dataclass(frozen=True)
class Cost:
    """Seconds of every route for one matrix, as its tall view has ``rows`` >= ``columns``.

    Parameters
    ----------
    rows, columns : int
        Of the tall view.
    is_complex : bool
        Whether entries are complex.
    """

    rows: int
    columns: int
    is_complex: bool = False

    @property
    def reading(self) -> float:
        """One pass over the entries."""
        return _CALL + _READ * self.rows * self.columns * (2.0 if self.is_complex else 1.0)

    @property
    def svd(self) -> float:
        """All singular values by LAPACK."""
        work = _VALUES * self.columns + _TALL * (self.rows - self.columns)
        return self.reading + work * self.columns**2 * (2.8 if self.is_complex else 1.0)

    @property
    def triplets(self) -> float:
        """All singular values and vectors by LAPACK."""
        return self.reading + _VECTORS * (self.svd - self.reading)

    @property
    def verified(self) -> float:
        """All singular values with rigorous bounds."""
        return _BOUNDS * self.triplets

    @property
    def gram(self) -> float:
        """All singular values from the Gram matrix."""
        work = _SYRK * self.rows + _EIGENVALUES * self.columns
        return self.reading + work * self.columns**2 * (4.0 if self.is_complex else 1.0)


def cost_of(shape: tuple[int, int], dtype: npt.DTypeLike) -> Cost:
    """Return the costs of a dense matrix.

    Examples
    --------
    >>> cost_of((30, 2000), "complex64")
    Cost(rows=2000, columns=30, is_complex=True)
    """
    return Cost(max(shape), min(shape), np.dtype(dtype).kind == "c")


def estimate_seconds(shape: tuple[int, int], dtype: npt.DTypeLike, method: str = "auto") -> float:
    """Rough time of `singular_values` on an ordinary core, right within a factor of about 3.

    Meant for choosing between a thread and a worker process, and for telling a person what to
    expect; ``"randomized"`` is taken to be for 64 values.

    Examples
    --------
    >>> estimate_seconds((4096, 4096), "float32") < estimate_seconds((4096, 4096), "float64")
    True
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    if method == "auto":
        method = choose_method(shape, dtype)
    cost = cost_of(shape, dtype)
    if method == "randomized":
        entries = float(cost.rows) * cost.columns
        return (4.0 if cost.is_complex else 1.0) * (0.02 + 4e-8 * entries)
    return {"svd": cost.svd, "verified": cost.verified}.get(method, cost.gram)
