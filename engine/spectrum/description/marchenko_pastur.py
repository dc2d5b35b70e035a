"""The Marchenko-Pastur law: where the singular values of pure noise lie.

For an m x n matrix of independent entries of mean 0 and standard deviation ``noise``, and aspect
``beta = m / n <= 1``, the squared singular values divided by ``n noise^2`` follow this law.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number, check_scale
from engine.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]

_STEPS = 60  # halves of the bracket, were it never to converge


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
    # Newton in a bracket: scipy.optimize takes longer to import than a matrix of 768 to compute.
    low, high, angle = 0.0, np.pi, 0.5 * np.pi
    for _ in range(_STEPS):
        miss = float(_share_below(angle, beta)) - 0.5
        low, high = (angle, high) if miss < 0.0 else (low, angle)
        slope = 2.0 / np.pi * np.sin(angle) ** 2 / float(_eigenvalue(np.asarray(angle), beta))
        before, angle = angle, angle - miss / slope
        if abs(angle - before) <= 1e-15:
            break
        if not low < angle < high:
            angle = 0.5 * (low + high)
    return float(_eigenvalue(np.asarray(angle), beta))


def mp_values(shape: tuple[int, int]) -> FloatArray:
    """Singular values that noise of deviation 1 has in the limit: one for each, descending.

    Parameters
    ----------
    shape : (int, int)
        (m, n), in either order.

    Returns
    -------
    ndarray of shape (min(m, n),), float64
        Quantile ``1 - (i - 1/2) / min(m, n)`` of the law for the i-th. The values of one matrix
        fluctuate around these by less than their spacing, except at the edges.

    Raises
    ------
    ArgumentError
        If a side is below 1.

    References
    ----------
    Marchenko & Pastur, Math. USSR Sbornik 1 (1967); the fluctuations: Gustavsson, Ann. Inst. H.
    Poincare Probab. Statist. 41 (2005).

    Examples
    --------
    >>> mp_values((3, 3)).round(3)
    array([2.508, 1.399, 0.455])
    """
    small, large = _sides(shape, 1.0)
    beta = small / large
    angles = np.linspace(0.0, np.pi, 8 * small + 2048)
    wanted = 1.0 - (np.arange(1, small + 1) - 0.5) / small
    eigenvalues = _eigenvalue(np.interp(wanted, _share_below(angles, beta), angles), beta)
    return np.asarray(np.sqrt(large * np.maximum(eigenvalues, 0.0)))


def _eigenvalue(angle: FloatArray, beta: float) -> FloatArray:
    """``1 + beta - 2 sqrt(beta) cos t``: both edges of the law become smooth functions of t."""
    return np.asarray(1.0 + beta - 2.0 * beta**0.5 * np.cos(angle))


def _share_below(angle: npt.ArrayLike, beta: float) -> FloatArray:
    """Distribution function at `_eigenvalue`: (2 / pi) times the integral of sin(t)^2 / x(t).

    The closed form divides by beta what nearly cancels, so small beta are integrated: there the
    integrand is smooth and 64 nodes are exact to rounding.
    """
    t = np.asarray(angle, dtype=np.float64)
    if beta < 0.5:
        nodes, weights = np.polynomial.legendre.leggauss(64)
        at = 0.5 * t[..., None] * (1.0 + nodes)
        inside = np.sin(at) ** 2 / _eigenvalue(at, beta)
        return np.asarray(t / np.pi * (inside @ weights))
    root = beta**0.5
    turned = np.arctan2((1.0 + root) * np.sin(0.5 * t), (1.0 - root) * np.cos(0.5 * t))
    whole = (1.0 + beta) * t + 2.0 * root * np.sin(t) - 2.0 * (1.0 - beta) * turned
    return np.asarray(whole / (2.0 * np.pi * beta))


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
    check_scale("noise", noise)
    allowed = "two sides of at least 1"
    try:
        small, large = sorted(as_number("shape", side, allowed) for side in shape)
    except (TypeError, ValueError):
        raise ArgumentError("shape", shape, allowed) from None
    if not 1 <= small <= large < np.inf:
        raise ArgumentError("shape", shape, allowed)
    return min(shape), max(shape)
