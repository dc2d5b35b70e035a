"""The pinned spectra: looked up, or computed again after undo or a restored session."""

from __future__ import annotations

from collections.abc import Callable

from gui.core.words.i18n import tr, tr_sentence
from gui.core.work.services import Context
from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.data import Data
from gui.pages.spectrum.figures import Overlay
from gui.pages.spectrum.requests import Loaded, LoadMatrix, full_spectrum
from gui.pages.spectrum.results import Memory
from gui.pages.spectrum.state import Pinned

CHANNEL = "spectrum.overlay"


class Comparison:
    """Has at most one missing spectrum computed at a time; ``arrived`` is called for each."""

    def __init__(self, context: Context, memory: Memory, arrived: Callable[[], None]) -> None:
        self._context = context
        self._memory = memory
        self._arrived = arrived
        self._pinned: tuple[Pinned, ...] = ()
        self._asked: Data | None = None
        self._failed: set[Data] = set()

    def follow(self, pinned: tuple[Pinned, ...]) -> None:
        """Make sure that the spectra of ``pinned`` are there or on their way."""
        self._pinned = pinned
        wanted = [Data(item.ref, item.repair) for item in pinned]
        if self._asked is not None and self._asked not in wanted:
            self._asked = None
            self._context.runner.cancel(CHANNEL)
        if self._asked is None:
            self._ask_next(wanted)

    def overlays(self, present: Data | None) -> tuple[Overlay, ...]:
        """Return the pinned spectra that are there, without the one shown anyway."""
        shown = []
        for item in self._pinned:
            data = Data(item.ref, item.repair)
            analysis = self._memory.spectrum(data)
            if analysis is not None and (present is None or data != present.plain):
                shown.append(Overlay(item.ref.title, analysis))
        return tuple(shown)

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._context.runner.cancel(CHANNEL)

    def _ask_next(self, wanted: list[Data]) -> None:
        for data in wanted:
            if self._memory.spectrum(data) is not None or data in self._failed:
                continue
            source = self._context.library.get(data.ref.path)
            if source is None:
                continue
            self._asked = data
            request = LoadMatrix(Data(data.ref, data.repair, source))
            title = tr("Reading {name}", name=data.ref.title)
            self._context.runner.submit(CHANNEL, request, self._loaded, self._fail, title=title)
            return

    def _loaded(self, _request: object, loaded: Loaded) -> None:
        title = tr("Spectrum of {name}", name=loaded.data.ref.title)
        request = full_spectrum(loaded, "auto")
        self._context.runner.submit(CHANNEL, request, self._done, self._fail, title=title)

    def _done(self, _request: object, analysis: Analysis) -> None:
        self._asked = None
        self._memory.keep(analysis.data, analysis)
        self._arrived()

    def _fail(self, _request: object, error: BaseException) -> None:
        failed, self._asked = self._asked, None
        if failed is not None:
            self._failed.add(failed)
            words = tr("{name} cannot be compared: {reason}")
            self._context.notify(
                words.format(name=failed.ref.title, reason=tr_sentence(error)), "warning"
            )
        self._arrived()
