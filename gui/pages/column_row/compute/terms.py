"""From two arrays to the terms of their product, which every question about it starts from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats, read_only
from gui.core.figure.pictures import (
    Shades,
    block_counts,
    block_size,
    scale_of,
    shade,
    share_kept,
    spread_means,
)
from gui.core.state.document import Rows, read_matrix
from gui.core.state.missing import bad_counts, nothing_left
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.column_row.compute.costs import FLOPS, GRAM_READY
from gui.pages.column_row.compute.product import Factor, Product, pairs, product

if TYPE_CHECKING:
    from engine.column_row import Terms
    from engine.jobs import Progress


# What a sparse factor with too many pairs may take as a dense one.
DENSE_BYTES = 1 << 28
COPIES = 3  # of the factors and of the inner products, at the most at a time


@dataclass(frozen=True, eq=False)
class Factors:
    """The two matrices at hand, X (n, l) and Y (l, m), read-only; sparse ones may stay so."""

    product: Product
    x: Any
    y: Any


class Load(Step, key="factors", title="Reading the matrices", keep=4):
    """Read both arrays; replacing bad entries copies them."""

    product: Product = value_of(product)

    def run(self, progress: Progress | None = None) -> Factors:
        """Return the factors; an array that is both is read once.

        Raises
        ------
        engine.errors.DataError
            With the count and the place of the first NaN or infinity.
        """
        # Imported here, off the GUI thread: preparing the product needs it next.
        import engine.column_row  # noqa: F401

        x, y = self.product.x, self.product.y
        pairs = self.product.shape[1]
        first = _read(x, pairs, progress)
        second = first if y.ref == x.ref else _read(y, pairs, progress)
        return Factors(self.product.plain, _turned(first, x), _turned(second, y))


def _read(factor: Factor, pairs: int, progress: Progress | None) -> Any:
    from engine.errors import DataError
    from engine.files import check_finite, replace_nonfinite

    ref, data = factor.ref, factor.data
    if data.rows is not None and not data.rows.kept.size:
        raise DataError(nothing_left(data), data.rows.left_out)
    array = _at_hand(read_matrix(ref, data.source, progress), ref.title, pairs)
    if data.repair in ("zero", "column_mean"):
        return replace_nonfinite(array, data.repair, progress)
    if data.rows is not None:
        return data.without_left_out(array)
    # Asked here, where rows and columns are those of the file: a factor may be transposed.
    report = check_finite(array, progress)
    if not report.is_finite:
        plus = report.inf_count - report.minus_count
        raise DataError(
            tr(
                "{name} holds {what} among {total} entries, the first at row {row}, column "
                "{column} (counted from 0). A product needs numbers: replace them or leave their "
                "rows out to go on. Your file stays as it is.",
                name=ref.title,
                what=bad_counts(report.nan_count, plus, report.minus_count),
                total=math.prod(array.shape),
                row=report.first[0],
                column=report.first[1],
            ),
            report.bad_count,
            report.first,
        )
    return array


def _at_hand(array: Any, title: str, pairs: int) -> Any:
    """Return a sparse array dense where it is small, as it is where its pairs are few enough.

    Raises
    ------
    engine.errors.DataError
        With what to do, where there are too many.
    """
    from engine.column_row import SPARSE_PAIRS
    from engine.errors import DataError
    from engine.files import is_small, is_sparse, to_dense

    if not is_sparse(array) or is_small(array.shape):
        return to_dense(array)
    if pairs <= SPARSE_PAIRS:
        return array
    if math.prod(array.shape) * array.dtype.itemsize <= DENSE_BYTES:
        return to_dense(array)
    said = tr(
        "{name} is sparse, too large to be written out, and has {pairs:,} column-row pairs: at "
        "most {limit:,} can be chosen from.",
        name=title,
        pairs=pairs,
        limit=SPARSE_PAIRS,
    )
    hint = tr("Save a part of the matrix.")
    if min(array.shape) <= SPARSE_PAIRS:
        hint = tr("Choose the product whose pairs are the shorter side, AᵀA or AAᵀ.")
    raise DataError(f"{said} {hint}")


def _turned(array: Any, factor: Factor) -> Any:
    return array.T if factor.transposed else array


@dataclass(frozen=True, eq=False)
class Prepared:
    """A product with what every question about it needs.

    ``floor`` has l + 1 relative errors; ``norms`` and ``total`` are in the units of X Y. ``left``
    (pixel rows, l) and ``right`` (l, pixel columns) are block means, whose products are the
    reduced pictures.
    """

    product: Product
    shape: tuple[int, int, int]
    terms: Terms
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
    def block(self) -> tuple[int, int]:
        """How many rows and columns of X Y one pixel stands for."""
        rows, columns = self.size
        return block_size(rows), block_size(columns)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the picture, where those that are left out have their places."""
        return picture_size(self.product, self.shape)


