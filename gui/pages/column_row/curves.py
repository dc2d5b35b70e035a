"""Errors against r: of one strategy with one kind of weights, and of repeated draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.figure.arrays import Floats, Ints, read_only
from gui.pages.column_row.catalogue import Options, StrategyInfo
from gui.pages.column_row.costs import FLOPS, choosing_seconds
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.state import WeightKind

if TYPE_CHECKING:
    from engine.jobs import Progress

FITTED_MAX = 1024  # the most pairs whose best weights are solved for a curve
CURVE_POINTS = 17
TRIALS = 64


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
        return Curve(self.strategy, self.weights, self.options, grid, read_only(relative))


def compute_curve(
    prepared: Prepared, info: StrategyInfo, weights: WeightKind, options: Options
) -> ComputeCurve:
    """Return the request for one curve with its estimated cost."""
    (p, q), pairs = prepared.sides, prepared.pairs
    cost = choosing_seconds(info.key, pairs, p + q)
    solved = rank_grid(pairs)
    solved = solved[solved <= FITTED_MAX].astype(np.float64)
    if weights == "own":
        cost += 2 * p * pairs * q * (30 if info.weighted else 2) / FLOPS
    elif weights == "diagonal":
        cost += float((solved**3 + 2.0 * pairs * solved).sum()) / FLOPS
    else:
        cost += float((8.0 * (p + q) * np.minimum(solved, p + q) ** 2).sum()) / FLOPS
        cost += solved.size * 2.0 * p * pairs * q / FLOPS
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
        arrays = (read_only(np.asarray(one)) for one in (mean, lower, upper, expected))
        return Sampling(self.strategy, self.seed, self.trials, r, *arrays)


def compute_sampling(prepared: Prepared, key: str, seed: int) -> ComputeSampling:
    """Return the request for repeated draws: fewer of them where one takes long."""
    p, q = prepared.sides
    # Drawing and gathering many pairs takes longer than multiplying short ones.
    gathered = prepared.pairs * (1e-7 + 2e-8 * (p + q))
    one = (2.0 * p * prepared.pairs * q + 40.0 * p * q) / FLOPS + gathered + 1e-3
    trials = int(min(max(10.0 / one, 8), TRIALS))
    return ComputeSampling(prepared.terms, key, seed, trials, trials * one)
