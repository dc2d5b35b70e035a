"""What every compared strategy reaches at one r, beside the best there is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import value_of
from gui.core.declare.records import Step
from gui.core.words.i18n import tr_sentence
from gui.frozen import dataclass
from gui.pages.column_row.compute.catalogue import (
    WEIGHTS,
    Options,
    StrategyInfo,
    WeightKind,
    compared,
    options,
)
from gui.pages.column_row.compute.costs import GRAM_READY, approximation_seconds, choosing_seconds
from gui.pages.column_row.compute.terms import Kept, sides, terms

if TYPE_CHECKING:
    from engine.column_row import Terms
    from engine.jobs import Progress


@dataclass(frozen=True, eq=False)
class Entry:
    """What one strategy with one kind of weights reaches at r.

    ``work`` is how many sums it compares, ``limit`` the most it may: beyond, or where ``error``
    says why, the errors are NaN.
    """

    strategy: StrategyInfo
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
    """Every compared strategy with every kind of weights, at one r of so many pairs.

    ``best`` is the error of the exact search with weights 1; NaN where it is too large.
    """

    r: int
    pairs: int
    entries: tuple[Entry, ...]
    best: float


class Compare(Step, key="standings", title="Comparing the strategies"):
    """The errors of the strategies with all kinds of weights at one r."""

    terms: Terms = value_of(terms)
    r: int = Kept.r
    compared: tuple[StrategyInfo, ...] = value_of(compared)
    options: Options = value_of(options)

    @property
    def question(self) -> tuple[Any, ...]:
        """Of the options only those count that some strategy does not ignore."""
        return self.terms, self.r, self.compared, self.options.of(*self.compared)

    @property
    def cost(self) -> float:
        """Seconds, about."""
        both, pairs = sides(self.terms), self.terms.pairs
        cost = len(self.compared) * approximation_seconds(both, pairs, self.r)
        # Orders found once are kept with the terms, where this is no process of its own.
        if pairs > GRAM_READY:
            cost += sum(choosing_seconds(info.key, pairs, sum(both)) for info in self.compared)
        return cost

    def run(self, progress: Progress | None = None) -> Standings:
        """Return one entry for every pair of strategy and weights."""
        from engine.jobs import checkpoint

        entries = []
        for i, info in enumerate(self.compared):
            checkpoint(progress, i / len(self.compared))
            entries += [self._entry(info, kind) for kind in info.kinds(WEIGHTS)]
        return Standings(self.r, self.terms.pairs, tuple(entries), self._best())

    def _entry(self, info: StrategyInfo, kind: WeightKind) -> Entry:
        from engine.column_row import STRATEGIES, terms_curve
        from engine.errors import RankscopeError

        strategy = STRATEGIES[info.key]
        work, limit = strategy.work(self.terms.pairs, self.r), strategy.limit
        missing = Entry(info, kind, np.nan, np.nan, work, limit)
        if missing.refused:
            return missing
        weights = None if kind == "own" else kind
        options = self.options.of(info).mapping()
        try:
            (error,) = terms_curve(self.terms, [self.r], info.key, weights, options)
        except RankscopeError as problem:
            return replace(missing, error=tr_sentence(problem))
        return Entry(info, kind, error.absolute, error.relative, work, limit)

    def _best(self) -> float:
        from engine.column_row import STRATEGIES, terms_curve

        if STRATEGIES["exact"].work(self.terms.pairs, self.r) > 2**20:
            return float("nan")
        (error,) = terms_curve(self.terms, [self.r], "exact", None, Options().mapping())
        return float(error.relative)
