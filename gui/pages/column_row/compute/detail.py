"""One approximation at one r: its pairs, their weights, and the pictures they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats, Ints, read_only
from gui.core.figure.pictures import Shades, shade
from gui.frozen import dataclass
from gui.pages.column_row.compute.catalogue import Chosen, Options, chosen, options
from gui.pages.column_row.compute.costs import approximation_seconds
from gui.pages.column_row.compute.terms import Kept, Prepare, Prepared, sides

if TYPE_CHECKING:
    from engine.column_row import Selection
    from engine.jobs import Progress

IN_A_THREAD = 0.3  # seconds, at most


@dataclass(frozen=True, eq=False)
class Detail:
    """One approximation: its pairs, their weights, its error and its picture.

    ``pick`` is what was chosen, with L as it was weighed. ``indices`` name each chosen pair once;
    ``weights`` are the sums of what it was given, of a full matrix L its diagonal. ``drawn`` counts
    repeated draws. The pictures are on the colour scale of the product.
    """

    chosen: Chosen
    r: int
    pick: Selection
    drawn: int
    indices: Ints
    weights: Floats
    absolute: float
    relative: float
    work: int
    picture: Shades
    residual: Shades


class ChooseDetail(Step, key="detail", title="Comparing the strategies"):
    """Choose r pairs by one strategy, weigh them, and draw what they make."""

    prepared: Prepared = answer_of(Prepare)
    chosen: Chosen | None = value_of(chosen)
    r: int = Kept.r
    options: Options = value_of(options)

    @property
    def question(self) -> tuple[Any, ...]:
        """Of the options only those count that the strategy does not ignore."""
        infos = () if self.chosen is None else (self.chosen.strategy,)
        return self.prepared, self.chosen, self.r, self.options.of(*infos)

    @property
    def cost(self) -> float:
        """Seconds, about; never so many that a process takes it.

        Orders found once are kept with the terms: there each r would be chosen from the start.
        """
        terms = self.prepared.terms
        return min(approximation_seconds(sides(terms), terms.pairs, self.r), IN_A_THREAD)

    def run(self, progress: Progress | None = None) -> Detail | None:
        """Return the approximation, None where nothing is chosen or the search too large."""
        from engine.column_row import STRATEGIES, select_terms, terms_error, weigh_terms

        if self.chosen is None:
            return None
        prepared, terms = self.prepared, self.prepared.terms
        info, kind = self.chosen.strategy, self.chosen.weights
        strategy = STRATEGIES[info.key]
        if strategy.refuses(terms.pairs, self.r):
            return None
        pick = select_terms(terms, self.r, info.key, self.options.of(info).mapping())
        if kind != "own":
            pick = weigh_terms(terms, pick, kind)
        error = terms_error(terms, pick)
        left, right = prepared.left[:, pick.indices], prepared.right[pick.indices]
        full = pick.weights.ndim == 2
        picture = left @ pick.weights @ right if full else (left * pick.weights) @ right
        indices, place = np.unique(pick.indices, return_inverse=True)
        weights = np.zeros(indices.size)
        np.add.at(weights, place, np.diag(pick.weights) if full else pick.weights)
        return Detail(
            self.chosen,
            self.r,
            pick,
            int(pick.indices.size),
            indices,
            read_only(weights),
            error.absolute,
            error.relative,
            strategy.work(terms.pairs, self.r),
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


def selection_code(detail: Detail, pairs: int, library: str) -> str:
    """Return the approximation as code that runs by itself."""
    from engine.column_row import selection_snippet

    return selection_snippet(detail.pick, pairs, library)
