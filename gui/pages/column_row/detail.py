"""One approximation at one r: its pairs, their weights, and the pictures they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gui.core.figure.arrays import Floats, Ints, read_only
from gui.core.figure.pictures import Shades, shade
from gui.pages.column_row.catalogue import Options, StrategyInfo
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.state import WeightKind

if TYPE_CHECKING:
    from engine.jobs import Progress


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
            read_only(weights),
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
        shade(read_only(approximation), scale),
        shade(read_only(residual), ("diverging", (-reach, reach))),
    )
