"""The folder of a training, looked at while the view Training is in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from gui.core.declare.moment import Moment
from gui.core.paint.plot_hands import Click
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.remedies import Button
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.sweep import Consent
from gui.pages.checkpoint.compute.training import (
    Growing,
    Looking,
    Trained,
    Training,
    may_follow,
    training,
    training_time,
)
from gui.pages.checkpoint.show.training import TRAINING, TrainingPlot
from gui.pages.checkpoint.show.words import seconds_text

LOOK_MS = 1000  # between two looks: a new step has been seen twice, unchanged, within 3 s
_CHANNEL = "checkpoint.look"


class TrainingWatch(QObject):
    """Looks, in another thread, and gives the page what it has seen.

    ``choose(names, more)`` selects matrices.
    """

    def __init__(self, page: PageScreen, choose: Callable[[Sequence[str], bool], None]) -> None:
        super().__init__(page.view)
        self._page, self._choose = page, choose
        self._again = QTimer(self, interval=LOOK_MS)
        self._again.timeout.connect(self._look)
        page.give(Growing())

    def stop(self) -> None:
        """Look no more."""
        self._again.stop()
        self._page.context.runner.cancel(_CHANNEL)

    @property
    def _folder(self) -> str:
        """The folder to look at now, "" where nobody would see it."""
        page = self._page
        if not page.is_visible() or page.conductor.view != TRAINING.key:
            return ""
        folder = page.conductor.present().look(training)
        return folder if isinstance(folder, str) else ""

    def tell(self) -> None:
        """Begin to look where the view has come to the front, or end."""
        if not self._folder:
            self._again.stop()
        elif not self._again.isActive():
            self._again.start()
            self._look()

    def _look(self) -> None:
        folder, runner = self._folder, self._page.context.runner
        if not folder:
            self._again.stop()
        elif not runner.is_busy(_CHANNEL):
            look = self._growing.look
            runner.submit(_CHANNEL, Looking(folder=folder, before=look), self._seen)

    @property
    def _growing(self) -> Growing:
        return self._page.given_by_hand(Growing) or Growing()

    def _seen(self, _: Any, look: Any) -> None:
        known = self._growing
        if look == known.look:
            return
        found = self._page.conductor.present().look(Training)
        before = found if isinstance(found, Trained) else known.before
        self._page.give(Growing(look, before))

    # -- what a person does -----------------------------------------------------------------

    def choose(self, click: Click) -> None:
        """Select the matrices of the curve that was clicked."""
        shown = self._page.shown(TrainingPlot)
        if shown is not None and click.key:
            self._choose(shown.groups().get(click.key, ()), click.more)

    def notice(self, now: Moment) -> tuple[str, tuple[Button, ...]] | None:
        """Return the estimate of what takes long, which asks first; None where nothing does."""
        listing, growing = now.look(ListMatrices), self._growing
        if not self._folder or not isinstance(listing, Listing) or now.look(may_follow):
            return None
        count = len(growing.missing(listing.training))
        if not count:
            return None
        time = seconds_text(training_time(listing, growing))
        words = tr("Computing {count} steps may take {time}.", count=count, time=time)
        tip = tr("Compute every step; what did not change from step to step is computed once")
        return words, (("follow", tr("Start"), tip),)

    def agree(self) -> None:
        """Begin with what takes long."""
        consent = self._page.given_by_hand(Consent) or Consent()
        self._page.give(replace(consent, models=consent.models | {self._folder}))
