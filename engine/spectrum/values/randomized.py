"""Leading singular values and vectors of a large matrix, with certified bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number, check_seed
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, say
from engine.spectrum.curves import frobenius_error
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.krylov import BlockKrylov
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, Matrix, as_matrix, unscale
from engine.spectrum.linalg.products import Products, adjoint_product
from engine.spectrum.linalg.thin_qr import thin_svd
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.certificate import (
    FAILURE_PROBABILITY,
    frobenius_upper,
    outside_norm,
    split_upper,
)
from engine.spectrum.values.complete import complete_spectrum

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

_DEPTH = 4  # Krylov blocks without a tolerance, at least
_MOST_DEPTH = 12
_FIRST_RANK = 32
_DEFAULT_RANK = 64
_BAND_NOTE = say(
    "upper bounds hold with probability 1 - {failure:.0e} over the seed; lower bounds always",
    failure=FAILURE_PROBABILITY,
)


@dataclass(frozen=True, eq=False)
class LeadingPart:
    """Leading triplets of the tall view T, all scaled by ``2**-exponent``; ``T v = u diag(s)``.

    Parameters
    ----------
    u, s, v : ndarrays of shape (m, k), (k,), (n, k)
        float64 (complex128), orthonormal columns; ``s`` are lower bounds.
    upper : ndarray of shape (k,)
        Upper bounds on the singular values.
    outside : float
        Upper bound on ``||T - u diag(s) v^H||_2``.
    residual : float
        ``||T - u diag(s) v^H||_F``.
    frobenius : float
        ``||T||_F``.
    exponent : int
        Power of two taken out.
    slack : float
        Rounding error of ``s``, not contained in ``upper``.
    coupling : ndarray of shape (k, k)
        ``E^H E`` of `split_upper`.
    """

    u: AnyArray
    s: FloatArray
    v: AnyArray
    upper: FloatArray
    outside: float
    residual: float
    frobenius: float
    exponent: int
    slack: float
    coupling: AnyArray

    def remainder_norm(self, rank: int) -> float:
        """Upper bound on ``||T - (first rank triplets)||_2``; between the remaining triplets and
        what is outside all of them stands the same split as for the whole matrix."""
        if rank == self.s.size:
            return self.outside + self.slack
        rest = split_upper(self.s[rank:], self.coupling[rank:, rank:], self.outside)
        return min(float(rest[0]), math.hypot(self.outside, float(self.s[rank]))) + self.slack


def leading_singular_values(
    a: npt.ArrayLike,
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
        As for `singular_values`; memory maps larger than 1 GiB are read block by block.
    rank : int, optional
        How many values, 1 to min(m, n). Without it: as many as needed to leave no more than
        ``tolerance * ||M||_F`` outside, or 64 without a tolerance.
    seed : int
        Draws the starting block and the probes of the bounds.
    tolerance : float, optional
        With ``rank``: work on until ``upper - values <= tolerance * sigma_1`` for every value.
        The space is extended up to 12 blocks; what could not be reached is said in ``note``.
    progress : Progress, optional
        Checked between products.

    Returns
    -------
    Spectrum
        ``values <= sigma <= upper`` up to rounding; ``values`` hold for certain, ``upper`` fails
        with probability 1e-10 over the seed. Where the rank is so large that all values cost no
        more, they are computed and cut.

    Raises
    ------
    ArgumentError
        For a rank, tolerance or seed out of range.
    DataError
        For empty, NaN or infinite data.
    Cancelled
        When ``progress`` says so.

    References
    ----------
    Musco & Musco, "Randomized Block Krylov Methods for Stronger and Faster Approximate Singular
    Value Decomposition", NeurIPS 2015. Halko, Martinsson & Tropp, SIAM Review 53 (2011), section
    4.3. Bounds: see `engine.spectrum.values.certificate`.

    Examples
    --------
    >>> import numpy as np
    >>> s = leading_singular_values(np.diag(0.5 ** np.arange(40.0)), 3)
    >>> s.values.round(12), bool(np.all(s.upper - s.values < 1e-9))
    (array([1.  , 0.5 , 0.25]), True)
    """
    matrix = as_matrix(a)
    limit = min(matrix.shape)
    check_tolerance(tolerance)
    seed = check_seed(seed)
    if rank is not None:
        rank = check_rank("rank", rank, limit, least=1)
    elif tolerance is None:
        rank = min(_DEFAULT_RANK, limit)
    first = rank if rank is not None else min(_FIRST_RANK, limit)
    if not worth_randomizing(matrix.shape, first):
        return _cut(matrix, rank, tolerance, progress)
    if rank is not None:
        part = leading_part(Products(matrix, progress), rank, seed, tolerance)
        return _spectrum(matrix, part, rank, tolerance)
    assert tolerance is not None
    return _until_captured(matrix, tolerance, seed, progress)


