"""What the Column-row page has computed for it: two arrays read, and their product prepared.

Every request is frozen and holds read-only arrays, so that it can run in a thread or, when its
``cost`` in seconds says so, in a process that cancelling ends. The engine is imported only when a
request runs: the window opens without it. Errors against r are in ``curves``, what stands at one r
in ``standings`` and ``detail``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.figure.arrays import Array, Floats, read_only
from gui.core.figure.pictures import Shades, block_means, block_size, scale_of, shade
from gui.core.state.document import read_matrix
from gui.core.words.i18n import tr
from gui.pages.column_row.costs import FLOPS, GRAM_READY
from gui.pages.column_row.state import Factor, Product

if TYPE_CHECKING:
    from engine.jobs import Progress


@dataclass(frozen=True, eq=False)
class Factors:
    """The two matrices at hand, X (n, l) and Y (l, m), read-only."""

    product: Product
    x: Array
    y: Array


@dataclass(frozen=True, eq=False)
class LoadFactors:
    """Read both arrays of ``product`` from their opened sources."""

    product: Product
    x_source: Any = field(repr=False)
    y_source: Any = field(repr=False)

    def run(self, progress: Progress | None = None) -> Factors:
        """Return the factors; an array that is both is read once."""
        # Imported here, off the GUI thread: preparing the product needs it next.
        import engine.column_row  # noqa: F401

        x, y = self.product.x, self.product.y
        first = _read(x, self.x_source, progress)
        second = first if y.ref == x.ref else _read(y, self.y_source, progress)
        return Factors(self.product, _turned(first, x), _turned(second, y))


@dataclass(frozen=True, eq=False)
class Prepared:
    """A product with what every question about it needs.

    ``terms`` is the engine's Terms; ``floor`` has l + 1 relative errors; ``norms`` and ``total``
    are in the units of X Y. ``left`` (pixel rows, l) and ``right`` (l, pixel columns) are block
    means, whose products are the reduced pictures.
    """

    product: Product
    shape: tuple[int, int, int]
    terms: Any
    floor: Floats
    norms: Floats
    total: float
    left: Floats
    right: Floats
    picture: Shades

    @property
    def pairs(self) -> int:
        """How many column-row pairs there are."""
        return self.shape[1]

    @property
    def sides(self) -> tuple[int, int]:
        """How long x_i and y_i are in the terms: no longer than there are pairs."""
        return self.terms.left.shape[0], self.terms.right.shape[1]

    @property
    def block(self) -> tuple[int, int]:
        """How many rows and columns of X Y one pixel stands for."""
        return block_size(self.shape[0]), block_size(self.shape[2])


@dataclass(frozen=True, eq=False)
class Prepare:
    """Reduce the factors to their terms, find the floor, and the picture of the product."""

    product: Product
    x: Array = field(repr=False)
    y: Array = field(repr=False)
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> Prepared:
        """Return the prepared product.

        Raises
        ------
        engine.errors.RankscopeError
            When a factor is not real or has NaN or infinite entries.
        """
        from engine.column_row import Terms, terms_floor
        from engine.jobs import checkpoint

        checkpoint(progress, 0.1, tr("Reading the pairs"))
        terms = Terms(self.x, self.y)
        checkpoint(progress, 0.4, tr("Inner products of the pairs"))
        if terms.pairs <= GRAM_READY:
            terms.gram  # noqa: B018  (kept from here on)
        checkpoint(progress, 0.7, tr("Singular values of the product"))
        floor = np.asarray(terms_floor(terms))
        scale = np.ldexp(1.0, terms.exponent) if abs(terms.exponent) < 1000 else 1.0
        total = float(terms.total * scale)
        (n, pairs), m = self.x.shape, self.y.shape[1]
        left = block_means(self.x, block_size(n))
        right = np.ascontiguousarray(block_means(self.y.T, block_size(m)).T)
        picture = left @ right
        return Prepared(
            self.product,
            (n, pairs, m),
            terms,
            read_only(floor / total if total > 0.0 else np.zeros_like(floor)),
            read_only(terms.norms * scale),
            total,
            read_only(left),
            read_only(right),
            shade(read_only(picture), scale_of(picture)),
        )


def prepare(factors: Factors) -> Prepare:
    """Return the request for ``factors`` with its estimated cost."""
    (n, pairs), m = factors.x.shape, factors.y.shape[1]
    p, q = min(n, pairs), min(m, pairs)
    gram = pairs**2 * (p + q) if pairs <= GRAM_READY else 0
    work = 2 * pairs * (n * p + m * q + p * q) + 2 * gram + 20 * min(p, q) ** 2 * max(p, q)
    return Prepare(factors.product, factors.x, factors.y, work / FLOPS)


def _read(factor: Factor, source: Any, progress: Progress | None) -> Array:
    from engine.errors import DataError
    from engine.files import check_finite, replace_nonfinite

    ref = factor.ref
    if source is None:
        raise DataError(tr("{name} is not open any more.", name=ref.title))
    array = np.asarray(read_matrix(ref, source, progress))
    if factor.repair:
        return replace_nonfinite(array, factor.repair, progress)
    # Asked here, where rows and columns are those of the file: a factor may be transposed.
    report = check_finite(array, progress)
    if not report.is_finite:
        raise DataError(
            tr(
                "{name} is NaN or infinite in {count} of {total} places, the first at row {row}, "
                "column {column} (counted from 0). A product needs numbers: replace them to go "
                "on. Your file stays as it is.",
                name=ref.title,
                count=report.bad_count,
                total=array.size,
                row=report.first[0],
                column=report.first[1],
            ),
            report.bad_count,
            report.first,
        )
    return array


def _turned(array: Array, factor: Factor) -> Array:
    return array.T if factor.transposed else array
