"""BLAS and LAPACK by their Fortran argument lists, without holding Python's lock.

SciPy's own wrappers keep the interpreter lock for seconds, which would freeze a window. So the
routines are called through the function pointers that `scipy.linalg.cython_blas` and
`scipy.linalg.cython_lapack` publish for this purpose; ctypes lets the lock go.

NumPy brings a BLAS library of its own, and threads of one library that have nothing to do spin
for a while on the cores which the other one wants: products that took turns between the two were
measured three times slower. Whatever calls this module in a loop makes all its products here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cython_blas, cython_lapack


def call(name: str, *arguments: bytes | int | float | npt.NDArray[Any]) -> int:
    """Call a BLAS or LAPACK routine by its Fortran argument list, without LAPACK's last one.

    Parameters
    ----------
    name : str
        With its type prefix: ``"dsyrk"``.
    *arguments : bytes, int, float or ndarray
        Letters, sizes, scalars and arrays. Of an array only the address of its first entry is
        passed, so that a view can be given with the leading dimension of what it is a part of.

    Returns
    -------
    int
        LAPACK's ``info`` (0: fine); 0 for BLAS.

    References
    ----------
    Anderson et al., LAPACK Users' Guide, 3rd ed. (1999), section 5.1: the argument lists.

    Examples
    --------
    >>> off, diagonal = np.array([1.0, 0.0]), np.array([2.0, 2.0])
    >>> call("dsterf", 2, diagonal, off), diagonal.round(12)
    (0, array([1., 3.]))
    """
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
    if name in cython_lapack.__pyx_capi__:
        keep.append(ctypes.byref(info))
    _routine(name, len(keep))(*keep)
    return info.value


@cache
def _routine(name: str, count: int) -> Callable[..., None]:
    library = cython_lapack if name in cython_lapack.__pyx_capi__ else cython_blas
    capsule = library.__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    pointer = api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * count)
    return prototype(pointer)
