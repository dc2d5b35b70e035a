"""The Marchenko-Pastur law: where the singular values of pure noise lie.

For an m x n matrix of independent entries of mean 0 and standard deviation ``noise``, and aspect
``beta = m / n <= 1``, the squared singular values divided by ``n noise^2`` follow this law.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad
from scipy.optimize import brentq

from engine.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]


def mp_edges(shape: tuple[int, int], noise: float = 1.0) -> tuple[float, float]:
    """Smallest and largest singular value of large noise matrices, in the limit.

    Parameters
    ----------
    shape : (int, int)
        (m, n), in either order.
    noise : float
        Standard deviation of the entries, > 0.

    Returns
    -------
    (float, float)
        ``noise (sqrt(max) - sqrt(min))`` and ``noise (sqrt(max) + sqrt(min))``.

    Raises
    ------
    ArgumentError
        If ``noise`` is not a positive finite number or a side is below 1.

    References
    ----------
    Marchenko & Pastur, Math. USSR Sbornik 1 (1967); Bai & Yin, Ann. Probab. 21 (1993).

    Examples
    --------
    >>> mp_edges((4, 9), noise=2.0)
    (2.0, 10.0)
    """
    small, large = _sides(shape, noise)
    return noise * (large**0.5 - small**0.5), noise * (large**0.5 + small**0.5)


def mp_density(sigma: npt.ArrayLike, shape: tuple[int, int], noise: float = 1.0) -> FloatArray:
    """Density of the singular values of noise, to lay over a histogram.

    Parameters
    ----------
    sigma : array_like
        Where to evaluate, in the units of the data.
    shape : (int, int)
        (m, n), in either order.
    noise : float
        Standard deviation of the entries, > 0.

    Returns
    -------
    ndarray, float64
        Density per unit of sigma; integrates to 1 over the min(m, n) values; 0 outside the edges.

    Raises
    ------
    ArgumentError
        If ``noise`` is not a positive finite number or a side is below 1.

    References
    ----------
    Marchenko & Pastur, Math. USSR Sbornik 1 (1967), with the change of variable to
    ``sigma = sqrt(eigenvalue)``.

    Examples
    --------
    >>> float(mp_density(1.0, (1, 1)).round(4)), float(mp_density(3.0, (1, 1)))
    (0.5513, 0.0)
    """
    small, large = _sides(shape, noise)
    y = np.asarray(sigma, dtype=np.float64) / (noise * large**0.5)
    return np.asarray(_singular_density(y, small / large) / (noise * large**0.5))


@lru_cache(maxsize=64)
def mp_median(beta: float) -> float:
    """Median ``mu_beta`` of the Marchenko-Pastur law, solved numerically.

    Parameters
    ----------
    beta : float
        Aspect min(m, n) / max(m, n), in (0, 1].

    Returns
    -------
    float
        Median of ``sigma^2 / (max(m, n) noise^2)``, to about 1e-12.

    Raises
    ------
    ArgumentError
        If ``beta`` is outside (0, 1].

    References
    ----------
    Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), equation 4 and section III.

    Examples
    --------
    >>> round(mp_median(1.0), 6)
    0.652776
    """
    if not 0.0 < beta <= 1.0:
        raise ArgumentError("beta", beta, "a number in (0, 1]")
    middle, spread = (1.0 + beta), 2.0 * beta**0.5

    # x = 1 + beta - 2 sqrt(beta) cos(t) turns both square-root edges into smooth functions of t.
    def weight(t: float) -> float:
        x = middle - spread * np.cos(t)
        edge = (spread * np.sin(t)) ** 2
        return float(edge / (2.0 * np.pi * beta * x)) if x > 0.0 else 2.0 / np.pi

    def excess(t: float) -> float:
        return float(quad(weight, 0.0, t, epsabs=1e-14, epsrel=1e-13)[0]) - 0.5

    angle = brentq(excess, 0.0, np.pi, xtol=1e-14, rtol=1e-14)
    return float(middle - spread * np.cos(angle))


def _singular_density(y: FloatArray, beta: float) -> FloatArray:
    """Density of ``y = sigma / sqrt(large)`` for unit noise; written to be finite at y = 0."""
    low, high = 1.0 - beta**0.5, 1.0 + beta**0.5
    inside = (y >= low) & (y <= high) & ((y > 0.0) | (low == 0.0))
    safe = np.where(inside, y, high)
    product = (high - safe) * (high + safe) * (safe - low) * (safe + low)
    if low == 0.0:
        result = np.sqrt((high - safe) * (high + safe)) / (np.pi * beta)
    else:
        result = np.sqrt(np.maximum(product, 0.0)) / (np.pi * beta * safe)
    return np.asarray(np.where(inside, result, 0.0))


def _sides(shape: tuple[int, int], noise: float) -> tuple[int, int]:
    if min(shape) < 1:
        raise ArgumentError("shape", shape, "two sides of at least 1")
    if not (np.isfinite(noise) and noise > 0.0):
        raise ArgumentError("noise", noise, "a positive finite number")
    return min(shape), max(shape)
