"""Rank-k updates and eigenvalues of symmetric (Hermitian) matrices, by their upper triangle.

`numpy.linalg.eigvalsh` reduces the lower triangle; the upper one is about a quarter faster in
OpenBLAS.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh_tridiagonal

from engine.errors import ConvergenceError
from engine.jobs import Progress
from engine.sentences import say
from engine.spectrum.linalg.lapack import call
from engine.spectrum.linalg.tridiagonal import tridiagonal_form

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

_ROUTINES = {"f": ("dsytrd", "dstemr", "dormtr"), "c": ("zhetrd", "zstemr", "zunmtr")}
_FAILED = "The leading eigenvalues of the Gram matrix did not converge. Try method='svd'."
# Bisection costs one eigenvalue at a time; for a 24th of them and more QL takes all sooner.
_BISECTED = 24
_PREFIX = {"f": "s", "d": "d", "F": "c", "D": "z"}


def add_gram(gram: AnyArray, block: AnyArray) -> None:
    """Add ``block^H block`` to the upper triangle of a Fortran-ordered ``gram``, in place.

    Parameters
    ----------
    gram : ndarray of shape (n, n), single or double precision, Fortran order
        Only its upper triangle is read and written.
    block : ndarray of shape (b, n), same dtype
        C ordered, or Fortran ordered with columns next to each other.
    """
    rows, columns = block.shape
    if not (block.flags.c_contiguous or block.flags.f_contiguous):
        block = np.asfortranarray(block)
    # BLAS sees a C-ordered block as its transpose.
    by_rows = block.flags.c_contiguous
    leading = columns if by_rows else rows
    one = np.ones(1, gram.real.dtype)
    if block.dtype.kind == "c":
        form = b"N" if by_rows else b"C"
        block = block.conj() if by_rows else block
    else:
        form = b"N" if by_rows else b"T"
    name = _PREFIX[gram.dtype.char] + ("herk" if block.dtype.kind == "c" else "syrk")
    call(name, b"U", form, columns, rows, one, block, leading, one, gram, columns)


def is_definite(matrix: AnyArray) -> bool:
    """Whether a Cholesky factorisation runs to its end; ``matrix`` is destroyed.

    Parameters
    ----------
    matrix : ndarray of shape (n, n), single or double precision, Fortran order
        Symmetric (Hermitian); only its upper triangle is read.

    Examples
    --------
    >>> is_definite(np.array([[2.0, 1.0], [1.0, 2.0]], order="F"))
    True
    >>> is_definite(np.array([[2.0, 3.0], [3.0, 2.0]], order="F"))
    False
    """
    size = matrix.shape[0]
    return call(_PREFIX[matrix.dtype.char] + "potrf", b"U", size, matrix, size) == 0


def symmetric_eigenvalues(
    gram: AnyArray, progress: Progress | None = None, start: float = 0.0
) -> tuple[FloatArray, str]:
    """All eigenvalues of a symmetric (Hermitian) matrix, ascending; ``gram`` is destroyed.

    Parameters
    ----------
    gram : ndarray of shape (n, n), float64 or complex128, Fortran order
        Only the upper triangle is read.
    progress : Progress, optional
        As in `tridiagonal_form`; a complex matrix is decomposed in one step.
    start : float
        Where on the way to 1 the reports begin.

    Returns
    -------
    eigenvalues : ndarray of shape (n,), float64
    note : str
        What happened where the first method failed, else empty.

    Raises
    ------
    ConvergenceError
        When QL iterations and bisection both fail.
    Cancelled
        When ``progress`` says so.

    References
    ----------
    Anderson et al., LAPACK Users' Guide, 3rd ed. (1999), sections 2.4.4 and 4.7.

    Examples
    --------
    >>> import numpy as np
    >>> symmetric_eigenvalues(np.array([[2.0, 1.0], [1.0, 2.0]], order="F"))[0].round(12)
    array([1., 3.])
    """
    if gram.dtype.kind == "c":
        return np.asarray(np.linalg.eigvalsh(gram, UPLO="U"), dtype=np.float64), ""
    text = say("eigenvalues of order {order}", order=gram.shape[0])
    diagonal, off = tridiagonal_form(gram, progress, start, text)
    eigenvalues, rest = diagonal.copy(), off.copy()
    if call("dsterf", diagonal.size, eigenvalues, rest) == 0:
        return eigenvalues, ""
    try:
        found = eigvalsh_tridiagonal(diagonal, off[: diagonal.size - 1], lapack_driver="stebz")
    except np.linalg.LinAlgError as error:
        raise ConvergenceError(
            "The eigenvalues of the Gram matrix converged neither by QL iterations nor by "
            "bisection. Try method='svd'."
        ) from error
    return np.asarray(found, dtype=np.float64), "QL iterations did not converge; bisection did"


class Reduced:
    """A symmetric (Hermitian) matrix reduced to three diagonals, asked for a part of its spectrum.

    Parameters
    ----------
    gram : ndarray of shape (n, n), float64 or complex128, Fortran order
        Only the upper triangle is read. It is destroyed: the reflections are kept in it.

    References
    ----------
    Anderson et al., LAPACK Users' Guide, 3rd ed. (1999), section 2.4.4. Bisection: Barth, Martin &
    Wilkinson, Numer. Math. 9 (1967). Vectors: Dhillon & Parlett, "Multiple representations to
    compute orthogonal eigenvectors of symmetric tridiagonal matrices", Linear Algebra Appl. 387
    (2004).

    Examples
    --------
    >>> import numpy as np
    >>> reduced = Reduced(np.array([[2.0, 1.0], [1.0, 2.0]], order="F"))
    >>> reduced.leading_values(2).round(12), abs(reduced.leading_vectors(1)[:, 0]).round(3)
    (array([3., 1.]), array([0.707, 0.707]))
    """

    def __init__(self, gram: AnyArray) -> None:
        self._size, self._reflections = gram.shape[0], gram
        self._reduce, self._solve, self._turn = _ROUTINES[gram.dtype.kind]
        self._diagonal, self._off = np.zeros(self._size), np.zeros(self._size)
        self._scalars = np.zeros(self._size, gram.dtype)
        self._work = np.empty(64 * self._size, gram.dtype)
        self._every: FloatArray | None = None  # all eigenvalues, once they were asked for
        call(
            self._reduce, b"U", self._size, gram, self._size,
            self._diagonal, self._off, self._scalars, self._work, self._work.size,
        )  # fmt: skip

    def leading_values(self, count: int, *, after: int = 0) -> FloatArray:
        """``count`` eigenvalues after the first ``after``, descending, to the digits of the first.

        Raises
        ------
        ConvergenceError
            When LAPACK fails.
        """
        # By bisection where few are asked for; of a cluster across the cut it may find too few
        # (its counts need not grow with the place: LAPACK's info 2 and 3), then all by QR.
        if self._every is None and _BISECTED * count <= self._size:
            bisected = self._bisected(count, self._size - after)
            if bisected is not None:
                return bisected
        if self._every is None:
            every, off = self._diagonal.copy(), self._off.copy()
            if call("dsterf", self._size, every, off):
                raise ConvergenceError(_FAILED)
            self._every = every[::-1]
        return self._every[after : after + count].copy()

    def _bisected(self, count: int, last: int) -> FloatArray | None:
        """The ``count`` eigenvalues up to the ``last`` of ascending order, or None."""
        size = self._size
        values, numbers = np.zeros(size), [np.zeros(size, np.int32) for _ in range(2)]
        failed = call(
            "dstebz", b"I", b"E", size, 0.0, 0.0, last - count + 1, last, 0.0,
            self._diagonal, self._off, 0, 0, values, *numbers,
            np.empty(4 * size), np.zeros(3 * size, np.int32),
        )  # fmt: skip
        return None if failed else values[:count][::-1].copy()

    def leading_vectors(self, count: int) -> AnyArray:
        """Eigenvectors of the ``count`` largest eigenvalues, orthogonal to about n roundings.

        (The eigenvalues that come with them were seen 370 roundings off and are not returned.)

        Raises
        ------
        ConvergenceError
            When LAPACK gives up, as its MRRR algorithm does on some graded matrices.
        """
        size = self._size
        values, vectors = np.zeros(size), np.zeros((size, count), self._scalars.dtype, order="F")
        support, integers = np.zeros(2 * size, np.int32), np.zeros(10 * size, np.int32)
        room, first = np.empty(18 * size), size - count + 1
        # dsyevr would bisect for a part of the eigenvalues, which takes twice as long.
        failed = call(
            self._solve, b"V", b"I", size, self._diagonal.copy(), self._off.copy(), 0.0, 0.0,
            first, size, 0, values, vectors, size, count, support, 1,
            room, room.size, integers, integers.size,
        )  # fmt: skip
        if failed or not np.isfinite(vectors).all():
            raise ConvergenceError(_FAILED)
        call(
            self._turn, b"L", b"U", b"N", size, count, self._reflections, size, self._scalars,
            vectors, size, self._work, self._work.size,
        )  # fmt: skip
        return vectors[:, ::-1]
