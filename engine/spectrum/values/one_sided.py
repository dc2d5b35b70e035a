"""Leading triplets of sparse matrices with long sides, for the memory of one thin basis.

A block Krylov space keeps a basis of either side. Where those would fill the memory, single-vector
bidiagonalisation keeps the vectors of the shorter side alone; what one starting vector cannot
see, further copies of a multiple value, the probes of the bounds find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import checkpoint
from engine.spectrum.linalg.krylov import gaussian
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.thin_qr import thin_qr
from engine.spectrum.spectrum import Guarantee
from engine.spectrum.values.certificate import outside_range
from engine.spectrum.values.costs import block_depth, block_width
from engine.spectrum.values.searches import ritz_error
from engine.spectrum.values.triplets import LeadingPart, Ritz, certify

AnyArray = npt.NDArray[Any]

# What the bases of a block Krylov space may take, and the one basis here.
_BLOCK_BYTES = 1 << 27
_BASIS_BYTES = 1 << 28
_STEPS = 300
_BETWEEN_LOOKS = 10
# Relative error of the values at which a search ends: residuals are near its square root.
_CLOSE = 1e-7
# What is below this beside the largest value is rounding of a basis in single precision.
_ROUNDING = 2e-6
# Searches from new starting vectors, while the probes see more outside than the last value.
_ROUNDS = 4
_ABOVE = 1.0 + 1e-3
_NOTHING = 1e-12  # beside the first value, rounding of the products


def wants_one_side(products: Products, rank: int) -> bool:
    """Whether a block Krylov space for ``rank`` values of a sparse matrix would be too large."""
    vectors = block_depth(rank) * block_width(rank)
    size = vectors * (products.rows + products.columns) * products.dtype.itemsize
    return products.matrix.is_sparse and size > _BLOCK_BYTES


def one_sided_part(products: Products, rank: int, seed: int) -> LeadingPart:
    """Leading triplets, somewhat more than ``rank``; "probable".

    Golub-Kahan bidiagonalisation, of which only the vectors of the shorter side are kept and
    reorthogonalised, in single precision: that is as orthogonal as Ritz values need. Ends when
    residuals and gaps say that the values are within 1e-7 of their size, or when the basis takes
    256 MiB: the bounds say how far they are off then. Probes of the bounds that find more outside
    than the last value start another search there.

    Parameters
    ----------
    products : Products
        The matrix, (m, n) with m >= n.
    rank : int
        How many values are wanted.
    seed : int
        Draws starting vectors and probes.

    References
    ----------
    Simon & Zha, "Low-rank matrix approximation using the Lanczos bidiagonalization process with
    applications", SIAM J. Sci. Comput. 21 (2000): orthogonality of one side is enough. Simon, "The
    Lanczos algorithm with partial reorthogonalization", Math. Comp. 42 (1984): half the digits are.

    Examples
    --------
    >>> import scipy.sparse
    >>> from engine.spectrum.linalg.matrix import as_matrix
    >>> from engine.spectrum.linalg.sparse import products_of
    >>> a = scipy.sparse.diags_array(np.r_[7.0, 7.0, 5.0, np.linspace(2.0, 1.0, 97)])
    >>> one_sided_part(products_of(as_matrix(a)), 3, 0).s[:3].round(9)
    array([7., 7., 5.])
    """
    rng = np.random.default_rng(seed)
    count = min(products.columns, rank + max(8, rank // 4))
    found = np.zeros((products.columns, 0), products.matrix.double_dtype)
    for attempt in range(_ROUNDS):
        fresh = _directions(products, found, rank, count, rng)
        seen = 0.0

        def outside(part: Ritz) -> tuple[float, Guarantee]:
            nonlocal seen
            seen, bound = outside_range(products, part.v, rng)
            rounding = 4.0 * np.sqrt(products.rows) * products.roundoff * float(part.s[0])
            return bound + rounding, "probable"

        part = certify(products, np.hstack((found, fresh)), rank, outside, "lanczos")
        least = max(_ABOVE * float(part.s[rank - 1]), _NOTHING * float(part.s[0]))
        if seen <= least or attempt == _ROUNDS - 1:
            break
        found = part.v[:, :count]
    return part


def _directions(
    products: Products, found: AnyArray, rank: int, count: int, rng: np.random.Generator
) -> AnyArray:
    """Leading right singular directions outside ``found``, at most ``count``: (n, k)."""
    columns, largest = products.columns, 0.0
    most = columns - found.shape[1]
    single = np.dtype(np.complex64 if products.matrix.is_complex else np.float32)
    fitting = _BASIS_BYTES // (single.itemsize * columns)
    room = min(most, _STEPS, max(2 * count + 20, fitting))
    basis = np.empty((columns, room), single, order="F")
    alpha, beta = np.zeros(room), np.zeros(room)
    following, previous = _drawn(products, (found,), rng), np.zeros((products.rows, 1))
    for step in range(room):
        checkpoint(products.progress, 0.8 * step / room, "Krylov space")
        basis[:, step] = following[:, 0]
        image = products.times_double(following)
        image -= (beta[step - 1] if step else 0.0) * previous
        size, length = step + 1, float(np.linalg.norm(image))
        previous = image / length if length > _ROUNDING * largest else np.zeros_like(image)
        if length > _ROUNDING * largest:
            alpha[step] = length
        elif size >= count and (step == 0 or beta[step - 1] == 0.0):
            # A random vector outside of all that was found is taken to 0: so is every other.
            break
        after = products.adjoint_double(previous)
        after -= alpha[step] * following
        after, beta[step] = _outside(after, (found, basis[:, : step + 1]))
        looks = size >= count + 5 and (size - count - 5) % _BETWEEN_LOOKS == 0
        if looks and _is_close(alpha[:size], beta[:size], rank):
            break
        if size == room:
            break
        largest = max(largest, alpha[step], beta[step])
        if beta[step] <= _ROUNDING * largest:
            # Nothing leads out of the space: it goes on from anywhere else.
            beta[step] = 0.0
            after = _drawn(products, (found, basis[:, :size]), rng)
        following = after
    form = np.diag(alpha[:size]) + np.diag(beta[: size - 1], 1)
    right = np.linalg.svd(form)[2].T[:, :count]
    turned = (basis[:, :size] @ right.astype(single)).astype(found.dtype)
    return thin_qr(turned - found @ adjoint_product(found, turned))[0]


def _is_close(alpha: AnyArray, beta: AnyArray, rank: int) -> bool:
    left, s, _ = np.linalg.svd(np.diag(alpha) + np.diag(beta[:-1], 1))
    return ritz_error(s, beta[-1] * np.abs(left[-1]), rank) <= _CLOSE


def _drawn(products: Products, bases: tuple[AnyArray, ...], rng: np.random.Generator) -> AnyArray:
    """A random unit vector outside the bases."""
    return _outside(gaussian(rng, products.columns, 1, products), bases)[0]


def _outside(vector: AnyArray, bases: tuple[AnyArray, ...]) -> tuple[AnyArray, float]:
    """The part of a vector outside of orthonormal bases, of norm 1, and the norm it had."""
    norm = before = float(np.linalg.norm(vector))
    for _ in range(3):
        for basis in bases:
            if basis.shape[1]:
                inside = adjoint_product(basis, vector.astype(basis.dtype, copy=False))
                vector = vector - basis @ inside
        norm, before = float(np.linalg.norm(vector)), norm
        # Twice is enough, and once where little was taken away.
        if norm > 0.7 * before:
            break
    return vector / (norm or 1.0), norm
