"""Which singular values are data and which may be rounding: levels, and the rank they give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.sentences import say
from engine.spectrum.spectrum import Spectrum

# Relative rounding of an entry that was stored in a short type.
_ENTRY_ROUNDOFF = {
    "float32": 2.0**-24,
    "complex64": 2.0**-24,
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
    "float8_e4m3": 2.0**-4,
    "float8_e4m3fn": 2.0**-4,
    "float8_e4m3fnuz": 2.0**-4,
    "float8_e5m2": 2.0**-3,
    "float8_e5m2fnuz": 2.0**-3,
}


@dataclass(frozen=True)
class RankLevel:
    """A level under which singular values do not count, and what it is.

    Parameters
    ----------
    value : float
        In the units of the data.
    origin : str
        What gives it, in words.
    """

    value: float
    origin: str


def rank_tolerance(s: Spectrum) -> float:
    """Level ``max(m, n) eps sigma_1`` that NumPy and MATLAB take for the rank of a matrix.

    Parameters
    ----------
    s : Spectrum
        ``s.dtype`` chooses eps: that of float32 for float32, complex64 and shorter types, that of
        float64 otherwise. A half-precision eps times a thousand rows exceeds 1 and would declare
        every matrix to be of rank 0.

    Returns
    -------
    float
        In the units of the data.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 5.4.1.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([1.0]), (1, 4), "float64", "svd", 0.0, True, 1.0)
    >>> rank_tolerance(s) / 2.0**-52
    4.0
    """
    eps = float(np.finfo(np.float32 if s.dtype in _ENTRY_ROUNDOFF else np.float64).eps)
    return max(s.shape) * eps * float(s.values[0]) if s.values.size else 0.0


def rank_level(s: Spectrum) -> RankLevel:
    """Level up to which a singular value may come from rounding alone, not from the data.

    Sharper than `rank_tolerance` for float32 and complex64, and bearable for shorter types:
    rounding the entries of a matrix to a type of unit roundoff u adds noise of deviation below
    ``u ||M||_F / sqrt(m n)``, whose largest singular value is near
    ``u ||M||_F (1/sqrt(m) + 1/sqrt(n))``.

    Parameters
    ----------
    s : Spectrum
        ``s.dtype`` names the type that the entries were rounded to.

    Returns
    -------
    RankLevel
        Twice that noise, or ``max(m, n) eps sigma_1`` with the eps of float64 in which all is
        computed, or the error bound of the smallest value, whichever is largest.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 5.4.1; the norm of noise: Bai & Yin, Ann.
    Probab. 21 (1993).

    Examples
    --------
    >>> import numpy as np
    >>> level = rank_level(
    ...     Spectrum(np.array([1.0, 1e-9]), (4, 4), "float32", "svd", 0.0, True, 1.0)
    ... )
    >>> f"{level.value:.1e}", level.origin
    ('1.2e-07', 'twice the noise of rounding the entries to float32')
    """
    if not s.values.size:
        return RankLevel(0.0, _computed())
    computed = max(s.shape) * float(np.finfo(np.float64).eps) * float(s.values[0])
    noise = _ENTRY_ROUNDOFF.get(s.dtype, 0.0) * sum(side**-0.5 for side in s.shape)
    entries = say("twice the noise of rounding the entries to {dtype}", dtype=s.dtype)
    levels = [RankLevel(computed, _computed()), RankLevel(2.0 * noise * s.frobenius, entries)]
    if s.complete:
        error = s.error_bound if s.errors is None else float(s.errors[-1])
        levels.append(RankLevel(error, say("the error bound of the smallest value")))
    return max(levels, key=lambda level: level.value)


def rounding_level(s: Spectrum) -> float:
    """Value of the `rank_level`, in the units of the data.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([1.0, 1e-9]), (4, 4), "float32", "svd", 0.0, True, 1.0)
    >>> f"{rounding_level(s):.1e} < {rank_tolerance(s):.1e}"
    '1.2e-07 < 4.8e-07'
    """
    return rank_level(s).value


def numerical_rank(s: Spectrum) -> int:
    """Count the singular values above their `rank_level`.

    Parameters
    ----------
    s : Spectrum
        For leading values only, the count is a lower bound.

    Returns
    -------
    int
        0 for the zero matrix.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 5.4.1.

    Examples
    --------
    >>> import numpy as np
    >>> numerical_rank(Spectrum(np.array([1.0, 1e-20]), (2, 2), "float64", "svd", 0.0, True, 1.0))
    1
    """
    return int(np.count_nonzero(s.values > rounding_level(s)))


def rank_reason(s: Spectrum) -> str:
    """Sentence that says which level the numerical rank was counted by.

    Where the common rule ``max(m, n) eps sigma_1`` would count otherwise, it says that, too.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([1.0, 2e-7]), (4, 4), "float32", "svd", 0.0, True, 1.0)
    >>> for sentence in rank_reason(s).split(". "):
    ...     print(sentence)
    Counted above 1.19e-07: twice the noise of rounding the entries to float32
    Above max(m, n) ε σ₁ = 4.77e-07 there would be 1.
    """
    level, usual = rank_level(s), rank_tolerance(s)
    others = int(np.count_nonzero(s.values > usual))
    counted = say("Counted above {level:.3g}: {origin}.", level=level.value, origin=level.origin)
    if others == numerical_rank(s):
        return counted
    text = "{counted} Above max(m, n) ε σ₁ = {usual:.3g} there would be {others}."
    return say(text, counted=counted, usual=usual, others=others)


def _computed() -> str:
    return say("max(m, n) ε σ₁ in float64, in which all is computed")
