"""The spectrum of a matrix whose rows are in several places: one Gram matrix from that of each.

References
----------
Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 8.6: the Gram matrix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.spectrum.linalg.matrix import Matrix, as_matrix, scale_in_place
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.complete import accumulate_gram, spectrum_of_gram


@dataclass(frozen=True, eq=False)
class GramPart:
    """The Gram matrix of some rows of a matrix.

    Attributes
    ----------
    gram : ndarray of shape (n, n), float64 or complex128
        Upper triangle of that of the rows times ``2**-exponent``.
    exponent : int
    exact : bool
        Whether no rounding happened.
    count : int
        How many were added up.
    """

    gram: npt.NDArray[Any]
    exponent: int
    exact: bool
    count: int = 1

    def plus(self, other: GramPart) -> GramPart:
        """Return that of the rows of both.

        Examples
        --------
        >>> gram_part([[1.0, 2.0]]).plus(gram_part([[3.0, 0.0]])).gram
        array([[10.,  2.],
               [ 0.,  4.]])
        """
        exponent = max(self.exponent, other.exponent)
        own, more = (np.array(part.gram, order="F") for part in (self, other))
        scale_in_place(own, 2 * (self.exponent - exponent))
        scale_in_place(more, 2 * (other.exponent - exponent))
        own += more
        exact = self.exact and other.exact and float(np.diagonal(own).real.max()) < 2.0**52
        return GramPart(own, exponent, exact, self.count + other.count)


class _Slab(Matrix):
    """Rows of a tall matrix: they are rows, however few."""

    @property
    def tall(self) -> npt.NDArray[Any]:
        return self.array


def gram_part(rows: npt.ArrayLike) -> GramPart:
    """Return the Gram matrix of rows of a tall matrix, for `parted_spectrum`.

    Parameters
    ----------
    rows : array_like of shape (b, n)
        Dense; a memory map is read block by block.

    Raises
    ------
    ArgumentError
        When it is no matrix of numbers.
    DataError
        When entries are NaN or infinite; the index is that among these rows.

    Examples
    --------
    >>> gram_part([[1.0, 2.0]]).gram
    array([[1., 2.],
           [0., 4.]])
    """
    matrix = as_matrix(rows)
    return GramPart(*accumulate_gram(_Slab(matrix.array, matrix.dtype_name)))


def parted_spectrum(
    parts: Iterable[GramPart], shape: tuple[int, int], dtype: npt.DTypeLike
) -> Spectrum:
    """Return all singular values of a matrix from the Gram matrices of its rows.

    Parameters
    ----------
    parts : iterable of GramPart
        Of all its rows, each once, in any order; added up as they come.
    shape : tuple of int
        (m, n) of the matrix; of a wide one the parts are of its columns.
    dtype : dtype
        Of its entries.

    Returns
    -------
    Spectrum
        As that of ``method="gram"``; its error bound covers the sums of the parts as well.

    Examples
    --------
    >>> a = np.arange(12.0).reshape(6, 2)
    >>> s = parted_spectrum((gram_part(a[:2]), gram_part(a[2:])), a.shape, a.dtype)
    >>> bool(np.abs(s.values - np.linalg.svd(a)[1]).max() <= s.error_bound + 1e-14)
    True
    """
    total = reduce(GramPart.plus, parts)
    # Of the shape and type of the whole; nothing of it is read.
    outline = as_matrix(np.broadcast_to(np.zeros((), dtype), shape))
    return spectrum_of_gram(
        *(outline, "gram", np.asfortranarray(total.gram), total.exponent),
        exact=total.exact,
        parts=total.count,
    )
