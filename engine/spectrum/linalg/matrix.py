"""One matrix, read in blocks: what may be decomposed, scanned for NaN and scaled out of harm.

Everything here sees a matrix through its *tall view* (``a`` or ``a.T``, whichever has more rows
than columns), so that sums over the longer side run over row blocks of that view.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from engine.errors import ArgumentError, DataError
from engine.jobs import Progress, checkpoint
from engine.sentences import say

AnyArray = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

UNIT_ROUNDOFF = 2.0**-53
BLOCK_ROWS = 512  # also the length of the sums inside BLAS, hence part of the error bound
BLOCK_BYTES = 1 << 26
HELD_BYTES = 1 << 30  # mapped matrices above this are read block by block for every product
_LEAST = 2.0**-1022  # below it numbers have fewer digits, or none on some processors
# Products of such data are exact in float64: no rounding before the sum.
_EXACT_PRODUCTS = {"bool", "int8", "uint8", "int16", "uint16", "float16", "bfloat16", "float32"}


@dataclass(frozen=True, eq=False)
class Matrix:
    """A two-dimensional array that passed the checks of `as_matrix`; nothing is copied.

    Parameters
    ----------
    array : ndarray of shape (m, n)
        The data as given; a sparse matrix by the rows of its tall view, duplicates summed.
    dtype_name : str
        Name of its dtype.
    """

    array: AnyArray
    dtype_name: str

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.array.shape[0], self.array.shape[1]

    @property
    def is_sparse(self) -> bool:
        """Whether only some entries are stored; all others are 0."""
        return not isinstance(self.array, np.ndarray)

    @property
    def stored(self) -> int:
        """How many entries of a sparse matrix are stored; 0 for a dense one."""
        array: Any = self.array
        return int(array.nnz) if self.is_sparse else 0

    @property
    def is_complex(self) -> bool:
        """Whether entries are complex."""
        return self.array.dtype.kind == "c"

    @property
    def tall(self) -> AnyArray:
        """``array`` or its transpose, so that rows are at least as many as columns."""
        return self.array if self.shape[0] >= self.shape[1] else self.array.T

    @property
    def exact_in_float32(self) -> bool:
        """Whether every entry is a float32 (complex64) number."""
        return is_exact_in_float32(self.dtype_name)

    @property
    def entry_rounding(self) -> float:
        """Largest relative error made by reading an entry as float64 (complex128)."""
        wide = {"int64", "uint64", "longdouble", "float128", "clongdouble", "complex256"}
        return UNIT_ROUNDOFF if self.dtype_name in wide else 0.0

    @property
    def is_mapped(self) -> bool:
        """Whether the entries lie in a file rather than in memory."""
        return is_mapped(self.array)

    @property
    def is_streamed(self) -> bool:
        """Whether it is mapped and too large to be held in memory as well."""
        return self.is_mapped and self.array.nbytes > HELD_BYTES

    def is_ready(self, dtype: npt.DTypeLike) -> bool:
        """Whether BLAS and LAPACK can take the entries from where they lie, as ``dtype``."""
        if self.is_sparse:
            return False
        flags = self.array.flags
        native = self.array.dtype == dtype and self.array.dtype.isnative
        return native and flags.aligned and (flags.c_contiguous or flags.f_contiguous)

    @property
    def along_rows(self) -> bool:
        """Whether neighbours in a row of the tall view are the nearer ones in memory."""
        if self.is_sparse:
            return True
        down, across = self.tall.strides
        return abs(across) <= abs(down)

    @property
    def double_dtype(self) -> type[np.float64] | type[np.complex128]:
        """float64, or complex128 for complex data."""
        return np.complex128 if self.is_complex else np.float64


def in_double(array: AnyArray) -> AnyArray:
    """Return numbers as float64 (complex128), the array itself where it holds these.

    Examples
    --------
    >>> in_double(np.ones(2, np.int8)).dtype, in_double(np.ones(2, np.complex64)).dtype
    (dtype('float64'), dtype('complex128'))
    """
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)


def is_exact_in_float32(dtype_name: str) -> bool:
    """Whether every number of the type is a float32 (complex64) number."""
    return dtype_name in _EXACT_PRODUCTS or dtype_name == "complex64"


def as_matrix(a: Any) -> Matrix:
    """``a`` as a checked `Matrix`, without looking at its entries.

    Raises
    ------
    ArgumentError
        When ``a`` is not two-dimensional or its dtype is not numeric.
    DataError
        When it has no rows or no columns, or masked entries.

    Examples
    --------
    >>> as_matrix([[1, 2, 3]]).tall.shape
    (3, 1)
    """
    if isinstance(a, np.ma.MaskedArray):
        hidden = int(np.count_nonzero(np.ma.getmaskarray(a)))
        if hidden:
            first = tuple(int(i[0]) for i in np.nonzero(np.ma.getmaskarray(a)))
            text = say(
                "{count} entries are masked, the first at {first}. Fill them first.",
                count=hidden,
                first=first,
            )
            raise DataError(text, hidden, first)
    sparse = not isinstance(a, np.ndarray) and scipy.sparse.issparse(a)
    array: Any = a if sparse else np.asarray(a)
    name, numeric = _name_of(array.dtype)
    if not numeric:
        hint = "Convert it first, for example a.astype(float)."
        raise ArgumentError("dtype", name, "real, complex, integer or boolean", hint)
    if array.ndim != 2:
        raise ArgumentError("a", array.shape, "two-dimensional", "Reshape it to (rows, columns).")
    if 0 in array.shape:
        raise DataError(say("The matrix is empty: its shape is {shape}.", shape=array.shape))
    return Matrix(_by_rows(array) if sparse else array, name)


def _by_rows(a: Any) -> Any:
    """A sparse matrix by the rows of its tall view, each entry stored once; ``a`` stays as is."""
    is_wide = a.shape[0] < a.shape[1]
    rows = scipy.sparse.csr_array(a.T if is_wide else a)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows.T if is_wide else rows


@cache
def _name_of(dtype: np.dtype[Any]) -> tuple[str, bool]:
    """The name of a type, which NumPy makes anew each time, and whether it is of numbers."""
    # bfloat16, float8 and int4 come from ml_dtypes as kind "V"; structured and raw types do too.
    name, plain = dtype.name, dtype.kind in "biufc"
    extension = dtype.kind == "V" and dtype.fields is None and not name.startswith("void")
    return name, plain or (extension and np.can_cast(dtype, np.float32, "unsafe"))


def blocks(
    matrix: Matrix, progress: Progress | None = None, text: str = "", *, size: int = 0
) -> Iterator[AnyArray]:
    """Row blocks of the tall view as float64 (complex128) buffers, in the data's own layout.

    Each block of shape (size, columns), by default of `block_rows` rows, is only valid until the
    next one is asked for. Whether it is C or Fortran ordered follows the data, so that copying
    runs along the memory.

    Raises
    ------
    Cancelled
        Between blocks.
    """
    tall: Any = matrix.tall
    rows, columns = tall.shape
    size = size or block_rows(columns)
    along_rows = matrix.along_rows
    shape = (size, columns) if along_rows else (columns, size)
    buffer = np.empty(shape, matrix.double_dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, rows, size):
            checkpoint(progress, start / rows, text)
            part = tall[start : start + size]
            count = part.shape[0]
            block = buffer[:count] if along_rows else buffer[:, :count].T
            block[...] = part.toarray() if matrix.is_sparse else part
            _release_pages(matrix.array)
            yield block


def block_rows(columns: int) -> int:
    """How many rows of the tall view make a block."""
    return int(min(BLOCK_ROWS, max(16, BLOCK_BYTES // (8 * columns))))


def read_scaled(
    matrix: Matrix,
    scale: RunningScale,
    progress: Progress | None = None,
    text: str = "",
    *,
    size: int = 0,
) -> Iterator[tuple[AnyArray, float]]:
    """Blocks of the tall view times ``2**-scale.exponent``, checked for NaN and infinities.

    Yields
    ------
    block : ndarray of shape (rows, columns)
        As from `blocks`.
    factor : float
        What sums of squares of earlier blocks must be multiplied by: a power of 4, mostly 1.

    Raises
    ------
    DataError
        Where NaN or infinite entries are found, with their count and the first index.
    """
    for block in blocks(matrix, progress, text, size=size):
        peak = peak_of(block)
        if not math.isfinite(peak):
            raise_nonfinite(matrix)
        factor = scale.update(peak)
        scale_in_place(block, -scale.exponent)
        yield block, factor


class RunningScale:
    """The power of two that entries are divided by, so that no square over- or underflows."""

    def __init__(self) -> None:
        self.exponent = 0
        self._started = False

    def update(self, peak: float) -> float:
        """Make room for entries up to ``peak``; returns the factor for sums of squares so far."""
        if peak == 0.0:
            return 1.0
        # Squares between 2**-400 and 2**400 are safe: ordinary data stay as they are.
        wanted = 0 if 2.0**-200 < peak < 2.0**200 else math.frexp(peak)[1]
        if not self._started:
            self.exponent, self._started = wanted, True
            return 1.0
        raised = max(0, wanted - self.exponent)
        self.exponent += raised
        return math.ldexp(1.0, -2 * raised)


def scale_in_place(block: AnyArray, exponent: int) -> None:
    """Multiply by ``2**exponent``; in two steps, since ``2**-exponent`` alone may overflow."""
    if exponent:
        half = exponent // 2
        block *= 2.0**half
        block *= 2.0 ** (exponent - half)


def unscale(value: npt.ArrayLike, exponent: int) -> FloatArray:
    """``value * 2**exponent``, refusing what float64 cannot hold.

    Raises
    ------
    DataError
        On overflow.
    """
    result = np.asarray(value, dtype=np.float64)
    if exponent:
        with np.errstate(over="ignore", under="ignore"):
            result = np.ldexp(result, exponent)
    if not np.isfinite(result).all():
        raise DataError(
            "The entries are finite but the singular values exceed the range of float64. "
            "Divide the matrix by a power of ten first."
        )
    return np.asarray(result)


def outward(low: FloatArray, high: FloatArray, exponent: int) -> tuple[FloatArray, FloatArray]:
    """Bounds times ``2**exponent``; where that is not exact they are rounded away.

    Raises
    ------
    DataError
        When float64 cannot hold them.

    Examples
    --------
    >>> outward(np.array([1.5]), np.array([1.5]), -1060)
    (array([0.]), array([2.22507386e-308]))
    """
    lower, upper = unscale(low, exponent), unscale(high, exponent)
    lower = np.where(lower < _LEAST, 0.0, lower)
    upper = np.where((upper < _LEAST) & (high > 0.0), _LEAST, upper)
    return lower, upper


def peak_of(block: AnyArray) -> float:
    """Largest magnitude of a real or imaginary part; NaN or inf where there is one."""
    parts = (block.real, block.imag) if block.dtype.kind == "c" else (block,)
    peaks = [value for part in parts for value in (float(part.max()), -float(part.min()))]
    return math.nan if any(math.isnan(p) for p in peaks) else max(peaks)


def sum_of_squares(block: AnyArray) -> float:
    """Squared Frobenius norm of a float64 or complex128 block."""
    # Row by row in one thread: short sums keep the error down, and BLAS would split each call
    # among threads that wait for one another.
    rows = block if block.flags.c_contiguous else block.T
    parts = (rows.real, rows.imag) if block.dtype.kind == "c" else (rows,)
    return math.fsum(float(np.einsum("ij,ij->i", part, part).sum()) for part in parts)


def raise_nonfinite(matrix: Matrix) -> None:
    """Count the NaN and infinite entries, find the first in reading order, and refuse them."""
    count, start = 0, 0
    first: tuple[int, int] | None = None
    transposed = matrix.shape[0] < matrix.shape[1]
    for block in blocks(matrix):
        bad = ~np.isfinite(block)
        rows, columns = np.nonzero(bad)
        if rows.size:
            count += int(rows.size)
            pairs = (columns, rows + start) if transposed else (rows + start, columns)
            here = int(np.lexsort((pairs[1], pairs[0]))[0])
            found = int(pairs[0][here]), int(pairs[1][here])
            first = found if first is None else min(first, found)
        start += block.shape[0]
    assert first is not None
    total = matrix.shape[0] * matrix.shape[1]
    verb = "is" if count == 1 else "are"
    raise DataError(
        say(
            "{count} of {total} entries {verb} NaN or infinite, the first at row {row}, column "
            "{column} (counted from 0). Replace them, for example by 0 or the column mean.",
            count=count,
            total=total,
            verb=verb,
            row=first[0],
            column=first[1],
        ),
        count,
        first,
    )


def is_mapped(array: AnyArray) -> bool:
    """Return whether the numbers of an array lie in a file rather than in memory."""
    return _memory_map(array) is not None


def _memory_map(array: AnyArray) -> np.memmap[Any, Any] | None:
    owner: Any = array
    found = None
    while isinstance(owner, np.ndarray):
        found = owner if isinstance(owner, np.memmap) else found
        owner = owner.base
    return found


def _release_pages(array: AnyArray) -> None:
    """Let the system drop pages already read, which otherwise count as resident memory."""
    mapped = _memory_map(array)
    # Pages of a copy-on-write map may hold changes that exist nowhere else.
    if mapped is None or mapped.mode == "c" or not hasattr(mmap, "MADV_DONTNEED"):
        return
    owner: Any = mapped.base
    if isinstance(owner, mmap.mmap):
        owner.madvise(mmap.MADV_DONTNEED)
