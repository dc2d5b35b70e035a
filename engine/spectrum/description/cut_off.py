"""The power law with an exponential cutoff, fitted to a tail by its moments."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.spectrum.description.roots import root_between

FloatArray = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
# e^-45 of a sum is below its rounding.
_NEGLIGIBLE = 45.0


@dataclass(frozen=True)
class CutOff:
    """Density ``y^-alpha e^(-rate y)`` over y >= 1, u = log y.

    Parameters
    ----------
    alpha, log_rate : float
        Exponent, and logarithm of the rate in units of ``1 / x_min``.
    log_total : float
        Logarithm of the integral.
    """

    alpha: float
    log_rate: float
    log_total: float

    def log_density(self, u: FloatArray) -> FloatArray:
        """Return the logarithm of the density per y.

        Examples
        --------
        >>> import numpy as np
        >>> total = log_integral(2.0, 0.0)[0]
        >>> float(CutOff(2.0, 0.0, total).log_density(np.zeros(1))[0].round(3))
        0.907
        """
        return np.asarray(-self.alpha * u - np.exp(self.log_rate + u) - self.log_total)

    def log_survival(self, u: FloatArray) -> FloatArray:
        """Return the logarithm of the probability beyond each u."""
        beyond = [log_integral(self.alpha, self.log_rate + float(one))[0] for one in u]
        return np.asarray((1.0 - self.alpha) * u + np.asarray(beyond) - self.log_total)


def log_integral(alpha: float, log_rate: float) -> tuple[float, float, float]:
    """Logarithm of the integral of ``y^-alpha e^(-rate y)`` over y >= 1, and two means.

    Parameters
    ----------
    alpha : float
        Any number.
    log_rate : float
        Logarithm of the rate.

    Returns
    -------
    (float, float, float)
        ``log E_alpha(rate)``, the mean of ``log y`` and the logarithm of the mean of y.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 8.19: the generalised exponential integral.

    Examples
    --------
    >>> round(math.exp(log_integral(2.0, 0.0)[0]), 6)  # E_2(1)
    0.148496
    """
    rate = math.exp(log_rate)
    slope = 1.0 - alpha

    def height(u: float) -> float:
        # Of y times the density, which reaches further than the density itself.
        return (slope + 1.0) * u - math.exp(min(log_rate + u, 700.0))

    peak = max(math.log(slope + 1.0) - log_rate, 0.0) if slope > -1.0 else 0.0
    end = peak + 1.0
    while height(peak) - height(end) < _NEGLIGIBLE:
        end = peak + 2.0 * (end - peak)
    end = root_between(
        lambda u: height(peak) - height(u) - _NEGLIGIBLE, peak, end, xtol=1e-30, rtol=1e-3
    )
    # Panels no longer than the scales on which it falls: 1 where the cutoff acts, 1 / slope before.
    step = min(2.0, 8.0 / (1.0 + abs(slope)), 8.0 / (1.0 + math.sqrt(abs(slope) + rate)))
    count = min(max(math.ceil(end / step), 4), 4096)
    edges = np.linspace(0.0, end, count + 1)
    half = 0.5 * (edges[1] - edges[0])
    u = (edges[:-1, None] + half * (1.0 + _NODES)).ravel()
    logs = slope * u - np.exp(log_rate + u)
    top = float(logs.max())
    terms = np.tile(_WEIGHTS * half, count) * np.exp(logs - top)
    total = float(terms.sum())
    shift = float(u.max())
    mean = math.log(float(terms @ np.exp(u - shift)) / total) + shift
    return top + math.log(total), float(terms @ u) / total, mean


def is_hump(u: FloatArray) -> bool:
    """Whether the most likely exponent is below 0, so that the density rises before it falls.

    The likelihood is concave: it grows towards exponents below 0 where, at the exponential law, the
    mean of ``log y`` is below that of the sample.

    Parameters
    ----------
    u : ndarray of shape (n,)
        ``log(x / x_min)``, not all 0.

    Examples
    --------
    >>> is_hump(np.log([5.0, 6.0, 7.0])), is_hump(np.log([1.1, 1.2, 9.0]))
    (True, False)
    """
    with np.errstate(divide="ignore"):
        logs = u + np.log(-np.expm1(-u))
    top = float(np.max(logs))
    log_rate = -(math.log(float(np.mean(np.exp(logs - top)))) + top)
    return float(np.mean(u)) > log_integral(0.0, log_rate)[1]


def fit_cut_off(u: FloatArray) -> CutOff | None:
    """Most likely power law with cutoff, None where it is the one without.

    The law is an exponential family: its likelihood is concave, and at its maximum the means of
    ``log y`` and of y are those of the sample. Exponents are sought for every rate, then the rate.

    Parameters
    ----------
    u : ndarray of shape (n,)
        ``log(x / x_min)``, not all equal, and no hump.

    Returns
    -------
    CutOff or None

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), table 2.1; Barndorff-Nielsen, Information and
    Exponential Families (1978).

    Examples
    --------
    >>> import numpy as np
    >>> y = 1.0 + np.random.default_rng(0).exponential(size=4000)
    >>> found = fit_cut_off(np.log(y))
    >>> abs(found.alpha) < 0.3 and abs(found.log_rate) < 0.2
    True
    """
    mean_log = float(np.mean(u))
    top = float(np.max(u))
    log_mean = math.log(float(np.mean(np.exp(u - top)))) + top
    alpha = 1.0 + 1.0 / mean_log
    if alpha > 2.0 and log_mean >= math.log((alpha - 1.0) / (alpha - 2.0)):
        return None

    def exponent(log_rate: float) -> float:
        def miss(value: float) -> float:
            return log_integral(value, log_rate)[1] - mean_log

        # Never above that of the pure power law, but for rounding.
        low, high, width = alpha - 1.0, alpha * (1.0 + 1e-9), 1.0
        while miss(low) < 0.0:
            low, width = low - width, 2.0 * width
        return root_between(miss, low, high, xtol=1e-12, rtol=1e-13)

    def excess(log_rate: float) -> float:
        return log_integral(exponent(log_rate), log_rate)[2] - log_mean

    low, high = -log_mean, -log_mean + 1.0
    while excess(low) < 0.0:
        low -= 2.0
        # A rate that acts on no value of the sample.
        if low < -log_mean - 60.0:
            return None
    while excess(high) > 0.0:
        high += 1.0
        if high > 60.0:
            break
    log_rate = root_between(excess, low, high, xtol=1e-11)
    value = exponent(log_rate)
    return CutOff(value, log_rate, log_integral(value, log_rate)[0])
