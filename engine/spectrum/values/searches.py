"""Three ways to the leading singular triplets: block Krylov, Lanczos, the Gram matrix.

Each returns a `LeadingPart`; they differ in what they cost and in what their bounds rest on.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.driver import svd_triplets
from engine.spectrum.linalg.krylov import KrylovSpace
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, Matrix
from engine.spectrum.linalg.products import Products
from engine.spectrum.linalg.symmetric import Reduced
from engine.spectrum.linalg.thin_qr import thin_qr
from engine.spectrum.linalg.triangle import triangle_of
from engine.spectrum.spectrum import Guarantee
from engine.spectrum.values.certificate import factored_norm, outside_norm
from engine.spectrum.values.complete import accumulate_gram, gram_error
from engine.spectrum.values.costs import block_depth, block_width
from engine.spectrum.values.routes import between_looks, first_look
from engine.spectrum.values.triplets import CAPTURED, LeadingPart, LeadingValues, Ritz, certify

FloatArray = npt.NDArray[np.float64]

_MOST_DEPTH = 12


def block_part(
    products: Products,
    rank: int,
    seed: int,
    tolerance: float | None = None,
    *,
    captured: bool = False,
) -> LeadingPart:
    """Leading triplets, somewhat more than ``rank``, from a block Krylov space; "probable".

    The space grows to 4 blocks (8 when they are thin), or with a tolerance until the bounds on
    the first ``rank`` values are as close as asked for, at most to 12. Upper bounds come from
    random probes and fail with probability 1e-10 over the seed; where the whole remainder is small
    they follow from its Frobenius norm instead and are "modelled", always so if ``captured``.

    References
    ----------
    Musco & Musco, "Randomized Block Krylov Methods for Stronger and Faster Approximate Singular
    Value Decomposition", NeurIPS 2015. Halko, Martinsson & Tropp, SIAM Review 53 (2011), section
    4.3.
    """
    rng = np.random.default_rng(seed)
    width = min(block_width(rank), products.columns)
    wanted = max(1, min(block_depth(rank), products.columns // width))
    space = KrylovSpace(products, width, rng, room=wanted * width)

    def outside(found: Ritz) -> tuple[float, Guarantee]:
        if captured:
            return found.residual, "modelled"
        # Rounding in working precision goes into the probes.
        rounding = 4.0 * math.sqrt(products.rows) * products.roundoff * float(found.s[0])
        return outside_norm(products, found.v, rng) + rounding, "probable"

    most = max(wanted, min(_MOST_DEPTH, products.columns // (2 * width)))
    while True:
        while space.size < wanted * width:
            checkpoint(products.progress, 0.8 * space.size / (wanted * width), "Krylov space")
            space.extend()
        count = min(space.size, rank + max(16, rank // 4))
        part = certify(products, space.directions(count), rank, outside, "randomized")
        if tolerance is None or part.width(rank) <= tolerance or wanted >= most:
            return part
        wanted = min(most, wanted + max(2, wanted // 2))


def lanczos_part(
    products: Products, rank: int, tolerance: float, seed: int, patience: int, most: int
) -> LeadingPart | None:
    """Leading triplets from single-vector Lanczos with a factorisation as proof; "modelled".

    From `first_look` on the residuals of the wanted Ritz values and the gap behind them say
    how far they are off, about ``s r^2 / (2 gap)``. The search ends when that is below a tenth of
    the tolerance. It gives up when the trend says that ``most`` steps will not do, or says nothing
    yet after ``patience`` steps.

    Returns
    -------
    LeadingPart or None
        None where it gave up, or where the proof failed: a multiple value was missed.

    References
    ----------
    Golub & Kahan, SIAM J. Numer. Anal. 2 (1965). Parlett, The Symmetric Eigenvalue Problem (1998),
    sections 11.7 (the gap theorem) and 13.2.
    """
    rng = np.random.default_rng(seed)
    space = KrylovSpace(products, 1, rng, room=min(most, 2 * rank + 20))
    marks: list[tuple[int, float]] = []
    mark = first_look(rank)
    while True:
        while space.size < mark:
            space.extend()
        error = ritz_error(*space.ritz(), rank)
        if error <= 0.1 * tolerance:
            break
        marks.append((mark, math.log(error / (0.1 * tolerance))))
        mark += between_looks(rank)
        forecast = _forecast(marks)
        if mark > most or (forecast > most if forecast else mark > patience):
            return None
    count = min(space.size, rank + max(8, rank // 4))

    def outside(found: Ritz) -> tuple[float, Guarantee]:
        triplets = (found.u, found.s, found.v)
        last = float(found.s[rank - 1])
        return factored_norm(products, triplets, found.residual, last, rng), "modelled"

    part = certify(products, space.directions(count), rank, outside, "lanczos")
    return part if part.width(rank) <= tolerance else None


def ritz_error(s: FloatArray, residuals: FloatArray, rank: int) -> float:
    """About how far the leading Ritz values are off, relative to the first."""
    if s[0] == 0.0:
        return 0.0
    head, r = s[:rank], residuals[:rank]
    gap = head**2 - s[rank] ** 2
    squared = head * r**2 / np.where(gap > 0.0, 2.0 * gap, np.finfo(np.float64).tiny)
    return float(np.max(np.minimum(r, squared)) / s[0])


def _forecast(marks: list[tuple[int, float]]) -> float:
    """At which step the logarithm of the error will be 0, by the trend; 0 for no trend yet."""
    if len(marks) < 2:
        return 0.0
    (start, before), (now, after) = marks[max(-3, -len(marks))], marks[-1]
    slope = (before - after) / (now - start)
    return now + after / slope if slope > 0.0 else math.inf


def triangle_part(products: Products, rank: int) -> LeadingPart:
    """Leading triplets of a sparse matrix, all of them if wanted, from its triangle; "modelled".

    Stable as an SVD of the dense matrix, for the memory of the smaller square.
    """
    triangle, exponent, _ = triangle_of(products.matrix, products.progress)
    checkpoint(products.progress, 0.5, "singular vectors (LAPACK)")
    _, s, vh, _ = svd_triplets(triangle)
    # The two scans of the entries may have taken out different powers of two.
    after = float(np.ldexp(s[rank], exponent - products.exponent)) if rank < s.size else 0.0
    noise = (10.0 + 4.0 * math.sqrt(products.rows)) * UNIT_ROUNDOFF

    def outside(found: Ritz) -> tuple[float, Guarantee]:
        return after + noise * float(found.s[0]), "modelled"

    return certify(products, vh[:rank].conj().T, rank, outside, "svd")


class GramSearch:
    """Leading values, and triplets where those are wanted, from one Gram matrix; "modelled".

    Parameters
    ----------
    matrix : Matrix
        Read once here.
    progress : Progress, optional
        Checked between blocks; the reduction of the Gram matrix is one call of LAPACK.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), sections 8.3 and 8.6.
    """

    def __init__(self, matrix: Matrix, progress: Progress | None) -> None:
        self.matrix, self.progress = matrix, progress
        gram, self.exponent, exact = accumulate_gram(matrix, progress)
        self._total = float(np.trace(gram).real)
        self._error = gram_error(matrix, exact)
        self._order = gram.shape[0]
        checkpoint(progress, 0.4, "eigenvalues of order {order}", order=self._order)
        self._reduced = Reduced(gram)

    def values(self, rank: int, *, whole: bool) -> LeadingValues:
        """Square roots of eigenvalues: off by ``delta / (2 sigma)``, small ones by ``sqrt(delta)``.

        ``delta`` is a few hundred roundings of ``sigma_1^2``. Where nearly all of the norm is in
        the values (`LeadingValues.captured`), what remains is lost as a difference; if ``whole``
        it is summed from the other eigenvalues, to about ``1e-7 ||T||_F``.

        Raises
        ------
        ConvergenceError
            When LAPACK fails.
        """
        squares = np.maximum(self._reduced.leading_values(rank), 0.0)
        delta = self._error * float(squares[0])
        frobenius = math.sqrt(self._total)
        s = np.sqrt(squares)
        rest = self._total - math.fsum(squares)
        if whole and rest <= CAPTURED * self._total:
            tail = self._reduced.leading_values(self._order - rank, after=rank)
            rest = math.fsum(np.maximum(tail, 0.0))
        rounding = 2.0 * UNIT_ROUNDOFF * s + self.matrix.entry_rounding * frobenius
        return LeadingValues(
            s,
            np.maximum(np.sqrt(np.maximum(squares - delta, 0.0)) - rounding, 0.0),
            np.sqrt(squares + delta) + rounding,
            math.sqrt(max(rest, 0.0)),
            frobenius,
            self.exponent,
            "gram",
            "modelled",
        )

    def part(self, products: Products, rank: int) -> LeadingPart:
        """Triplets by Rayleigh-Ritz with the eigenvectors: values off by roundings of ``sigma_1``.

        The eigenvalue after them, and what rounding may have done to it, bounds what they leave
        out.

        Raises
        ------
        ConvergenceError
            When LAPACK fails.
        """
        count = min(products.columns, rank + max(4, rank // 8))
        # LAPACK leaves the vectors orthogonal to about n roundings only.
        v = thin_qr(np.ascontiguousarray(self._reduced.leading_vectors(count)))[0]
        rest = 0.0
        if count < products.columns:
            rest = float(self._reduced.leading_values(1, after=count)[0])
        # The two scans of the entries may have taken out different powers of two.
        square = max(float(np.ldexp(rest, 2 * (self.exponent - products.exponent))), 0.0)

        def outside(found: Ritz) -> tuple[float, Guarantee]:
            return math.sqrt(square + self._error * float(found.s[0]) ** 2), "modelled"

        return certify(products, v, rank, outside, "gram")
