"""All singular values of a matrix, by the route that suits its data, with an error bound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.jobs import Progress
from engine.sentences import one_of
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.complete import choose_method, complete_spectrum
from engine.spectrum.values.randomized import leading_singular_values

METHODS = ("auto", "svd", "gram", "randomized", "stream")


def singular_values(
    a: npt.ArrayLike,
    method: str = "auto",
    *,
    rank: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """Singular values of ``a``, descending, with a bound on their error.

    Parameters
    ----------
    a : array_like of shape (m, n)
        Real, complex, integer or boolean; any memory layout, memory maps too. Never modified.
    method : {"auto", "svd", "gram", "randomized", "stream"}
        ``"svd"``: LAPACK in float64 (complex128), backward stable for every value. ``"gram"``:
        eigenvalues of the Gram matrix of the smaller side, accumulated in float64 over blocks:
        3 to 4 times faster, absolute errors near ``1e-7 sigma_1`` or less for values near zero.
        ``"stream"``: the same in one pass over a memory map with pages given back at once.
        ``"randomized"``: the ``rank`` largest values only (`leading_singular_values`).
        ``"auto"``: see `choose_method`.
    rank, tolerance, seed
        Only for ``"randomized"``.
    progress : Progress, optional
        Checked between blocks; a LAPACK call itself cannot be interrupted.

    Returns
    -------
    Spectrum
        ``error_bound`` and ``errors`` cover rounding under the usual model of rounding errors as
        independent of zero mean, with a margin; they are not worst-case bounds, which would be
        larger by about ``sqrt(n)``.

    Raises
    ------
    ArgumentError
        When ``a`` is not a numeric two-dimensional array, or ``method`` is unknown.
    DataError
        When ``a`` is empty or holds NaN or infinite entries (with count and first index).
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.
    Cancelled
        When ``progress`` says so.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), sections 8.3 and 8.6. Higham & Mary,
    "A New Approach to Probabilistic Rounding Error Analysis", SIAM J. Sci. Comput. 41 (2019),
    theorem 2.4.

    Examples
    --------
    >>> s = singular_values([[3.0, 0.0, 0.0], [0.0, -4.0, 0.0]])
    >>> s.values, s.method, s.complete
    (array([4., 3.]), 'svd', True)
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    matrix = as_matrix(a)
    if method == "auto" and (rank is not None or tolerance is not None):
        method = "randomized"
    if method == "randomized":
        return leading_singular_values(
            matrix.array, rank, seed=seed, tolerance=tolerance, progress=progress
        )
    if rank is not None or tolerance is not None:
        raise ArgumentError("method", method, "'randomized' when rank or tolerance is given")
    return complete_spectrum(matrix, method, progress)


def estimate_seconds(shape: tuple[int, int], dtype: npt.DTypeLike, method: str = "auto") -> float:
    """Rough time of `singular_values` on two ordinary cores, right within a factor of about 3.

    Meant for choosing between a thread and a worker process, and for telling a person what to
    expect; ``"randomized"`` is taken to be for 64 values.

    Examples
    --------
    >>> estimate_seconds((4096, 4096), "float32") < estimate_seconds((4096, 4096), "float64")
    True
    """
    if method not in METHODS:
        raise ArgumentError("method", method, one_of(METHODS))
    if method == "auto":
        method = choose_method(shape, dtype)
    rows, columns = float(max(shape)), float(min(shape))
    entries = rows * columns
    work = 4.0 if np.dtype(dtype).kind == "c" else 1.0
    if method == "randomized":
        return work * (0.02 + 4e-8 * entries)
    if method == "svd":
        tall = 4e-11 * rows * columns**2 if rows > 1.5 * columns else 0.0
        return work * (0.001 + 5e-9 * entries + tall + 1.8e-10 * columns**3)
    return work * (0.001 + 5e-9 * entries + 1e-11 * rows * columns**2 + 4.5e-11 * columns**3)
