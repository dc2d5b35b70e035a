"""From the selected array to its spectrum, step by step, off the GUI thread.

Order matters on two cores. A large matrix is read, its leading values are certified and drawn,
then come the leading singular vectors where pictures of them are in view, and only then the full
spectrum, which may take a minute in a process of its own. A small one has all of it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.core.leaving.asking import Pending
from gui.core.words.i18n import tr, tr_sentence
from gui.core.work.services import Context
from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.data import Data
from gui.pages.spectrum.factors import Factors, RankPictures, compute_factors
from gui.pages.spectrum.reduction import NonFinite, Picture
from gui.pages.spectrum.requests import (
    DIRECT_COST,
    DrawMatrix,
    Loaded,
    LoadMatrix,
    full_spectrum,
    leading_values,
)
from gui.pages.spectrum.results import Memory, Results
from gui.pages.spectrum.state import Method

LOAD, PICTURE = "spectrum.load", "spectrum.picture"
LEADING, FULL = "spectrum.leading", "spectrum.full"
FACTORS = "spectrum.factors"


class Pipeline:
    """Fills ``results`` for ``data``; ``arrived`` is called whenever something has changed."""

    def __init__(self, context: Context, memory: Memory, arrived: Callable[[], None]) -> None:
        self._context = context
        self._memory = memory
        self._pending = Pending(context, arrived)
        self._method: Method = "auto"
        self.data: Data | None = None
        self.results = Results()
        # Whether pictures made of singular vectors are in view.
        self.vectors_wanted = True

    @property
    def stopped(self) -> bool:
        """Whether the person has cancelled a step."""
        return self._pending.stopped

    def follow(self, data: Data | None, method: Method) -> None:
        """Work on ``data`` by ``method`` from now on; does nothing while both stay the same."""
        if data == self.data and method == self._method:
            return
        self._pending.start_over()
        if data != self.data:
            self.data = data
            self.results = self._memory.of(data) if data is not None else Results()
        self._method = method
        if self.results.method not in ("", method):
            self.results.forget_values()
        self._continue()

    def restart(self) -> None:
        """Ask again for what is missing after an error or a cancel."""
        self._pending.stopped = False
        self.results.error = ""
        self._continue()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._pending.shutdown()

    # -- asking -----------------------------------------------------------------------------

    def _continue(self) -> None:
        results, data = self.results, self.data
        if data is None or results.error or results.bad is not None:
            return
        results.method = self._method
        if data.source is None:
            results.error = tr("{name} is not open any more.", name=data.ref.title)
        elif min(data.ref.shape, default=0) == 0:
            results.error = tr("{name} has no entries: nothing to show.", name=data.ref.title)
        elif results.loaded is None:
            self._submit(LOAD, LoadMatrix(data), self._on_loaded, tr("Reading the matrix"))
        else:
            self._compute(results.loaded)

    def _compute(self, loaded: Loaded) -> None:
        results = self.results
        if results.picture is None:
            request = DrawMatrix(loaded.data.plain, loaded.array)
            self._submit(PICTURE, request, self._on_picture, tr("Drawing the matrix"))
        if full_spectrum(loaded, self._method).cost <= DIRECT_COST:
            self._go_on()
            self._ask_factors()
        elif results.analysis is None:
            title = tr("Leading singular values")
            self._submit(LEADING, leading_values(loaded), self._on_leading, title)
        else:
            self._take_turns()

    def _ask_all(self, loaded: Loaded) -> None:
        request = full_spectrum(loaded, self._method)
        self._submit(FULL, request, self._on_full, tr("All singular values"))

    def _ask_factors(self) -> bool:
        """Ask for the singular vectors if they are missing; return whether they are on the way."""
        results = self.results
        if results.factors is not None or results.loaded is None or results.picture is None:
            return False
        if FACTORS not in self._pending:
            request = compute_factors(results.loaded, results.picture)
            self._submit(FACTORS, request, self._on_factors, tr("Singular vectors"))
        return True

    def _submit(
        self, channel: str, request: object, done: Callable[[Any], None], title: str
    ) -> None:
        self._pending.submit(
            channel, request, done, lambda error: self._on_failed(channel, error), title=title
        )

    # -- what arrives -----------------------------------------------------------------------

    def _on_loaded(self, loaded: Loaded) -> None:
        self.results.loaded = loaded
        self._compute(loaded)

    def _on_picture(self, picture: Picture) -> None:
        self.results.picture = picture
        if picture.bad is not None:
            self._refuse(picture.bad)
        elif LEADING not in self._pending:
            self._ask_factors()

    def _on_leading(self, analysis: Analysis) -> None:
        self.results.analysis = analysis
        self._take_turns()

    def _take_turns(self) -> None:
        if not (self.vectors_wanted and self._ask_factors()):
            self._go_on()

    def _go_on(self) -> None:
        analysis, loaded = self.results.analysis, self.results.loaded
        complete = analysis is not None and analysis.spectrum.complete
        if loaded is not None and not complete and FULL not in self._pending:
            self._ask_all(loaded)

    def _on_factors(self, factors: Factors) -> None:
        self.results.factors = factors
        self.results.pictures = RankPictures(factors) if factors.drawable else None
        self._go_on()

    def _on_full(self, analysis: Analysis) -> None:
        self.results.analysis = analysis
        if self.data is not None:
            self._memory.keep(self.data.plain, analysis)
        self._ask_factors()

    def _on_failed(self, channel: str, error: BaseException) -> None:
        count: int = getattr(error, "count", 0)
        first: tuple[int, ...] = getattr(error, "first", ())
        if count and len(first) == 2:
            if self.results.bad is None:
                self._refuse(NonFinite(count, 0, (first[0], first[1])))
        elif channel == LEADING:
            # The full spectrum answers the same question: try it before giving up.
            self._go_on()
        elif channel == FACTORS:
            self._context.notify(
                tr("No singular vectors: {reason}", reason=tr_sentence(error)), "error"
            )
            self._go_on()
        else:
            self.results.error = tr_sentence(error)

    def _refuse(self, bad: NonFinite) -> None:
        # The picture counts NaN and infinity apart: its report replaces a coarser one.
        self.results.bad = bad
        self._pending.cancel(LEADING, FULL, FACTORS)
