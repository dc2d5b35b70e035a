"""What stands at the present r: all strategies, and the one in detail; follows the slider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.core.context import Context
from gui.core.i18n import tr, tr_sentence
from gui.pages.column_row.catalogue import StrategyInfo, options_of
from gui.pages.column_row.detail import ComputeDetail, Detail
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.standings import Standings, compare_at
from gui.pages.column_row.state import WEIGHTS, ColumnRowState, chosen_detail

STANDINGS, DETAIL = "column_row.standings", "column_row.detail"
_CHANNELS = (STANDINGS, DETAIL)


class AtR:
    """Asks while r moves; an answer to an earlier product is never shown."""

    def __init__(self, context: Context, arrived: Callable[[], None]) -> None:
        self._context = context
        self._arrived = arrived
        self._prepared: Prepared | None = None
        self._asked: dict[str, Any] = {}
        self._answers: dict[str, Any] = {}
        self._waiting: set[str] = set()
        self.stopped = False
        context.runner.finished.connect(self._when_finished)

    @property
    def standings(self) -> Standings | None:
        """Every compared strategy at the r answered last; None before the first answer."""
        standings: Standings | None = self._answers.get(STANDINGS)
        return standings

    @property
    def detail(self) -> Detail | None:
        """The approximation in detail; None before it is there and where it is refused."""
        detail: Detail | None = self._answers.get(DETAIL)
        return detail

    def turn_to(self, prepared: Prepared | None) -> None:
        """Drop whatever belongs to another product, asked or answered."""
        if prepared is not self._prepared:
            self._forget()
            self._prepared = prepared

    def follow(
        self,
        prepared: Prepared,
        r: int,
        state: ColumnRowState,
        compared: tuple[StrategyInfo, ...],
    ) -> None:
        """Ask for what the present moment of ``prepared`` lacks."""
        self.turn_to(prepared)
        options = options_of(state)
        relevant = tuple(options.of(info) for info in compared)
        self._ask(
            STANDINGS,
            (r, compared, relevant),
            lambda: compare_at(prepared, r, compared, WEIGHTS, options),
        )
        key = chosen_detail(state)
        info = next((one for one in compared if one.key == key), None)
        if info is None:
            self._answers.pop(DETAIL, None)
            self._asked.pop(DETAIL, None)
            return
        kind = state.detail_weights if info.kinds((state.detail_weights,)) else "own"
        self._ask(
            DETAIL,
            (r, info, kind, options.of(info)),
            lambda: ComputeDetail(prepared, info, kind, r, options),
        )

    def restart(self) -> None:
        """Ask again for what the person has cancelled."""
        self.stopped = False
        self._asked.clear()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._context.runner.finished.disconnect(self._when_finished)
        self._forget()

    def _forget(self) -> None:
        self._waiting.clear()
        for channel in _CHANNELS:
            self._context.runner.cancel(channel)
        self._asked.clear()
        self._answers.clear()
        self.stopped = False

    def _ask(self, channel: str, question: Any, request: Callable[[], Any]) -> None:
        if self._asked.get(channel) == question:
            return
        self._asked[channel] = question
        self._waiting.add(channel)
        prepared = self._prepared

        def arrived(_request: object, answer: Any) -> None:
            if not self._context.runner.is_busy(channel):
                self._waiting.discard(channel)
            if prepared is self._prepared:
                self._answers[channel] = answer
                self._arrived()

        def failed(_request: object, error: BaseException) -> None:
            self._waiting.discard(channel)
            if prepared is self._prepared:
                self._context.notify(tr_sentence(error), "error")

        title = tr("Comparing the strategies")
        self._context.runner.submit(channel, request(), arrived, failed, live=True, title=title)

    def _when_finished(self, channel: str) -> None:
        # What ends without having delivered or failed was cancelled by the person.
        if channel in self._waiting:
            self._waiting.discard(channel)
            self.stopped = True
            self._arrived()
