"""Block Krylov spaces: right singular directions of the largest singular values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import checkpoint
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.thin_qr import thin_qr

AnyArray = npt.NDArray[Any]


class BlockKrylov:
    """Orthonormal bases of ``span{(T^H T)^j T^H T Omega}`` and of ``T`` times it, block by block.

    Block Golub-Kahan bidiagonalisation with full reorthogonalisation, started from Gaussian
    ``Omega``. Blocks at least as wide as the wanted rank find multiple singular values too.

    Parameters
    ----------
    products : Products
        The matrix T, (m, n) with m >= n.
    width : int
        Columns of a block.
    rng : numpy.random.Generator
        Draws ``Omega``.

    References
    ----------
    Musco & Musco, "Randomized Block Krylov Methods for Stronger and Faster Approximate Singular
    Value Decomposition", NeurIPS 2015, algorithm 2. Golub, Luk & Overton, "A Block Lanczos Method
    for Computing the Singular Values and Corresponding Singular Vectors of a Matrix", ACM TOMS 7
    (1981).
    """

    def __init__(self, products: Products, width: int, rng: np.random.Generator) -> None:
        self.products = products
        self.width = width
        omega = gaussian(rng, products.columns, width, products)
        self._left = [orthonormal(products.times(omega), [])]
        self._right: list[AnyArray] = []
        self._images: list[AnyArray] = []

    @property
    def size(self) -> int:
        """Dimension of the space so far."""
        return self.width * len(self._right)

    def extend(self) -> None:
        """One block more: two products with the matrix."""
        checkpoint(self.products.progress)
        if self._images:
            self._left.append(orthonormal(self._images[-1], self._left))
        right = orthonormal(self.products.adjoint(self._left[-1]), self._right)
        self._right.append(right)
        self._images.append(self.products.times(right))

    def directions(self, count: int) -> AnyArray:
        """The ``count`` leading right singular directions within the space, (n, count)."""
        double = self.products.matrix.double_dtype
        images = np.hstack(self._images).astype(double, copy=False)
        if self.products.matrix.exact_in_float32:
            # Squares in float64 resolve 1e-8 sigma_1, which is all that float32 products hold.
            vh = np.linalg.eigh(adjoint_product(images, images))[1][:, ::-1].conj().T
        else:
            vh = np.linalg.svd(thin_qr(images)[1])[2]
        turned = np.hstack(self._right) @ vh[:count].conj().T.astype(self.products.dtype)
        return thin_qr(turned.astype(double))[0]


def orthonormal(block: AnyArray, against: list[AnyArray]) -> AnyArray:
    """Orthonormal columns that span what ``block`` has outside the blocks ``against``."""
    working = block.dtype
    double = np.result_type(working, np.float64)
    enough = 1e-7 if double != working else 0.0
    # A block that is nearly inside leaves rounding noise: projecting twice is enough (Kahan).
    for _ in range(2 if against else 1):
        for basis in against:
            block = block - basis @ adjoint_product(basis, block)
        block = thin_qr(block.astype(double), enough)[0].astype(working)
    return block


def gaussian(rng: np.random.Generator, rows: int, columns: int, products: Products) -> AnyArray:
    """Standard normal entries, complex with independent parts for a complex matrix."""
    real = rng.standard_normal((rows, columns))
    if not products.matrix.is_complex:
        return real
    return real + 1j * rng.standard_normal((rows, columns))
