"""Symmetric matrices to tridiagonal form, the costly half of their eigenvalues.

LAPACK's dsytrd multiplies the matrix with one vector for each column it removes, which is bound by
memory once the matrix has outgrown the cache. In two stages, first to a band by products of
matrices, then to three diagonals by rotations within the band, most of the same work is done at
the speed of arithmetic: 2.6 s instead of 3.4 s at order 4096, on two cores with 32 MB of cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.lapack import call

FloatArray = npt.NDArray[np.float64]

# On that machine two stages take a third longer at 2048; smaller caches favour them earlier.
TWO_STAGES_FROM = 2560
# Wider bands make the products faster and the rotations slower.
_BAND = 48


def tridiagonal_form(
    matrix: FloatArray, progress: Progress | None = None, start: float = 0.0, text: str = ""
) -> tuple[FloatArray, FloatArray]:
    """Diagonal and off-diagonal of a tridiagonal matrix with the same eigenvalues.

    Parameters
    ----------
    matrix : ndarray of shape (n, n), float64, Fortran order
        Symmetric; only the upper triangle is read. It is destroyed.
    progress : Progress, optional
        Checked between blocks of columns, of large matrices only.
    start : float
        Where on the way to 1 the reports begin.
    text : str
        What they say.

    Returns
    -------
    diagonal : ndarray of shape (n,)
    off : ndarray of shape (n,)
        The last entry has no meaning.

    Raises
    ------
    Cancelled
        When ``progress`` says so.

    References
    ----------
    Bischof, Lang & Sun, "A framework for symmetric band reduction", ACM TOMS 26 (2000).

    Examples
    --------
    >>> d, e = tridiagonal_form(np.array([[1.0, 2.0], [2.0, 5.0]], order="F"))
    >>> d, abs(e[:1])
    (array([1., 5.]), array([2.]))
    """
    size = matrix.shape[0]
    diagonal, off = np.zeros(size), np.zeros(size)
    if size < TWO_STAGES_FROM:
        scalars, work = np.zeros(size), np.empty(64 * size)
        call("dsytrd", b"U", size, matrix, size, diagonal, off, scalars, work, work.size)
        return diagonal, off
    for last in range(size - _BAND, 1, -_BAND):
        # The work left falls with the cube of what is left.
        checkpoint(progress, start + (1.0 - start) * 0.7 * (1.0 - (last / size) ** 3), text)
        _clear_columns(matrix, last)
    checkpoint(progress, start + (1.0 - start) * 0.7, text)
    band = _upper_band(matrix)
    unused = np.zeros(1)
    work = np.empty(size)
    call(
        "dsbtrd", b"N", b"U", size, _BAND, band, _BAND + 1, diagonal, off, unused, 1, work,
    )  # fmt: skip
    return diagonal, off


def _clear_columns(matrix: FloatArray, last: int) -> None:
    """Reflect rows and columns 0 ... last - 1 so that the next columns vanish above the band.

    With ``Q = I - V T V^T`` from the QL factorisation of those columns and ``X = A V T``,
    ``Q^T A Q = A - V W^T - W V^T`` for ``W = X - V (T^T V^T X) / 2``.
    """
    size = matrix.shape[0]
    panel = matrix[:, last : last + _BAND]
    count = min(last, _BAND)
    scalars, work = np.zeros(_BAND), np.empty(64 * _BAND)
    call("dgeqlf", last, _BAND, panel, size, scalars, work, work.size)
    v = _reflectors(panel[:last, _BAND - count :])
    t = np.zeros((count, count), order="F")
    call("dlarft", b"B", b"C", last, count, v, last, scalars, t, count)
    vt = v.copy(order="F")
    call("dtrmm", b"R", b"L", b"N", b"N", last, count, 1.0, t, count, vt, last)
    x, inner = np.empty_like(v), np.empty_like(t)
    call("dsymm", b"L", b"U", last, count, 1.0, matrix, size, vt, last, 0.0, x, last)
    call("dgemm", b"T", b"N", count, count, last, 1.0, vt, last, x, last, 0.0, inner, count)
    call("dgemm", b"N", b"N", last, count, count, -0.5, v, last, inner, count, 1.0, x, last)
    call("dsyr2k", b"U", b"N", last, count, -1.0, v, last, x, last, 1.0, matrix, size)


def _reflectors(panel: FloatArray) -> FloatArray:
    """Householder vectors from where dgeqlf leaves them: unit upper trapezoidal at the bottom."""
    v = panel.copy(order="F")
    count = v.shape[1]
    corner: Any = v[-count:]
    corner[np.tril_indices(count, -1)] = 0.0
    np.fill_diagonal(corner, 1.0)
    return v


def _upper_band(matrix: FloatArray) -> FloatArray:
    """LAPACK's band storage: the j-th diagonal above the main one in row ``_BAND - j``."""
    band = np.zeros((_BAND + 1, matrix.shape[0]), order="F")
    for j in range(_BAND + 1):
        band[_BAND - j, j:] = np.diagonal(matrix, j)
    return band
