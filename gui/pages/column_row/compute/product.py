"""Which arrays are multiplied, X Y = sum of x_i y_i^T, and why two cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

from gui.core.declare.marks import given, maybe_given, value_of
from gui.core.declare.parameter import choice, stored, toggle
from gui.core.declare.records import Record
from gui.core.state.document import EXAMPLES_PATH, Arrays, DataRef, Opened, Rows, Second
from gui.core.words.i18n import tr
from gui.frozen import dataclass

ProductKind = Literal["rows", "columns", "other"]
Square = Literal["paired", "rows", "columns"]  # of an array with itself; "paired": as in the window

ACTIVATIONS = DataRef(EXAMPLES_PATH, "activations", (128, 20), "float64")
LAYER_WEIGHTS = DataRef(EXAMPLES_PATH, "weights", (20, 48), "float64")


@dataclass(frozen=True)
class Pairing:
    """How the array ``a`` is multiplied; an array without a pairing has its rows picked, A^T A.

    ``y`` and the flags count for the kind "other" only: X is ``a``, Y is ``y``.
    """

    MOST: ClassVar[int] = 64  # in a list

    a: DataRef
    kind: ProductKind = "rows"
    y: DataRef | None = None
    x_transposed: bool = False
    y_transposed: bool = False


@dataclass(frozen=True)
class Factor:
    """One side of a product: an array, as it is or transposed."""

    data: Opened
    transposed: bool = False

    @property
    def ref(self) -> DataRef:
        """Which array."""
        return self.data.ref

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as they enter the product."""
        rows, columns = self.data.matrix_shape
        return (columns, rows) if self.transposed else (rows, columns)

    @property
    def places(self) -> tuple[Rows | None, Rows | None]:
        """Which rows and columns of the file it has as it enters the product, None for all."""
        rows, columns = self.data.places
        return (columns, rows) if self.transposed else (rows, columns)

    @property
    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of its rows and columns as they enter the product."""
        rows, columns = self.data.labels
        return (columns, rows) if self.transposed else (rows, columns)

    @property
    def title(self) -> str:
        """Its name, with a raised T where it is transposed."""
        return self.ref.title + ("ᵀ" if self.transposed else "")

    @property
    def plain(self) -> Factor:
        """The same without the opened file."""
        return Factor(self.data.plain, self.transposed)


@dataclass(frozen=True)
class Product:
    """X Y = sum of x_i y_i^T: which arrays are multiplied."""

    x: Factor
    y: Factor

    @property
    def fits(self) -> bool:
        """Whether X has as many columns as Y has rows."""
        return self.x.shape[1] == self.y.shape[0]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, l, m) of X (n, l) and Y (l, m)."""
        return *self.x.shape, self.y.shape[1]

    @property
    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the rows and columns of X Y, by their numbers in the files."""
        return self.x.labels[0], self.y.labels[1]

    @property
    def pair_labels(self) -> tuple[str, ...]:
        """Names of the pairs: of the columns of X, or else of the rows of Y."""
        (_, columns), (rows, _) = self.x.labels, self.y.labels
        names, stay = (columns, self.x.places[1]) if columns else (rows, self.y.places[0])
        return names if stay is None or not names else tuple(names[i] for i in stay.kept.tolist())

    @property
    def places(self) -> tuple[Rows | None, Rows | None, Rows | None]:
        """Which rows, pairs and columns of the files X Y has, None for all."""
        (rows, pairs), (others, columns) = self.x.places, self.y.places
        return rows, pairs or others, columns

    @property
    def title(self) -> str:
        """What is multiplied, in short."""
        if self.x.ref == self.y.ref:
            name = self.x.ref.title
            text = tr("{name}: Aᵀ A") if self.x.transposed else tr("{name}: A Aᵀ")
            return text.format(name=name)
        return f"{self.x.title} · {self.y.title}"

    @property
    def plain(self) -> Product:
        """The same without the opened files: what results carry and what crosses processes."""
        return Product(self.x.plain, self.y.plain)


class CannotMultiply(ValueError):
    """Two arrays have no product; ``turn`` says whether to transpose (X, Y) so that they have."""

    for_people = True

    def __init__(self, message: str, turn: tuple[bool, bool] | None = None) -> None:
        self.turn = turn
        super().__init__(message)


def _as_many(pairings: tuple[Pairing, ...]) -> tuple[Pairing, ...]:
    return pairings[-Pairing.MOST :]


class Multiply(Record):
    """How each array is multiplied; the last three are what a command line or a call says."""

    pairings: tuple[Pairing, ...] = stored(
        (Pairing(ACTIVATIONS, "other", LAYER_WEIGHTS),), "product", clean=_as_many
    )
    product: Square = choice(
        "paired",
        {
            "paired": "Product XY",
            "rows": "Aᵀ A: pick rows of A",
            "columns": "A Aᵀ: pick columns of A",
        },
        "",
        "rows (AᵀA), or columns (AAᵀ)",
        saved=False,
    )
    transpose_x: bool = toggle(
        False, tip="transpose the array before it is multiplied", undo="product", saved=False
    )
    transpose_y: bool = toggle(
        False, tip="transpose the array it is multiplied by", undo="product", saved=False
    )


def pairing(
    pairings: tuple[Pairing, ...] = Multiply.pairings,
    square: Square = Multiply.product,
    transpose_x: bool = Multiply.transpose_x,
    transpose_y: bool = Multiply.transpose_y,
    data: Opened = given(Opened),
    second: Second | None = maybe_given(Second),
) -> Pairing:
    """Return how the selected array is multiplied; what a call says comes first."""
    if second is not None:
        return Pairing(data.ref, "other", second.data.ref, transpose_x, transpose_y)
    if square != "paired":
        return Pairing(data.ref, square)
    own = next((one for one in pairings if one.a == data.ref), Pairing(data.ref))
    return replace(
        own,
        x_transposed=own.x_transposed != transpose_x,
        y_transposed=own.y_transposed != transpose_y,
    )


def with_pairing(pairings: tuple[Pairing, ...], one: Pairing) -> tuple[Pairing, ...]:
    """Return the pairings after one was changed; the oldest goes when there are too many."""
    return _as_many((*(other for other in pairings if other.a != one.a), one))


def as_chosen(
    pairings: tuple[Pairing, ...] = Multiply.pairings, pairing: Pairing = value_of(pairing)
) -> dict[str, Any]:
    """Return how arrays are multiplied, as it is kept where a person chooses it."""
    unsaid: dict[str, Any] = {"product": "paired", "transpose_x": False, "transpose_y": False}
    return {**unsaid, "pairings": with_pairing(pairings, pairing)}


def multiplied(
    pairing: Pairing = value_of(pairing),
    data: Opened = given(Opened),
    arrays: Arrays = given(Arrays),
) -> Product:
    """Return what is to be multiplied, whether or not it can be."""
    if pairing.kind == "columns":
        return Product(Factor(data), Factor(data, True))
    if pairing.kind == "rows" or pairing.y is None:
        return Product(Factor(data, True), Factor(data))
    other = arrays.open(pairing.y) or Opened(pairing.y)
    return Product(Factor(data, pairing.x_transposed), Factor(other, pairing.y_transposed))


def product(multiplied: Product = value_of(multiplied)) -> Product:
    """Return what is multiplied.

    Raises
    ------
    CannotMultiply
        When X has not as many columns as Y has rows, or the file of Y is not open.
    """
    if not multiplied.fits:
        raise CannotMultiply(misfit(multiplied), transposing_that_fits(multiplied))
    if multiplied.y.data.source is None:
        raise CannotMultiply(tr("{name} is not open any more.", name=multiplied.y.ref.title))
    return multiplied


def pairs(product: Product = value_of(product)) -> int:
    """Return how many column-row pairs there are."""
    return product.shape[1]


def misfit(product: Product) -> str:
    """Return why X and Y cannot be multiplied, and what would help."""
    (n, k), (j, m) = product.x.shape, product.y.shape
    values = {"x": product.x.title, "y": product.y.title, "n": n, "k": k, "j": j, "m": m}
    text = tr(
        "X = {x} is {n} × {k} and Y = {y} is {j} × {m}: X needs as many columns as Y has rows.",
        **values,
    )
    help_by = {
        (False, True): tr("Y transposed fits."),
        (True, False): tr("X transposed fits."),
        (True, True): tr("Both transposed fit."),
        None: tr("No transposing helps: choose another array."),
    }
    return f"{text} {help_by[transposing_that_fits(product)]}"


def transposing_that_fits(product: Product) -> tuple[bool, bool] | None:
    """Return whether to transpose (X, Y) so that they fit, changing as little as possible.

    Examples
    --------
    >>> def factor(*shape): return Factor(Opened(DataRef("a.npy", "a", shape, "float64")))
    >>> transposing_that_fits(Product(factor(3, 4), factor(5, 4)))
    (False, True)
    >>> transposing_that_fits(Product(factor(3, 4), factor(5, 6))) is None
    True
    """
    for turn_x, turn_y in ((False, True), (True, False), (True, True)):
        inner_x = product.x.shape[0 if turn_x else 1]
        inner_y = product.y.shape[1 if turn_y else 0]
        if inner_x == inner_y:
            return turn_x, turn_y
    return None
