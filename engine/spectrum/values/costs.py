"""What each way to singular values costs: which one is taken, and what a person is told.

Seconds of one core that multiplies about 2e10 pairs of numbers a second, right within a factor of
3; their ratios, which decide between routes, are right within a third. They follow from shape, type
and rank alone, so that the same call always takes the same route.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.spectrum.linalg.tridiagonal import TWO_STAGES_FROM

METHODS = ("auto", "svd", "gram", "randomized", "stream", "verified")
DEFAULT_RANK = 64
_DEPTH = 4  # Krylov blocks without a tolerance, at least

# Below this many multiplications (about 464 x 464) a direct svd takes a tenth of a second, and
# its small values are better than those of a Gram matrix.
_SMALL_WORK = 1e8
# Below this many (about 136 x 136) all values take a millisecond or two, and nothing else pays.
_TINY_WORK = 2.5e6
# A mapped matrix whose float64 copy would be larger than this is streamed.
_STREAM_BYTES = 1 << 30

_CALL = 0.0005
_SEARCH = 0.0035  # the small matrices of a block Krylov space, and what its bounds take
_READ = 3e-9  # an entry checked, scaled and copied
_SYRK = 2.1e-11  # a pair of columns, per row
_GEMM = 5e-11  # a pair multiplied in a product of blocks
_GEMV = (1e-10, 3.8e-10)  # and in one with a vector: in the cache, and beyond it
_CACHE = (8e6, 24e6)  # bytes
_STORED = (4e-8, 2e-9, 4e-9)  # a stored entry read, multiplied, and paired with one of its row
_STEP = 1e-4  # what else there is in a Lanczos step
_REDUCTION = 4.4e-11  # to three diagonals, per cube of the order
_ONE_STAGE = 1.6  # and so much more for large ones that keep their reflections
_EIGENVALUES = 7e-9  # then all values by QL, per square
_EIGENVECTOR = (1.2e-4, 2.1e-10)  # or one vector, and per square
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


def block_width(rank: int) -> int:
    """Columns of a block of the Krylov space: more than wanted, so that multiple values fit."""
    return rank + 8


def block_depth(rank: int) -> int:
    """Blocks without a tolerance: thin ones cost little, so they may be more."""
    return max(_DEPTH, min(2 * _DEPTH, 200 // block_width(rank)))


def is_tiny(rows: int, columns: int, is_complex: bool) -> bool:
    """Whether all values of a dense matrix are computed before another route is under way.

    Examples
    --------
    >>> is_tiny(130, 130, False), is_tiny(130, 130, True)
    (True, False)
    """
    return rows * columns * min(rows, columns) * (4 if is_complex else 1) <= _TINY_WORK


@dataclass(frozen=True)
class Cost:
    """Seconds of every route for one matrix, as its tall view has ``rows`` >= ``columns``.

    Parameters
    ----------
    rows, columns : int
        Of the tall view.
    is_complex : bool
        Whether entries are complex.
    single : bool
        Whether Krylov products run in single precision.
    streamed : bool
        Whether every product reads the entries from a file.
    stored : int
        Entries of a sparse matrix; 0 for a dense one.
    """

    rows: int
    columns: int
    is_complex: bool = False
    single: bool = False
    streamed: bool = False
    stored: int = 0

    @property
    def reading(self) -> float:
        """One pass over the entries."""
        if self.stored:
            return _CALL + _STORED[0] * self.stored
        return _CALL + _READ * self.rows * self.columns * (2.0 if self.is_complex else 1.0)

    @property
    def tiny(self) -> bool:
        """Whether all values are computed before another route is under way."""
        dense = not (self.stored or self.streamed)
        return dense and is_tiny(self.rows, self.columns, self.is_complex)

    @property
    def svd(self) -> float:
        """All singular values by LAPACK; of a sparse matrix from its triangle."""
        if self.stored:
            blocks = (_READ + 2.0 * _TALL * self.columns) * self.rows * self.columns
            return self.reading + (blocks + _VALUES * self.columns**3) * self._factor
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
        return self._reduced(_REDUCTION) + _EIGENVALUES * self.columns**2

    def gram_part(self, rank: int) -> float:
        """Leading triplets from the Gram matrix."""
        count = min(self.columns, rank + max(4, rank // 8))
        call, square = _EIGENVECTOR
        vectors = count * (call + square * self.columns**2 * self._factor)
        stages = _ONE_STAGE if self.columns >= TWO_STAGES_FROM else 1.0
        return self._reduced(stages * _REDUCTION) + vectors + self._rayleigh(count)

    def block_part(self, rank: int) -> float:
        """Leading triplets from a block Krylov space, with probes for the bounds."""
        width = min(block_width(rank), self.columns)
        size = block_depth(rank) * width
        # Thin blocks are multiplied less efficiently.
        products = (2 * (size + width) + 160) * self._column(_GEMM * (1.0 + 8.0 / width))
        projections = 4.0 * (self.rows + self.columns) * size**2 * _GEMM * self._factor
        passes = 2 * (block_depth(rank) + 6) * self.reading if self.streamed else 0.0
        small = _SEARCH + 3e-10 * size**3
        return products + projections + small + passes + self._rayleigh(rank + max(16, rank // 4))

    def lanczos(self, steps: int) -> float:
        """So many steps of single-vector Lanczos."""
        projections = 4.0 * (self.rows + self.columns) * steps**2 * _GEMV[0] * self._factor
        return steps * (2.0 * self._vector + _STEP) + projections

    def lanczos_steps(self, seconds: float) -> int:
        """How many such steps fit into ``seconds``, at most a third of the columns."""
        linear, whole = self.lanczos(1), self.lanczos(2)
        square = 0.5 * (whole - 2.0 * linear)
        linear -= square
        root = math.sqrt(linear**2 + 4.0 * square * max(seconds, 0.0))
        return min(self.columns // 3, int(2.0 * max(seconds, 0.0) / (linear + root)))

    def factored(self, rank: int) -> float:
        """Proof that nothing was missed, by a Cholesky factorisation in single precision."""
        work = 0.5 * _SYRK * self.rows + 5e-12 * self.columns
        more = self.columns**2 * work * self._factor
        return more + 24 * self._vector + 1.3 * self._rayleigh(rank + max(8, rank // 4))

    @property
    def _factor(self) -> float:
        """Real multiplications in one of its own kind."""
        return 4.0 if self.is_complex else 1.0

    def _reduced(self, cube: float) -> float:
        """The Gram matrix on three diagonals."""
        work = _SYRK * self.rows + cube * self.columns
        if self.stored:
            pairs = _STORED[2] * self.stored * (1.0 + self.stored / self.rows)
            return self.reading + pairs + (1e-8 + cube * self.columns) * self.columns**2
        return self.reading + work * self.columns**2 * self._factor

    @property
    def _vector(self) -> float:
        """A product with one vector in working precision."""
        size = 8.0 * self.rows * self.columns * (0.5 if self.single else 1.0)
        size *= 2.0 if self.is_complex else 1.0
        beyond = min(max((size - _CACHE[0]) / (_CACHE[1] - _CACHE[0]), 0.0), 1.0)
        return self._column(_GEMV[0] + beyond * (_GEMV[1] - _GEMV[0]))

    def _column(self, unit: float) -> float:
        """One column multiplied in working precision."""
        if self.stored:
            return self.stored * _STORED[1]
        return self.rows * self.columns * unit * self._factor * (0.5 if self.single else 1.0)

    def _rayleigh(self, count: int) -> float:
        """Two products in double precision and a thin decomposition."""
        work = 2.0 * self.rows * self.columns * count if not self.stored else 0.0
        products = 2.0 * count * self.stored * _STORED[1]
        thin = work + 8.0 * self.rows * count**2
        return 2.0 * self.reading + products + thin * _GEMM * self._factor
