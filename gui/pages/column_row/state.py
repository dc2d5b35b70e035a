"""What the Column-row page remembers, and what follows from it without remembering.

Simple frozen values only, so that undo, sessions and ``render`` need nothing else. ``r`` is what
the person asked for; ``effective_r`` says what the present product allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from gui.core.state.document import EXAMPLES_PATH, DataRef
from gui.core.words.i18n import tr

ProductKind = Literal["rows", "columns", "other"]
WeightKind = Literal["own", "diagonal", "full"]
Order = Literal["norm", "index"]
LowerView = Literal["pictures", "table"]
Repair = Literal["", "zero", "column_mean"]

PRODUCTS: tuple[ProductKind, ...] = get_args(ProductKind)
WEIGHTS: tuple[WeightKind, ...] = get_args(WeightKind)
LOWER_VIEWS: tuple[LowerView, ...] = get_args(LowerView)

TAU_MIN, TAU_MAX = 1e-3, 10.0
SEED_MAX = 9999
PAIRINGS_MAX = 64

# The field that remembers the scale of each axis a person can toggle: (plot, axis) -> field.
LOG_FIELDS: dict[tuple[str, str], str] = {
    ("error", "x"): "r_log",
    ("error", "y"): "error_log",
    ("norms", "y"): "norms_log",
}

ACTIVATIONS = DataRef(EXAMPLES_PATH, "activations", (128, 20), "float64")
LAYER_WEIGHTS = DataRef(EXAMPLES_PATH, "weights", (20, 48), "float64")


@dataclass(frozen=True)
class Factor:
    """One side of a product: an array, as it is or transposed; how bad entries are replaced."""

    ref: DataRef
    transposed: bool = False
    repair: Repair = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as they enter the product."""
        rows, columns = self.ref.matrix_shape
        return (columns, rows) if self.transposed else (rows, columns)

    @property
    def title(self) -> str:
        """Its name, with a raised T where it is transposed."""
        return self.ref.title + ("ᵀ" if self.transposed else "")


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
    def pairs(self) -> int:
        """How many column-row pairs there are; 0 where the sides differ."""
        return self.x.shape[1] if self.fits else 0

    @property
    def title(self) -> str:
        """What is multiplied, in short."""
        if self.x.ref == self.y.ref:
            name = self.x.ref.title
            text = tr("{name}: Aᵀ A") if self.x.transposed else tr("{name}: A Aᵀ")
            return text.format(name=name)
        return f"{self.x.title} · {self.y.title}"


@dataclass(frozen=True)
class Pairing:
    """How the array ``a`` is multiplied; an array without a pairing has its rows picked, A^T A.

    ``y`` and the flags count for the kind "other" only: X is ``a``, Y is ``y``.
    """

    a: DataRef
    kind: ProductKind = "rows"
    y: DataRef | None = None
    x_transposed: bool = False
    y_transposed: bool = False


@dataclass(frozen=True)
class Repaired:
    """How the NaN and infinite entries of an array are replaced."""

    ref: DataRef
    repair: Repair


@dataclass(frozen=True)
class ColumnRowState:
    """Slice "column_row" of the state.

    Weights "own" are L = I, or what the strategy brings itself: 1/(r p) when sampled, the soft
    mask. ``detail`` and ``detail_weights`` name the approximation that is marked, pictured and
    read out. ``repairs`` lists how NaN and infinite entries of arrays are replaced.
    """

    pairings: tuple[Pairing, ...] = (Pairing(ACTIVATIONS, "other", LAYER_WEIGHTS),)
    repairs: tuple[Repaired, ...] = ()
    r: int = 8
    strategies: tuple[str, ...] = ("norm", "drop2", "greedy", "norm_sampling")
    weights: tuple[WeightKind, ...] = ("own", "full")
    detail: str = "greedy"
    detail_weights: WeightKind = "full"
    seed: int = 0
    operator: str = "sigmoid"
    tau: float = 0.1

    view: LowerView = "pictures"
    order: Order = "norm"
    error_log: bool = False
    r_log: bool = False
    norms_log: bool = False


def initial_state() -> ColumnRowState:
    """Return the state of a first start."""
    return ColumnRowState()


def pairing_of(state: ColumnRowState, ref: DataRef) -> Pairing:
    """Return how ``ref`` is multiplied.

    Examples
    --------
    >>> pairing_of(ColumnRowState(), DataRef("a.npy", "a", (3, 4), "float64")).kind
    'rows'
    """
    return next((one for one in state.pairings if one.a == ref), Pairing(ref))


