"""The power law over whole numbers: Hurwitz's zeta function and the exponent it gives."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import zeta

from engine.spectrum.description.roots import root_between

FloatArray = npt.NDArray[np.float64]

# Bernoulli numbers B_2, B_4, ... over (2 j)!.
_BERNOULLI = (
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30240.0,
    -1.0 / 1209600.0,
    1.0 / 47900160.0,
    -691.0 / 1307674368000.0,
    1.0 / 74724249600.0,
    -3617.0 / 10670622842880000.0,
)
_STEEPEST = 1e6


def log_zeta(alpha: float, start: float) -> tuple[float, float]:
    """Logarithm of Hurwitz's ``zeta(alpha, start)`` and its derivative with respect to alpha.

    Parameters
    ----------
    alpha : float
        > 1.
    start : float
        >= 1.

    Returns
    -------
    (float, float)
        To rounding, also where zeta itself underflows.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 25.11.5: the sum of Euler and Maclaurin.

    Examples
    --------
    >>> round(math.exp(log_zeta(2.0, 1.0)[0]), 12) == round(math.pi**2 / 6, 12)
    True
    """
    # All is relative to start^-alpha; the expansion holds from a place of about alpha on.
    first = np.arange(max(math.ceil(alpha + 12.0 - start), 0))
    # Terms fall like (1 + k / start)^-alpha: here the rest is below rounding.
    enough = math.ceil(start * math.expm1(45.0 / alpha)) + 1 if alpha > 1.1 else first.size
    logs = np.log1p(first[:enough] / start)
    terms = np.exp(-alpha * logs)
    total, slope = float(terms.sum()), -float(terms @ logs)
    if enough < first.size:
        return math.log(total) - alpha * math.log(start), slope / total - math.log(start)
    place = start + first.size
    log_place = math.log(place / start)
    rest = math.exp(-alpha * log_place)
    integral = rest * place / (alpha - 1.0)
    total += integral + 0.5 * rest
    slope -= integral * (log_place + 1.0 / (alpha - 1.0)) + 0.5 * rest * log_place
    rising, harmonic = alpha, 1.0 / alpha
    for j, bernoulli in enumerate(_BERNOULLI):
        term = bernoulli * rising * rest / place ** (2 * j + 1)
        total += term
        slope += term * (harmonic - log_place)
        for i in (2 * j + 1, 2 * j + 2):
            rising *= alpha + i
            harmonic += 1.0 / (alpha + i)
    return math.log(total) - alpha * math.log(start), slope / total - math.log(start)


def discrete_exponent(mean_log: float, start: float) -> float:
    """Most likely exponent of whole numbers from ``start`` on.

    It maximises ``-log zeta(alpha, start) - alpha mean(log x)``, which is concave.

    Parameters
    ----------
    mean_log : float
        Mean of ``log x``, above ``log start``.
    start : float
        The smallest number of the tail.

    Returns
    -------
    float
        To rounding; inf where it exceeds 1e6.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), equation 3.5. The short cut with
    ``start - 1/2`` is off by 0.36 at start = 1.

    Examples
    --------
    >>> round(discrete_exponent(math.log(2.0), 1.0), 3)
    1.879
    """

    def slope(alpha: float) -> float:
        return -log_zeta(alpha, start)[1] - mean_log

    low, high = 1.0 + 1e-9, 2.0
    while slope(high) > 0.0:
        low, high = high, 2.0 * high
        if high > _STEEPEST:
            return math.inf
    return root_between(slope, low, high, xtol=1e-13, rtol=1e-14)


def discrete_standard_error(alpha: float, start: float, size: int) -> float:
    """Standard error of the exponent of ``size`` numbers, from the curvature of log zeta.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), equation 3.6.

    Examples
    --------
    >>> round(discrete_standard_error(2.5, 1.0, 100), 3)
    0.169
    """
    step = 1e-4 * (alpha - 1.0)
    rise = log_zeta(alpha + step, start)[1] - log_zeta(alpha - step, start)[1]
    return float((size * rise / (2.0 * step)) ** -0.5)


def discrete_survival(alpha: float, start: float, x: FloatArray) -> FloatArray:
    """Chance of a number of at least each ``x``: ``zeta(alpha, x) / zeta(alpha, start)``.

    Examples
    --------
    >>> import numpy as np
    >>> discrete_survival(2.0, 1.0, np.array([1.0, 2.0])).round(3)
    array([1.   , 0.392])
    """
    whole = float(zeta(alpha, start))
    if whole > 1e-200:
        return np.asarray(zeta(alpha, x) / whole)
    whole = log_zeta(alpha, start)[0]
    return np.exp(np.asarray([log_zeta(alpha, float(one))[0] for one in x]) - whole)


def discrete_distance(
    alpha: float, start: float, values: FloatArray, counts: npt.NDArray[np.intp]
) -> float:
    """Kolmogorov-Smirnov distance of a tail to the law, over every whole number.

    Parameters
    ----------
    alpha, start : float
        Exponent and smallest number of the law.
    values, counts : ndarray
        The different numbers of the tail, ascending, and how often each is there.

    Returns
    -------
    float
        The largest difference of ``P(X <= x)``; between two values it is at the end.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), equation 3.9.

    Examples
    --------
    >>> import numpy as np
    >>> round(discrete_distance(2.0, 1.0, np.array([1.0, 3.0]), np.array([3, 1])), 3)
    0.173
    """
    reached = np.cumsum(counts) / counts.sum()
    at = 1.0 - discrete_survival(alpha, start, values + 1.0)
    before = 1.0 - discrete_survival(alpha, start, values)
    gaps = (np.abs(reached - at), np.abs(np.append(0.0, reached[:-1]) - before))
    return float(np.max(gaps))
