"""What the Column-row page has computed for it: the product, its error curves, one selection.

Every request is frozen and holds read-only arrays, so that it can run in a thread or, when its
``cost`` in seconds says so, in a process that cancelling ends. The engine is imported only when a
request runs: the window opens without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.i18n import tr, tr_sentence
from gui.core.pictures import Shades, block_means, block_size, scale_of, shade
from gui.pages.column_row.state import ColumnRowState, Factor, Product, WeightKind

if TYPE_CHECKING:
    from engine.jobs import Progress

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

GRAM_READY = 2048  # up to here all inner products of the terms are kept at hand
FITTED_MAX = 1024  # the most pairs whose best weights are solved for a curve
CURVE_POINTS = 17
TRIALS = 64
_FLOPS = 1.5e10  # per second, cautiously
_TUPLE = 3e-7  # seconds to rank one tuple


@dataclass(frozen=True)
class StrategyInfo:
    """What the controls show of a strategy."""

    key: str
    title: str
    formula: str
    source: str
    random: bool
    weighted: bool

    def kinds(self, kinds: tuple[WeightKind, ...]) -> tuple[WeightKind, ...]:
        """Return which of these weights make sense: a soft mask keeps every pair to some degree.

        Examples
        --------
        >>> StrategyInfo("soft", "", "", "", False, True).kinds(("own", "full"))
        ('own',)
        """
        soft = self.weighted and not self.random
        return tuple(kind for kind in kinds if kind == "own" or not soft)


@dataclass(frozen=True)
class Options:
    """What some strategies depend on beside r."""

    seed: int = 0
    operator: str = "sigmoid"
    tau: float = 0.1

    def of(self, info: StrategyInfo) -> Options:
        """Return these options with those that ``info`` ignores at their defaults."""
        if info.random:
            return Options(seed=self.seed)
        return Options(operator=self.operator, tau=self.tau) if info.weighted else Options()

    def mapping(self) -> Mapping[str, Any]:
        """Return what the engine takes."""
        return {"seed": self.seed, "operator": self.operator, "tau": self.tau}


def options_of(state: ColumnRowState) -> Options:
    """Return what the strategies depend on beside r."""
    return Options(state.seed, state.operator, state.tau)


@dataclass(frozen=True)
class Catalogue:
    """The strategies, and the operators of the soft mask, (key, title) each."""

    strategies: tuple[StrategyInfo, ...]
    operators: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReadCatalogue:
    """Ask the engine what there is; importing it takes longer than a frame."""

    def run(self, progress: Progress | None = None) -> Catalogue:
        """Return the catalogue in display order."""
        from engine.column_row import STRATEGIES
        from engine.topk import OPERATORS

        return Catalogue(
            tuple(
                StrategyInfo(
                    s.key,
                    s.title,
                    tr_sentence(s.formula),
                    tr_sentence(s.source),
                    s.random,
                    s.weighted,
                )
                for s in STRATEGIES.values()
            ),
            tuple((op.key, tr(op.title)) for op in OPERATORS if op.key != "hard"),
        )


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
            _frozen(floor / total if total > 0.0 else np.zeros_like(floor)),
            _frozen(terms.norms * scale),
            total,
            _frozen(left),
            _frozen(right),
            shade(_frozen(picture), scale_of(picture)),
        )


def prepare(factors: Factors) -> Prepare:
    """Return the request for ``factors`` with its estimated cost."""
    (n, pairs), m = factors.x.shape, factors.y.shape[1]
    p, q = min(n, pairs), min(m, pairs)
    gram = pairs**2 * (p + q) if pairs <= GRAM_READY else 0
    work = 2 * pairs * (n * p + m * q + p * q) + 2 * gram + 20 * min(p, q) ** 2 * max(p, q)
    return Prepare(factors.product, factors.x, factors.y, work / _FLOPS)


@dataclass(frozen=True, eq=False)
class Curve:
    """Relative error against r of one strategy with one kind of weights; NaN where refused."""

    strategy: str
    weights: WeightKind
    options: Options
    r: Ints
    relative: Floats


@dataclass(frozen=True, eq=False)
class ComputeCurve:
    """The error of one strategy and one kind of weights at every rank of the grid."""

    terms: Any = field(repr=False)
    strategy: str
    weights: WeightKind
    options: Options
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> Curve:
        """Return the curve; ranks whose search would be too large stay NaN."""
        from engine.column_row import STRATEGIES, terms_curve

        strategy, pairs = STRATEGIES[self.strategy], self.terms.pairs
        grid = rank_grid(pairs)
        asked = np.array([not strategy.refuses(pairs, int(r)) for r in grid])
        if self.weights != "own":
            asked &= grid <= FITTED_MAX
        relative = np.full(grid.size, np.nan)
        if asked.any():
            kind = None if self.weights == "own" else self.weights
            found = terms_curve(
                self.terms, grid[asked], self.strategy, kind, self.options.mapping(), progress
            )
            relative[asked] = [error.relative for error in found]
        return Curve(self.strategy, self.weights, self.options, grid, _frozen(relative))


def compute_curve(
    prepared: Prepared, info: StrategyInfo, weights: WeightKind, options: Options
) -> ComputeCurve:
    """Return the request for one curve with its estimated cost."""
    cost = _choosing(prepared, info.key)
    p, pairs, q = prepared.terms.left.shape[0], prepared.pairs, prepared.terms.right.shape[1]
    solved = rank_grid(pairs)
    solved = solved[solved <= FITTED_MAX].astype(np.float64)
    if weights == "own":
        cost += 2 * p * pairs * q * (30 if info.weighted else 2) / _FLOPS
    elif weights == "diagonal":
        cost += float((solved**3 + 2.0 * pairs * solved).sum()) / _FLOPS
    else:
        cost += float((8.0 * (p + q) * np.minimum(solved, p + q) ** 2).sum()) / _FLOPS
        cost += solved.size * 2.0 * p * pairs * q / _FLOPS
    return ComputeCurve(prepared.terms, info.key, weights, options.of(info), cost)


def rank_grid(pairs: int) -> Ints:
    """Return the r of the curves: all of few, else equal steps and equal ratios together.

    Examples
    --------
    >>> rank_grid(3).tolist()
    [0, 1, 2, 3]
    >>> len(rank_grid(5000)) < 40
    True
    """
    if pairs <= 2 * CURVE_POINTS:
        return np.arange(pairs + 1)
    steps = np.concatenate(
        (np.linspace(0, pairs, CURVE_POINTS), np.geomspace(1, pairs, CURVE_POINTS))
    )
    return np.unique(np.round(steps).astype(np.intp))


@dataclass(frozen=True, eq=False)
class Sampling:
    """Repeated draws of one strategy: relative errors over ``r`` >= 1 beside the formula.

    ``mean`` is the root of the mean square, ``lower`` and ``upper`` hold four fifths of the
    draws, ``expected`` is the formula.
    """

    strategy: str
    seed: int
    trials: int
    r: Ints
    mean: Floats
    lower: Floats
    upper: Floats
    expected: Floats


@dataclass(frozen=True, eq=False)
class ComputeSampling:
    """Draw many times with replacement."""

    terms: Any = field(repr=False)
    strategy: str
    seed: int
    trials: int
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> Sampling:
        """Return mean and band of the draws and what the formula says."""
        from engine.column_row import sampling_curve, sampling_variance

        terms = self.terms
        r = rank_grid(terms.pairs)[1:]
        total = float(terms.total) or 1.0
        draws = sampling_curve(terms, r, self.strategy, self.trials, self.seed, progress)
        draws = np.ldexp(draws, -terms.exponent) / total
        lower, upper = np.quantile(draws, (0.1, 0.9), axis=0)
        expected = np.sqrt(sampling_variance(terms, self.strategy) / r) / total
        mean = np.sqrt(np.mean(draws**2, axis=0))
        arrays = (_frozen(np.asarray(one)) for one in (mean, lower, upper, expected))
        return Sampling(self.strategy, self.seed, self.trials, r, *arrays)


def compute_sampling(prepared: Prepared, key: str, seed: int) -> ComputeSampling:
    """Return the request for repeated draws: fewer of them where one takes long."""
    p, q = prepared.terms.left.shape[0], prepared.terms.right.shape[1]
    # Drawing and gathering many pairs takes longer than multiplying short ones.
    gathered = prepared.pairs * (1e-7 + 2e-8 * (p + q))
    one = (2.0 * p * prepared.pairs * q + 40.0 * p * q) / _FLOPS + gathered + 1e-3
    trials = int(min(max(10.0 / one, 8), TRIALS))
    return ComputeSampling(prepared.terms, key, seed, trials, trials * one)


@dataclass(frozen=True, eq=False)
class Entry:
    """What one strategy with one kind of weights reaches at r.

    ``work`` is how many sums it compares, ``limit`` the most it may: beyond, or where ``error``
    says why, the errors are NaN.
    """

    strategy: str
    weights: WeightKind
    absolute: float
    relative: float
    work: int
    limit: int
    error: str = ""

    @property
    def refused(self) -> bool:
        """Whether the search would be too large."""
        return self.work > self.limit


@dataclass(frozen=True, eq=False)
class Standings:
    """Every compared strategy with every kind of weights, at one r.

    ``best`` is the error of the exact search with weights 1; NaN where it is too large.
    """

    r: int
    entries: tuple[Entry, ...]
    best: float


@dataclass(frozen=True, eq=False)
class CompareAt:
    """The errors of ``strategies`` with all kinds of weights at one r."""

    terms: Any = field(repr=False)
    r: int
    strategies: tuple[StrategyInfo, ...]
    weights: tuple[WeightKind, ...]
    options: Options
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> Standings:
        """Return one entry for every pair of strategy and weights."""
        from engine.jobs import checkpoint

        entries = []
        for i, info in enumerate(self.strategies):
            checkpoint(progress, i / len(self.strategies))
            entries += [self._entry(info, kind) for kind in info.kinds(self.weights)]
        return Standings(self.r, tuple(entries), self._best())

    def _entry(self, info: StrategyInfo, kind: WeightKind) -> Entry:
        from engine.column_row import STRATEGIES, terms_curve
        from engine.errors import RankscopeError

        strategy = STRATEGIES[info.key]
        work, limit = strategy.work(self.terms.pairs, self.r), strategy.limit
        missing = Entry(info.key, kind, np.nan, np.nan, work, limit)
        if missing.refused:
            return missing
        weights = None if kind == "own" else kind
        options = self.options.of(info).mapping()
        try:
            (error,) = terms_curve(self.terms, [self.r], info.key, weights, options)
        except RankscopeError as problem:
            return replace(missing, error=tr_sentence(problem))
        return Entry(info.key, kind, error.absolute, error.relative, work, limit)

    def _best(self) -> float:
        from engine.column_row import STRATEGIES, terms_curve

        if STRATEGIES["exact"].work(self.terms.pairs, self.r) > 2**20:
            return float("nan")
        (error,) = terms_curve(self.terms, [self.r], "exact", None, Options().mapping())
        return float(error.relative)


def compare_at(
    prepared: Prepared,
    r: int,
    strategies: tuple[StrategyInfo, ...],
    weights: tuple[WeightKind, ...],
    options: Options,
) -> CompareAt:
    """Return the request for the standings at ``r`` with its estimated cost."""
    p, pairs, q = prepared.terms.left.shape[0], prepared.pairs, prepared.terms.right.shape[1]
    one = 4.0 * p * pairs * q + float(r) ** 3 + 8.0 * (p + q) * min(r, p + q) ** 2
    cost = len(strategies) * one / _FLOPS
    # Orders that were found once are kept with the terms, where this is no process of its own.
    cost += 0.0 if pairs <= GRAM_READY else sum(_choosing(prepared, s.key) for s in strategies)
    return CompareAt(prepared.terms, r, strategies, weights, options, cost)


@dataclass(frozen=True, eq=False)
class Detail:
    """One approximation: its pairs, their weights, its error and its picture.

    ``indices`` name each chosen pair once; ``weights`` are the sums of what it was given, of a
    full matrix L its diagonal. ``drawn`` counts repeated draws. The pictures are on the colour
    scale of the product.
    """

    strategy: str
    kind: WeightKind
    r: int
    drawn: int
    indices: Ints
    weights: Floats
    absolute: float
    relative: float
    work: int
    picture: Shades
    residual: Shades


@dataclass(frozen=True, eq=False)
class ComputeDetail:
    """Choose r pairs by one strategy, weigh them, and draw what they make."""

    prepared: Prepared = field(repr=False)
    strategy: StrategyInfo
    kind: WeightKind
    r: int
    options: Options

    def run(self, progress: Progress | None = None) -> Detail | None:
        """Return the approximation, None where the search would be too large."""
        from engine.column_row import STRATEGIES, select_terms, terms_error, weigh_terms

        prepared, terms = self.prepared, self.prepared.terms
        if STRATEGIES[self.strategy.key].refuses(terms.pairs, self.r):
            return None
        options = self.options.of(self.strategy).mapping()
        pick = select_terms(terms, self.r, self.strategy.key, options)
        if self.kind != "own":
            pick = weigh_terms(terms, pick, self.kind)
        error = terms_error(terms, pick)
        left, right = prepared.left[:, pick.indices], prepared.right[pick.indices]
        full = pick.weights.ndim == 2
        picture = left @ pick.weights @ right if full else (left * pick.weights) @ right
        indices, place = np.unique(pick.indices, return_inverse=True)
        weights = np.zeros(indices.size)
        np.add.at(weights, place, np.diag(pick.weights) if full else pick.weights)
        work = STRATEGIES[self.strategy.key].work(terms.pairs, self.r)
        return Detail(
            self.strategy.key,
            self.kind,
            self.r,
            int(pick.indices.size),
            indices,
            _frozen(weights),
            error.absolute,
            error.relative,
            work,
            *_pictures(prepared, picture),
        )


def _pictures(prepared: Prepared, approximation: Floats) -> tuple[Shades, Shades]:
    """Return the approximation and the residual, the latter around 0 with the same contrast."""
    scale = prepared.picture.scale
    low, high = scale[1]
    reach = 0.5 * (high - low)
    residual = prepared.picture.values - approximation
    return (
        shade(_frozen(approximation), scale),
        shade(_frozen(residual), ("diverging", (-reach, reach))),
    )


def _choosing(prepared: Prepared, key: str) -> float:
    """Return how long a strategy looks for its pairs, about."""
    pairs = prepared.pairs
    p, q = prepared.terms.left.shape[0], prepared.terms.right.shape[1]
    gram = 2.0 * pairs**2 * (p + q) / _FLOPS if pairs > GRAM_READY else 0.0
    tuples = {"drop1": pairs, "drop2": pairs**2 / 2, "drop3": pairs**3 / 6}
    if key in tuples:
        return gram + tuples[key] * _TUPLE
    if key == "greedy":
        return gram + 2e-9 * pairs**2 + 1e-5 * pairs
    return 0.3 if key == "exact" else 0.0


def _read(factor: Factor, source: Any, progress: Progress | None) -> Array:
    from engine.errors import DataError

    ref = factor.ref
    if source is None:
        raise DataError(tr("{name} is not open any more.", name=ref.title))
    array = np.asarray(source.read(ref.entry, index=ref.index or None, progress=progress))
    return array[None, :] if array.ndim == 1 else array


def _turned(array: Array, factor: Factor) -> Array:
    return array.T if factor.transposed else array


def _frozen(array: Floats) -> Floats:
    array.flags.writeable = False
    return array