def check_tolerance(tolerance: float | None) -> None:
    """Refuse a tolerance outside (0, 1)."""
    allowed = "a number strictly between 0 and 1"
    if tolerance is not None and not 0.0 < as_number("tolerance", tolerance, allowed) < 1.0:
        raise ArgumentError("tolerance", tolerance, allowed)


def worth_randomizing(shape: tuple[int, int], rank: int) -> bool:
    """Whether a Krylov space for ``rank`` values is much smaller than the matrix."""
    return 4 * (_depth(rank) * _width(rank)) <= 3 * min(shape)


def _width(rank: int) -> int:
    return rank + 8


def _depth(rank: int) -> int:
    """Blocks without a tolerance: thin ones cost little, so they may be more."""
    return max(_DEPTH, min(2 * _DEPTH, 200 // _width(rank)))


def leading_part(
    products: Products, rank: int, seed: int, tolerance: float | None = None
) -> LeadingPart:
    """Leading triplets, somewhat more than ``rank`` of them, with their bounds.

    The Krylov space grows to 4 blocks (8 when they are thin), or with a tolerance until the
    bounds on the first ``rank`` values are as close as asked for.
    """
    rng = np.random.default_rng(seed)
    width = _width(rank)
    space = BlockKrylov(products, width, rng)
    most = max(_depth(rank), min(_MOST_DEPTH, products.columns // (2 * width)))
    wanted = _depth(rank)
    while True:
        while space.size < wanted * width:
            checkpoint(products.progress, 0.8 * space.size / (wanted * width), "Krylov space")
            space.extend()
        count = min(space.size, rank + max(16, rank // 4))
        part = _certify(products, space.directions(count), rank, rng)
        gap = float(np.max(part.upper[:rank] - part.s[:rank]))
        if tolerance is None or gap <= tolerance * part.s[0] or wanted >= most:
            return part
        wanted = min(most, wanted + max(2, wanted // 2))


def _certify(products: Products, v: AnyArray, rank: int, rng: np.random.Generator) -> LeadingPart:
    """Rayleigh-Ritz in float64 on orthonormal ``v``, then every bound."""
    checkpoint(products.progress, 0.85, "bounds")
    # T v is computed in float64, so the values are lower bounds to float64 rounding whatever the
    # precision in which v was found; the product also halves the error of v.
    u, s, wh = thin_svd(products.times_double(v))
    v = v @ wh.conj().T
    residual = _residual(products, u, s, v)
    # Where the remainder as a whole is small there is nothing to gain from probing it.
    small = residual <= 0.25 * s[rank - 1]
    outside = residual if small else min(residual, _outside(products, v, s, rng))
    left = products.adjoint_double(u)
    left -= v @ adjoint_product(v, left)
    coupling = adjoint_product(left, left) * np.outer(s, s)
    upper = np.minimum(frobenius_upper(s, residual), split_upper(s, coupling, outside))
    slack = (10.0 + 4.0 * math.sqrt(products.rows)) * UNIT_ROUNDOFF * float(s[0])
    slack += products.matrix.entry_rounding * products.frobenius
    upper = np.maximum(np.minimum.accumulate(upper), s)
    return LeadingPart(
        u, s, v, upper, outside, residual, products.frobenius, products.exponent, slack, coupling
    )


def _residual(products: Products, u: AnyArray, s: FloatArray, v: AnyArray) -> float:
    """``||T||_F^2 - sum s^2`` where that keeps half its digits, else entry by entry."""
    total = products.frobenius**2
    rest = total - math.fsum(s**2)
    return math.sqrt(rest) if rest > 1e-5 * total else products.residual_norm(u, s, v)


def _outside(products: Products, v: AnyArray, s: FloatArray, rng: np.random.Generator) -> float:
    """Probabilistic bound on what lies outside, widened by working-precision rounding."""
    rounding = 4.0 * math.sqrt(products.rows) * products.roundoff * float(s[0])
    return outside_norm(products, v, rng) + rounding


def _spectrum(
    matrix: Matrix, part: LeadingPart, rank: int, tolerance: float | None = None
) -> Spectrum:
    values = part.s[:rank]
    upper = part.upper[:rank] + part.slack
    gap = float(np.max(upper - values))
    note = _BAND_NOTE
    if tolerance is not None and gap > max(tolerance * float(values[0]), 2.0 * part.slack):
        note = say(
            "the tolerance {tolerance:g} was not reached: the band is {width:.1e} sigma_1 wide; "
            "{note}",
            tolerance=tolerance,
            width=gap / float(values[0]),
            note=as_sentence(note),
        )
    left = math.fsum(part.s[rank:] ** 2)
    return Spectrum(
        values=unscale(values, part.exponent),
        shape=matrix.shape,
        dtype=matrix.dtype_name,
        method="randomized",
        error_bound=float(unscale(gap, part.exponent)),
        complete=False,
        frobenius=float(unscale(part.frobenius, part.exponent)),
        residual=float(unscale(math.hypot(part.residual, math.sqrt(left)), part.exponent)),
        upper=unscale(upper, part.exponent),
        note=note,
        errors=unscale(upper - values, part.exponent),
    )


def _until_captured(
    matrix: Matrix, tolerance: float, seed: int, progress: Progress | None
) -> Spectrum:
    """Double the rank until at most ``tolerance * ||M||_F`` is left outside."""
    products = Products(matrix, progress)
    rank = _FIRST_RANK
    while worth_randomizing(matrix.shape, rank):
        part = leading_part(products, rank, seed)
        found = _captured_rank(part.s[:rank], products.frobenius, tolerance)
        # The last digits of a small residual come only from the entries themselves.
        if found is not None or part.residual <= tolerance * products.frobenius:
            return _spectrum(matrix, part, found or rank)
        rank *= 2
    return _cut(matrix, None, tolerance, progress)


def _captured_rank(values: FloatArray, frobenius: float, tolerance: float) -> int | None:
    """Smallest rank whose remainder is certainly within ``tolerance * frobenius``, if any."""
    rest = frobenius**2 - np.cumsum(values**2)
    enough = rest <= (tolerance * frobenius) ** 2 - 1e-12 * frobenius**2
    return int(np.argmax(enough)) + 1 if bool(np.any(enough)) else None


def _cut(
    matrix: Matrix, rank: int | None, tolerance: float | None, progress: Progress | None
) -> Spectrum:
    """All singular values, then the leading ones: for ranks near min(m, n)."""
    full = complete_spectrum(matrix, "auto", progress)
    if rank is None:
        assert tolerance is not None
        above = frobenius_error(full)[:-1] > tolerance * full.frobenius
        rank = max(1, int(np.count_nonzero(above)))
    if rank >= full.values.size:
        return full
    errors = full.errors if full.errors is not None else np.full(full.values.size, 0.0)
    return Spectrum(
        values=full.values[:rank],
        shape=full.shape,
        dtype=full.dtype,
        method=full.method,
        error_bound=full.error_bound,
        complete=False,
        frobenius=full.frobenius,
        residual=float(frobenius_error(full)[rank]),
        upper=full.values[:rank] + errors[:rank],
        note="all singular values cost no more than the leading ones here; then cut",
        errors=errors[:rank],
    )
