"""All singular values of a matrix, by the route that suits its data, with an error bound."""

from __future__ import annotations

import numpy.typing as npt

from engine.errors import ArgumentError
from engine.jobs import Progress
from engine.sentences import one_of
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.complete import complete_spectrum
from engine.spectrum.values.costs import METHODS
from engine.spectrum.values.factored import Factored, factored_spectrum
from engine.spectrum.values.leading import leading_singular_values
from engine.spectrum.values.verified import verified_spectrum


def singular_values(
    a: npt.ArrayLike | Factored,
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
    a : array_like of shape (m, n), or Factored
        Real, complex, integer or boolean; any memory layout, memory maps too. Never modified.
        SciPy's sparse arrays and matrices in any format: no dense copy is made of them, and all
        values take min(m, n) <= 4096. A `Factored` is never formed, whatever the method.
    method : {"auto", "svd", "gram", "randomized", "stream", "verified"}
        ``"svd"``: LAPACK in float64 (complex128), backward stable for every value. ``"gram"``:
        eigenvalues of the Gram matrix of the smaller side, accumulated in float64 over blocks:
        3 to 4 times faster, absolute errors near ``1e-7 sigma_1`` or less for values near zero.
        ``"stream"``: the same in one pass over a memory map with pages given back at once.
        ``"randomized"``: the ``rank`` largest values only (`leading_singular_values`).
        ``"verified"``: LAPACK with vectors, then an interval for every value in which it lies for
        certain (`verified_spectrum`); about twice the cost of the vectors.
        ``"auto"``: see `choose_method`.
    rank, tolerance, seed
        Only for ``"randomized"``.
    progress : Progress, optional
        Checked between blocks; a LAPACK call itself cannot be interrupted.

    Returns
    -------
    Spectrum
        ``guarantee`` says what its bounds rest on. For ``"svd"``, ``"gram"`` and ``"stream"`` it
        is ``"modelled"``: ``error_bound`` and ``errors`` cover rounding under the usual model of
        rounding errors as independent of zero mean, with a margin; worst-case bounds would be
        larger by about ``sqrt(n)``. For ``"verified"`` it is ``"rigorous"``.

    Raises
    ------
    ArgumentError
        When ``a`` is not a numeric two-dimensional array or too large a sparse one, or ``method``
        is unknown, or ``"verified"`` for a sparse matrix.
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
    if isinstance(a, Factored):
        if rank is None:
            return factored_spectrum(a, progress)
        return leading_singular_values(a, rank, tolerance=tolerance, progress=progress)
    matrix = as_matrix(a)
    if method == "auto" and (rank is not None or tolerance is not None):
        method = "randomized"
    if method == "randomized":
        return leading_singular_values(
            matrix.array, rank, seed=seed, tolerance=tolerance, progress=progress
        )
    if rank is not None or tolerance is not None:
        raise ArgumentError("method", method, "'randomized' when rank or tolerance is given")
    if method == "verified":
        if matrix.is_sparse:
            allowed = one_of(name for name in METHODS if name != "verified")
            raise ArgumentError("method", method, allowed, "Convert it with a.toarray().")
        return verified_spectrum(matrix, progress)
    return complete_spectrum(matrix, method, progress)
