"""Errors against r: of one strategy with one kind of weights, and of repeated draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import member_of, value_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats, Ints, read_only
from gui.frozen import dataclass
from gui.pages.column_row.compute.catalogue import (
    Comparison,
    Options,
    StrategyInfo,
    WeightKind,
    compared,
    options,
)
from gui.pages.column_row.compute.costs import FLOPS, choosing_seconds
from gui.pages.column_row.compute.terms import sides, terms

if TYPE_CHECKING:
    from engine.column_row import Terms
    from engine.jobs import Progress

FITTED_MAX = 1024  # the most pairs whose best weights are solved for a curve
CURVE_POINTS = 17
TRIALS = 64
HEAVY = 0.3  # seconds; a curve that takes longer holds up no other


@dataclass(frozen=True)
class Wanted:
    """One curve: a strategy with a kind of weights; None is the repeated draws."""

    strategy: StrategyInfo
    weights: WeightKind | None

    def __str__(self) -> str:
        return f"{self.strategy.key}.{self.weights or 'draws'}"


def wanted(
    compared: tuple[StrategyInfo, ...] = value_of(compared),
    weights: tuple[WeightKind, ...] = Comparison.weights,
) -> tuple[Wanted, ...]:
    """Return the curves in the order in which they are computed and drawn."""
    # The expectation says more of a sampled strategy than one of its draws.
    return tuple(
        Wanted(info, None if kind == "own" and info.random else kind)
        for kind in weights
        for info in compared
        if info.kinds((kind,))
    )


@dataclass(frozen=True, eq=False)
class Curve:
    """Relative error against r of one strategy with one kind of weights; NaN where refused."""

    strategy: StrategyInfo
    weights: WeightKind
    r: Ints
    relative: Floats


@dataclass(frozen=True, eq=False)
class Sampling:
    """Repeated draws of one strategy: relative errors over ``r`` >= 1 beside the formula.

    ``mean`` is the root of the mean square, ``lower`` and ``upper`` hold four fifths of the
    draws, ``expected`` is the formula.
    """

    strategy: StrategyInfo
    trials: int
    r: Ints
    mean: Floats
    lower: Floats
    upper: Floats
    expected: Floats


class Curves(Step, key="curves", title="Error curves", keep=4, in_turn=True):
    """The error of one strategy and one kind of weights at every rank of the grid."""

    terms: Terms = value_of(terms)
    wanted: Wanted = member_of(wanted)
    options: Options = value_of(options)

    @property
    def question(self) -> tuple[Any, ...]:
        """Of the options only those count that the strategy does not ignore."""
        return self.terms, self.wanted, self.options.of(self.wanted.strategy)

    @property
    def cost(self) -> float:
        """Seconds, about."""
        (p, q), pairs = sides(self.terms), self.terms.pairs
        info, weights = self.wanted.strategy, self.wanted.weights
        if weights is None:
            return self.trials * self._one_draw
        cost = choosing_seconds(info.key, pairs, p + q)
        solved = rank_grid(pairs)
        solved = solved[solved <= FITTED_MAX].astype(np.float64)
        if weights == "own":
            return cost + 2 * p * pairs * q * (30 if info.weighted else 2) / FLOPS
        if weights == "diagonal":
            return cost + float((solved**3 + 2.0 * pairs * solved).sum()) / FLOPS
        cost += float((8.0 * (p + q) * np.minimum(solved, p + q) ** 2).sum()) / FLOPS
        return cost + solved.size * 2.0 * p * pairs * q / FLOPS

    @property
    def apart(self) -> bool:
        """Whether it is long: then it holds up none of the others."""
        return self.cost > HEAVY

    @property
    def _one_draw(self) -> float:
        (p, q), pairs = sides(self.terms), self.terms.pairs
        # Drawing and gathering many pairs takes longer than multiplying short ones.
        gathered = pairs * (1e-7 + 2e-8 * (p + q))
        return (2.0 * p * pairs * q + 40.0 * p * q) / FLOPS + gathered + 1e-3

    @property
    def trials(self) -> int:
        """How often it is drawn: less often where one draw takes long."""
        return int(min(max(10.0 / self._one_draw, 8), TRIALS))

    def run(self, progress: Progress | None = None) -> Curve | Sampling:
        """Return the curve; ranks whose search would be too large stay NaN."""
        if self.wanted.weights is None:
            return self._sampled(progress)
        from engine.column_row import STRATEGIES, terms_curve

        info, weights = self.wanted.strategy, self.wanted.weights
        strategy, pairs = STRATEGIES[info.key], self.terms.pairs
        grid = rank_grid(pairs)
        asked = np.array([not strategy.refuses(pairs, int(r)) for r in grid])
        if weights != "own":
            asked &= grid <= FITTED_MAX
        relative = np.full(grid.size, np.nan)
        if asked.any():
            kind = None if weights == "own" else weights
            mapping = self.options.of(info).mapping()
            found = terms_curve(self.terms, grid[asked], info.key, kind, mapping, progress)
            relative[asked] = [error.relative for error in found]
        return Curve(info, weights, grid, read_only(relative))

    def _sampled(self, progress: Progress | None) -> Sampling:
        """Return mean and band of many draws with replacement, and what the formula says."""
        from engine.column_row import sampling_curve, sampling_variance

        terms, info = self.terms, self.wanted.strategy
        r = rank_grid(terms.pairs)[1:]
        total = float(terms.total) or 1.0
        draws = sampling_curve(terms, r, info.key, self.trials, self.options.seed, progress)
        draws = np.ldexp(draws, -terms.exponent) / total
        lower, upper = np.quantile(draws, (0.1, 0.9), axis=0)
        expected = np.sqrt(sampling_variance(terms, info.key) / r) / total
        mean = np.sqrt(np.mean(draws**2, axis=0))
        arrays = (read_only(np.asarray(one)) for one in (mean, lower, upper, expected))
        return Sampling(info, self.trials, r, *arrays)


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
