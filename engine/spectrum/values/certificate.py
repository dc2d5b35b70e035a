"""Upper bounds on singular values from an approximate leading part; lower bounds come free.

Let T be m x n, V orthonormal with ``T V = U S``, and ``R = T (I - V V^H)``. Then ``S_i <=
sigma_i``, ``||R||_F^2 = ||T||_F^2 - sum S_i^2``, and what is needed besides is a bound on
``||R||_2``. Squares of singular values, eigenvalues of ``T^H T``, are written lambda.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.special

from engine.jobs import checkpoint
from engine.spectrum.linalg.krylov import gaussian
from engine.spectrum.linalg.matrix import BLOCK_ROWS
from engine.spectrum.linalg.norms import scaled
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.symmetric import is_definite

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

FAILURE_PROBABILITY = 1e-10
# Probes side by side, and the steps of each: a dense matrix is multiplied with many at the cost of
# few, a sparse one is not, and more steps tell more than more probes.
_DENSE_PROBES = (16, 5)
_SPARSE_PROBES = (4, 16)
_THRESHOLDS = 24
_LOOKS = 12  # Lanczos steps before a factorisation; then shifts above what they saw
_FACTORS = (1.02, 1.1, 1.4, 2.0)


def frobenius_upper(lower: FloatArray, residual: float) -> FloatArray:
    """Bounds that follow from ``sum sigma^2 = ||T||_F^2`` alone, for certain.

    ``sigma_i^2 >= x`` needs ``sigma_j^2 >= max(lower_j^2, x)`` for every j <= i, and all of them
    together can exceed the lower bounds by ``residual^2``: water filling.

    Parameters
    ----------
    lower : ndarray of shape (k,)
        Lower bounds, descending.
    residual : float
        ``sqrt(||T||_F^2 - sum lower^2)``.

    Returns
    -------
    ndarray of shape (k,)
        Upper bounds, descending.

    Examples
    --------
    >>> frobenius_upper(np.array([3.0, 1.0]), 1.0).round(3)
    array([3.162, 1.414])
    """
    squares = np.concatenate((lower[::-1] ** 2, [np.inf]))
    upper = np.empty_like(lower)
    for i in range(lower.size):
        # From the i-th value upwards, raise the lowest ones to a common level.
        stack = squares[lower.size - 1 - i :]
        counts = np.arange(1, stack.size)
        levels = (residual**2 + np.cumsum(stack[:-1])) / counts
        # The level is right where it stays below the next value.
        upper[i] = np.sqrt(levels[int(np.argmax(levels <= stack[1:]))])
    return upper


def split_upper(lower: FloatArray, coupling: AnyArray, outside: float) -> FloatArray:
    """Bounds from the residuals of the singular triplets, given ``||R||_2 <= outside``.

    In a basis that begins with V, ``T^H T = [[S^2, E^H], [E, H]]`` with ``H <= beta =
    outside^2``. By the Schur complement an eigenvalue ``lambda_i > y > beta`` is at most
    ``f_i(y) = lambda_i(S^2 + E^H E / (y - beta))``; hence ``lambda_i <= max(y, f_i(y))`` for
    every y > beta, and the least of them over some y is taken. Errors of converged triplets
    enter squared.

    Parameters
    ----------
    lower : ndarray of shape (k,)
        S.
    coupling : ndarray of shape (j, k)
        E, or what has the same ``E^H E``.
    outside : float
        Upper bound on ``||R||_2``.

    Returns
    -------
    ndarray of shape (k,)
        Upper bounds, descending, up to roundings of ``lower[0]``.

    References
    ----------
    Parlett, The Symmetric Eigenvalue Problem (1998), section 10.1 (Schur complement and inertia);
    the quadratic error is that of Mathias, SIAM J. Matrix Anal. Appl. 19 (1998).

    Examples
    --------
    >>> split_upper(np.array([2.0, 1.0]), np.zeros((2, 2)), 0.5)
    array([2., 1.])
    """
    # Squares of squares follow: at a scale where they neither over- nor underflow.
    exponent = int(np.frexp(max(float(lower[0]), outside))[1])
    lower, coupling = np.ldexp(lower, -exponent), scaled(coupling, 2 * exponent)
    squares, beta = lower**2, float(np.ldexp(outside, -exponent)) ** 2
    best = np.full(lower.size, np.inf)
    candidates = np.concatenate((beta * np.array([1.01, 1.05, 1.2, 1.5, 2.0]), squares))
    candidates = np.unique(candidates[candidates > beta * (1.0 + 1e-6)])
    if not candidates.size:  # nothing outside and nothing inside: a zero matrix
        return np.asarray(np.ldexp(lower, exponent))
    picks = np.linspace(0, candidates.size - 1, min(_THRESHOLDS, candidates.size)).round()
    gram = adjoint_product(coupling, coupling) if _is_even(lower) else None
    for y in candidates[picks.astype(int)]:
        if gram is None:
            stack = np.vstack((np.diag(lower), coupling / np.sqrt(y - beta)))
            found = np.linalg.svd(stack, compute_uv=False)
        else:
            found = np.sqrt(np.linalg.eigvalsh(np.diag(squares) + gram / (y - beta))[::-1])
            # An eigenvalue is off by roundings of the largest.
            found += lower.size * 2.0**-53 * found[0] * (found[0] / found)
        best = np.minimum(best, np.maximum(np.sqrt(y), found))
    return np.asarray(np.ldexp(best, exponent))


def _is_even(values: FloatArray) -> bool:
    """Whether squares of all of them keep enough digits beside that of the first, and of 1."""
    return bool(values[-1] > max(1e-3 * values[0], 1e-100))


def factored_norm(
    products: Products,
    triplets: tuple[AnyArray, FloatArray, AnyArray],
    residual: float,
    last: float,
    rng: np.random.Generator,
) -> float:
    """Upper bound on ``||R||_2``, ``R = T - U S V^H``, from a Cholesky factorisation.

    ``||R||_2 <= mu`` if and only if ``mu^2 I - R^H R`` has no negative eigenvalue, and a
    factorisation that runs to its end proves that, up to its own rounding. Float32 is enough: the
    bound need not be tight to its last digits, and costs half. A few Lanczos steps say where mu is
    worth trying.

    Parameters
    ----------
    products : Products
        T, of no more columns than a square matrix of that order has room for.
    triplets : tuple of ndarrays
        U (m, k), S (k,) and V (n, k) with ``T V = U S``.
    residual : float
        ``||R||_F``, which is an upper bound, too.
    last : float
        The least of the singular values that are wanted.
    rng : numpy.random.Generator
        Draws where Lanczos starts: it decides about the cost, not about the truth.

    Returns
    -------
    float
        Modelled: rounding errors are taken as independent. inf where R itself has a value as large
        as ``last``: V has missed a direction.

    References
    ----------
    Rump, "Verification of positive definiteness", BIT 46 (2006), for the factorisation as a proof;
    the size of its rounding errors here follows Higham & Mary, SIAM J. Sci. Comput. 41 (2019).
    """
    s, v = triplets[1], triplets[2]
    start = gaussian(rng, products.columns, 1, products)
    _, alpha, beta = _lanczos(products, v, start, _LOOKS)
    seen = _top(alpha[:, 0], beta[:, 0])
    if seen >= last**2:
        return np.inf
    checkpoint(products.progress, 0.9, "Cholesky factorisation")
    # R is divided by its norm's power of two, which float32 squares without underflow.
    exponent = int(np.frexp(residual)[1])
    gram = products.remainder_gram(*triplets, exponent)
    square, least = (float(np.ldexp(x, -2 * exponent)) for x in (residual**2, seen))
    unit = float(np.finfo(gram.dtype).eps) / 2.0
    size = gram.shape[0]
    summed = 4.0 * np.sqrt(min(products.rows, BLOCK_ROWS) + products.rows / BLOCK_ROWS) + 4.0
    for factor in _FACTORS:
        trial = factor * least + summed * unit * square
        if trial >= square:
            break
        checkpoint(products.progress)
        shifted = -gram
        shifted[np.diag_indices_from(shifted)] += np.asarray(trial, gram.real.dtype)
        if is_definite(shifted):
            bound = trial + (summed * square + 4.0 * size * trial) * unit
            formed = 4.0 * (np.sqrt(s.size) + 4.0) * 2.0**-53 * products.frobenius
            return float(min(residual, np.ldexp(np.sqrt(bound), exponent) + formed))
    return residual


def outside_norm(products: Products, v: AnyArray, rng: np.random.Generator) -> float:
    """The upper bound of `outside_range`."""
    return outside_range(products, v, rng)[1]


def outside_range(products: Products, v: AnyArray, rng: np.random.Generator) -> tuple[float, float]:
    """Bounds on ``||T (I - V V^H)||_2``; the upper one fails with probability 1e-10 over the seed.

    Short Lanczos runs from independent Gaussian probes ``w``. If lambda is the largest
    eigenvalue of ``A = R^H R`` and q its eigenvector, then ``|q^H w|^2 <= ||w||^2 / K(lambda)``
    for K the Christoffel-Darboux sum of the run's orthonormal polynomials; and the sum of
    ``|q^H w|^2`` over probes follows a chi-square law, whose lower tail excludes every lambda at
    which the right-hand sides add up to less.

    Parameters
    ----------
    products : Products
        T.
    v : ndarray of shape (n, k)
        Orthonormal columns, drawn independently of ``rng``.
    rng : numpy.random.Generator
        Draws the probes.

    Returns
    -------
    tuple of float
        The largest Ritz value of the runs, and the bound, without the roundoff of the products.

    References
    ----------
    Kuczynski & Wozniakowski, "Estimating the largest eigenvalue by the power and Lanczos
    algorithms with a random start", SIAM J. Matrix Anal. Appl. 13 (1992), for one probe;
    Akhiezer, The Classical Moment Problem (1965), chapter 2, for masses and Christoffel sums.
    """
    probes, steps = _SPARSE_PROBES if products.matrix.is_sparse else _DENSE_PROBES
    w = gaussian(rng, products.columns, probes, products)
    degrees = probes * (2 if products.matrix.is_complex else 1)
    least = 2.0 * float(scipy.special.gammaincinv(degrees / 2, FAILURE_PROBABILITY))
    norms, alpha, beta = _lanczos(products, v, w, steps)
    ritz = max(_top(a, b) for a, b in zip(alpha.T, beta.T, strict=True))
    low, high = ritz, 2.0 * ritz
    while _mass(high, norms, alpha, beta) >= least:
        high *= 2.0
        if not 0.0 < high < np.inf:
            return (float(np.sqrt(max(ritz, 0.0))),) * 2
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _mass(middle, norms, alpha, beta) >= least else (low, middle)
    return float(np.sqrt(max(ritz, 0.0))), float(np.sqrt(high) * (1.0 + 1e-6))


def _lanczos(
    products: Products, v: AnyArray, w: AnyArray, steps: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Recurrence coefficients, (steps, probes), of Lanczos runs for ``R^H R`` side by side."""

    def outside(x: AnyArray) -> AnyArray:
        return np.asarray(x - v @ adjoint_product(v, x))

    w = outside(w)
    norms = np.linalg.norm(w, axis=0)
    now, before = w / norms, np.zeros_like(w)
    alpha, beta = np.zeros((steps, norms.size)), np.zeros((steps, norms.size))
    for step in range(steps):
        checkpoint(products.progress)
        image = products.times(now)
        after = outside(products.adjoint(image).astype(w.dtype))
        if step:
            after -= before * beta[step - 1]
        alpha[step] = np.sum(now.conj() * after, axis=0).real
        after -= now * alpha[step]
        beta[step] = np.linalg.norm(after, axis=0)
        before, now = now, after / np.where(beta[step] > 0.0, beta[step], 1.0)
    return norms, alpha, beta


def _top(alpha: FloatArray, beta: FloatArray) -> float:
    form = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)
    return float(np.linalg.eigvalsh(form)[-1])


def _mass(x: float, norms: FloatArray, alpha: FloatArray, beta: FloatArray) -> float:
    """Largest mass, summed over probes, that a spectral measure can have at ``x``."""
    before, now = np.zeros_like(norms), np.ones_like(norms)
    total = np.ones_like(norms)
    for step in range(alpha.shape[0]):
        # A run that has ended (beta 0) leaves no mass outside its Ritz values.
        divisor = np.maximum(beta[step], np.finfo(np.float64).tiny)
        with np.errstate(over="ignore", invalid="ignore"):
            back = beta[step - 1] * before if step else 0.0
            before, now = now, ((x - alpha[step]) * now - back) / divisor
            total = total + now**2
    return float(np.sum(norms**2 / np.where(np.isfinite(total), total, np.inf)))