def with_pairing(state: ColumnRowState, pairing: Pairing) -> tuple[Pairing, ...]:
    """Return the pairings after one was changed; the oldest goes when there are too many."""
    others = tuple(one for one in state.pairings if one.a != pairing.a)
    return (*others, pairing)[-PAIRINGS_MAX:]


def product_of(state: ColumnRowState, active: DataRef | None) -> Product | None:
    """Return what is multiplied while ``active`` is selected; None without an array.

    Examples
    --------
    >>> a = DataRef("a.npy", "a", (3, 4), "float64")
    >>> product_of(ColumnRowState(), a).x.shape, product_of(ColumnRowState(), a).pairs
    ((4, 3), 3)
    """
    if active is None:
        return None
    pairing = pairing_of(state, active)

    def factor(ref: DataRef, transposed: bool) -> Factor:
        return Factor(ref, transposed, repair_of(state, ref))

    if pairing.kind == "columns":
        return Product(factor(active, False), factor(active, True))
    if pairing.kind == "rows" or pairing.y is None:
        return Product(factor(active, True), factor(active, False))
    return Product(factor(active, pairing.x_transposed), factor(pairing.y, pairing.y_transposed))


def repair_of(state: ColumnRowState, ref: DataRef) -> Repair:
    """Return how bad entries of ``ref`` are replaced, "" where they are refused."""
    return next((one.repair for one in state.repairs if one.ref == ref), "")


def with_repair(state: ColumnRowState, product: Product, repair: Repair) -> tuple[Repaired, ...]:
    """Return the repairs after choosing one for both sides of ``product``; "" takes it back.

    Examples
    --------
    >>> a = Factor(DataRef("a.npy", "a", (3, 4), "float64"))
    >>> [one.repair for one in with_repair(ColumnRowState(), Product(a, a), "zero")]
    ['zero']
    """
    sides = tuple(dict.fromkeys((product.x.ref, product.y.ref)))
    others = tuple(one for one in state.repairs if one.ref not in sides)
    return (*others, *(Repaired(ref, repair) for ref in sides)) if repair else others


def transposing_that_fits(product: Product) -> tuple[bool, bool] | None:
    """Return whether to transpose (X, Y) so that they fit, changing as little as possible.

    Examples
    --------
    >>> def factor(*shape): return Factor(DataRef("a.npy", "a", shape, "float64"))
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


def effective_r(state: ColumnRowState, pairs: int) -> int:
    """Return the r in force: the one asked for, within the pairs there are.

    Examples
    --------
    >>> effective_r(ColumnRowState(r=40), 16)
    16
    """
    return min(max(state.r, 0), pairs)


def chosen_detail(state: ColumnRowState) -> str:
    """Return the strategy in detail: always one of those compared.

    Examples
    --------
    >>> chosen_detail(ColumnRowState(strategies=("greedy",), detail="norm"))
    'greedy'
    """
    if state.detail in state.strategies or not state.strategies:
        return state.detail
    return state.strategies[0]


def with_strategy(
    state: ColumnRowState, keys: tuple[str, ...], key: str, checked: bool
) -> tuple[str, ...]:
    """Return the compared strategies after one was ticked, in the order of ``keys``."""
    chosen = set(state.strategies) - {key}
    if checked:
        chosen.add(key)
    return tuple(name for name in keys if name in chosen)


def with_weights(state: ColumnRowState, kind: str, checked: bool) -> tuple[WeightKind, ...]:
    """Return the weights shown after one was ticked; the last one stays.

    Examples
    --------
    >>> with_weights(ColumnRowState(), "diagonal", True)
    ('own', 'diagonal', 'full')
    >>> with_weights(ColumnRowState(weights=("own",)), "own", False)
    ('own',)
    """
    chosen = {*state.weights, kind} if checked else set(state.weights) - {kind}
    return tuple(one for one in WEIGHTS if one in chosen) or state.weights


def cleaned(state: ColumnRowState) -> ColumnRowState:
    """Return ``state`` with numbers from a session file brought into their ranges.

    Examples
    --------
    >>> cleaned(ColumnRowState(tau=-1.0, seed=10**9)).tau
    0.001
    """
    tau = state.tau if state.tau == state.tau else 0.1
    return replace(
        state,
        tau=min(max(tau, TAU_MIN), TAU_MAX),
        seed=min(max(state.seed, 0), SEED_MAX),
        weights=tuple(one for one in WEIGHTS if one in state.weights) or ("own",),
    )
