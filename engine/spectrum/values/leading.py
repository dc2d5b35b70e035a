"""Leading singular values with a lower and an upper bound on each, never dearer than all values."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number, check_seed
from engine.errors import ArgumentError, ConvergenceError
from engine.jobs import Progress
from engine.sentences import as_sentence, say
from engine.spectrum.curves import frobenius_error
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.matrix import Matrix, as_matrix, outward, unscale
from engine.spectrum.linalg.products import Products
from engine.spectrum.linalg.sparse import products_of
from engine.spectrum.linalg.tridiagonal import TWO_STAGES_FROM
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.certificate import FAILURE_PROBABILITY
from engine.spectrum.values.complete import CUT, complete_spectrum, norm_after
from engine.spectrum.values.costs import DEFAULT_RANK, is_tiny
from engine.spectrum.values.factored import Factored, factored_spectrum
from engine.spectrum.values.one_sided import one_sided_part, wants_one_side
from engine.spectrum.values.routes import (
    COARSE,
    SPARSE_ORDER,
    Route,
    choose_route,
    cost_of,
    fits,
    usual_cost,
    usual_method,
)
from engine.spectrum.values.searches import GramSearch, block_part, lanczos_part
from engine.spectrum.values.triplets import LeadingPart, LeadingValues

FloatArray = npt.NDArray[np.float64]

_FIRST_RANK = 32
_CLOSE = 1e-9  # how close values from a Gram matrix must be where no tolerance says it
_ROUNDING = 1e-14  # what bounds leave for rounding, per root of the rows
_PROBABLE = say(
    "upper bounds hold with probability 1 - {failure:.0e} over the seed; lower bounds always",
    failure=FAILURE_PROBABILITY,
)


def leading_singular_values(
    a: npt.ArrayLike | Factored,
    rank: int | None = None,
    *,
    seed: int = 0,
    tolerance: float | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """Largest singular values with a lower and an upper bound on each.

    Parameters
    ----------
    a : array_like of shape (m, n)
        As for `singular_values`; memory maps larger than 1 GiB are read block by block. Sparse
        matrices may have any size. A `Factored` is never formed.
    rank : int, optional
        How many values, 1 to min(m, n). Without it: as many as needed to leave no more than
        ``tolerance * ||M||_F`` outside, or 64 without a tolerance.
    seed : int
        Draws the starting vectors and the probes of the bounds.
    tolerance : float, optional
        With ``rank``: work on until ``upper - values <= tolerance * sigma_1`` for every value.
        What could not be reached is said in ``note``.
    progress : Progress, optional
        Checked between products.

    Returns
    -------
    Spectrum
        Every true value lies in its interval of `Spectrum.band`; ``guarantee`` says what that
        rests on. With a tolerance and min(m, n) <= 8192 (4096 if sparse) it is ``"modelled"``; else
        it may be ``"probable"``: upper bounds then fail with probability 1e-10 over the seed.

    Raises
    ------
    ArgumentError
        For a rank, tolerance or seed out of range.
    DataError
        For empty, NaN or infinite data.
    Cancelled
        When ``progress`` says so.

    Notes
    -----
    The route follows from shape, type, rank and tolerance (`choose_route`). Without a tolerance it
    is a block Krylov space where that is clearly cheaper than a Gram matrix. With one it is
    single-vector Lanczos, proved by a Cholesky factorisation, as long as it promises to end soon;
    then eigenvectors of the Gram matrix; then all values.

    References
    ----------
    See `engine.spectrum.values.searches` and, for the bounds, `engine.spectrum.values.certificate`.

    Examples
    --------
    >>> import numpy as np
    >>> s = leading_singular_values(np.diag(0.5 ** np.arange(40.0)), 3)
    >>> s.values.round(12), bool(np.all(s.upper - s.values < 1e-9)), s.guarantee
    (array([1.  , 0.5 , 0.25]), True, 'modelled')
    """
    check_tolerance(tolerance)
    seed = check_seed(seed)
    if isinstance(a, Factored):
        return _factored(a, rank, tolerance, progress)
    matrix = as_matrix(a)
    limit = min(matrix.shape)
    if rank is not None:
        rank = check_rank("rank", rank, limit, least=1)
    elif tolerance is None:
        rank = min(DEFAULT_RANK, limit)
    else:
        return _until_captured(matrix, tolerance, seed, progress)
    if is_tiny(*matrix.shape, matrix.is_complex) and not matrix.is_sparse:
        few = complete_spectrum(matrix, "svd", progress, rank=rank)
        return few if few.complete else _said(few, tolerance)
    found = _leading_values(matrix, rank, seed, tolerance, progress)
    if found is not None:
        return _spectrum(matrix, found, tolerance)
    full = complete_spectrum(matrix, _whole_method(matrix, tolerance), progress)
    if tolerance is not None and full.method != "svd" and _width(full, rank) > tolerance:
        full = complete_spectrum(matrix, "svd", progress)
    return _cut(full, rank, tolerance)


def _factored(
    a: Factored, rank: int | None, tolerance: float | None, progress: Progress | None
) -> Spectrum:
    full = factored_spectrum(a, progress)
    if rank is None:
        return _captured(full, tolerance)
    return _cut(full, check_rank("rank", rank, min(a.shape), least=1), tolerance)


def check_tolerance(tolerance: float | None) -> None:
    """Refuse a tolerance outside (0, 1)."""
    allowed = "a number strictly between 0 and 1"
    if tolerance is not None and not 0.0 < as_number("tolerance", tolerance, allowed) < 1.0:
        raise ArgumentError("tolerance", tolerance, allowed)


def leading_triplets(
    matrix: Matrix, rank: int, seed: int, tolerance: float | None, progress: Progress | None
) -> LeadingPart | None:
    """Leading triplets by the cheapest route, None where all of them cost no more.

    With a tolerance what is returned meets it, unless min(m, n) is beyond 8192.
    """
    cost = cost_of(matrix)
    route = choose_route(cost, rank, tolerance, whole=cost.triplets, vectors=True)
    if route.first == "settle" and route.then == "all":
        return None
    products = products_of(matrix, progress)
    part = _first_part(products, rank, seed, tolerance, route)
    if part is None and route.then == "gram":
        with suppress(ConvergenceError):
            part = GramSearch(matrix, progress).part(products, rank)
    return part if part is None or _is_settled(part, rank, tolerance) else None


def _leading_values(
    matrix: Matrix, rank: int, seed: int, tolerance: float | None, progress: Progress | None
) -> LeadingValues | None:
    """Leading values by the cheapest route, None where all of them cost no more."""
    cost = cost_of(matrix)
    usual = usual_method(matrix)
    route = choose_route(cost, rank, tolerance, whole=usual_cost(cost, usual))
    if route.first != "settle":
        products = products_of(matrix, progress)
        part = _first_part(products, rank, seed, tolerance, route)
        if part is not None:
            return part.values(rank)
    two_stages = cost.columns >= TWO_STAGES_FROM and _whole_method(matrix, tolerance) != "svd"
    if route.then == "all" or two_stages:
        return None
    with suppress(ConvergenceError):
        gram = GramSearch(matrix, progress)
        # What remains beside captured values is known to 1e-7 only; is that as good as asked for?
        coarse = matrix.exact_in_float32 or (tolerance or 0.0) >= COARSE
        values = gram.values(rank, whole=coarse)
        if (coarse or not values.captured) and values.width <= (tolerance or _CLOSE):
            return values
        part = gram.part(products_of(matrix, progress), rank)
        return part.values(rank) if _is_settled(part, rank, tolerance) else None
    return None


def _whole_method(matrix: Matrix, tolerance: float | None) -> str:
    """By what all values are computed where leading ones would cost as much.

    Reduced in two stages, all eigenvalues of a large Gram matrix cost less than some in one.
    """
    large = min(matrix.shape) >= TWO_STAGES_FROM and not matrix.is_mapped
    return "gram" if large and (tolerance or 0.0) >= COARSE else usual_method(matrix)


def _first_part(
    products: Products, rank: int, seed: int, tolerance: float | None, route: Route
) -> LeadingPart | None:
    if route.first == "block" and tolerance is None and wants_one_side(products, rank):
        return one_sided_part(products, rank, seed)
    if route.first == "block":
        return block_part(products, rank, seed, tolerance)
    if route.first == "settle" or tolerance is None:
        return None
    return lanczos_part(products, rank, tolerance, seed, route.patience, route.steps)


def _is_settled(part: LeadingPart, rank: int, tolerance: float | None) -> bool:
    """Whether a part answers; one from a block Krylov space has nothing to follow it."""
    return tolerance is None or part.method == "randomized" or part.width(rank) <= tolerance


def _width(full: Spectrum, rank: int) -> float:
    """The widest interval of the leading values, relative to the first."""
    low, high = full.band
    return float(np.max((high - low)[:rank])) / (float(full.values[0]) or 1.0)


def _spectrum(matrix: Matrix, found: LeadingValues, tolerance: float | None) -> Spectrum:
    note = _PROBABLE if found.guarantee == "probable" else ""
    if tolerance is not None and found.width > tolerance + _ROUNDING * math.sqrt(matrix.shape[0]):
        note = _missed(tolerance, found.width, note)
    lower, upper = outward(found.lower, found.upper, found.exponent)
    values = unscale(found.s, found.exponent)
    errors = np.nextafter(np.maximum(upper - values, values - lower), np.inf)
    return Spectrum(
        values=values,
        shape=matrix.shape,
        dtype=matrix.dtype_name,
        method=found.method,
        error_bound=float(errors.max()),
        complete=False,
        frobenius=float(unscale(found.frobenius, found.exponent)),
        residual=float(unscale(found.residual, found.exponent)),
        upper=upper,
        note=note,
        errors=errors,
        guarantee=found.guarantee,
        lower=lower,
    )


def _said(few: Spectrum, tolerance: float | None) -> Spectrum:
    """Leading values with a note where they are not as close as asked for."""
    # No band is wider than twice the error, and looking at it costs more.
    if tolerance is None or 2.0 * few.error_bound <= tolerance * few.values[0]:
        return few
    width = _width(few, few.values.size)
    return replace(few, note=_missed(tolerance, width, few.note)) if width > tolerance else few


def _missed(tolerance: float, width: float, note: str) -> str:
    said = say(
        "the tolerance {tolerance:g} was not reached: the band is {width:.1e} sigma_1 wide",
        tolerance=tolerance,
        width=width,
    )
    return say("{first}; {second}", first=said, second=as_sentence(note)) if note else said


def _until_captured(
    matrix: Matrix, tolerance: float, seed: int, progress: Progress | None
) -> Spectrum:
    """Double the rank until at most ``tolerance * ||M||_F`` is left outside."""
    cost = cost_of(matrix)
    left = 0.5 * usual_cost(cost, usual_method(matrix))
    if cost.stored:
        left = min(left, 0.5 * cost.gram) if cost.columns <= SPARSE_ORDER else math.inf
    rank = _FIRST_RANK
    products: Products | None = None
    while fits(cost.columns, rank) and cost.block_part(rank) < left:
        products = products or products_of(matrix, progress)
        part = block_part(products, rank, seed, captured=True)
        found = _captured_rank(part.s[:rank], products.frobenius, tolerance)
        # The last digits of a small residual come only from the entries themselves.
        if found is not None or part.residual <= tolerance * products.frobenius:
            return _spectrum(matrix, part.values(found or rank), None)
        left -= cost.block_part(rank)
        rank *= 2
    return _captured(complete_spectrum(matrix, "auto", progress), tolerance)


def _captured(full: Spectrum, tolerance: float | None) -> Spectrum:
    """The values that leave at most ``tolerance * ||M||_F`` outside; 64 without a tolerance."""
    if tolerance is None:
        return _cut(full, min(DEFAULT_RANK, full.values.size), None)
    above = frobenius_error(full)[:-1] > tolerance * full.frobenius
    return _cut(full, max(1, int(np.count_nonzero(above))), None)


def _captured_rank(values: FloatArray, frobenius: float, tolerance: float) -> int | None:
    """Smallest rank whose remainder is certainly within ``tolerance * frobenius``, if any."""
    rest = frobenius**2 - np.cumsum(values**2)
    enough = rest <= (tolerance * frobenius) ** 2 - 1e-12 * frobenius**2
    return int(np.argmax(enough)) + 1 if bool(np.any(enough)) else None


def _cut(full: Spectrum, rank: int, tolerance: float | None) -> Spectrum:
    """The leading values of a complete spectrum."""
    if rank >= full.values.size:
        return full
    lower, upper = (bound[:rank] for bound in full.band)
    errors = full.errors if full.errors is not None else np.zeros(full.values.size)
    few = Spectrum(
        values=full.values[:rank],
        shape=full.shape,
        dtype=full.dtype,
        method=full.method,
        error_bound=float(errors[:rank].max()),
        complete=False,
        frobenius=full.frobenius,
        residual=norm_after(full.values, rank),
        upper=upper,
        note=CUT,
        errors=errors[:rank],
        guarantee=full.guarantee,
        lower=lower,
    )
    return _said(few, tolerance)
