"""What stands at the present r: all strategies, and the one in detail; follows the slider."""

from __future__ import annotations

from collections.abc import Callable

from gui.core.leaving.asking import Questions
from gui.core.words.i18n import tr
from gui.core.work.services import Context
from gui.pages.column_row.catalogue import StrategyInfo, options_of
from gui.pages.column_row.detail import ComputeDetail, Detail
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.standings import Standings, compare_at
from gui.pages.column_row.state import WEIGHTS, ColumnRowState, chosen_detail

STANDINGS, DETAIL = "column_row.standings", "column_row.detail"


class AtR:
    """Asks while r moves; an answer to an earlier product is never shown."""

    def __init__(self, context: Context, arrived: Callable[[], None]) -> None:
        self._questions = Questions(context, arrived)
        self._prepared: Prepared | None = None

    @property
    def stopped(self) -> bool:
        """Whether the person has cancelled a question."""
        return self._questions.stopped

    @property
    def standings(self) -> Standings | None:
        """Every compared strategy at the r answered last; None before the first answer."""
        standings: Standings | None = self._questions.answers.get(STANDINGS)
        return standings

    @property
    def detail(self) -> Detail | None:
        """The approximation in detail; None before it is there and where it is refused."""
        detail: Detail | None = self._questions.answers.get(DETAIL)
        return detail

    def turn_to(self, prepared: Prepared | None) -> None:
        """Drop whatever belongs to another product, asked or answered."""
        if prepared is not self._prepared:
            self._questions.start_over()
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
            self._questions.forget(DETAIL)
            return
        kind = state.detail_weights if info.kinds((state.detail_weights,)) else "own"
        self._ask(
            DETAIL,
            (r, info, kind, options.of(info)),
            lambda: ComputeDetail(prepared, info, kind, r, options),
        )

    def restart(self) -> None:
        """Ask again for what the person has cancelled."""
        self._questions.restart()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._questions.shutdown()

    def _ask(self, channel: str, question: object, request: Callable[[], object]) -> None:
        title = tr("Comparing the strategies")
        self._questions.ask(channel, question, request, title=title)
