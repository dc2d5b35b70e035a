"""Krylov spaces: right singular directions of the largest singular values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import checkpoint
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.thin_qr import thin_qr

AnyArray = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

# A projection that leaves less than this of a vector is repeated ("twice is enough").
_KEPT = 0.7
_PASSES = 5


class KrylovSpace:
    """Orthonormal bases R of ``span{(T^H T)^j T^H T Omega}`` and L of ``T R``, block by block.

    Golub-Kahan bidiagonalisation with full reorthogonalisation from Gaussian ``Omega``: ``T R = L
    B`` and ``T^H L = R B^H + N C`` with N the next block. One column to a block takes fewest
    products; blocks at least as wide as the wanted rank find multiple singular values too.

    Parameters
    ----------
    products : Products
        The matrix T, (m, n) with m >= n.
    width : int
        Columns of a block.
    rng : numpy.random.Generator
        Draws ``Omega``, and what replaces directions that vanish.
    room : int
        How large the space is expected to become.

    References
    ----------
    Golub & Kahan, SIAM J. Numer. Anal. 2 (1965); Golub, Luk & Overton, "A Block Lanczos Method for
    Computing the Singular Values and Corresponding Singular Vectors of a Matrix", ACM TOMS 7
    (1981); Musco & Musco, "Randomized Block Krylov Methods for Stronger and Faster Approximate
    Singular Value Decomposition", NeurIPS 2015, algorithm 2.
    """

    def __init__(
        self,
        products: Products,
        width: int,
        rng: np.random.Generator,
        *,
        room: int = 0,
    ) -> None:
        self.products = products
        self.width = width
        self._rng = rng
        self._left = _Basis(products.rows, room, products.dtype)
        self._right = _Basis(products.columns, room, products.dtype)
        self._form = np.zeros((0, 0), products.matrix.double_dtype)
        start = products.times(gaussian(rng, products.columns, width, products))
        self._next, _, self._link = self._outside(products.adjoint(start), self._right.columns)

    @property
    def size(self) -> int:
        """Dimension of the space so far."""
        return self._form.shape[0]

    def extend(self) -> None:
        """One block more: two products with the matrix."""
        checkpoint(self.products.progress)
        self._right.append(self._next)
        image = self.products.times(self._next)
        left, along, across = self._outside(image, self._left.columns)
        size, width = self.size, self.width
        form = np.zeros((size + width, size + width), self._form.dtype)
        form[:size, :size] = self._form
        form[size - along.shape[0] : size, size:] = along
        form[size:, size:] = across
        self._form = form
        self._left.append(left)
        self._next, _, self._link = self._outside(self.products.adjoint(left), self._right.columns)

    def ritz(self) -> tuple[FloatArray, FloatArray]:
        """Singular values within the space, and ``||T^H u - s v||`` of each; ``T v = s u``."""
        u, s, _ = np.linalg.svd(self._form)
        return s, np.asarray(np.linalg.norm(self._link @ u[-self.width :], axis=0))

    def directions(self, count: int) -> AnyArray:
        """The ``count`` leading right singular directions within the space, (n, count)."""
        double = self.products.matrix.double_dtype
        if self.products.matrix.exact_in_float32:
            # Squares in float64 resolve 1e-8 sigma_1, which is all that float32 products hold.
            v = np.linalg.eigh(self._form.conj().T @ self._form)[1][:, ::-1]
        else:
            v = np.linalg.svd(self._form)[2].conj().T
        turned = self._right.columns @ v[:, :count].astype(self.products.dtype)
        return thin_qr(turned.astype(double, copy=False))[0]

    def _outside(self, block: AnyArray, basis: AnyArray) -> tuple[AnyArray, AnyArray, AnyArray]:
        """Orthonormal q outside ``basis`` with ``block = basis along + q across``.

        What has nothing outside is replaced by random directions, with zeros in ``across``.
        """
        double = self.products.matrix.double_dtype
        along = np.zeros((basis.shape[1], block.shape[1]), double)
        across: AnyArray = np.eye(block.shape[1], dtype=double)
        for attempt in range(_PASSES):
            inside = adjoint_product(basis, block)
            along += inside @ across
            block, factor, kept = self._normalised(block - basis @ inside)
            across = factor @ across
            if (attempt or not basis.shape[1]) and kept > _KEPT:
                break
        return block, along, across

    def _normalised(self, block: AnyArray) -> tuple[AnyArray, AnyArray, float]:
        """Orthonormal columns, the factor in double precision, and the least norm of a column."""
        norms = np.linalg.norm(block, axis=0) if block.shape[1] > 1 else [np.linalg.norm(block)]
        lost = np.equal(norms, 0.0)
        if lost.any():
            block[:, lost] = gaussian(self._rng, len(block), int(lost.sum()), self.products)
        working, double = block.dtype, self.products.matrix.double_dtype
        enough = 1e-7 if double != working else 0.0
        q, r = thin_qr(block.astype(double, copy=False), enough)
        return q.astype(working, copy=False), r * ~lost, float(min(norms))


class _Basis:
    """Columns that become more, stored next to each other."""

    def __init__(self, rows: int, room: int, dtype: np.dtype[Any]) -> None:
        self._room = np.empty((rows, room), dtype, order="F")
        self._size = 0

    @property
    def columns(self) -> AnyArray:
        return self._room[:, : self._size]

    def append(self, block: AnyArray) -> None:
        size = self._size + block.shape[1]
        if size > self._room.shape[1]:
            room = np.empty((block.shape[0], size + size // 2), self._room.dtype, order="F")
            room[:, : self._size] = self.columns
            self._room = room
        self._room[:, self._size : size] = block
        self._size = size


def gaussian(rng: np.random.Generator, rows: int, columns: int, products: Products) -> AnyArray:
    """Standard normal entries, complex with independent parts for a complex matrix."""
    real = rng.standard_normal((rows, columns))
    if not products.matrix.is_complex:
        return real
    return real + 1j * rng.standard_normal((rows, columns))
