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
from engine.spectrum.description.discrete_power_law import (
    discrete_distance,
    discrete_exponent,
    discrete_standard_error,
)
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
        ``(alpha - 1) / sqrt(tail_size)``; of whole numbers from the curvature of log zeta.
    reason : str
        Why there is no fit, or why to distrust it; empty when neither applies.
    """

    alpha: float | None
    x_min: float | None
    ks_distance: float | None
    tail_size: int
    standard_error: float | None = None
    reason: str = ""


def fit_power_law(
    x: npt.ArrayLike, x_min: float | None = None, discrete: bool = False
) -> PowerLawFit:
    """Fit a power law to the upper tail of positive numbers.

    For every candidate ``x_min`` among the values the exponent is the maximum likelihood estimate
    ``1 + n / sum log(x_i / x_min)``; the candidate with the smallest KS distance wins. Of whole
    numbers the most likely exponent is that of ``x^-alpha / zeta(alpha, x_min)``.

    Parameters
    ----------
    x : array_like of shape (n,)
        The sample; entries <= 0 are left out, as they have no logarithm.
    x_min : float, optional
        Start of the tail, > 0, where it is known; it need not be one of the values.
    discrete : bool
        Whether x are whole numbers (counts). A search for x_min then takes time O(d^2) for d
        different numbers.

    Returns
    -------
    PowerLawFit
        ``alpha`` is None, with a reason, for fewer than 10 positive values (2 where ``x_min`` is
        given) or all equal ones.

    Raises
    ------
    DataError
        If an entry is NaN or infinite, or not whole where ``discrete``.
    ArgumentError
        If ``x`` is not one-dimensional or ``x_min`` not positive (and whole where ``discrete``).

    References
    ----------
    Clauset, Shalizi & Newman, Power-law distributions in empirical data, SIAM Review 51 (2009),
    equations 3.1, 3.2, 3.5, 3.6 and 3.9. The empirical distribution in 3.9 is P(X < x), as in
    their code; of whole numbers it is P(X <= x).

    Examples
    --------
    >>> import numpy as np
    >>> x = (1.0 - np.arange(2000) / 2000.0) ** (-1.0 / 1.5)  # quantiles of alpha = 2.5
    >>> round(fit_power_law(x).alpha, 2)
    2.5
    >>> round(fit_power_law([1, 1, 1, 2], x_min=1, discrete=True).alpha, 2)
    2.95
    """
    positive, start = positive_sample(x), _checked_start(x_min, discrete)
    if discrete:
        return _fit_whole_numbers(positive, start)
    if start is not None:
        return _fit_from(positive, start)
    fit = fit_log_values(np.log(positive))
    # The value itself, not the exponential of its logarithm.
    return fit if fit.alpha is None else replace(fit, x_min=float(positive[-fit.tail_size]))


def positive_sample(x: npt.ArrayLike) -> FloatArray:
    """Positive entries of a one-dimensional sample, ascending.

    Raises
    ------
    DataError
        If an entry is NaN or infinite.
    ArgumentError
        If ``x`` is not one-dimensional.

    Examples
    --------
    >>> positive_sample([2, 0, 1])
    array([1., 2.])
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
    return np.sort(sample[sample > 0.0])


def _checked_start(x_min: float | None, discrete: bool) -> float | None:
    if x_min is None:
        return None
    start = float(x_min)
    if not (0.0 < start < math.inf):
        raise ArgumentError("x_min", x_min, "a positive number")
    if discrete and start != math.floor(start):
        raise ArgumentError("x_min", x_min, "a whole number, as the values are")
    return start


def _fit_from(positive: FloatArray, start: float) -> PowerLawFit:
    """Closed form: the tail is given."""
    tail = positive[positive >= start]
    # A quotient of 1e300 and 1e-300 overflows, the difference of their logarithms does not.
    with np.errstate(over="ignore"):
        ratios = tail / start
    logs = np.where(np.isfinite(ratios), np.log(ratios), np.log(tail) - math.log(start))
    if tail.size < 2 or logs[-1] == 0.0:
        return _no_fit(_too_few_from(start))
    exponent = tail.size / float(np.sum(logs))
    below = np.searchsorted(tail, tail) / tail.size
    distance = float(np.max(np.abs(below + np.expm1(-exponent * logs))))
    error = exponent / tail.size**0.5
    return PowerLawFit(exponent + 1.0, start, distance, tail.size, error, _rough(tail.size))


def _too_few_from(start: float) -> str:
    return say("fewer than two different values from {start:.6g} on: no tail to fit", start=start)


def _rough(size: int) -> str:
    if size >= RELIABLE_TAIL:
        return ""
    return say("the tail has only {count} values: alpha is rough", count=size)


def _fit_whole_numbers(positive: FloatArray, start: float | None) -> PowerLawFit:
    """Most likely exponent of counts; without a start every value but the largest is tried."""
    broken = positive[positive != np.floor(positive)]
    if broken.size:
        text = "{count} values are not whole numbers, the least is {value:.6g}."
        raise DataError(say(text, count=broken.size, value=float(broken[0])), broken.size)
    if start is None and positive.size < MINIMUM_VALUES:
        return _no_fit(_too_few(positive.size))
    values, counts = np.unique(positive, return_counts=True)
    starts = values[:-1] if start is None else [start]
    tried = (
        _whole_numbers_from(values[values >= one], counts[values >= one], float(one))
        for one in starts
    )
    fits = [fit for fit in tried if fit is not None]
    if fits:
        return min(fits, key=lambda fit: fit.ks_distance or 0.0)
    return _no_fit(say("all values are equal") if start is None else _too_few_from(start))


def _whole_numbers_from(
    values: FloatArray, counts: npt.NDArray[np.intp], start: float
) -> PowerLawFit | None:
    size = int(counts.sum())
    if size < 2 or values[-1] == start:
        return None
    alpha = discrete_exponent(float(counts @ np.log(values)) / size, start)
    if alpha == math.inf:
        return None
    distance = discrete_distance(alpha, start, values, counts)
    error = discrete_standard_error(alpha, start, size)
    return PowerLawFit(alpha, start, distance, size, error, _rough(size))


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
        return _no_fit(_too_few(ordered.size))
    top = float(ordered[-1])
    ordered = ordered - top
    starts, exponents = _candidates(ordered, resolution)
    if starts.size == 0:
        return _no_fit(_all_alike(float(ordered[0]), resolution))
    best, distance = _smallest_distance(ordered, starts, exponents)
    start = int(starts[best])
    alpha = 1.0 + float(exponents[best])
    tail = ordered.size - start
    x_min = _exp(float(ordered[start]) + top)
    return PowerLawFit(alpha, x_min, distance, tail, (alpha - 1.0) / tail**0.5, _rough(tail))


def _too_few(count: int) -> str:
    text = "only {count} positive values, a fit needs {least}"
    return say(text, count=count, least=MINIMUM_VALUES)


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
