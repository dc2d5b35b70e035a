"""Power-law tail of a sample, with the start of the tail chosen by the smallest KS distance.

Everything happens in logarithms, so eigenvalues sigma^2 of matrices scaled by 1e-300 or 1e300 fit
as well as any others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError, DataError
from engine.sentences import as_sentence, say
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.spectrum import Spectrum

FloatArray = npt.NDArray[np.float64]

MINIMUM_VALUES = 10
RELIABLE_TAIL = 50
# Eigenvalues within one percent are no tail: their "exponent" would measure how alike they are.
LEAST_SPAN = 0.01
_PROBES = 64


@dataclass(frozen=True)
class PowerLawFit:
    """Fit of ``p(x) ~ x^-alpha`` to the values ``x >= x_min``.

    Parameters
    ----------
    alpha : float or None
        Exponent of the density; None where no fit is possible.
    x_min : float or None
        Start of the tail, one of the values, in their units.
    ks_distance : float or None
        Kolmogorov-Smirnov distance between the tail and the fit.
    tail_size : int
        How many values are ``>= x_min``; 0 without a fit.
    standard_error : float or None
        ``(alpha - 1) / sqrt(tail_size)``.
    reason : str
        Why there is no fit, or why to distrust it; empty when neither applies.
    """

    alpha: float | None
    x_min: float | None
    ks_distance: float | None
    tail_size: int
    standard_error: float | None = None
    reason: str = ""


def fit_power_law(x: npt.ArrayLike) -> PowerLawFit:
    """Fit a continuous power law to the upper tail of positive numbers.

    For every candidate ``x_min`` among the values the exponent is the maximum likelihood estimate
    ``1 + n / sum log(x_i / x_min)``; the candidate with the smallest KS distance wins.

    Parameters
    ----------
    x : array_like of shape (n,)
        The sample; entries <= 0 are left out, as they have no logarithm.

    Returns
    -------
    PowerLawFit
        ``alpha`` is None, with a reason, for fewer than 10 positive values or all equal ones.

    Raises
    ------
    DataError
        If an entry is NaN or infinite.
    ArgumentError
        If ``x`` is not one-dimensional.

    References
    ----------
    Clauset, Shalizi & Newman, Power-law distributions in empirical data, SIAM Review 51 (2009),
    equations 3.1, 3.2 and 3.9. The empirical distribution in 3.9 is P(X < x), as in their code.

    Examples
    --------
    >>> import numpy as np
    >>> x = (1.0 - np.arange(2000) / 2000.0) ** (-1.0 / 1.5)  # quantiles of alpha = 2.5
    >>> round(fit_power_law(x).alpha, 2)
    2.5
    """
    sample = np.asarray(x, dtype=np.float64)
    if sample.ndim != 1:
        raise ArgumentError("x", sample.shape, "one-dimensional")
    bad = ~np.isfinite(sample)
    if bad.any():
        first = int(np.argmax(bad))
        count = int(bad.sum())
        raise DataError(
            say("{count} values are NaN or inf, the first at {first}.", count=count, first=first),
            count,
            (first,),
        )
    positive = np.sort(sample[sample > 0.0])
    fit = fit_log_values(np.log(positive))
    # The value itself, not the exponential of its logarithm.
    return fit if fit.alpha is None else replace(fit, x_min=float(positive[-fit.tail_size]))


def fit_spectrum_tail(s: Spectrum) -> PowerLawFit:
    """Fit a power law to the eigenvalues ``sigma^2`` of ``M^T M``.

    Parameters
    ----------
    s : Spectrum
        Values not above rounding level cannot be told from zero and are left out.

    Returns
    -------
    PowerLawFit
        ``x_min`` in units of sigma^2 (inf or 0 where a float cannot hold it). No tail starts
        where all that follows is equal up to rounding or within one percent.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009); Martin & Mahoney, JMLR 22 (2021): alpha of
    weight matrices.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.ones(3), (3, 3), "float64", "svd", 0.0, True, 3.0**0.5)
    >>> fit_spectrum_tail(s).reason
    'only 3 positive values, a fit needs 10'
    """
    level = rounding_level(s)
    known = s.values[(s.values > 0.0) & (s.values > level)]
    if MINIMUM_VALUES > known.size < np.count_nonzero(s.values):
        few = "only {count} values above rounding level {level:.3g}, a fit needs {least}"
        return _no_fit(say(few, count=known.size, level=level, least=MINIMUM_VALUES))
    rounding = 4.0 * level / float(known[0]) if known.size else 0.0
    fit = fit_log_values(2.0 * np.log(known), max(rounding, math.log1p(LEAST_SPAN)))
    if s.complete or fit.alpha is None:
        return fit
    limited = say(
        "only the leading {count} values are known, so x_min cannot lie lower", count=s.values.size
    )
    if fit.reason:
        limited = say("{first}; {second}", first=as_sentence(fit.reason), second=limited)
    return replace(fit, reason=limited)


def fit_log_values(logs: npt.ArrayLike, resolution: float = 0.0) -> PowerLawFit:
    """Fit a power law given the natural logarithms of the values.

    Parameters
    ----------
    logs : array_like of shape (n,)
        Finite logarithms, in any order.
    resolution : float
        How far the logarithm of the largest must exceed that of ``x_min``: what lies closer is
        taken for equal.

    Returns
    -------
    PowerLawFit
        As `fit_power_law`.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), equations 3.1 and 3.9.

    Examples
    --------
    >>> fit_log_values([0.0] * 20).reason
    'all values are equal'
    """
    # Measured from the largest value, logs of nearly equal numbers keep their digits.
    ordered = np.sort(np.asarray(logs, dtype=np.float64))
    if ordered.size < MINIMUM_VALUES:
        few = say(
            "only {count} positive values, a fit needs {least}",
            count=ordered.size,
            least=MINIMUM_VALUES,
        )
        return _no_fit(few)
    top = float(ordered[-1])
    ordered = ordered - top
    starts, exponents = _candidates(ordered, resolution)
    if starts.size == 0:
        return _no_fit(_all_alike(float(ordered[0]), resolution))
    best, distance = _smallest_distance(ordered, starts, exponents)
    start = int(starts[best])
    alpha = 1.0 + float(exponents[best])
    tail = ordered.size - start
    reason: str = ""
    if tail < RELIABLE_TAIL:
        reason = say("the tail has only {count} values: alpha is rough", count=tail)
    x_min = _exp(float(ordered[start]) + top)
    return PowerLawFit(alpha, x_min, distance, tail, (alpha - 1.0) / tail**0.5, reason)


def _no_fit(reason: str) -> PowerLawFit:
    return PowerLawFit(None, None, None, 0, None, reason)


def _all_alike(lowest: float, resolution: float) -> str:
    if lowest == 0.0:
        return say("all values are equal")
    text = "the largest value is within {percent:.2g} % of the smallest: there is no tail to fit"
    return say(text, percent=100.0 * math.expm1(resolution))


def _candidates(ordered: FloatArray, resolution: float) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """First index of each distinct value but the largest, and ``alpha - 1`` of its tail."""
    distinct = np.flatnonzero(np.concatenate(([True], np.diff(ordered) > 0.0)))[:-1]
    tail_sums = np.cumsum(ordered[::-1])[::-1][distinct]
    counts = ordered.size - distinct
    spread = tail_sums - counts * ordered[distinct]
    usable = (spread > 0.0) & (ordered[distinct] < -resolution)
    return distinct[usable], counts[usable] / spread[usable]


def _smallest_distance(
    ordered: FloatArray, starts: npt.NDArray[np.intp], exponents: FloatArray
) -> tuple[int, float]:
    """Candidate with the smallest KS distance and that distance.

    A few probe points per tail bound its distance from below; tails whose bound already exceeds
    the best distance are never measured in full. The answer is the exhaustive one.
    """
    bounds = _probe_distances(ordered, starts, exponents)
    best, best_distance = 0, math.inf
    for index in np.argsort(bounds, kind="stable"):
        if bounds[index] > best_distance:
            break
        distance = _distance(ordered, int(starts[index]), float(exponents[index]))
        if distance < best_distance or (distance == best_distance and index < best):
            best, best_distance = int(index), distance
    return best, best_distance


def _probe_distances(
    ordered: FloatArray, starts: npt.NDArray[np.intp], exponents: FloatArray
) -> FloatArray:
    """Largest distance between fit and tail over a few points of each tail (a lower bound)."""
    counts = (ordered.size - starts)[:, None]
    fractions = np.linspace(0.0, 1.0, _PROBES)[None, :]
    points = starts[:, None] + np.floor(fractions * (counts - 1)).astype(np.intp)
    first = np.searchsorted(ordered, ordered[points])
    empirical = (first - starts[:, None]) / counts
    model = -np.expm1(-exponents[:, None] * (ordered[points] - ordered[starts][:, None]))
    # One part in 1e12 keeps rounding of the bound from hiding the true minimum.
    return np.asarray(np.max(np.abs(empirical - model), axis=1) * (1.0 - 1e-12))


def _distance(ordered: FloatArray, start: int, exponent: float) -> float:
    """KS distance of one tail, with P(X < x) as the empirical distribution."""
    tail = ordered[start:]
    empirical = np.searchsorted(tail, tail) / tail.size
    return float(np.max(np.abs(empirical + np.expm1(-exponent * (tail - tail[0])))))


def _exp(log_value: float) -> float:
    """``exp`` that gives inf instead of an OverflowError."""
    try:
        return math.exp(log_value)
    except OverflowError:
        return math.inf
