"""From two arrays to their error curves, one after the other, off the GUI thread.

The arrays are read, the product is prepared, then the curves come in the order in which they are
wanted: cheap ones first. What is known of the last few products is kept, so that going back
costs nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gui.core.leaving.asking import Pending
from gui.core.words.i18n import tr, tr_sentence
from gui.core.work.services import Context
from gui.pages.column_row.catalogue import Options, StrategyInfo
from gui.pages.column_row.curves import Curve, Sampling, compute_curve, compute_sampling
from gui.pages.column_row.requests import Factors, LoadFactors, Prepared, prepare
from gui.pages.column_row.state import Product, WeightKind

LOAD, PREPARE, CURVES = "column_row.load", "column_row.prepare", "column_row.curves"
PRODUCTS_KEPT = 4


@dataclass(frozen=True)
class Wanted:
    """One curve: a strategy with a kind of weights, or repeated draws (no weights)."""

    strategy: StrategyInfo
    weights: WeightKind | None
    options: Options


@dataclass
class Results:
    """What is known of one product so far; ``bad``: ``error`` is about NaN and infinity."""

    prepared: Prepared | None = None
    found: dict[Wanted, Any] = field(default_factory=dict)
    failed: dict[Wanted, str] = field(default_factory=dict)
    error: str = ""
    bad: bool = False


class Pipeline:
    """Fills ``results`` for a product; ``arrived`` is called whenever something has changed."""

    def __init__(self, context: Context, arrived: Callable[[], None]) -> None:
        self._context = context
        self._pending = Pending(context, arrived)
        self._kept: OrderedDict[Any, Results] = OrderedDict()
        self._key: Any = None
        self._wanted: tuple[Wanted, ...] = ()
        self.results = Results()

    @property
    def stopped(self) -> bool:
        """Whether the person has cancelled a step."""
        return self._pending.stopped

    def follow(self, product: Product | None) -> None:
        """Work on ``product`` from now on; does nothing while it stays the same."""
        library = self._context.library
        key: Any = None
        if product is not None:
            # A file opened again is other data: sources are compared by identity.
            key = (product, library.get(product.x.ref.path), library.get(product.y.ref.path))
        if key == self._key:
            return
        self._pending.start_over()
        self._key = key
        self.results = self._results_of(key)
        self._continue()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Compute these curves, in this order, as far as they are missing."""
        if tuple(wanted) != self._wanted:
            self._wanted = tuple(wanted)
            self._pending.stopped = False
        self._next_curve()

    def restart(self) -> None:
        """Ask again for what is missing after an error or a cancel."""
        self._pending.stopped = False
        self.results.error, self.results.bad = "", False
        self.results.failed.clear()
        self._continue()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._pending.shutdown()

    def _results_of(self, key: Any) -> Results:
        if key is None:
            return Results()
        results = self._kept.pop(key, None) or Results()
        self._kept[key] = results
        while len(self._kept) > PRODUCTS_KEPT:
            self._kept.popitem(last=False)
        return results

    # -- asking -----------------------------------------------------------------------------

    def _continue(self) -> None:
        if self._key is None or self.results.error:
            return
        product, x_source, y_source = self._key
        if self.results.prepared is not None:
            self._next_curve()
        elif product.fits:
            request = LoadFactors(product, x_source, y_source)
            title = tr("Reading the matrices")
            self._pending.submit(LOAD, request, self._on_loaded, self._fail, title=title)

    def _next_curve(self) -> None:
        """Ask for the first missing curve; one at a time, so that the order is kept."""
        results = self.results
        if results.prepared is None or CURVES in self._pending or self.stopped:
            return
        missing = (
            one for one in self._wanted if one not in results.found and one not in results.failed
        )
        wanted = next(missing, None)
        if wanted is None:
            return
        request: Any
        if wanted.weights is None:
            key, seed = wanted.strategy.key, wanted.options.seed
            request = compute_sampling(results.prepared, key, seed)
        else:
            info, options = wanted.strategy, wanted.options
            request = compute_curve(results.prepared, info, wanted.weights, options)

        def done(answer: Curve | Sampling) -> None:
            results.found[wanted] = answer

        def failed(error: BaseException) -> None:
            results.failed[wanted] = tr_sentence(error)

        self._pending.submit(CURVES, request, done, failed, title=tr("Error curves"))

    def _fail(self, error: BaseException) -> None:
        self.results.error = tr_sentence(error)
        self.results.bad = bool(getattr(error, "count", 0))

    # -- what arrives -----------------------------------------------------------------------

    def _on_loaded(self, factors: Factors) -> None:
        title = tr("Preparing the product")
        request = prepare(factors)
        self._pending.submit(PREPARE, request, self._on_prepared, self._fail, title=title)

    def _on_prepared(self, prepared: Prepared) -> None:
        self.results.prepared = prepared