class Prepare(Step, key="prepared", title="Preparing the product", keep=4):
    """Reduce the factors to their terms, find the floor, and the picture of the product."""

    factors: Factors = answer_of(Load)

    @property
    def cost(self) -> float:
        """Seconds, about."""
        (n, pairs), m = self.factors.x.shape, self.factors.y.shape[1]
        p, q = min(n, pairs), min(m, pairs)
        gram = pairs**2 * (p + q) if pairs <= GRAM_READY else 0
        work = 2 * pairs * (n * p + m * q + p * q) + 2 * gram + 20 * min(p, q) ** 2 * max(p, q)
        return float(work / FLOPS)

    def require_room(self) -> None:
        """Ask before much memory is taken: copies of the factors, inner products of the pairs."""
        from engine.files import is_sparse
        from engine.room import require_room

        x, y = self.factors.x, self.factors.y
        pairs = x.shape[1]
        square = pairs**2 if pairs <= GRAM_READY else 0
        sides = sum(square if is_sparse(one) else math.prod(one.shape) for one in (x, y))
        numbers = COPIES * sides + COPIES * square
        product = self.factors.product
        hint = tr("Choose a part of it, or the product whose pairs are the shorter side.")
        require_room(product.x.ref.path, 8 * numbers, product.title, hint)

    def run(self, progress: Progress | None = None) -> Prepared:
        """Return the prepared product.

        Raises
        ------
        engine.errors.RankscopeError
            When a factor is not real.
        """
        from engine.column_row import Terms, terms_floor
        from engine.jobs import checkpoint

        x, y = self.factors.x, self.factors.y
        checkpoint(progress, 0.1, tr("Reading the pairs"))
        terms = Terms(x, y)
        checkpoint(progress, 0.4, tr("Inner products of the pairs"))
        if terms.pairs <= GRAM_READY:
            terms.gram  # noqa: B018  (kept from here on)
        checkpoint(progress, 0.7, tr("Singular values of the product"))
        floor = np.asarray(terms_floor(terms))
        scale = np.ldexp(1.0, terms.exponent) if abs(terms.exponent) < 1000 else 1.0
        total = float(terms.total * scale)
        (n, pairs), m = x.shape, y.shape[1]
        left, right = _reduced(self.factors.product, x, y)
        picture = left @ right
        return Prepared(
            self.factors.product,
            (n, pairs, m),
            terms,
            read_only(floor / total if total > 0.0 else np.zeros_like(floor)),
            read_only(terms.norms * scale),
            total,
            read_only(left),
            read_only(right),
            shade(read_only(picture), scale_of(picture)),
        )


def picture_size(product: Product, shape: tuple[int, int, int]) -> tuple[int, int]:
    """Return rows and columns of the picture of X Y, those that are left out among them."""
    rows, _, columns = product.places
    return (
        shape[0] if rows is None else rows.total,
        shape[2] if columns is None else columns.total,
    )


def _reduced(product: Product, x: Any, y: Any) -> tuple[Floats, Floats]:
    """Return the block means whose product is the picture, NaN where rows are left out."""
    rows, _, columns = product.places
    n, m = picture_size(product, (*x.shape, y.shape[1]))
    left = _means(x, block_size(n), rows)
    right = _means(y.T, block_size(m), columns)
    return left, np.ascontiguousarray(right.T)


def _means(columns: Any, block: int, stay: Rows | None) -> Floats:
    """Return `spread_means`, of a sparse array from its stored entries."""
    from engine.files import is_sparse

    kept, total = (None, columns.shape[0]) if stay is None else (stay.kept, stay.total)
    if not is_sparse(columns):
        return spread_means(columns, block, kept, total)
    places, counts = columns.tocoo(), block_counts(total, block)
    rows, cols = places.coords
    lines = rows.astype(np.int64) if kept is None else kept[rows]
    pixel = lines // block * columns.shape[1] + cols
    sums = np.bincount(pixel, places.data, counts.size * columns.shape[1])
    means = np.asarray(sums.reshape(counts.size, -1) / counts)
    return means if kept is None else means * share_kept(block, kept, total)


def terms(prepared: Prepared = answer_of(Prepare)) -> Terms:
    """Return the terms alone: what crosses to another process without the pictures."""
    return prepared.terms


def sides(terms: Terms) -> tuple[int, int]:
    """Return how long x_i and y_i are in the terms: no longer than there are pairs."""
    return terms.left.shape[0], terms.right.shape[1]


class Kept(Record):
    """How many pairs are kept."""

    r: int = number(
        8,
        (0, pairs),
        "Pairs &r",
        "How many of the l pairs are kept: XY = Σ xᵢ yᵢᵀ ≈ C L R, C = X[:, S], R = Y[S, :]",
        undo="pairs kept",
        option="pairs",
        per_array=True,
        enabled=pairs,
        why="There is no product of these arrays yet.",
    )
