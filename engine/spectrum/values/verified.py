"""An interval for every singular value in which it lies for certain, whatever rounding did."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.driver import svd_triplets
from engine.spectrum.linalg.error_free import above, factor_defects
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, Matrix, outward, unscale
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.complete import scaled_tall

FloatArray = npt.NDArray[np.float64]

_NOTE = "every value lies in its interval for certain: no rounding error was left to chance"


def verified_spectrum(matrix: Matrix, progress: Progress | None = None) -> Spectrum:
    """All singular values by LAPACK, then bounds that hold for certain.

    With ``A ~ U S V^T`` as computed, ``B = fl(U S)``, ``e_U >= ||U^T U - I||_2``, ``e_V``
    likewise and ``r >= ||A - B V^T||_2 + ||B - U S||_F sqrt(1 + e_V)``::

        s_i sqrt((1 - e_U)(1 - e_V)) - r  <=  sigma_i  <=  s_i sqrt((1 + e_U)(1 + e_V)) + r,

    by Weyl for the remainder and Ostrowski for the factors. Nothing is assumed of U, S and V:
    bad ones make wide intervals.

    Parameters
    ----------
    matrix : Matrix
        What to decompose; it is copied.
    progress : Progress, optional
        Checked between products; LAPACK itself cannot be interrupted.

    Returns
    -------
    Spectrum
        ``guarantee`` is ``"rigorous"``; `Spectrum.band` holds the intervals, ``2e-14 sigma_1`` wide
        for sixteen columns and ``1e-13 sigma_1`` for a thousand. A lower bound that would be below
        the smallest normal number is 0.

    Raises
    ------
    DataError
        For NaN or infinite entries, or values beyond the range of float64.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    References
    ----------
    Rump, "Verified bounds for singular values, in particular for the spectral norm of a matrix and
    its inverse", BIT 51 (2011), theorems 3.1 and 3.2. Ostrowski, PNAS 45 (1959); Horn & Johnson,
    Topics in Matrix Analysis (1991), theorem 3.3.16.

    Examples
    --------
    >>> from engine.spectrum.linalg.matrix import as_matrix
    >>> s = verified_spectrum(as_matrix([[3.0, 0.0], [4.0, 5.0]]))
    >>> low, high = s.band
    >>> bool(np.all((low < [45**0.5, 5**0.5]) & ([45**0.5, 5**0.5] < high))), s.guarantee
    (True, 'rigorous')
    """
    tall, exponent, frobenius = scaled_tall(matrix, progress)
    checkpoint(progress, 0.2, "singular vectors (LAPACK)")
    u, s, vh, said = svd_triplets(tall)
    checkpoint(progress, 0.6, "bounds")
    e_u, e_v, rest = factor_defects(tall, u, s, vh, progress)
    # B = U S is rounded entry by entry, and so may the entries themselves have been.
    rounded = UNIT_ROUNDOFF * math.sqrt(float(s @ s)) * (1.0 + e_u) * math.sqrt(1.0 + e_v)
    rest += above(rounded, s.size + 8)
    rest += matrix.entry_rounding * above(frobenius, 2 * tall.size + 8)
    return _spectrum(matrix, s, (e_u, e_v, above(rest, 8)), exponent, frobenius, said)


def _spectrum(
    matrix: Matrix,
    s: FloatArray,
    defects: tuple[float, float, float],
    exponent: int,
    frobenius: float,
    said: str,
) -> Spectrum:
    e_u, e_v, rest = defects
    # Rounding may raise these products by (1 + u)^2 at most, and takes off as much of the sums.
    shrink = math.sqrt(max(1.0 - e_u, 0.0) * max(1.0 - e_v, 0.0)) * (1.0 - 8.0 * UNIT_ROUNDOFF)
    grow = above(math.sqrt((1.0 + e_u) * (1.0 + e_v)), 8)
    low, high = np.maximum(s * shrink - rest, 0.0), s * grow + rest
    if frobenius == 0.0:
        low = high = np.zeros_like(s)
    values, lower, upper = s, low, high
    if exponent:
        values, (lower, upper) = unscale(s, exponent), outward(low, high, exponent)
    errors = np.nextafter(np.maximum(values - lower, upper - values), np.inf)
    return Spectrum(
        values=values,
        shape=matrix.shape,
        dtype=matrix.dtype_name,
        method="verified",
        error_bound=float(errors.max()),
        complete=True,
        frobenius=float(unscale(frobenius, exponent)) if exponent else frobenius,
        note=said or _NOTE,
        errors=errors,
        guarantee="rigorous",
    )
