"""What every compared strategy reaches at one r, beside the best there is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.words.i18n import tr_sentence
from gui.pages.column_row.catalogue import Options, StrategyInfo
from gui.pages.column_row.costs import FLOPS, GRAM_READY, choosing_seconds
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.state import WeightKind

if TYPE_CHECKING:
    from engine.jobs import Progress


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
    (p, q), pairs = prepared.sides, prepared.pairs
    one = 4.0 * p * pairs * q + float(r) ** 3 + 8.0 * (p + q) * min(r, p + q) ** 2
    cost = len(strategies) * one / FLOPS
    # Orders that were found once are kept with the terms, where this is no process of its own.
    if pairs > GRAM_READY:
        cost += sum(choosing_seconds(info.key, pairs, p + q) for info in strategies)
    return CompareAt(prepared.terms, r, strategies, weights, options, cost)
