"""Rank-k updates and eigenvalues of symmetric matrices without holding Python's lock.

`numpy.linalg.eigvalsh` reduces the lower triangle; the upper one is about a quarter faster in
OpenBLAS. SciPy's own wrappers can be told to use it but keep the interpreter lock for seconds,
which would freeze a window. So LAPACK is called through the function pointers that
`scipy.linalg.cython_lapack` publishes for this purpose; ctypes lets the lock go.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cython_blas, cython_lapack, eigvalsh_tridiagonal

from engine.errors import ConvergenceError

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]


def add_gram(gram: AnyArray, block: AnyArray) -> None:
    """Add ``block^H block`` to the upper triangle of a Fortran-ordered ``gram``, in place.

    Parameters
    ----------
    gram : ndarray of shape (n, n), float64 or complex128, Fortran order
        Only its upper triangle is read and written.
    block : ndarray of shape (b, n), same dtype
        C ordered, or Fortran ordered with columns next to each other.
    """
    rows, columns = block.shape
    if block.dtype.kind == "c":
        gram += block.conj().T @ block
        return
    if not (block.flags.c_contiguous or block.flags.f_contiguous):
        block = np.asfortranarray(block)
    # BLAS sees a C-ordered block as its transpose.
    by_rows = block.flags.c_contiguous
    leading = columns if by_rows else rows
    _call(
        "dsyrk", b"U", b"N" if by_rows else b"T", columns, rows, 1.0, block, leading, 1.0, gram,
        columns,
    )  # fmt: skip


def symmetric_eigenvalues(gram: AnyArray) -> tuple[FloatArray, str]:
    """All eigenvalues of a symmetric (Hermitian) matrix, ascending; ``gram`` is destroyed.

    Parameters
    ----------
    gram : ndarray of shape (n, n), float64 or complex128, Fortran order
        Only the upper triangle is read.

    Returns
    -------
    eigenvalues : ndarray of shape (n,), float64
    note : str
        What happened where the first method failed, else empty.

    Raises
    ------
    ConvergenceError
        When QL iterations and bisection both fail.

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
    diagonal, off = _tridiagonal(gram)
    eigenvalues, rest = diagonal.copy(), off.copy()
    if _call("dsterf", diagonal.size, eigenvalues, rest) == 0:
        return eigenvalues, ""
    try:
        found = eigvalsh_tridiagonal(diagonal, off[: diagonal.size - 1], lapack_driver="stebz")
    except np.linalg.LinAlgError as error:
        raise ConvergenceError(
            "The eigenvalues of the Gram matrix converged neither by QL iterations nor by "
            "bisection. Try method='svd'."
        ) from error
    return np.asarray(found, dtype=np.float64), "QL iterations did not converge; bisection did"


def _tridiagonal(gram: AnyArray) -> tuple[FloatArray, FloatArray]:
    """Diagonal and off-diagonal of the tridiagonal form; ``gram`` is overwritten."""
    size = gram.shape[0]
    diagonal, off, scalars = np.zeros(size), np.zeros(size), np.zeros(size)
    work = np.empty(64 * size)
    _call("dsytrd", b"U", size, gram, size, diagonal, off, scalars, work, work.size)
    return diagonal, off


def _call(name: str, *arguments: bytes | int | float | AnyArray) -> int:
    """Call a BLAS or LAPACK routine by its Fortran argument list; returns ``info`` (0: fine)."""
    info = ctypes.c_int(0)
    keep: list[Any] = []
    for value in arguments:
        if isinstance(value, np.ndarray):
            keep.append(ctypes.c_void_p(value.ctypes.data))
        elif isinstance(value, bytes):
            keep.append(ctypes.c_char_p(value))
        elif isinstance(value, int):
            keep.append(ctypes.byref(ctypes.c_int(value)))
        else:
            keep.append(ctypes.byref(ctypes.c_double(value)))
    # BLAS takes no info; a trailing pointer it does not read is harmless only in LAPACK's case.
    extra = [] if name == "dsyrk" else [ctypes.byref(info)]
    _routine(name, len(keep) + len(extra))(*keep, *extra)
    return info.value


@cache
def _routine(name: str, count: int) -> Callable[..., None]:
    module = cython_blas if name == "dsyrk" else cython_lapack
    capsule = module.__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    signature = api.PyCapsule_GetName(capsule)
    pointer = api.PyCapsule_GetPointer(capsule, signature)
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * count)
    return prototype(pointer)
