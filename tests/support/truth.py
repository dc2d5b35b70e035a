"""What the fuzzed functions are compared with, in units in which nothing over- or underflows."""

from __future__ import annotations

import math
import re

import mpmath
import numpy as np

from engine.errors import DataError, RankscopeError
from tests.support.ugly import Ugly

INVERSE = re.compile("pseudo-inverse|core|best factor")
EPS = 2.0**-52


def scaled_truth(a):
    """Singular values over 2**e and e, by LAPACK in float64 where nothing over- or underflows."""
    peak = max(np.abs(a.real).max(), np.abs(a.imag).max()) if a.size else 0.0
    e = int(np.frexp(peak)[1])
    unit = scaled(a, -e)
    return np.linalg.svd(unit, compute_uv=False), e, unit


def exact_singular_values(a, digits=60):
    """Singular values of the very entries of ``a``, descending, as numbers of so many digits.

    Wider intermediate numbers where the entries span many powers of ten.
    """
    a = np.atleast_2d(a)
    size = np.abs(a[a != 0])
    spread = float(np.log10(size.max()) - np.log10(size.min())) if size.size else 0.0
    with mpmath.workdps(digits + 10 + int(spread)):
        matrix = mpmath.matrix([[mpmath.mpmathify(x) for x in row] for row in a.tolist()])
        svd = mpmath.svd_c if np.iscomplexobj(a) else mpmath.svd_r
        return sorted((abs(x) for x in svd(matrix, compute_uv=False)), reverse=True)


def escaped(lower, upper, truth):
    """How many of the true values are outside their intervals."""
    triples = zip(lower.tolist(), upper.tolist(), truth, strict=False)
    return sum(not (mpmath.mpf(low) <= x <= mpmath.mpf(high)) for low, high, x in triples)


def scaled(a, e):
    half = e // 2
    with np.errstate(all="ignore"):
        if np.iscomplexobj(a):
            return scaled(a.real, e) + 1j * scaled(a.imag, e)
        return np.ldexp(np.ldexp(a, half), e - half)


def down(x, e):
    """``x * 2**-e``: a result in the data's units as the truth measures."""
    return scaled(np.asarray(x, dtype=np.complex128 if np.iscomplexobj(x) else np.float64), -e)


def step(e):
    """The smallest float64 step (subnormal) as seen in units of ``2**e``."""
    return math.ldexp(1.0, max(-1074 - e, -1070))


def slack(truth, a, e):
    """Rounding of the truth itself, and of results that are subnormal in the data's units."""
    return 20 * max(a.shape) * EPS * truth[0] + 4 * step(e)


def refusal_is_due(u: Ugly, error: RankscopeError):
    """NaN, inf, nothing at all, or singular values beyond the largest float."""
    assert len(str(error)) > 20, str(error)
    if u.exact.size == 0:
        assert "empty" in str(error) or "at least one row" in str(error), str(error)
        return
    if not u.finite:
        bad = ~np.isfinite(u.exact)
        assert isinstance(error, DataError), error
        assert (error.count, error.first) == (int(bad.sum()), tuple(np.argwhere(bad)[0])), error
        return
    truth, e, _ = scaled_truth(u.exact)
    norm, least = float(np.linalg.norm(truth)), float(truth[truth > EPS * truth[0]][-1])
    too_large = math.log2(norm) + e > 1023.9
    inverse_too_large = INVERSE.search(str(error)) and -math.log2(least) - e > 1020
    assert too_large or inverse_too_large, f"refused without need: {error}"


def attempt(u, function, *arguments, **options):
    """The answer, or None where refusing was right; the input must not change."""
    try:
        answer = function(u.given, *arguments, **options)
    except RankscopeError as error:
        refusal_is_due(u, error)
        return None
    assert u.finite and u.exact.size, "answered what has no answer"
    return answer
