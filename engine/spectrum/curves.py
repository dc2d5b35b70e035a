"""What a rank keeps and what it loses: one curve per norm, for every rank r = 0 ... K.

Each curve has K + 1 entries for K known singular values, and its entry r belongs to rank r. Where
the spectrum is complete the entries are exact up to rounding. Where only leading values are known
the entries are the guaranteed side: errors are upper bounds, the energy share is a lower bound.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.spectrum.linalg.norms import ldexp
from engine.spectrum.spectrum import Spectrum

FloatArray = npt.NDArray[np.float64]

# Below this a sum of squares may have lost terms to underflow and is recomputed without squaring.
_SAFE_SQUARE = 1e-280


def energy(s: Spectrum) -> FloatArray:
    """Share of the squared Frobenius norm that the leading r values hold, r = 0 ... K.

    Parameters
    ----------
    s : Spectrum
        K singular values.

    Returns
    -------
    ndarray of shape (K + 1,), float64
        ``sum_{i<=r} sigma_i^2 / ||M||_F^2``, ascending in [0, 1]; all 1 for the zero matrix, which
        rank 0 already reproduces. Lower bounds when ``s.complete`` is false.

    References
    ----------
    Jolliffe, Principal Component Analysis (2002), section 6.1.1: cumulative share of variance.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([2.0, 1.0, 1.0]), (3, 3), "float64", "svd", 0.0, True, 6.0**0.5)
    >>> energy(s).round(3).tolist()
    [0.0, 0.667, 0.833, 1.0]
    """
    squares, rest, _ = scaled_squares(s)
    head = np.concatenate(([0.0], np.cumsum(squares)))
    total = head[-1] + rest
    if total == 0.0:
        return np.ones_like(head)
    return np.asarray(np.minimum(head / total, 1.0))


def frobenius_error(s: Spectrum) -> FloatArray:
    """Frobenius norm of the best rank-r residual, r = 0 ... K.

    Parameters
    ----------
    s : Spectrum
        K singular values.

    Returns
    -------
    ndarray of shape (K + 1,), float64
        ``sqrt(sum_{i>r} sigma_i^2)`` in the units of the data; an upper bound when ``s.complete``
        is false. Values from 1e-300 to 1e300 neither overflow nor vanish.

    References
    ----------
    Eckart & Young, The approximation of one matrix by another of lower rank, Psychometrika 1
    (1936); Mirsky, Quart. J. Math. 11 (1960), theorem 2.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([5.0, 4.0, 3.0]), (3, 3), "float64", "svd", 0.0, True, 50.0**0.5)
    >>> frobenius_error(s)[1:].tolist()
    [5.0, 3.0, 0.0]
    """
    squares, rest, exponent = scaled_squares(s)
    tail = _running_tail(squares, rest)
    result = ldexp(np.sqrt(tail), exponent)
    if np.any(tail < _SAFE_SQUARE):
        # hypot never squares, so it keeps values 1e200 times smaller than the largest one.
        start = 0.0 if s.complete else s.residual
        exact = np.hypot.accumulate(np.concatenate(([start], s.values[::-1])))[::-1]
        result = np.where(tail < _SAFE_SQUARE, exact, result)
    return result


def spectral_error(s: Spectrum) -> FloatArray:
    """Spectral norm of the best rank-r residual, r = 0 ... K.

    Parameters
    ----------
    s : Spectrum
        K singular values.

    Returns
    -------
    ndarray of shape (K + 1,), float64
        ``sigma_{r+1}``, and 0 at r = K when ``s.complete``. Otherwise upper bounds: ``s.upper``,
        and at r = K the norm of what is left, which no later value exceeds.

    References
    ----------
    Mirsky, Symmetric gauge functions and unitarily invariant norms, Quart. J. Math. 11 (1960).

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([5.0, 4.0, 3.0]), (3, 3), "float64", "svd", 0.0, True, 50.0**0.5)
    >>> spectral_error(s).tolist()
    [5.0, 4.0, 3.0, 0.0]
    """
    if s.complete:
        return np.concatenate((s.values, [0.0]))
    upper = upper_values(s)
    last = min(s.residual, float(upper[-1])) if upper.size else s.residual
    return np.concatenate((upper, [last]))


def nuclear_error(s: Spectrum) -> FloatArray:
    """Nuclear norm of the best rank-r residual, r = 0 ... K.

    Parameters
    ----------
    s : Spectrum
        K singular values.

    Returns
    -------
    ndarray of shape (K + 1,), float64
        ``sum_{i>r} sigma_i``, inf where float64 cannot hold it. When ``s.complete`` is false an
        upper bound, by Cauchy-Schwarz: the N values that are not known sum to at most
        ``sqrt(N) * s.residual``.

    References
    ----------
    Mirsky, Symmetric gauge functions and unitarily invariant norms, Quart. J. Math. 11 (1960).

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([5.0, 4.0, 3.0]), (3, 3), "float64", "svd", 0.0, True, 50.0**0.5)
    >>> nuclear_error(s).tolist()
    [12.0, 7.0, 3.0, 0.0]
    """
    if s.complete:
        return _running_tail(s.values, 0.0)
    missing = max(s.rank_limit - s.values.size, 0)
    return _running_tail(upper_values(s), missing**0.5 * s.residual)


def upper_values(s: Spectrum) -> FloatArray:
    """Upper bounds on the K known singular values; the values themselves when s is complete."""
    return s.values if s.complete else s.band[1]


def scaled_squares(s: Spectrum) -> tuple[FloatArray, float, int]:
    """Squares that cannot overflow: ``(values / 2^e)^2``, ``(residual / 2^e)^2`` and e.

    The scale is a power of two, so integers and other short numbers keep exact squares and a share
    that equals its target on paper equals it here.
    """
    rest = 0.0 if s.complete else s.residual
    largest = max(float(s.values[0]) if s.values.size else 0.0, rest)
    exponent = int(np.frexp(largest)[1])
    return ldexp(s.values, -exponent) ** 2, float(ldexp(rest, -exponent)) ** 2, exponent


def _running_tail(terms: FloatArray, rest: float) -> FloatArray:
    """Entry r is ``sum(terms[r:]) + rest``, added from the smallest term up."""
    with np.errstate(over="ignore"):
        return np.cumsum(np.concatenate(([rest], terms[::-1])))[::-1]
